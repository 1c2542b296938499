"""Tiny models in the shipped form: a few dozen words and one matrix, so that all the real code runs, fast."""

import http.client
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import numpy.typing as npt
import onnx
import psutil
import pytest
from onnx import TensorProto, helper, numpy_helper
from starlette.testclient import TestClient
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

from standfirst.manifest import write_manifest

os.environ["BENTOML_DO_NOT_TRACK"] = "1"
os.environ.setdefault("BENTOML_HOME", tempfile.mkdtemp(prefix="bentoml-home-"))

with warnings.catch_warnings():
    # BentoML 1.4 uses deprecated names of pathspec and pydantic while it is imported.
    warnings.simplefilter("ignore")
    from serving.service import Standfirst

ROOT = Path(__file__).parents[2]
LABELS = ("diplomacy", "strikes", "aid", "personnel")
SIGNALS = {
    "diplomacy": ("talks", "envoys", "met", "ministers"),
    "strikes": ("drones", "missile", "hit", "struck"),
    "aid": ("convoy", "flour", "lorries", "pledged"),
    "personnel": ("resigned", "minister", "appointed"),
}
_FILLERS = ["the", "a", "of", "in", "to", "and", "said", "was", "were", "had", "port", "harbour", "news"]
_SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
_WORDS = [*_SPECIAL, *_FILLERS, *(word for words in SIGNALS.values() for word in words)]


@pytest.fixture(scope="session")
def model_folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Folders of a topic model, which knows the words of ``SIGNALS``, and of a summary model."""
    root = tmp_path_factory.mktemp("models")
    weights = np.zeros((len(_WORDS), len(LABELS)), dtype=np.float32)
    for column, label in enumerate(LABELS):
        for word in SIGNALS[label]:
            weights[_WORDS.index(word), column] = 16.0
    vectors = np.random.default_rng(7).normal(size=(len(_WORDS), 8)).astype(np.float32)
    vectors[: len(_SPECIAL)] *= 0.05  # padding and unknown words say little, but no text may be a zero vector
    topics, summary = root / "topics", root / "summary"
    for folder, kind, table in ((topics, "topics", weights), (summary, "summary", vectors)):
        folder.mkdir()
        _write_tokenizer(folder / "tokenizer.json")
        onnx.save(_bag_of_words(table), folder / "model.onnx")
        if kind == "topics":
            _write_labels(folder)
        write_manifest(folder, kind=kind, facts={})
    return {"topics": topics, "summary": summary}


@pytest.fixture
def environment(model_folders: dict[str, Path], monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """The service's environment, with the tiny models."""
    for name, folder in model_folders.items():
        monkeypatch.setenv(f"STANDFIRST_{name.upper()}", str(folder))
    monkeypatch.setenv("STANDFIRST_THREADS", "1")
    return monkeypatch


@pytest.fixture(scope="session")
def app() -> Any:
    """The service's ASGI application; a second one would register its metrics again, which fails."""
    return Standfirst.to_asgi()


@pytest.fixture
def client(environment: pytest.MonkeyPatch, app: Any) -> Iterator[TestClient]:
    """The service, started in this process for one test."""
    with TestClient(app, raise_server_exceptions=False) as found:
        yield found


