import json
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import standfirst
from standfirst.classify import TopicClassifier
from standfirst.errors import DataError
from standfirst.labels import LabelSet
from standfirst.manifest import read_manifest
from training.data import Example, Splits
from training.pipeline import (
    commit,
    data_report,
    evaluate_plan,
    export_encoder_recipe,
    export_plan,
    fit_plan,
    prepare,
    prepare_recipe,
    versions,
    write_json,
)
from training.recipe import load_recipe

Toy = Callable[..., Path]


@pytest.mark.slow
def test_from_a_recipe_to_a_folder_that_answers(toy: Toy, tiny_models: dict[str, Path]):
    recipe = toy(epochs=18)
    run = recipe.parent / "run"
    plan = prepare(recipe, run, None)
    model = fit_plan(plan)
    calibration, figures = evaluate_plan(plan, model)
    assert set(figures) == {"dev", "dev without context", "dev in torch"}
    assert figures["dev"]["macro_f1"] > 0.9
    assert 0.5 < figures["dev"]["cross_validated_macro_f1"] <= figures["dev"]["macro_f1"] + 0.1
    low, high = figures["dev"]["intervals"]["macro_f1"]
    assert low <= figures["dev"]["macro_f1"] <= high
    assert abs(figures["dev"]["macro_f1"] - figures["dev in torch"]["macro_f1"]) < 0.1
    assert figures["dev"]["slices"]["context"]["with"]["n"] > 0
    export_plan(plan, calibration, figures, run / "model", replace=False)

    facts = read_manifest(run / "model", kind="topics").facts
    assert facts["recipe"] == plan.recipe.to_dict()
    assert facts["data"] == dict(plan.splits.files)
    assert (facts["n_train"], facts["n_dev"], facts["labels"]) == (60, 40, "topics-1")
    assert facts["rows"] == {"dev.jsonl": 40, "train.jsonl": 60}
    assert [h["epoch"] for h in facts["history"]] == list(range(1, 19))
    assert facts["metrics"] == figures
    reader = standfirst.load(run / "model", tiny_models["summary"])
    [hit, rain] = reader.label(["two missile by night", "port and rain"], context=["storm in the city", None])
    assert [score.label for score in hit.labels] == ["strikes"]
    assert [score.label for score in rain.labels] == []
    again = TopicClassifier.load(run / "model").classify(["two missile by night"], ["storm in the city"])
    assert again[0].scores == hit.scores


@pytest.mark.slow
def test_articles_are_measured_and_served_by_the_mean_of_their_windows(toy: Toy, write_rows: Callable[..., Path]):
    recipe = toy(extra='windows = "mean"')
    for name in ("train.jsonl", "dev.jsonl"):
        path = recipe.parent / name
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        write_rows(path, *(row | {"text": row["text"] + " in the city" * 15, "context": ""} for row in rows))
    plan = prepare(recipe, recipe.parent / "run", None)
    findings = json.loads((plan.run / "data.json").read_text(encoding="utf-8"))["findings"]
    assert "long" not in {finding["kind"] for finding in findings}
    calibration, figures = evaluate_plan(plan, fit_plan(plan))
    export_plan(plan, calibration, figures, plan.run / "model", replace=False)
    served = TopicClassifier.load(plan.run / "model")
    assert served.reads == "mean"
    rows = [json.loads(line) for line in (plan.run / "predictions.jsonl").read_text(encoding="utf-8").splitlines()]
    logits = served.logits([e.text for e in plan.splits.dev], [None] * 40)
    windows = served.pieces.windows([plan.splits.dev[0].text], [None])
    assert len(windows) > 1
    for row, found in zip(rows, logits, strict=True):
        assert row["logits"] == pytest.approx(dict(zip(served.labels.names, found.tolist(), strict=True)), abs=1e-3)


