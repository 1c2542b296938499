"""``init``: from somebody's table to a label set and a recipe that train as they are, and are there to be edited.

Everything that is guessed (columns, separator, how many labels a text has) is said and can be told instead. A table
that ``data`` would not read as it is (labels as numbers, one column per label, no header line) is written anew beside
the recipe, row by row.
"""

import ast
import glob
import json
import math
import os
import shutil
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from standfirst.errors import DataError
from standfirst.labels import load_labels
from training.data import load_splits
from training.recipe import load_recipe
from training.tables import rows_of

Rows = list[tuple[str, Mapping[str, Any]]]

_SHIPPED = Path(__file__).parent / "recipes" / "topics.toml"
_USUAL = {
    "text": ("text", "paragraph", "sentence", "content", "body"),
    "labels": ("labels", "label", "topics", "topic", "categories", "category", "classes", "class", "tags", "tag"),
    "context": ("context", "headline"),
    "group": ("document", "document_id", "doc_id", "doc", "article_id", "article", "group", "blog"),
}
_SURE_SEPARATORS = ("|", ";")
_LIKELY_SEPARATORS = (",", "/")
_LEAST_STEPS = 400  # optimiser steps below which the head has hardly left its start; see `epochs_for`


@dataclass(frozen=True)
class Wishes:
    """What the user told instead of having it guessed; ``None`` or empty where it is to be guessed.

    ``labels`` may be several columns, joined by commas: one per label, with 0 or 1 in it. ``columns`` names the columns
    of a table without a header line.
    """

    text: str | None = None
    labels: str | None = None
    context: str | None = None
    group: str | None = None
    separator: str | None = None
    multi_label: bool | None = None
    columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class Start:
    """What was written, and what was found on the way, one line each."""

    recipe: Path
    notes: tuple[str, ...]


@dataclass(frozen=True)
class _Found:
    """The columns by role, the separator and the kind of the labels."""

    text: str
    labels: tuple[str, ...]
    context: str
    group: str
    separator: str
    multi_label: bool
    names: tuple[str, ...]


def start(folder: Path, files: Mapping[str, Path], wishes: Wishes) -> Start:
    """Write ``labels.toml`` and ``recipe.toml`` into ``folder``, which is made; ``files`` are train, dev and test.

    What was written is read once as ``prepare`` would read it; if that fails, nothing is left behind.

    Raises
    ------
    DataError
        If the folder has content, a column is missing or cannot be guessed, or the rows cannot be trained on.
    """
    if folder.is_file() or (folder.exists() and any(folder.iterdir())):
        raise DataError("the folder exists and is not empty; name another", where=str(folder))
    tables = {split: _read(path, wishes.columns) for split, path in files.items()}
    found, notes = _find(tables, wishes)
    whole = folder.resolve()
    whole.parent.mkdir(parents=True, exist_ok=True)
    part = whole.with_name(f".{whole.name}.part")  # as deep as the folder, so that relative paths hold
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir()
    try:
        plain = not wishes.columns and all(_is_plain(rows, found) for rows in tables.values())
        names = {split: _relative(path, whole) if plain else f"{split}.jsonl" for split, path in files.items()}
        if not plain:
            _write_rows(part, tables, found)
            notes.append("the rows were written anew, as JSONL beside the recipe")
        (part / "labels.toml").write_text(_labels_toml(whole.name, found), encoding="utf-8")
        (part / "recipe.toml").write_text(_recipe_toml(whole.name, names, found, tables, plain=plain), encoding="utf-8")
        recipe = load_recipe(part / "recipe.toml")
        splits = load_splits(recipe, part, None, load_labels(part / "labels.toml"))
        notes += splits.notes
        whole.mkdir(exist_ok=True)
        for path in sorted(part.iterdir(), key=lambda p: p.name == "recipe.toml"):  # last: then all is there
            path.rename(whole / path.name)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return Start(folder / "recipe.toml", tuple(notes))


def epochs_for(n_rows: int, batch_size: int = 16) -> int:
    """Epochs for a training set of this size: 5, more for few rows, at most 20.

    >>> [epochs_for(n) for n in (100, 1000, 10_000)]
    [20, 7, 5]
    """
    return min(20, max(5, math.ceil(_LEAST_STEPS / math.ceil(n_rows / batch_size))))


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


def _read(path: Path, columns: tuple[str, ...]) -> Rows:
    if not path.is_file():
        raise DataError("there is no such file", where=str(path))
    if columns and path.suffix not in (".csv", ".tsv"):
        raise DataError("--columns is for .csv and .tsv files without a header line", where=path.name)
    rows = list(rows_of(path, columns))
    if not rows:
        raise DataError("the file holds no rows", where=path.name)
    return rows


