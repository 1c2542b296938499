"""Plain text: one paragraph a line, or paragraphs between blank lines, hard-wrapped or not.

The first line may be `` date 2023-09-05 Title``, a title, or already prose. Below it come key points,
the lead, and the updates. What a headline is: its form in ``forms``, its neighbours in ``headlines``.

A time of day belongs to the last day named above it; how times date updates is told in ``updates``.
Every line stays a paragraph: times, buttons and credits as pointers.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import pairwise

from standfirst.parse.build import DraftBlog
from standfirst.parse.forms import LABELS, form_of
from standfirst.parse.headlines import MATTERS, Item, Role, decide
from standfirst.parse.lines import Line, refuse_other_text, split_lines, unwrap
from standfirst.parse.pointers import (
    END_OF_KEY_POINTS,
    KEY_LABELS,
    is_bare_pointer,
    is_name,
    is_tweet_credit,
    label_of,
)
from standfirst.parse.times import TimeLine, parse_time_line, split_time
from standfirst.parse.updates import deal

MIN_RECURRENCES = 3
MAX_BUTTON_WORDS = 4
"""A headline-like line this short that comes this often is a button of the page."""

MAX_LINES_ABOVE_PAGE_TIME = 3

MAX_LINES_OF_POST = 8

_HANDLE = re.compile(r"@\w{2,30}")
_DATED_TITLE = re.compile(r"(?:date:?\s+)?(?P<day>\d{4}-\d\d-\d\d)(?:\s*[|:–—-]\s+|\s+)(?=\S)", re.IGNORECASE)


def read(source: str) -> DraftBlog:
    """Read a plain-text live blog; paragraphs keep their offsets in ``source``.

    Raises
    ------
    NotALiveBlog
        If the text is no prose: no letters, a table, source code.
    """
    lines = unwrap(split_lines(source), source)
    refuse_other_text(lines)
    lines, day = _split_date(lines)
    items = _classify(lines, day)
    decide(items)
    return deal(items, DraftBlog(source=source, published=_midnight(day)))


def _split_date(lines: Sequence[Line]) -> tuple[list[Line], date | None]:
    """Take the date off the first line, if it leads in a title."""
    match = _DATED_TITLE.match(lines[0].text)
    day = _day(match["day"]) if match else None
    if match is None or day is None:
        return list(lines), None
    first = replace(lines[0], text=lines[0].text[match.end() :], start=lines[0].start + match.end())
    return [first, *lines[1:]], day


def _day(value: str) -> date | None:
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def _midnight(day: date | None) -> datetime | None:
    return None if day is None else datetime(day.year, day.month, day.day, tzinfo=UTC)


def _classify(lines: Sequence[Line], day: date | None) -> list[Item]:
    """Give every line the role its own form suggests, then those that only a look around shows."""
    trusted = any(line.level for line in lines[1:])
    apart = _has_times_apart(lines)
    items: list[Item] = []
    for n, line in enumerate(lines):
        for item in _items_of(line, day, trusted and n > 0, apart):
            items.append(item)
            if item.time is not None:
                day = _day_after(item.time, day)
    _drop_buttons(items)
    _find_names(items)
    _find_posts(items)
    _find_page_time(items)
    _drop_days(items)
    return items


def _day_after(time: TimeLine, day: date | None) -> date | None:
    """Return the day of what stands below a time line; when a page came out does not say what day it is by now."""
    if not (time.is_dated and time.moment) or time.is_edit:
        return day
    named = time.moment.date()
    return day if time.is_published and day is not None and day > named else named


def _has_times_apart(lines: Sequence[Line]) -> bool:
    """Tell if updates have their times on lines of their own; a time within a line is then one of an agenda."""
    times = [time for line in lines if (time := parse_time_line(line.plain, None)) is not None]
    own = sum(time.has_clock and not time.is_edit for time in times)
    return own > 1 and 2 * own >= sum(split_time(line.text) is not None for line in lines)


def _items_of(line: Line, day: date | None, trusted: bool, apart: bool) -> list[Item]:
    """Make one item of a line, or two if a time stands before its text and times do not stand ``apart``."""
    plain = line.plain
    time = parse_time_line(plain, day)
    if time is not None:
        return [Item(line, plain, "time", time)]
    parts = None if line.level else split_time(line.text)
    if parts is None or apart:
        return [Item(line, plain, "item" if parts else _role_of(line, plain, trusted))]
    end, start = parts
    clock = replace(line, text=line.text[:end])
    rest = replace(line, text=line.text[start:], start=line.start + start)
    time = parse_time_line(clock.plain, day)
    return [
        Item(clock, clock.plain, "time" if time else "pointer", time, is_inline=True),
        Item(rest, rest.plain, _role_of(rest, rest.plain, trusted), is_inline=True),
    ]


def _role_of(line: Line, plain: str, trusted: bool) -> Role:
    """Name a line's role by its form; where headings are ``trusted`` a headline's form does not count."""
    label = label_of(plain)
    if label in END_OF_KEY_POINTS or label in KEY_LABELS:
        return "end" if label in END_OF_KEY_POINTS else "label"
    if line.level:
        return "maybe"
    form = form_of(plain)
    if form == "pointer" and is_bare_pointer(plain):
        return "opener"
    if form in ("byline", "pointer"):
        return form
    if line.bullet:
        return "item"
    return "maybe" if form == "headline" and not trusted else "prose"


def _drop_buttons(items: Sequence[Item]) -> None:
    labels = [label_of(item.plain) if item.role == "maybe" else "" for item in items]
    counts = Counter(labels)
    for item, label in zip(items, labels, strict=True):
        is_short = 0 < len(label.split()) <= MAX_BUTTON_WORDS
        if is_short and counts[label] >= MIN_RECURRENCES and label not in LABELS and not item.line.level:
            item.role = "pointer"


def _find_names(items: Sequence[Item]) -> None:
    """Take a lone name below a headline, a time or another byline as a byline."""
    for above, item in pairwise(items):
        if item.role == "prose" and above.role in ("maybe", "time", "byline") and is_name(item.plain):
            item.role = "byline"


def _find_posts(items: Sequence[Item]) -> None:
    """Take the line above "— Name (@name)" as a post, whatever its form, and that above "@name" as whose post it is.

    The time of such a post is no update's.
    """
    for i, (item, below) in enumerate(pairwise(items), 2):  # ``i`` is the place behind both
        if item.role == "maybe" and below.role == "byline" and is_tweet_credit(below.plain):
            item.role = "prose"
        elif item.role in ("maybe", "prose", "byline") and _HANDLE.fullmatch(below.plain):
            item.role = below.role = "byline"
            _drop_post_time(items[i : i + MAX_LINES_OF_POST])


def _drop_post_time(below: Sequence[Item]) -> None:
    """Take the first time below a post's author for the post's, if it has a post's form: "10:58 · 14 January"."""
    time = next((item for item in below if item.time is not None), None)
    if time is not None and "·" in time.plain:
        time.role, time.time = "pointer", None


