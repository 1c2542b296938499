"""The headline rule, part two: lines with the form of a headline, judged by their neighbours.

A line heads an update if it has the form of a headline (see ``forms``) and the next line that matters
is no such line: prose, a list or a "Read more:". Times, bylines and buttons between a headline and its
prose do not matter. In a run of such lines only the last one heads what follows:

* after the title the run is the key points; a single line is the first update's headline if the text
  has more headlines below, and a key point otherwise;
* after "Read more:" the lines before the last are the linked titles, thus pointers;
* after prose that ends with a colon, and in runs of four or more, they are a list, thus text;
* otherwise, or with a time beside it, each is a flash: an update of nothing but its headline.

Headline-like lines at the very end head nothing and are text, unless they are flashes with their time.
Where times stand above the updates, not between headline and prose, no line above a time heads what is
below it.
Where a text has Markdown headings below its title, these alone are headlines.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from standfirst.parse.forms import LABELS
from standfirst.parse.lines import Line
from standfirst.parse.pointers import label_of
from standfirst.parse.times import TimeLine

Role = Literal[
    "title",
    "headline",
    "key_point",
    "prose",
    "item",
    "byline",
    "pointer",
    "opener",
    "label",
    "end",
    "time",
    "maybe",
]
"""What a line does.

``maybe`` has the form of a headline and is not decided yet; ``item`` stands in a list; ``opener`` is a
pointer that announces something ("Read more:"); ``label`` announces key points and ``end`` closes them.
"""

MATTERS: frozenset[Role] = frozenset(
    {"title", "headline", "key_point", "prose", "item", "opener", "label", "end", "maybe"}
)
"""Roles that count as what stands before or after a line; the others are looked through."""

MAX_PROSE_ABOVE_LABEL = 2
MAX_PROSE_ABOVE_KEY_POINTS = 1
"""Bullets further down are a list in the lead, or speech set off by dashes."""

MIN_LIST_RUN = 4
"""So many headline-like lines in a row are a list that lost its bullets."""


@dataclass(slots=True)
class Item:
    """A line and its role.

    ``plain`` is its text with white space collapsed. ``time`` is set for time lines; ``is_page_time`` marks
    the page's own one, ``is_inline`` the two parts of a line that starts with a time.
    """

    line: Line
    plain: str
    role: Role
    time: TimeLine | None = None
    is_page_time: bool = False
    is_inline: bool = False


@dataclass(frozen=True, slots=True)
class Run:
    """The places of headline-like lines in a row, of what stands before and after them, and of those with a time."""

    members: list[int]
    before: int | None
    after: int | None
    timed: frozenset[int]


def decide(items: Sequence[Item]) -> None:
    """Settle the roles of all lines that are ``maybe`` or ``label``, in place."""
    first = next((i for i, item in enumerate(items) if item.role in MATTERS), None)
    if first is None:
        return
    start = first
    if items[first].role == "maybe":
        items[first].role = "title"
        start = first + 1
    _settle_labels(items, start)
    if any(item.line.level for item in items[start:]):
        _settle_marked(items, start)
    else:
        _settle_runs(items, start)
    _settle_lists(items, start)


def _settle_labels(items: Sequence[Item], start: int) -> None:
    """Make "Key developments" a headline like any other where the lead is over."""
    n_prose = 0
    for item in items[start:]:
        if item.role == "label" and n_prose > MAX_PROSE_ABOVE_LABEL:
            item.role = "maybe"
        n_prose += item.role == "prose"


def _settle_marked(items: Sequence[Item], start: int) -> None:
    for item in items[start:]:
        if item.role == "maybe":
            item.role = "headline" if item.line.level else "prose"


def _settle_runs(items: Sequence[Item], start: int) -> None:
    times_lead = _times_lead(items, start)
    timed = frozenset(i for i in range(start, len(items)) if _has_time(items, i, times_lead))
    runs = list(_runs(items, start, times_lead, timed))
    is_open = False
    for n, run in enumerate(runs):
        labelled = run.before is not None and items[run.before].role == "label"
        if not is_open and (labelled or run.before is None) and not _starts_with_time(run, labelled):
            has_more = n + 1 < len(runs) and runs[n + 1].after is not None
            _settle_key_points(items, run, labelled, has_more)
        else:
            _settle_run(items, run)
        is_open = is_open or any(items[i].role == "headline" for i in run.members)


def _times_lead(items: Sequence[Item], start: int) -> bool:
    """Tell if updates begin with their times: fewer than two in three have a headline's form directly above."""
    times = [i for i in range(start, len(items)) if _is_own_time(items[i])]
    below = [i for i in times if i and items[i - 1].role == "maybe" and not (i > 1 and _is_own_time(items[i - 2]))]
    return len(times) > 1 and 3 * len(below) < 2 * len(times)


