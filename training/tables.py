"""Rows of a file, each with its place, so that an error can name it."""

import csv
import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from standfirst.errors import DataError


def rows_of(path: Path, columns: Sequence[str] = ()) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield each row of a ``.jsonl``, ``.csv``, ``.tsv`` or ``.parquet`` file after its place, ``file:line``.

    ``columns`` names the columns of a ``.csv`` or ``.tsv`` file whose first line is a row and no header.

    Raises
    ------
    DataError
        Naming file and line: not UTF-8, broken JSON, a row that is no object or has too few or too many cells.
    """
    try:
        if path.suffix == ".jsonl":
            yield from _jsonl_rows(path)
        elif path.suffix in (".csv", ".tsv"):
            yield from _csv_rows(path, columns)
        elif path.suffix == ".parquet":
            yield from _parquet_rows(path)
        else:
            raise DataError("expected .jsonl, .csv, .tsv or .parquet", where=path.name)
    except UnicodeDecodeError:
        raise DataError("the line is not UTF-8", where=f"{path.name}:{_first_bad_line(path)}") from None


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
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file, columns or None, delimiter="\t" if path.suffix == ".tsv" else ",")
        try:
            for row in reader:
                where = f"{path.name}:{reader.line_num}"
                if None in row or None in row.values():  # an unquoted comma, or a cell forgotten
                    n_columns = len(reader.fieldnames or ())
                    named = "as many as columns were named" if columns else "as the header has"
                    raise DataError(f"the row has not {n_columns} cells, {named}", where=where)
                yield where, row
        except csv.Error as error:
            raise DataError(f"broken table: {error}", where=f"{path.name}:{reader.line_num}") from None


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
    with path.open(encoding="utf-8") as file:
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
