"""One queue in front of the models, for all requests of a worker: who comes next, and with whom.

Rows (windows of a paragraph) for the same model and of like lengths share a call, up to a budget of word pieces.
The row with the smallest *tag* decides which length is next; rows of that length, then of the nearest lengths, ride
along, whoever sent them.
A request's rows are tagged with the moment it came plus the pieces that stand before them in it, counted as often as
its caller has requests here, and its first row with something for each of those: a small request overtakes what a huge
one has not yet begun, and whoever opens fifty connections gets no more of the machine than whoever opens one. A row's
own length does not count, or short ones would overtake a long one again and again.

Each call runs on one thread, and as many run at once as there are cores: two calls side by side do more than one whose
every step waits for the slower of two threads. None takes more than its share of what is here. A single row that
finds nobody before it is computed in the thread that brings it.

A row's answer does not depend on the rows beside it (see ``standfirst.encoder``), so none of this is seen in answers.

References
----------
Start-time fair queueing: Goyal, Vin and Cheng 1996, "Start-time Fair Queuing", section 2, with rows for packets.

"""

import heapq
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import Condition, Event, Thread
from typing import Protocol

from serving.ticket import Ticket, current, timed_out
from standfirst.encoder import Encoder, Floats, alike
from standfirst.pieces import Window


class Observer(Protocol):
    """Told what the batcher does."""

    def queued(self, seconds: float) -> None:
        """A request's first row has waited so long."""

    def called(self, seconds: float, n_tokens: int) -> None:
        """A call of the model took so long for so many word pieces, padding included."""


@dataclass(eq=False, slots=True)
class _Job:
    """The rows of one call of ``Batcher.run``."""

    ticket: Ticket
    outputs: list[Floats | None]
    n_left: int
    tokens_left: int
    came: float = field(default_factory=time.monotonic)
    begun: bool = False
    error: Exception | None = None
    done: Event = field(default_factory=Event)

    @property
    def is_open(self) -> bool:
        return self.error is None and self.ticket.is_open


_OTHER = 64
"""Word pieces that a request of the same caller counts for, before anybody knows how long it is: a usual paragraph."""

_Entry = tuple[float, int, int, Window, _Job]
_Call = tuple[Encoder, str | None]


