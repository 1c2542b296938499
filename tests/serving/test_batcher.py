"""The queue in front of the models, with encoders that write down what they were asked."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from serving.batcher import Batcher
from serving.errors import Refusal
from serving.ticket import GONE, Ticket, working_for
from standfirst.pieces import Window


class Recorder:
    """An encoder whose output is twice a row's first piece; its first call waits until ``release`` is set."""

    def __init__(self, hold: bool = False) -> None:
        self.calls: list[list[int]] = []
        self.lengths: list[set[int]] = []
        self.release = threading.Event()
        self.called = threading.Event()
        if not hold:
            self.release.set()

    def call(self, rows: Sequence[Window], output: str | None = None) -> Any:
        self.calls.append([row.ids[0] for row in rows])
        self.lengths.append({row.padded for row in rows})
        self.called.set()
        self.release.wait(10)
        if any(row.ids[0] < 0 for row in rows):
            raise ValueError("cannot")
        return np.array([[2.0 * row.ids[0]] for row in rows], dtype=np.float32)


def row(value: int, length: int = 16) -> Window:
    return Window(0, (value, *[0] * (length - 1)), length)


@pytest.fixture
def batcher() -> Iterator[Batcher]:
    found = Batcher(64)
    yield found
    found.close()


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(64) as found:
        yield found


def ask(batcher: Batcher, encoder: Any, rows: list[Window], ticket: Ticket) -> list[float]:
    with working_for(ticket):
        return [float(output[0]) for output in batcher.run(encoder, rows)]


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.002)


def test_rows_of_many_share_a_call_and_everyone_gets_his_own(batcher: Batcher, pool: ThreadPoolExecutor) -> None:
    encoder = Recorder(hold=True)
    first = pool.submit(ask, batcher, encoder, [row(0)], Ticket())
    encoder.called.wait(10)
    others = [pool.submit(ask, batcher, encoder, [row(i)], Ticket(str(i))) for i in range(1, 9)]
    until(lambda: batcher.waiting_tokens == 9 * 16)
    encoder.release.set()
    assert first.result(10) == [0.0]
    assert [other.result(10) for other in others] == [[2.0 * i] for i in range(1, 9)]
    assert [len(call) for call in encoder.calls] == [1, 4, 4], "64 pieces are four rows of 16"
    assert batcher.waiting_tokens == 0


def test_rows_of_like_lengths_share_a_call() -> None:
    batcher, encoder = Batcher(128), Recorder()
    rows = [row(i, 16 * (1 + i % 3)) for i in range(30)]
    assert ask(batcher, encoder, rows, Ticket()) == [2.0 * i for i in range(30)]
    batcher.close()
    padded = [len(call) * max(lengths) for call, lengths in zip(encoder.calls, encoder.lengths, strict=True)]
    assert max(padded) <= 128
    assert any(len(lengths) > 1 for lengths in encoder.lengths)
    assert len(encoder.calls) <= 10, "of one length each they would be 2 + 3 + 5"


def test_a_long_row_does_not_make_short_ones_long(pool: ThreadPoolExecutor) -> None:
    """Padding costs attention the square of the longest: a row of 16 waits rather than be one of 160."""
    batcher, encoder = Batcher(4096), Recorder(hold=True)
    first = pool.submit(ask, batcher, encoder, [row(0)], Ticket())
    encoder.called.wait(10)
    mixed = pool.submit(ask, batcher, encoder, [row(i, n) for i, n in enumerate((16, 160, 64, 96, 32), 1)], Ticket())
    until(lambda: batcher.waiting_tokens == 16 + 16 + 160 + 64 + 96 + 32)
    encoder.release.set()
    assert (first.result(10), mixed.result(10)) == ([0.0], [2.0, 4.0, 6.0, 8.0, 10.0])
    batcher.close()
    assert encoder.lengths == [{16}, {16, 32, 64}, {96, 160}]


