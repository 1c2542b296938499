"""The engine of one machine: this process reads, remembers and writes; the others score.

Texts are scored in tasks of about equal length, so that batches are full, and a shard's rows are the window that is
sorted. While the processes score one shard the next ones are read, and the last one is written.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from standfirst.archive.answers import Store
from standfirst.archive.job import Job, MakeEngine
from standfirst.archive.plan import Shard, Slices
from standfirst.archive.pool import Answered, Pool, Task
from standfirst.archive.storage import Done
from standfirst.archive.work import Failed, Work
from standfirst.cores import cores

Tick = Callable[[int, float], None]

_TASK_CHARS = 48_000
"""Characters of one task: about three full batches of the encoder, a second or less of one core's work."""

FAST_TASK_CHARS = 4 * _TASK_CHARS
"""The same in the fast tier, where the encoder reads a part of the texts."""

_LEAST_CHARS = 4_000
"""No task of a small shard is smaller, however many processes wait."""

_TASK_LINES = 64
_AHEAD = 3
"""Shards in memory at once: one being finished, one being scored, one read ahead."""

_WAIT_S = 0.5


class LocalEngine:
    """Scores shards with a pool of processes.

    ``tick`` is told now and then how many texts are answered, and how many bytes of input they stand for, in shards
    that are not done yet.
    """

    def __init__(self, job: Job, pool: Pool, store: Store, tick: Tick = lambda _rows, _bytes: None) -> None:
        self._pool = pool
        self._store = store
        self._tick = tick
        self._writer = job.writer()
        self._columns = job.options.columns
        self._lines = job.options.models.summary is not None
        self._task_chars = FAST_TASK_CHARS if job.options.models.tier == "fast" else _TASK_CHARS
        self._slices = Slices(job.options.columns)
        self._open: dict[int, Work] = {}
        self._asked: dict[bytes, int] = {}  # key -> the shard that had it scored, until the answer is here

    def run(self, shards: Iterable[Shard]) -> Iterator[Done]:
        """Score shards; yield each when its files are on the disk."""
        waiting = iter(shards)
        more = True
        while more or self._open:
            while more and len(self._open) < _AHEAD and self._pool.n_waiting < 2 * _AHEAD:
                shard = next(waiting, None)
                more = shard is not None
                if shard is not None:
                    self._begin(shard)
            yield from self._finished()
            if self._open:
                for answered in self._pool.collect(_WAIT_S):
                    self._take(answered)
                begun = self._open.values()
                self._tick(sum(len(work.answers) for work in begun), sum(map(_bytes_done, begun)))
            yield from self._finished()

    def _begin(self, shard: Shard) -> None:
        """Read a shard and ask for what neither the store knows nor another shard asked for."""
        work = Work.begin(shard, self._slices, self._columns, lines=self._lines)
        self._open[shard.number] = work
        work.learn(self._store.known(list(work.texts)))
        missing = work.missing
        work.before.update(key for key in missing if key in self._asked)
        mine = [key for key in missing if key not in self._asked]
        self._asked.update(dict.fromkeys(mine, shard.number))
        for keys in chunks(mine, work, self._pool.size, self._task_chars):
            self._pool.submit(Task("topics", shard.number, keys, [work.texts[key] for key in keys]))
        requests = list(work.requests)
        for start in range(0, len(requests), _TASK_LINES):
            some = requests[start : start + _TASK_LINES]
            self._pool.submit(Task("lines", shard.number, some, some))

    def _take(self, answered: Answered) -> None:
        task = answered.task
        pairs = list(zip(task.keys, answered.answers, strict=True))
        if task.kind == "lines":
            self._open[task.shard].lines.update(pairs)
            return
        self._store.add(task.shard, [(key, data) for key, data in pairs if not isinstance(data, Failed)])
        for key, data in pairs:
            del self._asked[key]
            for work in self._open.values():
                if key in work.texts:
                    work.answers[key] = data

    def _finished(self) -> Iterator[Done]:
        for number, work in list(self._open.items()):
            if work.is_answered:
                done = work.finish(self._writer)
                del self._open[number]
                yield done
                self._store.add(number, (), complete=True)


def chunks(keys: list[bytes], work: Work, processes: int, task_chars: int = _TASK_CHARS) -> Iterator[list[bytes]]:
    """Keys of texts of about one length, the longest first, so that the last task is a short one."""
    lengths = {key: len(work.texts[key][0]) + len(work.texts[key][1] or "") for key in keys}
    limit = min(task_chars, max(_LEAST_CHARS, sum(lengths.values()) // (2 * processes)))
    chunk: list[bytes] = []
    n_chars = 0
    for key in sorted(keys, key=lengths.__getitem__, reverse=True):
        if chunk and n_chars + lengths[key] > limit:
            yield chunk
            chunk, n_chars = [], 0
        chunk.append(key)
        n_chars += lengths[key]
    if chunk:
        yield chunk


def _bytes_done(work: Work) -> float:
    """The part of a shard's bytes that its answers stand for."""
    return work.shard.n_bytes * len(work.answers) / max(len(work.texts), 1)


def local(processes: int = 0) -> MakeEngine:
    """The engine of this machine; 0 processes are one for each core."""

    @contextmanager
    def make(job: Job, store: Store, tick: Tick) -> Iterator[LocalEngine]:
        choice = job.options.models
        with Pool(choice, processes or cores()) as pool:
            yield LocalEngine(job, pool, store, tick)

    return make