class Batcher:
    """Runs rows for many threads at once; ``run`` is a ``standfirst.encoder.Schedule``.

    Parameters
    ----------
    max_tokens
        Word pieces (padding included) in one call. While it runs nobody overtakes, so it bounds what a small request
        waits for a large one.
    calls
        Calls at the same time: one per core.

    """

    def __init__(self, max_tokens: int, observer: Observer | None = None, *, calls: int = 1) -> None:
        self.max_tokens = max_tokens
        self.waiting_tokens = 0
        self._calls = self._free = calls
        self._observer = observer
        self._queues: dict[tuple[_Call, int], list[_Entry]] = {}
        self._callers: Counter[str] = Counter()
        self._virtual = 0.0
        self._sequence = 0
        self._closed = False
        self._changed = Condition()
        for number in range(calls):
            Thread(target=self._work, name=f"standfirst-batcher-{number}", daemon=True).start()

    def run(self, encoder: Encoder, rows: Sequence[Window], output: str | None = None) -> list[Floats]:
        """An output of the model for each row; waits for its turn in the queue.

        Raises
        ------
        Refusal
            If the caller has gone, or its time is over; what was not begun is dropped.

        """
        ticket = current()
        ticket.check()
        if not rows:
            return []
        if len(rows) == 1 and self._begin_alone(rows[0].padded):
            try:
                return self._alone((encoder, output), rows, ticket)
            finally:
                self._end(rows[0].padded)
        job = _Job(ticket, [None] * len(rows), len(rows), sum(row.padded for row in rows))
        self._enter(encoder, rows, output, job)
        try:
            with ticket.waking(job.done.set):
                job.done.wait(max(ticket.deadline - time.monotonic(), 0) if ticket.timeout_s < 1e9 else None)
        finally:
            self._leave(job)
        if job.error is not None:
            raise job.error
        ticket.check()
        found = [output for output in job.outputs if output is not None]
        if len(found) < len(rows):
            raise timed_out(ticket.timeout_s)
        return found

    def close(self) -> None:
        """Finish what is queued, then end."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _begin_alone(self, n_tokens: int) -> bool:
        with self._changed:
            if self._queues or not self._free:
                return False
            self._free -= 1
            self.waiting_tokens += n_tokens
            return True

    def _alone(self, call: _Call, rows: Sequence[Window], ticket: Ticket) -> list[Floats]:
        started = time.monotonic()
        if self._observer is not None and ticket.request_id:
            self._observer.queued(0.0)
        encoder, output = call
        found = list(encoder.call(rows, output))
        if self._observer is not None:
            self._observer.called(time.monotonic() - started, rows[0].padded)
        ticket.check()
        return found

    def _end(self, n_tokens: int = 0) -> None:
        with self._changed:
            self._free += 1
            self.waiting_tokens -= n_tokens
            if self._queues:
                self._changed.notify()

    def _enter(self, encoder: Encoder, rows: Sequence[Window], output: str | None, job: _Job) -> None:
        with self._changed:
            caller = job.ticket.caller
            self._callers[caller] += 1
            self.waiting_tokens += job.tokens_left
            tag = self._virtual + _OTHER * (self._callers[caller] - 1)
            for index, row in enumerate(rows):
                self._sequence += 1
                queue = self._queues.setdefault(((encoder, output), row.padded), [])
                heapq.heappush(queue, (tag, self._sequence, index, row, job))
                tag += row.padded * self._callers[caller]
            self._changed.notify()

    def _leave(self, job: _Job) -> None:
        with self._changed:
            self._callers[job.ticket.caller] -= 1
            if not self._callers[job.ticket.caller]:
                del self._callers[job.ticket.caller]
            self.waiting_tokens -= job.tokens_left
            job.tokens_left = 0
            job.n_left = -1  # whatever is still queued or under way is nobody's

    def _work(self) -> None:
        while True:
            with self._changed:
                found = self._next()
                while found is None:
                    if self._closed and not self._queues:
                        return
                    self._changed.wait()
                    found = self._next()
                self._free -= 1
                if self._queues:
                    self._changed.notify()  # there is more than this call takes
            try:
                self._compute(*found)
            finally:
                self._end()
            del found  # or the last rows, and the model they ran on, would be kept until the next ones come

    def _next(self) -> tuple[_Call, list[_Entry]] | None:
        """Take the rows of the next call, if there is a core for it; the lock is held."""
        for kind in list(self._queues):
            _drop_closed(self._queues[kind])
            if not self._queues[kind]:
                del self._queues[kind]
        if not self._queues or not self._free:
            return None
        call, length = min(self._queues, key=lambda k: self._queues[k][0][:2])
        self._virtual = max(self._virtual, self._queues[call, length][0][0])
        budget = self.max_tokens
        if self._calls > 1:  # an even share of what is here: nobody waits for a call far longer than his own
            budget = min(budget, -(-self.waiting_tokens // self._calls))
        batch = list[_Entry]()
        shortest = longest = length
        lengths = [other for own, other in self._queues if own == call]
        for other in sorted(lengths, key=lambda n: abs(n - length)):
            if not alike(min(shortest, other), max(longest, other)):
                continue
            before = len(batch)
            self._take(self._queues[call, other], batch, max(longest, other), budget)
            if len(batch) > before:
                shortest, longest = min(shortest, other), max(longest, other)
        for kind in [kind for kind, queue in self._queues.items() if not queue]:
            del self._queues[kind]
        return call, batch

    def _take(self, queue: list[_Entry], batch: list[_Entry], longest: int, budget: int) -> None:
        """Move rows to a call while its word pieces, each row padded to ``longest``, are within the budget."""
        while queue and (not batch or (len(batch) + 1) * longest <= budget):
            entry = heapq.heappop(queue)
            if entry[-1].n_left > 0 and entry[-1].is_open:
                batch.append(entry)

    def _compute(self, call: _Call, batch: list[_Entry]) -> None:
        if not batch:  # all withdrawn in this very moment
            return
        started = time.monotonic()
        for *_, job in batch:
            if not job.begun:
                job.begun = True
                if self._observer is not None and job.ticket.request_id:  # what warms a model up is no request
                    self._observer.queued(started - job.came)
        self._deliver(batch, _outputs(call, batch))
        if self._observer is not None:
            longest = max(entry[3].padded for entry in batch)
            self._observer.called(time.monotonic() - started, longest * len(batch))

    def _deliver(self, batch: list[_Entry], outputs: Sequence[Floats | Exception]) -> None:
        with self._changed:
            for (_, _, index, row, job), output in zip(batch, outputs, strict=True):
                if job.n_left <= 0:
                    continue
                if isinstance(output, Exception):
                    job.error = output
                    job.done.set()
                    continue
                job.outputs[index] = output
                job.n_left -= 1
                job.tokens_left -= row.padded
                self.waiting_tokens -= row.padded
                if not job.n_left:
                    job.done.set()


def _drop_closed(queue: list[_Entry]) -> None:
    while queue and (queue[0][-1].n_left <= 0 or not queue[0][-1].is_open):
        heapq.heappop(queue)


def _outputs(call: _Call, batch: list[_Entry]) -> Sequence[Floats | Exception]:
    """What the model gives for each row; where a call fails each row is tried alone, so that one fails alone."""
    encoder, output = call
    try:
        return list(encoder.call([entry[3] for entry in batch], output))
    except Exception as error:  # noqa: BLE001 - it belongs to the request whose row it is
        if len(batch) == 1:
            return [error]
    return [_outputs(call, [entry])[0] for entry in batch]