def _find(tables: Mapping[str, Rows], wishes: Wishes) -> tuple[_Found, list[str]]:
    """Guess what was not told, from the training rows; the separator and the kind of the labels from all rows."""
    where, first = tables["train"][0]
    file = where.rpartition(":")[0]
    columns = list(dict.fromkeys(str(c) for _, row in tables["train"] for c in row))
    told = (wishes.labels,) if wishes.labels in columns else _named(wishes.labels)  # a name may hold a comma
    for wish in (wishes.text, wishes.context, wishes.group, *told):
        if wish is not None and wish not in columns:
            raise DataError(f"no column {wish!r}; there are: {', '.join(columns)}", where=file)
    labels = tuple(c for c in told if c) or _usual("labels", columns)[:1]
    if not labels:
        if not wishes.columns and where.endswith(":2") and _looks_like_a_row(first):
            raise DataError(
                "the first line looks like a row, not a header; name the columns: --columns text,label", where=file
            )
        raise DataError(f"no column is named like labels; choose one with --labels: {', '.join(columns)}", where=file)
    context = wishes.context or next(iter(_usual("context", columns)), "")
    group = wishes.group or next(iter(_usual("group", columns)), "")
    taken = {*labels, context, group}
    text = wishes.text or _longest(tables["train"], [c for c in columns if c not in taken], file)
    cells = [row.get(labels[0]) for rows in tables.values() for _, row in rows]
    separator = wishes.separator if wishes.separator is not None else ""
    if wishes.separator is None and len(labels) == 1 and wishes.multi_label is not False:
        separator = find_separator(c for c in cells if isinstance(c, str) and _literal(c) is None)
    found = _Found(text, labels, context, group, separator, multi_label=True, names=())
    answers = {s: [(w, _names_in(row, found, w)) for w, row in rows] for s, rows in tables.items()}
    counts = Counter(name for _, names in answers["train"] for name in names)
    names = tuple(sorted(counts))
    multi, kind = _kind([a for rows in answers.values() for a in rows], wishes.multi_label)
    _check_names(names, len(tables["train"]), labels, file, multi_label=multi)
    notes = [
        f"text: column {text!r}",
        f"labels: column {', '.join(map(repr, labels))}" + (f", joined by {separator!r}" if separator else ""),
        *([f"context: column {context!r}"] if context else []),
        *([f"documents: column {group!r}"] if group else []),
        kind,
        f"{len(names)} labels: " + ", ".join(f"{name} {counts[name]}" for name in names),
        "rows: " + ", ".join(f"{split} {len(rows)}" for split, rows in tables.items()),
    ]
    return _Found(text, labels, context, group, separator, multi, names), notes


def _named(labels: str | None) -> tuple[str, ...]:
    return tuple(c.strip() for c in labels.split(",") if c.strip()) if labels else ()


def _usual(role: str, columns: Sequence[str]) -> tuple[str, ...]:
    """The columns with a usual name for this role, the most usual first."""
    return tuple(c for name in _USUAL[role] for c in columns if c.strip().casefold() == name)


def _looks_like_a_row(first: Mapping[str, Any]) -> bool:
    return any(len(str(c)) > 60 or str(c).strip().isdigit() for c in first)


def _longest(rows: Rows, columns: Sequence[str], where: str) -> str:
    """The column with a usual name, else the one with the longest strings."""
    sizes = {c: sum(len(v) for _, row in rows if isinstance(v := row.get(c), str)) for c in columns}
    sizes = {c: n for c, n in sizes.items() if n}
    usual = _usual("text", list(sizes))
    if not sizes:
        raise DataError(f"no column holds text; there are: {', '.join(rows[0][1])}", where=where)
    return usual[0] if usual else max(sizes, key=lambda c: sizes[c])


def _names_in(row: Mapping[str, Any], found: _Found, where: str) -> list[str]:
    """The label names of a row, whatever they are written as."""
    for column in found.labels:
        if column not in row:
            raise DataError(f"no column {column!r}; there are: {', '.join(map(str, row))}", where=where)
    if len(found.labels) > 1:
        return [c for c in found.labels if _is_one(row[c], c, where)]
    value = row[found.labels[0]]
    if isinstance(value, str):
        listed = _literal(value)
        value = listed if listed is not None else value.split(found.separator) if found.separator else [value]
    elif value is None or isinstance(value, int | float):
        value = [] if value is None or value != value else [value]  # noqa: PLR0124 - NaN
    elif isinstance(value, Mapping) or not isinstance(value, Iterable):
        raise DataError(f"labels are a list, a string or a number, got {type(value).__name__}", where=where)
    names = [str(int(v)) if isinstance(v, float) and v.is_integer() else str(v).strip() for v in value]
    return list(dict.fromkeys(n for n in names if n))


def _is_one(value: Any, column: str, where: str) -> bool:
    text = str(value).strip().casefold()
    if text not in ("0", "1", "0.0", "1.0", "true", "false", ""):
        raise DataError(f"column {column!r}: of several label columns each holds 0 or 1", where=where)
    return text in ("1", "1.0", "true")


