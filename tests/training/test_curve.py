import json
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from standfirst.errors import InputError
from training import curve, pipeline, plots
from training.__main__ import main
from training.calibrate import Calibration
from training.curve import Gain, draw_curve, last_gain, nested, summarized
from training.data import Example

Toy = Callable[..., Path]


@pytest.fixture(autouse=True)
def no_data_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("STANDFIRST_DATA", str(tmp_path))


def cheap(logits: np.ndarray, gold: np.ndarray, *, seed: int) -> Calibration:
    """No calibration at all, at once."""
    n_labels = logits.shape[1]
    return Calibration(np.ones(n_labels), np.zeros(n_labels), np.full(n_labels, 0.5))


def rows(sizes: list[int]) -> list[Example]:
    """Documents of these sizes."""
    return [Example(f"{d}.{i}", frozenset(), group=f"d{d}") for d, size in enumerate(sizes) for i in range(size)]


@given(
    st.lists(st.integers(1, 6), min_size=1, max_size=30),
    st.floats(0.01, 1),
    st.floats(0.01, 1),
    st.integers(0, 20),
)
def test_subsets_are_nested_whole_documents_of_about_the_share(sizes: list[int], a: float, b: float, seed: int):
    examples = rows(sizes)
    small, large = (nested(examples, share, seed) for share in sorted((a, b)))
    assert set(small) <= set(large)
    for share, part in zip(sorted((a, b)), (small, large), strict=True):
        groups = {e.group for e in part}
        assert [e for e in examples if e.group in groups] == list(part)  # whole documents, in the order that they had
        assert share * len(examples) <= len(part) < share * len(examples) + max(sizes)
    assert list(nested(examples, 1.0, seed)) == examples


def test_another_seed_takes_other_documents():
    examples = rows([1] * 200)
    assert set(nested(examples, 0.5, 1)) != set(nested(examples, 0.5, 2))


def point(share: float, seed: int, f1: float, n: int | None = None) -> dict[str, Any]:
    n = n or round(1000 * share)
    figures = {"macro_f1": f1, "labels": {"aid": f1 / 2}}
    return {"share": share, "seed": seed, "n": n, "examples": {"aid": n // 10}, "metrics": {"dev": figures}}


def test_the_gain_by_hand():
    points = [point(s, seed, f) for seed, (a, b) in enumerate([(0.70, 0.72), (0.70, 0.74), (0.70, 0.76)])
              for s, f in ((0.1, 0.2), (0.5, a), (1.0, b))]  # fmt: skip
    gain = last_gain(points, "dev")
    assert gain is not None
    # mean .04, standard deviation .02, t of 2 degrees of freedom 4.3027
    reach = 4.30265 * 0.02 / math.sqrt(3)
    assert (gain.mean, gain.low, gain.high) == pytest.approx((0.04, 0.04 - reach, 0.04 + reach), abs=1e-5)
    assert (gain.rows, gain.seeds) == ((500, 1000), 3)
    assert str(gain).startswith("no gain beyond chance was seen: +0.040 macro-F1 on dev for twice the rows (500 -> ")


def test_the_gain_is_per_doubling():
    gain = last_gain([point(0.25, 1, 0.5), point(1.0, 1, 0.7)], "dev")
    assert gain is not None
    assert gain.mean == pytest.approx(0.1)
    assert (gain.low, gain.high) == (None, None)
    assert str(gain).startswith("no verdict: +0.100")


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (0.01, 0.03, "more data seem to help"),
        (-0.03, -0.01, "more data seem to harm"),
        (-0.01, 0.03, "no gain beyond chance"),
    ],
)
def test_the_verdict_follows_the_interval(low: float, high: float, words: str):
    assert str(Gain("dev", (10, 20), 3, (low + high) / 2, low, high)).startswith(words)


def test_one_share_is_no_curve():
    found = summarized([point(1.0, 1, 0.5)], ["aid"])
    assert (found["gain"], found["verdict"]) == (None, "no verdict: one share alone is no curve")
    assert last_gain([point(0.5, 1, 0.5, n=9), point(1.0, 1, 0.5, n=9)], "dev") is None  # one document


def test_a_summary_by_hand():
    points = [point(0.5, 1, 0.4), point(0.5, 2, 0.6), point(1.0, 1, 0.7), point(1.0, 2, 0.7)]
    found = summarized(points, ["aid"])
    first, last = found["curves"]["dev"]
    assert first["macro_f1"] == pytest.approx({"mean": 0.5, "low": 0.4, "high": 0.6})
    assert first["labels"]["aid"] == pytest.approx({"examples": 50, "mean": 0.25, "low": 0.2, "high": 0.3})
    assert (last["n"], last["share"]) == (1000, 1.0)


def test_out_of_fold_decisions_never_saw_their_row(toy: Toy, monkeypatch: pytest.MonkeyPatch):
    plan = pipeline.prepare(toy(), toy().parent / "run", None)
    seen = []

    def watching(logits: np.ndarray, gold: np.ndarray, *, seed: int) -> Any:
        seen.append(set(logits[:, 0].tolist()))
        return cheap(logits, gold, seed=seed)

    monkeypatch.setattr(curve, "calibrate", watching)
    rng = np.random.default_rng(0)
    logits, gold = rng.normal(size=(40, 4)), rng.random((40, 4)) < 0.5
    assert curve._out_of_fold(plan, logits, gold, 7).shape == (40, 4)
    assert [len(s) for s in seen] == [32] * 5
    left_out = [set(logits[:, 0].tolist()) - s for s in seen]
    assert set.union(*left_out) == set(logits[:, 0].tolist())


