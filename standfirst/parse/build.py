"""Draft paragraphs in, frozen schema out: ids, offsets, repeats.

Why the ids are stable
----------------------
A live blog grows at the top, at the bottom and in the middle, so nothing that counts positions may
enter an id. An id is a hash of what an editor rarely touches:

* an update: its own id or URL; without one its headline; under a short headline ("Summary"), which
  comes back every few hours, the first prose paragraph too; without a headline the first prose paragraph.
* the opening: the constant ``opening``, as titles are rewritten all day long.
* a paragraph: its update's id and its words. Case, spacing and punctuation do not count, so a fixed
  comma or a straightened quotation mark keeps the id.

Ordinals break the ties that are left. Equal paragraphs of one update are counted from the top. Equal
updates are counted from the bottom of the document, since most blogs put the new ones on top.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from standfirst.errors import DocumentTooLarge
from standfirst.schema import OPENING, PROSE, LiveBlog, Paragraph, ParagraphKind, Update

MIN_REPEAT_CHARS = 20
"""Shorter paragraphs are never repeats: "Share this", "Good morning" come back without being news."""

SHORT_HEADLINE_WORDS = 6
"""Headlines of fewer words ("What we know so far") do not name an update by themselves."""

MAX_PARAGRAPHS = 250_000
"""A hundred times the longest live blogs; bounds the time that a file of one-letter lines can take."""

_NOT_WORDS = re.compile(r"[\W_]+")
_SURROGATES = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class DraftParagraph:
    """A paragraph without an id.

    ``start`` is its place in the source, or ``None`` where the source is put together from the drafts.
    """

    text: str
    kind: ParagraphKind = "text"
    start: int | None = None


@dataclass(slots=True)
class DraftUpdate:
    """An update that is still being filled; ``key`` is the id or URL the document gives it."""

    headline: DraftParagraph | None = None
    paragraphs: list[DraftParagraph] = field(default_factory=list)
    key: str = ""
    published: datetime | None = None
    modified: datetime | None = None
    url: str | None = None
    authors: tuple[str, ...] = ()
    key_event: bool = False

    def __iter__(self) -> Iterator[DraftParagraph]:
        """Yield the headline, if there is one, and then the paragraphs."""
        if self.headline is not None:
            yield self.headline
        yield from self.paragraphs


@dataclass(slots=True)
class DraftBlog:
    """What a format's reader hands to :func:`build`; ``source`` is ``None`` for extracted text."""

    opening: DraftUpdate = field(default_factory=DraftUpdate)
    updates: list[DraftUpdate] = field(default_factory=list)
    source: str | None = None
    key: str = ""
    published: datetime | None = None
    modified: datetime | None = None
    url: str | None = None
    language: str | None = None
    notes: list[str] = field(default_factory=list)


def build(draft: DraftBlog, format_name: str, notes: Sequence[str] = ()) -> LiveBlog:
    """Freeze a draft; ``notes`` go before the draft's own."""
    refuse_too_many(sum(len(update.paragraphs) for update in draft.updates))
    source, drafts = (draft.source, draft.updates) if draft.source is not None else _extract(draft)
    opening = _freeze(draft.opening, OPENING)
    updates = [_freeze(u, i) for u, i in zip(drafts, _update_ids(drafts, draft.url), strict=True)]
    opening, *updates = _mark_repeats([opening, *updates])
    return LiveBlog(
        id=_hash("b", draft.key or draft.url or _first_words(draft)),
        opening=opening,
        updates=tuple(updates),
        source=source,
        format=format_name,
        published=draft.published,
        modified=draft.modified,
        url=_known(draft.url),
        language=_known(draft.language),
        notes=(*notes, *draft.notes),
        source_id=_known(draft.key),
    )


def refuse_too_many(n_paragraphs: int) -> None:
    """Refuse a document with more than ``MAX_PARAGRAPHS``.

    Raises
    ------
    DocumentTooLarge
        If it has.
    """
    if n_paragraphs > MAX_PARAGRAPHS:
        raise DocumentTooLarge(
            f"The document has more than {MAX_PARAGRAPHS:,} paragraphs. Send the newest updates only."
        )


def words_of(text: str) -> str:
    """Return a text's words for comparison: case, spacing and punctuation removed.

    >>> words_of("Kyiv’s  mayor said: “No.”")
    'kyiv s mayor said no'
    """
    return _NOT_WORDS.sub(" ", text.casefold()).strip()


