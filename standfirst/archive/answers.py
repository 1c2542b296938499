"""What is known of a text, as a few bytes, and the store that remembers it for a whole archive.

The store makes sure that a text is scored once, wherever it stands again. It is a cache: it can be lost, and is
then filled again from the shards that are done.
"""

import sqlite3
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from standfirst.errors import ArchiveError
from standfirst.labels import LabelSet
from standfirst.schema import Topics, TopicScore

Tier = Literal["full", "fast"]
TIERS: tuple[Tier, ...] = ("full", "fast")
"""Which model answers: the topic model, or its student where that is sure."""

_HEAD = struct.Struct("<HHB")
_ASKED_AT_ONCE = 500
_CACHE_KIB = 32 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    """What was said of a text, and by which model."""

    topics: Topics
    tier: Tier = "full"


def pack(answer: Answer, labels: LabelSet) -> bytes:
    """An answer as bytes, every score to the last bit."""
    topics = answer.topics
    given = [labels.index[name] for name in topics.names]
    scores = [topics.scores[name] for name in labels.names]
    head = _HEAD.pack(topics.n_windows, len(given), TIERS.index(answer.tier))
    return head + struct.pack(f"<{len(given)}H{len(scores)}d", *given, *scores)


def unpack(data: bytes, labels: LabelSet) -> Answer:
    """The answer that was packed."""
    n_windows, n_given, tier = _HEAD.unpack_from(data)
    given = struct.unpack_from(f"<{n_given}H", data, _HEAD.size)
    values = struct.unpack_from(f"<{len(labels)}d", data, _HEAD.size + 2 * n_given)
    names = labels.names
    topics = Topics(
        tuple(TopicScore(names[i], values[i]) for i in given), dict(zip(names, values, strict=True)), n_windows
    )
    return Answer(topics, TIERS[tier])


class Store:
    """Answers by key, on disk, with the shard in which each text first stood.

    Raises
    ------
    ArchiveError
        From every method, if the disk is full.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._open()
        except sqlite3.OperationalError as error:
            raise self._error(error) from None
        except sqlite3.DatabaseError:  # torn by a power cut
            self.remove()
            self._open()

    def _open(self) -> None:
        self._db = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")  # a power cut costs the last answers, never the file
        self._db.execute(f"PRAGMA cache_size=-{_CACHE_KIB}")
        self._db.execute(
            "CREATE TABLE IF NOT EXISTS answers (key BLOB PRIMARY KEY, shard INT, data BLOB) WITHOUT ROWID"
        )
        self._db.execute("CREATE TABLE IF NOT EXISTS complete (shard INTEGER PRIMARY KEY)")

    def known(self, keys: Sequence[bytes]) -> dict[bytes, tuple[int, bytes]]:
        """Of these keys, those with an answer: the shard that it is from, and the answer."""
        found: dict[bytes, tuple[int, bytes]] = {}
        for start in range(0, len(keys), _ASKED_AT_ONCE):
            asked = keys[start : start + _ASKED_AT_ONCE]
            marks = ",".join("?" * len(asked))
            query = f"SELECT key, shard, data FROM answers WHERE key IN ({marks})"
            found.update((key, (shard, data)) for key, shard, data in self._db.execute(query, asked))
        return found

    def add(self, shard: int, answers: Iterable[tuple[bytes, bytes]], *, complete: bool = False) -> None:
        """Remember answers; ``complete`` says that the shard has no more."""
        try:
            self._db.execute("BEGIN")
            rows = ((key, shard, data) for key, data in answers)
            self._db.executemany("INSERT OR IGNORE INTO answers VALUES (?, ?, ?)", rows)
            if complete:
                self._db.execute("INSERT OR IGNORE INTO complete VALUES (?)", (shard,))
            self._db.execute("COMMIT")
        except sqlite3.OperationalError as error:
            raise self._error(error) from None

    def _error(self, error: Exception) -> ArchiveError:
        message = f"{error}: what is done is safe; if the disk is full make room, and go on with --resume"
        return ArchiveError(message, where=str(self._path))

    def complete(self) -> set[int]:
        """The shards all of whose answers are here."""
        return {shard for (shard,) in self._db.execute("SELECT shard FROM complete")}

    def close(self) -> None:
        """Close the file."""
        if hasattr(self, "_db"):
            self._db.close()

    def remove(self) -> None:
        """Close and delete the store."""
        self.close()
        for suffix in ("", "-wal", "-shm"):
            Path(f"{self._path}{suffix}").unlink(missing_ok=True)
