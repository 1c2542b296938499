"""Rows of a file, each with its place, so that an error can name it."""

import codecs
import csv
import itertools
import json
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from standfirst.errors import DataError
from standfirst.pieces import without_surrogates

_LONGEST_CELL = 2**27
"""Characters; the library's own limit is an article of 131 kB."""
_LONGEST_HEADER = 2**16
_DELIMITERS = ",;\t|"
_PACKED = {
    b"PK\x03\x04": "the file is a spreadsheet or another archive; save its sheet as CSV (UTF-8)",
    b"\x1f\x8b": "the file is packed (gzip); unpack it: gunzip",
}
"""What a file that is no text begins with."""
_REMEDIES = {
    ".json": "; JSON with one object on each line is .jsonl: write an array so",
    ".gz": "; unpack it: gunzip",
    ".txt": "; a table of cells with tabs or commas between them is .tsv or .csv: rename it",
} | dict.fromkeys((".xlsx", ".xls", ".ods"), "; save the sheet as CSV (UTF-8)")
NULLS = frozenset({"\\n", "nan", "null", "none", "n/a", "na", "<na>", "-"})
"""How databases and libraries write nothing, in lower case."""
_TOLD_DELIMITER = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE)
"""The first line of some spreadsheets' files."""


def cell(value: Any) -> str:
    """What a cell holds as text, empty where it holds nothing: ``None``, NaN or white space; 0 is something.

    Half a character, as a cut emoji leaves in JSON, becomes U+FFFD.

    >>> cell(None), cell(float("nan")), cell(0), cell(" a ")
    ('', '', '0', 'a')
    """
    return "" if value is None or value != value else without_surrogates(str(value).strip())  # noqa: PLR0124 - NaN


