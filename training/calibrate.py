"""From logits to probabilities that mean what they say, and the threshold of each label."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression

Floats = npt.NDArray[np.floating[Any]]
Bools = npt.NDArray[np.bool_]

_STRENGTH = 10.0
"""Inverse of the ridge on Platt's two numbers: weak, so that only labels with few examples feel it."""


@dataclass(frozen=True)
class Calibration:
    """``probs = sigmoid(scale * logits + shift)``; a label is given at or above its threshold. All (L,)."""

    scale: Floats
    shift: Floats
    thresholds: Floats

    def probs(self, logits: Floats) -> Floats:
        """Calibrated probabilities (N, L)."""
        return np.asarray(1 / (1 + np.exp(-(logits * self.scale + self.shift))))


def calibrate(logits: Floats, gold: Bools, *, seed: int) -> Calibration:
    """Platt scaling and a threshold for each label, on data the model has not seen.

    References
    ----------
    Platt 1999, "Probabilistic Outputs for Support Vector Machines", section 2.
    """
    n_labels = logits.shape[1]
    scale, shift = np.ones(n_labels), np.zeros(n_labels)
    for i in range(n_labels):
        if 0 < gold[:, i].sum() < len(gold):
            line = LogisticRegression(C=_STRENGTH).fit(logits[:, [i]], gold[:, i])
            if line.coef_[0, 0] > 0:
                scale[i], shift[i] = line.coef_[0, 0], line.intercept_[0]
    flat = Calibration(scale, shift, np.full(n_labels, 0.5))
    probs = flat.probs(logits)
    thresholds = np.array([smooth_threshold(gold[:, i], probs[:, i], seed) for i in range(n_labels)])
    return Calibration(scale, shift, thresholds)


def smooth_threshold(gold: Bools, probs: Floats, seed: int, n_resamples: int = 200) -> float:
    """The threshold with the best mean F1 over bootstrap resamples, 0.5 if nothing is to be learnt.

    The mean over resamples is smooth where F1 itself jumps with every example.
    """
    if not 0 < gold.sum() < len(gold):
        return 0.5
    grid = np.round(np.arange(0.15, 0.851, 0.01), 2)
    rng = np.random.default_rng(seed)
    total = np.zeros(len(grid))
    for _ in range(n_resamples):
        pick = rng.integers(len(gold), size=len(gold))
        total += [_f1(gold[pick], probs[pick] >= t) for t in grid]
    best = total >= total.max() - 1e-12
    return float(np.round(np.median(grid[best]), 2))


def _f1(gold: Bools, pred: Bools) -> float:
    true = int((gold & pred).sum())
    return 2 * true / max(int(gold.sum()) + int(pred.sum()), 1)


def cross_validated_f1(logits: Floats, gold: Bools, *, seed: int, n_folds: int = 5, multi_label: bool = True) -> float:
    """Macro-F1 with calibration and thresholds always taken from the other folds: no peeking."""
    rng = np.random.default_rng(seed)
    fold = rng.permutation(len(gold)) % n_folds
    pred = np.zeros_like(gold)
    for number in range(n_folds):
        inside = fold == number
        other = calibrate(logits[~inside], gold[~inside], seed=seed)
        probs = other.probs(logits[inside])
        best = np.arange(gold.shape[1]) == probs.argmax(1)[:, None]
        pred[inside] = probs >= other.thresholds if multi_label else best
    # Label by label: scikit-learn takes a matrix of one column for two classes.
    return float(np.mean([_f1(gold[:, i], pred[:, i]) for i in range(gold.shape[1])]))
