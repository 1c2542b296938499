import time
from concurrent.futures import Future

import pytest

from serving.door import Door
from serving.errors import Refusal
from serving.settings import Settings
from serving.ticket import Ticket

MIB = 2**20


def test_more_than_may_wait_is_sent_away() -> None:
    door = Door(Settings(jobs=1, max_waiting=1))
    first = door.enter()
    door.enter()
    with pytest.raises(Refusal) as caught:
        door.enter()
    assert (caught.value.status, caught.value.code, caught.value.headers) == (429, "busy", {"Retry-After": "1"})
    door.leave(Ticket(), first)
    door.enter()


def test_bytes_are_counted_too() -> None:
    door = Door(Settings(max_waiting_mib=1, max_body_bytes=MIB))
    ticket, other = Ticket(), Ticket()
    door.enter()
    entered = door.enter()
    door.carry(ticket, MIB - 10)
    door.carry(other, 10)
    with pytest.raises(Refusal, match="too much is waiting"):
        door.carry(other, 1)
    door.leave(ticket, entered)
    door.carry(other, 1)
    assert door.n_bytes == 11


def test_one_whose_work_goes_on_has_not_left() -> None:
    door = Door(Settings())
    ticket = Ticket()
    ticket.work = Future()
    door.leave(ticket, door.enter())
    assert door.n_inside == 1
    ticket.work.set_result(b"")
    assert door.n_inside == 0


def test_retry_after_is_the_queue_at_the_measured_pace(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    door = Door(Settings(jobs=1, max_waiting=199))
    entered = [door.enter() for _ in range(200)]
    for _ in range(100):  # one leaves every half second
        now += 0.5
        door.leave(Ticket(), entered.pop())
    assert door.retry_after_s() in (49, 50), "a hundred are left, at two a second"
    for _ in range(100):
        now += 0.5
        door.leave(Ticket(), entered.pop())
    assert door.retry_after_s() == 1
