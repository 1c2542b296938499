"""A report as an editor reads it in a terminal."""

import re
import shutil
import textwrap
from datetime import datetime
from typing import IO

from standfirst.render import Json, report_json
from standfirst.render.markdown import TURNS
from standfirst.schema import Report

_NARROWEST, _WIDEST = 60, 100
_CONTROL = re.compile(rf"[\x00-\x09\x0b-\x1f\x7f-\x9f{TURNS}]")
"""What a terminal would obey instead of showing it: escape sequences, and marks that turn the order of the letters."""


def width(stream: IO[str]) -> int:
    """Columns to fill: the terminal's, within reason; a fixed number for a pipe, so that output is stable."""
    if not stream.isatty():
        return _WIDEST
    return min(max(shutil.get_terminal_size().columns, _NARROWEST), _WIDEST)


def report_text(report: Report, columns: int = _WIDEST) -> str:
    """Title, digest by topic with the update each point comes from, then every update with its labels."""
    return table_text(report_json(report), columns)


def table_text(table: Json, columns: int = _WIDEST) -> str:
    """The same of ``render.report_json``'s table, which is also what the service answers."""
    blog = table["blog"]
    lines = [*textwrap.wrap(blog["title"] or "Live blog", columns), "=" * columns]
    if blog["published"]:
        lines.append(f"{datetime.fromisoformat(blog['published']):%d %B %Y}, times in UTC")
    lines += ["", "DIGEST", "", *_digest_text(table, columns)]
    lines += ["", "OPENING", ""]
    lines += _update_text(table["opening"], columns)
    for number, update in enumerate(table["updates"], 1):
        time = f"{datetime.fromisoformat(update['published']):%H:%M} " if update["published"] else ""
        name = update["headline"] or "(no headline)"
        lines += textwrap.wrap(f"{number}. {time}{name}", columns, subsequent_indent="   ")
        lines += _update_text(update, columns)
    lines += [f"note: {note}" for note in blog["notes"]]
    return _CONTROL.sub("", "\n".join(lines)) + "\n"


def _digest_text(table: Json, columns: int) -> list[str]:
    numbers = {update["id"]: str(i) for i, update in enumerate(table["updates"], 1)}
    numbers[table["opening"]["id"]] = "opening"
    lines = []
    for group in table["digest"]["groups"]:
        lines.append(group["topic"])
        for point in group["points"]:
            sources = ", ".join(numbers[u] for u in (point["update"], *point["also"]))
            lines += _bullet(f"{point['text']}  [{sources}]", columns)
    return lines or ["  (nothing to report)"]


def _bullet(text: str, columns: int) -> list[str]:
    return textwrap.wrap(text, columns, initial_indent="  * ", subsequent_indent="    ")


def _update_text(update: Json, columns: int) -> list[str]:
    lines = [f"   topics: {', '.join(update['topics']) or 'none'}"]
    line = update["standfirst"]
    if line is not None and line["origin"] != "headline":
        lines += textwrap.wrap(f"-> {line['text']}", columns, initial_indent="   ", subsequent_indent="      ")
    for paragraph in update["paragraphs"]:
        if paragraph["kind"] not in ("headline", "title"):
            lines += _paragraph_text(paragraph, columns)
    return [*lines, ""]


def _paragraph_text(paragraph: Json, columns: int) -> list[str]:
    if paragraph["kind"] in ("byline", "pointer"):
        mark = paragraph["kind"]
    else:
        mark = ", ".join(given["label"] for given in paragraph["labels"]) or "-"
    if paragraph["repeat_of"]:
        mark += ", repeat"
    text = f"[{mark}] {paragraph['text']}"
    return textwrap.wrap(text, columns, initial_indent="   ", subsequent_indent="      ")
