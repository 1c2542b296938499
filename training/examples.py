"""From rows to examples.

A row of a JSONL file is an example (``text``, ``labels``, ``context``? ...), an annotation by reference
(``sha256`` instead of ``text``, see ``sources``), or an update of our own corpus (``headline``,
``paragraphs`` ...), which becomes one example per paragraph.
"""

import logging
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from standfirst.errors import DataError
from standfirst.labels import LabelSet
from standfirst.pieces import without_surrogates
from training.dates import date_at_start, iso_date
from training.recipe import DataRecipe
from training.sources import place_of, resolve
from training.tables import cell, rows_of

logger = logging.getLogger(__name__)

_SEPARATORS = ("|", ";", ",")
_DEFAULTS = DataRecipe(train=())


@dataclass(frozen=True, slots=True)
class Example:
    """One labelled paragraph; ``where`` is ``file:line``, ``group`` the document it comes from.

    ``labels_second`` is a second annotator's answer, ``None`` where there was none. ``date`` is ISO and sortable, empty
    where it is not known. ``held_out`` says why a test example was kept out of train: ``source``, ``time`` or nothing.
    ``probs`` (L,) are what other models gave it, if nobody labelled it; ``labels`` are then those above one half.
    ``place`` is the update that it is a sentence or paragraph of, within its document, and its number there.
    """

    text: str
    labels: frozenset[str]
    context: str = ""
    source: str = ""
    group: str = ""
    where: str = ""
    labels_second: frozenset[str] | None = None
    date: str = ""
    held_out: str = ""
    probs: tuple[float, ...] | None = None
    place: tuple[str, int] | None = None


def read_examples(
    path: Path, recipe: DataRecipe, labels: LabelSet, data_dir: Path | None = None, *, name: str = ""
) -> list[Example]:
    """Read one file of examples: ``.jsonl``, ``.csv``, ``.tsv`` or ``.parquet``.

    ``name`` is what places in it are called, by default the file's own name. Of a file of annotations by reference
    nothing is read where there is no data folder.

    Raises
    ------
    DataError
        Naming file and line: broken JSON, a missing column, an empty text, an unknown label.
    """
    examples: list[Example] = []
    rows = list(rows_of(path))
    if rows and "sha256" in rows[0][1] and recipe.text not in rows[0][1]:
        if data_dir is None:
            logger.warning("%s was left out: its texts are in the data folder (--data-dir)", path.name)
            return []
        rows = list(resolve(rows, data_dir))
    _check_chosen(rows, recipe, name or path.name)
    for place, row in rows:
        where = f"{name}{place.removeprefix(path.name)}" if name else place
        if "paragraphs" in row and recipe.text not in row:
            examples += _from_update(row, where, labels)
        else:
            examples.append(_from_row(row, where, recipe, labels))
    if not examples:
        raise DataError("the file holds no rows", where=path.name)
    return examples


def _check_chosen(rows: Sequence[tuple[str, Mapping[str, Any]]], recipe: DataRecipe, where: str) -> None:
    """Raise ``DataError`` if a column of contexts, documents or dates that the recipe chose stands in no row."""
    plain = [row for _, row in rows if recipe.text in row]
    for key in ("context", "group", "date"):
        column = getattr(recipe, key)
        if column in ("", getattr(_DEFAULTS, key)) or not plain or any(column in row for row in plain):
            continue
        there = ", ".join(map(str, plain[0]))
        raise DataError(f"no column {column!r}, which the recipe names as {key}; there are: {there}", where=where)


def text_key(text: str) -> str:
    """The words of a text, folded, to find the same text again; of one without words all of it."""
    return re.sub(r"\W+", " ", text.casefold()).strip() or text.strip()


def _from_row(row: Mapping[str, Any], where: str, recipe: DataRecipe, labels: LabelSet) -> Example:
    probs = _probs(row["probs"], labels, where) if "probs" in row and recipe.labels not in row else None
    check_columns(row, (recipe.text,) if probs else (recipe.text, recipe.labels), where)
    second = row.get("labels_second")
    has_second = bool(cell(second)) or not isinstance(second, str | float | None)  # [] is an answer
    likely = frozenset(n for n, p in zip(labels.names, probs, strict=True) if p > 0.5) if probs else None
    return Example(
        text=text_in(row, recipe.text, where),
        labels=label_names(row[recipe.labels], recipe.separator, labels, where) if likely is None else likely,
        context=cell(row.get(recipe.context)),
        source=cell(row.get("source")) or cell(row.get("kind")) or Path(where.partition(":")[0]).stem,
        group=cell(row.get(recipe.group)) or where,
        where=where,
        date=_date(row, recipe, where),
        labels_second=label_names(second, recipe.separator, labels, where) if has_second else None,
        probs=probs,
        place=place_of(cell(row.get("ref"))),
    )


