"""Archives of invented paragraphs, and jobs on the tiny models: their answers are noise, everything else is real."""

import json
import os
import random
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pytest

from standfirst.archive.job import Options
from standfirst.archive.local import LocalEngine
from standfirst.archive.models import ModelChoice, Models
from standfirst.archive.pool import Answered, Task
from standfirst.archive.run import Report, run
from tests.conftest import WORDS

ROOT = Path(__file__).resolve().parents[3]
Rows = list[dict]


def invented(count: int, seed: int = 1) -> Rows:
    """Rows with ids, contexts here and there, and every tenth a repeat of an earlier one under another id."""
    draw = random.Random(seed)
    rows: Rows = []
    for number in range(count):
        if rows and number % 10 == 9:
            row = dict(draw.choice(rows))
        else:
            row = {"text": " ".join(draw.choices(WORDS[:40], k=draw.randint(1, 40))) + f" {number}"}
            if number % 3 == 0:
                row["context"] = " ".join(draw.choices(WORDS[:40], k=5))
        rows.append({**row, "id": f"r{number}"})
    return rows


def write_jsonl(path: Path, rows: Rows) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def read_parts(output: Path) -> Rows:
    """All rows of a job in the order of its parts, as JSON gives them or as Parquet does."""
    import pyarrow.parquet as pq

    rows: Rows = []
    for path in sorted((output / "parts").iterdir()):
        if path.suffix == ".jsonl":
            rows += map(json.loads, path.read_text(encoding="utf-8").splitlines())
        else:
            rows += pq.read_table(path).to_pylist()
    return rows


def read_quarantine(output: Path) -> Rows:
    lines: list[str] = []
    for path in sorted((output / "quarantine").glob("*.jsonl")):
        lines += path.read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


@pytest.fixture(scope="session")
def choice(tiny_models: dict[str, Path]) -> ModelChoice:
    return ModelChoice(topics=str(tiny_models["topics"]))


@pytest.fixture(scope="session")
def both(tiny_models: dict[str, Path]) -> ModelChoice:
    return ModelChoice(topics=str(tiny_models["topics"]), summary=str(tiny_models["summary"]))


class InlinePool:
    """A pool without processes: the same tasks, answered one at a time when they are collected."""

    size = 2

    def __init__(self, models: Models) -> None:
        self._models = models
        self._queue: deque[Task] = deque()

    @property
    def n_waiting(self) -> int:
        return len(self._queue)

    def submit(self, task: Task) -> None:
        self._queue.append(task)

    def collect(self, timeout_s: float) -> list[Answered]:
        task = self._queue.popleft()
        answer = self._models.topics if task.kind == "topics" else self._models.lines
        return [Answered(task, answer(task.items))]


loaded = cache(Models)


@contextmanager
def inline(job, store, tick) -> Iterator[LocalEngine]:
    yield LocalEngine(job, InlinePool(loaded(job.options.models)), store, tick)


@pytest.fixture
def job(choice: ModelChoice, tmp_path: Path) -> Callable[..., Report]:
    """Run a job in this process, without others, into ``tmp_path / "out"``."""

    def job(*inputs: Path | str, output: Path | None = None, models: ModelChoice = choice, **options) -> Report:
        known = {name: options.pop(name) for name in ("resume", "max_errors", "progress") if name in options}
        chosen = Options(models=models, **{"shard_rows": 20, **options})
        return run([str(name) for name in inputs], output or tmp_path / "out", inline, chosen, **known)

    return job


@pytest.fixture
def command(tiny_models: dict[str, Path]) -> Iterator[Callable[..., subprocess.Popen]]:
    """Start ``standfirst score`` as a process of its own; what still runs at the end of the test is killed."""
    started: list[subprocess.Popen] = []

    def start(*args: str | Path, prelude: str = "", **options) -> subprocess.Popen:
        code = f"{prelude}\nimport sys; from standfirst.cli import main; sys.exit(main(sys.argv[1:]))"
        models = [f"--topics={tiny_models['topics']}", f"--summary={tiny_models['summary']}"]
        process = subprocess.Popen(
            [sys.executable, "-c", code, "score", *map(str, args), *models, "--processes=1"],
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **options,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()
