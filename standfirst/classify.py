"""Paragraphs to calibrated topic probabilities and labels."""

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from standfirst.encoder import Encoder
from standfirst.errors import InputError, ModelCorrupt
from standfirst.labels import LabelSet, load_labels
from standfirst.manifest import read_manifest
from standfirst.pieces import Pieces, Window
from standfirst.schema import Scores, Topics, TopicScore

Floats = npt.NDArray[np.floating[Any]]

WAYS = ("highest", "mean")
"""How the windows of a long text answer together."""


class TopicClassifier:
    """A topic model: tokenizer, encoder with head, calibration and thresholds.

    Parameters
    ----------
    version
        Names the weights; goes into every answer.
    scale, shift, thresholds
        One number per label (L,): ``probs = sigmoid(scale * logits + shift)``, given at or above the threshold.
    reads
        What the windows of a long text say together, see ``together``.
    """

    def __init__(
        self,
        labels: LabelSet,
        pieces: Pieces,
        encoder: Encoder,
        *,
        version: str,
        scale: Floats,
        shift: Floats,
        thresholds: Floats,
        reads: str = "highest",
    ) -> None:
        self.labels = labels
        self.version = version
        self.thresholds = thresholds
        self.pieces = pieces
        self.reads = reads
        self._encoder = encoder
        self._scale = scale
        self._shift = shift

    @classmethod
    def load(cls, folder: Path, *, threads: int = 0) -> "TopicClassifier":
        """Load an exported folder.

        Raises
        ------
        ModelNotFound, ModelCorrupt
            If the folder is no exported topic model, or a file differs from its manifest.
        """
        manifest = read_manifest(folder, kind="topics")
        labels = load_labels(folder / "labels.toml")
        try:
            config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
            rows = [config["labels"][name] for name in labels.names]
            scale, shift, thresholds = (
                np.array([row[key] for row in rows], dtype=np.float64) for key in ("scale", "shift", "threshold")
            )
            pieces = Pieces(folder / "tokenizer.json", config["max_tokens"], config["max_context"])
            reads = config.get("windows", "highest")  # as folders of before 2026-11-29 do
            if reads not in WAYS:
                raise ValueError(reads)
        except (OSError, ValueError, KeyError, TypeError):
            raise ModelCorrupt(
                "config.json lacks a key or holds a value that is not known; export the model again", where=str(folder)
            ) from None
        encoder = Encoder(folder / "model.onnx", threads=threads)
        return cls(
            labels,
            pieces,
            encoder,
            version=manifest.version,
            scale=scale,
            shift=shift,
            thresholds=thresholds,
            reads=reads,
        )

    def classify(
        self,
        texts: Sequence[str],
        contexts: Sequence[str | None],
        *,
        threshold: float | None = None,
    ) -> list[Topics]:
        """Label each text under its context; ``threshold`` replaces every label's own.

        A text longer than the encoder is read in windows, which answer together (``together``). An empty text has
        no topics and scores of 0.

        Raises
        ------
        InputError
            If ``threshold`` lies outside [0, 1].
        """
        if threshold is not None and not 0 <= threshold <= 1:
            raise InputError(f"threshold = {threshold}; expected 0 to 1", where="threshold")
        if not texts:
            return []
        windows = self.pieces.windows(texts, contexts)
        counts = Counter(row.owner for row in windows)
        logits = together(windows, self._encoder.run(windows), len(texts), self.reads)  # (N, L)
        probs = 1 / (1 + np.exp(-self.log_odds(logits)))
        found = self.decided(probs, [counts[i] for i in range(len(texts))], threshold=threshold)
        return [topics if text.strip() else self.nothing() for text, topics in zip(texts, found, strict=True)]

    def decided(self, probs: Floats, n_windows: Sequence[int], *, threshold: float | None = None) -> list[Topics]:
        """What calibrated probabilities (N, L) of texts that were read in so many windows say of each."""
        limits = self.thresholds if threshold is None else np.full(len(self.labels), threshold)
        return [self._topics(p, limits, count) for p, count in zip(probs, n_windows, strict=True)]

    def logits(self, texts: Sequence[str], contexts: Sequence[str | None]) -> npt.NDArray[np.float32]:
        """Logits (N, L) of each text under its context, before any calibration; no texts give (0, 0)."""
        return window_logits(self.pieces, self._encoder, texts, contexts, self.reads)

    def log_odds(self, logits: npt.NDArray[np.float32]) -> Floats:
        """Calibrated log-odds of logits (N, L)."""
        return logits.astype(np.float64) * self._scale + self._shift

    def nothing(self) -> Topics:
        """What a text without words is about: no label, and a score of 0 for every one."""
        return Topics((), Scores(dict.fromkeys(self.labels.names, 0.0)))

    def _topics(self, probs: Floats, limits: Floats, n_windows: int) -> Topics:
        names = self.labels.names
        scores = Scores((name, round(float(p), 4)) for name, p in zip(names, probs, strict=True))
        if self.labels.multi_label:
            given = [i for i in range(len(names)) if scores[names[i]] >= limits[i]]
        else:
            given = [int(probs.argmax())]
        given.sort(key=lambda i: -scores[names[i]])
        return Topics(tuple(TopicScore(names[i], scores[names[i]]) for i in given), scores, n_windows)


def window_logits(
    pieces: Pieces, encoder: Encoder, texts: Sequence[str], contexts: Sequence[str | None], reads: str = "highest"
) -> npt.NDArray[np.float32]:
    """Logits (N, L) of each text, before any calibration."""
    windows = pieces.windows(texts, contexts)
    return together(windows, encoder.run(windows), len(texts), reads)


def together(
    windows: Sequence[Window], values: npt.NDArray[np.float32], n_texts: int, reads: str
) -> npt.NDArray[np.float32]:
    """What the windows (R, ...) of each text say together (N, ...).

    ``highest`` takes the highest value: a paragraph is about what any part of it is about. ``mean`` weighs each window
    by its word pieces: an article is about what it is about as a whole.
    """
    owners = [w.owner for w in windows]
    shape = (n_texts, *values.shape[1:])
    if reads == "highest":
        out = np.full(shape, -np.inf, dtype=np.float32)
        np.maximum.at(out, owners, values)
        return out
    total, weight = np.zeros(shape), np.zeros((n_texts, *(1 for _ in shape[1:])))
    sizes = np.array([w.n_text for w in windows], dtype=np.float64).reshape(-1, *(1 for _ in shape[1:]))
    np.add.at(total, owners, values * sizes)
    np.add.at(weight, owners, sizes)
    return (total / weight).astype(np.float32)
