"""What the cells of a column of labels hold: names, lists of them, yes and no; and which names look like slips."""

import ast
import csv
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from standfirst.errors import DataError
from training.tables import NULLS, cell

_SURE_SEPARATORS = ("|", ";")
_LIKELY_SEPARATORS = (",", "/")
_JOINTS = ("#", "+", "&", ",", "/", "\\", ">", "·", "\n", " ")
"""They join labels in few tables and stand in names of many: told only where the parts are labels, too."""
_YES = frozenset({"1", "1.0", "true", "t", "yes", "y", "x", "✓", "✔", "ja", "oui", "wahr", "vrai"})
_NO = frozenset({"0", "0.0", "false", "f", "no", "n", "-", "", "nein", "non", "falsch", "faux"})
_WHOLE = re.compile(r"-?\d+(?:\.0)?")
_STRING = re.compile(r"'([^']*)'|\"([^\"]*)\"")
_ARRAY = re.compile(rf"\[\s*(?:{_STRING.pattern})(?:\s+(?:{_STRING.pattern}))+\s*\]")
"""Strings without commas between them: an array, which Python would read as one string."""
_BRACED = re.compile(r"\{[^{}:\r\n]{0,9999}\}")
"""An array as PostgreSQL writes it."""


def names_of(value: Any, where: str, *, separator: str = "", as_whole: bool = False) -> list[str]:
    """The label names that a cell holds, whatever they are written as; with ``as_whole`` "1.0" is 1."""
    if isinstance(value, str):
        value = value.strip().removesuffix(".0") if as_whole else value
        listed = literal(value)
        value = listed if listed is not None else value.split(separator) if separator else [value]
    elif value is None or isinstance(value, int | float):
        value = [value] if cell(value) else []
    elif isinstance(value, Mapping | bytes) or not isinstance(value, Iterable):
        raise DataError(
            f'labels are a name, a number or a list of names such as ["aid", "talks"], got {type(value).__name__}',
            where=where,
        )
    for v in value:
        if isinstance(v, Iterable) and not isinstance(v, str):
            raise DataError(f"a label is a string or a number, got {type(v).__name__}", where=where)
    names = [str(int(v)) if isinstance(v, float) and v.is_integer() else cell(v) for v in value]
    return list(dict.fromkeys(n for n in names if n))


def vector_length(cells: Iterable[Any]) -> int:
    """How many numbers each cell lists, if all that hold something list as many, and none but 0, 1 and fractions.

    >>> vector_length(["[0, 1, 0]", [0.9, 0.05, 0.05], None]), vector_length([[0], [1]]), vector_length([[0, 1], [1]])
    (3, 0, 0)
    """
    values = [literal(c) if isinstance(c, str) else c for c in cells if cell(c)]
    lists = [value for value in values if isinstance(value, list)]
    if not lists or len(lists) < len(values):
        return 0
    lengths = {len(found) for found in lists}
    are_shares = all(isinstance(v, int | float) and 0 <= v <= 1 for found in lists for v in found)
    return max(lengths) if len(lengths) == 1 and lengths != {1} and are_shares else 0


def are_whole_numbers(cells: Iterable[Any]) -> bool:
    """Whether a column is of whole numbers, some written "1.0", as a library does that found one cell empty.

    >>> are_whole_numbers(["0.0", "", "1"]), are_whole_numbers(["0", "1"]), are_whole_numbers(["1.0", "1.5"])
    (True, False, False)
    """
    spelt = {c.strip() for c in cells if isinstance(c, str)} - {""}
    return all(map(_WHOLE.fullmatch, spelt)) and any(c.endswith(".0") for c in spelt)


def are_answers(cells: Sequence[Any]) -> bool:
    """Whether cells say nothing but yes and no, both."""
    spelt = {cell(value).casefold() for value in cells}
    return spelt <= _YES | _NO and not spelt.isdisjoint(_YES) and not spelt.isdisjoint(_NO)


def is_yes(value: Any, column: str, where: str) -> bool:
    """Whether a cell says yes; raises ``DataError`` if it says neither that nor no."""
    text = cell(value).casefold()
    if text not in _YES | _NO:
        raise DataError(f"column {column!r}: expected 1 or 0, yes or no, x or nothing, got {text!r}", where=where)
    return text in _YES


