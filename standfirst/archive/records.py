"""The records of one file, as raw as they stand: lines, CSV records, Parquet rows, whole documents.

Planning and scoring read a file with the same functions, so that both count the same records. A record that
cannot be read is a record too, with a ``problem``.
"""

import csv
import itertools
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from typing import Any, BinaryIO, Literal

from standfirst.archive import parquet
from standfirst.archive.inputs import Input
from standfirst.archive.streams import Damaged, opened
from standfirst.parse import MAX_BYTES

MAX_RECORD_BYTES = 8 * 2**20
"""A line of more is no row: a service request may not be longer either."""

_TABLES = ("csv", "tsv")
_DELIMITERS = ",;\t|"


@dataclass(frozen=True, slots=True)
class Record:
    """One record of a file.

    Parameters
    ----------
    row
        1-based: the line of a JSONL file, the record of a CSV file (its header not counted), the row of a
        Parquet file; 1 for a document.
    raw
        Its bytes, decompressed; of a Parquet row, none. Of one too long, the beginning.
    begin, end
        Its offsets in the decompressed file; 0 where reading does not go by offsets.
    value
        What reading it gave already: the fields of a CSV record or a Parquet row.
    problem
        Why it cannot be read, or nothing.
    """

    row: int
    raw: bytes = b""
    begin: int = 0
    end: int = 0
    value: Any = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Start:
    """Where reading begins: the number of the first record, and its offset."""

    row: int = 1
    offset: int = 0


BEGINNING = Start()


def records(source: Input, start: Start = BEGINNING, columns: tuple[str, ...] = ()) -> Iterator[Record]:
    """Yield the records of a file from ``start`` to its end.

    ``columns`` are those wanted of a Parquet file. A compressed file is read from its beginning, whatever
    ``start`` says; what stands before ``start`` is dropped.
    """
    if source.form == "parquet":
        yield from _parquet_rows(source, start.row, columns)
        return
    with closing(opened(source)) as file:
        if source.form == "document":
            yield _document(file)
        elif source.form == "jsonl":
            yield from _from(start, _json_lines(*_sought(source, _Lines(file), start)))
        else:
            lines = _Lines(file)
            names = _header(lines, source)
            lines, row = _sought(source, lines, start)
            yield from _from(start, _csv_records(lines, row, source, names))


def column_names(source: Input) -> list[str] | None:
    """What the columns of a table are called, or ``None`` if the file has no columns or cannot be read.

    A JSONL file has none: each of its lines names its own.
    """
    try:
        if source.form == "parquet":
            return parquet.column_names(source)
        if source.form in _TABLES:
            with closing(opened(source)) as file:
                return _header(_Lines(file), source) or None
    except Damaged:
        return None
    return None


def _sought(source: Input, lines: "_Lines", start: Start) -> "tuple[_Lines, int]":
    """Go to ``start`` if the file is no compressed one; the lines from there, and the first one's row."""
    if source.compression or start.row == 1:
        return lines, 1
    lines.file.seek(start.offset)
    return _Lines(lines.file, start.offset), start.row


def _from(start: Start, found: Iterator[Record]) -> Iterator[Record]:
    return itertools.dropwhile(lambda record: record.row < start.row, found)


def _document(file: BinaryIO) -> Record:
    try:
        raw = file.read(MAX_BYTES + 1)
    except Damaged as error:
        return Record(1, problem=f"the file is damaged: {error}")
    if len(raw) > MAX_BYTES:
        return Record(1, raw[:MAX_RECORD_BYTES], problem=f"more than {MAX_BYTES:,} bytes; split the document")
    return Record(1, raw, 0, len(raw))


@dataclass(slots=True)
class _Lines:
    """Lines with the offset reached; of a line too long the beginning, and ``too_long`` is set."""

    file: BinaryIO
    offset: int = 0
    too_long: bool = False

    def next(self) -> bytes:
        """The next line, or nothing at the end."""
        line = self.file.readline(MAX_RECORD_BYTES + 1)
        self.offset += len(line)
        self.too_long = len(line) > MAX_RECORD_BYTES
        rest = line
        while self.too_long and rest and not rest.endswith(b"\n"):
            rest = self.file.readline(MAX_RECORD_BYTES)
            self.offset += len(rest)
        return line


def _json_lines(lines: _Lines, first: int) -> Iterator[Record]:
    for row in itertools.count(first):
        begin = lines.offset
        try:
            line = lines.next()
        except Damaged as error:
            yield Record(row, problem=f"the file is damaged from here on: {error}")
            return
        if not line:
            return
        if lines.too_long:
            yield Record(row, line, begin, lines.offset, problem=f"a line of more than {MAX_RECORD_BYTES:,} bytes")
        elif line.strip():
            yield Record(row, line, begin, lines.offset)


