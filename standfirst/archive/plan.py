"""An archive cut into shards, once and for all engines: the same input always gives the same plan.

A shard is a list of slices: records of one file that stand together. Planning reads the archive once (it is a
thousand times faster than scoring) and keeps a digest of every slice, so that a job that is resumed knows
whether its input is still the one it began with. The plan lies on disk, one shard a line; memory holds one.
"""

import hashlib
import itertools
import json
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

from standfirst.archive import parquet
from standfirst.archive.inputs import Input
from standfirst.archive.records import Record, Start, column_names, delimiter_of, is_quoted, records
from standfirst.archive.rows import Columns
from standfirst.archive.streams import Damaged, opened
from standfirst.errors import ArchiveError, InputError

SHARD_ROWS = 8192
"""Records in a shard by default: about a minute's work of two cores, and what a kill may cost at most per shard."""

SHARD_BYTES = 32 * 2**20
"""A shard ends earlier where its records are long, so that memory has a limit."""

_BYTES_PER_ROW = 1000
"""What a document's paragraph takes, about, markup included; a document's rows are not counted before it is parsed."""

_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Slice:
    """Records of one file that stand together.

    Parameters
    ----------
    row, offset
        Where the first record is: see ``records.Start``.
    rows
        How many records; 1 for a document, however many paragraphs it has.
    n_bytes
        What they take, decompressed; the bytes of a Parquet row group, in the columns that are read, are shared out
        among its rows.
    digest
        Of these bytes, or of the whole Parquet file.
    footer
        A digest of a Parquet file's footer, by which a file that was replaced is noticed without reading all of it.
    """

    input: Input
    row: int
    offset: int
    rows: int
    n_bytes: int
    digest: str
    footer: str = ""

    @property
    def weight(self) -> int:
        """About how many rows the slice will give."""
        return self.rows if self.input.form != "document" else 1 + self.n_bytes // _BYTES_PER_ROW


@dataclass(frozen=True, slots=True)
class Shard:
    """What is scored, written and committed as one."""

    number: int
    slices: tuple[Slice, ...]

    @property
    def name(self) -> str:
        """The stem of the files that it writes."""
        return f"part-{self.number:06d}"

    @property
    def n_bytes(self) -> int:
        """Bytes of input."""
        return sum(part.n_bytes for part in self.slices)


def shards(sources: Iterator[Input], columns: Columns, shard_rows: int = SHARD_ROWS) -> Iterator[Shard]:
    """Cut the files into shards of at most ``shard_rows`` records.

    Raises
    ------
    InputError
        If a table has no column for the text: that is a mistake in the call, not a bad row.
    """
    held: list[Slice] = []
    number = weight = 0
    for found in sources:
        source = replace(found, quoted=is_quoted(found)) if found.form == "tsv" else found
        source = replace(found, delimiter=delimiter_of(found)) if found.form == "csv" else source
        _check_columns(source, columns)
        for part in slices(source, shard_rows, columns):
            size = sum(p.n_bytes for p in held)
            if held and (weight + part.weight > shard_rows or size + part.n_bytes > SHARD_BYTES):
                yield Shard(number, tuple(held))
                number, held, weight = number + 1, [], 0
            held.append(part)
            weight += part.weight
    if held:
        yield Shard(number, tuple(held))


def _check_columns(source: Input, columns: Columns) -> None:
    names = column_names(source)
    if names is not None and columns.text not in names:
        known = ", ".join(map(repr, names[:20]))
        raise InputError(
            f"no column {columns.text!r} for the text; the file has {known}. Name it: --column text=NAME",
            where=source.name,
        )


def slices(source: Input, shard_rows: int, columns: Columns) -> Iterator[Slice]:
    """Cut one file into slices of at most ``shard_rows`` records; an empty file has none."""
    if source.form == "parquet":
        yield from _parquet_slices(source, shard_rows, columns)
        return
    digest, first, n_rows, offset, end = hashlib.blake2b(digest_size=16), 0, 0, 0, 0
    for record in records(source):
        if n_rows == shard_rows or (n_rows and record.end - offset > SHARD_BYTES):
            yield Slice(source, first, offset, n_rows, end - offset, digest.hexdigest())
            digest, n_rows = hashlib.blake2b(digest_size=16), 0
        if n_rows == 0:
            first, offset = record.row, record.begin or end
        n_rows += 1
        end = record.end or end
        digest.update(_identity(record))
    if n_rows:
        yield Slice(source, first, offset, n_rows, end - offset, digest.hexdigest())


