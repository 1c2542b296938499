"""From files to examples: reading, checking, and keeping the splits apart.

A row of a JSONL file is an example (``text``, ``labels``, ``context``? ...), an annotation by reference
(``sha256`` instead of ``text``, see ``sources``), or an update of our own corpus (``headline``,
``paragraphs`` ...), which becomes one example per paragraph.
"""

import glob
import hashlib
import logging
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from standfirst.errors import DataError
from standfirst.labels import LabelSet
from standfirst.manifest import file_sha256
from training.recipe import DataRecipe, Recipe
from training.sources import resolve, text_sha256
from training.tables import rows_of

logger = logging.getLogger(__name__)

_SEPARATORS = ("|", ";", ",")


@dataclass(frozen=True, slots=True)
class Example:
    """One labelled paragraph; ``where`` is ``file:line``, ``group`` the document it comes from.

    ``labels_second`` is a second annotator's answer, ``None`` where there was none.
    """

    text: str
    labels: frozenset[str]
    context: str = ""
    source: str = ""
    group: str = ""
    where: str = ""
    labels_second: frozenset[str] | None = None


@dataclass(frozen=True)
class Splits:
    """The examples of a run, and the sha256 of every file they came from."""

    train: tuple[Example, ...]
    dev: tuple[Example, ...]
    test: tuple[Example, ...]
    files: Mapping[str, str]
    notes: tuple[str, ...] = ()


def load_splits(recipe: Recipe, folder: Path, data_dir: Path | None, labels: LabelSet) -> Splits:
    """Read the files that a recipe names and keep the splits apart.

    Training rows whose text also stands in dev or test are dropped, and the notes say how many.

    Raises
    ------
    DataError
        If a file is missing or broken, a label is unknown, or a split comes out empty.
    """
    files: dict[str, str] = {}
    notes: list[str] = []

    def read(patterns: Sequence[str]) -> list[Example]:
        examples: list[Example] = []
        for name, path in _resolve(patterns, folder, data_dir, notes):
            files[name] = file_sha256(path)
            examples += read_examples(path, recipe.data, labels, data_dir)
        return examples

    train, dev, test = (read(p) for p in (recipe.data.train, recipe.data.dev, recipe.data.test))
    train = [e for e in train if e.source not in recipe.data.exclude_sources]
    settled = _read_settled(recipe, folder, labels, files)
    train = [
        replace(e, labels=settled[key], labels_second=None) if (key := text_sha256(e.text)) in settled else e
        for e in train
    ]
    if not dev:
        train, dev = _set_aside(train, recipe.data.dev_share, recipe.seed)
        notes.append(f"no dev file: {len(dev)} of the training rows were set aside as dev, by document")
    held_out = {text_key(e.text) for e in (*dev, *test)}
    kept = [e for e in train if text_key(e.text) not in held_out]
    if len(kept) < len(train):
        notes.append(f"{len(train) - len(kept)} training rows dropped: their text stands in dev or test")
    for name, split in (("train", kept), ("dev", dev)):
        if not split:
            raise DataError(f"the {name} split is empty", where=recipe.name)
    _check_counts(kept, labels)
    return Splits(tuple(kept), tuple(dev), tuple(test), files, tuple(notes))


def _read_settled(recipe: Recipe, folder: Path, labels: LabelSet, files: dict[str, str]) -> dict[str, frozenset[str]]:
    """Labels that a later reading settled, by the sha256 of their text; they replace what the row says."""
    settled: dict[str, frozenset[str]] = {}
    for name in recipe.data.settled:
        path = folder / name
        if not path.is_file():
            raise DataError("there is no such file of settled labels", where=name)
        files[name] = file_sha256(path)
        for where, row in rows_of(path):
            _check_columns(row, ("sha256", "labels"), where)
            settled[row["sha256"]] = _label_names(row["labels"], "", labels, where)
    return settled


