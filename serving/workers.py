"""A few threads for the work, so that the event loop stays free to answer ``/livez``."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import BoundedSemaphore

from serving.errors import Refusal
from serving.settings import Settings

_RETRY_AFTER_S = 1


class Workers:
    """Runs ``settings.jobs`` pieces of work at once; some may wait, more are refused.

    A place is given back when the work has ended, not when its caller has gone: work cannot pile up.
    """

    def __init__(self, settings: Settings) -> None:
        self._timeout_s = settings.timeout_s
        self._pool = ThreadPoolExecutor(settings.jobs, thread_name_prefix="standfirst")
        self._places = BoundedSemaphore(settings.jobs + settings.max_waiting)

    async def run(self, work: Callable[[], bytes]) -> bytes:
        """Do ``work`` in a thread.

        Raises
        ------
        Refusal
            429 if too many wait, 503 if it is not done in time; work that has not begun by then never begins.

        """
        if not self._places.acquire(blocking=False):
            message = "too many requests wait; come again in a moment"
            raise Refusal(429, "busy", message, headers={"Retry-After": str(_RETRY_AFTER_S)})
        future = self._pool.submit(work)
        future.add_done_callback(lambda _: self._places.release())
        try:
            return await asyncio.wait_for(asyncio.wrap_future(future), self._timeout_s)
        except TimeoutError:
            message = f"not done in {self._timeout_s:g} s; send less at once"
            raise Refusal(503, "timeout", message) from None

    def close(self) -> None:
        """Let no more work begin; what runs is finished."""
        self._pool.shutdown(wait=False, cancel_futures=True)
