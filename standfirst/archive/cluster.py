"""The engine of many machines: a Ray Data pipeline whose blocks are shards.

Each actor reads its shard, scores it and writes its files to the shared folder; this process commits them, as it
does for the engine of one machine. So a job may change engines between two runs. What stood in a shard that is done
is never scored again; the same text in two shards that run at the same moment may be, and is then counted as scored
in both, with the same answer.

Why an actor asks Ray for half a CPU, and for a whole one of yours: an actor whose node dies has to be started again
elsewhere, and where actors hold every logical CPU there is no place; Ray then waits for ever. With half a CPU each,
as many actors as cores leave half of the places free.
"""

import json
import logging
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from standfirst.archive.answers import Store
from standfirst.archive.job import Job, MakeEngine
from standfirst.archive.local import chunks
from standfirst.archive.models import Models
from standfirst.archive.plan import Shard, Slices, as_shard
from standfirst.archive.storage import Done, as_done
from standfirst.archive.work import Failed, Work
from standfirst.cores import cores
from standfirst.errors import ArchiveError

_CPUS_PER_ACTOR = 0.5


class SharedStore:
    """The job's store as an actor: it lives on the driver's node, beside the file."""

    def __init__(self, path: Path) -> None:
        self._store = Store(path)

    def known(self, keys: list[bytes]) -> dict[bytes, tuple[int, bytes]]:
        """See ``Store.known``."""
        return self._store.known(keys)

    def add(self, shard: int, answers: list[tuple[bytes, bytes]]) -> None:
        """Remember all answers of a shard."""
        self._store.add(shard, answers, complete=True)


class ShardScorer:
    """Scores whole shards, one after another; Ray makes one in each of its processes."""

    def __init__(self, job: Job, store: Any) -> None:
        self._job = job
        self._store = store
        self._models = Models(job.options.models)
        self._slices = Slices(job.options.columns)

    def __call__(self, batch: dict[str, Any]) -> dict[str, list[str]]:
        """Take shards and give what was done, both as JSON."""
        return {"done": [json.dumps(asdict(self._score(as_shard(json.loads(line))))) for line in batch["shard"]]}

    def _score(self, shard: Shard) -> Done:
        import ray

        lines = self._job.options.models.summary is not None
        work = Work.begin(shard, self._slices, self._job.options.columns, lines=lines)
        work.learn(ray.get(self._store.known.remote(list(work.texts))))
        missing = work.missing
        for keys in chunks(missing, work, processes=1):
            work.answers.update(zip(keys, self._models.topics([work.texts[key] for key in keys]), strict=True))
        requests = list(work.requests)
        work.lines.update(zip(requests, self._models.lines(requests), strict=True))
        done = work.finish(self._job.writer())
        fresh = [(key, data) for key in missing if not isinstance(data := work.answers[key], Failed)]
        ray.get(self._store.add.remote(shard.number, fresh))
        return done


class RayEngine:
    """Scores shards with ``n_actors`` processes of a cluster."""

    def __init__(self, job: Job, n_actors: int) -> None:
        self._job = job
        self._n_actors = n_actors

    def run(self, shards: Iterable[Shard]) -> Iterator[Done]:
        """Score shards; yield each when its files are on the disk.

        Raises
        ------
        ArchiveError
            If the pipeline fails.
        """
        import ray

        items = [{"shard": json.dumps(asdict(shard))} for shard in shards]
        store = _beside_the_driver(ray).remote(self._job.store_path.resolve())
        found = ray.data.from_items(items, override_num_blocks=len(items)).map_batches(
            ShardScorer,
            fn_constructor_args=(self._job, store),
            batch_size=1,
            concurrency=min(self._n_actors, len(items)),
            num_cpus=_CPUS_PER_ACTOR,
            scheduling_strategy="SPREAD",
        )
        try:
            for row in found.iter_rows():
                yield as_done(json.loads(row["done"]))
        except ray.exceptions.RayError as error:
            raise ArchiveError(f"the cluster could not go on: {_last_line(error)}; go on with --resume") from None


def _beside_the_driver(ray: Any) -> Any:
    """The store's actor class, bound to the node where the store's file is."""
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    here = NodeAffinitySchedulingStrategy(ray.get_runtime_context().get_node_id(), soft=False)
    return ray.remote(num_cpus=0, scheduling_strategy=here)(SharedStore)


def _last_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[-1][:300]


def cluster(address: str | None = None, processes: int = 0) -> MakeEngine:
    """The engine on a Ray cluster, or without an address on one made here; 0 processes are one for each of its CPUs."""

    @contextmanager
    def make(job: Job, _store: Store, _tick: Callable[[int, float], None]) -> Iterator[RayEngine]:
        ray = _ray()
        # Logical CPUs for a cluster made here: Ray's own tasks must never wait for the actors.
        size = {"address": address} if address else {"num_cpus": max(8, 2 * cores())}
        ray.init(**size, include_dashboard=None if address else False, log_to_driver=False, logging_level="ERROR")
        try:
            context = ray.data.DataContext.get_current()
            logging.getLogger("ray.data").setLevel(logging.ERROR)
            context.enable_progress_bars = False
            context.print_on_execution_start = False
            n_cpus = int(ray.cluster_resources().get("CPU", 1)) if address else cores()
            yield RayEngine(job, processes or n_cpus)
        finally:
            ray.shutdown()

    return make


def _ray() -> Any:
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    try:
        import ray
        import ray.data
    except ImportError:
        raise ArchiveError("--engine ray needs Ray: pip install 'standfirst[archive,ray]'") from None
    return ray
