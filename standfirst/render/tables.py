"""What a reader said, as plain JSON values and as Markdown for an editor.

The command line and the service both answer with these, so that they cannot differ.
"""

import re
from datetime import datetime
from typing import Any

from standfirst.schema import (
    Digest,
    KeyPoint,
    LabelledParagraph,
    Line,
    Paragraph,
    ReadUpdate,
    Report,
    Topics,
)

Json = dict[str, Any]

_LEADING = re.compile(r"^(\d*)([#+.)-])(?=\s|#|$)")
"""What makes a heading or a list of a line that begins with it: "# ", "- ", "1. "."""


def report_json(report: Report) -> Json:
    """A whole report: ``blog``, ``opening``, ``updates``, ``digest``, ``models``."""
    blog = report.blog
    return {
        "blog": {
            "id": blog.id,
            "title": blog.title,
            "url": blog.url,
            "published": _time(blog.published),
            "modified": _time(blog.modified),
            "language": blog.language,
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
        "published": _time(update.published),
        "modified": _time(update.modified),
        "url": update.url,
        "authors": list(update.authors),
        "key_event": update.key_event,
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
    """A line and where each piece came from: paragraph, offsets in it, offset in the source."""
    return {
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
        "published": _time(point.published),
        "topics": list(point.topics),
        "score": point.score,
        "also": list(point.also),
    }


def report_markdown(report: Report) -> str:
    """A report for reading: title, digest by topic, then every update with its line and labels."""
    blog = report.blog
    parts = [f"# {_escaped(blog.title or 'Live blog')}", ""]
    if blog.published:
        parts += [f"*{blog.published:%d %B %Y}*", ""]
    parts += ["## Digest", "", *_digest_lines(report)]
    parts += ["## Updates", ""]
    for read in (report.opening, *report.updates):
        parts += _update_lines(read, opening=read is report.opening)
    parts += [f"> {_escaped(note)}" for note in blog.notes]
    models = ", ".join(f"{k} {v}" for k, v in report.models.items())
    return "\n".join([*parts, f"<!-- {models} -->"]) + "\n"


def _digest_lines(report: Report) -> list[str]:
    lines: list[str] = []
    for group in report.digest.groups:
        lines += [f"**{group.topic.capitalize()}**", ""]
        for point in group.points:
            lines.append(f"- {_escaped(point.line.text)} {_source(point)}")
        lines.append("")
    return lines or ["Nothing to report.", ""]


def _source(point: KeyPoint) -> str:
    time = f"{point.published:%H:%M}, " if point.published and point.published.time().isoformat() != "00:00:00" else ""
    also = f"; also {', '.join(point.also)}" if point.also else ""
    return f"({time}{point.update_id}{also})"


def _update_lines(read: ReadUpdate, *, opening: bool) -> list[str]:
    headline = read.update.headline
    name = "Opening" if opening else _escaped(headline.text) if headline else "(no headline)"
    lines = [f"### {name}", ""]
    topics = ", ".join(read.topics) or "none"
    lines += [f"`{read.update.id}` | {topics}", ""]
    if read.standfirst is not None and read.standfirst.origin != "headline":
        lines += [f"**{_escaped(read.standfirst.text)}**", ""]
    for labelled in read.paragraphs:
        if labelled.paragraph.kind == "headline":
            continue
        lines.append(f"- {_marks(labelled.paragraph, labelled.topics)}{_escaped(labelled.paragraph.text)}")
    return [*lines, ""]


def _marks(paragraph: Paragraph, topics: Topics) -> str:
    if paragraph.kind in ("byline", "pointer"):
        return f"*{paragraph.kind}* "
    names = ", ".join(f"{t.label} {t.score:.2f}" for t in topics.labels)
    repeat = "*repeat* " if paragraph.repeat_of else ""
    return f"{repeat}[{names}] " if names else repeat


def _escaped(text: str) -> str:
    """The text with what Markdown would take for markup escaped, on one line."""
    line = " ".join(text.split())
    for mark in "\\`*_[]<>&":
        line = line.replace(mark, "\\" + mark)
    return _LEADING.sub(r"\1\\\2", line)


def _time(value: datetime | None) -> str | None:
    """ISO 8601 with a Z: all times are UTC."""
    return None if value is None else value.isoformat().replace("+00:00", "Z")
