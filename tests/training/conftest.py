"""A toy task in the tiny encoder's vocabulary: a keyword decides the label; and one run on it, shared."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import torch

from standfirst.labels import LabelSet, load_labels
from standfirst.pieces import Pieces
from training.export import float_graph, int8_graph
from training.model import ExportModel, TopicModel, build_model
from training.recipe import DataRecipe, FitRecipe, Recipe

ROOT = Path(__file__).resolve().parents[2]
KEYWORDS = {
    "diplomacy": ["talks", "envoy", "sanctions"],
    "strikes": ["missile", "drone", "shot"],
    "aid": ["convoy", "flour", "tents"],
    "personnel": ["resigned", "leader", "minister"],
    "": ["rain", "market"],
}
FILLERS = "port city power storm ferry monday night army forty two three by was in at".split()
TOY = """\
name = "toy"
labels = "topics.toml"
encoder = "{encoder}"
threads = 1
[data]
train = ["train.jsonl"]
dev = ["dev.jsonl"]
[context]
max_tokens = 4
[fit]
epochs = {epochs}
batch_size = 8
learning_rate = 4e-3
head_learning_rate = 1e-2
max_tokens = 32
{extra}
"""


@pytest.fixture(autouse=True)
def torch_as_it_was() -> Iterator[None]:
    """Fitting sets the number of threads and asks for determinism, for the whole process."""
    threads, strict = torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()
    yield
    torch.set_num_threads(threads)
    torch.use_deterministic_algorithms(strict)


@dataclass(frozen=True)
class Graphs:
    """An untrained topic model in torch, and its graphs as float32 and int8 files."""

    model: TopicModel
    pieces: Pieces
    float32: Path
    int8: Path


def untrained(encoder: Path, folder: Path, pooling: str) -> Graphs:
    recipe = Recipe(name="tiny", labels="none", data=DataRecipe(train=("none",)), encoder=str(encoder))
    torch.manual_seed(3)
    model = build_model(replace(recipe, fit=FitRecipe(pooling=pooling)), 4).eval()
    torch.nn.init.normal_(model.head.weight, std=1.0)  # logits as far apart as a trained model's
    onnx.save(float_graph(ExportModel(model), folder / "traced.onnx"), str(folder / "float.onnx"))
    onnx.save(int8_graph(ExportModel(model)), str(folder / "int8.onnx"))
    return Graphs(model, Pieces(encoder / "tokenizer.json", 48, 8), folder / "float.onnx", folder / "int8.onnx")


@pytest.fixture(scope="session")
def graphs(tiny_encoder: Path, tmp_path_factory: pytest.TempPathFactory) -> Graphs:
    return untrained(tiny_encoder, tmp_path_factory.mktemp("graphs"), "mean")


@pytest.fixture(scope="session", params=["mean", "log_mean_exp"])
def pooled(request, graphs: Graphs, tiny_encoder: Path, tmp_path_factory: pytest.TempPathFactory) -> Graphs:
    """The same with either way of pooling."""
    if request.param == "mean":
        return graphs
    return untrained(tiny_encoder, tmp_path_factory.mktemp("pooled"), request.param)


@pytest.fixture(scope="session")
def labels() -> LabelSet:
    return load_labels(ROOT / "training" / "labels" / "topics.toml")


@pytest.fixture(scope="session")
def write_rows() -> Callable[..., Path]:
    def write(path: Path, *rows: dict[str, Any]) -> Path:
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        return path

    return write


def toy_rows(n: int, seed: int) -> list[dict[str, Any]]:
    """``n`` texts, no two alike for one seed; the label follows from one word at a random place."""
    rng = np.random.default_rng(seed)
    names = list(KEYWORDS)
    rows: dict[str, dict[str, Any]] = {}
    while len(rows) < n:
        name = names[len(rows) % len(names)]
        words = rng.choice(FILLERS, size=rng.integers(3, 7), replace=False).tolist()
        words.insert(int(rng.integers(len(words) + 1)), str(rng.choice(KEYWORDS[name])))
        text = " ".join(words)
        context = "storm in the city" if rng.random() < 0.5 else ""
        rows[text] = {"text": text, "labels": [name] if name else [], "context": context}
    return list(rows.values())


@pytest.fixture
def toy(tiny_encoder: Path, tmp_path: Path, write_rows: Callable[..., Path]) -> Callable[..., Path]:
    """Make a folder with the toy task and return its recipe."""

    def make(*, epochs: int = 2, extra: str = "", name: str = "toy") -> Path:
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        labels_file = ROOT / "training" / "labels" / "topics.toml"
        (folder / "topics.toml").write_bytes(labels_file.read_bytes())
        write_rows(folder / "train.jsonl", *toy_rows(60, 1))
        write_rows(folder / "dev.jsonl", *toy_rows(40, 2))
        recipe = folder / "recipe.toml"
        text = TOY.format(encoder=tiny_encoder.as_posix(), epochs=epochs, extra=extra)
        recipe.write_text(text, encoding="utf-8")
        return recipe

    return make


@pytest.fixture
def headlines(tmp_path: Path, write_rows) -> Path:
    """A data folder with headlines of thirty days, five a day."""
    folder = tmp_path / "data" / "topics" / "pool"
    folder.mkdir(parents=True)
    rows = [
        {
            "ref": n,
            "first_seen": f"2031-03-{1 + n // 5:02d}T04:00:00",
            "text": " ".join([*FILLERS[: 5 + n % 9], f"n{n}"]),
        }
        for n in range(150)
    ]
    write_rows(folder / "cnn_headlines.jsonl", *rows)
    return tmp_path / "data"


@pytest.fixture
def file_limit() -> Iterator[Callable[[int], None]]:
    """Make files above a size impossible to write, as on a disk without room, until the test ends."""
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    yield lambda size: resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    resource.setrlimit(resource.RLIMIT_FSIZE, before)
