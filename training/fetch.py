"""``fetch``: bring the public texts that annotations point at, and write them as ``sources`` reads them.

Each source is made whole in a folder of its own, checked (the sha256 of the file where it is pinned, of every
annotated text everywhere) and only then moved in. A file that is there and passes the check is kept.
"""

import contextlib
import errno
import gzip
import hashlib
import io
import shutil
import tomllib
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from standfirst.errors import DataError
from standfirst.settings import from_table
from training.download import archive_members, file_history
from training.harvest import LINES, Wanted, headline_lines
from training.sources import READERS, form_of, passages, text_sha256
from training.tables import rows_of

ANNOTATIONS = Path(__file__).parent / "annotations"

Rows = Sequence[tuple[str, Mapping[str, Any]]]


@dataclass(frozen=True)
class Made:
    """A file of the data folder, made from a folder or file of the repository; ``sha256`` before compression."""

    name: str
    path: str
    sha256: str = ""


@dataclass(frozen=True)
class Source:
    """A repository at a commit, and what is made from it."""

    repo: str
    commit: str
    files: tuple[Made, ...]


def load_sources(path: Path) -> dict[str, Source]:
    """The table of sources by name.

    Raises
    ------
    RecipeError
        If a key is unknown, missing or of another type.
    """
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    return {name: from_table(Source, entry, f"{path.name}: {name}") for name, entry in table.items()}


def fetch(
    to: Path, names: Sequence[str] = (), *, annotations: Path = ANNOTATIONS, dry_run: bool = False
) -> Iterator[str]:
    """Bring these sources, or all, into ``to``; yields a line for each file, saying what became of it.

    Raises
    ------
    DataError
        If a source is unknown, cannot be had or is not what was annotated, or the disk is full. What was finished
        before stays; of the rest nothing is left behind.
    """
    sources = load_sources(annotations / "sources.toml")
    for name in names:
        if name not in sources:
            raise DataError(f"unknown source {name!r}; expected {', '.join(sources)}", where="--source")
    rows = _annotated(annotations)
    chosen = {name: sources[name] for name in (names or sources)}
    lacking = {name: source for name, source in chosen.items() if _fault(name, source, rows[name], to)}
    for name, source in chosen.items():
        for made in source.files:
            if name not in lacking:
                yield f"kept: {made.name}"
            elif dry_run:
                yield f"to fetch: {made.name} from {source.repo} at {source.commit}"
    by_repo: dict[tuple[str, str], dict[str, Source]] = defaultdict(dict)
    for name, source in lacking.items():
        by_repo[source.repo, source.commit][name] = source
    for together in by_repo.values() if not dry_run else ():
        yield from _bring(together, rows, to)


def _bring(sources: Mapping[str, Source], rows: Mapping[str, Rows], to: Path) -> Iterator[str]:
    """Make the files of sources that come from one repository, check them, and move them in."""
    staging = to / f".fetch-{'-'.join(sources)}"
    shutil.rmtree(staging, ignore_errors=True)
    try:
        staging.mkdir(parents=True)
        _make(sources, rows, staging)
        for name, source in sources.items():
            fault = _fault(name, source, rows[name], staging)
            if fault:
                raise DataError(f"what came is not what was annotated: {fault}", where=f"{source.repo} {source.commit}")
            for made in source.files:
                (to / made.name).parent.mkdir(parents=True, exist_ok=True)
                (staging / made.name).replace(to / made.name)
                yield f"fetched: {made.name}"
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DataError(
                "the disk is full; make room (1 GB is enough for all) and run it again", where=str(to)
            ) from None
        raise
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _make(sources: Mapping[str, Source], rows: Mapping[str, Rows], folder: Path) -> None:
    """Write every file of these sources, reading their repository once."""
    first = next(iter(sources.values()))
    with contextlib.ExitStack() as open_files:
        outputs = [
            (name, made, open_files.enter_context(_written(folder / made.name)))
            for name, source in sources.items()
            for made in source.files
        ]
        histories = [output for output in outputs if output[0] not in LINES]
        for _, made, out in histories:
            _put(out, headline_lines(file_history(first.repo, first.commit, made.path)))
        if len(histories) == len(outputs):
            return
        wanted = {name: _by_document(rows[name]) for name in sources}
        for path, content in archive_members(first.repo, first.commit):
            for name, made, out in outputs:
                if path.startswith(made.path) and name in LINES:
                    _put(out, LINES[name](path, content, wanted[name]))


@contextlib.contextmanager
def _written(path: Path) -> Iterator[io.TextIOWrapper]:
    """A text file to write to, compressed if its name says so; the same text gives the same bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.ExitStack() as stack:
        binary: Any = stack.enter_context(path.open("wb"))
        if path.suffix == ".gz":
            binary = stack.enter_context(gzip.GzipFile("", "wb", fileobj=binary, mtime=0))
        yield stack.enter_context(io.TextIOWrapper(binary, encoding="utf-8", newline="\n"))


def _put(out: io.TextIOWrapper, lines: Iterable[str]) -> None:
    for line in lines:
        out.write(line + "\n")


def _fault(name: str, source: Source, rows: Rows, folder: Path) -> str:
    """What is wrong with the files of a source in this folder; empty if nothing is."""
    for made in source.files:
        path = folder / made.name
        if not path.is_file():
            return f"there is no {made.name}"
        if made.sha256 and (found := _content_sha256(path)) != made.sha256:
            return f"{made.name} has sha256 {found}, expected {made.sha256}"
    try:
        return _lacking_texts(name, rows, folder)
    except DataError as error:  # a file that cannot be read
        return str(error)


def _lacking_texts(name: str, rows: Rows, folder: Path) -> str:
    """How many annotated texts of a source are not there, or are others."""
    by_form: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for _, row in rows:
        by_form[form_of(row)].add((row["document"], row["ref"]))
    found = {form: passages(name, form, refs, folder) for form, refs in by_form.items()}
    lacking = []
    for place, row in rows:
        passage = found[form_of(row)].get((row["document"], row["ref"]))
        if passage is None or text_sha256(passage.text) != row["sha256"]:
            lacking.append(place)
    return (
        f"{len(lacking)} of {len(rows)} annotated texts are missing or differ (first {lacking[0]})" if lacking else ""
    )


def _content_sha256(path: Path) -> str:
    """The sha256 of a file as it was before compression; empty if it is broken."""
    opened: Any = gzip.open if path.suffix == ".gz" else open
    digest = hashlib.sha256()
    try:
        with opened(path, "rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
    except (EOFError, gzip.BadGzipFile, zlib.error):
        return ""
    return digest.hexdigest()


def _annotated(folder: Path) -> dict[str, list[tuple[str, Mapping[str, Any]]]]:
    """All annotations and pseudo-labels by reference, by source."""
    found: dict[str, list[tuple[str, Mapping[str, Any]]]] = {name: [] for name in READERS}
    for path in sorted(p for p in folder.iterdir() if p.suffix in (".jsonl", ".parquet")):
        for place, row in rows_of(path):
            if {"source", "document", "ref", "sha256"} <= row.keys() and row["source"] in found:
                found[row["source"]].append((place, row))
    return found


def _by_document(rows: Rows) -> Wanted:
    table: dict[str, dict[str, tuple[str, ...]]] = defaultdict(dict)
    for _, row in rows:
        refs = table[row["document"]].get(row["sha256"], ())
        if row["ref"] not in refs:
            table[row["document"]][row["sha256"]] = (*refs, row["ref"])
    return table
