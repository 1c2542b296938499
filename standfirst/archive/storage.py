"""Files that are whole or not there, one job to a folder, and the manifest that says what is done.

What a machine promises when it loses power: a file's bytes are on the disk after ``fsync`` of the file, its name
after ``fsync`` of the folder. So a file is written under a temporary name, synced, renamed, and the folder synced;
only then does the manifest say that it is there, and the manifest is synced too. A name that begins with a dot is
never data: Spark, DuckDB and Polars leave it out, and the next job on the folder removes it.
"""

import fcntl
import hashlib
import json
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from standfirst.errors import ArchiveError


@dataclass(frozen=True, slots=True)
class Written:
    """A file that is on the disk: its place in the output folder, its bytes and their sha256."""

    name: str
    n_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Counts:
    """Where the rows went: ``read == scored + repeated + quarantined``, always.

    ``handed_on`` of those that were scored are ones of which the student was not sure, in a job of the fast tier.
    """

    read: int = 0
    scored: int = 0
    repeated: int = 0
    quarantined: int = 0
    handed_on: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(*(a + b for a, b in zip(_values(self), _values(other), strict=True)))

    @property
    def is_balanced(self) -> bool:
        """Whether every row is accounted for."""
        return self.read == self.scored + self.repeated + self.quarantined


def _values(counts: Counts) -> tuple[int, ...]:
    return counts.read, counts.scored, counts.repeated, counts.quarantined, counts.handed_on


@dataclass(frozen=True, slots=True)
class Done:
    """A committed shard."""

    shard: int
    counts: Counts
    n_bytes: int
    files: tuple[Written, ...] = field(default_factory=tuple)


def write_whole(folder: Path, name: str, write: Callable[[BinaryIO], object]) -> Written:
    """Make the file ``name`` of what ``write`` writes: under another name first, so that it is whole or absent."""
    final = folder / name
    final.parent.mkdir(exist_ok=True)
    # A name of this process's own: on a cluster a shard may be written twice at once, by a node that was given up too.
    temporary = final.with_name(f".{final.name}.{socket.gethostname()}-{os.getpid()}.tmp")
    try:
        with temporary.open("w+b") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
            file.seek(0)
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            n_bytes = file.tell()
        temporary.replace(final)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(final.parent)
    return Written(name, n_bytes, sha256)


def write_json(folder: Path, name: str, table: dict[str, Any]) -> None:
    """Write a small table as JSON, whole or not at all."""
    write_whole(folder, name, lambda file: file.write(json.dumps(table, indent=1).encode() + b"\n"))


def sync_folder(folder: Path) -> None:
    """Put a folder's names on the disk."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold a folder for one job; the lock goes with the process, however that ends.

    Raises
    ------
    ArchiveError
        If another job holds it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.seek(0)
            holder = file.read(200).strip() or "unknown"
            raise ArchiveError(f"another job works on this folder ({holder}); wait for it", where=str(folder)) from None
        file.truncate(0)
        file.write(f"process {os.getpid()} on {socket.gethostname()}\n")
        file.flush()
        yield


class Manifest:
    """``manifest.jsonl``: one line for each shard that is whole and on the disk, in the order they were done."""

    NAME = "manifest.jsonl"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = folder / self.NAME

    def read(self) -> dict[int, Done]:
        """The committed shards whose files are still what was written; what was half written at the end is cut off."""
        done: dict[int, Done] = {}
        if not self._path.exists():
            return done
        whole = 0
        with self._path.open("r+b") as file:
            for line in file:
                if not line.endswith(b"\n"):
                    break
                whole += len(line)
                found = _parsed(line)
                if found is not None:
                    done[found.shard] = found
            file.truncate(whole)
        return {number: found for number, found in done.items() if all(map(self._is_there, found.files))}

    def append(self, done: Done) -> None:
        """Say that a shard is done."""
        line = json.dumps(asdict(done), separators=(",", ":")).encode() + b"\n"
        is_new = not self._path.exists()
        with self._path.open("ab") as file:
            file.write(line)
            file.flush()
            os.fsync(file.fileno())
        if is_new:
            sync_folder(self._folder)

    def _is_there(self, written: Written) -> bool:
        path = self._folder / written.name
        if not path.is_file() or path.stat().st_size != written.n_bytes:
            return False
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == written.sha256


def _parsed(line: bytes) -> Done | None:
    """A line of the manifest; ``None`` for one that a power cut left unreadable: its shard is done again."""
    try:
        return as_done(json.loads(line))
    except (ValueError, KeyError, TypeError):
        return None


def as_done(table: dict[str, Any]) -> Done:
    """A committed shard of its JSON."""
    files = tuple(Written(**file) for file in table["files"])
    return Done(table["shard"], Counts(**table["counts"]), table["n_bytes"], files)


def remove_leftovers(folder: Path) -> None:
    """Remove what a job that was killed had begun to write."""
    for path in folder.glob("**/.*.tmp"):
        path.unlink(missing_ok=True)
