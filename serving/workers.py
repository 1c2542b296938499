"""Threads for the work, so that the event loop stays free to answer ``/livez``."""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from serving.settings import Settings
from serving.ticket import Ticket, timed_out, working_for

T = TypeVar("T")

SMALL_BYTES = 64 * 1024
"""A larger body takes one of few threads of its own kind: ten of them cannot keep a small one waiting."""


class Workers:
    """Runs pieces of work in threads. Most of these threads wait for the batcher."""

    def __init__(self, settings: Settings) -> None:
        self._small = ThreadPoolExecutor(settings.jobs, thread_name_prefix="standfirst")
        self._large = ThreadPoolExecutor(max(1, settings.jobs // 4), thread_name_prefix="standfirst-large")

    async def run(self, work: Callable[[], T], ticket: Ticket) -> T:
        """Do ``work`` in a thread.

        Raises
        ------
        Refusal
            If it is not done in time, or the ticket is withdrawn; work that has not begun by then never begins.

        """
        pool = self._small if ticket.n_bytes <= SMALL_BYTES else self._large
        future = pool.submit(_work, work, ticket)
        ticket.work = future
        try:
            return await asyncio.wait_for(asyncio.wrap_future(future), ticket.deadline - time.monotonic())
        except TimeoutError:
            refusal = timed_out(ticket.timeout_s)
            ticket.withdraw(refusal)
            raise refusal from None

    def close(self) -> None:
        """Let no more work begin; what runs is finished."""
        for pool in (self._small, self._large):
            pool.shutdown(wait=False, cancel_futures=True)


def _work(work: Callable[[], T], ticket: Ticket) -> T:
    ticket.check()
    with working_for(ticket):
        return work()
