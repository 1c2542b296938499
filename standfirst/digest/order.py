"""In which order the updates of a blog came: pages have the newest on top, or at their end."""

import itertools
import re
from collections.abc import Sequence
from datetime import datetime

from standfirst.english.retractions import clock
from standfirst.schema import Update

_CLOCK = re.compile(r"\W*(\d{1,2})[.:](\d{2})\s?([ap][.]?m\b[.]?)?(?:\s?[A-Z]{2,4})?\W*", re.IGNORECASE)


def newest_first(updates: Sequence[Update]) -> list[int]:
    """The numbers of the updates, the latest one first.

    By their times where all have one, of one minute as the page goes; else as most of the times go that are known, or
    that stand over them without a date; a page that tells none has the newest on top.
    """
    times = [u.published for u in updates if u.published is not None]
    numbers = list(range(len(updates)))
    if _rises(times or [c for u in updates if (c := shown_time(u)) is not None]):
        numbers.reverse()
    if len(times) == len(updates):
        numbers.sort(key=lambda i: updates[i].published or datetime.min, reverse=True)
    return numbers


def shown_time(update: Update) -> tuple[int, int] | None:
    """The hour and minute that stand over an update on a page that tells no date."""
    over = next(iter(update.paragraphs), None)
    found = _CLOCK.fullmatch(over.text) if over is not None and over.kind == "pointer" else None
    return clock(*found.groups()) if found else None


def _rises(times: Sequence[datetime] | Sequence[tuple[int, int]]) -> bool:
    """Whether most times are later than the one before; at midnight a clock begins anew."""
    pairs = list(itertools.pairwise(times))
    return sum(a < b for a, b in pairs) > sum(a > b for a, b in pairs)  # type: ignore[operator]