def _literal(cell: str) -> list[Any] | None:
    """The list that a cell spells, as JSON or Python would; ``None`` if it is none."""
    if not (cell.strip().startswith("[") and cell.strip().endswith("]")):
        return None
    try:
        value = ast.literal_eval(cell.strip())
    except (ValueError, SyntaxError):
        return None
    return value if isinstance(value, list) else None


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


def _is_plain(rows: Rows, found: _Found) -> bool:
    """Whether ``data`` reads these rows as they are."""
    if len(found.labels) > 1:
        return False
    values = [row[found.labels[0]] for _, row in rows]
    return all(
        value is None
        or (isinstance(value, list) and all(isinstance(v, str) for v in value))
        or (isinstance(value, str) and _literal(value) is None)
        for value in values
    )


def _write_rows(folder: Path, tables: Mapping[str, Rows], found: _Found) -> None:
    for split, rows in tables.items():
        with (folder / f"{split}.jsonl").open("w", encoding="utf-8") as file:
            for where, row in rows:
                if not str(row.get(found.text) or "").strip():
                    raise DataError(f"column {found.text!r} is empty", where=where)
                kept = {"text": row[found.text], "labels": _names_in(row, found, where)}
                kept |= {"context": row.get(found.context) or ""} if found.context else {}
                kept |= {"document": row.get(found.group) or ""} if found.group else {}
                file.write(json.dumps(kept, ensure_ascii=False, default=str) + "\n")


def _relative(path: Path, folder: Path) -> str:
    """The path as a pattern relative to the folder; absolute where there is no relative one (another drive)."""
    try:
        near = Path(os.path.relpath(path.resolve(), folder))
    except ValueError:
        near = path.resolve()
    return glob.escape(near.as_posix())


def _quoted(value: str) -> str:
    """A TOML string; JSON's escapes are TOML's, but for one character."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007F")


def _labels_toml(name: str, found: _Found) -> str:
    lines = [
        "# What each label means. Training does not read the definitions; annotators and readers of the model do.",
        f"name = {_quoted(name)}",
        'version = "1"   # raise it whenever a label changes',
        f"multi_label = {str(found.multi_label).lower()}"
        + ("   # a text carries any number of labels, or none" if found.multi_label else "   # exactly one per text"),
    ]
    for label in found.names:
        lines += ["", "[[label]]", f"name = {_quoted(label)}", 'definition = ""']
    return "\n".join(lines) + "\n"


def _recipe_toml(name: str, files: Mapping[str, str], found: _Found, tables: Mapping[str, Rows], *, plain: bool) -> str:
    shipped = tomllib.loads(_SHIPPED.read_text(encoding="utf-8"))
    rows = tables["train"]
    columns = {"text": found.text, "labels": found.labels[0], "context": found.context, "group": found.group}
    if not plain:
        columns = {"text": "text", "labels": "labels"} | {
            role: column
            for role, column, there in (("context", "context", found.context), ("group", "document", found.group))
            if there
        }
    lines = [
        "# python -m training all recipe.toml      Every key and its default: training/recipe.py",
        f"name = {_quoted(name)}",
        'labels = "labels.toml"   # relative to this file, as all paths',
        f"encoder = {_quoted(shipped['encoder'])}",
        f"sha256 = {_quoted(shipped['sha256'])}   # of its model.safetensors",
        f"seed = {shipped['seed']}",
        "threads = 2   # another number of threads sums in another order: other last digits",
        "",
        "[data]",
        *(f"{split} = [{_quoted(path)}]" for split, path in files.items()),
        *([] if "dev" in files else ["dev_share = 0.15   # no dev file: this share of the training documents"]),
        *(f"{role} = {_quoted(column)}" for role, column in columns.items() if column),
        *([f"separator = {_quoted(found.separator)}"] if plain and found.separator else []),
    ]
    if found.context:
        lines += ["", "[context]   # how often a text is trained without its context, or under a stranger's",
                  "none = 0.35", "stranger = 0.20", "max_tokens = 32"]  # fmt: skip
    words = sorted(len(str(row.get(found.text) or "").split()) for _, row in rows)
    pieces = words[int(0.95 * (len(words) - 1))] * 1.5 + (34 if found.context else 2)  # 1.5 word pieces per word
    max_tokens = next((n for n in (64, 96, 160) if n >= pieces), 256)
    lines += [
        "",
        "[fit]",
        f"epochs = {epochs_for(len(rows))}   # from the {len(rows)} training rows",
        "batch_size = 16",
        "learning_rate = 8e-5",
        f"max_tokens = {max_tokens}   # word pieces of a text and its context; training reads no further",
    ]
    return "\n".join(lines) + "\n"