def literal(spelt: str) -> list[Any] | None:
    """The list, tuple or set that a cell spells, as JSON, Python, NumPy or PostgreSQL would; ``None`` if it is none.

    Of an object the list under "choices", as Label Studio writes it.

    >>> literal('["aid", null]'), literal("['aid', 'raids']"), literal("('raids', 'aid')"), literal("aid")
    (['aid', None], ['aid', 'raids'], ['aid', 'raids'], None)
    >>> literal('{"choices": ["aid"]}'), literal('{aid,"air raids"}')
    (['aid'], ['aid', 'air raids'])
    """
    text = spelt.strip()
    if text == "set()":
        return []
    if f"{text[:1]}{text[-1:]}" not in ("[]", "()", "{}"):
        return None
    if _ARRAY.fullmatch(text):
        return [a or b for a, b in _STRING.findall(text)]
    for read in (json.loads, ast.literal_eval):
        try:
            value = read(text)
        except (ValueError, SyntaxError, TypeError, RecursionError, MemoryError):  # "{[1]}", thousands of brackets
            continue
        if isinstance(value, dict):
            value = value.get("choices") if value else []
        if isinstance(value, tuple | set):
            return sorted(value, key=str)
        return value if isinstance(value, list) else None
    return next(csv.reader([text[1:-1]], skipinitialspace=True), []) if _BRACED.fullmatch(text) else None


def find_separator(cells: Iterable[str]) -> str:
    """What joins several labels in a cell; empty if nothing does.

    ``|`` and ``;`` hardly occur in a name. A comma or slash does, so it counts only if most of the parts it makes stand
    in another cell too.

    >>> find_separator(["a|b", "c"]), find_separator(["aid, raids", "aid", "raids"])
    ('|', ',')
    >>> find_separator(["Arts, culture", "Sport", "Food/drink"])
    ''
    """
    distinct = {c.strip() for c in cells if c.strip()}
    for separator in _SURE_SEPARATORS:
        if any(separator in c.strip(separator) for c in distinct):
            return separator
    for separator in _LIKELY_SEPARATORS:
        parts = {c: {p.strip() for p in c.split(separator) if p.strip()} for c in distinct}
        counts = Counter(p for found in parts.values() for p in found)
        joined = [p for found in parts.values() if len(found) > 1 for p in found]
        if joined and sum(counts[p] > 1 for p in joined) > len(joined) / 2:
            return separator
    return ""


def doubts(names: Sequence[str], *, are_cells: bool) -> list[str]:
    """What in the label names looks like a slip; ``are_cells`` if cells hold them, and no header."""
    folded = Counter(map(_folded, names))
    alike = sorted(name for name in names if folded[_folded(name)] > 1)
    joined = [(name, mark) for name in names if are_cells and (mark := _joint(name, names))]
    lists = [name for name in names if are_cells and name.startswith(("[", "{"))]
    empty = [name for name in names if name.casefold() in NULLS]
    told = [
        f"labels that look or read the same: {', '.join(map(ascii, alike))}" if alike else "",
        f"{joined[0][0]!r} may be several labels; say what joins them: --separator {joined[0][1]}" if joined else "",
        f"{lists[0]!r} may be a list of labels, and was not read as one; write it as a|b" if lists else "",
        f"{empty[0]!r} is a label here; leave the cell empty where there is none" if empty else "",
    ]
    return [f"look again: {doubt}" for doubt in told if doubt]


def _joint(name: str, names: Sequence[str]) -> str:
    """What seems to join several labels in a name, as a shell takes it: ``|`` or ``;``, or a mark between others."""
    for mark in (*_SURE_SEPARATORS, *_JOINTS):
        parts = [part.strip() for part in name.split(mark) if part.strip()]
        if mark in name and (mark in _SURE_SEPARATORS or (len(parts) > 1 and set(parts) <= set(names))):
            return r"$'\n'" if mark == "\n" else f"'{mark}'"
    return ""


def _folded(name: str) -> str:
    """A name without what is hardly seen: case, how an accent is written, spaces, characters of no width."""
    plain = unicodedata.normalize("NFKC", name).casefold()
    return " ".join("".join(c for c in plain if unicodedata.category(c) != "Cf").split())
