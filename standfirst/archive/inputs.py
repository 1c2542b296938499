"""Which files an archive consists of: folders to the bottom, globs, single files, fsspec URLs of them."""

import glob
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Literal, get_args

from standfirst.errors import ArchiveError, InputError

Form = Literal["jsonl", "csv", "tsv", "parquet", "document"]
FORMS: tuple[Form, ...] = get_args(Form)

_BY_SUFFIX: dict[str, Form] = {
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".csv": "csv",
    ".tsv": "tsv",
    ".parquet": "parquet",
}
_COMPRESSIONS = {".gz": "gzip", ".zst": "zstd", ".zstd": "zstd"}


@dataclass(frozen=True, slots=True)
class Input:
    """One file of the archive: its path or URL as it is written in the output, and how it is read.

    ``quoted`` says whether quotation marks hold a table's cell together, which planning finds out of a TSV;
    ``delimiter`` what parts the cells of a CSV, which its header tells.
    """

    name: str
    form: Form
    compression: str = ""
    quoted: bool = True
    delimiter: str = ","


def find(patterns: Sequence[str], *, form: Form | None = None, skip: Path | None = None) -> Iterator[Input]:
    """Yield the files that are meant, each once, in an order that does not depend on the file system.

    Parameters
    ----------
    patterns
        Files, folders (hidden names are left out), globs, or fsspec URLs of them.
    form
        Read all of them in this form, whatever their names say.
    skip
        A folder to leave out: the output, where it lies inside the input.

    Raises
    ------
    InputError
        If a pattern means no file, or a Parquet file within a compressed one.
    """
    seen: set[int] = set()  # hashes, not names: an archive may have a million files
    for pattern in patterns:
        found = False
        for name in _remote(pattern) if is_url(pattern) else _local(pattern, skip and skip.resolve()):
            found = True
            if hash(name) not in seen:
                seen.add(hash(name))
                yield as_input(name, form)
        if not found:
            raise InputError("there is no such file, or no file in this folder", where=pattern)


def as_input(name: str, form: Form | None = None) -> Input:
    """Tell form and compression by a file's name; what has no known suffix is a live-blog document.

    Raises
    ------
    InputError
        If it is a Parquet file in a compressed one, which cannot be read from its end.

    >>> as_input("blogs/2031.csv.gz")
    Input(name='blogs/2031.csv.gz', form='csv', compression='gzip', quoted=True, delimiter=',')
    """
    path = PurePosixPath(name.lower())
    compression = _COMPRESSIONS.get(path.suffix, "")
    suffix = path.with_suffix("").suffix if compression else path.suffix
    form = form or _BY_SUFFIX.get(suffix, "document")
    if form == "parquet" and compression:
        raise InputError(
            f"Parquet is compressed inside and is not read from {path.suffix}; unpack the file", where=name
        )
    return Input(name, form, compression)


def is_url(name: str) -> bool:
    """Whether a name is left to fsspec."""
    return "://" in name


def _local(pattern: str, skip: Path | None) -> Iterator[str]:
    path = Path(pattern)
    if path.is_dir():
        yield from _below(path, skip)
    elif path.exists():
        yield pattern
    else:
        for name in sorted(glob.glob(pattern, recursive=True)):  # noqa: PTH207, a pathlib glob must be relative
            if not Path(name).is_dir() and (skip is None or not Path(name).resolve().is_relative_to(skip)):
                yield name


def _below(folder: Path, skip: Path | None) -> Iterator[str]:
    for path in sorted(folder.iterdir()):
        if path.name.startswith("."):
            continue
        if not path.is_dir():
            yield str(path)
        elif skip is None or path.resolve() != skip:
            yield from _below(path, skip)


def _remote(pattern: str) -> Iterator[str]:
    system, path = fsspec_for(pattern).core.url_to_fs(pattern)
    found = system.find(path) if system.isdir(path) else system.glob(path)
    for name in sorted(found):
        if not PurePosixPath(name).name.startswith("."):
            yield system.unstrip_protocol(name)


def fsspec_for(name: str) -> Any:
    """The module fsspec, which only a URL needs.

    Raises
    ------
    ArchiveError
        If it is not installed.
    """
    try:
        import fsspec
    except ImportError:
        raise ArchiveError("a URL needs fsspec: pip install 'standfirst[archive]'", where=name) from None
    return fsspec