def _runs(items: Sequence[Item], start: int, times_lead: bool, timed: frozenset[int]) -> Iterator[Run]:
    """Yield the runs from ``start`` on; lines that do not matter do not interrupt a run, but times that lead do.

    Below a "Key events" each of these may have its time.
    """
    before: int | None = None
    members: list[int] = []
    for i in range(start, len(items)):
        labelled = before is not None and items[before].role == "label"
        if items[i].role == "maybe":
            members.append(i)
        elif items[i].role in MATTERS:
            if members:
                yield Run(members, before, i, timed)
            members, before = [], i
        elif members and times_lead and not labelled and _is_own_time(items[i]):
            yield Run(members, before, None, timed)
            members, before = [], i
    if members:
        yield Run(members, before, None, timed)


def _settle_key_points(items: Sequence[Item], run: Run, labelled: bool, has_more: bool) -> None:
    """Settle the run under the title, or under a "Key events"."""
    *others, last = run.members
    for i in others:
        items[i].role = "key_point"
    if len(run.members) > 2 and label_of(items[others[0]].plain) in LABELS:
        items[others[0]].role = "label"
    ends_list = run.after is None or items[run.after].role in ("label", "end")
    alone = not others and not labelled and (has_more or last in run.timed)
    heads = alone or (bool(others) and _stands_apart(items, run))
    items[last].role = "headline" if heads and not ends_list else "key_point"


def _stands_apart(items: Sequence[Item], run: Run) -> bool:
    """Tell if the last line of a run of key points is set off from them, thus heads what follows."""
    *others, last = run.members
    item = items[last]
    set_off = item.line.gap and len(others) > 1 and not any(items[i].line.gap for i in others[1:])
    asks = item.plain.endswith("?") and not any(items[i].plain.endswith("?") for i in others)
    return set_off or asks or last in run.timed or item.plain.startswith(("ICYMI:", "Watch:"))


def _settle_run(items: Sequence[Item], run: Run) -> None:
    """Settle a run in the body."""
    before = None if run.before is None else items[run.before]
    leads_in = before is not None and before.role == "prose" and before.plain.endswith(":")
    for i in run.members:
        if i != run.members[-1] and label_of(items[i].plain) in LABELS:
            items[i].role = "pointer"  # "Analysis" above a headline is its kicker
        elif i in run.timed or (i == run.members[-1] and run.after is not None):
            items[i].role = "headline"
        elif before is not None and before.role == "opener":
            items[i].role = "pointer"
        elif leads_in or len(run.members) >= MIN_LIST_RUN:
            items[i].role = "item"
        else:
            items[i].role = "headline" if run.after is not None else "prose"


def _settle_lists(items: Sequence[Item], start: int) -> None:
    """Make the bullets at the top of the opening, or below their label, key points."""
    n_prose = 0
    for item in items[start:]:
        if item.role == "headline" or n_prose > MAX_PROSE_ABOVE_KEY_POINTS:
            return
        if item.role == "item" and item.line.bullet:
            item.role = "key_point"
        n_prose = 0 if item.role == "label" else n_prose + (item.role == "prose")


def _starts_with_time(run: Run, labelled: bool) -> bool:
    """Tell if a run under the title is one of dated flashes and not of key points."""
    return not labelled and len(run.members) > 1 and run.members[0] in run.timed


def _has_time(items: Sequence[Item], i: int, times_lead: bool) -> bool:
    """Tell if a time stands directly above a line, or (where times do not lead) below it and not above a headline."""
    if i and _is_own_time(items[i - 1]):
        return True
    if times_lead:
        return False
    follows = items[i + 1] if i + 1 < len(items) else None
    beyond = items[i + 2].role if i + 2 < len(items) else None
    return follows is not None and _is_own_time(follows) and beyond not in ("maybe", "headline")


def _is_own_time(item: Item) -> bool:
    return item.time is not None and not item.time.is_edit and not item.is_page_time
