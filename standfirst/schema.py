"""What flows through Standfirst: a live blog on the way in, a report on the way out.

All classes are frozen dataclasses. Times are aware UTC ``datetime``. Offsets count characters.

The chain is ``LiveBlog`` -> ``Update`` -> ``Paragraph`` for what was read, and ``Report`` ->
``ReadUpdate`` -> ``LabelledParagraph`` for what was said about it; the second points at the first.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, NoReturn, get_args

ParagraphKind = Literal["title", "key_point", "headline", "text", "byline", "pointer"]
"""What a paragraph is on the page.

``title`` and ``key_point`` stand in the opening, ``headline`` over an update, ``text`` is prose;
``byline`` ("Mara Venn reports:") and ``pointer`` ("Read more:", "ICYMI:") carry no news and are
never summarised.
"""

Lines = Literal["headline", "generated"]
"""What makes an update's line: its headline where it has one, or always the model."""
LINES = get_args(Lines)

OPENING = "opening"
"""The id of what stands before a blog's first update."""
PROSE: frozenset[str] = frozenset({"key_point", "text"})
"""The kinds a summary may draw on (headlines and titles are used whole, by themselves)."""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph of a live blog.

    ``id`` is stable when the blog grows. ``LiveBlog.source[start:end] == text`` always holds.
    ``repeat_of`` is the id of an earlier paragraph (in reading order) with the same words, or ``None``.
    """

    id: str
    text: str
    kind: ParagraphKind
    start: int
    end: int
    repeat_of: str | None = None


@dataclass(frozen=True, slots=True)
class Update:
    """One update: a headline (or ``None``) and its paragraphs, in reading order.

    The opening of a blog is an ``Update`` too: its headline is the blog's title, its paragraphs are
    the key points and the lead. ``source_id`` is the id or URL by which the system that sent the document
    knows the update: the way back.
    """

    id: str
    headline: Paragraph | None
    paragraphs: tuple[Paragraph, ...]
    published: datetime | None = None
    modified: datetime | None = None
    url: str | None = None
    authors: tuple[str, ...] = ()
    key_event: bool = False
    source_id: str | None = None

    def __iter__(self) -> Iterator[Paragraph]:
        """Yield the headline, if there is one, and then the paragraphs."""
        if self.headline is not None:
            yield self.headline
        yield from self.paragraphs


@dataclass(frozen=True, slots=True)
class LiveBlog:
    """A live blog as it was read.

    ``updates`` stand in the document's own order, which is newest first on most pages. ``source`` is
    the text that every offset points into: the decoded document itself for plain text, the extracted
    text for JSON-LD and HTML. ``notes`` says what was repaired or left out on the way in.
    """

    id: str
    opening: Update
    updates: tuple[Update, ...]
    source: str
    format: str
    published: datetime | None = None
    modified: datetime | None = None
    url: str | None = None
    language: str | None = None
    notes: tuple[str, ...] = ()
    source_id: str | None = None

    @property
    def title(self) -> str | None:
        """The blog's title, or ``None``."""
        return None if self.opening.headline is None else self.opening.headline.text

    @property
    def key_points(self) -> tuple[Paragraph, ...]:
        """The bullet points under the title."""
        return tuple(p for p in self.opening.paragraphs if p.kind == "key_point")

    @property
    def lead(self) -> tuple[Paragraph, ...]:
        """The opening's paragraphs that are no key points."""
        return tuple(p for p in self.opening.paragraphs if p.kind != "key_point")

    def paragraphs(self) -> Iterator[Paragraph]:
        """Yield every paragraph, headlines included, in reading order."""
        yield from self.opening
        for update in self.updates:
            yield from update


@dataclass(frozen=True, slots=True)
class TopicScore:
    """A topic given to a paragraph and its calibrated probability in [0, 1]."""

    label: str
    score: float


