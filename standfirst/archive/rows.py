"""Records to rows: one paragraph each, with everything that is needed to score it and to find it again."""

import hashlib
import json
import logging
import traceback
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from standfirst.archive.inputs import Input
from standfirst.archive.records import MAX_RECORD_BYTES, Record
from standfirst.errors import StandfirstError
from standfirst.parse import parse
from standfirst.reader import SILENT, context_of, shown
from standfirst.schema import LiveBlog, Paragraph, Update

logger = logging.getLogger(__name__)

MAX_CHARS = 100_000
"""A text, or its context, of more is quarantined; the service's limit of one paragraph is the same."""


@dataclass(frozen=True, slots=True)
class Columns:
    """The names under which a table holds what a row needs; only ``text`` must be there."""

    text: str = "text"
    context: str = "context"
    id: str = "id"
    document: str = "document"
    update: str = "update"

    @property
    def names(self) -> tuple[str, ...]:
        """All of them."""
        return (self.text, self.context, self.id, self.document, self.update)


@dataclass(frozen=True, slots=True)
class LineRequest:
    """What a standfirst is made of: an update under its blog's title, or one loose paragraph."""

    update: Update
    theme: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One paragraph of the archive.

    ``silent`` rows (bylines, pointers) get no topics without being read. ``line`` is set on the row that
    carries its update's standfirst: the first of the update, or every loose one.
    """

    input: str
    row: int
    text: str
    context: str | None = None
    id: str | None = None
    document: str | None = None
    update: str | None = None
    paragraph: str | None = None
    kind: str | None = None
    published: datetime | None = None
    start: int = 0
    end: int = 0
    silent: bool = False
    line: LineRequest | None = field(default=None, repr=False)

    @property
    def key(self) -> bytes:
        """16 bytes that are the same for the same text under the same context, and for nothing else."""
        context = (self.context or "").encode("utf-8", "surrogatepass")
        text = self.text.encode("utf-8", "surrogatepass")
        return hashlib.blake2b(b"%d:%b%b" % (len(context), context, text), digest_size=16).digest()


@dataclass(frozen=True, slots=True)
class Bad:
    """A record or row that cannot be read or scored, and why; ``raw`` are its bytes as they stand."""

    input: str
    row: int
    reason: str
    raw: bytes = b""


def rows_of(source: Input, record: Record, columns: Columns, *, lines: bool = False) -> Iterator[Row | Bad]:
    """The rows of a record: one of a table, all paragraphs of a document in reading order.

    ``lines`` asks for standfirsts.
    """
    if record.problem:
        yield Bad(source.name, record.row, record.problem, record.raw[:MAX_RECORD_BYTES])
    elif source.form == "document":
        yield from _document_rows(source, record, lines=lines)
    else:
        yield _table_row(source, record, columns, lines=lines)


def _table_row(source: Input, record: Record, columns: Columns, *, lines: bool) -> Row | Bad:
    value, problem = _value(source, record)
    problem = problem or _wrong(value, columns)
    if problem:
        raw = record.raw or json.dumps(record.value, default=str).encode()
        return Bad(source.name, record.row, problem, raw[:MAX_RECORD_BYTES])
    text = value[columns.text]
    name = _name(value.get(columns.id))
    return Row(
        source.name,
        record.row,
        text,
        context=shown(value.get(columns.context)),
        id=name,
        document=_name(value.get(columns.document)),
        update=_name(value.get(columns.update)),
        end=len(text),
        line=_loose(text, name) if lines else None,
    )


def _value(source: Input, record: Record) -> tuple[Any, str]:
    """A table's record as a mapping, or why it is none."""
    if source.form != "jsonl":
        return record.value, "" if isinstance(record.value, Mapping) else "the file has no header"
    try:
        value = json.loads(record.raw.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return None, "not UTF-8"
    except (ValueError, RecursionError):
        return None, "broken JSON; expected one object per line"
    if not isinstance(value, dict):
        return None, f"expected an object, got {type(value).__name__}"
    return value, ""


def _wrong(value: Mapping[str, Any], columns: Columns) -> str:
    """What keeps a record from being scored, or nothing."""
    for name, may_lack in ((columns.text, False), (columns.context, True)):
        found = value.get(name)
        if found is None and may_lack:
            continue
        if not isinstance(found, str):
            return f"expected a string under {name!r}, got {type(found).__name__}"
        if len(found) > MAX_CHARS:
            return f"{len(found):,} characters under {name!r}, at most {MAX_CHARS:,} are scored"
    return ""


def _name(value: Any) -> str | None:
    """An id as a string; what is no string as JSON writes it."""
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, default=str)


def _loose(text: str, name: str | None) -> LineRequest:
    return LineRequest(Update("", None, (Paragraph(name or "", text, "text", 0, len(text)),)))


def _document_rows(source: Input, record: Record, *, lines: bool) -> list[Row | Bad]:
    """All rows of a document, or the document itself as the one that is bad."""
    try:
        return list(_blog_rows(source.name, parse(record.raw), lines=lines))
    except StandfirstError as error:
        reason = f"{error.code}: {error}"
    except Exception as error:  # noqa: BLE001, whatever a document provokes must not end the job
        reason = f"internal: {type(error).__name__}"
        trace = "".join(traceback.format_tb(error.__traceback__))  # without the message, which may quote the text
        logger.error("%s: %s; please report this\n%s", source.name, reason, trace)
    return [Bad(source.name, record.row, reason, record.raw)]


def _blog_rows(name: str, blog: LiveBlog, *, lines: bool) -> Iterator[Row | Bad]:
    number = 0
    for update in (blog.opening, *blog.updates):
        line = LineRequest(update, blog.title) if lines else None
        for paragraph in update:
            number += 1
            if len(paragraph.text) > MAX_CHARS:
                reason = f"a paragraph of {len(paragraph.text):,} characters, at most {MAX_CHARS:,} are scored"
                yield Bad(name, number, reason, paragraph.text.encode("utf-8", "surrogatepass"))
                continue
            row = _paragraph_row(blog, update, paragraph)
            yield replace(row, input=name, row=number, line=line)
            line = None  # the first row of the update carries it


def _paragraph_row(blog: LiveBlog, update: Update, paragraph: Paragraph) -> Row:
    return Row(
        "",
        0,
        paragraph.text,
        context=shown(context_of(paragraph, update)),
        id=paragraph.id,
        document=blog.id,
        update=update.id,
        paragraph=paragraph.id,
        kind=paragraph.kind,
        published=update.published or blog.published,  # a month's rows are found by it: the blog's day beats none
        start=paragraph.start,
        end=paragraph.end,
        silent=paragraph.kind in SILENT,
    )
