"""``init``: from somebody's table to a label set and a recipe that train as they are, and are there to be edited.

Everything that is guessed (columns, separator, how many labels a text has) is said and can be told instead. A table
that ``data`` would not read as it is (labels as numbers, one column per label, no header line) is written anew beside
the recipe, row by row.
"""

import glob
import json
import math
import os
import shutil
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from standfirst.cores import cores
from standfirst.errors import DataError
from standfirst.labels import load_labels
from training.check import TAKEN_IN, lines_like_rows
from training.data import load_splits
from training.guess import Found, Rows, Wishes, find
from training.own_rows import ANSWER, accepted, encoding_notes, is_plain, place_before, read_table, write_rows
from training.recipe import DataRecipe, load_recipe

_SHIPPED = Path(__file__).parent / "recipes" / "topics.toml"
_PARAGRAPH_TOKENS = (64, 96, 160)
_ARTICLE_TOKENS = 128  # longer texts are articles, read in windows of so many word pieces
_LEAST_STEPS = 300  # optimiser steps, of 16 rows; see `epochs_for`
_MOST_EPOCHS = 20
_FEW_PER_LABEL = 32
"""Rows per label up to which the contrastive stage replaces the fit, the most at which both were measured.
Test macro-F1 on `cameo_class`, int8, one draw (2026-11-29): stage .470, fit .383 for 8 rows, .609 and .567 for 32."""
_HEAD = 'head = "logistic"   # begins as one logistic regression per label on what the encoder says of the texts'
_MOST_THREADS = 8  # with more, batches of 16 short texts train no faster
_CONTRAST_TEXTS = 3200  # texts seen in the stage, so that a few hundred rows do not take long

_BFLOAT16 = frozenset({"avx512_bf16", "amx_bf16", "bf16"})  # as Linux names it: two of x86, one of ARM


@dataclass(frozen=True)
class Start:
    """What was written, and what was found on the way, one line each."""

    recipe: Path
    notes: tuple[str, ...]


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
    _refuse_twice(files)
    read = {split: read_table(path, wishes.columns, wishes.encoding) for split, path in files.items()}
    tables = {split: accepted(rows, wishes.labels) for split, rows in read.items()}
    found, notes = find(tables, wishes)
    notes = [*encoding_notes(files.values(), wishes.encoding), *_taken_in(tables, found), *notes]
    n_rejected = sum(len(rows) - len(tables[split]) for split, rows in read.items())
    if n_rejected:
        notes.append(f"column {ANSWER!r}: {n_rejected} rows that were not accepted are left out")
    whole = folder.resolve()
    whole.parent.mkdir(parents=True, exist_ok=True)
    part = whole.with_name(f".{whole.name}.part")  # as deep as the folder, so that relative paths hold
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir()
    written: Mapping[str, Rows] = {}
    try:
        as_it_is = not wishes.columns and wishes.encoding == Wishes.encoding and not n_rejected
        plain = as_it_is and all(is_plain(rows, found) for rows in tables.values())
        names = {split: _relative(path, whole) if plain else f"{split}.jsonl" for split, path in files.items()}
        if not plain:
            write_rows(part, tables, found)
            written = tables
            notes.append("the rows were written anew, as JSONL beside the recipe")
        (part / "labels.toml").write_text(_labels_toml(whole.name, found), encoding="utf-8")
        text = _recipe_toml(whole.name, names, found, tables, plain=plain, stage=wishes.stage)
        (part / "recipe.toml").write_text(text, encoding="utf-8")
        recipe = load_recipe(part / "recipe.toml")
        if recipe.contrast.epochs and not wishes.stage:
            notes.append(
                f"{len(tables['train'])} rows are few for {len(found.names)} labels: texts with the same labels are "
                "drawn together ([contrast]) instead of a fit"
            )
        splits = load_splits(recipe, part, None, load_labels(part / "labels.toml"))
        notes += splits.notes
        whole.mkdir(exist_ok=True)
        for path in sorted(part.iterdir(), key=lambda p: p.name == "recipe.toml"):  # last: then all is there
            path.rename(whole / path.name)
    except DataError as error:
        error.where = place_before(error.where, written)
        for note in notes:  # what was guessed may be what is wrong
            error.add_note(note)
        raise
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return Start(folder / "recipe.toml", tuple(notes))


def epochs_for(n_rows: int, batch_size: int = 16) -> int:
    """Epochs for a training set of this size: 5, more for few rows, at most 20.

    >>> [epochs_for(n) for n in (100, 500, 1000, 10_000)]
    [20, 10, 5, 5]
    """
    return min(_MOST_EPOCHS, max(5, math.ceil(_LEAST_STEPS / math.ceil(n_rows / batch_size))))


def are_few(n_rows: int, n_labels: int) -> bool:
    """Whether the contrastive stage replaces the fit: few rows for each label.

    >>> are_few(160, 5), are_few(161, 5)
    (True, False)
    """
    return n_rows <= _FEW_PER_LABEL * n_labels