def clean(text: str) -> str:
    """Collapse white space and replace lone surrogates, which no encoding can carry, by U+FFFD."""
    return _sound(" ".join(text.split()))


def _extract(draft: DraftBlog) -> tuple[str, list[DraftUpdate]]:
    """Clean the drafts of an extracted text, lay them out one a line and note their offsets."""
    parts: list[str] = []
    n_chars = 0

    def place(paragraph: DraftParagraph) -> DraftParagraph:
        nonlocal n_chars
        text, start = clean(paragraph.text), n_chars
        parts.append(text)
        n_chars += len(text) + 1
        return DraftParagraph(text, paragraph.kind, start)

    for update in (draft.opening, *draft.updates):
        update.headline = place(update.headline) if update.headline and clean(update.headline.text) else None
        update.paragraphs = [place(p) for p in update.paragraphs if clean(p.text)]
    return "\n".join(parts), [u for u in draft.updates if u.headline or u.paragraphs]


def _freeze(draft: DraftUpdate, update_id: str) -> Update:
    seen: Counter[str] = Counter()
    paragraphs = [_paragraph(p, update_id, seen) for p in draft.paragraphs]
    return Update(
        id=update_id,
        headline=None if draft.headline is None else _paragraph(draft.headline, f"{update_id} headline", seen),
        paragraphs=tuple(paragraphs),
        published=draft.published,
        modified=draft.modified,
        url=_known(draft.url),
        authors=tuple(map(_sound, draft.authors)),
        key_event=draft.key_event,
        source_id=_known(draft.key),
    )


def _known(value: str | None) -> str | None:
    return _sound(value) or None if value else None


def _sound(value: str) -> str:
    """The value as it came, but for lone surrogates, which no encoding can carry."""
    return _SURROGATES.sub("\ufffd", value)


def _paragraph(draft: DraftParagraph, owner: str, seen: Counter[str]) -> Paragraph:
    start = draft.start or 0
    key = f"{owner}\n{words_of(draft.text) or draft.text}"
    seen[key] += 1
    return Paragraph(
        id=_hash("p", key, seen[key]),
        text=draft.text,
        kind=draft.kind,
        start=start,
        end=start + len(draft.text),
    )


def _update_ids(updates: Sequence[DraftUpdate], blog_url: str | None) -> list[str]:
    """Return one id per update, in their order."""
    own = Counter(u.key for u in updates)
    ids: list[str] = []
    seen: Counter[str] = Counter()
    for update in reversed(updates):
        # A page that gives every update the blog's own URL has not named them.
        named = update.key and update.key != blog_url and own[update.key] == 1
        key = update.key if named else _content_key(update)
        seen[key] += 1
        ids.append(_hash("u", key, seen[key]))
    return ids[::-1]


def _content_key(update: DraftUpdate) -> str:
    first = next((p.text for p in update.paragraphs if p.kind in PROSE), "")
    if update.headline is None:
        return f"text {words_of(first or ' '.join(p.text for p in update.paragraphs))}"
    headline = words_of(update.headline.text)
    if len(headline.split()) < SHORT_HEADLINE_WORDS:
        headline = f"{headline}\n{words_of(first)}"
    return f"headline {headline}"


def _first_words(draft: DraftBlog) -> str:
    updates = (draft.opening, *draft.updates)
    return next((words_of(p.text) for u in updates for p in u), "")


def _hash(prefix: str, key: str, ordinal: int = 1) -> str:
    data = f"{key}\n#{ordinal}" if ordinal > 1 else key
    return f"{prefix}-{hashlib.blake2b(_sound(data).encode(), digest_size=8).hexdigest()}"


def _mark_repeats(updates: Sequence[Update]) -> list[Update]:
    """Point every paragraph at the first one with the same words."""
    first: dict[str, str] = {}

    def mark(paragraph: Paragraph) -> Paragraph:
        words = words_of(paragraph.text)
        if paragraph.kind in ("byline", "pointer") or len(words) < MIN_REPEAT_CHARS:
            return paragraph
        origin = first.setdefault(words, paragraph.id)
        return paragraph if origin == paragraph.id else replace(paragraph, repeat_of=origin)

    marked = []
    for update in updates:
        headline = None if update.headline is None else mark(update.headline)
        marked.append(replace(update, headline=headline, paragraphs=tuple(map(mark, update.paragraphs))))
    return marked
