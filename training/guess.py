"""What a table of somebody's own holds: which columns mean what, what joins labels, how many labels a text has.

Everything that is guessed is said in a note and can be told instead.
"""

import ast
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from standfirst.errors import DataError
from training.dates import iso_date
from training.tables import cell

Rows = list[tuple[str, Mapping[str, Any]]]

_USUAL = {
    "text": ("text", "paragraph", "sentence", "content", "body"),
    "labels": ("labels", "label", "topics", "topic", "categories", "category", "classes", "class", "tags", "tag"),
    "context": ("context", "headline"),
    "group": ("document", "document_id", "doc_id", "doc", "article_id", "article", "group", "blog"),
    "date": ("date", "published", "published_at", "publication_date", "datetime", "timestamp", "time", "created_at"),
}
_LONGEST_ID = 60
"""Characters; an address of a page is about as long."""
_MOSTLY = 0.8  # of the rows must hold a date, if a column is to be the column of dates
_SURE_SEPARATORS = ("|", ";")
_LIKELY_SEPARATORS = (",", "/")
_YES = frozenset({"1", "1.0", "true", "t", "yes", "y", "x", "✓", "✔"})
_NO = frozenset({"0", "0.0", "false", "f", "no", "n", "-", ""})
_STRING = re.compile(r"'([^']*)'|\"([^\"]*)\"")
_ARRAY = re.compile(rf"\[\s*(?:{_STRING.pattern})(?:\s+(?:{_STRING.pattern}))+\s*\]")
"""Strings without commas between them: an array, which Python would read as one string."""


@dataclass(frozen=True)
class Wishes:
    """What the user told instead of having it guessed; ``None`` where it is to be guessed.

    Of ``context``, ``group`` and ``date`` an empty string says that there is none. ``labels`` may be several columns,
    joined by commas: one per label, with 0 or 1 in it. ``columns`` names the columns of a table without a header line,
    ``encoding`` is that of all tables. ``stage`` is how the weights are found: "fit", or "contrast" and no fit.
    """

    text: str | None = None
    labels: str | None = None
    context: str | None = None
    group: str | None = None
    date: str | None = None
    separator: str | None = None
    multi_label: bool | None = None
    columns: tuple[str, ...] = ()
    encoding: str = "utf-8"
    stage: str | None = None


@dataclass(frozen=True)
class Found:
    """The columns by role, the separator and the kind of the labels.

    With ``indicators`` every column of ``labels`` is a label, and its cells say yes or no.
    """

    text: str
    labels: tuple[str, ...]
    context: str
    group: str
    date: str
    separator: str
    multi_label: bool
    names: tuple[str, ...]
    indicators: bool