class Scores(dict[str, float]):
    """A dict that cannot be changed: one answer is handed to everyone who asks the same again.

    It is a dict and no ``MappingProxyType`` so that it can be pickled and written as JSON.

    >>> Scores(aid=0.25)["aid"] = 1.0
    Traceback (most recent call last):
    TypeError: the scores of an answer are shared; copy them with dict(scores) to change them
    """

    def _refuse(self, *_: object, **__: object) -> NoReturn:
        raise TypeError("the scores of an answer are shared; copy them with dict(scores) to change them")

    __setitem__ = __delitem__ = __ior__ = clear = pop = popitem = setdefault = update = _refuse

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (dict(self),)


@dataclass(frozen=True, slots=True)
class Topics:
    """The topics of one text.

    ``labels`` are those at or above their threshold, best first; empty means "none of them".
    ``scores`` holds a calibrated probability in [0, 1] for every label of the set, in its order.
    ``n_windows`` is 1, or more if the text was longer than the encoder and was read in windows.
    """

    labels: tuple[TopicScore, ...]
    scores: Mapping[str, float]
    n_windows: int = 1

    @property
    def names(self) -> tuple[str, ...]:
        """The labels' names, best first."""
        return tuple(t.label for t in self.labels)


@dataclass(frozen=True, slots=True)
class LabelledParagraph:
    """A paragraph with its topics."""

    paragraph: Paragraph
    topics: Topics


@dataclass(frozen=True, slots=True)
class Piece:
    """Where some words of a line came from: ``paragraph.text[start:end] == text``.

    ``source_start`` is the offset of the same words in ``LiveBlog.source``; for loose texts, which have
    no source, it equals ``start``.
    """

    paragraph_id: str
    start: int
    end: int
    text: str
    source_start: int


@dataclass(frozen=True, slots=True)
class Line:
    """A line made of pieces of the source: their texts, joined by spaces (none before a full stop or a comma).

    ``origin`` is ``headline`` when a journalist wrote it, ``extracted`` when it was chosen from the text, and
    ``generated`` when a seq2seq model wrote it: then the pieces are the sentences that it rests on, and not its words.
    ``reason`` says of an extracted line why the generated one was not used; ``None`` if none was asked for.
    """

    text: str
    origin: Literal["headline", "extracted", "generated"]
    pieces: tuple[Piece, ...]
    reason: str | None = None

    @property
    def n_words(self) -> int:
        """How many white-space separated words the line has."""
        return len(self.text.split())


@dataclass(frozen=True, slots=True)
class ReadUpdate:
    """An update with its labelled paragraphs (headline first) and its standfirst.

    ``standfirst`` is ``None`` if the update holds nothing but bylines, pointers and repeats. ``topics``
    are the names of all topics its paragraphs carry, in the label set's order.
    """

    update: Update
    paragraphs: tuple[LabelledParagraph, ...]
    standfirst: Line | None
    topics: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KeyPoint:
    """One point of a digest: a line, its update, when that was published, and its topics.

    ``score`` is what it was worth when it was taken, about [0, 1]: less where points before it had told much of it.
    ``also`` are ids of other updates that tell the same event.
    """

    line: Line
    update_id: str
    published: datetime | None
    topics: tuple[str, ...]
    score: float
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DigestGroup:
    """The points of one topic; ``topic`` is ``top`` for the first group, ``other`` for no topic."""

    topic: str
    points: tuple[KeyPoint, ...]


@dataclass(frozen=True, slots=True)
class Digest:
    """Key points by topic, at most ``max_words`` words in all."""

    groups: tuple[DigestGroup, ...]
    max_words: int

    @property
    def points(self) -> tuple[KeyPoint, ...]:
        """All points, group after group."""
        return tuple(p for g in self.groups for p in g.points)

    @property
    def n_words(self) -> int:
        """How many words all points have together."""
        return sum(p.line.n_words for p in self.points)


@dataclass(frozen=True, slots=True)
class Report:
    """What a reader says about a blog; ``models`` names the versions that said it."""

    blog: LiveBlog
    opening: ReadUpdate
    updates: tuple[ReadUpdate, ...]
    digest: Digest
    models: Mapping[str, str]
