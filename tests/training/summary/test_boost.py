import numpy as np
import pytest
from sklearn.ensemble import GradientBoostingClassifier

from standfirst.summarize.heads import Boosted
from training.summary.boost import boost
from training.summary.recipe import SummaryTrees

NAMES = ("a", "b", "c")


def rows(n: int, seed: int = 3) -> np.ndarray:
    """Of three columns the second takes four values only, so that thresholds fall between equal values."""
    rng = np.random.default_rng(seed)
    return np.column_stack([rng.normal(size=n), rng.integers(0, 4, n), rng.normal(size=n)])


def columns(table: np.ndarray) -> dict[str, np.ndarray]:
    return dict(zip(NAMES, table.T, strict=True))


@pytest.mark.parametrize("depth", [1, 2, 4])
def test_the_arrays_say_what_the_library_says(depth: int) -> None:
    """Its leaves stand at any depth, ours at one; hard targets, so that its own fit sees the same rows."""
    table = rows(400)
    targets = (table[:, 0] * table[:, 1] > 0.5).astype(float)
    how = SummaryTrees(n_trees=12, depth=depth, learning_rate=0.3, smallest=0.01, sample=1.0)
    made = boost(NAMES, table, targets, np.ones(400), 7, how)
    theirs = GradientBoostingClassifier(
        n_estimators=12, max_depth=depth, learning_rate=0.3, min_weight_fraction_leaf=0.01, random_state=7
    )
    order = np.argsort(-targets, kind="stable")  # ours are fitted on the rows of one side, then of the other
    theirs.fit(table[order].astype(np.float32), targets[order])
    fresh = rows(200, seed=4)
    np.testing.assert_allclose(made.logits(columns(fresh)), theirs.decision_function(fresh), atol=1e-4)


def test_a_target_between_counts_for_both_sides() -> None:
    """Equal rows: the log-odds of their mean target."""
    made = boost(NAMES, np.zeros((50, 3)), np.full(50, 0.25), np.ones(50), 7, SummaryTrees(n_trees=40, sample=1.0))
    np.testing.assert_allclose(made.logits(columns(np.zeros((2, 3)))), np.log(1 / 3), atol=1e-4)


def test_what_is_written_is_read_back() -> None:
    table = rows(100)
    made = boost(NAMES, table, (table[:, 2] > 0).astype(float), np.ones(100), 7, SummaryTrees(n_trees=5))
    back = Boosted.from_dict(made.to_dict())
    assert back.logits(columns(table)).tolist() == made.logits(columns(table)).tolist()
    assert back.logits(columns(table[:0])).tolist() == []


@pytest.mark.parametrize(
    ("key", "value"),
    [("feature", [[3, 0, 0]]), ("threshold", [[0.0]]), ("value", [[0.0, 1.0]]), ("feature", [[-1] * 3])],
)
def test_trees_that_do_not_fit_are_refused(key: str, value: list) -> None:
    whole = {"names": NAMES, "base": 0, "feature": [[0, 1, 2]], "threshold": [[0.0] * 3], "value": [[0.0] * 4]}
    assert Boosted.from_dict(whole).logits(columns(rows(2))).tolist() == [0, 0]
    with pytest.raises(ValueError, match=r"shape|tree"):
        Boosted.from_dict(whole | {key: value})
