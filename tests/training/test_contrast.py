import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from training import checkpoints
from training import contrast as contrast_module
from training import fit as fit_module
from training.contrast import contrast_batches, contrastive_loss, embeddings, likeness, n_batches, start_head
from training.evaluate import gold_matrix, macro_f1, predict_torch, torch_logits
from training.fit import history
from training.model import TopicModel, build_model
from training.pipeline import Plan, fit_plan, prepare

Toy = Callable[..., Path]
STAGE = 'head = "logistic"\n[contrast]\nepochs = 3\nbatch_size = 16\nlearning_rate = 2e-3\n'
LONG = STAGE.replace("epochs = 3", "epochs = 40").replace("2e-3", "4e-3")


def planned(recipe: Path, run: str) -> Plan:
    return prepare(recipe, recipe.parent / run, None)


def dev_f1(plan: Plan, model: TopicModel) -> float:
    probs = predict_torch(model, plan.pieces, plan.splits.dev)
    return macro_f1(plan.splits.dev, probs, plan.labels, np.full(4, 0.5))


def equal(a: TopicModel, b: TopicModel) -> bool:
    mine, theirs = a.state_dict(), b.state_dict()
    return all(torch.equal(value, theirs[name]) for name, value in mine.items())


def test_likeness_is_the_share_of_labels_in_common():
    gold = torch.tensor([[1, 1, 0], [1, 0, 0], [0, 1, 1], [0, 0, 0], [0, 0, 0]])
    third = 1 / 3
    assert likeness(gold).tolist() == [
        [0.0, 0.5, pytest.approx(third), 0.0, 0.0],
        [0.5, 0.0, 0.0, 0.0, 0.0],
        [pytest.approx(third), 0.0, 0.0, 0.0, 0.0],
        [0.0] * 5,
        [0.0] * 5,
    ]


@given(st.lists(st.integers(0, 3), min_size=2, max_size=12))
def test_with_one_label_each_likeness_says_whether_it_is_the_same(classes: list[int]):
    gold = torch.eye(4, dtype=torch.bool)[torch.tensor(classes)]
    same = [[float(i != j and a == b) for j, b in enumerate(classes)] for i, a in enumerate(classes)]
    assert likeness(gold).tolist() == same


def test_loss_counted_by_hand():
    texts = torch.tensor([[2.0, 0.0], [1.0, 0.0], [0.0, 3.0]])  # two in one direction, one across; lengths mean nothing
    pair = torch.tensor([[0.0, 1, 0], [1, 0, 0], [0, 0, 0]])
    # Each of the pair has cosine 1 with the other and 0 with the third, which is like nothing and is no anchor.
    assert contrastive_loss(texts, pair, 1.0).item() == pytest.approx(math.log(1 + math.exp(-1)))
    assert contrastive_loss(texts, pair, 0.5).item() == pytest.approx(math.log(1 + math.exp(-2)))
    wrong = torch.tensor([[0.0, 0, 1], [0, 0, 0], [1, 0, 0]])
    expected = (math.log(math.e + 1) + math.log(2)) / 2  # from the first: cosines 1 and 0; from the third: 0 and 0
    assert contrastive_loss(texts, wrong, 1.0).item() == pytest.approx(expected)


@given(st.integers(0, 1000))
def test_loss_is_what_a_plain_loop_says(seed: int):
    rng = np.random.default_rng(seed)
    found, gold = rng.normal(size=(6, 3)), rng.integers(0, 2, (6, 4))
    alike = likeness(torch.from_numpy(gold)).numpy()
    unit = found / np.linalg.norm(found, axis=1, keepdims=True)
    losses = []
    for i in range(6):
        others = [j for j in range(6) if j != i]
        total = sum(math.exp(unit[i] @ unit[j] / 0.1) for j in others)
        if alike[i].sum() > 0:
            terms = [alike[i, j] * math.log(math.exp(unit[i] @ unit[j] / 0.1) / total) for j in others]
            losses.append(-sum(terms) / alike[i].sum())
    loss = contrastive_loss(torch.from_numpy(found), torch.from_numpy(alike), 0.1).item()
    assert loss == pytest.approx(np.mean(losses) if losses else 0.0, rel=1e-5)


def test_texts_like_no_other_give_no_loss_and_a_finite_gradient():
    texts = torch.randn(3, 2, requires_grad=True)
    loss = contrastive_loss(texts, torch.zeros(3, 3), 0.1)
    loss.backward()
    assert loss.item() == 0
    assert texts.grad is not None
    assert torch.equal(texts.grad, torch.zeros(3, 2))


@pytest.mark.parametrize(("n", "size", "expected"), [(5, 32, 1), (32, 32, 1), (63, 32, 1), (64, 32, 2), (97, 32, 3)])
def test_no_batch_is_smaller_than_asked(n: int, size: int, expected: int):
    assert n_batches(n, size) == expected


