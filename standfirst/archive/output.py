"""The rows as they are written: one schema, as Parquet or as JSON lines, and the quarantine.

Schema 1. One row for each paragraph, in the order of the input:

=================  ====================  ==============================================================
column             type                  meaning
=================  ====================  ==============================================================
input, row         string, int64         the file, and where in it: line, record, row or paragraph, from 1
id                 string                the row's own id; of a document, the paragraph's
document, update,  string                ids, of documents or from columns of these names
paragraph
kind               string                what a document's paragraph is: ``schema.ParagraphKind``
published          timestamp[us, UTC]    when the update was published; where it does not say, its blog
start, end         int64                 characters in the document's text; of a loose row, in its own
text               string                only with ``--text``
text_id            string                32 hex digits, equal where text and context are equal
labels             list<string>          best first; empty means "none of them"
score_LABEL        double                one column for each label of the label set, calibrated, in [0, 1]
windows            int32                 more than 1 if the text was longer than the encoder
tier               string                which model answered: ``full`` the topic model, ``fast`` its student; null
                                         where none was asked
repeat             bool                  the same text under the same context stood before, and was not scored again
standfirst         struct                text, origin, pieces (paragraph, start, end, source_start, text); on the
                                         first row of each update, and on every loose row; only with
                                         ``--standfirsts``
topics_model,      string                versions; of a student only with ``--tier fast``
student_model,
summary_model,
label_set
=================  ====================  ==============================================================

A new column raises no version; a column that goes or changes its meaning does.
"""

import base64
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Literal

from standfirst.archive.answers import Answer, Tier
from standfirst.archive.rows import Bad, Row
from standfirst.archive.storage import Written, write_whole
from standfirst.labels import LabelSet
from standfirst.pieces import without_surrogates
from standfirst.render import Json
from standfirst.schema import Line, Topics, TopicScore

SCHEMA_VERSION = 1
Format = Literal["parquet", "jsonl"]

_MAX_RAW = 2**20
"""Bytes of a bad record that are kept; a broken file may be one record."""


@dataclass(frozen=True, slots=True)
class Scored:
    """A row with what was said about it; ``tier`` is ``None`` where no model was asked."""

    row: Row
    topics: Topics
    tier: Tier | None
    is_repeat: bool
    line: Line | None = None


@dataclass(frozen=True)
class Writer:
    """Writes shards into the folder of a job.

    ``models`` are the versions that answer, as ``Reader.models`` gives them.
    """

    folder: Path
    format: Format
    labels: LabelSet
    models: dict[str, str]
    with_text: bool = False

    @property
    def tier(self) -> Tier:
        """Which tier the job is of."""
        return "fast" if "student" in self.models else "full"

    def write(self, name: str, rows: Sequence[Scored], bad: Sequence[Bad]) -> tuple[Written, ...]:
        """Write a shard's rows and what could not be scored; the quarantine has a file only where it has a row."""
        tables = [self._table(scored) for scored in rows]
        if self.format == "parquet":
            files = [write_whole(self.folder, f"parts/{name}.parquet", lambda f: self._write_parquet(f, tables))]
        else:
            files = [write_whole(self.folder, f"parts/{name}.jsonl", lambda f: _write_lines(f, tables))]
        if bad:
            rejected = [_bad_table(b) for b in bad]
            files.append(write_whole(self.folder, f"quarantine/{name}.jsonl", lambda f: _write_lines(f, rejected)))
        return tuple(files)

    def _table(self, scored: Scored) -> Json:
        row, topics = scored.row, scored.topics
        published = row.published
        if published is not None and self.format == "jsonl":
            published = published.isoformat().replace("+00:00", "Z")  # type: ignore[assignment]
        return {
            "input": without_surrogates(row.input),
            "row": row.row,
            "id": _clean(row.id),
            "document": _clean(row.document),
            "update": _clean(row.update),
            "paragraph": row.paragraph,
            "kind": row.kind,
            "published": published,
            "start": row.start,
            "end": row.end,
            "text": without_surrogates(row.text) if self.with_text else None,
            "text_id": row.key.hex(),
            "labels": list(topics.names),
            **{f"score_{name}": topics.scores[name] for name in self.labels.names},
            "windows": topics.n_windows,
            "tier": scored.tier,
            "repeat": scored.is_repeat,
            "standfirst": _line_table(scored.line),
            "topics_model": self.models["topics"],
            "student_model": self.models.get("student"),
            "summary_model": self.models.get("summary"),
            "label_set": self.models["labels"],
        }

    def _write_parquet(self, file: BinaryIO, tables: list[Json]) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        table = pa.Table.from_pylist(tables, schema=arrow_schema(self.labels))
        pq.write_table(table, file, compression="zstd")