@pytest.mark.slow
def test_from_a_recipe_to_a_curve_and_finished_points_are_kept(
    toy: Toy, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(curve, "calibrate", cheap)
    recipe = toy(epochs=1)
    folder = recipe.parent / "curve"
    argv = ["curve", str(recipe), "--output", str(folder), "--shares", "0.5,1", "--seeds", "1"]
    assert main(argv) == 0
    out = capsys.readouterr().out.splitlines()
    assert out[0].startswith("dev     0.5      30 rows  macro-F1 ")
    assert out[-1].startswith("no verdict: ")
    found = json.loads((folder / "curve.json").read_text(encoding="utf-8"))
    assert [(p["share"], p["n"], p["epochs"]) for p in found["points"]] == [(0.5, 30, 1), (1.0, 60, 1)]
    assert sum(found["points"][1]["examples"].values()) == 48
    assert list((folder / "work").iterdir()) == []
    assert not list(folder.rglob("*.safetensors"))

    fits: list[tuple[int, int]] = []
    original = curve.fit

    def counting(recipe: Any, splits: Any, *rest: Any) -> Any:
        fits.append((recipe.seed, len(splits.train)))
        return original(recipe, splits, *rest)

    monkeypatch.setattr(curve, "fit", counting)
    assert main([*argv[:-1], "2", "--keep-models"]) == 0
    assert fits == [(8, 30), (8, 60)]
    assert len(list(folder.rglob("*.safetensors"))) == 4
    again = json.loads((folder / "curve.json").read_text(encoding="utf-8"))
    assert again["points"][:2] == found["points"]


@pytest.mark.slow
def test_equal_steps_mean_more_epochs_for_fewer_rows(toy: Toy, monkeypatch: pytest.MonkeyPatch):
    recipe = toy(epochs=2)
    plan = pipeline.prepare(recipe, recipe.parent / "curve", None)
    monkeypatch.setattr(
        curve, "_measured", lambda *_: {"dev": {"macro_f1": 0.5, "labels": dict.fromkeys(plan.labels.names, 0.5)}}
    )
    found = draw_curve(plan, [0.5, 1.0], 1, equal_steps=True)
    assert [p["epochs"] for p in found["points"]] == [4, 2]
    assert sorted(p.name for p in (plan.run / "points").iterdir()) == [
        "share-0.5-seed-7-equal-steps.json", "share-1-seed-7-equal-steps.json",
    ]  # fmt: skip


def test_equal_steps_of_the_contrastive_stage_and_no_fit_that_two_points_share(
    toy: Toy, monkeypatch: pytest.MonkeyPatch
):
    recipe = toy(epochs=1)
    plan = pipeline.prepare(recipe, recipe.parent / "curve", None)
    stage = replace(plan.recipe, contrast=replace(plan.recipe.contrast, epochs=3))
    plan = replace(plan, recipe=replace(stage, fit=replace(stage.fit, epochs=0, head="logistic", seeds=2)))
    asked = []
    monkeypatch.setattr(curve, "fit", lambda recipe, *_: asked.append((recipe.seed, recipe.contrast.epochs)))
    monkeypatch.setattr(
        curve, "_measured", lambda *_: {"dev": {"macro_f1": 0.5, "labels": dict.fromkeys(plan.labels.names, 0.5)}}
    )
    draw_curve(plan, [0.5, 1.0], 2, equal_steps=True, keep_models=True)
    assert asked == [(7, 6), (7, 3), (9, 6), (9, 3)]


@pytest.mark.parametrize(
    ("shares", "seeds", "where"),
    [([], 1, "--shares"), ([0.0, 1.0], 1, "--shares"), ([1.5], 1, "--shares"), ([1.0], 0, "--seeds")],
)
def test_wrong_shares_and_seeds_are_said(toy: Toy, shares: list[float], seeds: int, where: str):
    recipe = toy()
    plan = pipeline.prepare(recipe, recipe.parent / "curve", None)
    with pytest.raises(InputError, match=f"^{where}"):
        draw_curve(plan, shares, seeds)


def test_shares_that_are_no_numbers_are_a_usage_error(capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit) as leaving:
        main(["curve", "r.toml", "--shares", "half"])
    assert leaving.value.code == 2
    assert "expected numbers such as" in capsys.readouterr().err


@pytest.mark.slow
def test_the_plot_is_the_same_bytes_each_time(tmp_path: Path):
    pytest.importorskip("matplotlib")
    points = [point(s, seed, 0.5 + s / 4 + seed / 50) for s in (0.1, 0.5, 1.0) for seed in (1, 2)]
    curves = summarized(points, ["aid"])["curves"]
    images = []
    for name in ("a", "b"):
        folder = tmp_path / name
        folder.mkdir()
        plots.draw_learning_curve(folder, curves)
        images.append({p.name: p.read_bytes() for p in folder.iterdir()})
    assert images[0] == images[1]
    assert sorted(images[0]) == ["curve.png", "curve.svg"]
    assert b"<dc:date>" not in images[0]["curve.svg"]
