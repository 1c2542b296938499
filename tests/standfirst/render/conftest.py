"""Documents, and reports on them in which every paragraph's topics are set by hand."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from standfirst.labels import parse_labels
from standfirst.parse import parse
from standfirst.schema import Digest, DigestGroup, KeyPoint, LabelledParagraph, ReadUpdate, Report, Topics, TopicScore
from standfirst.summarize.lines import headline_line

DOCUMENTS = Path(__file__).parents[2] / "fixtures" / "documents"
NOW = datetime(2031, 3, 4, 18, tzinfo=UTC)
SCORES = {"Ada": ("diplomacy", 0.91), "Hundreds": ("aid", 0.625), "Bread": ("aid", 0.5), "Two": ("aid", 1.0)}
"""The topic of a paragraph by its first word."""


@pytest.fixture(scope="session")
def labels():
    return parse_labels(
        {
            "label": [
                {"name": "diplomacy", "medtop": "20000639", "medtop_name": "diplomacy", "definition": "Talks."},
                {"name": "aid", "medtop": "20000643", "medtop_name": "foreign aid", "medtop_note": "the nearest"},
                {"name": "weather"},
            ]
        }
    )


@pytest.fixture
def document():
    return lambda name: (DOCUMENTS / name).read_bytes()


@pytest.fixture
def report():
    """A function from a document to a report: topics by first words, lines of headlines, a digest of the first."""

    def report(document) -> Report:
        blog = parse(json.dumps(document) if isinstance(document, list) else document, now=NOW)

        def read(update) -> ReadUpdate:
            labelled = tuple(LabelledParagraph(p, topics_of(p)) for p in update)
            line = headline_line(update.headline) if update.headline else None
            names = tuple({name for p in labelled for name in p.topics.names})
            return ReadUpdate(update, labelled, line, names)

        updates = tuple(map(read, blog.updates))
        points = tuple(KeyPoint(u.standfirst, u.update.id, None, (), 0.5) for u in updates[:1] if u.standfirst)
        digest = Digest((DigestGroup("top", points),) if points else (), 150)
        return Report(blog, read(blog.opening), updates, digest, {"topics": "topics-1"})

    def topics_of(paragraph) -> Topics:
        found = SCORES.get(paragraph.text.split()[0])
        silent = paragraph.kind in ("byline", "pointer") or found is None
        return Topics(() if silent else (TopicScore(*found),), {})

    return report
