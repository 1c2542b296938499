"""The reader in use, and how a new model takes its place while requests go on."""

import hashlib
import logging
import threading
from collections.abc import Mapping
from pathlib import Path

import standfirst
from serving.batcher import Batcher
from serving.metrics import metrics
from serving.settings import Settings
from standfirst.encoder import scheduled
from standfirst.errors import StandfirstError
from standfirst.manifest import NAME, read_manifest
from standfirst.reader import MODELS, Reader, is_written
from standfirst.summarize.seq2seq import FILES, KIND

_log = logging.getLogger("standfirst.models")


class Models:
    """Holds the reader. What is under way keeps the reader that it began with.

    A folder is replaced as a whole (``python -m training promote`` does), or its manifest is written last. A new one
    is read, checked against its hashes and tried before it is used; one that fails is refused, with the reason in the
    log and in ``/v1/info``, and the old one goes on.
    """

    def __init__(self, settings: Settings, batcher: Batcher) -> None:
        self._settings = settings
        self._batcher = batcher
        self._met = self._manifests()
        self.files: Mapping[str, Mapping[str, str]] = {}
        self.reader = self._load()
        self.refused = ""
        self._stop = threading.Event()
        if settings.reload_s:
            threading.Thread(target=self._watch, name="standfirst-models", daemon=True).start()

    @property
    def folders(self) -> dict[str, Path]:
        """Where the models are read from."""
        settings = self._settings
        return {"topics": settings.topics or MODELS / "topics", "summary": settings.summary or MODELS / "summary"}

    def look(self) -> bool:
        """Take a new model if there is one; whether it was taken."""
        found = self._manifests()
        if found == self._met or self._away(found):  # a folder that is being replaced may be away for a moment
            return False
        try:
            self.reader = self._load()
        except StandfirstError as error:
            if error.message != self.refused:  # it is tried again, since it may be half copied; once is enough to say
                _log.error("a new model is refused, the old one goes on: %s", error)
                metrics().swapped("refused")
            self.refused = error.message
            return False
        self._met, self.refused = found, ""
        _log.info("a new model is in use", extra={"fields": {"models": self.reader.models}})
        metrics().swapped("done")
        return True

    def _away(self, found: tuple[str | None, ...]) -> bool:
        """Whether a folder is missing; one that never had a mark is a checkpoint of the Hub."""
        return any(now is None and met is not None for now, met in zip(found, self._met, strict=True))

    def close(self) -> None:
        """Look no more."""
        self._stop.set()

    def _watch(self) -> None:
        while not self._stop.wait(self._settings.reload_s):
            try:
                self.look()
            except Exception:  # noqa: BLE001 - the next look may fare better
                _log.exception("cannot look for a new model")

    def _load(self) -> Reader:
        settings = self._settings
        files = {kind: files_of(kind, folder) for kind, folder in self.folders.items()}
        with scheduled(self._batcher.run):
            reader = standfirst.load(
                settings.topics,
                settings.summary,
                threads=settings.calls,
                cache_bytes=settings.cache_mib * 2**20,
            )
        reader.label(["The first call of a model is slow."])
        reader.summarize(["The first call of a model is slow."])
        reader.cache.counted()  # what nobody asked for counts for nothing
        self.files = files
        return reader

    def _manifests(self) -> tuple[str | None, ...]:
        return tuple(_digest(_mark(folder)) for folder in self.folders.values())


def files_of(kind: str, folder: Path) -> Mapping[str, str]:
    """The hashes of a model's files, checked; none for a seq2seq checkpoint that has no manifest.

    Raises
    ------
    ModelNotFound, ModelCorrupt
        As ``read_manifest``.
    """
    if kind == "summary" and is_written(folder):
        return read_manifest(folder, kind=KIND, required=FILES).files if (folder / NAME).is_file() else {}
    return read_manifest(folder, kind=kind).files


def _mark(folder: Path) -> Path:
    """The file of a model that changes with it: its manifest, or of a plain checkpoint its configuration."""
    own = folder / NAME
    return folder / "config.json" if not own.is_file() and is_written(folder) else own


def _digest(path: Path) -> str | None:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return None