def test_every_example_once_in_batches_that_change(toy: Toy):
    plan = planned(toy(extra=STAGE), "run")
    gold = gold_matrix(plan.splits.train, plan.labels)

    def drawn(seed: int) -> list[list[list[bool]]]:
        rng = np.random.default_rng(seed)
        return [t.tolist() for _, t in contrast_batches(plan.splits.train, gold, plan.pieces, plan.recipe, rng)]

    assert [len(batch) for batch in drawn(1)] == [20, 20, 20]  # 60 examples, at least 16 in each
    assert sorted(row for batch in drawn(1) for row in batch) == sorted(gold.tolist())
    assert drawn(1) == drawn(1) != drawn(2)


@pytest.mark.filterwarnings("ignore:.*lbfgs failed to converge")
def test_the_head_is_the_logistic_regression_of_each_label(toy: Toy):
    plan = planned(toy(), "run")
    examples = plan.splits.train
    gold = gold_matrix(examples, plan.labels)
    gold[:, 2], gold[:, 3] = False, True
    torch.manual_seed(4)
    model = build_model(plan.recipe, 4)
    start_head(model, examples, gold, plan.pieces)
    found = embeddings(model, plan.pieces, examples)
    logits = torch_logits(model, plan.pieces, examples)
    length = np.linalg.norm(found, axis=1).mean()
    for label in (0, 1):
        line = LogisticRegression(C=10.0, max_iter=2000).fit(found / length, gold[:, label])
        np.testing.assert_allclose(logits[:, label], line.decision_function(found / length), atol=1e-4)
    np.testing.assert_allclose(logits[:, 2], math.log(0.5 / 60.5), rtol=1e-5)  # never seen
    np.testing.assert_allclose(logits[:, 3], math.log(60.5 / 0.5), rtol=1e-5)  # always there


@pytest.mark.slow
def test_the_stage_teaches_the_encoder_and_needs_no_epoch_of_fit(toy: Toy):
    plain = planned(toy(epochs=0, extra='head = "logistic"', name="plain"), "run")
    drawn = planned(toy(epochs=0, extra=LONG, name="drawn"), "run")
    before, after = dev_f1(plain, fit_plan(plain)), dev_f1(drawn, fit_plan(drawn))
    assert before < 0.2
    assert after > 0.4
    assert history(drawn.run) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("module", "victim", "call"),
    [(contrast_module, "_one_epoch", 2), (checkpoints, "write_tensors", 4), (fit_module, "_one_epoch", 2)],
)
def test_an_interrupted_stage_goes_on_to_the_same_bytes(
    toy: Toy, monkeypatch: pytest.MonkeyPatch, module: object, victim: str, call: int
):
    recipe = toy(extra=STAGE)
    whole, broken = planned(recipe, "whole"), planned(recipe, "broken")
    expected = fit_plan(whole)
    original, calls = getattr(module, victim), 0

    def failing(*args: object, **named: object) -> object:
        nonlocal calls
        calls += 1
        if calls == call:
            raise KeyboardInterrupt
        return original(*args, **named)

    with monkeypatch.context() as patch:
        patch.setattr(module, victim, failing)
        with pytest.raises(KeyboardInterrupt):
            fit_plan(broken)
    assert equal(expected, fit_plan(broken))


@pytest.mark.slow
def test_the_stage_takes_bfloat16_products_and_keeps_whole_weights(toy: Toy):
    recipe = toy(epochs=0, extra=STAGE)
    exact = fit_plan(planned(recipe, "exact"))
    text = recipe.read_text(encoding="utf-8").replace("[fit]", '[fit]\nprecision = "bfloat16"')
    recipe.write_text(text, encoding="utf-8")
    first, second = (fit_plan(planned(recipe, run)) for run in ("first", "second"))
    assert equal(first, second)
    assert not equal(first, exact)
    assert {p.dtype for p in first.parameters()} == {torch.float32}


@pytest.mark.slow
def test_a_finished_stage_is_not_trained_again(toy: Toy, monkeypatch: pytest.MonkeyPatch):
    plan = planned(toy(epochs=0, extra=STAGE), "run")
    model = fit_plan(plan)
    names = sorted(p.name for p in (plan.run / "checkpoints" / "contrast").iterdir())
    assert [n for n in names if n.endswith(".safetensors")] == ["epoch-003.safetensors", "optimizer-003.safetensors"]
    assert [n for n in names if n.endswith(".json")] == [f"epoch-00{e}.json" for e in (1, 2, 3)]
    monkeypatch.setattr(contrast_module, "_one_epoch", None)
    assert equal(model, fit_plan(plan))