def test_prepare_writes_what_was_found(toy: Toy, labels: LabelSet):
    recipe = toy()
    plan = prepare(recipe, recipe.parent / "run", None)
    identity = json.loads((plan.run / "recipe.json").read_text(encoding="utf-8"))
    heads = {"names": list(labels.names), "multi_label": True}
    assert identity == {"recipe": plan.recipe.to_dict(), "data": dict(plan.splits.files), "labels": heads}
    report = json.loads((plan.run / "data.json").read_text(encoding="utf-8"))
    findings = report.pop("findings")
    assert report == data_report(plan.splits, labels)
    assert {f["kind"]: f["count"] for f in findings} == {"rare": 4}
    assert report["train"]["n"] == 60
    assert report["train"]["labels"] == dict.fromkeys(labels.names, 12)
    assert report["train"]["none"] == 12
    assert report["train"]["sources"] == {"train": 60}
    assert prepare(recipe, recipe.parent / "run", None).splits == plan.splits


@pytest.mark.slow
def test_what_decides_no_weight_may_change_and_is_measured(toy: Toy, write_rows: Callable[..., Path]):
    recipe = toy(epochs=1)
    run = recipe.parent / "run"
    fit_plan(prepare(recipe, run, None))
    weights = {p.name: p.read_bytes() for p in (run / "checkpoints").iterdir()}
    case = {"id": "m1", "test": "minimum", "capability": "rain", "text": "rain in the city", "labels": []}
    write_rows(recipe.parent / "cases.jsonl", case)
    (recipe.parent / "card.md").write_text("## Data\n\nToys.\n", encoding="utf-8")
    text = recipe.read_text(encoding="utf-8")
    recipe.write_text(f'card = "card.md"\n{text}\n[checks]\nbehaviour = ["cases.jsonl"]\n', encoding="utf-8")
    plan = prepare(recipe, run, None)
    calibration, figures = evaluate_plan(plan, fit_plan(plan))
    assert {p.name: p.read_bytes() for p in (run / "checkpoints").iterdir()} == weights
    assert figures["checks"]["behaviour"]["minimum: rain"]["n"] == 1
    export_plan(plan, calibration, figures, run / "model", replace=False)
    assert read_manifest(run / "model", kind="topics").facts["card"] == "## Data\n\nToys.\n"
    card = (run / "model" / "README.md").read_text(encoding="utf-8")
    assert "## Data\n\nToys.\n\n## Quality" in card
    assert "| minimum: rain | 1 |" in card


def change_recipe(recipe: Path) -> None:
    recipe.write_text("seed = 8\n" + recipe.read_text(encoding="utf-8"), encoding="utf-8")