def find(tables: Mapping[str, Rows], wishes: Wishes) -> tuple[Found, list[str]]:
    """Guess what was not told, from the training rows; the separator and the kind of the labels from all rows."""
    where, first = tables["train"][0]
    file = where.rpartition(":")[0]
    columns = list(dict.fromkeys(str(c) for _, row in tables["train"] for c in row))
    told = (wishes.labels,) if wishes.labels in columns else _named(wishes.labels)  # a name may hold a comma
    for wish in (wishes.text, wishes.context, wishes.group, wishes.date, *told):
        if wish and wish not in columns:
            raise DataError(f"no column {wish!r}; there are: {', '.join(columns)}", where=file)
    labels = tuple(c for c in told if c) or _usual("labels", columns)[:1]
    if not labels:
        if not wishes.columns and where.endswith(":2") and _looks_like_a_row(first):
            raise DataError(
                "the first line looks like a row, not a header; name the columns: --columns text,label", where=file
            )
        raise DataError(f"no column is named like labels; choose one with --labels: {', '.join(columns)}", where=file)
    ids = [c for c in _usual("group", columns) if c != wishes.text and not _is_prose(tables["train"], c)]
    group = next(iter(ids), "") if wishes.group is None else wishes.group
    date, date_notes = _date_column(tables["train"], wishes.date, columns, file)
    taken = {*labels, wishes.context, group, *_usual("date", columns)}
    texts = _strings(tables["train"], [c for c in columns if c not in taken])
    heads = [c for c in _usual("context", columns) if c != wishes.text and (wishes.text or set(texts) - {c})]
    context = next(iter(heads), "") if wishes.context is None else wishes.context
    text = wishes.text or _longest({c: n for c, n in texts.items() if c != context}, columns, file)
    if text in {*labels, context}:
        raise DataError(f"column {text!r} cannot be the text and {_role(text, context)} at once", where=file)
    for column in (text, *labels):
        if f"{column}.1" in columns:
            raise DataError(f"two columns are named {column!r}", where=file)
    cells = [row.get(labels[0]) for rows in tables.values() for _, row in rows]
    separator = wishes.separator if wishes.separator is not None else ""
    indicators = len(labels) > 1 or (labels[0] not in _usual("labels", columns) and _are_answers(cells))
    if wishes.separator is None and not indicators and wishes.multi_label is not False:
        separator = find_separator(c for c in cells if isinstance(c, str) and literal(c) is None)
    found = Found(text, labels, context, group, date, separator, multi_label=True, names=(), indicators=indicators)
    answers = {s: [(w, names_in(row, found, w)) for w, row in rows] for s, rows in tables.items()}
    counts = Counter(name for _, names in answers["train"] for name in names)
    names = tuple(sorted(counts))
    multi, kind = _kind([a for rows in answers.values() for a in rows], wishes.multi_label)
    _check_names(names, len(tables["train"]), labels, file, multi_label=multi)
    notes = [
        *_doubts(names),
        *(
            [f"look again: the separator {separator!r} stands in no cell of column {labels[0]!r}"]
            if separator and not any(isinstance(c, str) and separator in c for c in cells)
            else []
        ),
        f"text: column {text!r}",
        f"labels: column {', '.join(map(repr, labels))}"
        + (f", joined by {separator!r}" if separator else ", each a label, with yes or no in it" if indicators else ""),
        *([f"context: column {context!r}"] if context else []),
        *([f"documents: column {group!r}"] if group else []),
        *date_notes,
        kind,
        f"{len(names)} labels: " + ", ".join(f"{name} {counts[name]}" for name in names),
        "rows: " + ", ".join(f"{split} {len(rows)}" for split, rows in tables.items()),
    ]
    return replace(found, multi_label=multi, names=names), notes


def _role(column: str, context: str) -> str:
    return "the context" if column == context else "the labels"


def _doubts(names: Sequence[str]) -> list[str]:
    """What in the label names looks like a slip."""
    folded = Counter(map(_folded, names))
    alike = sorted(name for name in names if folded[_folded(name)] > 1)
    joined = [name for name in names if name.startswith("[") or any(s in name for s in _SURE_SEPARATORS)]
    empty = [name for name in names if name.casefold() in ("nan", "none", "null", "n/a", "na", "-")]
    return [
        *([f"look again: labels that look or read the same: {', '.join(map(ascii, alike))}"] if alike else []),
        *([f"look again: {joined[0]!r} may be several labels; say what joins them: --separator"] if joined else []),
        *([f"look again: {empty[0]!r} is a label here; leave the cell empty where there is none"] if empty else []),
    ]


def _folded(name: str) -> str:
    """A name without what is hardly seen: case, how an accent is written, spaces, characters of no width."""
    plain = unicodedata.normalize("NFKC", name).casefold()
    return " ".join("".join(c for c in plain if unicodedata.category(c) != "Cf").split())


def _named(labels: str | None) -> tuple[str, ...]:
    return tuple(c.strip() for c in labels.split(",") if c.strip()) if labels else ()


def _usual(role: str, columns: Sequence[str]) -> tuple[str, ...]:
    """The columns with a usual name for this role, the most usual first."""
    return tuple(c for name in _USUAL[role] for c in columns if c.strip().casefold() == name)


def _date_column(rows: Rows, told: str | None, columns: Sequence[str], where: str) -> tuple[str, list[str]]:
    """The column of dates, told or with a usual name; one that mostly holds something else is an error or left out."""
    notes: list[str] = []
    for column in _usual("date", columns) if told is None else filter(None, (told,)):
        dated = sum(bool(iso_date(row.get(column))) for _, row in rows)
        if dated >= _MOSTLY * len(rows):
            return column, [*notes, f"dates: column {column!r}"]
        fault = f"column {column!r}: {dated} of {len(rows)} rows hold a date of the form 2023-01-31"
        if told:
            raise DataError(fault, where=where)
        notes.append(f"{fault}; it was left out")
    return "", notes


def _looks_like_a_row(first: Mapping[str, Any]) -> bool:
    return any(len(str(c)) > 60 or len(str(c).split()) > 5 or str(c).strip().isdigit() for c in first)


