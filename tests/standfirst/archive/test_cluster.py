"""A real Ray cluster of processes on this machine: a head and two workers, one of which is killed in the middle."""

import io
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from standfirst.archive.cluster import cluster
from standfirst.archive.job import Options, Report, run
from standfirst.archive.local import local
from standfirst.archive.models import ModelChoice
from standfirst.archive.progress import Progress, State
from tests.standfirst.archive.conftest import ROOT, invented, read_parts, write_jsonl

pytestmark = [
    pytest.mark.soak,
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning", "ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::UserWarning"),
]
ROWS = 600


class Watcher(Progress):
    """Calls ``act`` once, when a job has come to ``at`` of its bytes."""

    def __init__(self, at: float, act: Callable[[], object]) -> None:
        super().__init__("none", io.StringIO())
        self._at, self._act = at, act
        self.acted = False

    def show(self, state: State, *, at_end: bool = False) -> None:
        if state.share >= self._at and not self.acted:
            self.acted = True
            self._act()


class Stopped(Exception):
    pass


def stop() -> None:
    raise Stopped


@pytest.fixture(scope="module")
def nodes() -> Iterator[tuple[str, list, Callable]]:
    pytest.importorskip("ray")
    from ray.cluster_utils import Cluster

    os.environ |= {"RAY_USAGE_STATS_ENABLED": "0", "RAY_raylet_start_wait_time_s": "120", "PYTHONPATH": str(ROOT)}
    made = Cluster(initialize_head=True, head_node_args={"num_cpus": 2})
    workers = [made.add_node(num_cpus=2) for _ in range(2)]
    made.wait_for_nodes()
    yield made.address, workers, lambda node: made.remove_node(node, allow_graceful=False)
    made.shutdown()


@pytest.fixture
def scored(choice: ModelChoice, tmp_path: Path) -> Callable[..., Report]:
    path = write_jsonl(tmp_path / "in.jsonl", invented(ROWS))

    def scored(engine, output: str = "out", progress: Progress | None = None) -> Report:
        options = Options(models=choice, shard_rows=15)
        return run([str(path)], tmp_path / output, engine, options, resume=True, progress=progress)

    return scored


def same(rows: list[dict]) -> list[dict]:
    """Rows without the one column in which engines may differ: which of two equal texts was the first."""
    return [{k: v for k, v in row.items() if k != "repeat"} for row in rows]


def test_a_job_changes_engines(nodes, scored, tmp_path: Path) -> None:
    address, _, _ = nodes
    expected = scored(local(1), "local").counts
    for number, (first, second) in enumerate([(local(1), cluster(address)), (cluster(address), local(1))]):
        with pytest.raises(Stopped):
            scored(first, f"out{number}", Watcher(0.3, stop))
        report = scored(second, f"out{number}")
        assert 0 < report.new_rows < ROWS
        assert (report.counts.read, report.counts.quarantined) == (expected.read, 0)
        assert report.counts.is_balanced
        assert same(read_parts(tmp_path / f"out{number}")) == same(read_parts(tmp_path / "local"))


def test_a_node_that_dies_in_the_middle_costs_no_row(nodes, scored, tmp_path: Path) -> None:
    address, workers, kill = nodes
    watcher = Watcher(0.2, lambda: kill(workers.pop()))
    report = scored(cluster(address), progress=watcher)
    assert watcher.acted
    assert report.counts.read == ROWS
    rows = read_parts(tmp_path / "out")
    assert [row["id"] for row in rows] == [f"r{n}" for n in range(ROWS)]
    scored(local(1), "local")
    assert same(rows) == same(read_parts(tmp_path / "local"))
