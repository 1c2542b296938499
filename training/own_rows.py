"""The rows of somebody's own table: which are read, and how those are written anew that ``data`` would not read so."""

import codecs
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from standfirst.errors import DataError
from training.dates import iso_date
from training.examples import text_in
from training.guess import Found, Rows, names_in
from training.label_cells import literal, names_of
from training.tables import cell, is_utf8_beyond_ascii, rows_of

ANSWER = "answer"
_GIVEN = frozenset({"accept", "reject", "ignore"})


def read_table(path: Path, columns: tuple[str, ...], encoding: str) -> Rows:
    """The rows of a file; raises ``DataError`` if it is none that can be read, or holds none."""
    if path.is_dir():
        raise DataError("a folder came; expected a file, .csv, .tsv, .jsonl or .parquet", where=str(path))
    if not path.is_file():
        raise DataError("there is no such file", where=str(path))
    if columns and path.suffix.lower() not in (".csv", ".tsv"):
        raise DataError("--columns is for .csv and .tsv files without a header line", where=path.name)
    rows = list(rows_of(path, columns, encoding))
    if not rows:
        raise DataError("the file holds no rows", where=path.name)
    return rows


def accepted(rows: Rows, labels: str | None) -> Rows:
    """The rows that an annotator accepted, if a column says so, as Prodigy writes it, and is not that of the labels."""
    answers = {cell(row.get(ANSWER)) for _, row in rows} - {""}
    if labels == ANSWER or not answers or not answers <= _GIVEN:
        return rows
    kept = [(where, row) for where, row in rows if cell(row.get(ANSWER)) in ("accept", "")]
    if not kept:
        raise DataError(f"column {ANSWER!r} accepts no row", where=rows[0][0].rpartition(":")[0])
    return kept


def encoding_notes(files: Iterable[Path], encoding: str) -> list[str]:
    """What is said of files that are UTF-8 although another encoding was told."""
    if codecs.lookup(encoding).name.startswith("utf-8"):
        return []
    texts = [path for path in files if path.suffix.lower() != ".parquet" and is_utf8_beyond_ascii(path)]
    return [f"look again: {path.name} is UTF-8; leave --encoding {encoding} out" for path in texts]


def is_plain(rows: Rows, found: Found) -> bool:
    """Whether ``data`` reads these rows as they are."""
    if found.indicators or found.as_whole:
        return False
    values = [row[found.labels[0]] for _, row in rows]
    return all(
        value is None
        or (isinstance(value, list) and all(v is None or isinstance(v, str) for v in value))
        or (isinstance(value, str) and literal(value) is None)
        for value in values
    )


def write_rows(folder: Path, tables: Mapping[str, Rows], found: Found) -> None:
    """Write each table as JSONL, one row a line; raises ``DataError`` where a row has no text or wrong labels."""
    for split, rows in tables.items():
        with (folder / f"{split}.jsonl").open("w", encoding="utf-8") as file:
            for where, row in rows:
                kept: dict[str, Any] = {"text": text_in(row, found.text, where), "labels": names_in(row, found, where)}
                kept |= {"context": cell(row.get(found.context))} if found.context else {}
                kept |= {"document": cell(row.get(found.group))} if found.group else {}
                kept |= {"date": iso_date(row.get(found.date))} if found.date else {}
                kept |= {key: value for key in ("source", "kind", "ref") if (value := cell(row.get(key)))}
                second = row.get("labels_second")
                if second is not None and cell(second):
                    kept["labels_second"] = names_of(second, where, separator=found.separator, as_whole=found.as_whole)
                file.write(json.dumps(kept, ensure_ascii=False) + "\n")


def place_before(where: str, tables: Mapping[str, Rows]) -> str:
    """Where a row stood before it was written anew, of a place in ``train.jsonl``; any other place as it is."""
    name, _, line = where.rpartition(":")
    rows = tables.get(name.removesuffix(".jsonl"), []) if name.endswith(".jsonl") else []
    return rows[int(line) - 1][0] if rows and line.isdecimal() else where