def _is_prose(rows: Rows, column: str) -> bool:
    """Whether most cells of a column are longer than any id; a document's text may be called a document, too."""
    sizes = sorted(len(cell(row.get(column))) for _, row in rows)
    return sizes[len(sizes) // 2] > _LONGEST_ID


def _strings(rows: Rows, columns: Sequence[str]) -> dict[str, int]:
    """The columns that hold strings, and how many characters."""
    sizes = {c: sum(len(v) for _, row in rows if isinstance(v := row.get(c), str)) for c in columns}
    return {c: n for c, n in sizes.items() if n}


def _longest(sizes: Mapping[str, int], columns: Sequence[str], where: str) -> str:
    """The column with a usual name, else the one with the longest strings."""
    usual = _usual("text", list(sizes))
    if not sizes:
        raise DataError(
            f"no column is left for the text; there are: {', '.join(columns)}; choose one with --text", where=where
        )
    return usual[0] if usual else max(sizes, key=lambda c: sizes[c])


def names_in(row: Mapping[str, Any], found: Found, where: str) -> list[str]:
    """The label names of a row, whatever they are written as."""
    for column in found.labels:
        if column not in row:
            raise DataError(f"no column {column!r}; there are: {', '.join(map(str, row))}", where=where)
    if found.indicators:
        return [c for c in found.labels if _is_one(row[c], c, where)]
    value = row[found.labels[0]]
    if isinstance(value, str):
        listed = literal(value)
        value = listed if listed is not None else value.split(found.separator) if found.separator else [value]
    elif value is None or isinstance(value, int | float):
        value = [value] if cell(value) else []
    elif isinstance(value, Mapping) or not isinstance(value, Iterable):
        raise DataError(f"labels are a list, a string or a number, got {type(value).__name__}", where=where)
    for v in value:
        if isinstance(v, Mapping | list):
            raise DataError(f"a label is a string or a number, got {type(v).__name__}", where=where)
    names = [str(int(v)) if isinstance(v, float) and v.is_integer() else cell(v) for v in value]
    return list(dict.fromkeys(n for n in names if n))


def _are_answers(cells: Sequence[Any]) -> bool:
    """Whether cells say nothing but yes and no, both."""
    spelt = {cell(value).casefold() for value in cells}
    return spelt <= _YES | _NO and not spelt.isdisjoint(_YES) and not spelt.isdisjoint(_NO)


def _is_one(value: Any, column: str, where: str) -> bool:
    text = cell(value).casefold()
    if text not in _YES | _NO:
        raise DataError(f"column {column!r}: expected 1 or 0, yes or no, x or nothing, got {text!r}", where=where)
    return text in _YES


def literal(spelt: str) -> list[Any] | None:
    """The list, tuple or set that a cell spells, as JSON, Python or NumPy would; ``None`` if it is none.

    >>> literal('["aid", null]'), literal("['aid', 'raids']"), literal("('raids', 'aid')"), literal("aid")
    (['aid', None], ['aid', 'raids'], ['aid', 'raids'], None)
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
        except (ValueError, SyntaxError):
            continue
        if isinstance(value, tuple | set):
            return sorted(value, key=str)
        return value if isinstance(value, list) else None
    return None


def _kind(answers: Sequence[tuple[str, list[str]]], told: bool | None) -> tuple[bool, str]:
    """Whether a text may carry several labels or none, and the sentence that says so."""
    several = [where for where, names in answers if len(names) > 1]
    none = [where for where, names in answers if not names]
    if told is False and (several or none):
        raise DataError(f"{'several labels' if several else 'no label'}, and --single-label takes exactly one",
                        where=(several or none)[0])  # fmt: skip
    if told is not None:
        return told, "multi-label, as told" if told else "single-label, as told"
    if several:
        return True, f"multi-label: {len(several)} rows carry several labels, {len(none)} none"
    if none:
        return True, f"multi-label: {len(none)} rows carry no label (first {none[0]}), none more than one"
    return False, "single-label: every row carries exactly one"


def _check_names(names: Sequence[str], n_rows: int, columns: Sequence[str], where: str, *, multi_label: bool) -> None:
    if not names or (len(names) == 1 and not multi_label):
        raise DataError(f"column {columns[0]!r} holds {len(names)} labels; at least 2 are needed", where=where)
    if len(names) > max(20, n_rows // 2):
        raise DataError(
            f"column {columns[0]!r} holds {len(names)} labels in {n_rows} rows; choose another with --labels",
            where=where,
        )


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