def read_examples(path: Path, recipe: DataRecipe, labels: LabelSet, data_dir: Path | None = None) -> list[Example]:
    """Read one file of examples: ``.jsonl``, ``.csv``, ``.tsv`` or ``.parquet``.

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
    for where, row in rows:
        if "paragraphs" in row and recipe.text not in row:
            examples += _from_update(row, where, labels)
        else:
            examples.append(_from_row(row, where, recipe, labels))
    if not examples:
        raise DataError("the file holds no rows", where=path.name)
    return examples


def text_key(text: str) -> str:
    """The words of a text, folded, to find the same text again."""
    return re.sub(r"\W+", " ", text.casefold()).strip()


def _resolve(
    patterns: Sequence[str], folder: Path, data_dir: Path | None, notes: list[str]
) -> Iterator[tuple[str, Path]]:
    for pattern in patterns:
        if "{data}" in pattern and data_dir is None:
            notes.append(f"{pattern} was left out: there is no data folder (--data-dir)")
            logger.warning("%s", notes[-1])
            continue
        full = pattern.replace("{data}", glob.escape(str(data_dir)))
        # Path.glob takes no absolute pattern
        paths = sorted(glob.glob(str(Path(glob.escape(str(folder))) / full)))  # noqa: PTH207
        if not paths:
            raise DataError("no file matches; expected a path or pattern relative to the recipe", where=pattern)
        for path in paths:
            name = pattern if len(paths) == 1 else f"{Path(pattern).parent.as_posix()}/{Path(path).name}"
            yield name, Path(path)


def _from_row(row: Mapping[str, Any], where: str, recipe: DataRecipe, labels: LabelSet) -> Example:
    _check_columns(row, (recipe.text, recipe.labels), where)
    second = row.get("labels_second")
    return Example(
        text=_text(row, recipe.text, where),
        labels=_label_names(row[recipe.labels], recipe.separator, labels, where),
        context=str(row.get(recipe.context) or "").strip(),
        source=str(row.get("source") or row.get("kind") or Path(where.partition(":")[0]).stem),
        group=str(row.get(recipe.group) or where),
        where=where,
        labels_second=None if second is None else _label_names(second, recipe.separator, labels, where),
    )


def _from_update(row: Mapping[str, Any], where: str, labels: LabelSet) -> Iterator[Example]:
    """One example for the headline and one for each paragraph, under the headline as context."""
    headline = row.get("headline") or ""
    common: dict[str, Any] = {"source": "corpus", "group": str(row.get("blog") or where), "where": where}
    if headline:
        names = _label_names(row.get("headline_labels", ()), "", labels, where)
        yield Example(text=headline, labels=names, **common)
    for paragraph in row["paragraphs"]:
        if not isinstance(paragraph, Mapping):
            raise DataError(f"expected a paragraph as an object, got {type(paragraph).__name__}", where=where)
        _check_columns(paragraph, ("text", "labels"), where)
        names = _label_names(paragraph["labels"], "", labels, where)
        yield Example(text=_text(paragraph, "text", where), labels=names, context=headline, **common)


def _check_columns(row: Mapping[str, Any], columns: Sequence[str], where: str) -> None:
    for column in columns:
        if column not in row:
            raise DataError(f"no column {column!r}; there are: {', '.join(map(str, row))}", where=where)


def _text(row: Mapping[str, Any], column: str, where: str) -> str:
    text = row[column]
    if not isinstance(text, str) or not text.strip():
        raise DataError(f"column {column!r} is empty", where=where)
    return text.strip()


def _label_names(value: Any, separator: str, labels: LabelSet, where: str) -> frozenset[str]:
    if value is None:
        names: Iterable[str] = ()
    elif isinstance(value, str):
        names = split_labels(value, separator, labels)
    else:
        if isinstance(value, Mapping) or not isinstance(value, Iterable):
            raise DataError(f"labels are a list or a string, got {type(value).__name__}", where=where)
        names = [str(v) for v in value]
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


def _set_aside(examples: Sequence[Example], share: float, seed: int) -> tuple[list[Example], list[Example]]:
    """Split by document: those whose salted hash is lowest become dev, up to ``share`` of the rows."""
    groups = Counter(e.group for e in examples)
    order = sorted(groups, key=lambda g: hashlib.sha256(f"{seed}:{g}".encode()).digest())
    chosen: set[str] = set()
    n_rows = 0
    for group in order:
        if n_rows >= share * len(examples):
            break
        chosen.add(group)
        n_rows += groups[group]
    return [e for e in examples if e.group not in chosen], [e for e in examples if e.group in chosen]


def _check_counts(train: Sequence[Example], labels: LabelSet) -> None:
    counts = Counter(name for e in train for name in e.labels)
    for name in labels.names:
        if counts[name] < 2:
            raise DataError(
                f"label {name!r} has {counts[name]} training examples; at least 2 are needed, 16 advised",
                where="train",
            )
