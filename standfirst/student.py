"""A student: a small model that answers for a topic model where it is sure, and says where it is not.

An embedding of each word piece, filters over runs of pieces, of each filter the highest value in the text, the mean
of the text's and of the context's embeddings, and two dense layers: some fifty times less work than the encoder's.

Every sum here is of whole numbers that are small enough for a float to hold them exactly: embeddings and filters are
int8, what enters a dense layer is rounded to ``1 / _STEP``. So the order of a sum does not matter, and an answer is
the same, bit for bit, in any batch, on any machine.

References
----------
Kim 2014, "Convolutional Neural Networks for Sentence Classification", section 2 (filters and their maxima).
Tulkens and van Dongen 2024, https://github.com/MinishLab/model2vec (static embeddings distilled from an encoder).
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from standfirst.classify import TopicClassifier, together
from standfirst.errors import ModelCorrupt, ModelNotFound
from standfirst.manifest import read_manifest
from standfirst.pieces import Window
from standfirst.schema import Topics

Floats = npt.NDArray[np.floating[Any]]

FORMAT = 1
KIND = "student"
FILES = ("config.json", "model.safetensors")
STEP = 256
"""What enters a dense layer is a multiple of 1 / STEP, at most MOST_STEPS of them."""
MOST_STEPS = 2**15
WEIGHT_STEP = 4096
"""A dense layer's weights are int16 multiples of 1 / WEIGHT_STEP."""
EXACT = 2**24
"""Whole numbers up to this size are exact in float32."""

_PAD_TO = 8
_BATCH_PIECES = 4096


@dataclass(frozen=True)
class Weights:
    """The tables of a student.

    Parameters
    ----------
    embeddings
        One row for each word piece (V, W), int8.
    filters
        Each filter over the longest run of pieces (F, R, W), int8; a shorter one ends in zeros.
    filter_scale, filter_shift
        ``max(highest * scale + shift, 0)`` enters the dense layers (F,).
    mean_scale
        Means of embeddings are multiplied by it.
    dense
        Weight (out, in) int16 and bias (out,) of each dense layer; between two of them stands a ReLU.
    """

    embeddings: npt.NDArray[np.int8]
    filters: npt.NDArray[np.int8]
    filter_scale: npt.NDArray[np.float32]
    filter_shift: npt.NDArray[np.float32]
    mean_scale: float
    dense: tuple[tuple[npt.NDArray[np.int16], npt.NDArray[np.float32]], ...]

    def tables(self) -> dict[str, npt.NDArray[Any]]:
        """All arrays by the names under which they are stored."""
        found: dict[str, npt.NDArray[Any]] = {
            "embeddings": self.embeddings,
            "filters": self.filters,
            "filter_scale": self.filter_scale,
            "filter_shift": self.filter_shift,
            "mean_scale": np.array([self.mean_scale], dtype=np.float32),
        }
        for number, (weight, bias) in enumerate(self.dense):
            found |= {f"dense.{number}.weight": weight, f"dense.{number}.bias": bias}
        return found

    @classmethod
    def of(cls, tables: Mapping[str, npt.NDArray[Any]]) -> "Weights":
        """The weights that were stored; raises ``KeyError`` or ``ValueError`` if they are no student's."""
        layers = sum(name.endswith(".weight") for name in tables)
        dense = tuple((tables[f"dense.{n}.weight"], tables[f"dense.{n}.bias"]) for n in range(layers))
        found = cls(
            tables["embeddings"],
            tables["filters"],
            tables["filter_scale"],
            tables["filter_shift"],
            float(tables["mean_scale"][0]),
            dense,
        )
        found.check()
        return found

    def check(self) -> None:
        """Raise ``ValueError`` if the shapes do not fit, or a sum could be too large to be exact."""
        n_filters, run, width = self.filters.shape
        kinds = [self.embeddings.dtype, self.filters.dtype, *(weight.dtype for weight, _ in self.dense)]
        inputs = n_filters + 2 * width
        for weight, bias in self.dense:
            if weight.shape != (len(bias), inputs):
                raise ValueError(f"a dense layer is {weight.shape}; expected {(len(bias), inputs)}")
            inputs = len(bias)
        if kinds != [np.int8, np.int8, *[np.int16] * len(self.dense)] or self.embeddings.shape[1] != width:
            raise ValueError("tables of other types or widths than a student's")
        if run * width * 127 * 127 >= EXACT:
            raise ValueError(f"runs of {run} pieces, {width} wide, cannot be summed exactly; make them shorter")