def _find_page_time(items: Sequence[Item]) -> None:
    """Mark the lines near the title that date the page and not an update."""
    stamps = _stamps_at_top(items)
    for item in stamps:
        item.is_page_time = True
    if stamps:
        return
    n_above = 0
    for item in items:
        n_above += item.role in MATTERS
        if n_above > MAX_LINES_ABOVE_PAGE_TIME:
            return
        if item.time and item.time.is_published:
            item.is_page_time = True
            return


def _stamps_at_top(items: Sequence[Item]) -> list[Item]:
    """Return the dated lines between the title and what matters next that are no update's.

    These are "First published ...", what stands above another time, and all if no other line is dated.
    """
    n_dated = sum(_is_dated(item) for item in items)
    below = [i for i, item in enumerate(items) if item.role in MATTERS][1:2]
    top = [item for item in items[: below[0] if below else None] if item.time and not item.is_inline]
    is_all = sum(map(_is_dated, top)) == n_dated
    stamps: list[Item] = []
    has_clock_below = False
    for item in reversed(top):
        if item.time is None or item.time.is_edit:
            continue
        is_above = has_clock_below and item.time.has_clock
        if _is_dated(item) and (is_all or is_above or item.time.is_published):
            stamps.append(item)
        has_clock_below = has_clock_below or item.time.has_clock
    return stamps


def _is_dated(item: Item) -> bool:
    return item.time is not None and item.time.is_dated and not item.time.is_edit


def _drop_days(items: Sequence[Item]) -> None:
    """Where updates have times of day, a line with a day alone only says which day they are of."""
    if not any(item.time and item.time.has_clock and not item.is_page_time for item in items):
        return
    for item in items:
        if item.time and item.time.is_dated and not item.time.has_clock and not item.is_page_time:
            item.role, item.time = "pointer", None