def arrow_schema(labels: LabelSet) -> Any:
    """The Parquet files' schema; its metadata carry ``SCHEMA_VERSION`` under ``standfirst``."""
    import pyarrow as pa

    piece = [("paragraph", pa.string()), ("start", pa.int64()), ("end", pa.int64()), ("source_start", pa.int64())]
    pieces = pa.list_(pa.struct([*piece, ("text", pa.string())]))
    types = {
        "row": pa.int64(),
        "published": pa.timestamp("us", tz="UTC"),
        "start": pa.int64(),
        "end": pa.int64(),
        "labels": pa.list_(pa.string()),
        "windows": pa.int32(),
        "repeat": pa.bool_(),
        "standfirst": pa.struct([("text", pa.string()), ("origin", pa.string()), ("pieces", pieces)]),
    }
    scores = [f"score_{name}" for name in labels.names]
    names = ["input", "row", "id", "document", "update", "paragraph", "kind", "published", "start", "end", "text"]
    names += ["text_id", "labels", *scores, "windows", "tier", "repeat", "standfirst"]
    names += ["topics_model", "student_model", "summary_model", "label_set"]
    types |= dict.fromkeys(scores, pa.float64())
    metadata = {"standfirst": json.dumps({"schema": SCHEMA_VERSION, "labels": labels.names})}
    return pa.schema([(name, types.get(name, pa.string())) for name in names], metadata=metadata)


def _line_table(line: Line | None) -> Json | None:
    if line is None:
        return None
    pieces = [
        {
            "paragraph": _clean(p.paragraph_id),
            "start": p.start,
            "end": p.end,
            "source_start": p.source_start,
            "text": without_surrogates(p.text),
        }
        for p in line.pieces
    ]
    return {"text": without_surrogates(line.text), "origin": line.origin, "pieces": pieces}


def _clean(value: str | None) -> str | None:
    return None if value is None else without_surrogates(value)


def _write_lines(file: BinaryIO, tables: Sequence[Json]) -> None:
    for table in tables:
        file.write(json.dumps(table, ensure_ascii=False).encode() + b"\n")


def _bad_table(bad: Bad) -> Json:
    """A quarantined row; bytes that are no text are written as base64."""
    table: Json = {
        "input": without_surrogates(bad.input),
        "row": bad.row,
        "reason": bad.reason,
        "n_bytes": len(bad.raw),
    }
    raw = bad.raw[:_MAX_RAW]
    try:
        return {**table, "raw": raw.decode("utf-8")}
    except UnicodeDecodeError:
        return {**table, "raw_base64": base64.b64encode(raw).decode()}


def read_answers(path: Path, labels: LabelSet) -> Iterator[tuple[bytes, Answer]]:
    """What a written part says of each text that a model was asked about for it: key and answer."""
    for row in _read_rows(path):
        if not row["repeat"] and row["tier"] is not None:
            scores = {name: row[f"score_{name}"] for name in labels.names}
            given = tuple(TopicScore(name, scores[name]) for name in row["labels"])
            yield bytes.fromhex(row["text_id"]), Answer(Topics(given, scores, row["windows"]), row["tier"])


def _read_rows(path: Path) -> Iterator[Json]:
    if path.suffix == ".jsonl":
        with path.open("rb") as file:
            yield from map(json.loads, file)
        return
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(1024):
            yield from batch.to_pylist()