class Network:
    """The weights, made ready to run."""

    def __init__(self, weights: Weights) -> None:
        self._width = weights.embeddings.shape[1]
        self._pad = len(weights.embeddings)
        rows = np.zeros((self._pad + 1, self._width), dtype=np.float32)  # the last one is the padding's
        rows[:-1] = weights.embeddings
        self._embeddings = rows
        self._run = weights.filters.shape[1]
        self._filters = np.ascontiguousarray(weights.filters.reshape(len(weights.filters), -1).T, dtype=np.float32)
        self._weights = weights
        self._dense = [(np.ascontiguousarray(w.T, dtype=np.float64), b.astype(np.float64)) for w, b in weights.dense]

    def logits(self, texts: Sequence[Sequence[int]], contexts: Sequence[Sequence[int]]) -> Floats:
        """Logits (N, L) of texts and contexts, given as ids of word pieces; no texts give (0, L)."""
        pooled = np.zeros((len(texts), self._filters.shape[1] + 2 * self._width), dtype=np.float64)
        for batch in _batches([len(ids) for ids in texts]):
            pooled[batch, : -self._width] = self._pooled([texts[i] for i in batch])
        places: dict[tuple[int, ...], list[int]] = {}
        for row, ids in enumerate(contexts):
            if ids:
                places.setdefault(tuple(ids), []).append(row)
        for ids, rows in places.items():
            pooled[rows, -self._width :] = self._mean(self._embeddings[list(ids)].sum(0), np.float32(len(ids)))
        for number, (weight, bias) in enumerate(self._dense):
            if number:
                pooled = np.maximum(pooled, 0)
            steps = np.clip(np.rint(pooled * STEP), -MOST_STEPS, MOST_STEPS)
            pooled = (steps @ weight) / (STEP * WEIGHT_STEP) + bias  # whole numbers below 2**53: exact in any order
        return pooled

    def _pooled(self, texts: Sequence[Sequence[int]]) -> Floats:
        """Maxima of the filters and the mean embedding: texts of about one length -> (B, F + W)."""
        n_pieces = np.array([max(len(ids), 1) for ids in texts], dtype=np.float32)
        length = _padded(max(map(len, texts)))
        ids = np.full((len(texts), length + self._run - 1), self._pad)
        for row, own in zip(ids, texts, strict=True):
            row[: len(own)] = own
        found = self._embeddings[ids]  # (B, S + R - 1, W)
        mean = self._mean(found.sum(1), n_pieces[:, None])  # (B, W)
        runs = np.concatenate([found[:, j : j + length] for j in range(self._run)], axis=2)  # (B, S, R * W)
        values = (runs.reshape(-1, runs.shape[2]) @ self._filters).reshape(len(texts), length, -1)  # (B, S, F)
        highest_values = np.maximum(values.max(1), 0)  # padding is worth 0: how much of it there is does not matter
        shape = self._weights
        maxima = np.maximum(highest_values * shape.filter_scale + shape.filter_shift, 0)
        return np.concatenate([maxima, mean], axis=1)

    def _mean(self, total: Floats, n_pieces: Any) -> Floats:
        return np.asarray(total / n_pieces * np.float32(self._weights.mean_scale))


