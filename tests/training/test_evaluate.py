import numpy as np
import pytest
import torch
from sklearn.metrics import average_precision_score, f1_score, precision_recall_fscore_support

from standfirst.labels import Label, LabelSet
from standfirst.pieces import as_arrays
from training.data import Example
from training.evaluate import (
    decide,
    expected_calibration_error,
    gold_matrix,
    macro_f1,
    metrics,
    predict_torch,
    sliced,
    torch_logits,
    without_context,
)

HALF = np.full(4, 0.5)


def examples_of(gold: np.ndarray, labels: LabelSet) -> list[Example]:
    return [
        Example(f"text {i}", frozenset(n for n, given in zip(labels.names, row, strict=True) if given))
        for i, row in enumerate(gold)
    ]


def drawn(n: int, seed: int, share: float = 0.3) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.random((n, 4)) < share, rng.random((n, 4))


@pytest.mark.parametrize("seed", range(4))
def test_figures_are_those_of_scikit_learn(labels: LabelSet, seed: int):
    gold, probs = drawn(60, seed)
    thresholds = np.array([0.3, 0.5, 0.6, 0.7])
    found = metrics(examples_of(gold, labels), probs, labels, thresholds)
    pred = probs >= thresholds
    expected = precision_recall_fscore_support(gold, pred, average=None, zero_division=0)
    for i, name in enumerate(labels.names):
        row = found["labels"][name]
        assert [row[k] for k in ("precision", "recall", "f1", "support")] == [c[i] for c in expected]
        assert row["average_precision"] == average_precision_score(gold[:, i], probs[:, i])
        assert row["threshold"] == thresholds[i]
    assert found["macro_f1"] == pytest.approx(f1_score(gold, pred, average="macro"))
    assert found["micro_f1"] == pytest.approx(f1_score(gold, pred, average="micro"))
    assert found["none_f1"] == pytest.approx(f1_score(~gold.any(1), ~pred.any(1)))
    assert macro_f1(examples_of(gold, labels), probs, labels, thresholds) == found["macro_f1"]


def test_figures_by_hand(labels: LabelSet):
    gold = np.array([[1, 0, 0, 0], [1, 1, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]], bool)
    probs = np.array([[0.9, 0.1, 0, 0], [0.2, 0.8, 0, 0], [0.6, 0, 0, 0], [0, 0, 0, 0]])
    found = metrics(examples_of(gold, labels), probs, labels, HALF)
    first, second, third = (found["labels"][n] for n in labels.names[:3])
    assert (first["precision"], first["recall"], first["f1"]) == (0.5, 0.5, 0.5)
    assert second["f1"] == 1.0
    assert (third["f1"], third["average_precision"], third["support"]) == (0, 0, 0)
    assert found["n"] == 4
    assert found["macro_f1"] == 1.5 / 4
    assert found["micro_f1"] == pytest.approx(2 * 2 / (3 + 3))
    assert found["exact_match"] == 0.5
    assert found["none_f1"] == pytest.approx(2 * 1 / (2 + 1))


def test_where_no_text_is_without_label_and_none_is_left_without(labels: LabelSet):
    gold = np.ones((3, 4), bool)
    found = metrics(examples_of(gold, labels), np.ones((3, 4)), labels, HALF)
    assert (found["none_f1"], found["macro_f1"], found["ece"]) == (0.0, 1.0, 0.0)


def test_a_set_of_one_label_is_not_taken_for_two_classes():
    one = LabelSet("one", "1", (Label("flood"),))
    gold, probs = np.array([[1], [0], [0], [0]], bool), np.array([[0.9], [0.8], [0.1], [0.2]])
    examples = examples_of(gold, one)
    found = metrics(examples, probs, one, np.array([0.5]))
    assert found["labels"]["flood"] | {"threshold": 0} == {
        "precision": 0.5, "recall": 1.0, "f1": 2 / 3, "average_precision": 1.0, "support": 1, "threshold": 0,
    }  # fmt: skip
    assert found["macro_f1"] == macro_f1(examples, probs, one, np.array([0.5])) == 2 / 3
    assert sliced(examples, probs, one, np.array([0.5]))["context"]["without"]["macro_f1"] == 2 / 3


def test_labels_that_exclude_each_other_go_to_the_best():
    names = LabelSet("l", "1", (Label("a"), Label("b")), multi_label=False)
    probs = np.array([[0.2, 0.1], [0.6, 0.9]])
    assert decide(probs, names, np.array([0.5, 0.5])).tolist() == [[True, False], [False, True]]
    many = LabelSet("l", "1", names.labels)
    assert decide(probs, many, np.array([0.6, 0.95])).tolist() == [[False, False], [True, False]]


