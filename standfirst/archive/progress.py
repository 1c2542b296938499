"""How far a job is: a bar for a person, lines of JSON for a program, nothing in a pipe."""

import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO, Literal

Style = Literal["auto", "bar", "json", "none"]

_EVERY_S = {"bar": 0.2, "json": 1.0, "none": float("inf")}


@dataclass(frozen=True, slots=True)
class State:
    """Where a job stands: rows done since it began or was resumed, and the share of all input bytes done in all.

    ``handed_on`` is ``None`` where there is no student to hand on.
    """

    rows: int
    share: float
    share_before: float
    repeated: int
    quarantined: int
    handed_on: int | None = None


class Progress:
    """Reports a state to a stream, now and then.

    ``auto`` is ``bar`` on a terminal and ``none`` anywhere else.
    """

    def __init__(
        self, style: Style = "auto", stream: IO[str] | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._stream = sys.stderr if stream is None else stream
        self._style = ("bar" if self._stream.isatty() else "none") if style == "auto" else style
        self._clock = clock
        self._began = clock()
        self._due = self._began

    def show(self, state: State, *, at_end: bool = False) -> None:
        """Report, if it is time to."""
        now = self._clock()
        if self._style == "none" or (now < self._due and not at_end):
            return
        self._due = now + _EVERY_S[self._style]
        seconds = max(now - self._began, 1e-9)
        rate = state.rows / seconds
        gained = state.share - state.share_before
        left_s = seconds * (1 - state.share) / gained if gained > 0 else None
        if self._style == "json":
            print(_as_json(state, rate, left_s), file=self._stream, flush=True)
        else:
            end = "\n" if at_end else ""
            print(f"\r{_as_bar(state, rate, left_s)}\x1b[K", file=self._stream, end=end, flush=True)


def _as_json(state: State, rate: float, left_s: float | None) -> str:
    return json.dumps(
        {
            "rows": state.rows,
            "rows_per_s": round(rate, 1),
            "share": round(state.share, 4),
            "left_s": None if left_s is None else round(left_s),
            "repeated": state.repeated,
            "quarantined": state.quarantined,
            **({} if state.handed_on is None else {"handed_on": state.handed_on}),
        }
    )


def _as_bar(state: State, rate: float, left_s: float | None) -> str:
    filled = round(24 * min(state.share, 1))
    left = "?" if left_s is None else duration(left_s)
    handed_on = "" if state.handed_on is None else f"  {state.handed_on:,} handed on"
    return (
        f"[{'#' * filled}{'.' * (24 - filled)}] {state.share:6.1%}  {state.rows:,} rows  {rate:,.0f}/s  {left} left  "
        f"{state.repeated:,} repeated  {state.quarantined:,} bad{handed_on}"
    )


def duration(seconds: float) -> str:
    """Seconds for a person.

    >>> duration(59), duration(3661), duration(90061)
    ('59 s', '1 h 01 min', '25 h 01 min')
    """
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"
