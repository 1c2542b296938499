"""The bootstrap: how far a figure, or the difference between two predictions, would move on other rows like these.

Rows are drawn with replacement, many times, and each time the predictions are measured on the same draw. Rows of one
document are drawn together, for they are not independent.

References
----------
Efron and Tibshirani 1993, "An Introduction to the Bootstrap", chapter 13 (percentile intervals).
Berg-Kirkpatrick et al. 2012, "An Empirical Investigation of Statistical Significance in NLP", section 2.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from standfirst.labels import LabelSet
from training.data import Example
from training.evaluate import gold_matrix
from training.slices import slices_of

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

LEVEL = 0.95
"""The share of resamples that an interval holds."""
FEWEST_DOCUMENTS = 10
"""Below this there are too few different draws for an interval to mean anything: no verdict is given."""
_CELLS = 4_000_000
"""Draws held in memory at once (resamples x documents): 32 MB."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One measure of both models on one part of the rows, and the interval of ``b - a``.

    ``n`` rows in ``n_documents``; for a label's F1, ``n`` counts the rows that carry the label.
    """

    part: str
    measure: str
    n: int
    n_documents: int
    a: float
    b: float
    low: float
    high: float

    @property
    def difference(self) -> float:
        """``b - a``: above 0 where the second model is better."""
        return self.b - self.a

    @property
    def verdict(self) -> str:
        """``better`` or ``worse`` if the interval leaves 0 out, else ``no difference seen``."""
        if self.n_documents >= FEWEST_DOCUMENTS:
            if self.low > 0:
                return "better"
            if self.high < 0:
                return "worse"
        return "no difference seen"

    def to_dict(self) -> dict[str, Any]:
        """As a plain table, with difference and verdict."""
        return {**asdict(self), "difference": self.difference, "verdict": self.verdict}


def differences(
    examples: Sequence[Example], labels: LabelSet, a: Bools, b: Bools, *, resamples: int, seed: int
) -> list[Difference]:
    """Bootstrap ``b - a`` of two predictions (N, L): over all rows, per label, then per slice.

    Macro-F1 over all rows is the mean over all labels; in a slice, over the labels that occur there. If the
    rows come from fewer than ten documents, rows are drawn, each for itself.
    """
    gold = gold_matrix(examples, labels)
    groups = groups_of(examples)
    counts = _counts(gold, a, b)
    n_groups = int(groups.max()) + 1
    parts = list(_parts(examples))
    kept = [np.asarray(gold[i].any(0) if part != "all" else np.ones(len(labels), bool)) for part, i in parts]
    sums = [_by_group(counts[inside], groups[inside], n_groups) for _, inside in parts]
    drawn: list[list[Floats]] = [[] for _ in parts]
    for weights in _draws(n_groups, resamples, seed):
        for i, table in enumerate(sums):
            totals = np.tensordot(weights, table, axes=1)  # (R, 2, 2L + 2)
            measured = _measures(totals, kept[i])  # (R, 2, L + 2)
            drawn[i].append(measured[:, 1] - measured[:, 0])
    rows: list[Difference] = []
    for i, (part, inside) in enumerate(parts):
        n_documents = len(np.unique(groups[inside]))
        low, high = np.quantile(np.concatenate(drawn[i]), [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
        figures = np.vstack([_measures(sums[i].sum(0), kept[i]), low, high]).T.tolist()  # (L + 2, 4)
        if kept[i].any():
            rows.append(Difference(part, "macro_f1", int(inside.sum()), n_documents, *figures[0]))
        rows.append(Difference(part, "exact_match", int(inside.sum()), n_documents, *figures[1]))
        if part == "all":
            support = gold.sum(0).tolist()
            for name, n, row in zip(labels.names, support, figures[2:], strict=True):
                rows.append(Difference(name, "f1", n, n_documents, *row))
    return rows


def intervals(
    examples: Sequence[Example], labels: LabelSet, pred: Bools, *, seed: int, resamples: int = 1000
) -> dict[str, Any]:
    """The 95 % intervals of one prediction (N, L): macro-F1, exact match, and under ``labels`` the F1 of each."""
    gold, groups = gold_matrix(examples, labels), groups_of(examples)
    n_groups = int(groups.max()) + 1
    table = _by_group(_counts(gold, pred, pred), groups, n_groups)[:, 0]  # (G, 2L + 2)
    every = np.ones(len(labels), dtype=bool)
    drawn = [_measures(weights @ table, every) for weights in _draws(n_groups, resamples, seed)]
    limits = np.quantile(np.concatenate(drawn), [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0).T.tolist()  # (L + 2, 2)
    named = dict(zip(labels.names, limits[2:], strict=True))
    return {"level": LEVEL, "macro_f1": limits[0], "exact_match": limits[1], "labels": named}


def groups_of(examples: Sequence[Example]) -> npt.NDArray[np.intp]:
    """The number of each row's document (N,), or of the row itself if the documents are too few."""
    groups = np.unique([e.group for e in examples], return_inverse=True)[1].reshape(-1)
    return groups if groups.max() + 1 >= FEWEST_DOCUMENTS else np.arange(len(examples))


def _parts(examples: Sequence[Example]) -> Iterator[tuple[str, Bools]]:
    """All rows, then every slice of every kind: its name and which rows (N,) are in it."""
    yield "all", np.ones(len(examples), dtype=bool)
    for kind, value, inside in slices_of(examples):
        yield f"{kind} {value}", inside


def _counts(gold: Bools, a: Bools, b: Bools) -> Floats:
    """What both models' figures are made of, row by row, as numbers that can be summed: (N, 2, 2L + 2).

    Per label twice the true positives, per label gold and predicted together, exact matches, rows.
    """
    models = [
        np.column_stack([2 * (gold & pred), 1 * gold + pred, (gold == pred).all(1), np.ones(len(gold))])
        for pred in (a, b)
    ]
    return np.stack(models, axis=1).astype(np.float64)


def _by_group(counts: Floats, groups: npt.NDArray[np.intp], n_groups: int) -> Floats:
    """The counts of each document: (N, 2, 2L + 2) -> (G, 2, 2L + 2)."""
    out = np.zeros((n_groups, *counts.shape[1:]))
    np.add.at(out, groups, counts)
    return out


def _draws(n_groups: int, resamples: int, seed: int) -> Iterator[Floats]:
    """How often each resample holds each document, in blocks (R, G) that fit in memory."""
    rng = np.random.default_rng(seed)
    block = max(1, _CELLS // n_groups)
    for start in range(0, resamples, block):
        n = min(block, resamples - start)
        chosen = rng.integers(n_groups, size=(n, n_groups)) + n_groups * np.arange(n)[:, None]
        yield np.bincount(chosen.ravel(), minlength=n * n_groups).reshape(n, n_groups).astype(np.float64)


def _measures(totals: Floats, kept: Bools) -> Floats:
    """Macro-F1 over the labels ``kept``, exact match, and F1 per label: (..., 2L + 2) -> (..., L + 2).

    Where there is nothing to count, 0, for both models alike.
    """
    n_labels = len(kept)
    f1 = totals[..., :n_labels] / np.maximum(totals[..., n_labels:-2], 1)
    exact = totals[..., -2:-1] / np.maximum(totals[..., -1:], 1)
    macro = f1[..., kept].mean(-1, keepdims=True) if kept.any() else np.zeros_like(exact)
    return np.concatenate([macro, exact, f1], axis=-1)
