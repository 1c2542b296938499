"""From logits to probabilities that mean what they say, and the threshold of each label.

Everything is solved for many weightings of the rows at once: a bootstrap resample weighs each row by how often it was
drawn, the training part of a fold by 0 or 1. ``weights`` are (R, N), one weighting a line; logits and gold are (N, L).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from training.platt import platt, sigmoid

Floats = npt.NDArray[np.floating[Any]]
Bools = npt.NDArray[np.bool_]

_CELLS = 2_000_000
"""Numbers held at once (weightings x rows x labels): 16 MB."""
_LEAST = 0.15
"""No threshold lies lower. A model that cannot tell a label has its best expected F1 by giving it to every row (Lipton
et al., section 5); half an F1 of .3 is taken for that."""
N_FOLDS = 5
N_REPEATS = 20
N_RESAMPLES = 400
LEVEL = 0.95


@dataclass(frozen=True)
class Calibration:
    """``probs = sigmoid(scale * logits + shift)``; a label is given at or above its threshold. All (L,).

    ``intervals`` (L, 2) hold 95 % of the thresholds that other dev rows like these would have given; ``None`` where
    labels exclude each other, for the likeliest is given then, whatever its probability.
    """

    scale: Floats
    shift: Floats
    thresholds: Floats
    intervals: Floats | None = None

    def probs(self, logits: Floats) -> Floats:
        """Calibrated probabilities (N, L)."""
        return sigmoid(logits * self.scale + self.shift)


@dataclass(frozen=True)
class CrossValidated:
    """Macro-F1 on rows that chose neither calibration nor threshold: the mean over ``repeats`` ways to fold them.

    ``low`` and ``high`` hold 95 % of the repeats: how far the figure moves with the folds, not how far with other rows.
    """

    mean: float
    low: float
    high: float
    repeats: int


def calibrate(
    logits: Floats,
    gold: Bools,
    *,
    seed: int,
    groups: Sequence[int] | npt.NDArray[np.intp] | None = None,
    multi_label: bool = True,
) -> Calibration:
    """A line (see ``platt``) and a threshold for each label, on data the model has not seen.

    A threshold is the median over folds of the one that is best in expectation for the other folds, calibrated on
    them alone; its interval comes from a bootstrap of the ``groups`` (documents; each row its own if there are none).
    A label that all rows carry, or none, has a threshold of .5.
    """
    groups = np.arange(len(gold)) if groups is None else np.asarray(groups)
    scale, shift = platt(logits, gold, np.ones((1, len(gold))))
    if not multi_label:
        return Calibration(scale[0], shift[0], np.full(gold.shape[1], 0.5))
    rng = np.random.default_rng(seed)
    folded = _solved(logits, gold, ~_folds(groups, rng))
    drawn = _solved(logits, gold, _resamples(groups, rng))
    limits = [(1 - LEVEL) / 2, (1 + LEVEL) / 2]
    intervals = np.quantile(drawn.thresholds, limits, axis=0).T
    thresholds = np.median(folded.thresholds, axis=0)
    return Calibration(scale[0], shift[0], np.round(thresholds, 2), np.round(intervals, 2))


def cross_validated_f1(
    logits: Floats,
    gold: Bools,
    *,
    seed: int,
    groups: Sequence[int] | npt.NDArray[np.intp] | None = None,
    multi_label: bool = True,
) -> CrossValidated:
    """Macro-F1 with calibration and thresholds always taken from the other folds: no peeking.

    The median that ``calibrate`` takes over folds is left out inside them: it moves a threshold by less than .01.
    """
    groups = np.arange(len(gold)) if groups is None else np.asarray(groups)
    held = _folds(groups, np.random.default_rng(seed))
    other = _solved(logits, gold, ~held)
    found = []
    for repeat in range(N_REPEATS):
        pred = np.zeros_like(gold)
        for line in range(repeat * N_FOLDS, (repeat + 1) * N_FOLDS):
            inside = held[line]
            probs = sigmoid(logits[inside] * other.scale[line] + other.shift[line])
            best = np.arange(gold.shape[1]) == probs.argmax(1)[:, None]
            pred[inside] = probs >= other.thresholds[line] if multi_label else best
        found.append(np.mean(2 * (gold & pred).sum(0) / np.maximum(gold.sum(0) + pred.sum(0), 1)))
    low, high = np.quantile(found, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return CrossValidated(float(np.mean(found)), float(low), float(high), N_REPEATS)


def plug_in_thresholds(probs: Floats, weights: Floats) -> Floats:
    """The threshold of each label (R, L) whose F1 is highest in expectation if ``probs`` (R, N, L) are true.

    Giving the label to the k likeliest rows, k rows are given it, sum(probs) carry it, and the sum of their k
    probabilities are both; the best F1 over k, halved, is the threshold. No gold is counted, so that it does not
    jump with single rows, as the threshold with the best F1 on them does.

    References
    ----------
    Lipton, Elkan and Naryanaswamy 2014, "Optimal Thresholding of Classifiers to Maximize F1 Measure", theorem 1.
    """
    order = np.argsort(-probs, axis=1, kind="stable")
    p = np.take_along_axis(probs, order, axis=1)
    w = np.take_along_axis(np.broadcast_to(weights[:, :, None], probs.shape), order, axis=1)
    both, given = (w * p).cumsum(1), w.cumsum(1)
    f1 = 2 * both / np.maximum(given + both[:, -1:], 1e-12)
    return np.asarray(f1.max(1) / 2)


def _solved(logits: Floats, gold: Bools, weights: npt.NDArray[Any]) -> Calibration:
    """Slopes, shifts and thresholds (R, L), one line for each weighting, in blocks that fit in memory."""
    block = max(1, _CELLS // max(1, logits.size))
    parts = []
    for start in range(0, len(weights), block):
        w = weights[start : start + block].astype(np.float64)
        scale, shift = platt(logits, gold, w)
        thresholds = plug_in_thresholds(sigmoid(scale[:, None] * logits + shift[:, None]), w).clip(_LEAST)
        n_gold = w @ gold
        thresholds[(n_gold == 0) | (n_gold == w.sum(1, keepdims=True))] = 0.5
        parts.append((scale, shift, thresholds))
    return Calibration(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _folds(groups: npt.NDArray[np.intp], rng: np.random.Generator) -> Bools:
    """Which rows each fold holds (repeats x folds, N): every row once a repeat, a group's rows together.

    With fewer groups than folds each row is folded for itself.
    """
    names, number = np.unique(groups, return_inverse=True)
    if len(names) < N_FOLDS:
        names = number = np.arange(len(groups))
    folds = [(rng.permutation(len(names)) % N_FOLDS)[number] for _ in range(N_REPEATS)]
    return np.array([fold == k for fold in folds for k in range(N_FOLDS)])


def _resamples(groups: npt.NDArray[np.intp], rng: np.random.Generator) -> npt.NDArray[np.intp]:
    """How often each of the bootstrap's resamples of whole groups holds each row (R, N)."""
    names, number = np.unique(groups, return_inverse=True)
    drawn = rng.multinomial(len(names), np.full(len(names), 1 / len(names)), size=N_RESAMPLES)
    return np.asarray(drawn[:, number])