def _identity(record: Record) -> bytes:
    return record.raw or record.problem.encode()


def _parquet_slices(source: Input, shard_rows: int, columns: Columns) -> Iterator[Slice]:
    digest, size = _file_digest(source)
    footer = parquet.footer_digest(source)
    try:
        groups = parquet.row_groups(source, columns.names)
    except Damaged:
        groups = [parquet.Group(1, size)]  # one record with a problem: what `records` gives for it
    first, rows, n_bytes = 1, 0, 0
    for group in groups:
        left, each = group.rows, group.n_bytes // max(group.rows, 1)
        while left > 0:
            room = max(SHARD_BYTES - n_bytes, 0) // max(each, 1)
            taken = min(left, shard_rows - rows, room if rows else max(room, 1))
            if not taken:
                yield Slice(source, first, 0, rows, n_bytes, digest, footer)
                first, rows, n_bytes = first + rows, 0, 0
            left, rows, n_bytes = left - taken, rows + taken, n_bytes + taken * each
    if rows:
        yield Slice(source, first, 0, rows, n_bytes, digest, footer)


def _file_digest(source: Input) -> tuple[str, int]:
    digest, size = hashlib.blake2b(digest_size=16), 0
    with closing(opened(source)) as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
            size += len(chunk)
    return digest.hexdigest(), size


class Slices:
    """Reads slices; one that begins behind the last one goes on with the open file."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        self._open: tuple[Input, int, Iterator[Record]] | None = None

    def read(self, part: Slice) -> Iterator[Record]:
        """Yield the records of a slice.

        Raises
        ------
        ArchiveError
            If they are not those that were planned.
        """
        found = self._records(part)
        digest, n_rows, row = hashlib.blake2b(digest_size=16), 0, part.row
        is_damaged = False  # of Parquet, planning reads no rows and does not see it
        while n_rows < part.rows and not is_damaged and (record := next(found, None)) is not None:
            is_damaged = part.input.form == "parquet" and record.problem != ""
            digest.update(_identity(record))
            n_rows, row = n_rows + 1, record.row
            yield _standing_for(record, part) if is_damaged else record
        self._open = None if is_damaged else (part.input, row, found)
        is_same = parquet.footer_digest(part.input) == part.footer if part.footer else digest.hexdigest() == part.digest
        if not is_same or (n_rows != part.rows and not is_damaged):
            raise ArchiveError("the file has changed since the job was planned", where=part.input.name)

    def _records(self, part: Slice) -> Iterator[Record]:
        if self._open is not None and self._open[0] == part.input and self._open[1] < part.row:
            found = itertools.dropwhile(lambda record: record.row < part.row, self._open[2])
            self._open = None
            return found
        return records(part.input, Start(part.row, part.offset), self._columns.names)


def _standing_for(record: Record, part: Slice) -> Record:
    """A Parquet record that cannot be read, said to stand for what is left of its slice."""
    last = part.row + part.rows - 1
    if record.row == last:
        return record
    return replace(record, problem=f"{record.problem}; it stands for all rows up to {last:,}")


def save(found: Iterator[Shard], file: BinaryIO) -> str:
    """Write a plan, one shard a line; its digest."""
    digest = hashlib.sha256()
    for shard in found:
        line = json.dumps(asdict(shard), ensure_ascii=True, separators=(",", ":")).encode() + b"\n"
        digest.update(line)
        file.write(line)
    return digest.hexdigest()


def load(path: Path) -> Iterator[Shard]:
    """Read a plan, shard by shard."""
    with path.open("rb") as file:
        for line in file:
            yield as_shard(json.loads(line))


def as_shard(table: dict[str, Any]) -> Shard:
    """A shard of its line."""
    parts: Sequence[dict[str, Any]] = table["slices"]
    return Shard(table["number"], tuple(Slice(**{**part, "input": Input(**part["input"])}) for part in parts))


def changed_input(old: Path, new: Path) -> str:
    """The first file in which two plans differ."""
    for before, after in zip(_parts(old), _parts(new), strict=False):
        if before != after:
            return after.input.name
    return "files were added or removed at the end"


def _parts(path: Path) -> Iterator[Slice]:
    for shard in load(path):
        yield from shard.slices
