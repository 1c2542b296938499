from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sklearn.metrics import f1_score

from training import calibrate as calibrate_module
from training.calibrate import Calibration, calibrate, cross_validated_f1, plug_in_thresholds
from training.platt import platt


def drawn(n: int, scale: Sequence[float], shift: Sequence[float], seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Logits, and truths drawn with the probabilities that a known line makes of them."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, 2, size=(n, len(scale)))
    gold = rng.random(logits.shape) < 1 / (1 + np.exp(-(logits * scale + shift)))
    return logits, gold


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fewer folds and resamples, where their number is no matter."""
    monkeypatch.setattr(calibrate_module, "N_REPEATS", 2)
    monkeypatch.setattr(calibrate_module, "N_RESAMPLES", 20)


def test_probs_by_hand():
    calibration = Calibration(np.array([2.0, 1.0]), np.array([0.0, -1.0]), np.array([0.5, 0.5]))
    found = calibration.probs(np.array([[0.0, 1.0], [np.log(3) / 2, 1 + np.log(4)]]))
    np.testing.assert_allclose(found, [[0.5, 0.5], [0.75, 0.8]])


def test_calibration_keeps_the_order_and_the_seed_decides_the_rest(few: None):
    logits, gold = drawn(120, [1.0, 1.0], [0.0, -2.0])
    first, again = calibrate(logits, gold, seed=3), calibrate(logits, gold, seed=3)
    assert (first.probs(logits).argsort(0) == logits.argsort(0)).all()
    assert (first.thresholds == again.thresholds).all()
    assert (first.intervals == again.intervals).all()


@pytest.mark.parametrize("column", [np.zeros(30, bool), np.ones(30, bool)])
def test_with_nothing_to_learn_a_label_stays_as_it_is(few: None, column: np.ndarray):
    logits = np.linspace(-3, 3, 30).reshape(-1, 1)
    found = calibrate(logits, column.reshape(-1, 1), seed=1)
    assert (found.scale[0], found.shift[0], found.thresholds[0]) == (1, 0, 0.5)
    assert found.intervals.tolist() == [[0.5, 0.5]]


def test_a_line_that_falls_is_not_taken(few: None):
    logits = np.linspace(-3, 3, 60).reshape(-1, 1)
    found = calibrate(logits, logits < 0, seed=1)
    assert (found.scale[0], found.shift[0]) == (1, 0)
    assert 0 < found.thresholds[0] <= 0.5


def test_a_threshold_by_hand():
    # k = 1: 2 * .9 / (1 + 1.6); k = 2: 2 * 1.5 / (2 + 1.6) = .8333; k = 3: 2 * 1.6 / (3 + 1.6)
    probs = np.array([[[0.6], [0.1], [0.9]]])
    assert plug_in_thresholds(probs, np.ones((1, 3))) == pytest.approx(1.5 / 3.6)
    # the middle row drawn twice: k = 3 rows with 2.1 gold ones, of 2.2 in all
    assert plug_in_thresholds(probs, np.array([[2, 1, 1]])) == pytest.approx(2.1 / (3 + 2.2))


@settings(max_examples=60, deadline=None)
@given(hnp.arrays(np.float64, st.integers(1, 12), elements=st.floats(0.001, 0.999)))
def test_no_other_set_of_rows_has_a_higher_expected_f1(p: np.ndarray):
    """By Lipton et al.'s own measure, over every threshold that decides differently."""

    def expected(given: np.ndarray) -> float:
        return 2 * p[given].sum() / (given.sum() + p.sum())

    threshold = plug_in_thresholds(p[None, :, None], np.ones((1, len(p))))[0, 0]
    assert 0 < threshold <= 0.5
    ours = expected(p >= threshold - 1e-12)
    assert ours == pytest.approx(2 * threshold)
    assert all(ours >= expected(p >= other) - 1e-12 for other in p)


def test_weights_count_as_repetitions():
    rng = np.random.default_rng(2)
    probs, weights = rng.random((1, 9, 2)), rng.integers(0, 4, (1, 9))
    repeated = np.repeat(probs, weights[0], axis=1)
    wanted = plug_in_thresholds(repeated, np.ones((1, repeated.shape[1])))
    np.testing.assert_allclose(plug_in_thresholds(probs, weights), wanted)


@pytest.mark.slow
def test_the_interval_holds_the_threshold_and_narrows_with_more_rows():
    widths = []
    for n in (80, 1600):
        logits, gold = drawn(n, [1.5], [-1.0], seed=n)
        found = calibrate(logits, gold, seed=1)
        (low, high), threshold = found.intervals[0], found.thresholds[0]
        assert low <= threshold <= high
        widths.append(high - low)
    assert widths[1] < widths[0] / 2


def test_rows_of_one_document_stay_in_one_fold_and_are_drawn_together(monkeypatch: pytest.MonkeyPatch):
    groups = np.repeat(np.arange(9), 4)
    seen: list[np.ndarray] = []

    def watch(logits: np.ndarray, gold: np.ndarray, weights: np.ndarray) -> Calibration:
        seen.append(weights)
        flat = np.ones((len(weights), 1))
        return Calibration(flat, flat * 0, flat * 0.5)

    monkeypatch.setattr(calibrate_module, "_solved", watch)
    logits, gold = drawn(36, [1.0], [0.0])
    calibrate(logits, gold, seed=1, groups=groups)
    cross_validated_f1(logits, gold, seed=1, groups=groups)
    folded, resampled, crossed = seen
    for weights in seen:
        by_document = weights.reshape(len(weights), 9, 4)
        assert (by_document == by_document[:, :, :1]).all()
    assert (resampled.sum(1) == 36).all()
    for kept in (folded, crossed):
        held = (~kept.astype(bool)).reshape(calibrate_module.N_REPEATS, calibrate_module.N_FOLDS, 36)
        assert (held.sum(1) == 1).all()  # each row is held out once in every repeat
        assert len({line.tobytes() for line in held.reshape(-1, 36)}) > 40  # and the repeats fold differently


def test_with_fewer_documents_than_folds_rows_are_folded_alone(few: None):
    logits, gold = drawn(60, [1.0], [0.0])
    alone = cross_validated_f1(logits, gold, seed=1)
    assert cross_validated_f1(logits, gold, seed=1, groups=np.arange(60) % 3) == alone


def test_cross_validation_does_not_peek(few: None, monkeypatch: pytest.MonkeyPatch):
    logits = np.arange(23.0).reshape(-1, 1)
    gold = logits % 2 == 0

    def strict(rows: np.ndarray, truth: np.ndarray, weights: np.ndarray) -> Calibration:
        """Put the threshold above every row that was shown, and below all others."""
        shown = weights.astype(bool)
        assert [s.sum() for s in shown] == [18, 18, 18, 19, 19] * 2
        lowest = np.array([[rows[~s].min()] for s in shown])
        return Calibration(np.ones((10, 1)), -lowest, np.full((10, 1), 0.5))

    monkeypatch.setattr(calibrate_module, "_solved", strict)
    found = cross_validated_f1(logits, gold, seed=1)
    assert found.mean == pytest.approx(2 * 12 / (12 + 23))  # every row was given the label: it had been held out
    assert (found.low, found.high, found.repeats) == (found.mean, found.mean, 2)


def test_cross_validation_decides_as_the_label_set_does(few: None, monkeypatch: pytest.MonkeyPatch):
    logits = np.random.default_rng(6).normal(size=(30, 3))
    gold = np.arange(3) == logits.argmax(1)[:, None]
    flat = np.ones((10, 3))
    monkeypatch.setattr(calibrate_module, "_solved", lambda *_: Calibration(flat, flat * 0, flat * 0.8))
    expected = f1_score(gold, 1 / (1 + np.exp(-logits)) >= 0.8, average="macro")
    assert cross_validated_f1(logits, gold, seed=1).mean == pytest.approx(expected)
    assert expected < 0.9
    assert cross_validated_f1(logits, gold, seed=1, multi_label=False).mean == 1.0


def test_cross_validation_says_how_far_the_folds_move_it():
    logits, gold = drawn(150, [1.0, 0.7], [-1.0, -2.0], seed=5)
    found = cross_validated_f1(logits, gold, seed=1)
    assert 0.3 < found.low < found.mean < found.high < 1


def test_labels_that_exclude_each_other_have_no_threshold_to_choose():
    logits, gold = drawn(60, [1.0, 1.0], [0.0, 0.0])
    found = calibrate(logits, gold, seed=1, multi_label=False)
    assert found.thresholds.tolist() == [0.5, 0.5]
    assert found.intervals is None
    np.testing.assert_array_equal(found.scale, platt(logits, gold, np.ones((1, 60)))[0][0])


def test_blocks_change_nothing(few: None, monkeypatch: pytest.MonkeyPatch):
    logits, gold = drawn(50, [1.0, 2.0], [0.0, -1.0])
    whole = calibrate(logits, gold, seed=1)
    monkeypatch.setattr(calibrate_module, "_CELLS", 1)
    parts = calibrate(logits, gold, seed=1)
    np.testing.assert_allclose(parts.thresholds, whole.thresholds)
    np.testing.assert_allclose(parts.intervals, whole.intervals)


def test_a_label_that_cannot_be_told_is_not_given_to_every_row(few: None):
    rng = np.random.default_rng(3)
    logits, gold = rng.normal(size=(200, 1)), rng.random((200, 1)) < 0.04
    found = calibrate(logits, gold, seed=1)
    assert found.thresholds.tolist() == [0.15]
    assert (found.probs(logits) >= found.thresholds).mean() < 0.05
