"""From files to splits: finding the files of a recipe, and keeping train, dev and test apart."""

import glob
import logging
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from pathlib import Path

from standfirst.errors import DataError
from standfirst.labels import LabelSet
from standfirst.manifest import file_sha256
from training.aside import set_aside
from training.dates import iso_date
from training.examples import Example, check_columns, label_names, read_examples, text_key
from training.recipe import DataRecipe, Recipe
from training.sources import text_sha256
from training.tables import rows_of

__all__ = ["Example", "Splits", "load_splits", "read_examples", "text_key"]

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Splits:
    """The examples of a run, and the sha256 of every file they came from; ``pseudo`` has texts that nobody labelled."""

    train: tuple[Example, ...]
    dev: tuple[Example, ...]
    test: tuple[Example, ...]
    files: Mapping[str, str]
    notes: tuple[str, ...] = ()
    pseudo: tuple[Example, ...] = ()


@dataclass(frozen=True)
class _Found:
    """What the files of a recipe held, and what there was to say about them."""

    train: list[Example]
    dev: list[Example]
    test: list[Example]
    pseudo: list[Example]
    files: dict[str, str]
    notes: list[str]


def load_splits(recipe: Recipe, folder: Path, data_dir: Path | None, labels: LabelSet) -> Splits:
    """Read the files that a recipe names and keep the splits apart.

    What the recipe holds out leaves train and dev and becomes test. Training rows whose text also stands in dev or
    test are dropped, and the notes say how many; those of test are dropped before a dev split is set aside.

    Raises
    ------
    DataError
        If a file is missing or broken, a label is unknown, or a split comes out empty.
    """
    found = _read(recipe, folder, data_dir, labels)
    train, dev, held_out = _hold_out(found, recipe.data)
    test, notes = [*found.test, *held_out], [*found.notes, *_held_out_notes(held_out, recipe.data)]
    unseen = _without(train, {text_key(e.text) for e in test})
    left = unseen
    if not dev:
        aside = set_aside(unseen, recipe.data, recipe.seed)
        left, dev = aside.train, aside.dev
        notes += aside.notes
    elsewhere = {text_key(e.text) for e in (*dev, *test)}
    kept = _without(left, elsewhere)
    dropped = len(train) - len(unseen) + len(left) - len(kept)
    if dropped:
        notes.append(f"{dropped} training rows dropped: their text stands in dev or test")
    for name, split in (("train", kept), ("dev", dev)):
        if not split:
            told = "; ".join(notes) or "its files hold no row that is left in"
            remedy = "name other files"
            if name == "dev" and any(e.group != e.where for e in left):
                remedy = (
                    "name a dev file (init --dev), or let rows of one document part (group = \"\"; init --group '')"
                )
            raise DataError(f"the {name} split is empty ({told}); {remedy}", where=recipe.name)
    _check_counts(kept, train, labels)
    labelled = elsewhere | {text_key(e.text) for e in kept}
    pseudo = [e for e in found.pseudo if text_key(e.text) not in labelled]
    if recipe.data.pseudo:
        notes.append(f"{len(pseudo)} texts that nobody labelled are learnt from by what other models said of them")
    return Splits(tuple(kept), tuple(dev), tuple(test), found.files, tuple(notes), tuple(pseudo))


def _read(recipe: Recipe, folder: Path, data_dir: Path | None, labels: LabelSet) -> _Found:
    """The examples of all files, with settled labels and without excluded sources."""
    files: dict[str, str] = {}
    notes: list[str] = []
    splits: list[list[Example]] = []
    kinds = (recipe.data.train, recipe.data.dev, recipe.data.test, recipe.data.pseudo)
    found = [list(_resolve(patterns, folder, data_dir, notes)) for patterns in kinds]
    names = told_apart({path: name for files_of in found for name, path in files_of})
    for files_of in found:
        examples: list[Example] = []
        for name, path in files_of:
            read = read_examples(path, recipe.data, labels, data_dir, name=names[path])
            if read:
                files[name] = file_sha256(path)
            else:
                notes.append(f"{name} was left out: its texts are in the data folder (--data-dir)")
            examples += read
        splits.append(examples)
    train, dev, test, pseudo = splits
    for example in pseudo:
        if example.probs is None:
            expected = "expected probs, one for each label, and no labels, as python -m training pseudo writes them"
            raise DataError(f"data.pseudo names labelled rows; {expected}", where=example.where)
    left_out = bool(notes)
    if left_out and recipe.data.without_data:
        notes.append(f"without the data folder: {recipe.data.without_data}")
    settled = _read_settled(recipe, folder, labels, files)
    if not left_out:
        _check_sources(recipe.data.exclude_sources, train, "data.exclude_sources")
    train = [
        replace(e, labels=settled[key], labels_second=None) if (key := text_sha256(e.text)) in settled else e
        for e in train
        if e.source not in recipe.data.exclude_sources
    ]
    if not left_out:
        _check_sources(recipe.data.hold_out_sources, [*train, *dev], "data.hold_out_sources")
        _check_sources(recipe.data.twice_sources, train, "data.twice_sources")
    return _Found(train, dev, test, pseudo, files, notes)


