"""The manifest of a model folder: what is in it, byte for byte, and what it was made from.

``manifest.json`` holds ``format``, ``kind``, ``version``, ``files`` (name -> sha256) and ``facts`` (recipe,
data hashes, seed, code commit, library versions, metrics). Loading checks every hash.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from standfirst.errors import ModelCorrupt, ModelNotFound

FORMAT = 1
NAME = "manifest.json"
REQUIRED = ("model.onnx", "tokenizer.json")
"""The files without which there is no encoder; a manifest that does not vouch for them is refused."""


@dataclass(frozen=True)
class Manifest:
    """A checked manifest; ``version`` names the weights: kind and the first digits of their hash."""

    kind: str
    version: str
    files: Mapping[str, str]
    facts: Mapping[str, Any]


def write_manifest(folder: Path, *, kind: str, facts: Mapping[str, Any]) -> None:
    """Write the manifest of the files that stand in ``folder``."""
    files = {p.name: file_sha256(p) for p in sorted(folder.iterdir()) if p.name != NAME}
    # The version covers what decides answers; prose in the card does not.
    decisive = "".join(files[n] for n in sorted(files) if not n.endswith(".md"))
    version = f"{kind}-{hashlib.sha256(decisive.encode()).hexdigest()[:12]}"
    table = {"format": FORMAT, "kind": kind, "version": version, "files": files, "facts": facts}
    (folder / NAME).write_text(json.dumps(table, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def read_manifest(folder: Path, *, kind: str, required: Sequence[str] = REQUIRED) -> Manifest:
    """Read a folder's manifest and check every file against it; ``required`` are those it must list.

    Raises
    ------
    ModelNotFound
        If the folder or its manifest is missing.
    ModelCorrupt
        If a file is missing or differs, or the model is of another kind or of a newer format.
    """
    where = str(folder)
    manifest = _parsed(folder, where)
    if manifest.kind != kind:
        raise ModelCorrupt(f"a model for {manifest.kind!r} came where one for {kind!r} was expected", where=where)
    for name in required:
        if name not in manifest.files:
            raise ModelCorrupt(f"{NAME} does not list {name}; export the model again", where=where)
    for name, expected in manifest.files.items():
        _check_file(folder / name, expected, where)
    return manifest


def _parsed(folder: Path, where: str) -> Manifest:
    if not folder.is_dir():
        raise ModelNotFound("there is no such model folder", where=where)
    try:
        table = json.loads((folder / NAME).read_text(encoding="utf-8"))
        manifest = Manifest(table["kind"], table["version"], table["files"], table["facts"])
        form = table["format"]
        if not isinstance(manifest.files, dict):
            raise TypeError("files is no table")
    except FileNotFoundError:
        meant = f"; did you mean {folder / 'model'}?" if (folder / "model" / NAME).is_file() else ""
        raise ModelNotFound(f"the folder has no {NAME}; expected an exported model{meant}", where=where) from None
    except (ValueError, KeyError, TypeError):
        raise ModelCorrupt(f"{NAME} cannot be read; export the model again", where=where) from None
    if form != FORMAT:
        raise ModelCorrupt(f"model format {form!r}; this version reads format {FORMAT}", where=where)
    return manifest


def _check_file(path: Path, expected: str, where: str) -> None:
    if not path.is_file():
        raise ModelCorrupt(f"{path.name} is missing; its manifest names it", where=where)
    found = file_sha256(path)
    if found != expected:
        raise ModelCorrupt(
            f"{path.name} has sha256 {found[:12]}..., its manifest says {expected[:12]}...; "
            "copy the folder again or export the model again",
            where=where,
        )


def file_sha256(path: Path) -> str:
    """The sha256 of a file's bytes, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
