"""What was computed before, within a limit of bytes. Safe to share between threads."""

from collections.abc import Callable, Hashable
from functools import lru_cache, wraps
from threading import Lock
from typing import Any

from cachetools import LRUCache

_ENTRY_BYTES = 400
"""What Python itself needs for one entry, its key and its value's objects; measured with ``tracemalloc``."""


_SENTENCES = 8192
_LONGEST = 2000
"""Characters of a text that ``remembered`` keeps; of 145,501 sentences of public live blogs few are longer."""


def remembered(ask: Callable[[str], bool]) -> Callable[[str], bool]:
    """Keep what a function said of the last few thousand sentences; a long text is asked about anew.

    Line and digest ask the same of each sentence, and a blog that grows asks again.
    """
    known = lru_cache(maxsize=_SENTENCES)(ask)

    @wraps(ask)
    def answer(text: str) -> bool:
        return known(text) if len(text) <= _LONGEST else ask(text)

    return answer


class Cache:
    """Least recently used entries go first when ``max_bytes`` are exceeded; 0 keeps nothing."""

    def __init__(self, max_bytes: int) -> None:
        self._store: LRUCache[Hashable, tuple[Any, int]] = LRUCache(max_bytes, getsizeof=lambda entry: entry[1])
        self._lock = Lock()
        self.hits = 0
        self.misses = 0

    def get(self, key: Hashable) -> Any | None:
        """The value put under ``key``, or ``None``."""
        with self._lock:
            entry = self._store.get(key)
            if entry is None:
                self.misses += 1
                return None
            self.hits += 1
            return entry[0]

    def put(self, key: Hashable, value: Any, n_bytes: int) -> None:
        """Keep ``value``, which with its key takes about ``n_bytes``; what exceeds the whole limit is not kept."""
        size = n_bytes + _ENTRY_BYTES
        with self._lock:
            if size <= self._store.maxsize:
                self._store[key] = (value, size)

    def counted(self) -> tuple[int, int]:
        """Hits and misses since this was asked last; the counts begin anew."""
        with self._lock:
            found = self.hits, self.misses
            self.hits = self.misses = 0
        return found

    @property
    def max_bytes(self) -> int:
        """The limit."""
        return int(self._store.maxsize)

    def __len__(self) -> int:
        return len(self._store)

    @property
    def n_bytes(self) -> int:
        """Bytes accounted for."""
        return int(self._store.currsize)
