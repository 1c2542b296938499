"""Is one model better than another? Both label the same rows; ``bootstrap`` says what is more than chance."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import numpy as np

from standfirst.classify import TopicClassifier
from standfirst.errors import DataError, InputError, ModelNotFound
from standfirst.labels import LabelSet
from standfirst.manifest import NAME, Manifest, file_sha256, read_manifest
from training.bootstrap import LEVEL, Bools, Difference, differences
from training.data import Example, read_examples
from training.recipe import CHECKOUT, DataRecipe, recorded_folder

FEWEST_RESAMPLES = 100

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Comparison:
    """All differences between two models, named by their versions, on the same rows."""

    a: str
    b: str
    n: int
    n_documents: int
    resamples: int
    seed: int
    rows: tuple[Difference, ...]
    files: Mapping[str, str]

    def labels(self) -> Mapping[str, Difference]:
        """The difference in F1 of each label, in the order of the label set."""
        return {row.part: row for row in self.rows if row.measure == "f1"}

    def to_dict(self) -> dict[str, Any]:
        """As plain tables, for JSON."""
        head = {k: getattr(self, k) for k in ("a", "b", "n", "n_documents", "resamples", "seed")}
        return {**head, "files": dict(self.files), "rows": [row.to_dict() for row in self.rows]}


def compare(a: Path, b: Path, files: Sequence[Path], data_dir: Path | None, *, resamples: int, seed: int) -> Comparison:
    """Label the rows of ``files`` with the models in folders ``a`` and ``b`` and bootstrap the difference.

    Columns are those of ``a``'s recipe, where its manifest holds one. Without ``files``, the test files of that
    recipe are read, or if it has none the dev files, if they are found and are still the same; and if it has neither,
    the rows that its fit had set aside: those held out, or else dev.

    Raises
    ------
    DataError
        If the label sets differ, there are no rows, or no data were named and none were found.
    InputError
        If ``resamples`` is too small, or ``seed`` negative.
    ModelError
        If a folder is no exported topic model.
    """
    if resamples < FEWEST_RESAMPLES:
        raise InputError(f"{resamples} resamples; expected {FEWEST_RESAMPLES} or more", where="resamples")
    if seed < 0:
        raise InputError(f"{seed}; expected 0 or more", where="seed")
    first, second = TopicClassifier.load(a), TopicClassifier.load(b)
    problem = labels_differ(first.labels, second.labels)
    if problem:
        raise DataError(f"the models cannot be compared: {problem}", where=str(b))
    manifest, other = read_manifest(a, kind="topics"), read_manifest(b, kind="topics")
    paths = tuple(files) or recipe_files(a, manifest, data_dir)
    if paths:
        columns = _columns(manifest)
        examples = [e for path in paths for e in read_examples(path, columns, first.labels, data_dir)]
        _warn_of_training_rows(paths, manifest, "first")
        _warn_of_training_rows(paths, other, "second")
    else:
        examples, paths = _set_aside(a, data_dir)
        _warn_of_another_split(manifest, other)
    if not examples:
        raise DataError("there are no rows to compare on", where=", ".join(p.name for p in paths))
    rows = differences(
        examples,
        first.labels,
        predictions(first, examples, first.labels),
        predictions(second, examples, first.labels),
        resamples=resamples,
        seed=seed,
    )
    hashes = {p.name: file_sha256(p) for p in paths}
    return Comparison(
        first.version, second.version, len(examples), rows[0].n_documents, resamples, seed, tuple(rows), hashes
    )


def model_folder(path: Path) -> Path:
    """The exported model at ``path``: the folder itself, or ``model/`` in a run folder.

    Raises
    ------
    ModelNotFound
        If neither holds a manifest.
    """
    for folder in (path, path / "model"):
        if (folder / NAME).is_file():
            return folder
    remedy = "; finish the run with python -m training export" if (path / "recipe.json").is_file() else ""
    raise ModelNotFound(f"neither an exported model nor a run folder that holds model/{remedy}", where=str(path))


def labels_differ(a: LabelSet, b: LabelSet) -> str:
    """What keeps two label sets from being compared, in words; empty if nothing does. Order is no matter."""
    only_a = [n for n in a.names if n not in b.index]
    only_b = [n for n in b.names if n not in a.index]
    parts = [
        f"{', '.join(names)} only in the {which}" for names, which in ((only_a, "first"), (only_b, "second")) if names
    ]
    if parts:
        return f"their labels differ ({'; '.join(parts)})"
    if a.multi_label != b.multi_label:
        return "the labels exclude each other in one model and not in the other (multi_label)"
    return ""


def recipe_files(folder: Path, manifest: Manifest, data_dir: Path | None) -> tuple[Path, ...]:
    """The test files of a model's recipe, or else the dev files, which chose its thresholds; none if it has neither.

    They are looked for where the recipe lay, beside the run, here and with the recipes.

    Raises
    ------
    DataError
        If it names no files at all, or one is not found with the hash that the manifest holds.
    """
    hashes = manifest.facts.get("data", {})
    names = _files_of(manifest, "test") or _files_of(manifest, "dev")
    if not names and not manifest.facts.get("recipe", {}).get("data", {}).get("train"):
        raise DataError("the model's manifest names no test or dev file; name files with --data", where=str(folder))
    here, lay = folder.resolve(), recorded_folder(folder, manifest.facts)
    bases = (*([lay] if lay else []), *here.parents[:2], Path.cwd(), CHECKOUT / "training" / "recipes")
    return tuple(_found(name, hashes[name], bases, data_dir) for name in names)


def _files_of(manifest: Manifest, split: str) -> list[str]:
    """The files of a split by the names that they have in the manifest."""
    patterns = manifest.facts.get("recipe", {}).get("data", {}).get(split, ())
    # A manifest may hold a pattern that matched one file as that file's name.
    return [name for name in manifest.facts.get("data", {}) if any(name == p or fnmatch(name, p) for p in patterns)]


def _set_aside(model: Path, data_dir: Path | None) -> tuple[list[Example], tuple[Path, ...]]:
    """The rows that a recipe without dev and test files set aside: those held out, or else its dev; and their files.

    Raises
    ------
    DataError
        If the training files are not what they were.
    """
    from training.data import load_splits
    from training.reproduce import changed_data, read_original

    original = read_original(model, data_dir)
    changed = changed_data(original)
    if changed:
        raise DataError(
            f"not what the first model was trained on ({changed[0].now}); name files with --data, or --data-dir",
            where=changed[0].what,
        )
    splits = load_splits(original.recipe, original.folder, original.data_dir, original.labels)
    chosen = list(splits.test or splits.dev)
    files = {e.where.rpartition(":")[0] for e in chosen}
    names = [name for name in splits.files if name in files or Path(name).name in files]
    return chosen, tuple(_found(name, splits.files[name], [original.folder], original.data_dir) for name in names)


def _warn_of_another_split(first: Manifest, second: Manifest) -> None:
    """Say so if the second model may have learnt what the first had set aside: the same files, parted otherwise."""
    facts = (first.facts, second.facts)
    shared = {*facts[0].get("data", {}).values()} & {*facts[1].get("data", {}).values()}
    parted = [(f.get("seed"), f.get("recipe", {}).get("data")) for f in facts]
    if shared and parted[0] != parted[1]:
        logger.warning("warning: the second model may have been trained on rows that the first had set aside")


def _warn_of_training_rows(paths: Sequence[Path], manifest: Manifest, which: str) -> None:
    """Say so if a file is one that a model was trained on: it flatters that model."""
    hashes = {manifest.facts["data"][name] for name in _files_of(manifest, "train")}
    for path in paths:
        if file_sha256(path) in hashes:
            logger.warning("warning: %s: the %s model was trained on this file", path.name, which)


def _found(name: str, sha256: str, bases: Sequence[Path], data_dir: Path | None) -> Path:
    if "{data}" in name:
        places = [Path(name.replace("{data}", str(data_dir)))] if data_dir else []
    else:
        places = [base / name for base in bases]
    for path in places:
        if path.is_file() and file_sha256(path) == sha256:
            return path
    raise DataError(
        "this file of the first model's recipe was not found as it was; name files with --data, or --data-dir",
        where=name,
    )


def _columns(manifest: Manifest) -> DataRecipe:
    """The columns that a model's recipe names; the defaults where it names none."""
    table = manifest.facts.get("recipe", {}).get("data", {})
    named = {k: str(table[k]) for k in ("text", "labels", "context", "group", "date", "separator") if k in table}
    return replace(DataRecipe(train=()), **named)  # type: ignore[arg-type]  # all of them are texts