def _padded(n_pieces: int) -> int:
    return max(-(-n_pieces // _PAD_TO) * _PAD_TO, _PAD_TO)


def _batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Positions of texts of one padded length, as many as make about ``_BATCH_PIECES``."""
    batch: list[int] = []
    for index in sorted(range(len(lengths)), key=lengths.__getitem__):
        length = _padded(lengths[index])
        if batch and (_padded(lengths[batch[0]]) != length or (len(batch) + 1) * length > _BATCH_PIECES):
            yield batch
            batch = []
        batch.append(index)
    if batch:
        yield batch


def split(rows: Sequence[Window]) -> tuple[list[tuple[int, ...]], list[tuple[int, ...]]]:
    """The pieces of each row's text and of its context, without special tokens."""
    return [row.ids[1 : row.n_text - 1] for row in rows], [row.ids[row.n_text : -1] for row in rows]


@dataclass(frozen=True)
class Answered:
    """What a student says of a text, and whether it is sure of it."""

    topics: Topics
    is_sure: bool


class Student:
    """A student with its calibration and bands; word pieces, labels and thresholds are its topic model's.

    Parameters
    ----------
    teacher
        The topic model that it was distilled from.
    scale, shift
        One number per label (L,): ``probs = sigmoid(scale * logits + shift)``.
    bands
        Lowest and highest score of each label at which it is not sure; empty where it always is.
    """

    def __init__(
        self,
        network: Network,
        teacher: TopicClassifier,
        *,
        version: str,
        scale: Floats,
        shift: Floats,
        bands: Sequence[tuple[float, ...]],
    ) -> None:
        self.version = version
        self._network = network
        self._teacher = teacher
        self._scale = scale
        self._shift = shift
        self._bands = bands

    @classmethod
    def load(cls, folder: Path, teacher: TopicClassifier) -> "Student":
        """Load a student for the topic model that it was distilled from.

        Raises
        ------
        ModelNotFound, ModelCorrupt
            If the folder is no student, a file differs from its manifest, or it is another model's student.
        """
        version = student_version(folder, teacher.version)
        try:
            config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
            rows = [config["labels"][name] for name in teacher.labels.names]
            scale, shift = (np.array([row[key] for row in rows], dtype=np.float64) for key in ("scale", "shift"))
            bands = [tuple(map(float, row["not_sure"])) for row in rows]
            network = Network(Weights.of(read_tables(folder / "model.safetensors")))
        except (OSError, ValueError, KeyError, TypeError):
            raise ModelCorrupt(f"the student cannot be read; {HOW}", where=str(folder)) from None
        return cls(network, teacher, version=version, scale=scale, shift=shift, bands=bands)

    def answer(self, texts: Sequence[str], contexts: Sequence[str | None]) -> list[Answered]:
        """Answer each text under its context, as ``TopicClassifier.classify`` would, in the same windows.

        A text without words has no topics, and that is sure.
        """
        windows = self._teacher.pieces.windows(texts, contexts)
        counts = Counter(row.owner for row in windows)
        answers = self._network.logits(*split(windows))
        logits = together(windows, answers, len(texts), self._teacher.reads)  # (N, L)
        probs = 1 / (1 + np.exp(-(logits * self._scale + self._shift)))
        given = self._teacher.decided(probs, [counts[i] for i in range(len(texts))])
        return [
            Answered(topics, self._is_sure(topics)) if text.strip() else Answered(self._teacher.nothing(), is_sure=True)
            for text, topics in zip(texts, given, strict=True)
        ]

    def _is_sure(self, topics: Topics) -> bool:
        names = self._teacher.labels.names
        return not any(
            band and band[0] <= topics.scores[name] <= band[1] for name, band in zip(names, self._bands, strict=True)
        )


HOW = "make one with: python -m training distill training/recipes/fast.toml --model DIR"


def student_version(folder: Path, teacher: str) -> str:
    """The version of the student in ``folder``, whose files are checked; ``teacher`` is the version of its topic model.

    Raises
    ------
    ModelNotFound, ModelCorrupt
        If there is none, or it is another model's.
    """
    if not folder.is_dir():
        raise ModelNotFound(f"no student is installed for the fast tier; {HOW}", where=str(folder))
    manifest = read_manifest(folder, kind=KIND, required=FILES)
    if manifest.facts.get("teacher") != teacher:
        raise ModelCorrupt(
            f"the student was distilled from {manifest.facts.get('teacher')}, the topic model is {teacher}; {HOW}",
            where=str(folder),
        )
    return manifest.version


_NUMBERS = {"I8": np.int8, "I16": np.int16, "F32": np.float32}


def read_tables(path: Path) -> dict[str, npt.NDArray[Any]]:
    """The arrays of a safetensors file.

    Read here, in a few lines, so that archives need no library for it.

    Raises
    ------
    ValueError, KeyError
        If the file is no safetensors, or has numbers of other types than a student's.

    References
    ----------
    https://huggingface.co/docs/safetensors, "Format": eight bytes of length, a table as JSON, the numbers.
    """
    data = path.read_bytes()
    begin = 8 + int.from_bytes(data[:8], "little")
    found = {}
    for name, entry in json.loads(data[8:begin]).items():
        if name != "__metadata__":
            first, last = entry["data_offsets"]
            kind = np.dtype(_NUMBERS[entry["dtype"]]).newbyteorder("<")
            found[name] = np.frombuffer(data[begin + first : begin + last], kind).reshape(entry["shape"])
    return found