def delimiter_of(source: Input) -> str:
    """What parts the cells of a CSV: the mark that makes most of its header, of two alike the comma before others."""
    with closing(opened(source)) as file, suppress(Damaged):
        first = _Lines(file).next().decode("utf-8-sig", "replace")
        csv.field_size_limit(MAX_RECORD_BYTES)
        return max(_DELIMITERS, key=lambda mark: len(next(csv.reader([first], delimiter=mark), [])))
    return ","


def is_quoted(source: Input) -> bool:
    """Whether quotation marks hold the cells of a TSV together; else they are text, as databases write it.

    The first record in which it matters says so, read as with quoting; nothing behind it is read. It was written

    - without, if a mark opens a cell and closes within it, in another cell or on a later line, and each of these
      lines, cut at every tab, has as many cells as the header;
    - with, if a cell holds a doubled mark, or a tab or line break that would give another number of cells.

    Where no record says it, with; so is a file that cannot be read.
    """
    taken: list[bytes] = []

    def marked() -> Iterator[str]:
        while line := lines.next():
            if taken or line.startswith(b'"') or b'\t"' in line:  # other lines are read alike
                taken.append(line)
                yield line.decode("utf-8", "surrogateescape")

    with closing(opened(source)) as file, suppress(Damaged):
        lines = _Lines(file)
        n_tabs = lines.next().count(b"\t")
        reader = _reader(marked(), source, strict=True)
        while True:
            taken.clear()
            try:
                cells = next(reader, None)
            except csv.Error:
                cells = []
            if cells is None:
                break
            found = None if lines.too_long else _says_quoted(cells, taken, n_tabs)
            if found is not None:
                return found
    return True


def _says_quoted(cells: list[str], lines: list[bytes], n_tabs: int) -> bool | None:
    """What a record says of it, or ``None``: its cells as quoting reads them (none if it cannot), and its lines."""
    is_like_header = all(line.count(b"\t") == n_tabs for line in lines if line.strip())
    if not cells:
        return False if is_like_header else None
    if len(lines) > 1:
        return not is_like_header if n_tabs else None
    plain = lines[0].rstrip(b"\r\n").split(b"\t")
    if len(plain) != len(cells):
        return not is_like_header
    holds_a_mark = any(raw.startswith(b'"') and '"' in cell for raw, cell in zip(plain, cells, strict=True))
    return True if holds_a_mark else None


def _reader(lines: Iterator[str], source: Input, *, strict: bool = False) -> "Iterator[list[str]]":
    csv.field_size_limit(MAX_RECORD_BYTES)  # the library's own limit would end a record in its middle
    quoting: Literal[0, 3] = csv.QUOTE_MINIMAL if source.quoted else csv.QUOTE_NONE
    delimiter = "\t" if source.form == "tsv" else source.delimiter
    return csv.reader(lines, delimiter=delimiter, quoting=quoting, strict=strict)


def _header(lines: _Lines, source: Input) -> list[str]:
    """The column names, which are the first record; none if it cannot be read."""
    first = next(_csv_records(lines, 0, source, []), None)
    return [] if first is None or first.problem else list(first.value)


def _csv_records(lines: _Lines, row: int, source: Input, names: list[str]) -> Iterator[Record]:
    """Records as tables of ``names``; without names, as lists. ``csv`` takes no more lines than a record has."""
    taken: list[bytes] = []

    def text() -> Iterator[str]:
        while line := lines.next():
            is_first = lines.offset == len(line)
            taken.append(line)
            if lines.too_long:
                raise csv.Error(f"a line of more than {MAX_RECORD_BYTES:,} bytes")
            decoded = line.decode("utf-8", "surrogateescape")
            yield decoded.removeprefix("\ufeff") if is_first else decoded

    reader = _reader(text(), source)
    while True:
        taken.clear()
        begin, value, problem = lines.offset, None, ""
        try:
            value = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            problem = f"broken CSV: {error}"
            reader = _reader(text(), source)
        except Damaged as error:
            yield Record(row, b"".join(taken), problem=f"the file is damaged from here on: {error}")
            return
        if value or problem:
            yield _checked(Record(row, b"".join(taken), begin, lines.offset, value, problem), names)
            row += 1


def _checked(record: Record, names: list[str]) -> Record:
    """A CSV record with its fields under their names, or with what is wrong about it."""
    if record.problem or not names:
        return record
    if len(record.value) != len(names):
        return replace(record, value=None, problem=f"{len(record.value)} fields, the header has {len(names)}")
    try:
        record.raw.decode("utf-8")
    except UnicodeDecodeError:
        return replace(record, value=None, problem="not UTF-8")
    return replace(record, value=dict(zip(names, record.value, strict=True)))


def _parquet_rows(source: Input, first: int, columns: tuple[str, ...]) -> Iterator[Record]:
    """Rows from ``first`` on; the one at which the file turns out to be damaged is the last."""
    row = first
    try:
        for value in parquet.rows(source, first, columns):
            yield Record(row, value=value)
            row += 1
    except Damaged as error:
        yield Record(row, problem=f"no Parquet from here on: {error}")
