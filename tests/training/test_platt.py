import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from training import platt as platt_module
from training.platt import line_of, platt


def drawn(n: int, scale: list[float], shift: list[float], seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Logits, and truths drawn with the probabilities that a known line makes of them."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, 2, size=(n, len(scale)))
    return logits, rng.random(logits.shape) < 1 / (1 + np.exp(-(logits * scale + shift)))


def lines(logits: np.ndarray, gold: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    scale, shift = platt(logits, gold, np.ones((1, len(gold))))
    return scale[0], shift[0]


def test_with_many_rows_each_label_has_its_own_line():
    scale, shift = lines(*drawn(20_000, [0.5, 1.0, 2.0], [-1.0, 0.0, 1.0]))
    np.testing.assert_allclose(scale, [0.5, 1.0, 2.0], rtol=0.08)
    np.testing.assert_allclose(shift, [-1.0, 0.0, 1.0], atol=0.08)


def test_with_few_rows_lines_are_nearer_each_other_than_each_alone(monkeypatch: pytest.MonkeyPatch):
    logits, gold = drawn(12, [1.0] * 5, [-1.5] * 5, seed=3)
    near = lines(logits, gold)
    monkeypatch.setattr(platt_module, "_LEAN", 0.1)
    alone = lines(logits, gold)
    assert [np.ptp(a) < np.ptp(b) / 2 for a, b in zip(near, alone, strict=True)] == [True, True]


def test_no_line_falls():
    logits = np.stack([np.linspace(-3, 3, 60), np.linspace(-3, 3, 60)], axis=1)
    gold = np.stack([logits[:, 0] > 0.5, logits[:, 1] < -1], axis=1)
    gold[::7, 0] ^= True
    scale, shift = lines(logits, gold)
    common = line_of(logits.reshape(-1, 1), gold.reshape(-1, 1), np.ones((1, 120)), (1.0, 0.0), 0.1)
    found = common[0].item(), common[1].item()
    assert (scale[1], shift[1]) == pytest.approx(found if found[0] > 0 else (1, 0))
    assert (lines(logits, ~gold)[0] > 0).all()


@pytest.mark.parametrize("value", [True, False])
def test_with_nothing_to_learn_nothing_changes(value: bool):
    scale, shift = lines(np.zeros((5, 2)), np.full((5, 2), value))
    assert (scale.tolist(), shift.tolist()) == ([1, 1], [0, 0])


def test_a_label_that_dev_lacks_leans_on_the_others():
    logits, gold = drawn(40, [1.0, 1.0], [0.0, 0.0])
    gold[:, 1] = False
    scale, shift = lines(logits, gold)
    assert shift[1] < shift[0]  # it was never there, which says something
    assert scale[1] > 0
    assert shift[1] > -3  # and not that it never will be


def test_a_line_is_where_the_loss_has_no_slope():
    logits, gold = drawn(50, [1.5], [0.5])
    start = (0.7, -0.2)
    line = [part.item() for part in line_of(logits, gold, np.ones((1, 50)), start, 2.0)]
    probs = 1 / (1 + np.exp(-(logits[:, 0] * line[0] + line[1])))
    left = probs - gold[:, 0]
    assert (left @ logits[:, 0]) + 2.0 * (line[0] - start[0]) == pytest.approx(0, abs=1e-6)
    assert left.sum() + 2.0 * (line[1] - start[1]) == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("factor", [0.01, 1.0, 50.0])
def test_a_line_alone_is_scikit_learns_regression_under_any_weights(factor: float):
    logits, gold = drawn(90, [0.6, 3.0], [-1.5, 1.0], seed=4)
    logits *= factor  # far from 1 a bare Newton step overshoots
    rng = np.random.default_rng(1)
    weights = np.vstack([np.ones(90), rng.integers(0, 4, 90), np.arange(90) % 3 > 0]).astype(float)
    scale, shift = line_of(logits, gold, weights, (0.0, 0.0), 0.1)
    for r, w in enumerate(weights):
        for i in range(2):
            kept = w > 0
            # the intercept as a column, so that the ridge weighs on it too
            rows = np.stack([logits[kept][:, i], np.ones(kept.sum())], axis=1)
            line = LogisticRegression(C=10.0, tol=1e-10, max_iter=5000, solver="newton-cholesky", fit_intercept=False)
            line.fit(rows, gold[kept, i], sample_weight=w[kept])
            np.testing.assert_allclose([scale[r, i], shift[r, i]], line.coef_[0], rtol=1e-3)


def test_a_weight_of_two_is_the_row_twice():
    logits, gold = drawn(40, [0.6, 2.0], [-1.0, 0.5], seed=5)
    times = np.random.default_rng(2).integers(0, 3, 40)
    weighted = platt(logits, gold, np.vstack([np.ones(40), times]).astype(float))
    repeated = lines(np.repeat(logits, times, axis=0), np.repeat(gold, times, axis=0))
    np.testing.assert_allclose([part[1] for part in weighted], repeated, rtol=1e-5)


@given(st.integers(0, 200), st.floats(0.1, 40), st.integers(1, 30))
def test_the_order_of_a_label_stays(seed: int, spread: float, n: int):
    rng = np.random.default_rng(seed)
    logits, gold = rng.normal(0, spread, (n, 3)), rng.random((n, 3)) < 0.3
    scale, shift = lines(logits, gold)
    assert (scale > 0).all()
    assert np.isfinite(shift).all()
