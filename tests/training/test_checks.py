import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from standfirst.classify import TopicClassifier
from standfirst.errors import DataError, RecipeError
from standfirst.labels import LabelSet
from training.checks import read_checks, run_checks
from training.recipe import ChecksRecipe, DataRecipe, Recipe

CASE = {"id": "m1", "test": "minimum", "capability": "aid", "text": "rain", "labels": []}
PAIRS = [{"text": "rain", "context": "storm", "labels": []}, {"text": "talks", "context": "city", "labels": ["aid"]}]


def recipe(card: str = "", **checks: Any) -> Recipe:
    return Recipe("wire", "l", DataRecipe(train=("x",)), card=card, checks=ChecksRecipe(**checks))


@pytest.fixture
def folder(tmp_path: Path, write_rows: Callable[..., Path]) -> Path:
    write_rows(tmp_path / "cases.jsonl", CASE)
    write_rows(tmp_path / "pairs.jsonl", *PAIRS)
    write_rows(tmp_path / "bare.jsonl", PAIRS[0] | {"context": ""})
    (tmp_path / "card.md").write_text("## Data\n\nOurs.\n", encoding="utf-8")
    (tmp_path / "held.json").write_text(json.dumps({"gdelt": {"n": 9, "macro_f1": 0.8}}), encoding="utf-8")
    (tmp_path / "odd.json").write_text('{"gdelt": 0.8}', encoding="utf-8")
    return tmp_path


def test_what_a_recipe_names_is_read(folder: Path, labels: LabelSet):
    asked = recipe("card.md", behaviour=("cases.jsonl",), pairs=("pairs.jsonl",), held_out="held.json")
    found = read_checks(asked, folder, labels)
    assert found.card == "## Data\n\nOurs.\n"
    assert found.held_out == {"gdelt": {"n": 9, "macro_f1": 0.8}}
    assert [case.id for case in found.cases] == ["m1"]
    assert [row.context for row in found.pairs["pairs"]] == ["storm", "city"]


def test_files_of_one_name_are_measured_each_for_itself(
    folder: Path, write_rows: Callable[..., Path], labels: LabelSet
):
    (folder / "a").mkdir()
    write_rows(folder / "a" / "pairs.jsonl", PAIRS[0])
    asked = recipe(rows=("pairs.jsonl", "a/pairs.jsonl"), pairs=("pairs.jsonl",))
    found = read_checks(asked, folder, labels)
    assert {name: len(rows) for name, rows in found.rows.items()} == {"pairs.jsonl": 2, "a/pairs.jsonl": 1}
    assert list(found.pairs) == ["pairs"]


def test_rows_are_measured_under_the_headline_of_their_update(
    folder: Path, write_rows: Callable[..., Path], labels: LabelSet, tiny_models: dict[str, Path]
):
    write_rows(folder / "more.jsonl", *PAIRS, {"text": "rain", "context": "storm > roads shut", "labels": ["aid"]})
    reference = {"source": "bbc", "document": "b", "ref": "k:0", "sha256": "0" * 64, "labels": []}
    write_rows(folder / "away.jsonl", reference)
    found = read_checks(recipe(rows=("more.jsonl", "away.jsonl")), folder, labels)
    assert list(found.rows) == ["more"]  # the texts of the others are in the data folder
    classifier = TopicClassifier.load(tiny_models["topics"], threads=1)
    figures = run_checks(found, classifier)["rows"]["more"]
    expected = classifier.classify(["rain", "talks", "rain"], [None, None, "roads shut"])
    assert figures["n"] == 3
    assert figures["exact_match"] == pytest.approx(
        sum(set(t.names) == set(g) for t, g in zip(expected, ([], ["aid"], ["aid"]), strict=True)) / 3
    )
    assert set(figures["labels"]) == set(labels.names)


def test_a_recipe_that_names_nothing_asks_nothing(folder: Path, labels: LabelSet, tiny_models: dict[str, Path]):
    found = read_checks(recipe(), folder, labels)
    assert (found.card, found.cases, found.pairs, found.held_out) == ("", (), {}, {})
    assert run_checks(found, TopicClassifier.load(tiny_models["topics"], threads=1)) == {}


@pytest.mark.parametrize(
    ("asked", "error", "message"),
    [
        (recipe("lost.md"), RecipeError, "lost.md: the recipe names a file that is not there"),
        (recipe(behaviour=("lost.jsonl",)), RecipeError, "lost.jsonl"),
        (recipe(held_out="card.md"), RecipeError, "no JSON"),
        (recipe(held_out="odd.json"), RecipeError, "expected .*macro_f1"),
        (recipe(pairs=("bare.jsonl",)), DataError, "needs a context"),
    ],
)
def test_a_wrong_file_is_found_before_training(folder: Path, labels: LabelSet, asked: Recipe, error, message: str):
    with pytest.raises(error, match=message):
        read_checks(asked, folder, labels)


def test_figures_are_those_of_the_classifier(folder: Path, labels: LabelSet, tiny_models: dict[str, Path]):
    classifier = TopicClassifier.load(tiny_models["topics"], threads=1)
    found = read_checks(recipe(behaviour=("cases.jsonl",), pairs=("pairs.jsonl",)), folder, labels)
    under = classifier.classify([p["text"] for p in PAIRS], [p["context"] for p in PAIRS])
    bare = classifier.classify([p["text"] for p in PAIRS], [None, None])
    # gold that the model gives under the context of the first and under none of the second
    gold = [frozenset(under[0].names), frozenset(under[1].names) ^ {"aid"}]
    rows = [replace(row, labels=names) for row, names in zip(found.pairs["pairs"], gold, strict=True)]
    figures = run_checks(replace(found, pairs={"pairs": rows}), classifier)
    alone = sum(frozenset(b.names) == g for b, g in zip(bare, gold, strict=True)) / 2
    assert figures["pairs"] == {"pairs": {"n": 2, "exact_match": 0.5, "exact_match_without_context": alone}}
    passes = not classifier.classify(["rain"], [None])[0].names
    assert figures["behaviour"]["minimum: aid"]["rate"] == float(passes)
