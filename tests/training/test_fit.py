import logging
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from training import checkpoints
from training import fit as fit_module
from training.evaluate import macro_f1, predict_torch
from training.fit import _parameter_groups, history, make_deterministic
from training.model import TopicModel, build_model
from training.pipeline import Plan, fit_plan, prepare
from training.recipe import FitRecipe, load_recipe
from training.schedule import up_and_down

ROOT = Path(__file__).resolve().parents[2]
Toy = Callable[..., Path]


def weights(run: Path, epoch: int) -> bytes:
    return (run / "checkpoints" / f"epoch-{epoch:03d}.safetensors").read_bytes()


def planned(recipe: Path, run: str) -> Plan:
    return prepare(recipe, recipe.parent / run, None)


def dev_f1(plan: Plan, model: TopicModel) -> float:
    probs = predict_torch(model, plan.pieces, plan.splits.dev)
    return macro_f1(plan.splits.dev, probs, plan.labels, np.full(4, 0.5))


@pytest.mark.slow
def test_a_learnable_task_is_learnt(toy: Toy):
    plan = planned(toy(epochs=18), "run")
    untrained = dev_f1(plan, build_model(plan.recipe, 4))
    model = fit_plan(plan)
    records = history(plan.run)
    assert [r["epoch"] for r in records] == list(range(1, 19))
    assert records[-1]["loss"] < records[0]["loss"] / 4
    assert untrained < 0.5
    assert dev_f1(plan, model) > 0.9
    assert records[-1]["dev_macro_f1"] == dev_f1(plan, model)


@pytest.mark.slow
def test_two_runs_are_equal_byte_for_byte_and_another_seed_differs(toy: Toy):
    recipe = toy()
    first, second = planned(recipe, "first"), planned(recipe, "second")
    fit_plan(first)
    fit_plan(second)
    assert [weights(first.run, e) == weights(second.run, e) for e in (1, 2)] == [True, True]
    recipe.write_text("seed = 8\n" + recipe.read_text(encoding="utf-8"), encoding="utf-8")
    third = planned(recipe, "third")
    fit_plan(third)
    assert weights(third.run, 2) != weights(first.run, 2)


@pytest.mark.slow
def test_half_precision_is_another_run_and_as_repeatable(toy: Toy):
    recipe = toy()
    whole = planned(recipe, "whole")
    fit_plan(whole)
    recipe.write_text(recipe.read_text(encoding="utf-8") + 'precision = "bfloat16"\n', encoding="utf-8")
    first, second = planned(recipe, "first"), planned(recipe, "second")
    fit_plan(first)
    fit_plan(second)
    assert weights(first.run, 2) == weights(second.run, 2) != weights(whole.run, 2)
    tensors = load_file(str(first.run / "checkpoints" / "epoch-002.safetensors"))
    assert {t.dtype for t in tensors.values()} == {torch.float32}


@pytest.mark.slow
@pytest.mark.parametrize(("module", "victim"), [(fit_module, "_one_epoch"), (checkpoints, "write_tensors")])
def test_an_interrupted_run_goes_on_to_the_same_bytes(
    toy: Toy, monkeypatch: pytest.MonkeyPatch, module: object, victim: str
):
    recipe = toy(epochs=3)
    whole, broken = planned(recipe, "whole"), planned(recipe, "broken")
    fit_plan(whole)
    calls = 0
    original = getattr(module, victim)

    def failing(*args: object, **more: object) -> object:
        nonlocal calls
        calls += 1
        if calls == {"_one_epoch": 2, "write_tensors": 4}[victim]:  # weights and optimizer: two per epoch
            raise KeyboardInterrupt
        return original(*args, **more)

    with monkeypatch.context() as patch:
        patch.setattr(module, victim, failing)
        with pytest.raises(KeyboardInterrupt):
            fit_plan(broken)
    assert len(history(broken.run)) == 1
    fit_plan(broken)
    assert [weights(whole.run, e) == weights(broken.run, e) for e in (2, 3)] == [True, True]
    names = sorted(p.name for p in (broken.run / "checkpoints").iterdir())
    assert [n for n in names if not n.startswith("epoch-")] == ["optimizer-003.safetensors"]


