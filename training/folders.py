"""Files and model folders that are whole or not there: written beside their place, and moved when done.

A process that is killed cannot clean up after itself, so the next one that writes to the same place does: what the dead
one left is removed, and if it died between moving the old folder away and the new one in, the old one comes back.
"""

import contextlib
import glob
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from standfirst.errors import DataError, no_room
from standfirst.manifest import NAME as MANIFEST

try:
    import fcntl
except ImportError:  # no such locks on this system: what a killed process left stays where it is
    fcntl = None  # type: ignore[assignment]

_PART = "-part-"


def refuse_existing(output: Path, *, replace: bool, known_by: str = MANIFEST) -> None:
    """Raise ``DataError`` if something stands at ``output`` that is not to be replaced.

    With ``replace`` that is whatever holds no file ``known_by``: a recipe, a run, anybody's folder.
    """
    _clear_leftovers(output)
    if not output.exists():
        return
    if output.is_file() or (any(output.iterdir()) and not (output / known_by).is_file()):
        raise DataError("what stands there is no model folder, and would be lost; name another", where=str(output))
    if not replace:
        raise DataError("the folder exists; name another or pass --replace", where=str(output))


@contextlib.contextmanager
def new_folder(output: Path, *, replace: bool, known_by: str = MANIFEST) -> Iterator[Path]:
    """A folder to write into that takes the place ``output``, whole, when the block ends without an error.

    Raises
    ------
    DataError
        If ``output`` exists and ``replace`` is false, or it holds something and no file ``known_by``.
    """
    refuse_existing(output, replace=replace, known_by=known_by)
    output.parent.mkdir(parents=True, exist_ok=True)
    with (
        _named(output),
        tempfile.TemporaryDirectory(prefix=f".{output.name}{_PART}", dir=output.parent) as name,
        _lock(Path(name)),
    ):
        folder = Path(name) / output.name
        folder.mkdir()
        yield folder
        _swap(folder, output, Path(name) / "old")


@contextlib.contextmanager
def new_file(path: Path) -> Iterator[Path]:
    """A file to write that takes the place ``path``, whole, when the block ends without an error."""
    part = path.with_name(path.name + ".part")
    with _named(path):
        try:
            yield part
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)


@contextlib.contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Keep other processes from working in a folder that exists; theirs would be the same files.

    Raises
    ------
    DataError
        If one works there now.
    """
    with _lock(folder) as held:
        if not held:
            message = "another process works in this folder; wait for it, or name another folder with --output"
            raise DataError(message, where=str(folder))
        yield


@contextlib.contextmanager
def _named(place: Path) -> Iterator[None]:
    """Let an error for want of room name the place that was to be written, and not a temporary file or nothing."""
    try:
        yield
    except OSError as error:
        if no_room(error):
            raise OSError(error.errno, error.strerror, str(place)) from error
        raise


def _swap(new: Path, place: Path, old: Path) -> None:
    """Move ``new`` to ``place``; what stood there is moved away first and brought back if that fails."""
    try:
        if place.exists():
            place.rename(old)
        new.rename(place)
    except BaseException:  # an interrupt too: the caller deletes what is left in ``old``
        if old.exists() and not place.exists():
            old.rename(place)
        raise


def _clear_leftovers(output: Path) -> None:
    """Remove what killed processes left beside ``output``; if it is missing, bring back what they moved away."""
    if fcntl is None:
        return
    pattern = f".{glob.escape(output.name)}{_PART}*"
    for left in output.parent.glob(pattern) if output.parent.is_dir() else ():
        with contextlib.suppress(FileNotFoundError), _lock(left) as dead:  # its owner may end just now
            if dead and (left / "old").is_dir() and not output.exists():
                (left / "old").rename(output)
            if dead:
                shutil.rmtree(left)


@contextlib.contextmanager
def _lock(folder: Path) -> Iterator[bool]:
    """Hold the folder while this process works in it; yields false if another one, which lives, holds it."""
    if fcntl is None:
        yield True
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            held = True
        except BlockingIOError:
            held = False
        yield held
    finally:
        os.close(handle)
