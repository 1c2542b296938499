import json
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from standfirst.digest.features import KINDS
from standfirst.errors import DataError, ModelCorrupt, ModelNotFound, RecipeError
from standfirst.manifest import read_manifest
from standfirst.schema import Paragraph, Update
from standfirst.summarize import Summarizer
from training.__main__ import main
from training.check_lines import violations
from training.summary.model import ExportSummary
from training.summary.pipeline import SummaryPlan, export_plan, fit_plan
from training.summary.recipe import load_summary_recipe

Plan = Callable[..., SummaryPlan]


@pytest.fixture(autouse=True)
def torch_as_it_was() -> Iterator[None]:
    threads, strict = torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()
    yield
    torch.set_num_threads(threads)
    torch.use_deterministic_algorithms(strict)


@pytest.mark.slow
def test_two_runs_are_equal_and_what_is_frozen_stays(plan: Plan) -> None:
    first, second = plan("first"), plan("second")
    model = fit_plan(first)
    fit_plan(second)
    read = [(p.run / "weights.safetensors").read_bytes() for p in (first, second)]
    assert read[0] == read[1]
    own, tuned = model.encoder.encoder.layer[1].state_dict(), model.tuned[0].state_dict()
    assert any(not torch.equal(own[name], tuned[name]) for name in own)  # the copy moved, the encoder's own did not


@pytest.mark.slow
def test_a_learnable_task_is_learnt(plan: Plan) -> None:
    made = plan(epochs=25)
    fit_plan(made)
    marks = json.loads((made.run / "history.json").read_text(encoding="utf-8"))["losses"]
    for name, share in (("keep", 0.8), ("line", 0.8), ("news", 1.0)):
        assert marks[-1][name] < share * marks[0][name], name


@pytest.mark.slow
def test_an_exported_folder_is_loaded_and_says_what_torch_says(plan: Plan, tmp_path: Path) -> None:
    made = plan()
    model = fit_plan(made)
    figures = export_plan(made, model, tmp_path / "model")
    assert {"words, news pairs held out", "digest with headlines, BBC valid"} <= set(figures)
    manifest = read_manifest(tmp_path / "model", kind="summary")
    assert manifest.facts["metrics"] == json.loads(json.dumps(figures))
    summarizer = Summarizer.load(tmp_path / "model", threads=1)
    assert summarizer.heads is not None
    assert set(summarizer.heads.blog) <= set(KINDS)
    assert summarizer.heads.blog  # at least one kind has blogs enough
    assert summarizer.heads.choice is not None
    assert manifest.facts["choice"] == {"updates": 24, "sentences": 48}
    texts = ["the drone hit the port , in the city .", "the leader was in the market ."]
    found = summarizer.scores(texts)
    pieces = summarizer._pieces
    ids = [pieces.cls, *(i for t in texts for i in pieces.ids([t])[0]), pieces.sep]
    inputs = torch.tensor([ids])
    with torch.inference_mode():
        mean, logits = ExportSummary(model.eval())(inputs, torch.ones_like(inputs), inputs * 0)
    n_first = len(pieces.ids(texts[:1])[0])
    wanted = logits[0, 1 : 1 + n_first].mean(0).numpy()
    spread = float(np.ptp(logits.numpy()))
    assert abs(found[0].line - summarizer.heads.line[0] - wanted[0]) < 0.1 * spread
    assert abs(found[0].news - summarizer.heads.news[0] - wanted[1]) < 0.1 * spread
    vector = summarizer.embed([" ".join(texts)])[0]
    assert float(vector @ (mean[0] / mean[0].norm()).numpy()) > 0.99


@pytest.mark.slow
def test_lines_of_a_trained_model_break_no_rule(plan: Plan, tmp_path: Path) -> None:
    made = plan()
    export_plan(made, fit_plan(made), tmp_path / "model")
    summarizer = Summarizer.load(tmp_path / "model", threads=1)
    text = "The drone, which was shot down on Monday, hit the port. No tents were hit in the city."
    paragraph = Paragraph("p", text, "text", 0, len(text))
    update = Update("u", None, (paragraph,))
    for max_words in (1, 5, 40):
        line = summarizer.standfirst(update, max_words=max_words)
        assert violations(line, [paragraph]) == []
        assert summarizer.standfirst(update, max_words=max_words) == line  # from the cache
    whole = summarizer.summarize([paragraph], max_words=40)
    assert violations(whole, [paragraph]) == []


def test_a_folder_with_heads_but_no_such_output_is_refused(plan: Plan, tiny_models: dict[str, Path], tmp_path: Path):
    import shutil

    from standfirst.manifest import write_manifest

    folder = tmp_path / "mixed"
    shutil.copytree(tiny_models["summary"], folder)
    table = {"max_tokens": 64, "places": {"line": [0] * 9, "news": [0] * 9}, "keep": 0, "blog": {}}
    (folder / "config.json").write_text(json.dumps(table), encoding="utf-8")
    write_manifest(folder, kind="summary", facts={})
    with pytest.raises(ModelCorrupt, match="no output 'pieces'"):
        Summarizer.load(folder)
    (folder / "config.json").write_text("{}", encoding="utf-8")
    write_manifest(folder, kind="summary", facts={})
    with pytest.raises(ModelCorrupt, match=r"config\.json cannot be read"):
        Summarizer.load(folder)


def test_an_encoder_alone_has_no_scores(tiny_models: dict[str, Path]) -> None:
    with pytest.raises(ModelNotFound, match="encoder without heads"):
        Summarizer.load(tiny_models["summary"]).scores(["a text"])


def test_a_run_of_other_data_is_refused(plan: Plan, tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "data.json").write_text("{}", encoding="utf-8")
    with pytest.raises(DataError, match="run of another recipe or other data"):
        plan()


@pytest.mark.parametrize(
    ("line", "words"),
    [("batch_tokens = 2", "batch_tokens = 2; expected 16"), ("epoch = 2", "did you mean 'epochs'")],
)
def test_a_wrong_recipe_is_named(tmp_path: Path, line: str, words: str) -> None:
    path = tmp_path / "r.toml"
    path.write_text(f'name = "r"\ntask = "summary"\n[fit]\n{line}\n', encoding="utf-8")
    with pytest.raises(RecipeError, match=words):
        load_summary_recipe(path)


def test_the_command_prepares_and_says_what_is_missing(
    plan: Plan, data_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan()
    recipe = str(tmp_path / "tiny.toml")
    assert main(["prepare", recipe, "--output", str(tmp_path / "run"), "--data-dir", str(data_folder)]) == 0
    assert "liveblogs/bbc_train.jsonl.gz" in capsys.readouterr().out
    assert main(["prepare", recipe, "--output", str(tmp_path / "other"), "--data-dir", str(tmp_path)]) == 1
    assert "liveblogs/bbc_train.jsonl.gz: there is no such file" in capsys.readouterr().err