def _hold_out(found: _Found, recipe: DataRecipe) -> tuple[list[Example], list[Example], list[Example]]:
    """Train and dev without what the recipe holds out, and that; a document with one late row is held out whole."""
    rows = [*found.train, *found.dev]
    from_date = iso_date(recipe.hold_out_from)
    late = {(e.source, e.group) for e in rows if from_date and e.date >= from_date}

    def reason(example: Example) -> str:
        if example.source in recipe.hold_out_sources:
            return "source"
        return "time" if (example.source, example.group) in late else ""

    train, dev = ([e for e in split if not reason(e)] for split in (found.train, found.dev))
    return train, dev, [replace(e, held_out=reason(e)) for e in rows if reason(e)]


def _check_sources(named: Sequence[str], rows: Sequence[Example], where: str) -> None:
    sources = {e.source for e in rows}
    for source in named:
        if source not in sources:
            listed = ", ".join(sorted(sources))
            raise DataError(f"no row has the source {source!r}; there are: {listed}", where=where)


def _held_out_notes(held_out: Sequence[Example], recipe: DataRecipe) -> Iterator[str]:
    counts = Counter(e.held_out for e in held_out)
    if recipe.hold_out_sources:
        yield f"{counts['source']} rows held out as test by source: {', '.join(recipe.hold_out_sources)}"
    if recipe.hold_out_from:
        yield f"{counts['time']} rows held out as test by time: dated {recipe.hold_out_from} or later"


def _read_settled(recipe: Recipe, folder: Path, labels: LabelSet, files: dict[str, str]) -> dict[str, frozenset[str]]:
    """Labels that a later reading settled, by the sha256 of their text; they replace what the row says."""
    settled: dict[str, frozenset[str]] = {}
    for name in recipe.data.settled:
        path = folder / name
        if not path.is_file():
            raise DataError("there is no such file of settled labels", where=name)
        files[name] = file_sha256(path)
        for where, row in rows_of(path):
            check_columns(row, ("sha256", "labels"), where)
            settled[row["sha256"]] = label_names(row["labels"], "", labels, where)
    return settled


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
        base = Path(folder) / str(data_dir) if "{data}" in pattern else Path(folder)
        for path in paths:
            name = path.removeprefix(f"{base}/") if path.startswith(f"{base}/") else path
            yield f"{{data}}/{name}" if "{data}" in pattern else name, Path(path)


def told_apart(names: Mapping[Path, str], short: Callable[[Path], str] = lambda path: path.name) -> dict[Path, str]:
    """What to call each file: its ``short`` name, or, where two have the same, the name that its recipe has for it.

    >>> told_apart({Path("a/x.csv"): "a/x.csv", Path("b/x.csv"): "b/x.csv", Path("b/y.csv"): "b/y.csv"}).values()
    dict_values(['a/x.csv', 'b/x.csv', 'y.csv'])
    """
    counts = Counter(map(short, names))
    return {path: name if counts[short(path)] > 1 else short(path) for path, name in names.items()}


def _without(examples: Sequence[Example], keys: Set[str]) -> list[Example]:
    return [e for e in examples if text_key(e.text) not in keys]


def _check_counts(kept: Sequence[Example], train: Sequence[Example], labels: LabelSet) -> None:
    """Raise ``DataError`` for a label with fewer than 2 examples among those kept of ``train``."""
    counts, read = (Counter(name for e in split for name in e.labels) for split in (kept, train))
    for name in labels.names:
        if counts[name] < 2:
            gone = (
                f" of {read[name]} in the files, the others being in dev or test" if read[name] > counts[name] else ""
            )
            raise DataError(
                f"label {name!r} has {counts[name]} training example{'s' * (counts[name] != 1)}{gone}; at least 2 are "
                "needed, 16 advised: add some, or take the label out of the label set and the rows",
                where=next((e.where for e in (*kept, *train) if name in e.labels), "train"),
            )
