"""What models say of texts that nobody labelled: drawn, asked, written, read again and learnt from."""

from collections import Counter
from pathlib import Path

import pytest

from standfirst.classify import TopicClassifier
from standfirst.errors import DataError, RecipeError
from training.__main__ import main
from training.batches import targets_of
from training.data import load_splits
from training.fit import _lesson
from training.pipeline import fit_plan, prepare
from training.recipe import FitRecipe, load_recipe
from training.tables import rows_of

RECIPE = """\
name = "toy-pseudo"
rows = "recipe.toml"
plain = 1000
[draw]
guardian = 0
bbc = 0
wiki = 0
gdelt = 0
cnn = 100
"""


@pytest.fixture
def pseudo(toy, headlines: Path, tiny_models: dict[str, Path]):
    """Make a recipe and its file of pseudo-labels; the recipe, the file, and the exit code of the command."""

    def make(*more: str, text: str = RECIPE) -> tuple[Path, Path, int]:
        recipe = toy()
        own = recipe.with_name("pseudo.toml")
        own.write_text(text, encoding="utf-8")
        output = recipe.with_name("pseudo.parquet")
        teacher = ["--teacher", str(tiny_models["topics"])] * 2
        given = ["pseudo", str(own), *teacher, "--output", str(output), "--data-dir", str(headlines), "--quiet", *more]
        return recipe, output, main(given)

    return make


def with_pseudo(recipe: Path, line: str = "") -> Path:
    text = recipe.read_text(encoding="utf-8").replace("[data]", f'[data]\npseudo = ["pseudo.parquet"]{line}')
    recipe.write_text(text, encoding="utf-8")
    return recipe


@pytest.mark.slow
def test_the_file_points_at_texts_and_says_what_the_models_say(pseudo, tiny_models, headlines, capsys) -> None:
    recipe, output, code = pseudo()
    assert code == 0
    assert "cnn           100" in capsys.readouterr().out
    rows = [row for _, row in rows_of(output)]
    assert len(rows) == 100 == len({row["sha256"] for row in rows})
    assert all("text" not in row and row["source"] == "cnn" for row in rows)
    teacher = TopicClassifier.load(tiny_models["topics"], threads=1)
    splits = load_splits(load_recipe(with_pseudo(recipe)), recipe.parent, headlines, teacher.labels)
    assert len(splits.pseudo) == 100
    asked = teacher.classify([e.text for e in splits.pseudo], [e.context for e in splits.pseudo])
    for example, topics in zip(splits.pseudo, asked, strict=True):
        assert example.probs == pytest.approx(list(topics.scores.values()), abs=0.006)
        assert example.labels == {n for n, p in zip(teacher.labels.names, example.probs, strict=True) if p > 0.5}


@pytest.mark.slow
def test_each_text_is_learnt_from_once(pseudo, headlines) -> None:
    recipe, _, _ = pseudo()
    plan = prepare(with_pseudo(recipe), recipe.parent / "run", headlines)
    lessons = [_lesson(plan.splits, plan.recipe, epoch) for epoch in range(plan.recipe.fit.epochs)]
    seen = Counter(e for lesson in lessons for e in lesson)
    assert {seen[e] for e in plan.splits.train} == {plan.recipe.fit.epochs}
    assert {seen[e] for e in plan.splits.pseudo} == {1}
    one = plan.splits.pseudo[0]
    smoothed = targets_of([one, plan.splits.train[0]], plan.labels, FitRecipe(label_smoothing=0.2))
    assert smoothed[0] == pytest.approx(one.probs)
    assert sorted(set(smoothed[1].round(3).tolist())) in (
        [pytest.approx(0.1)],
        [pytest.approx(0.1), pytest.approx(0.9)],
    )
    fit_plan(plan)
    assert (plan.run / "checkpoints" / "epoch-002.safetensors").is_file()


@pytest.mark.slow
def test_nothing_is_written_where_no_label_is_likely(pseudo, monkeypatch, capsys) -> None:
    monkeypatch.setattr("training.pseudo._LIVELY", 1.1)
    _, output, code = pseudo()
    assert code == 1
    assert "of 100 texts none is worth learning from" in capsys.readouterr().err
    assert not output.exists()


def test_what_is_held_out_was_read_by_the_models(toy) -> None:
    recipe = with_pseudo(toy(), '\nhold_out_from = "2031-01-01"')
    with pytest.raises(RecipeError, match="have read what data.hold_out_"):
        load_recipe(recipe)


@pytest.mark.parametrize(
    ("probs", "words"),
    [
        ({"aid": 0.5}, "expected a probability for each of diplomacy, strikes, aid, personnel"),
        ({"diplomacy": 0.1, "strikes": 1.5, "aid": 0, "personnel": 0}, "a probability lies outside"),
        ([0.1], "expected a probability for each"),
    ],
)
def test_a_broken_row_is_named(toy, write_rows, probs, words: str) -> None:
    recipe = with_pseudo(toy())
    recipe.write_text(recipe.read_text(encoding="utf-8").replace(".parquet", ".jsonl"), encoding="utf-8")
    write_rows(recipe.with_name("pseudo.jsonl"), {"text": "A ferry burnt.", "probs": probs})
    with pytest.raises(DataError, match=words) as caught:
        prepare(recipe, recipe.parent / "run", None)
    assert "pseudo.jsonl:1" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (RECIPE + "reuters = 1\n", "unknown key 'reuters'"),
        (RECIPE.replace("plain = 1000", "plain = -1"), "plain = -1.0; expected 0.0 to"),
    ],
)
def test_a_wrong_recipe_is_refused(pseudo, capsys, text: str, words: str) -> None:
    assert pseudo(text=text)[2] == 1
    assert words in capsys.readouterr().err
