"""Processes that score, one ONNX session of one thread each; one that dies is replaced and its task split."""

import os
import subprocess
import sys
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from multiprocessing import Pipe
from multiprocessing.connection import wait
from typing import Any, Literal

from standfirst.archive.models import ModelChoice
from standfirst.archive.work import Failed
from standfirst.errors import ArchiveError, StandfirstError

_AT_ONCE = 2
"""Tasks a process holds: the one it works on, and the next."""

_MAX_DEATHS = 2
"""A task of one item that ends its process so often is given up."""

_MAX_EARLY_DEATHS = 3


@dataclass(frozen=True, slots=True)
class Task:
    """Items of one shard for the models, and the key by which the sender knows each."""

    kind: Literal["topics", "lines"]
    shard: int
    keys: Sequence[Any]
    items: Sequence[Any]
    deaths: int = 0


@dataclass(frozen=True, slots=True)
class Answered:
    """A task with an answer, or a ``Failed``, for each of its items."""

    task: Task
    answers: Sequence[Any]


class _Worker:
    def __init__(self, choice: ModelChoice) -> None:
        self.pipe, theirs = Pipe()
        command = [sys.executable, "-m", "standfirst.archive.worker", str(theirs.fileno())]
        # One thread each, and the parent's import path. Not `multiprocessing`: it would import a caller's script.
        environment = os.environ | {"TOKENIZERS_PARALLELISM": "false", "PYTHONPATH": os.pathsep.join(sys.path)}
        self.process = subprocess.Popen(command, pass_fds=[theirs.fileno()], env=environment)
        theirs.close()
        self.tasks: deque[Task] = deque()
        self.is_ready = False
        self.pipe.send(choice)

    def stop(self) -> None:
        self.pipe.close()
        self.process.kill()
        self.process.wait()


class Pool:
    """``processes`` workers with the models of ``choice``; a context manager that leaves none behind."""

    def __init__(self, choice: ModelChoice, processes: int) -> None:
        self._choice = choice
        self._queue: deque[Task] = deque()
        self._early_deaths = 0
        self._workers = [_Worker(choice) for _ in range(processes)]

    def __enter__(self) -> "Pool":
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self._workers:
            worker.stop()

    @property
    def n_waiting(self) -> int:
        """Tasks that no process holds yet."""
        return len(self._queue)

    @property
    def size(self) -> int:
        """How many processes there are."""
        return len(self._workers)

    @property
    def pids(self) -> list[int]:
        """The processes' ids."""
        return [worker.process.pid for worker in self._workers]

    def submit(self, task: Task) -> None:
        """Put a task at the end of the queue."""
        self._queue.append(task)

    def collect(self, timeout_s: float) -> list[Answered]:
        """Hand out what waits, and take the answers that come within ``timeout_s``; at least one if any comes.

        Raises
        ------
        StandfirstError
            If the models cannot be loaded.
        ArchiveError
            If the processes die before they answer anything.
        """
        self._hand_out()
        by_pipe = {worker.pipe: worker for worker in self._workers}
        found: list[Answered] = []
        for pipe in wait(list(by_pipe), timeout_s):
            worker = by_pipe[pipe]  # type: ignore[index]
            try:
                message = worker.pipe.recv()
            except (EOFError, OSError):
                found += self._replace(worker)
                continue
            if isinstance(message, StandfirstError):
                raise message
            if message is None:
                worker.is_ready = True
            else:
                found.append(Answered(worker.tasks.popleft(), message))
        self._hand_out()
        return found

    def _hand_out(self) -> None:
        """Give every process its next task, the idlest first."""
        for n_held in range(_AT_ONCE):
            for worker in self._workers:
                if self._queue and len(worker.tasks) == n_held:
                    task = self._queue.popleft()
                    worker.tasks.append(task)
                    try:
                        worker.pipe.send((task.kind, task.items))
                    except OSError:
                        return  # it died; `collect` hears of it and replaces it

    def _replace(self, dead: _Worker) -> list[Answered]:
        """Start another process; split what the dead one worked on, until the item that kills is alone."""
        dead.stop()
        self._early_deaths += not dead.is_ready
        if self._early_deaths > _MAX_EARLY_DEATHS:
            raise ArchiveError("the scoring processes die as they start; is there enough memory?")
        self._workers[self._workers.index(dead)] = _Worker(self._choice)
        if not dead.tasks:
            return []
        running, *next_ones = dead.tasks
        again, given_up = _again(running)
        self._queue.extendleft(reversed([*again, *next_ones]))
        return given_up


def _again(task: Task) -> tuple[list[Task], list[Answered]]:
    """What is tried again of a task whose process died of it, and what is not."""
    if len(task.items) > 1:
        half = len(task.items) // 2
        return [
            replace(task, keys=task.keys[:half], items=task.items[:half]),
            replace(task, keys=task.keys[half:], items=task.items[half:]),
        ], []
    if task.deaths + 1 < _MAX_DEATHS:
        return [replace(task, deaths=task.deaths + 1)], []
    return [], [Answered(task, [Failed("could not be scored: the process died of it, twice")])]
