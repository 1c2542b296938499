"""Ray: a short job on a cluster made here in every run; on one of three nodes, one of them lost, in ``make soak``."""

import io
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from standfirst.archive.cluster import cluster
from standfirst.archive.job import Options
from standfirst.archive.local import local
from standfirst.archive.models import ModelChoice
from standfirst.archive.progress import Progress, State
from standfirst.archive.run import Report, run
from tests.standfirst.archive.conftest import ROOT, inline, invented, read_parts, write_jsonl

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning", "ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::UserWarning"),
]
ROWS = 600


class Watcher(Progress):
    """Calls ``act`` once, when a job has come to ``at`` of its bytes."""

    def __init__(self, at: float, act: Callable[[], object]) -> None:
        super().__init__("none", io.StringIO())
        self._at, self._act = at, act
        self.acted_at = 0.0

    def show(self, state: State, *, at_end: bool = False) -> None:
        if state.share >= self._at and not self.acted_at:
            self.acted_at = state.share
            self._act()


class Stopped(Exception):
    pass


def stop() -> None:
    raise Stopped


@pytest.fixture(scope="module")
def ray_here() -> Iterator[None]:
    """Ray, whose processes find this checkout."""
    pytest.importorskip("ray", reason="Ray is an extra: pip install -e '.[ray]'")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        patch.setenv("RAY_raylet_start_wait_time_s", "120")
        patch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]))
        yield


@pytest.fixture(scope="module")
def nodes(ray_here) -> Iterator[tuple[str, list, Callable]]:
    """A head and two workers as processes of this machine: the address, the workers, and what ends one of them."""
    from ray.cluster_utils import Cluster

    made = Cluster(initialize_head=True, head_node_args={"num_cpus": 2})
    workers = [made.add_node(num_cpus=2) for _ in range(2)]
    made.wait_for_nodes()
    yield made.address, workers, lambda node: made.remove_node(node, allow_graceful=False)
    made.shutdown()


@pytest.fixture
def scored(choice: ModelChoice, tmp_path: Path) -> Callable[..., Report]:
    path = write_jsonl(tmp_path / "in.jsonl", invented(ROWS))

    def scored(
        engine,
        output: str = "out",
        progress: Progress | None = None,
        models: ModelChoice = choice,
        shard_rows: int = 15,
    ) -> Report:
        options = Options(models=models, shard_rows=shard_rows)
        return run([str(path)], tmp_path / output, engine, options, resume=True, progress=progress)

    return scored


def same(rows: list[dict]) -> list[dict]:
    """Rows without the one column in which engines may differ: which of two equal texts was the first."""
    return [{k: v for k, v in row.items() if k != "repeat"} for row in rows]


def test_a_job_begun_here_is_ended_by_ray(
    ray_here, scored, choice: ModelChoice, tiny_student: Path, tmp_path: Path
) -> None:
    """In the fast tier, where both models answer."""
    models = replace(choice, student=str(tiny_student))
    scored(inline, "inline", models=models, shard_rows=60)
    with pytest.raises(Stopped):
        scored(inline, progress=Watcher(0.3, stop), models=models, shard_rows=60)
    report = scored(cluster(), models=models, shard_rows=60)
    assert 0 < report.new_rows < ROWS
    assert (report.counts.read, report.counts.quarantined) == (ROWS, 0)
    rows = read_parts(tmp_path / "out")
    assert same(rows) == same(read_parts(tmp_path / "inline"))
    assert {row["tier"] for row in rows} == {"full", "fast"}


@pytest.mark.soak
@pytest.mark.parametrize("tier", ["full", "fast"])
def test_a_job_changes_engines(
    nodes, scored, choice: ModelChoice, tiny_student: Path, tmp_path: Path, tier: str
) -> None:
    address, _, _ = nodes
    models = choice if tier == "full" else replace(choice, student=str(tiny_student))
    expected = scored(local(1), "local", models=models).counts
    for number, (first, second) in enumerate([(local(1), cluster(address)), (cluster(address), local(1))]):
        with pytest.raises(Stopped):
            scored(first, f"out{number}", Watcher(0.3, stop), models)
        report = scored(second, f"out{number}", models=models)
        assert 0 < report.new_rows < ROWS
        assert (report.counts.read, report.counts.quarantined) == (expected.read, 0)
        assert report.counts.is_balanced
        assert same(read_parts(tmp_path / f"out{number}")) == same(read_parts(tmp_path / "local"))


def scorers(node) -> list[psutil.Process]:
    """The processes of a node that score shards."""
    (raylet,) = node.all_processes["raylet"]
    below = psutil.Process(raylet.process.pid).children(recursive=True)
    return [process for process in below if "ShardScorer" in " ".join(process.cmdline())]


@pytest.mark.soak
def test_a_node_that_dies_in_the_middle_costs_no_row(nodes, scored, tmp_path: Path) -> None:
    address, workers, kill_node = nodes
    lost: list[psutil.Process] = []

    def kill() -> None:
        node = workers.pop()
        lost.extend(scorers(node))
        kill_node(node)

    watcher = Watcher(0.2, kill)
    report = scored(cluster(address), progress=watcher, shard_rows=5)
    assert 0.2 <= watcher.acted_at < 0.7, "the node was to die in the middle"
    assert lost, "the node that died was to be one that scores"
    _, alive = psutil.wait_procs(lost, timeout=20)
    assert not alive
    assert report.counts.read == ROWS
    rows = read_parts(tmp_path / "out")
    assert [row["id"] for row in rows] == [f"r{n}" for n in range(ROWS)]
    scored(local(1), "local", shard_rows=5)
    assert same(rows) == same(read_parts(tmp_path / "local"))