def test_while_one_call_runs_another_may_begin(pool: ThreadPoolExecutor) -> None:
    batcher, slow, quick = Batcher(64, calls=2), Recorder(hold=True), Recorder()
    first = pool.submit(ask, batcher, slow, [row(1)], Ticket())
    slow.called.wait(10)
    assert ask(batcher, quick, [row(2)], Ticket()) == [4.0]
    assert not first.done()
    slow.release.set()
    assert first.result(10) == [2.0]
    batcher.close()


def test_rows_that_one_call_cannot_take_wake_the_other(pool: ThreadPoolExecutor) -> None:
    batcher, encoder = Batcher(16, calls=2), Recorder(hold=True)
    both = pool.submit(ask, batcher, encoder, [row(1), row(2)], Ticket())
    until(lambda: len(encoder.calls) == 2)  # neither has been answered
    encoder.release.set()
    assert both.result(10) == [2.0, 4.0]
    batcher.close()


def test_what_is_here_is_shared_out_among_the_calls(pool: ThreadPoolExecutor) -> None:
    batcher, encoder = Batcher(1024, calls=2), Recorder(hold=True)
    both = pool.submit(ask, batcher, encoder, [row(i) for i in range(8)], Ticket())
    until(lambda: len(encoder.calls) == 2)
    encoder.release.set()
    assert both.result(10) == [2.0 * i for i in range(8)]
    assert [len(call) for call in encoder.calls] == [4, 4], "one call would have room for all"
    batcher.close()


def test_a_row_that_finds_nobody_is_computed_where_it_came_from() -> None:
    class Where(Recorder):
        def call(self, rows: Sequence[Window], output: str | None = None) -> Any:
            places.append(threading.current_thread())
            return super().call(rows, output)

    places: list[threading.Thread] = []
    batcher, encoder = Batcher(64), Where()
    assert ask(batcher, encoder, [row(1)], Ticket()) == [2.0]
    assert ask(batcher, encoder, [row(1), row(2)], Ticket()) == [2.0, 4.0]
    assert places[0] is threading.current_thread()
    assert places[1] is not threading.current_thread()
    assert batcher.waiting_tokens == 0
    with pytest.raises(ValueError, match="cannot"):
        ask(batcher, encoder, [row(-1)], Ticket())
    assert ask(batcher, encoder, [row(3)], Ticket()) == [6.0]  # the core is free again
    batcher.close()


def test_a_long_row_is_not_overtaken_by_short_ones_that_come_later(pool: ThreadPoolExecutor) -> None:
    batcher, encoder = Batcher(16), Recorder(hold=True)
    asked = [pool.submit(ask, batcher, encoder, [row(0)], Ticket("x"))]
    encoder.called.wait(10)
    tokens = 16
    for i, length in enumerate((160, 16, 16, 16), 1):
        asked.append(pool.submit(ask, batcher, encoder, [row(i, length)], Ticket("x")))
        tokens += length
        until(lambda tokens=tokens: batcher.waiting_tokens == tokens)  # type: ignore[misc]
    encoder.release.set()
    assert [one.result(10) for one in asked] == [[2.0 * i] for i in range(5)]
    assert encoder.calls == [[0], [1], [2], [3], [4]]
    batcher.close()


def test_a_row_above_the_budget_goes_alone(batcher: Batcher) -> None:
    encoder = Recorder()
    assert ask(batcher, encoder, [row(1, 512), row(2, 512)], Ticket()) == [2.0, 4.0]
    assert encoder.calls == [[1], [2]]


def test_a_small_request_overtakes_a_huge_one(batcher: Batcher, pool: ThreadPoolExecutor) -> None:
    encoder = Recorder(hold=True)
    huge = pool.submit(ask, batcher, encoder, [row(i) for i in range(1000)], Ticket("archive"))
    encoder.called.wait(10)
    small = pool.submit(ask, batcher, encoder, [row(5000)], Ticket("archive"))
    until(lambda: batcher.waiting_tokens == 1001 * 16)
    encoder.release.set()
    assert small.result(10) == [10000.0]
    assert huge.result(10) == [2.0 * i for i in range(1000)]
    place = next(i for i, call in enumerate(encoder.calls) if 5000 in call)
    assert place <= 2, "the one that ran when it came, at most one more, and its own"


