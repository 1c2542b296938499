from dataclasses import FrozenInstanceError
from datetime import UTC, datetime

import pytest

from standfirst.schema import (
    Digest,
    DigestGroup,
    KeyPoint,
    Line,
    LiveBlog,
    Paragraph,
    Piece,
    Topics,
    TopicScore,
    Update,
)


def paragraph(number: int, kind: str = "text") -> Paragraph:
    return Paragraph(f"p{number}", "words", kind, number, number + 5)


@pytest.fixture
def small() -> LiveBlog:
    opening = Update(
        "opening", paragraph(0, "title"), (paragraph(1, "key_point"), paragraph(2), paragraph(3, "byline"))
    )
    updates = (
        Update("u1", paragraph(4, "headline"), (paragraph(5),)),
        Update("u2", None, (paragraph(6), paragraph(7))),
    )
    return LiveBlog("b", opening, updates, "words" * 9, "text")


def test_reading_order(small: LiveBlog) -> None:
    assert [p.id for p in small.paragraphs()] == [f"p{i}" for i in range(8)]
    assert [p.id for p in small.updates[1]] == ["p6", "p7"]
    assert [p.id for p in small.updates[0]] == ["p4", "p5"]


def test_the_opening(small: LiveBlog) -> None:
    assert small.title == "words"
    assert [p.id for p in small.key_points] == ["p1"]
    assert [p.id for p in small.lead] == ["p2", "p3"]
    assert LiveBlog("b", Update("opening", None, ()), (), "", "text").title is None


def test_names_of_topics_are_in_their_order() -> None:
    assert Topics((TopicScore("b", 0.9), TopicScore("a", 0.6)), {"a": 0.6, "b": 0.9}).names == ("b", "a")


def test_words_are_counted_by_white_space() -> None:
    line = Line("Two  drones\nhit “the port”", "extracted", (Piece("p", 0, 1, "T", 0),))
    assert line.n_words == 5


def test_a_digest_counts_its_points() -> None:
    def point(text: str) -> KeyPoint:
        return KeyPoint(Line(text, "headline", ()), "u", datetime(2031, 3, 4, tzinfo=UTC), (), 0.5)

    first, second, third = point("a b c"), point("d"), point("e f")
    digest = Digest((DigestGroup("top", (first, second)), DigestGroup("aid", (third,))), 150)
    assert digest.points == (first, second, third)
    assert digest.n_words == 6
    assert Digest((), 150).n_words == 0


def test_nothing_can_be_changed(small: LiveBlog) -> None:
    with pytest.raises(FrozenInstanceError):
        small.source = "other"
    with pytest.raises(FrozenInstanceError):
        small.opening.paragraphs[0].text = "other"
