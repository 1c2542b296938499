"""Rows of a file, each with its place, so that an error can name it."""

import csv
import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from standfirst.errors import DataError
from standfirst.pieces import without_surrogates

_LONGEST_CELL = 2**27
"""Characters; the library's own limit is an article of 131 kB."""


def cell(value: Any) -> str:
    """What a cell holds as text, empty where it holds nothing: ``None``, NaN or white space; 0 is something.

    Half a character, as a cut emoji leaves in JSON, becomes U+FFFD.

    >>> cell(None), cell(float("nan")), cell(0), cell(" a ")
    ('', '', '0', 'a')
    """
    return "" if value is None or value != value else without_surrogates(str(value).strip())  # noqa: PLR0124 - NaN


def rows_of(path: Path, columns: Sequence[str] = ()) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield each row of a ``.jsonl``, ``.csv``, ``.tsv`` or ``.parquet`` file after its place, ``file:line``.

    A ``.csv`` file whose header has semicolons and no comma, as spreadsheets write it in half of Europe, is split at
    semicolons. ``columns`` names the columns of a ``.csv`` or ``.tsv`` file whose first line is a row and no header.

    Raises
    ------
    DataError
        Naming file and line: not UTF-8, broken JSON, a row that is no object or has too few or too many cells, a
        quotation mark that opens a cell and closes within it.
    """
    kind = path.suffix.lower()
    try:
        if kind in (".jsonl", ".ndjson"):
            yield from _jsonl_rows(path)
        elif kind in (".csv", ".tsv"):
            yield from _csv_rows(path, columns)
        elif kind == ".parquet":
            yield from _parquet_rows(path)
        else:
            hint = "; JSON with one object on each line is .jsonl" if kind == ".json" else ""
            raise DataError(f"expected .jsonl, .csv, .tsv or .parquet{hint}", where=path.name)
    except UnicodeDecodeError:
        raise DataError(
            f"the line is not UTF-8{_likely_encoding(path)}; save the file as UTF-8",
            where=f"{path.name}:{_first_bad_line(path)}",
        ) from None


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


def _csv_rows(path: Path, columns: Sequence[str]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    csv.field_size_limit(_LONGEST_CELL)
    with path.open(encoding="utf-8-sig", newline="") as file:
        # strict: else a stray quotation mark takes in all rows up to the next one
        reader = csv.DictReader(file, columns or None, delimiter=_delimiter(path), strict=True, quoting=_quoting(path))
        try:
            reader.fieldnames = _told_apart(reader.fieldnames or ())
            for row in reader:
                where = f"{path.name}:{reader.line_num}"
                if (
                    columns
                    and reader.line_num == 1
                    and [str(v).strip().casefold() for v in row.values()] == [c.casefold() for c in columns]
                ):
                    raise DataError("the first line is a header already; leave --columns out", where=where)
                if None in row or None in row.values():  # an unquoted comma, or a cell forgotten
                    n_columns = len(reader.fieldnames or ())
                    named = "as many as columns were named" if columns else "as the header has"
                    raise DataError(f"the row has not {n_columns} cells, {named}", where=where)
                yield where, row
        except csv.Error as error:
            line = reader.line_num + ("unexpected end" not in str(error))  # it counts what it has read whole
            raise DataError(f"broken table: {_explained(error)}", where=f"{path.name}:{line}") from None


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


def _delimiter(path: Path) -> str:
    if path.suffix.lower() == ".tsv":
        return "\t"
    with path.open(encoding="utf-8-sig", newline="") as file:
        first = file.readline()
    return max(",;", key=lambda mark: len(next(csv.reader([first], delimiter=mark), [])))  # of two alike the comma


def _quoting(path: Path) -> Literal[0, 3]:
    """Whether quotation marks hold a cell together: not in a ``.tsv`` that a database wrote without them."""
    if path.suffix.lower() != ".tsv":
        return csv.QUOTE_MINIMAL
    with path.open(encoding="utf-8-sig", newline="") as file:
        try:
            for _ in csv.reader(file, delimiter="\t", strict=True):
                pass
        except csv.Error:
            file.seek(0)
            widths = {len(row) for row in csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE) if row}
            return csv.QUOTE_NONE if len(widths) == 1 else csv.QUOTE_MINIMAL
    return csv.QUOTE_MINIMAL


def _parquet_rows(path: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    from datasets import Dataset
    from datasets.exceptions import DatasetsError

    with tempfile.TemporaryDirectory() as cache:  # else a copy would stay in the user's cache for good
        try:
            table = Dataset.from_parquet(str(path), cache_dir=cache, keep_in_memory=True)
        except (ValueError, DatasetsError):
            raise DataError("the file is no Parquet, or holds no rows", where=path.name) from None
        for number, row in enumerate(table, 1):
            yield f"{path.name}:{number}", row


def _jsonl_rows(path: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    with path.open(encoding="utf-8-sig") as file:
        for number, line in enumerate(file, 1):
            where = f"{path.name}:{number}"
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except json.JSONDecodeError as error:
                raise DataError(f"broken JSON at column {error.colno}: {error.msg}", where=where) from None
            if not isinstance(row, dict):
                raise DataError(f"expected an object, got {type(row).__name__}", where=where)
            yield where, row