def rows_of(
    path: Path, columns: Sequence[str] = (), encoding: str = "utf-8"
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield each row of a ``.jsonl``, ``.csv``, ``.tsv`` or ``.parquet`` file after its place, ``file:line``.

    Of a ``.csv`` file the header tells what parts its cells: a comma, or a semicolon, tab or bar as spreadsheets write
    them. Rows and last columns without a word in them are not there. ``columns`` names the columns of a ``.csv`` or
    ``.tsv`` file whose first line is a row and no header.

    Raises
    ------
    DataError
        Naming file and line: not of this encoding, broken JSON, a row that is no object or has too few or too many
        cells, a quotation mark that opens a cell and closes within it; or the file's name: no table, or a packed one.
    """
    kind = path.suffix.lower()
    try:
        "".encode(encoding)  # refuses those that are of bytes, such as base64
        encoding = codecs.lookup(encoding).name
    except (LookupError, UnicodeError):
        raise DataError("no encoding has this name; some are utf-8, utf-16, cp1252", where=encoding) from None
    _refuse_packed(path)
    try:
        if kind in (".jsonl", ".ndjson"):
            yield from _jsonl_rows(path, encoding)
        elif kind in (".csv", ".tsv"):
            yield from _csv_rows(path, columns, encoding)
        elif kind == ".parquet":
            yield from _parquet_rows(path)
        else:
            raise DataError(f"expected .jsonl, .csv, .tsv or .parquet{_REMEDIES.get(kind, '')}", where=path.name)
    except UnicodeError:
        if encoding != "utf-8":
            raise DataError(f"the file is not {encoding.upper()} throughout", where=path.name) from None
        raise DataError(
            f"the line is not UTF-8{_likely_encoding(path)}; save the file as UTF-8, or tell init its --encoding",
            where=f"{path.name}:{_first_bad_line(path)}",
        ) from None


def is_utf8_beyond_ascii(path: Path) -> bool:
    """Whether a file is UTF-8 and holds more than ASCII: hardly a file of another encoding is so by chance."""
    raw = path.read_bytes()
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return not raw.isascii()


def _refuse_packed(path: Path) -> None:
    with path.open("rb") as file:
        begins = file.read(4)
    for mark, message in _PACKED.items():
        if begins.startswith(mark):
            raise DataError(message, where=path.name)


def _signed(encoding: str) -> str:
    """The encoding that also reads the mark which some programs put in front."""
    return "utf-8-sig" if encoding == "utf-8" else encoding


def _likely_encoding(path: Path) -> str:
    with path.open("rb") as file:
        begins = file.read(2)
    return " (it begins as UTF-16 does)" if begins in (b"\xff\xfe", b"\xfe\xff") else ""


def _first_bad_line(path: Path) -> int:
    """The number of the first line that is not UTF-8; a decoder counts from wherever its buffer begins."""
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            try:
                line.decode()
            except UnicodeDecodeError:
                return number
    return 0


def _csv_rows(path: Path, columns: Sequence[str], encoding: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    csv.field_size_limit(_LONGEST_CELL)
    delimiter, above = _delimiter(path, columns, encoding)
    quoting = _quoting(path, encoding, above)
    with path.open(encoding=_signed(encoding), newline="") as file:
        for _ in range(above):
            file.readline()
        # strict: else a stray quotation mark takes in all rows up to the next one
        reader = csv.reader(file, delimiter=delimiter, strict=True, quoting=quoting)
        rows = (row for row in reader if any(map(str.strip, row)))  # below a table a spreadsheet has empty rows
        try:
            head = list(columns) or next(rows, [])
            names = _header(head)
            for number, row in enumerate(rows):
                where = f"{path.name}:{above + reader.line_num}"
                if columns and not number and [v.strip().casefold() for v in row] == [c.casefold() for c in columns]:
                    raise DataError("the first line is a header already; leave --columns out", where=where)
                width_fits = len(names) <= len(row) <= len(head)  # else an unquoted comma, or a cell forgotten
                if not width_fits or any(map(str.strip, row[len(names) :])):
                    named = "--columns names" if columns else f"the header (line {above + 1}) has"
                    remedy = (
                        f"write a cell with {delimiter!r} in it between quotation marks"
                        if len(row) > len(names)
                        else "a cell is missing, or a line break stands outside quotation marks"
                    )
                    raise DataError(f"the row has {len(row)} cells, {named} {len(names)}; {remedy}", where=where)
                yield where, dict(zip(names, row, strict=False))
        except csv.Error as error:
            line = above + reader.line_num + ("unexpected end" not in str(error))  # it counts what it has read whole
            raise DataError(f"broken table: {_explained(error)}", where=f"{path.name}:{line}") from None


def _header(cells: Sequence[str]) -> list[str]:
    """The names of the columns on one line each, without unnamed columns at the end."""
    names = [" ".join(c.split()) for c in cells]
    while names and not names[-1]:
        names.pop()
    return _told_apart(names)


def _told_apart(names: Sequence[str]) -> list[str]:
    """Column names, of which the second of a pair ends with ".1", as in pandas."""
    return [f"{n}.{names[:i].count(n)}" if n in names[:i] else n for i, n in enumerate(names)]


def _explained(error: csv.Error) -> str:
    if "expected after" in str(error) or "unexpected end" in str(error):
        return (
            "a quotation mark opens a cell here or in a line above and closes within it; write a cell with quotation "
            'marks of its own as "so ""called"" here"'
        )
    return str(error)


def _delimiter(path: Path, columns: Sequence[str], encoding: str) -> tuple[str, int]:
    """What parts the cells, and how many lines stand above the header; of two marks alike the first counts."""
    with path.open(encoding=_signed(encoding), newline="") as file:
        above = 0
        while (first := file.readline()) and not first.strip():
            above += 1
        told = _TOLD_DELIMITER.fullmatch(first)
        if told:
            return told[1], above + 1
        begins = [*first.splitlines(keepends=True), *file.read(_LONGEST_HEADER).splitlines(keepends=True)]
    if path.suffix.lower() == ".tsv":
        return "\t", above
    widths = {mark: len(next(csv.reader(begins, delimiter=mark), [])) for mark in _DELIMITERS}
    fitting = [mark for mark in _DELIMITERS if columns and widths[mark] == len(columns)]
    return fitting[0] if fitting else max(_DELIMITERS, key=lambda mark: widths[mark]), above


def _quoting(path: Path, encoding: str, above: int) -> Literal[0, 3]:
    """Whether quotation marks hold a cell together: not in a ``.tsv`` that a database wrote without them.

    Of such a file every line is a row, but with quoting one cannot be read, or a cell takes in the rows up to the next
    mark.
    """
    if path.suffix.lower() != ".tsv":
        return csv.QUOTE_MINIMAL
    with path.open(encoding=_signed(encoding), newline="") as file:
        try:
            is_doubtful = any("\t" in c and "\n" in c for r in csv.reader(file, delimiter="\t", strict=True) for c in r)
        except csv.Error:
            is_doubtful = True
    if not is_doubtful:
        return csv.QUOTE_MINIMAL
    with path.open(encoding=_signed(encoding), newline="") as file:
        plain = csv.reader(itertools.islice(file, above, None), delimiter="\t", quoting=csv.QUOTE_NONE)
        widths = {len(row) for row in plain if any(map(str.strip, row))}
    return csv.QUOTE_NONE if len(widths) == 1 else csv.QUOTE_MINIMAL


def _parquet_rows(path: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    from datasets import Dataset
    from datasets.exceptions import DatasetsError

    with tempfile.TemporaryDirectory() as cache:  # else a copy would stay in the user's cache for good
        try:
            table = Dataset.from_parquet(str(path), cache_dir=cache, keep_in_memory=True)
        except (ValueError, DatasetsError):
            raise DataError("the file is no Parquet, or holds no rows", where=path.name) from None
        classes = {column: found for column, feature in table.features.items() if (found := _classes(feature))}
        for number, row in enumerate(table, 1):
            named = {c: _class_names(row[c], names) for c, names in classes.items()}
            yield f"{path.name}:{number}", {c: _decoded(v) for c, v in (row | named).items()}


def _classes(feature: Any) -> Sequence[str]:
    """The names of a column of the library's ``ClassLabel``, or of lists of them, which holds numbers alone."""
    found: Sequence[str] = getattr(getattr(feature, "feature", feature), "names", None) or ()
    return found


def _class_names(value: Any, names: Sequence[str]) -> Any:
    if isinstance(value, list):
        return [_class_names(v, names) for v in value]
    return None if value is None or value < 0 else names[value]


def _decoded(value: Any) -> Any:
    """Text that is stored as bytes, alone or in a list; other bytes, such as a picture's, as they are."""
    if isinstance(value, list):
        return [_decoded(v) for v in value]
    try:
        return value.decode() if isinstance(value, bytes) else value
    except UnicodeDecodeError:
        return value


def _jsonl_rows(path: Path, encoding: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    with path.open(encoding=_signed(encoding)) as file:
        for number, line in enumerate(file, 1):
            where = f"{path.name}:{number}"
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except json.JSONDecodeError as error:
                hint = "; write one object on each line, and no array" if line.lstrip().startswith("[") else ""
                raise DataError(f"broken JSON at column {error.colno}: {error.msg}{hint}", where=where) from None
            except (ValueError, RecursionError):
                raise DataError("the row is nested too deep, or holds too long a number", where=where) from None
            if not isinstance(row, dict):
                raise DataError(f"expected an object, got {type(row).__name__}; one object on each line", where=where)
            yield where, row
