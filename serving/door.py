"""The door: how many requests, and how many bytes of them, are inside; who is turned away, and for how long."""

import math
import time
from threading import Lock

from serving.errors import Refusal
from serving.settings import Settings
from serving.ticket import Ticket

_MEMORY = 0.9
"""Of the measured time between two departures: how much of the old value each new one leaves."""
_LONGEST_S = 3600


class Door:
    """Counts who is inside. One leaves when the work has ended, not when the caller has gone: work cannot pile up."""

    def __init__(self, settings: Settings) -> None:
        self._most = settings.jobs + settings.max_waiting
        self._most_bytes = max(settings.max_waiting_mib * 2**20, settings.max_body_bytes)
        self._lock = Lock()
        self._each_s = 0.0
        self._last = 0.0
        self.n_inside = 0
        self.n_bytes = 0

    def enter(self) -> float:
        """Come in; gives the time to leave with. Raises ``Refusal`` (429) if it is full."""
        with self._lock:
            if self.n_inside >= self._most:
                raise self._full()
            self.n_inside += 1
        return time.monotonic()

    def carry(self, ticket: Ticket, n_bytes: int) -> None:
        """Bring in more of a body. Raises ``Refusal`` (429) if there is no room for it."""
        with self._lock:
            if self.n_bytes + n_bytes > self._most_bytes:
                raise self._full()
            self.n_bytes += n_bytes
            ticket.n_bytes += n_bytes

    def leave(self, ticket: Ticket, entered: float) -> None:
        """Go, when the work has ended."""
        if ticket.work is not None and not ticket.work.done():
            ticket.work.add_done_callback(lambda _: self._left(ticket, entered))
        else:
            self._left(ticket, entered)

    def retry_after_s(self) -> int:
        """Seconds until those inside have gone, at the pace at which others went; at least 1."""
        return math.ceil(min(max(self.n_inside * self._each_s, 1), _LONGEST_S))

    def _left(self, ticket: Ticket, entered: float) -> None:
        with self._lock:
            now = time.monotonic()
            since = now - max(self._last, entered)
            self._each_s = _MEMORY * self._each_s + (1 - _MEMORY) * since
            self._last = now
            self.n_inside -= 1
            self.n_bytes -= ticket.n_bytes

    def _full(self) -> Refusal:
        seconds = self.retry_after_s()
        message = f"too much is waiting; come again in {seconds} s"
        return Refusal(429, "busy", message, headers={"Retry-After": str(seconds)})
