"""Parquet files: what their footers say, and their rows.

A file that is damaged raises ``Damaged``, whatever pyarrow calls it; a disk or network that fails is an ``OSError``.
"""

import hashlib
import os
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

from standfirst.archive.inputs import Input
from standfirst.archive.streams import Damaged, opened

_BATCH_ROWS = 256
_BATCH_BYTES = 4 * 2**20
_MAGIC = (b"PAR1", b"PARE")
_TAIL_BYTES = 8
"""The end of a file: the length of its footer, and the format's mark."""


@dataclass(frozen=True, slots=True)
class Group:
    """A row group: its rows, and the bytes that the columns asked for take before they are compressed."""

    rows: int
    n_bytes: int


def column_names(source: Input) -> list[str]:
    """What the columns are called."""
    import pyarrow.parquet as pq

    with closing(opened(source)) as raw, _as_damage():
        return list(pq.read_schema(raw).names)


def row_groups(source: Input, columns: Sequence[str]) -> list[Group]:
    """The row groups, in order."""
    import pyarrow.parquet as pq

    with closing(opened(source)) as raw, _as_damage():
        metadata = pq.read_metadata(raw)
        return [_group(metadata.row_group(i), columns) for i in range(metadata.num_row_groups)]


def _group(metadata: Any, columns: Sequence[str]) -> Group:
    chunks = [metadata.column(i) for i in range(metadata.num_columns)]
    paths = [(chunk.path_in_schema, chunk.total_uncompressed_size) for chunk in chunks]  # "text", "text.list.element"
    asked = [size for path, size in paths if path in columns or path.partition(".")[0] in columns]
    return Group(metadata.num_rows, sum(asked))


def footer_digest(source: Input) -> str:
    """A digest of a file's footer and size: another file under the same name has another one.

    The footer says of every column of every row group where it stands, how long it is and what its least and greatest
    values are. Of a file without footer it is a digest of the size and the last bytes.
    """
    with closing(opened(source)) as raw:
        raw.seek(0, os.SEEK_END)
        size = raw.tell()
        raw.seek(max(size - _TAIL_BYTES, 0))
        tail = raw.read(_TAIL_BYTES)
        length = int.from_bytes(tail[:4], "little")
        begin = size - _TAIL_BYTES - length
        footer = b""
        if tail[4:] in _MAGIC and begin >= 0:
            raw.seek(begin)
            footer = raw.read(length)
    return hashlib.blake2b(b"%d:%b%b" % (size, footer, tail), digest_size=16).hexdigest()


def rows(source: Input, first: int, columns: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Yield the rows from ``first`` (from 1) on; row groups before it are not read."""
    import pyarrow.parquet as pq

    with closing(opened(source)) as raw, _as_damage(), pq.ParquetFile(raw) as file:
        present = [name for name in columns if name in file.schema_arrow.names]
        skip = first - 1
        for number in range(file.metadata.num_row_groups):
            group = _group(file.metadata.row_group(number), present)
            if group.rows <= skip:
                skip -= group.rows
                continue
            # Group by group: a batch over two of them would lose rows of a sound one to the other's damage.
            for batch in file.iter_batches(_batch_rows(group), row_groups=[number], columns=present):
                yield from _each_once(batch.slice(min(skip, len(batch))).to_pylist())
                skip = max(skip - len(batch), 0)


def _each_once(values: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Rows whose equal strings are one: a file may hold once, in a dictionary, what all its rows repeat."""
    seen: dict[str, str] = {}
    for row in values:
        yield {name: seen.setdefault(value, value) if isinstance(value, str) else value for name, value in row.items()}


def _batch_rows(group: Group) -> int:
    """How many rows to read at once: fewer where they are long."""
    return max(1, min(_BATCH_ROWS, _BATCH_BYTES * group.rows // max(group.n_bytes, 1)))


@contextmanager
def _as_damage() -> Iterator[None]:
    import pyarrow as pa

    try:
        yield
    except (pa.ArrowException, UnicodeDecodeError) as error:
        raise Damaged(type(error).__name__) from None
    except OSError as error:
        if type(error) is not OSError or error.errno is not None:
            raise  # the disk or the network, not the file
        raise Damaged(type(error).__name__) from None
