import asyncio
import threading

import pytest

from serving.errors import Refusal
from serving.settings import Settings
from serving.workers import Workers


def _name() -> bytes:
    return threading.current_thread().name.encode()


def test_work_runs_in_another_thread() -> None:
    workers = Workers(Settings(jobs=1))
    name = asyncio.run(workers.run(_name))
    workers.close()
    assert name.startswith(b"standfirst")


def test_more_than_may_wait_is_sent_away() -> None:
    gate = threading.Event()

    def wait() -> bytes:
        gate.wait(10)
        return b"done"

    async def four() -> list[bytes | BaseException]:
        tasks = [asyncio.create_task(workers.run(wait)) for _ in range(4)]
        await asyncio.sleep(0.05)
        gate.set()
        return await asyncio.gather(*tasks, return_exceptions=True)

    workers = Workers(Settings(jobs=1, max_waiting=1))
    answers = asyncio.run(four())
    assert answers[:2] == [b"done", b"done"]
    for refusal in answers[2:]:
        assert isinstance(refusal, Refusal)
        assert (refusal.status, refusal.headers["Retry-After"]) == (429, "1")
    assert asyncio.run(workers.run(lambda: b"again")) == b"again"
    workers.close()


def test_work_past_its_deadline_never_begins() -> None:
    gate = threading.Event()
    begun: list[str] = []

    def wait() -> bytes:
        begun.append("first")
        gate.wait(10)
        return b""

    def never() -> bytes:
        begun.append("second")
        return b""

    async def two() -> list[bytes | BaseException]:
        return await asyncio.gather(workers.run(wait), workers.run(never), return_exceptions=True)

    workers = Workers(Settings(jobs=1, timeout_s=0.05))
    answers = asyncio.run(two())
    gate.set()
    assert [a.status for a in answers if isinstance(a, Refusal)] == [503, 503]
    assert asyncio.run(workers.run(lambda: b"next")) == b"next"
    assert begun == ["first"]
    workers.close()


def test_errors_of_the_work_come_through() -> None:
    workers = Workers(Settings(jobs=1))
    with pytest.raises(ZeroDivisionError):
        asyncio.run(workers.run(lambda: bytes(1 // 0)))
    workers.close()
