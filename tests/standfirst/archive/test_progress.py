import io
import json

from standfirst.archive.progress import Progress, State


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_json_says_rows_rate_share_and_time_left() -> None:
    """200 rows in 10 s took the share from .5 to .6: forty seconds for the other .4."""
    stream, clock = io.StringIO(), Clock()
    progress = Progress("json", stream, clock)
    clock.now += 10
    progress.show(State(200, 0.6, 0.5, repeated=20, quarantined=3))
    clock.now += 0.1
    progress.show(State(201, 0.6, 0.5, repeated=20, quarantined=3))  # too soon
    (line,) = stream.getvalue().splitlines()
    assert json.loads(line) == {
        "rows": 200, "rows_per_s": 20.0, "share": 0.6, "left_s": 40, "repeated": 20, "quarantined": 3,
    }  # fmt: skip


def test_a_bar_on_a_terminal_and_nothing_in_a_pipe() -> None:
    terminal, pipe, clock = Terminal(), io.StringIO(), Clock()
    for stream in (terminal, pipe):
        progress = Progress("auto", stream, clock)
        clock.now += 1
        progress.show(State(1000, 0.25, 0.0, 0, 0))
        progress.show(State(4000, 1.0, 0.0, 7, 0), at_end=True)
    assert pipe.getvalue() == ""
    first, last = terminal.getvalue().strip().split("\r")
    assert first.startswith("[######..................]  25.0%  1,000 rows  1,000/s  3 s left")
    assert "100.0%  4,000 rows" in last
    assert terminal.getvalue().endswith("\n")


def test_no_time_is_promised_before_anything_is_done() -> None:
    stream, clock = io.StringIO(), Clock()
    Progress("json", stream, clock).show(State(0, 0.0, 0.0, 0, 0))
    assert json.loads(stream.getvalue())["left_s"] is None