def change_data(recipe: Path) -> None:
    with (recipe.parent / "train.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"text": "rain", "labels": []}\n')


def test_a_run_with_other_labels_or_in_another_order_is_refused(toy: Toy, labels: LabelSet):
    """The rows of a head are known by their place alone: those of a run would be taken for other labels'."""
    path = toy()
    recipe, run = load_recipe(path), path.parent / "run"
    prepare(path, run, None)
    turned = replace(labels, labels=labels.labels[::-1])
    with pytest.raises(DataError, match=r"in another order: diplomacy, .*; name another with --output"):
        prepare_recipe(recipe, turned, path.parent, run, None)
    known = json.loads((run / "recipe.json").read_text(encoding="utf-8"))
    del known["labels"]  # a run of before the labels were written down
    (run / "recipe.json").write_text(json.dumps(known), encoding="utf-8")
    prepare(path, run, None)
    assert "labels" in json.loads((run / "recipe.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("change", [change_recipe, change_data])
def test_a_run_of_another_recipe_or_of_other_data_is_refused(toy: Toy, change: Callable[[Path], None]):
    recipe = toy()
    run = recipe.parent / "run"
    prepare(recipe, run, None)
    before = {p.name: p.read_bytes() for p in run.iterdir()}
    change(recipe)
    with pytest.raises(DataError, match="holds a run of another recipe or other data; name another with --output"):
        prepare(recipe, run, None)
    assert {p.name: p.read_bytes() for p in run.iterdir()} == before


def test_a_folder_that_is_no_run_is_refused_and_an_empty_one_taken(toy: Toy):
    recipe = toy()
    run = recipe.parent / "run"
    run.mkdir()
    prepare(recipe, run, None)
    other = recipe.parent / "other"
    other.mkdir()
    (other / "mine.txt").write_text("keep", encoding="utf-8")
    with pytest.raises(DataError, match="the folder exists and is no run"):
        prepare(recipe, other, None)
    assert [p.name for p in other.iterdir()] == ["mine.txt"]


@pytest.mark.slow
def test_an_encoder_without_tokenizer_json_gets_one_in_the_run(toy: Toy, tiny_encoder: Path, tmp_path: Path):
    encoder = tmp_path / "old-encoder"
    shutil.copytree(tiny_encoder, encoder)
    words = json.loads((encoder / "tokenizer.json").read_text(encoding="utf-8"))["model"]["vocab"]
    (encoder / "vocab.txt").write_text("\n".join(sorted(words, key=words.__getitem__)), encoding="utf-8")
    (encoder / "tokenizer.json").unlink()
    recipe = toy()
    text = recipe.read_text(encoding="utf-8").replace(tiny_encoder.as_posix(), encoder.as_posix())
    recipe.write_text(text, encoding="utf-8")
    plan, again = (prepare(recipe, tmp_path / "run", None) for _ in range(2))
    assert plan.tokenizer == again.tokenizer == tmp_path / "run" / "tokenizer" / "tokenizer.json"
    assert plan.pieces.ids(["rain in the city"]) == [[words[w] for w in "rain in the city".split()]]


@pytest.mark.slow
def test_an_encoder_recipe_is_exported_as_it_is(tiny_encoder: Path, tmp_path: Path):
    recipe = tmp_path / "summary.toml"
    recipe.write_text(f'name = "summary"\nencoder = "{tiny_encoder.as_posix()}"\n', encoding="utf-8")
    folder = export_encoder_recipe(recipe, tmp_path / "model", replace=False)
    manifest = read_manifest(folder, kind="summary")
    assert manifest.facts["recipe"]["encoder"] == tiny_encoder.as_posix()
    with pytest.raises(DataError, match="the folder exists"):
        export_encoder_recipe(recipe, tmp_path / "model", replace=False)


def test_counts_of_a_split_that_is_empty(labels: LabelSet):
    some = (Example("a", frozenset({"aid"}), source="wire"), Example("b", frozenset(), source="blog"))
    report = data_report(Splits(some, some[:1], (), {"f": "00"}, ("n",)), labels)
    assert report["train"] == {
        "n": 2, "sources": {"blog": 1, "wire": 1}, "labels": dict.fromkeys(labels.names, 0) | {"aid": 1}, "none": 1,
    }  # fmt: skip
    assert report["test"]["n"] == 0
    assert (report["files"], report["notes"]) == ({"f": "00"}, ["n"])


def test_the_commit_is_unknown_where_there_is_no_git(monkeypatch: pytest.MonkeyPatch):
    def without(*_: Any, **__: Any) -> None:
        raise FileNotFoundError("git")

    monkeypatch.setattr(subprocess, "run", without)
    assert commit() == "unknown"


@pytest.mark.parametrize(("state", "expected"), [("", "0123456789ab"), (" M a.py\n", "0123456789ab+")])
def test_the_commit_of_a_changed_checkout_has_a_plus(monkeypatch: pytest.MonkeyPatch, state: str, expected: str):
    def answering(command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess(command, 0, "0123456789abcdef\n" if "rev-parse" in command else state)

    monkeypatch.setattr(subprocess, "run", answering)
    assert commit() == expected


def test_versions_name_every_library_that_decides_the_bytes():
    found = versions()
    assert {"python", "machine", "torch", "onnxruntime", "tokenizers", "numpy"} <= set(found)
    assert all(found.values())


def test_json_is_whole_or_not_there(tmp_path: Path):
    path = tmp_path / "figures.json"
    write_json(path, {"a": "é"})
    with pytest.raises(TypeError):
        write_json(path, {"a": object()})
    assert json.loads(path.read_text(encoding="utf-8")) == {"a": "é"}
    assert [p.name for p in tmp_path.iterdir()] == ["figures.json"]
