import asyncio
import threading

import pytest

from serving.errors import Refusal
from serving.settings import Settings
from serving.ticket import GONE, Ticket, current
from serving.workers import SMALL_BYTES, Workers


def _name() -> bytes:
    return threading.current_thread().name.encode()


def _caller() -> bytes:
    return current().caller.encode()


def run(workers: Workers, *work: object, timeout_s: float = 10) -> list[bytes | BaseException]:
    async def all_of_them() -> list[bytes | BaseException]:
        jobs = [workers.run(one, Ticket(timeout_s=timeout_s)) for one in work]  # type: ignore[arg-type]
        return await asyncio.gather(*jobs, return_exceptions=True)

    return asyncio.run(all_of_them())


def test_work_runs_in_another_thread_for_its_ticket() -> None:
    workers = Workers(Settings(jobs=1))
    ticket = Ticket("desk")
    assert asyncio.run(workers.run(_name, ticket)).startswith(b"standfirst")
    assert asyncio.run(workers.run(_caller, ticket)) == b"desk"
    assert current().caller == ""
    workers.close()


def test_large_bodies_do_not_keep_small_ones_waiting() -> None:
    gate = threading.Event()

    async def both() -> bytes:
        large = [
            asyncio.create_task(workers.run(lambda: str(gate.wait(10)).encode(), Ticket(n_bytes=SMALL_BYTES + 1)))
            for _ in range(20)
        ]
        await asyncio.sleep(0.05)
        small = await workers.run(lambda: b"small", Ticket(n_bytes=SMALL_BYTES))
        assert not any(task.done() for task in large)
        gate.set()
        await asyncio.gather(*large)
        return small

    workers = Workers(Settings(jobs=4))
    assert asyncio.run(both()) == b"small"
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

    workers = Workers(Settings(jobs=1))
    answers = run(workers, wait, never, timeout_s=0.05)
    gate.set()
    assert [a.status for a in answers if isinstance(a, Refusal)] == [503, 503]
    assert run(workers, lambda: b"next") == [b"next"]
    assert begun == ["first"]
    workers.close()


def test_work_of_one_who_has_gone_never_begins() -> None:
    workers = Workers(Settings(jobs=1))
    ticket = Ticket()
    ticket.withdraw(GONE)
    with pytest.raises(Refusal) as caught:
        asyncio.run(workers.run(_name, ticket))
    assert caught.value is GONE
    workers.close()


def test_errors_of_the_work_come_through() -> None:
    workers = Workers(Settings(jobs=1))
    (error,) = run(workers, lambda: bytes(1 // 0))
    assert isinstance(error, ZeroDivisionError)
    workers.close()