def contrast_epochs_for(n_rows: int) -> int:
    """Epochs of the contrastive stage: fewer for more rows.

    >>> [contrast_epochs_for(n) for n in (40, 160, 320, 3200)]
    [20, 20, 10, 5]
    """
    return min(_MOST_EPOCHS, max(5, _CONTRAST_TEXTS // n_rows))


def _refuse_twice(files: Mapping[str, Path]) -> None:
    splits: dict[Path, str] = {}
    for split, path in files.items():
        before = splits.setdefault(path.resolve(), split)
        if before != split:
            hint = "leave --dev out, and a share of train is set aside" if split == "dev" else "name another, or none"
            raise DataError(f"--{before} and --{split} are the same file; {hint}", where=path.name)


def _taken_in(tables: Mapping[str, Rows], found: Found) -> list[str]:
    """What is said of texts with lines that look like rows; rows of their labels may be missing."""
    like_rows = lines_like_rows(found.names)
    places = [where for rows in tables.values() for where, row in rows if like_rows(str(row.get(found.text)))]
    return [f"look again: {len(places)} texts {TAKEN_IN} (first: {places[0]})"] if places else []


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


def _labels_toml(name: str, found: Found) -> str:
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


def _recipe_toml(
    name: str, files: Mapping[str, str], found: Found, tables: Mapping[str, Rows], *, plain: bool, stage: str | None
) -> str:
    shipped = tomllib.loads(_SHIPPED.read_text(encoding="utf-8"))
    rows = tables["train"]
    columns = {"text": found.text, "labels": found.labels[0], "context": found.context, "group": found.group}
    columns["date"] = found.date
    if not plain:
        columns = {"text": "text", "labels": "labels"} | {
            role: column
            for role, column, there in (
                ("context", "context", found.context),
                ("group", "document", found.group),
                ("date", "date", found.date),
            )
            if there
        }
    there = {str(c) for _, row in rows for c in row} if plain else set()
    refused = {role for role in ("context", "group", "date") if getattr(DataRecipe, role) in there}
    lines = [
        "# python -m training all recipe.toml      Every key and its default: training/recipe.py",
        f"name = {_quoted(name)}",
        'labels = "labels.toml"   # relative to this file, as all paths',
        f"encoder = {_quoted(shipped['encoder'])}",
        f"sha256 = {_quoted(shipped['sha256'])}   # of its model.safetensors",
        f"seed = {shipped['seed']}",
        f"threads = {min(cores(), _MOST_THREADS)}   # another number sums in another order: other last digits",
        "",
        "[data]",
        *(f"{split} = [{_quoted(path)}]" for split, path in files.items()),
        *(
            []
            if "dev" in files
            else ["dev_share = 0.15   # no dev file: this share of the training rows, in whole documents"]
        ),
        *(f"{role} = {_quoted(column)}" for role, column in columns.items() if column or role in refused),
        *([f"separator = {_quoted(found.separator)}"] if plain and found.separator else []),
    ]
    if found.context:
        lines += ["", "[context]   # how often a text is trained without its context, or under a stranger's",
                  "none = 0.35", "stranger = 0.20", "max_tokens = 32"]  # fmt: skip
    few = stage == "contrast" if stage else are_few(len(rows), len(found.names))
    max_tokens = _max_tokens(rows, found)
    lines += ["", *(_contrast_lines(len(rows)) if few else _fit_lines(len(rows)))]
    precision = "bfloat16" if has_bfloat16() else "float32"
    reads = (
        [f"max_tokens = {max_tokens}   # word pieces of a text and its context; training reads no further"]
        if max_tokens
        else [
            f"max_tokens = {_ARTICLE_TOKENS}   # word pieces of a window of a text, with its context",
            'windows = "mean"   # an epoch shows one window of each text, and the mean of all counts',
        ]
    )
    lines += [
        "batch_size = 16",
        "learning_rate = 8e-5",
        *reads,
        f"precision = {_quoted(precision)}   # bfloat16 is faster where the processor has it, and slower where not",
    ]
    return "\n".join(lines) + "\n"


def _contrast_lines(n_rows: int) -> list[str]:
    return [
        "[contrast]   # few rows for each label: texts with the same labels are drawn together",
        f"epochs = {contrast_epochs_for(n_rows)}   # from the {n_rows} training rows",
        "",
        "[fit]",
        "epochs = 0   # the stage above is all; with many more rows 5 to 20, and no [contrast]",
        _HEAD,
    ]


def _fit_lines(n_rows: int) -> list[str]:
    return ["[fit]", f"epochs = {epochs_for(n_rows)}   # from the {n_rows} training rows", _HEAD]


def _max_tokens(rows: Rows, found: Found) -> int | None:
    """Word pieces that hold all but the longest twentieth of the texts; ``None`` if those are articles."""
    words = sorted(len(str(row.get(found.text) or "").split()) for _, row in rows)
    pieces = words[int(0.95 * (len(words) - 1))] * 1.5 + (34 if found.context else 2)  # 1.5 word pieces per word
    return next((n for n in _PARAGRAPH_TOKENS if n >= pieces), None)


def has_bfloat16(cpuinfo: Path = Path("/proc/cpuinfo")) -> bool:
    """Whether this processor multiplies bfloat16 itself, as far as the system tells it."""
    try:
        lines = cpuinfo.read_text(encoding="utf-8").splitlines()
    except OSError:
        return False
    flags = next((line.partition(":")[2].split() for line in lines if line.startswith(("flags", "Features"))), [])
    return not _BFLOAT16.isdisjoint(flags)
