"""A request's right to be worked on: who asks, until when, and whether they still want it."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from serving.errors import Refusal


@dataclass(eq=False, slots=True)
class Ticket:
    """What the work of a request is done for.

    Parameters
    ----------
    caller
        Requests of one caller share that caller's part of the machine.
    timeout_s
        Counted from when the ticket is made.
    n_bytes
        Of the body.
    work
        What a thread does for it; it may outlast the answer, if the time was over.

    """

    caller: str = ""
    timeout_s: float = float("inf")
    n_bytes: int = 0
    request_id: str = ""
    n_paragraphs: int = 0
    n_errors: int = 0
    work: "Future[Any] | None" = None
    deadline: float = field(init=False)
    _reason: Refusal | None = None
    _lock: Lock = field(default_factory=Lock)
    _wake: Callable[[], None] | None = None

    def __post_init__(self) -> None:
        self.deadline = time.monotonic() + self.timeout_s

    def withdraw(self, reason: Refusal) -> None:
        """Stop: work that has not begun never begins, and who waits for it is woken."""
        with self._lock:
            self._reason = self._reason or reason
            wake = self._wake
        if wake is not None:
            wake()

    @property
    def is_open(self) -> bool:
        """Whether anybody still waits for the answer."""
        return self._reason is None and time.monotonic() < self.deadline

    def check(self) -> None:
        """Raise the ``Refusal`` that ends the work, if there is one."""
        if self._reason is not None:
            raise self._reason
        if time.monotonic() >= self.deadline:
            raise timed_out(self.timeout_s)

    @contextmanager
    def waking(self, wake: Callable[[], None]) -> Iterator[None]:
        """Have ``wake`` called when the request is withdrawn; at once, if it is already."""
        with self._lock:
            self._wake = wake
            withdrawn = self._reason is not None
        if withdrawn:
            wake()
        try:
            yield
        finally:
            self._wake = None


def timed_out(timeout_s: float) -> Refusal:
    """The refusal of what was not done in time."""
    return Refusal(503, "timeout", f"not done in {timeout_s:g} s; send less at once")


GONE = Refusal(499, "cancelled", "the caller hung up")
"""Seen by nobody but the log and the metrics."""

_current: ContextVar[Ticket | None] = ContextVar("ticket", default=None)


def current() -> Ticket:
    """The ticket that this thread works for; one without limits outside of requests."""
    return _current.get() or Ticket()


@contextmanager
def working_for(ticket: Ticket) -> Iterator[None]:
    """Make ``ticket`` the current one of this thread."""
    token = _current.set(ticket)
    try:
        yield
    finally:
        _current.reset(token)
