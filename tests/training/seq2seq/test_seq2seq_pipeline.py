"""Fine-tuning a tiny random T5 on invented blogs, from the recipe to a reader that shows its lines."""

import gzip
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch

import standfirst
from standfirst.errors import DataError, RecipeError
from standfirst.manifest import read_manifest
from standfirst.summarize.seq2seq import FILES
from training.__main__ import main
from training.seq2seq.pairs import training_pairs
from training.seq2seq.pipeline import WriterPlan, fit_plan, prepare
from training.seq2seq.recipe import PairData, load_writer_recipe

ROOT = Path(__file__).resolve().parents[3]
RECIPE = """\
name = "tiny"
task = "seq2seq"
checkpoint = "{checkpoint}"
threads = 1
[data]
n_measured = 6
[fit]
epochs = {epochs}
batch_size = 8
learning_rate = 1e-2
max_source_tokens = 64
max_target_tokens = 16
"""
SUBJECTS = "drone missile minister envoy convoy".split()
PLACES = "port city market".split()


@pytest.fixture(autouse=True)
def torch_as_it_was() -> Iterator[None]:
    threads, strict = torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)
    torch.use_deterministic_algorithms(strict)


def write_blogs(path: Path, shift: int) -> list[dict]:
    """One blog of all subjects and places; its headlines are the first words of the first sentence."""
    documents = []
    for i, subject in enumerate(SUBJECTS):
        for k, place in enumerate(PLACES):
            first = f"the {subject} hit the {place} at night ."
            second = ("the storm was in the city .", "rain hit the tents .")[(i + k + shift) % 2]
            title = f"{subject} hit the {place}"
            documents.append({"block_id": f"{i}-{k}", "title": title, "text": [first, second]})
    blog = {"blog_id": f"b{shift}", "title": "storm", "summary": ["rain ."], "documents": documents}
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.write(json.dumps(blog) + "\n")
    return documents


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    blogs = folder / "liveblogs"
    blogs.mkdir()
    rows = []
    for number, part in enumerate(("bbc_train", "guardian_train", "bbc_valid", "guardian_valid")):
        documents = write_blogs(blogs / f"{part}.jsonl.gz", number)
        split = part.partition("_")[2]
        rows += [{"split": split, "headline": d["title"], "sentence": d["text"][0]} for d in documents]
    text = "".join(json.dumps(row) + "\n" for row in rows)
    (blogs / "headline_sentence_pairs.jsonl").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def recipe(tiny_t5: Path, tmp_path: Path) -> Callable[..., Path]:
    def make(*, epochs: int = 1, **changes: str) -> Path:
        path = tmp_path / "tiny.toml"
        text = RECIPE.format(checkpoint=tiny_t5.as_posix(), epochs=epochs)
        for old, new in changes.items():
            text = text.replace(old, new)
        path.write_text(text, encoding="utf-8")
        return path

    return make


def test_pairs_are_of_the_training_parts_and_of_the_seed(data: Path) -> None:
    found = training_pairs(PairData(), data, 1)
    assert len(found) == 4 * 15  # sentences and updates of two training parts
    assert {p.source for p in found if len(p.source.split()) < 9} == {
        f"the {s} hit the {p} at night." for s in SUBJECTS for p in PLACES
    }
    assert found == training_pairs(PairData(), data, 1) != training_pairs(PairData(), data, 2)
    assert len(training_pairs(PairData(n_pairs=3, n_updates=4), data, 1)) == 7
    assert all(p.source.startswith(f"the {p.line}") for p in found)


def test_the_shipped_recipe_is_whole() -> None:
    recipe = load_writer_recipe(ROOT / "training" / "recipes" / "seq2seq.toml")
    assert (recipe.task, recipe.checkpoint) == ("seq2seq", "google-t5/t5-small")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("epochs = 1", "epochs = -1", "fit.epochs = -1"),
        ("threads", "thread", "unknown key 'thread'; did you mean 'threads'"),
        ('checkpoint = "', 'checkpoint = "/no/', "there is no checkpoint at /no/"),
    ],
)
def test_a_wrong_recipe_is_refused(recipe: Callable[..., Path], old: str, new: str, message: str) -> None:
    with pytest.raises(RecipeError, match=message):
        load_writer_recipe(recipe(**{old: new}))


def test_what_is_missing_is_said_before_anything_is_loaded(recipe: Callable[..., Path], tmp_path: Path) -> None:
    with pytest.raises(DataError, match="--data-dir"):
        prepare(recipe(), tmp_path / "run", None)
    with pytest.raises(DataError, match="no such file in the data folder"):
        prepare(recipe(), tmp_path / "run", tmp_path)


@pytest.mark.slow
def test_two_runs_are_equal_and_a_third_goes_on(recipe: Callable[..., Path], data: Path, tmp_path: Path) -> None:
    plans: list[WriterPlan] = [prepare(recipe(), tmp_path / name, data) for name in ("first", "second")]
    models = [fit_plan(plan)[0] for plan in plans]
    read = [(plan.run / "weights.safetensors").read_bytes() for plan in plans]
    assert read[0] == read[1]
    again, _ = fit_plan(plans[0])
    assert all(
        torch.equal(a, b) for a, b in zip(models[0].state_dict().values(), again.state_dict().values(), strict=True)
    )
    with pytest.raises(DataError, match="another recipe"):
        prepare(recipe(epochs=2), tmp_path / "first", data)


@pytest.mark.slow
def test_from_the_recipe_to_a_reader(
    recipe: Callable[..., Path], data: Path, tiny_models: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    run, folder = tmp_path / "run", tmp_path / "model"
    command = ["all", str(recipe(epochs=14)), "--data-dir", str(data), "--output", str(run), "--model", str(folder)]
    assert main(command) == 0
    losses = json.loads((run / "history.json").read_text(encoding="utf-8"))["losses"]
    assert len(losses) == 14
    assert losses[-1] < losses[0] / 4
    manifest = read_manifest(folder, kind="seq2seq", required=FILES)
    for source in ("bbc", "guardian"):
        table = manifest.facts["metrics"][source]
        assert table["as written"]["rl"]["mean"] > 0.9  # the copied words of the first sentence
        assert table["guard"]["n"] == 6
        assert 0 < table["guard"]["passed"] <= 1
    assert "Passed the guard" in (folder / "README.md").read_text(encoding="utf-8")
    assert not list(folder.glob("*.bin"))

    reader = standfirst.load(tiny_models["topics"], folder, threads=1)
    line = reader.summarize(["the envoy hit the market at night. rain hit the tents."])
    assert line is not None
    assert (line.text, line.origin) == ("envoy hit the market", "generated")
    assert [p.text for p in line.pieces] == ["the envoy hit the market at night."]
    assert reader.models["summary"].startswith(manifest.version)
