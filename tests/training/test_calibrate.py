from dataclasses import dataclass

import numpy as np
import pytest
from sklearn.metrics import f1_score

from training import calibrate as calibrate_module
from training.calibrate import Calibration, calibrate, cross_validated_f1, smooth_threshold


def drawn(n: int, scale: list[float], shift: list[float], seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Logits, and truths drawn with the probabilities that a known line makes of them."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, 2, size=(n, len(scale)))
    gold = rng.random(logits.shape) < 1 / (1 + np.exp(-(logits * scale + shift)))
    return logits, gold


@pytest.mark.slow
def test_a_known_line_is_found_again():
    logits, gold = drawn(6000, [0.5, 1.0, 2.5], [-1.0, 0.0, 2.0])
    found = calibrate(logits, gold, seed=1)
    np.testing.assert_allclose(found.scale, [0.5, 1.0, 2.5], rtol=0.12)
    np.testing.assert_allclose(found.shift, [-1.0, 0.0, 2.0], atol=0.2)
    assert ((found.thresholds >= 0.15) & (found.thresholds <= 0.85)).all()


def test_probs_by_hand():
    calibration = Calibration(np.array([2.0, 1.0]), np.array([0.0, -1.0]), np.array([0.5, 0.5]))
    found = calibration.probs(np.array([[0.0, 1.0], [np.log(3) / 2, 1 + np.log(4)]]))
    np.testing.assert_allclose(found, [[0.5, 0.5], [0.75, 0.8]])


@pytest.mark.slow
def test_calibration_keeps_the_order_and_the_seed_decides_the_rest():
    logits, gold = drawn(120, [1.0, 1.0], [0.0, -2.0])
    first, again = calibrate(logits, gold, seed=3), calibrate(logits, gold, seed=3)
    assert (first.probs(logits).argsort(0) == logits.argsort(0)).all()
    assert (first.thresholds == again.thresholds).all()


@pytest.mark.parametrize("column", [np.zeros(30, bool), np.ones(30, bool)])
def test_with_nothing_to_learn_a_label_stays_as_it_is(column: np.ndarray):
    logits = np.linspace(-3, 3, 30).reshape(-1, 1)
    found = calibrate(logits, column.reshape(-1, 1), seed=1)
    assert (found.scale[0], found.shift[0], found.thresholds[0]) == (1, 0, 0.5)


def test_a_line_that_falls_is_not_taken():
    logits = np.linspace(-3, 3, 60).reshape(-1, 1)
    found = calibrate(logits, logits < 0, seed=1)
    assert (found.scale[0], found.shift[0]) == (1, 0)
    assert 0.15 <= found.thresholds[0] <= 0.85


@pytest.mark.parametrize(("low", "high"), [(0.2, 0.4), (0.45, 0.55), (0.6, 0.8)])
def test_the_threshold_lies_between_what_is_and_what_is_not(low: float, high: float):
    gold = np.repeat([False, True], [60, 20])
    threshold = smooth_threshold(gold, np.where(gold, high, low), seed=1)
    assert low < threshold <= high
    assert abs(threshold - (low + high) / 2) <= 0.01  # all between are as good: the middle


@pytest.mark.parametrize("seed", range(3))
def test_a_threshold_stays_in_range_on_noise(seed: int):
    rng = np.random.default_rng(seed)
    assert 0.15 <= smooth_threshold(rng.random(40) < 0.2, rng.random(40), seed, n_resamples=20) <= 0.85


def test_cross_validation_does_not_peek(monkeypatch: pytest.MonkeyPatch):
    logits = np.arange(23.0).reshape(-1, 1)
    seen = []

    def strict(rows: np.ndarray, gold: np.ndarray, *, seed: int) -> Calibration:
        """Give the label to no row that it was shown, and to every other."""
        seen.append(set(rows[:, 0]))
        assert gold[:, 0].tolist() == (rows[:, 0] % 2 == 0).tolist()
        return Blind(np.ones(1), np.zeros(1), np.full(1, 0.5), frozenset(rows[:, 0]))

    monkeypatch.setattr(calibrate_module, "calibrate", strict)
    found = cross_validated_f1(logits, logits % 2 == 0, seed=1)
    assert found == pytest.approx(2 * 12 / (12 + 23))  # every row was given the label: none had been shown
    assert [len(rows) for rows in seen] == [18, 18, 18, 19, 19]


@dataclass(frozen=True)
class Blind(Calibration):
    shown: frozenset[float]

    def probs(self, logits: np.ndarray) -> np.ndarray:
        return np.array([[0.0 if row[0] in self.shown else 1.0] for row in logits])


def test_cross_validation_decides_as_the_label_set_does(monkeypatch: pytest.MonkeyPatch):
    logits = np.random.default_rng(6).normal(size=(30, 3))
    gold = np.arange(3) == logits.argmax(1)[:, None]
    strict = Calibration(np.ones(3), np.zeros(3), np.full(3, 0.8))
    monkeypatch.setattr(calibrate_module, "calibrate", lambda *_, **__: strict)
    expected = f1_score(gold, strict.probs(logits) >= 0.8, average="macro")
    assert cross_validated_f1(logits, gold, seed=1) == pytest.approx(expected)
    assert expected < 0.9
    assert cross_validated_f1(logits, gold, seed=1, multi_label=False) == 1.0


def test_cross_validation_of_one_label_counts_that_label_alone():
    logits = np.linspace(-1, 1, 50).reshape(-1, 1)
    assert cross_validated_f1(logits, np.zeros((50, 1), bool), seed=1, n_folds=2) == 0.0