def test_fifty_connections_of_one_caller_are_one_caller(batcher: Batcher, pool: ThreadPoolExecutor) -> None:
    encoder = Recorder(hold=True)
    blocker = pool.submit(ask, batcher, encoder, [row(0)], Ticket("x"))
    encoder.called.wait(10)
    greedy = [
        pool.submit(ask, batcher, encoder, [row(1000 + 100 * i + k) for k in range(8)], Ticket("greedy"))
        for i in range(50)
    ]
    until(lambda: batcher.waiting_tokens == (1 + 50 * 8) * 16)
    modest = pool.submit(ask, batcher, encoder, [row(1 + k) for k in range(8)], Ticket("modest"))
    until(lambda: batcher.waiting_tokens == (1 + 51 * 8) * 16)
    encoder.release.set()
    modest.result(10)
    for one in (blocker, *greedy):
        one.result(10)
    order = [value for call in encoder.calls for value in call]
    last = max(order.index(1 + k) for k in range(8))
    assert last < 80, f"modest ended at place {last} of {len(order)}; a plain queue would end it at 409"


def test_rows_of_one_who_has_gone_are_dropped(batcher: Batcher, pool: ThreadPoolExecutor) -> None:
    encoder = Recorder(hold=True)
    blocker = pool.submit(ask, batcher, encoder, [row(0)], Ticket())
    encoder.called.wait(10)
    ticket = Ticket()
    gone = pool.submit(ask, batcher, encoder, [row(i) for i in range(1, 100)], ticket)
    until(lambda: batcher.waiting_tokens == 100 * 16)
    ticket.withdraw(GONE)
    with pytest.raises(Refusal):
        gone.result(1)
    assert batcher.waiting_tokens == 16
    encoder.release.set()
    blocker.result(10)
    ask(batcher, encoder, [row(7, 32)], Ticket())
    assert encoder.calls == [[0], [7]]


def test_rows_past_their_deadline_never_begin(batcher: Batcher, pool: ThreadPoolExecutor) -> None:
    encoder = Recorder(hold=True)
    blocker = pool.submit(ask, batcher, encoder, [row(0)], Ticket())
    encoder.called.wait(10)
    with pytest.raises(Refusal) as caught:
        ask(batcher, encoder, [row(1), row(2)], Ticket(timeout_s=0.05))
    assert (caught.value.status, caught.value.code) == (503, "timeout")
    encoder.release.set()
    blocker.result(10)
    ask(batcher, encoder, [row(7)], Ticket())
    assert encoder.calls == [[0], [7]]


def test_who_breaks_a_call_breaks_alone(batcher: Batcher, pool: ThreadPoolExecutor) -> None:
    encoder = Recorder(hold=True)
    blocker = pool.submit(ask, batcher, encoder, [row(0)], Ticket())
    encoder.called.wait(10)
    bad = pool.submit(ask, batcher, encoder, [row(-1)], Ticket())
    good = pool.submit(ask, batcher, encoder, [row(3)], Ticket())
    until(lambda: batcher.waiting_tokens == 48)
    encoder.release.set()
    assert good.result(10) == [6.0]
    with pytest.raises(ValueError, match="cannot"):
        bad.result(10)
    blocker.result(10)


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.lists(st.tuples(st.integers(1, 999), st.integers(1, 80)), max_size=12), min_size=1, max_size=8),
    st.integers(16, 256),
)
def test_everyone_gets_what_he_would_get_alone(requests: list[list[tuple[int, int]]], budget: int) -> None:
    batcher = Batcher(budget)
    encoder = Recorder()
    with ThreadPoolExecutor(len(requests)) as pool:
        jobs = [
            pool.submit(ask, batcher, encoder, [row(*pair) for pair in pairs], Ticket(str(i % 2)))
            for i, pairs in enumerate(requests)
        ]
        assert [job.result(10) for job in jobs] == [[2.0 * value for value, _ in pairs] for pairs in requests]
    assert batcher.waiting_tokens == 0
    batcher.close()
