"""Fields of parsed JSON that may be missing, ``null`` or of another type than their format says."""

import math
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from standfirst.parse.encoding import repair
from standfirst.parse.times import parse_time

Node = Mapping[str, object]

_YES = frozenset({"true", "yes", "1", "on"})
_NO = frozenset({"false", "no", "0", "off"})


def node(value: object, name: str = "") -> Node:
    """Return an object, or the object under ``name`` in one; an empty one if there is none."""
    found = value.get(name) if name and isinstance(value, Mapping) else None if name else value
    return found if isinstance(found, Mapping) else {}


def nodes(value: object) -> list[Node]:
    """Return the objects of a list; what is none of them is left out."""
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list | tuple) else []


def text(value: Node, *names: str) -> str:
    """Return the first of the named fields that is a string with something in it, mojibake undone; or ""."""
    for name in names:
        found = value.get(name)
        if isinstance(found, str) and found.strip():
            return repair(found.strip())
    return ""


def key(value: Node, *names: str) -> str:
    """Return the first of the named fields that is a string or a whole number, as a string; or ""."""
    for name in names:
        found = value.get(name)
        if isinstance(found, int) and not isinstance(found, bool):
            # Python refuses to write numbers of thousands of digits; no system has such ids.
            return str(found) if abs(found) < 10**30 else ""
        if isinstance(found, str) and found.strip():
            return found.strip()
    return ""


def strings(values: Iterable[object]) -> tuple[str, ...]:
    """Return the strings among some values, mojibake undone, each once."""
    return tuple(dict.fromkeys(repair(v.strip()) for v in values if isinstance(v, str) and v.strip()))


def is_yes(value: object) -> bool:
    """Tell if a value says yes: true, a number other than 0, or such a word."""
    if isinstance(value, str):
        return value.strip().casefold() in _YES
    return isinstance(value, bool | int | float) and bool(value)


def is_no(value: object) -> bool:
    """Tell if a value says no; a missing one does not."""
    if isinstance(value, str):
        return value.strip().casefold() in _NO
    return isinstance(value, bool | int | float) and not value


def time(value: Node, *names: str) -> datetime | None:
    """Return the first of the named fields that is an ISO or RFC 5322 time, or a number of seconds since 1970."""
    for name in names:
        moment = moment_of(value.get(name))
        if moment is not None:
            return moment
    return None


def moment_of(value: object) -> datetime | None:
    """Return the moment that a value means; seconds since 1970 may be a number or its digits."""
    if isinstance(value, str) and value.strip().isdecimal() and len(value.strip()) < 15:
        value = int(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _from_seconds(value)
    return parse_time(value)


def _from_seconds(seconds: float) -> datetime | None:
    try:
        # Zero is how systems write "never".
        is_moment = math.isfinite(seconds) and seconds > 0
        return datetime.fromtimestamp(seconds, UTC) if is_moment else None
    except (ValueError, OverflowError, OSError):
        return None
