"""A report as Markdown, for an editor to read."""

import re

from standfirst.schema import KeyPoint, Paragraph, ReadUpdate, Report, Topics

TURNS = r"\u202a-\u202e\u2066-\u2069"
"""Marks that turn the order of all letters behind them, those of the report included."""
_LEADING = re.compile(r"^(\d*)([#+.)-])(?=\s|#|$)")
"""What makes a heading or a list of a line that begins with it: "# ", "- ", "1. "."""


def report_markdown(report: Report) -> str:
    """A report for reading: title, digest by topic, then every update with its line and labels."""
    blog = report.blog
    parts = [f"# {_escaped(blog.title or 'Live blog')}", ""]
    if blog.published:
        parts += [f"*{blog.published:%d %B %Y}, times in UTC*", ""]
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
    line = " ".join(re.sub(f"[{TURNS}]", "", text).split())
    for mark in "\\`*_[]<>&":
        line = line.replace(mark, "\\" + mark)
    return _LEADING.sub(r"\1\\\2", line)
