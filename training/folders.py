"""Model folders that are whole or not there: written beside their place, and moved when done."""

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

from standfirst.errors import DataError


def refuse_existing(output: Path, *, replace: bool) -> None:
    """Raise ``DataError`` if something stands at ``output`` that is not to be replaced."""
    if output.exists() and not replace:
        raise DataError("the folder exists; name another or pass --replace", where=str(output))


@contextlib.contextmanager
def new_folder(output: Path, *, replace: bool) -> Iterator[Path]:
    """A folder to write into that takes the place ``output``, whole, when the block ends without an error.

    Raises
    ------
    DataError
        If ``output`` exists and ``replace`` is false.
    """
    refuse_existing(output, replace=replace)
    output.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{output.name}-", dir=output.parent) as name:
        folder = Path(name) / output.name
        folder.mkdir()
        yield folder
        _swap(folder, output, Path(name) / "old")


def _swap(new: Path, place: Path, old: Path) -> None:
    """Move ``new`` to ``place``; what stood there is moved away first and brought back if that fails."""
    if place.exists():
        place.rename(old)
    try:
        new.rename(place)
    except BaseException:  # an interrupt too: the caller deletes what is left in ``old``
        if old.exists() and not place.exists():
            old.rename(place)
        raise
