"""Lines with their roles, dealt out to the opening and the updates.

A line that holds nothing but a time starts the update whose headline follows, or dates the one whose
headline it follows. Above prose it starts an update without a headline, if at least two times of the
text stand where an update begins. "Updated at 14.03 BST" dates the last change of the update above it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from standfirst.parse.build import DraftBlog, DraftParagraph, DraftUpdate
from standfirst.parse.days import turn_days
from standfirst.parse.headlines import MATTERS, Item, Role
from standfirst.parse.pointers import names_in
from standfirst.parse.times import TimeLine
from standfirst.schema import ParagraphKind

KINDS: dict[Role, ParagraphKind] = {
    "title": "title", "headline": "headline", "key_point": "key_point", "prose": "text", "item": "text",
    "byline": "byline", "pointer": "pointer", "opener": "pointer", "label": "pointer", "end": "pointer",
    "time": "pointer", "maybe": "text",
}  # fmt: skip

MIN_UNTITLED_UPDATES = 2


def deal(items: Sequence[Item], blog: DraftBlog) -> DraftBlog:
    """Fill a blog with the lines, in their order."""
    dealer = _Dealer(blog, _starts_untitled(items))
    for item, after in zip(items, _next_roles(items), strict=True):
        dealer.add(item, after)
    dealer.finish()
    if n_turned := turn_days(dealer.dated):
        blog.notes.append(
            f"Updates taken for the day before, as a later time of day stands below an earlier one: {n_turned}."
        )
    for update in (blog.opening, *blog.updates):
        update.authors = _authors(update)
    blog.notes.extend(_notes(items, blog))
    return blog


def _next_roles(items: Sequence[Item]) -> list[Role | None]:
    """Return, for every line, the role of the next one that matters."""
    roles: list[Role | None] = [None] * len(items)
    for i in range(len(items) - 2, -1, -1):
        after = items[i + 1].role
        roles[i] = after if after in MATTERS else roles[i + 1]
    return roles


def _starts_untitled(items: Sequence[Item]) -> bool:
    """Tell if times alone start updates in this text."""
    previous: Role | None = None
    n_starts = 0
    for item, after in zip(items, _next_roles(items), strict=True):
        starts = item.time is not None and not item.time.is_edit and not item.is_page_time
        if starts and previous not in ("headline", "time") and after in ("headline", "prose", "item"):
            n_starts += 1
        previous = item.role if item.role in MATTERS or item.role == "time" else previous
    n_inline = sum(item.is_inline and item.time is not None for item in items)
    return max(n_starts, n_inline) >= MIN_UNTITLED_UPDATES


@dataclass(slots=True)
class _Dealer:
    """Keeps the current update.

    ``waiting`` holds times and bylines that stand above the headline they belong to. The current update
    is fresh while it has a headline and neither a time nor prose, and bare while it has only a time. ``dated`` keeps
    the times that date updates; ``is_stated`` tells that a line said when the blog was published.
    """

    blog: DraftBlog
    untitled: bool
    waiting: list[Item] = field(default_factory=list)
    dated: list[tuple[DraftUpdate, TimeLine]] = field(default_factory=list)
    current: DraftUpdate = field(init=False)
    is_fresh: bool = False
    is_bare: bool = False
    is_stated: bool = False

    def __post_init__(self) -> None:
        self.current = self.blog.opening

    def add(self, item: Item, after: Role | None) -> None:
        """Put one line where it belongs; ``after`` is the next role that matters."""
        if item.time is not None:
            self._add_time(item, item.time, after)
        elif item.role == "title":
            self.blog.opening.headline = _draft(item)
        elif item.role == "headline":
            self._start(_draft(item))
        elif self.waiting and item.role not in MATTERS:
            self.waiting.append(item)
        else:
            self.finish()
            self._append(item)
            self.is_fresh = self.is_fresh and item.role not in MATTERS
            self.is_bare = self.is_bare and item.role not in MATTERS

    def finish(self) -> None:
        """Let go of what waited for a headline that did not come."""
        for item in self.waiting:
            self._append(item)
        self.waiting.clear()

    def _add_time(self, item: Item, time: TimeLine, after: Role | None) -> None:
        if time.is_edit:
            target = self.blog if self.current is self.blog.opening else self.current
            target.modified = time.moment or target.modified
        elif item.is_page_time:
            if time.moment is not None and not self.is_stated:
                self.blog.published, self.is_stated = time.moment, time.is_published
        elif self.is_fresh or self.is_bare:
            self._date([time])
            self.is_fresh = False
        elif after == "headline":
            self.waiting.append(item)
            return
        elif self.untitled and after in ("prose", "item"):
            self.waiting.append(item)
            self._start(None)
            return
        self._append(item)

    def _start(self, headline: DraftParagraph | None) -> None:
        """Start an update with the times and bylines that waited for it."""
        times = [item.time for item in self.waiting if item.time is not None]
        self.current = DraftUpdate(headline)
        self._date(times)
        self.is_fresh = headline is not None and not times
        self.is_bare = headline is None
        self.blog.updates.append(self.current)
        self.finish()

    def _date(self, times: Sequence[TimeLine]) -> None:
        """Give the current update the first of some times that is known, if it has none."""
        time = next((time for time in times if time.moment is not None), None)
        if time is not None and self.current.published is None:
            self.current.published = time.moment
            self.dated.append((self.current, time))

    def _append(self, item: Item) -> None:
        self.current.paragraphs.append(_draft(item))


def _draft(item: Item) -> DraftParagraph:
    return DraftParagraph(item.line.text, KINDS[item.role], item.line.start)


def _authors(update: DraftUpdate) -> tuple[str, ...]:
    bylines = [" ".join(p.text.split()) for p in update.paragraphs if p.kind == "byline"]
    return tuple(dict.fromkeys(name for byline in bylines for name in names_in(byline)))


def _notes(items: Sequence[Item], blog: DraftBlog) -> list[str]:
    """Say what could not be known."""
    notes = []
    times = [item.time for item in items if item.time is not None and not item.time.is_relative]
    if not blog.updates:
        notes.append("No headline was found below the opening, so the whole text is the opening.")
    if n_undated := sum(time.moment is None for time in times):
        notes.append(f"Times left out, as their day or their zone is not known: {n_undated}.")
    if n_assumed := sum(time.moment is not None and not time.is_dated for time in times):
        notes.append(
            f"Times of day read as of the last day named above them, in UTC if no zone was named: {n_assumed}."
        )
    return notes