@pytest.mark.slow
def test_a_killed_process_goes_on_to_the_same_bytes(toy: Toy):
    recipe = toy(epochs=40)
    whole, killed = planned(recipe, "whole"), recipe.parent / "killed"
    fit_plan(whole)
    command = [sys.executable, "-m", "training", "fit", str(recipe), "--output", str(killed)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        deadline = time.monotonic() + 120
        while not (killed / "checkpoints" / "epoch-003.json").exists() and time.monotonic() < deadline:
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
    assert 3 <= len(history(killed)) < 40
    fit_plan(planned(recipe, "killed"))
    assert weights(whole.run, 40) == weights(killed, 40)


@pytest.mark.slow
def test_a_finished_run_is_loaded_and_not_trained_again(toy: Toy, monkeypatch: pytest.MonkeyPatch):
    plan = planned(toy(extra="average_last = 2"), "run")
    model = fit_plan(plan)
    states = [load_file(str(plan.run / "checkpoints" / f"epoch-00{e}.safetensors")) for e in (1, 2)]
    for name, value in model.state_dict().items():
        np.testing.assert_allclose(value, (states[0][name] + states[1][name]) / 2, atol=1e-7)
    monkeypatch.setattr(fit_module, "_one_epoch", None)
    again = fit_plan(plan)
    assert all(torch.equal(value, again.state_dict()[name]) for name, value in model.state_dict().items())


@pytest.mark.slow
def test_several_seeds_are_fitted_apart_and_averaged(toy: Toy, monkeypatch: pytest.MonkeyPatch):
    recipe = toy(extra="seeds = 2")
    plan = planned(recipe, "both")
    model = fit_plan(plan)
    assert [(r["seed"], r["epoch"]) for r in history(plan.run)] == [(7, 1), (7, 2), (8, 1), (8, 2)]
    paths = [plan.run / "checkpoints" / f"seed-{seed}" / "epoch-002.safetensors" for seed in (7, 8)]
    states = [load_file(str(path)) for path in paths]
    for name, value in model.state_dict().items():
        np.testing.assert_allclose(value, (states[0][name] + states[1][name]) / 2, atol=1e-7)
    recipe.write_text("seed = 8\n" + recipe.read_text(encoding="utf-8").replace("seeds = 2", ""), encoding="utf-8")
    alone = planned(recipe, "alone")
    fit_plan(alone)
    assert weights(alone.run, 2) == paths[1].read_bytes()
    monkeypatch.setattr(fit_module, "_one_epoch", None)
    one = recipe.read_text(encoding="utf-8")
    recipe.write_text(one.replace("seed = 8", "seed = 7") + "seeds = 2\n", encoding="utf-8")
    again = fit_plan(planned(recipe, "both"))
    assert all(torch.equal(value, again.state_dict()[name]) for name, value in model.state_dict().items())


@pytest.mark.slow
@pytest.mark.parametrize("cores", [1, 2])
def test_seeds_make_the_same_bytes_abreast_as_one_after_the_other(
    toy: Toy, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], cores: int
):
    monkeypatch.setattr(fit_module, "room", lambda threads: cores // threads)
    monkeypatch.setattr(logging.getLogger("training"), "level", logging.INFO)
    recipe = toy(extra="seeds = 2")
    plan = planned(recipe, "both")
    model = fit_plan(plan)
    recipe.write_text(recipe.read_text(encoding="utf-8").replace("seeds = 2", ""), encoding="utf-8")
    alone = planned(recipe, "alone")
    fit_plan(alone)
    assert weights(alone.run, 2) == (plan.run / "checkpoints" / "seed-7" / "epoch-002.safetensors").read_bytes()
    assert [(r["seed"], r["epoch"]) for r in history(plan.run)] == [(7, 1), (7, 2), (8, 1), (8, 2)]
    paths = sorted(plan.run.glob("checkpoints/seed-*/epoch-002.safetensors"))
    heads = [load_file(str(path))["head.weight"] for path in paths]
    np.testing.assert_allclose(model.head.weight.detach(), (heads[0] + heads[1]) / 2, atol=1e-7)
    assert ("seed 8, epoch 2" in capfd.readouterr().err) == (cores == 2)


def test_learning_rate_rises_and_falls():
    factor = up_and_down(10, 0.2)  # ten steps, two of them warm-up
    expected = [0.5, 1.0, 1.0, 7 / 8, 6 / 8, 5 / 8, 4 / 8, 3 / 8, 2 / 8, 1 / 8]
    assert [factor(step) for step in range(10)] == pytest.approx(expected)
    assert factor(10) == 0
    assert up_and_down(1, 0.0)(0) == 1


def test_rates_and_decay_by_depth(toy: Toy):
    recipe = load_recipe(toy())
    model = build_model(recipe, 4)
    fitting = FitRecipe(learning_rate=1e-3, head_learning_rate=1e-2, layer_decay=0.5, weight_decay=0.1)
    by_parameter = {
        id(parameter): (group["lr"], group["weight_decay"])
        for group in _parameter_groups(model, fitting)
        for parameter in group["params"]
    }
    found = {name: by_parameter[id(p)] for name, p in model.named_parameters()}
    assert found["head.weight"] == (1e-2, 0.1)
    assert found["head.bias"] == (1e-2, 0.0)
    assert found["encoder.embeddings.word_embeddings.weight"] == (1e-3 / 4, 0.1)
    assert found["encoder.encoder.layer.0.attention.self.query.weight"] == (1e-3 / 2, 0.1)
    assert found["encoder.encoder.layer.1.output.LayerNorm.bias"] == (1e-3, 0.0)
    assert len(found) == len(by_parameter)


def test_make_deterministic_sets_threads_and_numbers():
    make_deterministic(5, 1)
    first = torch.rand(3)
    make_deterministic(5, 1)
    assert torch.equal(first, torch.rand(3))
    assert torch.get_num_threads() == 1
    assert torch.are_deterministic_algorithms_enabled()


def test_history_of_no_run_is_empty(tmp_path: Path):
    assert history(tmp_path) == []