def _probs(value: Any, labels: LabelSet, where: str) -> tuple[float, ...]:
    """The probabilities (L,) in a row of pseudo-labels."""
    if not isinstance(value, Mapping) or set(value) != set(labels.names):
        raise DataError(f"expected a probability for each of {', '.join(labels.names)}", where=where)
    found = tuple(float(value[name]) for name in labels.names)
    if not all(0 <= p <= 1 for p in found):
        raise DataError("a probability lies outside [0, 1]", where=where)
    return found


def _date(row: Mapping[str, Any], recipe: DataRecipe, where: str) -> str:
    """The date in the row's own column, or else the one that its document begins with."""
    value = row.get(recipe.date)
    if not cell(value):
        return date_at_start(cell(row.get(recipe.group)))
    found = iso_date(value)
    if not found and (recipe.hold_out_from or recipe.dev_by == "time"):
        raise DataError(f"column {recipe.date!r} holds no date; expected the form 2023-01-31", where=where)
    return found


def _from_update(row: Mapping[str, Any], where: str, labels: LabelSet) -> Iterator[Example]:
    """One example for the headline and one for each paragraph, under the headline as context."""
    headline = row.get("headline") or ""
    common: dict[str, Any] = {"source": "corpus", "group": str(row.get("blog") or f"update at {where}"), "where": where}
    if headline:
        names = label_names(row.get("headline_labels", ()), "", labels, where)
        yield Example(text=headline, labels=names, **common)
    for number, paragraph in enumerate(row["paragraphs"]):
        if not isinstance(paragraph, Mapping):
            raise DataError(f"expected a paragraph as an object, got {type(paragraph).__name__}", where=where)
        check_columns(paragraph, ("text", "labels"), where)
        names = label_names(paragraph["labels"], "", labels, where)
        place = (where, number)
        yield Example(text=text_in(paragraph, "text", where), labels=names, context=headline, place=place, **common)


def check_columns(row: Mapping[str, Any], columns: Sequence[str], where: str) -> None:
    """Raise ``DataError`` if the row lacks one of these columns."""
    for column in columns:
        if column not in row:
            raise DataError(f"no column {column!r}; there are: {', '.join(map(str, row))}", where=where)


def text_in(row: Mapping[str, Any], column: str, where: str) -> str:
    """The text of a row; raises ``DataError`` if there is none, or something else."""
    check_columns(row, (column,), where)
    text = row[column]
    if not cell(text):
        raise DataError(f"column {column!r} is empty", where=where)
    if not isinstance(text, str):
        raise DataError(f"column {column!r} holds {type(text).__name__}; expected text", where=where)
    return without_surrogates(text.strip())


def label_names(value: Any, separator: str, labels: LabelSet, where: str) -> frozenset[str]:
    """The labels in a cell or list; raises ``DataError`` if one is unknown, or too many or few for the label set."""
    if value is None:
        names: Iterable[str] = ()
    elif isinstance(value, str):
        names = split_labels(value, separator, labels)
    else:
        if isinstance(value, Mapping) or not isinstance(value, Iterable):
            raise DataError(f"labels are a list or a string, got {type(value).__name__}", where=where)
        names = [cell(v) for v in value]
    found = frozenset(n.strip() for n in names if n.strip())
    unknown = sorted(found - set(labels.names))
    if unknown:
        raise DataError(f"unknown label {unknown[0]!r}; expected {', '.join(labels.names)}", where=where)
    if not labels.multi_label and len(found) != 1:
        raise DataError(f"{len(found)} labels; this label set takes exactly one", where=where)
    return found


def split_labels(value: str, separator: str, labels: LabelSet) -> list[str]:
    """The label names in a cell: the whole cell if it is one, else split at the separator.

    >>> from standfirst.labels import Label
    >>> pair = LabelSet("l", "1", (Label("a"), Label("b, c")))
    >>> split_labels("b, c", "", pair), split_labels("a|b, c", "", pair)
    (['b, c'], ['a', 'b, c'])
    """
    if not value.strip() or value.strip() in labels.names:
        return [value.strip()]
    if separator:
        return value.split(separator)
    for candidate in _SEPARATORS:
        parts = [p.strip() for p in value.split(candidate)]
        if len(parts) > 1 and all(p in labels.names for p in parts if p):
            return parts
    return [value]
