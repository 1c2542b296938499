"""What a reader said, as plain JSON values: our own form."""

from datetime import datetime
from typing import Any

from standfirst.schema import (
    Digest,
    KeyPoint,
    LabelledParagraph,
    Line,
    ReadUpdate,
    Report,
    Topics,
)

Json = dict[str, Any]


def for_script(text: str) -> str:
    """JSON as it may stand in a page's ``<script>``, which a ``</script>`` in a text would end.

    >>> for_script('["<b>"]').count("<")
    0
    """
    return text.replace("<", r"\u003c")


def report_json(report: Report) -> Json:
    """A whole report: ``blog``, ``opening``, ``updates``, ``digest``, ``models``."""
    blog = report.blog
    return {
        "blog": {
            "id": blog.id,
            "title": blog.title,
            "url": blog.url,
            "published": time(blog.published),
            "modified": time(blog.modified),
            "language": blog.language,
            "source_id": blog.source_id,
            "format": blog.format,
            "notes": list(blog.notes),
        },
        "opening": update_json(report.opening),
        "updates": [update_json(u) for u in report.updates],
        "digest": digest_json(report.digest),
        "models": dict(report.models),
    }


def update_json(read: ReadUpdate) -> Json:
    """One update (or the opening): its line, its topics, its paragraphs."""
    update = read.update
    return {
        "id": update.id,
        "headline": None if update.headline is None else update.headline.text,
        "published": time(update.published),
        "modified": time(update.modified),
        "url": update.url,
        "authors": list(update.authors),
        "key_event": update.key_event,
        "source_id": update.source_id,
        "topics": list(read.topics),
        "standfirst": None if read.standfirst is None else line_json(read.standfirst),
        "paragraphs": [paragraph_json(p) for p in read.paragraphs],
    }


def paragraph_json(labelled: LabelledParagraph) -> Json:
    """One paragraph with its offsets in the source and its topics."""
    paragraph = labelled.paragraph
    return {
        "id": paragraph.id,
        "kind": paragraph.kind,
        "text": paragraph.text,
        "start": paragraph.start,
        "end": paragraph.end,
        "repeat_of": paragraph.repeat_of,
        **topics_json(labelled.topics),
    }


def topics_json(topics: Topics) -> Json:
    """``labels`` best first, ``scores`` for every label; ``windows`` if the text was read in several."""
    table: Json = {
        "labels": [{"label": t.label, "score": t.score} for t in topics.labels],
        "scores": dict(topics.scores),
    }
    if topics.n_windows > 1:
        table["windows"] = topics.n_windows
    return table


def line_json(line: Line) -> Json:
    """A line and where each piece came from; ``reason`` only where a generated line was not used."""
    table: Json = {
        "text": line.text,
        "origin": line.origin,
        "words": line.n_words,
        "pieces": [
            {
                "paragraph": p.paragraph_id,
                "start": p.start,
                "end": p.end,
                "source_start": p.source_start,
                "text": p.text,
            }
            for p in line.pieces
        ],
    }
    if line.reason is not None:
        table["reason"] = line.reason
    return table


def digest_json(digest: Digest) -> Json:
    """The digest: its groups and their points."""
    return {
        "max_words": digest.max_words,
        "words": digest.n_words,
        "groups": [{"topic": g.topic, "points": [_point_json(p) for p in g.points]} for g in digest.groups],
    }


def _point_json(point: KeyPoint) -> Json:
    return {
        **line_json(point.line),
        "update": point.update_id,
        "published": time(point.published),
        "topics": list(point.topics),
        "score": point.score,
        "also": list(point.also),
    }


def time(value: datetime | None) -> str | None:
    """ISO 8601 with a Z: all times are UTC."""
    return None if value is None else value.isoformat().replace("+00:00", "Z")
