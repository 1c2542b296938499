"""Put a model in another's place, if it is not worse beyond noise on any label."""

import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from standfirst.errors import DataError, InputError
from standfirst.labels import load_labels
from standfirst.manifest import NAME, Manifest, read_manifest, write_manifest
from training.compare import Comparison, labels_differ
from training.folders import new_folder
from training.recipe import place_of, recorded_folder


def check(candidate: Path, place: Path, *, force: str | None = None) -> Manifest | None:
    """Check both folders before any work; the manifest of the model that stands at ``place``, if one does.

    Raises
    ------
    DataError
        If ``candidate`` and ``place`` are the same folder.
    InputError
        If ``force`` is given without a reason.
    ModelError
        If the candidate, or what stands at ``place``, is no whole topic model.
    """
    if force is not None and not force.strip():
        raise InputError('a reason is needed, such as --force "labels were redefined"', where="--force")
    read_manifest(candidate, kind="topics")
    if not place.exists():
        return None
    if candidate.resolve() == place.resolve():
        raise DataError("the model stands there already; name another folder", where=str(place))
    return read_manifest(place, kind="topics")


def other_labels(candidate: Path, place: Path) -> bool:
    """Whether the label sets differ, so that there is nothing to compare."""
    return bool(labels_differ(load_labels(place / "labels.toml"), load_labels(candidate / "labels.toml")))


def promote(
    candidate: Path, place: Path, before: Manifest | None, comparison: Comparison | None, *, force: str | None = None
) -> Manifest:
    """Move a copy of ``candidate`` to ``place`` in one step and return its manifest, whose hashes were checked.

    With ``force``, that reason, the date, the version replaced and the differences per label go into the
    manifest's facts as ``promoted``.

    Raises
    ------
    DataError
        If a label is worse beyond noise, or nothing was compared with the model that stands; not with ``force``.
    """
    if force is None and before is not None:
        _refuse_worse(comparison, str(candidate))
    manifest = read_manifest(candidate, kind="topics")
    with new_folder(place, replace=before is not None) as folder:
        for name in (*manifest.files, NAME):
            shutil.copyfile(candidate / name, folder / name)
        facts = {**manifest.facts, **_recipe_folder(candidate, manifest, place)}
        if force is not None:
            facts["promoted"] = _promoted(before, comparison, force)
        if facts != manifest.facts:
            write_manifest(folder, kind="topics", facts=facts)
        return read_manifest(folder, kind="topics")


def _recipe_folder(candidate: Path, manifest: Manifest, place: Path) -> dict[str, str]:
    """Where the recipe lay, as seen from the new place; nothing where the manifest does not say it."""
    lay = recorded_folder(candidate, manifest.facts)
    return {"recipe_folder": place_of(lay, place)} if lay is not None else {}


def _refuse_worse(comparison: Comparison | None, where: str) -> None:
    if comparison is None:
        raise DataError("the model was not compared with the one that stands", where=where)
    worse = [
        f"{name} {row.difference:+.4f} [{row.low:+.4f}, {row.high:+.4f}]"
        for name, row in comparison.labels().items()
        if row.verdict == "worse"
    ]
    if worse:
        raise DataError(
            f"not promoted: worse beyond noise on {', '.join(worse)}; improve it, or give a reason with --force",
            where=where,
        )


def _promoted(before: Manifest | None, comparison: Comparison | None, reason: str) -> dict[str, Any]:
    labels = comparison.labels() if comparison else {}
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "reason": reason.strip(),
        "against": before.version if before else None,
        "data": dict(comparison.files) if comparison else {},
        "differences": {
            name: {"difference": row.difference, "low": row.low, "high": row.high, "verdict": row.verdict}
            for name, row in labels.items()
        },
    }
