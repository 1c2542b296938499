from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pytest
from sklearn.metrics import f1_score

from standfirst.labels import Label, LabelSet
from training import calibrate as calibrate_module
from training.data import Splits
from training.evaluate import gold_matrix
from training.measure import measure

AB = LabelSet("ab", "1", (Label("a"), Label("b")))


@dataclass(frozen=True)
class Row:
    """An example as it is measured, and the logits that a model shall give it with and without its context."""

    text: str
    labels: frozenset[str]
    context: str
    source: str
    group: str
    logits: tuple[float, float]
    bare: tuple[float, float]
    held_out: str = ""
    date: str = ""


def rows(n: int, seed: int, held_out: Sequence[str] = ("",)) -> tuple[Row, ...]:
    rng = np.random.default_rng(seed)
    made = []
    for i in range(n):
        given = rng.random(2) < 0.4
        logits = np.where(given, 1.5, -1.5) + rng.normal(0, 1.5, 2)
        bare = logits + rng.normal(0, 1, 2)
        labels = frozenset(name for name, yes in zip("ab", given, strict=True) if yes)
        context = "c" if i % 3 else ""
        why = held_out[i % len(held_out)]
        made.append(Row(f"text {i}", labels, context, "wire", f"d{i // 2}", tuple(logits), tuple(bare), why))
    return tuple(made)


def served(examples: Sequence[Row], *, with_context: bool = True) -> np.ndarray:
    return np.array([e.logits if with_context else e.bare for e in examples])


def in_torch(examples: Sequence[Row], *, with_context: bool = True) -> np.ndarray:
    return served(examples) * 3 + 1  # other numbers in the same order


@pytest.fixture(scope="module")
def found():
    splits = Splits((), rows(80, 1), rows(90, 2, ("source", "time", "")), {})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(calibrate_module, "N_RESAMPLES", 30)
        calibration, figures, _ = measure(splits, AB, served, in_torch, seed=3)
    return splits, calibration, figures


def test_every_view_is_measured(found):
    _, _, figures = found
    views = [f"{s}{view}" for s in ("dev", "test") for view in ("", " without context", " in torch")]
    assert set(figures) == {*views, "test held out by source", "test held out by time"}
    assert "slices" in figures["dev"]
    assert "slices" not in figures["dev without context"]


def test_test_is_decided_by_what_dev_chose(found):
    splits, calibration, figures = found
    gold = gold_matrix(splits.test, AB)
    for view, logits in (
        ("test", served(splits.test)),
        ("test without context", served(splits.test, with_context=False)),
    ):
        pred = calibration.probs(logits) >= calibration.thresholds
        assert figures[view]["macro_f1"] == pytest.approx(f1_score(gold, pred, average="macro"))
    names = [figures["test"]["labels"][name]["threshold"] for name in "ab"]
    assert names == calibration.thresholds.tolist()


def test_torch_is_measured_with_its_own_calibration(found):
    """Platt undoes the stretch: the two differ by the ridge alone."""
    _, _, figures = found
    assert figures["dev in torch"]["macro_f1"] == pytest.approx(figures["dev"]["macro_f1"], abs=0.03)
    assert figures["dev in torch"]["ece"] == pytest.approx(figures["dev"]["ece"], abs=0.03)


def test_what_was_held_out_is_measured_apart(found):
    splits, calibration, figures = found
    part = [e for e in splits.test if e.held_out == "time"]
    pred = calibration.probs(served(part)) >= calibration.thresholds
    view = figures["test held out by time"]
    assert view["n"] == len(part) == 30
    assert view["macro_f1"] == pytest.approx(f1_score(gold_matrix(part, AB), pred, average="macro"))
    assert view["intervals"]["macro_f1"][0] < view["macro_f1"] < view["intervals"]["macro_f1"][1]
    assert figures["test"]["slices"]["held_out"]["time"]["ece"] == view["ece"]


def test_the_same_rows_with_their_context_and_without(found):
    splits, calibration, figures = found
    part = [e for e in splits.test if e.context]
    slices = figures["test"]["slices"]["context"]
    assert slices["with"]["n"] == slices["taken away"]["n"] == len(part)
    pred = calibration.probs(served(part, with_context=False)) >= calibration.thresholds
    assert slices["taken away"]["exact_match"] == pytest.approx((pred == gold_matrix(part, AB)).all(1).mean())
    assert slices["taken away"]["exact_match"] != slices["with"]["exact_match"]


def test_dev_says_how_sure_its_choices_are(found):
    _, calibration, figures = found
    dev = figures["dev"]
    assert [dev["labels"][n]["threshold_interval"] for n in "ab"] == calibration.intervals.tolist()
    honest = dev["cross_validated"]
    assert dev["cross_validated_macro_f1"] == honest["mean"]
    assert honest["low"] <= honest["mean"] <= honest["high"]
    assert "threshold_interval" not in figures["test"]["labels"]["a"]


def test_labels_that_exclude_each_other_have_no_threshold_interval():
    one = LabelSet("ab", "1", AB.labels, multi_label=False)
    dev = tuple(
        Row(f"t{i}", frozenset("ab"[i % 2]), "", "wire", "", (float(1 - i % 2), 0.5), (0.0, 0.0)) for i in range(20)
    )
    calibration, figures, _ = measure(Splits((), dev, (), {}), one, served, in_torch, seed=3)
    assert calibration.intervals is None
    assert figures["dev"]["cross_validated"]["mean"] == figures["dev"]["macro_f1"] == 1.0
    assert "threshold_interval" not in figures["dev"]["labels"]["a"]
    assert "taken away" not in figures["dev"]["slices"]["context"]
