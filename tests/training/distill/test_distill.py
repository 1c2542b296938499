"""A student of the tiny topic model, on invented headlines: its teacher's answers are noise, the rest is real."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from standfirst.classify import TopicClassifier
from standfirst.errors import DataError, RecipeError
from standfirst.manifest import read_manifest
from standfirst.student import KIND, Network, Student
from tests.training.conftest import FILLERS
from training.__main__ import main
from training.data import Example
from training.distill.fit import padded, start_of_embeddings
from training.distill.model import StudentModel
from training.distill.recipe import DrawRecipe, ShapeRecipe, TextsRecipe, load_student_recipe
from training.distill.texts import Text, gather, parted

RECIPE = """\
name = "toy-fast"
rows = "recipe.toml"
[texts.draw]
guardian = 0
bbc = 0
wiki = 0
gdelt = 0
cnn = {cnn}
[shape]
width = 8
filters = [6, 6]
hidden = 8
[fit]
epochs = 2
batch_size = 16
whole = 1
"""


@pytest.fixture
def distil(toy, headlines: Path, tiny_models: dict[str, Path], tmp_path: Path):
    """Run the command; its exit code."""
    recipe = toy().with_name("fast.toml")

    def run(output: str = "run", cnn: int = 120, **more: Path) -> int:
        recipe.write_text(RECIPE.format(cnn=cnn), encoding="utf-8")
        options = {"teacher": tiny_models["topics"], "data-dir": headlines, **more}
        given = [f"--{name}={value}" for name, value in options.items()]
        return main(["distill", str(recipe), "--output", str(tmp_path / output), "--quiet", *given])

    return run


@pytest.mark.slow
def test_the_same_recipe_makes_the_same_bytes(distil, tiny_models, tmp_path: Path, capsys) -> None:
    assert distil() == distil("again") == 0
    first, second = tmp_path / "run" / "model", tmp_path / "again" / "model"
    assert read_manifest(first, kind=KIND, required=()).version == read_manifest(second, kind=KIND, required=()).version
    assert (first / "model.safetensors").read_bytes() == (second / "model.safetensors").read_bytes()
    figures = json.loads((tmp_path / "run" / "metrics.json").read_text())
    assert figures["held_out"]["loss"] <= 0.005
    assert set(figures["dev"]) >= {"full", "student", "fast", "handed_on", "lost"}
    assert figures["rates"]["student_per_s"] > 0
    teacher = TopicClassifier.load(tiny_models["topics"], threads=1)
    (answered,) = Student.load(first, teacher).answer(["the drone hit the port"], [None])
    assert tuple(answered.topics.scores) == teacher.labels.names
    assert teacher.version in (first / "README.md").read_text()


@pytest.mark.slow
def test_the_teacher_is_asked_once(distil, monkeypatch, tmp_path: Path) -> None:
    from training.distill import pipeline

    monkeypatch.setattr(pipeline, "fit", lambda *_: (_ for _ in ()).throw(DataError("killed")))
    assert distil() == 1
    monkeypatch.undo()
    asked = []
    logits = TopicClassifier.logits
    monkeypatch.setattr(
        TopicClassifier,
        "logits",
        lambda self, texts, contexts: asked.append(len(texts)) or logits(self, texts, contexts),
    )
    assert distil() == 0
    assert asked == [40]  # dev alone


@pytest.mark.slow
def test_a_run_belongs_to_its_recipe_teacher_and_texts(distil, capsys, tmp_path: Path) -> None:
    assert distil() == 0
    assert distil(model=tmp_path / "elsewhere", cnn=100) == 1
    assert "a run with another recipe and texts and n_texts; name another with --output" in capsys.readouterr().err
    assert distil() == 1
    assert "the folder exists; name another or pass --replace" in capsys.readouterr().err


def example(text: str, group: str) -> Example:
    return Example(text, frozenset(), source="cnn", group=group)


def test_nothing_of_dev_comes_near(headlines: Path) -> None:
    draw = TextsRecipe(draw=DrawRecipe(guardian=0, bbc=0, wiki=0, gdelt=0, cnn=1000))
    dev = [example("A ferry burnt.", "2031-03-02"), example(" ".join([*FILLERS[:5], "n9"]), "2040-01-01")]
    train = [
        example("The envoy left.", "2031-03-05"),
        example("a ferry burnt", "2031-03-06"),
        example("The quay was empty.", "2031-03-02"),
        example("The judge is gone.", "2031-03-07"),
    ]
    test = [example("The judge is gone.", "2031-03-30")]
    found = gather(draw, train, dev, headlines, seed=1, test=test)
    assert {t.group for t in found} == {f"cnn 2031-03-{day:02d}" for day in range(1, 31) if day != 2}
    assert not {"A ferry burnt.", "a ferry burnt"} & {t.text for t in found}
    assert [t.text for t in found if t.seen] == ["The envoy left."]
    assert len(found) == 150 - 5 + 1
    assert found == gather(draw, train, dev, headlines, seed=1, test=test)
    assert found != gather(draw, train, dev, headlines, seed=2, test=test)
    few = gather(TextsRecipe(draw=DrawRecipe(0, 0, 20, 0, 0), without_context=1.0), [], [], headlines, seed=1)
    assert [t.context for t in few] == [""] * 20


def test_what_is_held_out_shares_no_document_with_what_is_learnt() -> None:
    texts = [Text(f"t{n}", "", f"g{n % 40}", seen=n % 3 == 0) for n in range(400)]
    learnt, held = parted(texts, 0.3, seed=1)
    assert {texts[i].group for i in learnt}.isdisjoint({texts[i].group for i in held})
    assert not any(texts[i].seen for i in held)
    assert 0.1 < len(held) / 400 < 0.4
    assert parted(texts, 0.3, seed=1) == (learnt, held)


def test_what_is_served_is_what_was_fitted() -> None:
    torch.manual_seed(1)
    model = StudentModel(torch.randn(50, 8), ShapeRecipe(8, (6, 6, 6), 8), 4, 0.0).eval()
    model.whole = True
    rng = np.random.default_rng(1)
    texts = [rng.integers(0, 50, n).tolist() for n in (1, 2, 9, 30)]
    contexts = [[], [3], [4, 5], []]
    with torch.inference_mode():
        expected = model(padded(texts, model.pad), padded(contexts, model.pad)).numpy()
    found = Network(model.weights()).logits(texts, contexts)
    assert np.abs(found - expected).max() < 0.01  # a few 256ths fall to the other side


def test_padding_changes_nothing_in_torch() -> None:
    torch.manual_seed(1)
    model = StudentModel(torch.randn(50, 8), ShapeRecipe(8, (6, 6), 0), 4, 0.0).eval()
    short = torch.tensor([[1, 2, 3]])
    long = torch.tensor([[1, 2, 3, model.pad, model.pad]])
    none = torch.tensor([[model.pad]])
    assert torch.allclose(model(short, none), model(long, none), atol=1e-6)


def test_embeddings_begin_along_the_strongest_directions() -> None:
    table = torch.randn(200, 6, generator=torch.Generator().manual_seed(1)) * torch.tensor([1.0, 9.0, 1, 3, 1, 1])
    start = start_of_embeddings(table, 2)
    assert start.shape == (200, 2)
    for column, origin in zip(start.T, (1, 3), strict=True):
        correlation = np.corrcoef(column, table[:, origin])[0, 1]
        assert abs(correlation) > 0.98
    assert start_of_embeddings(table, 8).shape == (200, 8)  # wider than the encoder: the rest begins at 0


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("[fit]\nepoch = 1", "unknown key 'epoch'; did you mean 'epochs'"),
        ("[fit]\nepochs = 2\nwhole = 3", r"fit\.whole = 3; expected 1 to 2"),
        ("loses_at_most = 2", "loses_at_most = 2.0; expected 0.0 to 1.0"),
        ("[texts.draw]\nreuters = 1", "unknown key 'reuters'"),
    ],
)
def test_a_wrong_recipe_is_refused(tmp_path: Path, line: str, words: str) -> None:
    path = tmp_path / "r.toml"
    path.write_text(f'name = "x"\nrows = "y.toml"\n{line}\n', encoding="utf-8")
    with pytest.raises(RecipeError, match=words):
        load_student_recipe(path)