def predictions(classifier: TopicClassifier, examples: Sequence[Example], labels: LabelSet) -> Bools:
    """Which labels a model gives (N, L), columns in the order of ``labels``."""
    answers = classifier.classify([e.text for e in examples], [e.context or None for e in examples])
    return np.array([[name in set(answer.names) for name in labels.names] for answer in answers], dtype=bool)


def render(comparison: Comparison) -> str:
    """The comparison as a table for reading."""
    unit = "rows" if comparison.n == comparison.n_documents else "documents"
    counted = f"{comparison.n:,} rows" + (f" in {comparison.n_documents:,} documents" if unit == "documents" else "")
    lines = [
        f"A {comparison.a}",
        f"B {comparison.b}",
        f"{counted}; {comparison.resamples:,} resamples of {unit}, {LEVEL:.0%} intervals of B - A",
        "",
        f"{'':34s} {'n':>6s} {'A':>7s} {'B':>7s} {'B - A':>8s}  {'interval':18s}  verdict",
    ]
    for row in comparison.rows:
        interval = f"[{row.low:+.4f}, {row.high:+.4f}]"
        lines.append(
            f"{_title(row):34s} {row.n:6d} {row.a:7.4f} {row.b:7.4f} {row.difference:+8.4f}  {interval:18s}"
            f"  {row.verdict}"
        )
    return "\n".join(lines)


def _title(row: Difference) -> str:
    measure = {"macro_f1": "macro-F1", "exact_match": "exact match", "f1": "F1"}[row.measure]
    return measure if row.part == "all" else f"{row.part}, {measure}"
