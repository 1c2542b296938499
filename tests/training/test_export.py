import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from standfirst.classify import TopicClassifier, window_logits
from standfirst.encoder import Encoder
from standfirst.errors import DataError, ModelCorrupt
from standfirst.labels import Label, LabelSet, load_labels
from standfirst.manifest import read_manifest
from training import export as export_module
from training.calibrate import Calibration
from training.data import Example
from training.evaluate import torch_logits
from training.export import export, export_encoder
from training.model import EmbeddingModel
from training.recipe import ContextRecipe, DataRecipe, FitRecipe, Recipe

INTERVALS = np.array([[0.25, 0.35], [0.3, 0.5], [0.4, 0.5], [0.55, 0.65]])
TEXTS = [" ".join((["missile", "storm", "flour", "in", "the"] * 9)[: 1 + n]) for n in range(40)]
CONTEXTS: list[str | None] = ["talks in the city" if n % 3 else None for n in range(40)]
CALIBRATION = Calibration(np.array([1.5, 2, 1, 1]), np.array([0, -1, 0.25, 0]), np.array([0.3, 0.4, 0.5, 0.6]))
FACTS: dict[str, Any] = {
    "n_train": 3, "n_dev": 2, "data": {"a.jsonl": "ab" * 32}, "notes": ["one note"], "metrics": {}, "commit": "c0",
}  # fmt: skip


@pytest.fixture
def exported(graphs, labels: LabelSet, tiny_encoder: Path) -> Callable[..., Path]:
    def make(output: Path, *, names: LabelSet = labels, replace: bool = False, max_tokens: int = 48) -> Path:
        data, context = DataRecipe(train=("x",)), ContextRecipe(max_tokens=8)
        recipe = Recipe("tiny", "l", data, context=context, fit=FitRecipe(max_tokens=max_tokens))
        tokenizer = tiny_encoder / "tokenizer.json"
        return export(graphs.int8, recipe, names, CALIBRATION, tokenizer, FACTS, output, replace=replace)

    return make


def served(graphs, path: Path, texts: list[str] = TEXTS, contexts: list[str | None] = CONTEXTS) -> np.ndarray:
    return window_logits(graphs.pieces, Encoder(path, threads=1), texts, contexts)


def in_torch(graphs) -> np.ndarray:
    examples = [Example(t, frozenset(), context=c or "") for t, c in zip(TEXTS, CONTEXTS, strict=True)]
    return torch_logits(graphs.model, graphs.pieces, examples)


def test_the_float_graph_is_the_torch_model(pooled):
    np.testing.assert_allclose(served(pooled, pooled.float32), in_torch(pooled), atol=1e-4)


def test_the_int8_graph_is_close_to_the_torch_model(pooled):
    wanted, found = in_torch(pooled), served(pooled, pooled.int8)
    assert np.ptp(wanted) > 2  # logits far enough apart for a difference to be seen
    assert np.abs(found - wanted).max() < 0.05 * np.ptp(wanted)
    assert np.corrcoef(found.ravel(), wanted.ravel())[0, 1] > 0.999


def test_int8_logits_of_a_row_are_the_same_bits_in_any_batch(pooled):
    whole = served(pooled, pooled.int8)
    assert (served(pooled, pooled.int8, TEXTS[::-1], CONTEXTS[::-1])[::-1] == whole).all()
    for i in (0, 13, 39):
        assert (served(pooled, pooled.int8, [TEXTS[i]], [CONTEXTS[i]])[0] == whole[i]).all()
        crowd = served(pooled, pooled.int8, [TEXTS[i]] * 50, [CONTEXTS[i]] * 50)
        assert (crowd == whole[i]).all()


def test_an_exported_folder_is_loaded_and_gives_calibrated_answers(graphs, exported, tmp_path: Path, labels: LabelSet):
    folder = exported(tmp_path / "new" / "model")
    classifier = TopicClassifier.load(folder, threads=1)
    answers = classifier.classify(TEXTS, CONTEXTS)
    wanted = CALIBRATION.probs(served(graphs, graphs.int8).astype(np.float64))
    found = np.array([[a.scores[name] for name in labels.names] for a in answers])
    np.testing.assert_allclose(found, wanted, atol=1e-4)
    assert classifier.thresholds.tolist() == CALIBRATION.thresholds.tolist()
    assert load_labels(folder / "labels.toml") == labels
    assert sorted(p.name for p in folder.iterdir()) == [
        "README.md", "config.json", "labels.toml", "manifest.json", "model.onnx", "tokenizer.json",
    ]  # fmt: skip
    manifest = read_manifest(folder, kind="topics")
    assert manifest.facts == FACTS
    assert manifest.version.startswith("topics-")
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    assert (config["max_tokens"], config["max_context"]) == (48, 8)
    assert config["labels"]["strikes"] == {"scale": 2.0, "shift": -1.0, "threshold": 0.4}