@dataclass
class Server:
    """A running ``bentoml serve``."""

    port: int
    process: "subprocess.Popen[bytes]"
    log: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def post(self, path: str, body: bytes, kind: str = "application/json", **headers: str) -> tuple[int, Any]:
        """Post as the plainest client does: all at once, on a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request("POST", path, body, {"Content-Type": kind, "Connection": "close", **headers})
        with closing(connection):
            response = connection.getresponse()
            return response.status, json.loads(response.read())

    def is_ready(self) -> bool:
        """Whether /readyz says so."""
        try:
            return httpx.get(f"{self.url}/readyz", timeout=1, trust_env=False).is_success
        except httpx.HTTPError:
            return False

    def metrics(self, **headers: str) -> dict[str, float]:
        """Every sample of /metrics, by its name and labels."""
        text = httpx.get(f"{self.url}/metrics", headers=headers, trust_env=False).text
        lines = [line.rpartition(" ") for line in text.splitlines() if line[0] != "#"]
        return {name: float(value) for name, _, value in lines}

    def workers(self) -> list[psutil.Process]:
        """The processes under the supervisor."""
        found: list[psutil.Process] = psutil.Process(self.process.pid).children(recursive=True)
        return found


@pytest.fixture(scope="session")
def start_server(
    model_folders: dict[str, Path], tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., AbstractContextManager[Server]]:
    """Start the real service with the tiny models; ``start_server(jobs="3")`` sets ``STANDFIRST_JOBS``."""

    @contextmanager
    def start(**settings: str) -> Iterator[Server]:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        log = tmp_path_factory.mktemp("server") / "log.txt"
        values = {**{name: str(path) for name, path in model_folders.items()}, "threads": "1", **settings}
        environment = {**os.environ, **{f"STANDFIRST_{name.upper()}": value for name, value in values.items()}}
        command = [sys.executable, "-m", "serving", "--port", str(port)]
        with log.open("wb") as file:
            process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=file, stderr=subprocess.STDOUT)
        found = Server(port, process, log)
        try:
            deadline = time.monotonic() + 300
            while not found.is_ready():
                assert process.poll() is None, log.read_text()
                assert time.monotonic() < deadline, log.read_text()
                time.sleep(0.1)
            yield found
        finally:
            workers = found.workers() if process.poll() is None else []
            process.terminate()
            process.wait(30)
            for worker in workers:  # they outlive a supervisor that was killed
                if worker.is_running():
                    worker.kill()

    return start


def _write_tokenizer(path: Path) -> None:
    tokenizer = Tokenizer(models.WordLevel({word: i for i, word in enumerate(_WORDS)}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.save(str(path))


def _write_labels(folder: Path) -> None:
    rows = "\n".join(
        f'[[label]]\nname = "{name}"\ndefinition = "about {name}"\nmedtop = "2000000{i}"\n'
        for i, name in enumerate(LABELS)
    )
    (folder / "labels.toml").write_text(f'name = "topics"\nversion = "0"\n{rows}', encoding="utf-8")
    label = {"scale": 1.0, "shift": -1.0, "threshold": 0.5}
    config = {"labels": dict.fromkeys(LABELS, label), "max_tokens": 64, "max_context": 16}
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")


def _bag_of_words(table: npt.NDArray[np.float32]) -> onnx.ModelProto:
    """A graph whose output is a 16th of the sum of its words' rows of ``table``, (B, columns)."""
    inputs = [
        helper.make_tensor_value_info(name, TensorProto.INT64, ["B", "S"])
        for name in ("input_ids", "attention_mask", "token_type_ids")
    ]
    nodes = [
        helper.make_node("Gather", ["table", "input_ids"], ["rows"]),
        helper.make_node("Cast", ["attention_mask"], ["mask"], to=TensorProto.FLOAT),
        helper.make_node("Unsqueeze", ["mask", "last"], ["mask_rows"]),
        helper.make_node("Mul", ["rows", "mask_rows"], ["kept"]),
        helper.make_node("ReduceSum", ["kept", "pieces"], ["sum"], keepdims=0),
        helper.make_node("Mul", ["sum", "share"], ["out"]),
    ]
    constants = {"table": table, "last": np.array([2]), "pieces": np.array([1]), "share": np.array(1 / 16, np.float32)}
    output = helper.make_tensor_value_info("out", TensorProto.FLOAT, ["B", table.shape[1]])
    tensors = [numpy_helper.from_array(value, name) for name, value in constants.items()]
    graph = helper.make_graph(nodes, "bag", inputs, [output], tensors)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
