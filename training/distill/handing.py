"""What a student may answer alone: calibrated to its teacher, and a band for each label in which it is not sure.

All tables are (N, L): rows are texts, columns labels. ``teacher`` are the teacher's calibrated probabilities, which
stand for the truth: where they lie near a threshold it costs little to answer otherwise than the teacher would.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from training.platt import line_of, sigmoid

Floats = npt.NDArray[np.floating[Any]]
Bools = npt.NDArray[np.bool_]
Band = tuple[float, float]

_LEAN = 1.0
_DIGITS = 10_000  # scores have four digits
_STEPS = 400
_NEAR = 1e-9


@dataclass(frozen=True)
class Line:
    """``probs = sigmoid(scale * logits + shift)``, one of each for every label (L,)."""

    scale: Floats
    shift: Floats

    def probs(self, logits: Floats) -> Floats:
        """Calibrated probabilities."""
        return sigmoid(logits * self.scale + self.shift)


def line_to(logits: Floats, teacher: Floats) -> Line:
    """The line from the student's logits that comes nearest to the teacher's probabilities."""
    scale, shift = line_of(logits, teacher, np.ones((1, len(logits))), (1.0, 0.0), _LEAN)
    return Line(scale[0].round(6), shift[0].round(6))


def f1_by_label(gold: Floats | Bools, pred: Bools) -> Floats:
    """F1 (L,); of probabilities instead of truth, roughly the one to be expected (sums of expectations).

    >>> f1_by_label(np.array([[1.0], [0.5]]), np.array([[True], [False]])).round(3).tolist()
    [0.8]
    """
    return np.asarray(2 * (gold * pred).sum(0) / np.maximum(gold.sum(0) + pred.sum(0), _NEAR))


def not_sure(probs: Floats, bands: list[Band | None]) -> Bools:
    """Which texts are handed on (N,): those with a score inside the band of any label."""
    scores = probs.round(4)
    inside = [(scores[:, i] >= band[0]) & (scores[:, i] <= band[1]) for i, band in enumerate(bands) if band is not None]
    return np.any(inside, axis=0) if inside else np.zeros(len(probs), dtype=bool)


def loss(probs: Floats, teacher: Floats, thresholds: Floats, handed_on: Bools) -> float:
    """Macro-F1 lost against the teacher alone, as its own probabilities expect it."""
    full = teacher >= thresholds
    both = np.where(handed_on[:, None], full, probs >= thresholds)
    return float(np.mean(f1_by_label(teacher, full)) - np.mean(f1_by_label(teacher, both)))


def bands_for(probs: Floats, teacher: Floats, thresholds: Floats, loses_at_most: float) -> list[Band | None]:
    """The bands that hand on the least and lose no more macro-F1 than this on these texts.

    Of each label the chance that student and teacher decide differently follows from the distance of its score to the
    threshold (a line in log-odds). A wrong decision weighs the more the rarer the label is. One limit to chance times
    weight is set for all labels; it is raised as long as the loss allows.
    """
    decided = teacher >= thresholds
    centre = _log_odds(thresholds)
    scale, shift = line_of(_log_odds(probs) - centre, decided, np.ones((1, len(probs))), (1.0, 0.0), _LEAN)
    weight = 1 / np.maximum(decided.mean(0), 1 / len(probs))
    weight = weight / weight.max()
    for limit in np.geomspace(0.5, 1e-5, _STEPS):
        bands = [_band(limit / weight[i], scale[0, i], shift[0, i], centre[i]) for i in range(len(thresholds))]
        if loss(probs, teacher, thresholds, not_sure(probs, bands)) <= loses_at_most:
            return bands
    return [(0.0, 1.0)] * len(thresholds)


def _band(chance: float, scale: float, shift: float, centre: float) -> Band | None:
    """The scores at which the decisions differ with more than this chance."""
    if chance >= 0.5:
        return None
    reach = math.log((1 - chance) / chance)
    low, high = sorted((sign * reach - shift) / scale + centre for sign in (-1, 1))
    return math.floor(_chance(low) * _DIGITS) / _DIGITS, math.ceil(_chance(high) * _DIGITS) / _DIGITS


def _chance(log_odds: float) -> float:
    return float(sigmoid(np.array(log_odds)))


def _log_odds(probs: Floats) -> Floats:
    inside = np.clip(probs, _NEAR, 1 - _NEAR)
    return np.asarray(np.log(inside / (1 - inside)))