def test_calibration_error_by_hand():
    gold = np.array([[1], [0], [1], [0]], bool)
    probs = np.array([[0.95], [0.95], [0.15], [1.0]])
    # bin 0.9-1.0: confidence 2.9/3, truth 1/3, three of four; bin 0.1-0.2: 0.15 against 1, one of four
    expected = 3 / 4 * abs(2.9 / 3 - 1 / 3) + 1 / 4 * 0.85
    assert expected_calibration_error(gold, probs) == pytest.approx(expected)
    both = expected_calibration_error(np.hstack([gold, gold]), np.hstack([probs, gold.astype(float)]))
    assert both == pytest.approx(expected / 2)


def test_calibration_error_of_honest_probabilities_is_small():
    rng = np.random.default_rng(1)
    probs = rng.random((20_000, 2))
    assert expected_calibration_error(rng.random(probs.shape) < probs, probs) < 0.02


def test_slices(labels: LabelSet):
    examples = [
        Example("x" * 99, frozenset({"aid"}), source="wire"),
        Example("x" * 100, frozenset({"aid", "strikes"}), context="c", source="wire"),
        Example("x" * 250, frozenset(), source="blog"),
    ]
    gold = gold_matrix(examples, labels)
    probs = np.where(gold, 0.9, 0.1)
    probs[0] = 0.1  # the first is missed
    found = sliced(examples, probs, labels, HALF)
    assert {kind: {k: v["n"] for k, v in table.items()} for kind, table in found.items()} == {
        "source": {"blog": 1, "wire": 2},
        "length": {"long": 1, "middle": 1, "short": 1},
        "context": {"with": 1, "without": 2},
        "kind": {"headline": 2, "paragraph": 1},
        "labels": {"aid": 1, "none": 1, "other combinations": 1},
    }
    assert found["source"]["blog"] == {"n": 1, "macro_f1": None, "exact_match": 1.0, "ece": pytest.approx(0.1)}
    assert found["source"]["wire"] == {
        "n": 2,
        "macro_f1": pytest.approx((2 / 3 + 1) / 2),
        "exact_match": 0.5,
        # .1 off everywhere but for aid, where .1 meets one hit: halves of .9 and .1
        "ece": pytest.approx((0.1 + 0.1 + 0.1 + (0.9 + 0.1) / 2) / 4),
    }


def test_the_rows_with_a_context_are_measured_without_it(labels: LabelSet):
    examples = [
        Example("a", frozenset({"aid"}), context="c"),
        Example("b", frozenset()),
        Example("d", frozenset({"aid"}), context="c"),
    ]
    probs = np.where(gold_matrix(examples, labels), 0.9, 0.1)
    probs[2] = 0.1  # only its context said it
    found = without_context(examples, probs, labels, HALF)
    assert (found["n"], found["macro_f1"], found["exact_match"]) == (2, pytest.approx(2 / 3), 0.5)


def test_gold_matrix_of_nothing(labels: LabelSet):
    assert gold_matrix([], labels).shape == (0, 4)


def test_torch_logits_of_a_long_text_are_those_of_its_mean_word_piece(graphs, labels: LabelSet):
    model, pieces = graphs.model, graphs.pieces
    example = Example("storm in the city " * 20, frozenset())
    rows = pieces.windows([example.text], [None])
    assert len(rows) > 1
    with torch.inference_mode():
        inputs = [{k: torch.from_numpy(v) for k, v in as_arrays([row]).items()} for row in rows]
        hidden = [model.encoder(**given).last_hidden_state[0] for given in inputs]
        own = [part[: len(row.ids)] for part, row in zip(hidden, rows, strict=True)]  # without padding
        expected = model.head(torch.cat(own).mean(0)).numpy()
    found = torch_logits(model, pieces, [example, Example("rain", frozenset())], reads="mean")
    np.testing.assert_allclose(found[0], expected, atol=1e-4)
    assert np.abs(torch_logits(model, pieces, [example])[0] - expected).max() > 1e-3  # its first window's


@pytest.mark.slow
def test_torch_logits_do_not_depend_on_order_or_neighbours(graphs, labels: LabelSet):
    examples = [
        Example(("storm in the city " * n).strip(), frozenset(), context="rain" if n % 2 else "") for n in range(1, 40)
    ]
    model, pieces = graphs.model, graphs.pieces
    whole = torch_logits(model, pieces, examples)
    assert whole.shape == (39, 4)
    np.testing.assert_allclose(torch_logits(model, pieces, examples[::-1])[::-1], whole, atol=1e-5)
    np.testing.assert_allclose(torch_logits(model, pieces, examples[4:5])[0], whole[4], atol=1e-5)
    np.testing.assert_allclose(predict_torch(model, pieces, examples), 1 / (1 + np.exp(-whole)))
    bare = torch_logits(model, pieces, examples, with_context=False)
    changed = np.abs(bare - whole).max(1) > 1e-6
    assert changed.tolist() == [bool(e.context) for e in examples]
