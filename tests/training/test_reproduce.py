import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from standfirst.errors import DataError, ModelCorrupt, RecipeError
from standfirst.manifest import file_sha256
from training import pipeline
from training.__main__ import main
from training.recipe import CHECKOUT
from training.reproduce import Change, Moved, Original, Report, _compared, changed_data, read_original, render

Toy = Callable[..., Path]
Change_ = Callable[[dict[str, Any]], None]


@pytest.fixture(autouse=True)
def one_known_commit(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """As in a clean checkout, and with no data folder."""
    monkeypatch.setattr(pipeline, "commit", lambda: "0123456789ab")
    monkeypatch.setenv("STANDFIRST_DATA", str(tmp_path))


def edit_facts(model: Path, change: Change_) -> None:
    path = model / "manifest.json"
    table = json.loads(path.read_text(encoding="utf-8"))
    change(table["facts"])
    path.write_text(json.dumps(table), encoding="utf-8")


def said(capsys: pytest.CaptureFixture[str], *argv: str | Path) -> tuple[int, list[str]]:
    capsys.readouterr()
    code = main([str(a) for a in argv])
    return code, capsys.readouterr().out.splitlines()


@pytest.mark.slow
def test_a_model_comes_out_the_same_again_and_another_does_not(toy: Toy, capsys: pytest.CaptureFixture[str]):
    recipe = toy(epochs=2)
    model, again = recipe.parent / "run" / "model", recipe.parent / "again"
    assert said(capsys, "all", recipe, "--output", recipe.parent / "run")[0] == 0
    facts = json.loads((model / "manifest.json").read_text(encoding="utf-8"))["facts"]
    assert facts["recipe_folder"] == "../.."
    assert facts["data_folder"] is True
    assert "," in facts["versions"]["cpu"]

    code, out = said(capsys, "reproduce", model.parent, "--output", again)
    assert (code, out[1:3], out[-1]) == (
        0,
        ["model.onnx: the same bytes", "config.json: the same bytes"],
        "identical",
    )
    assert (again / "model" / "model.onnx").read_bytes() == (model / "model.onnx").read_bytes()
    assert json.loads((again / "reproduce.json").read_text(encoding="utf-8"))["verdict"] == "identical"

    # the recipe is the manifest's: another seed there makes another model, and nothing excuses its bytes
    edit_facts(model, lambda facts: facts["recipe"].update(seed=8))
    code, out = said(capsys, "reproduce", model, "--output", recipe.parent / "other", "--band", "1", "--json")
    report = json.loads("\n".join(out))
    assert (code, report["verdict"], report["changes"]) == (1, "not reproduced", [])
    assert report["files"]["model.onnx"] is False

    # with another library the bytes may differ, within the band
    def compared(band: float | None) -> Report:
        found, run = read_original(model, None), recipe.parent / "other"
        plan = pipeline.prepare_recipe(found.recipe, found.labels, found.folder, run, found.data_dir)
        return _compared(found, plan, json.loads((run / "metrics.json").read_text(encoding="utf-8")), (), band)

    edit_facts(model, lambda facts: facts["versions"].update(torch="2.0.0"))
    out = render(compared(1.0)).splitlines()
    assert any(line.startswith("differs: torch: 2.0.0 then, ") for line in out)
    assert out[-1] == "within the band: the bytes differ, as they may where the above differs"
    edit_facts(model, lambda facts: facts["metrics"]["dev"].update(macro_f1=2.0))
    found = compared(None)
    assert found.verdict == "not reproduced"
    assert 0.02 <= found.moved[0].band < 0.5
    assert render(found).endswith("\nnot reproduced: macro-F1 differs by more than the band")


@pytest.fixture
def original(toy: Toy, tiny_models: dict[str, Path]) -> Callable[..., Path]:
    """A model folder whose manifest says that it was trained on the toy task."""

    def make(change: Change_ = lambda facts: None) -> Path:
        recipe = toy()
        model = recipe.parent / "run" / "model"
        shutil.copytree(tiny_models["topics"], model)
        plan = pipeline.prepare(recipe, recipe.parent / "first", None)

        def describe(facts: dict[str, Any]) -> None:
            facts.update(recipe=plan.recipe.to_dict(), data=dict(plan.splits.files), recipe_folder="../..")
            facts.update(data_folder=False, versions=pipeline.versions())
            change(facts)

        edit_facts(model, describe)
        return model

    return make


def test_todays_data_are_checked_before_any_training(original, capsys: pytest.CaptureFixture[str]):
    model = original()
    folder, run = model.parents[1], model.parents[1] / "again"
    assert changed_data(read_original(model, None)) == ()
    then = file_sha256(folder / "dev.jsonl")
    with (folder / "dev.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"text": "rain", "labels": []}\n')
    (folder / "train.jsonl").unlink()
    code, out = said(capsys, "reproduce", model, "--output", run)
    now = file_sha256(folder / "dev.jsonl")
    assert code == 1
    assert out[0] == f"differs: dev.jsonl: sha256 {then[:12]}... then, sha256 {now[:12]}... now"
    assert out[1].startswith("differs: train.jsonl: sha256 ")
    assert out[1].endswith("... then, not there now")
    assert "or pass --anyway" in out[2]
    assert not run.exists()
    code, out = said(capsys, "reproduce", model, "--output", run, "--json")
    assert [c["what"] for c in json.loads("\n".join(out))["changes"]] == ["dev.jsonl", "train.jsonl"]


@pytest.mark.slow
def test_anyway_goes_on_and_the_report_names_the_data(original, capsys: pytest.CaptureFixture[str]):
    model = original()
    with (model.parents[1] / "dev.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"text": "rain", "labels": []}\n')
    run = model.parents[1] / "again"
    code, out = said(capsys, "reproduce", model, "--output", run, "--anyway")
    assert code == 1
    assert out[-1] == "not reproduced: the bytes differ, and the manifest holds no figures to compare"
    changes = json.loads((run / "reproduce.json").read_text(encoding="utf-8"))["changes"]
    # of the tiny model: its commit, and that no rows were counted
    assert [c["what"] for c in changes] == ["dev.jsonl", "commit", "train rows", "dev rows"]


def test_an_old_manifest_is_read_and_its_files_are_looked_for(original):
    def older(facts: dict[str, Any]) -> None:
        del facts["recipe_folder"], facts["data_folder"]
        facts["recipe"]["data"]["once_a_key"] = []

    model = original(older)
    found = read_original(model, Path("/data"))
    assert found.folder == model.parents[1].resolve()
    assert found.data_dir is None  # no file of the manifest lay in it
    assert found.notes == (
        "the recipe's key data.once_a_key is no longer known; it was empty and was left out",
        f"the manifest does not say where the recipe lay; its files were found from {found.folder}",
    )
    moved = model.rename(model.parents[2] / "elsewhere")
    with pytest.raises(DataError, match="name the folder with --recipe-dir"):
        read_original(moved, None)
    assert changed_data(read_original(moved, None, found.folder)) == ()


def test_a_key_that_meant_something_and_is_unknown_today_is_an_error(original):
    model = original(lambda facts: facts["recipe"]["fit"].update(momentum=0.9))
    with pytest.raises(RecipeError, match="unknown key 'momentum'"):
        read_original(model, None)


def test_a_manifest_without_a_recipe_is_refused(tiny_models: dict[str, Path]):
    with pytest.raises(ModelCorrupt, match="the manifest holds no recipe and data hashes"):
        read_original(tiny_models["topics"], None)


def test_the_shipped_models_recipe_is_understood():
    shipped = CHECKOUT / "standfirst" / "models" / "topics"
    found = read_original(shipped, None)
    assert isinstance(found, Original)
    assert found.folder.resolve() == CHECKOUT / "training" / "recipes"


@pytest.mark.slow
def test_one_killed_before_its_data_were_checked_goes_on(original, capsys: pytest.CaptureFixture[str]):
    model = original()
    again = model.parents[1] / "killed"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("training.pipeline.check_splits", _killed)
        with pytest.raises(KeyboardInterrupt):
            main(["reproduce", str(model), "--output", str(again)])
    assert (again / "recipe.json").exists()
    main(["reproduce", str(model), "--output", str(again)])  # of the tiny model, which no recipe made
    assert "is no reproduction" not in capsys.readouterr().err
    assert (again / "reproduce.json").exists()


def _killed(*_: object) -> None:
    raise KeyboardInterrupt


def test_a_folder_with_anything_else_is_refused(original, capsys: pytest.CaptureFixture[str]):
    model = original()
    first = model.parents[1] / "first"  # a run of the very recipe, but of what code and libraries?
    before = sorted(p.name for p in first.iterdir())
    assert main(["reproduce", str(model), "--output", str(first)]) == 1
    assert "no reproduction of this model with this code" in capsys.readouterr().err
    assert sorted(p.name for p in first.iterdir()) == before


@pytest.mark.parametrize("band", ["-0.1", "1.5"])
def test_a_band_is_a_share(band: str, capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit) as leaving:
        main(["reproduce", "model", "--band", band])
    assert leaving.value.code == 2
    assert "expected 0 to 1" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("same", "changed", "now", "verdict"),
    [
        (True, False, 0.80, "identical"),
        (True, True, 0.80, "identical"),
        (False, True, 0.78, "within the band"),
        (False, True, 0.82, "within the band"),
        (False, True, 0.77, "not reproduced"),
        (False, False, 0.80, "not reproduced"),
    ],
)
def test_verdicts(same: bool, changed: bool, now: float, verdict: str):
    changes = (Change("torch", "1", "2"),) if changed else ()
    moved = (Moved("dev", 0.8, now, 0.02),)
    report = Report("v", "run", {"model.onnx": same, "config.json": True}, changes, moved, {"dev aid": 0.01}, ())
    assert report.verdict == verdict
    assert render(report).splitlines()[-1].startswith(verdict)
    assert report.to_dict()["moved"][0]["within"] is (now != 0.77)
