"""What a table of somebody's own holds: which columns mean what, what joins labels, how many labels a text has.

Everything that is guessed is said in a note and can be told instead.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from standfirst.errors import DataError
from training.dates import FORMS, iso_date
from training.label_cells import (
    are_answers,
    are_whole_numbers,
    doubts,
    find_separator,
    is_yes,
    literal,
    names_of,
    vector_length,
)
from training.tables import cell

Rows = list[tuple[str, Mapping[str, Any]]]

_USUAL = {
    "text": ("text", "paragraph", "sentence", "content", "body"),
    "labels": ("labels", "label", "topics", "topic", "categories", "category", "classes", "class", "tags", "tag"),
    "context": ("context", "headline"),
    "group": ("document", "document_id", "doc_id", "doc", "article_id", "article", "group", "blog"),
    "split": ("split", "set", "subset", "partition"),
    "date": ("date", "published", "published_at", "publication_date", "datetime", "timestamp", "time", "created_at"),
}
_LONGEST_ID = 60
"""Characters; an address of a page is about as long."""
_SPLITS = frozenset({"train", "training", "dev", "val", "valid", "validation", "test", "testing", "eval"})
_FEW_BLANK = 0.05  # of the rows without a label, none with several: rather forgotten than meant
_MOSTLY = 0.8  # of the rows must hold a date, if a column is to be the column of dates


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

    With ``indicators`` every column of ``labels`` is a label, and its cells say yes or no. With ``as_whole`` cells such
    as "1.0" are whole numbers.
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
    as_whole: bool = False


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
    indicators = len(labels) > 1 or (labels[0] not in _usual("labels", columns) and are_answers(cells))
    if not indicators and (n_numbers := vector_length(cells)):
        fault = f"column {labels[0]!r} holds vectors of {n_numbers} numbers, not names"
        raise DataError(f"{fault}; expected one column per label, or the names", where=file)
    if wishes.separator is None and not indicators and wishes.multi_label is not False:
        separator = find_separator(c for c in cells if isinstance(c, str) and literal(c) is None)
    found = Found(
        text,
        labels,
        context,
        group,
        date,
        separator,
        multi_label=True,
        names=(),
        indicators=indicators,
        as_whole=are_whole_numbers(cells),
    )
    answers = {s: [(w, names_in(row, found, w)) for w, row in rows] for s, rows in tables.items()}
    counts = Counter(name for _, names in answers["train"] for name in names)
    names = tuple(sorted(counts))
    multi, kind = _kind([a for rows in answers.values() for a in rows], wishes.multi_label)
    _check_names(names, len(tables["train"]), wishes, labels, file, multi_label=multi)
    absent = [c for c in labels if indicators and c not in names]
    notes = [
        *doubts(names, are_cells=not indicators),
        *([f"look again: column {absent[0]!r} says yes in no row of train, and is no label"] if absent else []),
        *_split_notes(tables["train"], [c for c in columns if c not in (text, *labels)]),
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


def _named(labels: str | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(c.strip() for c in labels.split(",") if c.strip())) if labels else ()


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
        notes.append(f"{fault}; it was left out (read are {FORMS})")
    return "", notes


def _split_notes(rows: Rows, columns: Sequence[str]) -> list[str]:
    """What is said of a column that tells train from dev and test, which is not read."""
    for column in _usual("split", columns):
        spelt = {cell(row.get(column)).casefold() for _, row in rows} - {""}
        if len(spelt) > 1 and spelt <= _SPLITS:
            remedy = "write a file for each: --train, --dev, --test"
            return [f"look again: column {column!r} tells splits apart and is not read; {remedy}"]
    return []


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
        return [c for c in found.labels if is_yes(row[c], c, where)]
    return names_of(row[found.labels[0]], where, separator=found.separator, as_whole=found.as_whole)


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
        found = f"multi-label: {len(none)} rows carry no label (first {none[0]}), none more than one"
        is_doubtful = len(none) < _FEW_BLANK * len(answers) and len({n for _, names in answers for n in names}) > 1
        advice = "; drop them, or say --multi-label if it means none"
        return True, f"look again: {found}{advice}" if is_doubtful else found
    return False, "single-label: every row carries exactly one"


def _check_names(
    names: Sequence[str], n_rows: int, wishes: Wishes, columns: Sequence[str], where: str, *, multi_label: bool
) -> None:
    if not names or (len(names) == 1 and not multi_label):
        raise DataError(f"column {columns[0]!r} holds {len(names)} labels; at least 2 are needed", where=where)
    if not wishes.labels and len(names) > max(20, n_rows // 2):
        raise DataError(
            f"column {columns[0]!r} holds {len(names)} labels in {n_rows} rows; choose another with --labels, or "
            "name it there, if it is meant",
            where=where,
        )
