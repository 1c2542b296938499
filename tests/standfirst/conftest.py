"""Blogs of our own writing, readers with empty caches, and a summariser whose vectors are worked out by hand."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

import standfirst
from standfirst.cache import Cache
from standfirst.parse.build import DraftBlog, DraftParagraph, DraftUpdate, build
from standfirst.reader import Reader
from standfirst.schema import (
    Digest,
    DigestGroup,
    KeyPoint,
    LabelledParagraph,
    LiveBlog,
    ReadUpdate,
    Report,
    Topics,
    TopicScore,
)
from standfirst.summarize import Summarizer, Weights
from standfirst.summarize.lines import headline_line

Part = tuple[str, str]  # kind, text
MakeBlog = Callable[..., LiveBlog]


def _make(title: str | None, opening: Sequence[Part], *updates: tuple) -> LiveBlog:
    """A blog of (kind, text) pairs; an update is (headline or None, pairs, hour or None)."""
    draft = DraftBlog()
    draft.opening.headline = DraftParagraph(title, "title") if title else None
    draft.opening.paragraphs = [DraftParagraph(text, kind) for kind, text in opening]
    for headline, parts, hour in updates:
        update = DraftUpdate(DraftParagraph(headline, "headline") if headline else None)
        update.paragraphs = [DraftParagraph(text, kind) for kind, text in parts]
        update.published = None if hour is None else datetime(2031, 3, 4, hour, 30, tzinfo=UTC)
        draft.updates.append(update)
    return build(draft, "text")


@pytest.fixture(scope="session")
def make_blog() -> MakeBlog:
    return _make


@pytest.fixture(scope="session")
def blog() -> LiveBlog:
    """Every kind of paragraph, a repeat, an update without a headline, a question, an update with no news."""
    return _make(
        "Ferry strike live: four islands wait for bread",
        [
            ("key_point", "Army sends flour to the port by helicopter"),
            ("text", "The crews walked out on Monday. Two hundred people stood in line for bread."),
        ],
        (
            "Minister leaves the talks in the city",
            [
                ("byline", "Mara Venn reports:"),
                ("text", "The minister left the building before four. “We came here to sign,” the envoy said."),
                ("pointer", "Read more: the strike in pictures"),
            ],
            16,
        ),
        (
            None,
            [
                ("text", "A drone hit the market at night. It was shot down by the army on Tuesday, the mayor said."),
                ("text", "The crews walked out on Monday. Two hundred people stood in line for bread."),
            ],
            14,
        ),
        ("Why are the ferries still in port?", [("text", "The crews want their allowance back.")], 12),
        (None, [("byline", "Tom Oake reports:"), ("pointer", "Read more: a long night")], None),
    )


@pytest.fixture
def fresh_reader(tiny_models: dict[str, Path]) -> Reader:
    """A reader that has read nothing yet."""
    return standfirst.load(tiny_models["topics"], tiny_models["summary"], threads=1)


@pytest.fixture
def small_report() -> Report:
    """A report made by hand: a title and one update of a headline, a text about aid, and a byline."""
    blog = _make(
        "Strike live",
        [],
        ("Army sends *flour*", [("text", "It went by air <now>."), ("byline", "Mara Venn reports:")], 16),
    )
    (update,) = blog.updates
    none = Topics((), {"aid": 0.0, "strikes": 0.25})
    aid = Topics((TopicScore("aid", 0.75),), {"aid": 0.75, "strikes": 0.0}, n_windows=2)
    head, text, byline = update
    labelled = tuple(LabelledParagraph(p, t) for p, t in ((head, none), (text, aid), (byline, none)))
    line = headline_line(head)
    point = KeyPoint(line, update.id, update.published, ("aid",), 0.5, ("opening",))
    title = (LabelledParagraph(blog.opening.headline, none),)
    return Report(
        blog,
        ReadUpdate(blog.opening, title, None, ()),
        (ReadUpdate(update, labelled, line, ("aid",)),),
        Digest((DigestGroup("top", (point,)),), 150),
        {"topics": "topics-1"},
    )


class WordBag(Summarizer):
    """Two texts are as near as the words they share: the cosine of their word counts."""

    def __init__(self) -> None:
        self.version = "summary-bag"
        self.heads = None
        self.weights = Weights()
        self._places: dict[str, int] = {}
        self._cache = Cache(0)

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        out = np.zeros((len(texts), 1024), dtype=np.float32)  # more than all tests have words
        for row, text in zip(out, texts, strict=True):
            for word in text.lower().replace(".", "").split():
                row[self._places.setdefault(word, len(self._places))] += 1
        return out / np.linalg.norm(out, axis=1, keepdims=True)


@pytest.fixture(scope="session")
def word_bag() -> WordBag:
    return WordBag()


@pytest.fixture(scope="session")
def bag_reader(tiny_reader: Reader, word_bag: WordBag) -> Reader:
    """A reader that tells texts apart, which the tiny encoder hardly does: its digests have several points."""
    return Reader(tiny_reader.topics, word_bag)