def test_the_same_export_has_the_same_version_and_other_settings_another(exported, tmp_path: Path):
    folders = [exported(tmp_path / "a"), exported(tmp_path / "b"), exported(tmp_path / "c", max_tokens=40)]
    first, again, other = (read_manifest(f, kind="topics") for f in folders)
    assert first == again
    assert first.version != other.version


def test_a_changed_file_is_noticed(exported, tmp_path: Path):
    folder = exported(tmp_path / "model")
    with (folder / "config.json").open("a", encoding="utf-8") as file:
        file.write(" ")
    with pytest.raises(ModelCorrupt, match=r"config\.json has sha256"):
        TopicClassifier.load(folder)


def test_labels_that_exclude_each_other_are_written_so(exported, tmp_path: Path):
    names = LabelSet("l", "3", tuple(Label(n, f"about {n}", examples=("x", "y")) for n in "abcd"), multi_label=False)
    folder = exported(tmp_path / "model", names=names)
    assert load_labels(folder / "labels.toml") == names
    answers = TopicClassifier.load(folder, threads=1).classify(TEXTS, CONTEXTS)
    assert {len(a.labels) for a in answers} == {1}


def content(folder: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in folder.iterdir()}


def test_a_folder_that_exists_is_refused_and_untouched(exported, tmp_path: Path):
    old = exported(tmp_path / "model")
    (old / "mine.txt").write_text("keep", encoding="utf-8")
    before = content(old)
    with pytest.raises(DataError, match="the folder exists; name another or pass --replace"):
        exported(old)
    assert content(old) == before
    exported(old, replace=True)
    assert "mine.txt" not in content(old)
    assert [p.name for p in tmp_path.iterdir()] == ["model"]


@pytest.mark.parametrize("exists", [True, False])
@pytest.mark.parametrize("victim", ["write_manifest", "model_card"])
def test_an_export_that_fails_half_way_leaves_what_was_there(
    exported, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, victim: str, exists: bool
):
    before = content(exported(tmp_path / "model")) if exists else None

    def failing(*_: object, **__: object) -> None:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(export_module, victim, failing)
    with pytest.raises(RuntimeError):
        exported(tmp_path / "model", replace=True)
    assert [p.name for p in tmp_path.iterdir()] == (["model"] if exists else [])
    if before is not None:
        assert content(tmp_path / "model") == before


@pytest.mark.parametrize("exists", [True, False])
def test_an_export_without_room_leaves_what_was_there(
    exported, tmp_path: Path, file_limit: Callable[[int], None], exists: bool
):
    before = content(exported(tmp_path / "model")) if exists else None
    file_limit(50_000)  # the graph is larger
    with pytest.raises(OSError) as failing:
        exported(tmp_path / "model", replace=True)
    assert failing.value.filename == str(tmp_path / "model")
    assert [p.name for p in tmp_path.iterdir()] == (["model"] if exists else [])
    if before is not None:
        assert content(tmp_path / "model") == before


def test_a_move_that_fails_brings_the_old_folder_back(exported, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    before = content(exported(tmp_path / "model"))
    rename = Path.rename

    def failing(self: Path, target: Path) -> Path:
        if target == tmp_path / "model" and self.parent.name.startswith(".model-") and self.name == "model":
            raise PermissionError("no")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", failing)
    with pytest.raises(PermissionError):
        exported(tmp_path / "model", replace=True)
    assert content(tmp_path / "model") == before
    assert [p.name for p in tmp_path.iterdir()] == ["model"]


@pytest.mark.slow
def test_an_encoder_alone_gives_means_over_word_pieces(graphs, tiny_encoder: Path, tmp_path: Path):
    model = EmbeddingModel(graphs.model.encoder)
    tokenizer = tiny_encoder / "tokenizer.json"
    folder = export_encoder(model, tokenizer, "# card\n", {"commit": "c0"}, tmp_path / "summary")
    assert read_manifest(folder, kind="summary").facts == {"commit": "c0"}
    vectors = served(graphs, folder / "model.onnx")
    assert vectors.shape == (40, 32)
    by_head = vectors @ graphs.model.head.weight.detach().numpy().T
    assert np.abs(by_head - in_torch(graphs)).max() < 0.05 * np.ptp(by_head)


def test_the_settings_hold_the_intervals_of_the_thresholds(
    graphs, labels: LabelSet, tiny_encoder: Path, tmp_path: Path
):
    recipe = Recipe("tiny", "l", DataRecipe(train=("x",)), context=ContextRecipe(max_tokens=8))
    for name, calibration in (("plain", CALIBRATION), ("known", replace(CALIBRATION, intervals=INTERVALS))):
        tokenizer = tiny_encoder / "tokenizer.json"
        folder = export(graphs.int8, recipe, labels, calibration, tokenizer, FACTS, tmp_path / name)
        rows = json.loads((folder / "config.json").read_text(encoding="utf-8"))["labels"]
        found = [rows[label].get("threshold_interval") for label in labels.names]
        assert found == (INTERVALS.tolist() if name == "known" else [None] * 4)
        assert TopicClassifier.load(folder, threads=1).thresholds.tolist() == CALIBRATION.thresholds.tolist()
