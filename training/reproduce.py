"""Train a model again from its manifest and say whether the same model comes out.

Equal are the bytes of the graph and of its settings; they must be equal where code, library versions and processor
are the same. Where one of them is not, sums are taken in another order, so macro-F1 may differ by a band: by default
half the width of its own 95 % bootstrap interval on that split, which is what other rows of the kind would change by
themselves, and at least ``LEAST_BAND``.
"""

import dataclasses
import glob
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_type_hints

import numpy as np

from standfirst.errors import DataError, ModelCorrupt
from standfirst.labels import LabelSet, load_labels
from standfirst.manifest import Manifest, file_sha256, read_manifest
from standfirst.settings import from_table
from training import pipeline
from training.bootstrap import differences
from training.data import Example
from training.predictions import read_predictions
from training.recipe import CHECKOUT, Recipe, recorded_folder

DECISIVE = ("model.onnx", "config.json")
"""The files that must come out the same; the manifest itself holds the seconds that epochs took."""
LEAST_BAND = 0.02


@dataclass(frozen=True)
class Original:
    """A model as its manifest describes it, and where its recipe's files are looked for today."""

    manifest: Manifest
    recipe: Recipe
    labels: LabelSet
    folder: Path
    data_dir: Path | None
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """Something that was otherwise when the model was made."""

    what: str
    then: str
    now: str

    def __str__(self) -> str:
        return f"{self.what}: {self.then} then, {self.now} now"


@dataclass(frozen=True, slots=True)
class Moved:
    """Macro-F1 of both models on one split, and by how much it may differ."""

    split: str
    then: float
    now: float
    band: float

    @property
    def within(self) -> bool:
        """Whether the difference lies within the band, rounding of the last digits aside."""
        return abs(self.now - self.then) <= self.band + 1e-12


@dataclass(frozen=True)
class Report:
    """What came out: files that differ, what was otherwise, figures then and now."""

    version: str
    run: str
    files: Mapping[str, bool]
    changes: tuple[Change, ...]
    moved: tuple[Moved, ...]
    labels: Mapping[str, float]
    notes: tuple[str, ...]

    @property
    def verdict(self) -> str:
        """``identical``, ``within the band`` or ``not reproduced``."""
        if all(self.files.values()):
            return "identical"
        close = bool(self.moved) and all(m.within for m in self.moved)
        return "within the band" if self.changes and close else "not reproduced"

    def to_dict(self) -> dict[str, Any]:
        """As plain tables, for JSON."""
        table = dataclasses.asdict(self)
        table["moved"] = [{**dataclasses.asdict(m), "within": m.within} for m in self.moved]
        return {"verdict": self.verdict, **table}


def read_original(model: Path, data_dir: Path | None, folder: Path | None = None) -> Original:
    """Take recipe and label set from a model folder; ``folder`` says where the recipe lay, if it is known better.

    Raises
    ------
    DataError
        If the folder of the recipe is neither recorded nor found.
    ModelError
        If the model folder is not whole, or its manifest holds no recipe with data.
    RecipeError
        If the recipe has a key with a meaning that this checkout does not know.
    """
    manifest = read_manifest(model, kind="topics")
    facts = manifest.facts
    if not isinstance(facts.get("recipe"), dict) or not facts.get("data"):
        raise ModelCorrupt("the manifest holds no recipe and data hashes; export the model again", where=str(model))
    table, dropped = _known(Recipe, facts["recipe"])
    recipe = from_table(Recipe, table, f"{model / 'manifest.json'}: recipe")
    notes = [f"the recipe's key {key} is no longer known; it was empty and was left out" for key in dropped]
    place = folder or recorded_folder(model, facts)
    if place is None:
        place = _guessed(model, facts["data"])
        notes.append(f"the manifest does not say where the recipe lay; its files were found from {place}")
    if not facts.get("data_folder", any("{data}" in name for name in facts["data"])):
        data_dir = None  # there was none then, so rows that need one were left out
    return Original(manifest, recipe, load_labels(model / "labels.toml"), place, data_dir, tuple(notes))


def _known(cls: type, table: Mapping[str, Any], prefix: str = "") -> tuple[dict[str, Any], list[str]]:
    """The table without the keys that are unknown today and were empty, which are named too."""
    hints, kept, dropped = get_type_hints(cls), {}, []
    for key, value in table.items():
        if key not in hints and not value:
            dropped.append(prefix + key)
        elif isinstance(value, dict) and dataclasses.is_dataclass(hints.get(key)):
            kept[key], more = _known(hints[key], value, f"{prefix}{key}.")
            dropped += more
        else:
            kept[key] = value
    return kept, dropped


def _guessed(model: Path, names: Mapping[str, str]) -> Path:
    """The first folder from which every file of an old manifest is found."""
    here = model.resolve()
    own = [name for name in names if "{data}" not in name]
    for folder in (CHECKOUT / "training" / "recipes", *here.parents[:3], Path.cwd()):
        if own and all(_file(name, folder, None) for name in own):
            return folder
    if own:
        raise DataError(
            "the manifest does not say where the recipe lay, and its files were not found; name the folder with "
            f"--recipe-dir (looked for: {own[0]})",
            where=str(model),
        )
    return here


def _file(name: str, folder: Path, data_dir: Path | None) -> Path | None:
    """The one file that a name in the manifest stands for today; old manifests may hold a pattern."""
    if "{data}" in name and data_dir is None:
        return None
    path = folder / name.replace("{data}", str(data_dir))
    if path.is_file():
        return path
    pattern = name.replace("{data}", glob.escape(str(data_dir)))
    # Path.glob takes no absolute pattern
    found = glob.glob(str(Path(glob.escape(str(folder))) / pattern))  # noqa: PTH207
    return Path(found[0]) if len(found) == 1 and Path(found[0]).is_file() else None


def changed_data(original: Original) -> tuple[Change, ...]:
    """The files that are missing today, or have another hash than the manifest says."""
    changes = []
    for name, then in sorted(original.manifest.facts["data"].items()):
        path = _file(name, original.folder, original.data_dir)
        now = file_sha256(path) if path else ""
        if now != then:
            changes.append(Change(name, f"sha256 {then[:12]}...", f"sha256 {now[:12]}..." if now else "not there"))
    return tuple(changes)


def reproduce(original: Original, run: Path, changed: Sequence[Change], band: float | None = None) -> Report:
    """Train into ``run``, export to ``run/model``, and compare; ``changed`` are the data that were let pass.

    Raises
    ------
    DataError
        If ``run`` holds anything but an unfinished reproduction of this model with this code and these libraries.
    """
    _refuse_others(run, original)
    run.mkdir(parents=True, exist_ok=True)
    pipeline.write_json(run / pipeline.REPRODUCES, _mark(original))  # first: killed at any moment, it can go on
    plan = pipeline.prepare_recipe(original.recipe, original.labels, original.folder, run, original.data_dir)
    calibration, figures = pipeline.evaluate_plan(plan, pipeline.fit_plan(plan))
    pipeline.write_json(run / "metrics.json", figures)
    pipeline.export_plan(plan, calibration, figures, run / "model", replace=True)
    report = _compared(original, plan, figures, changed, band)
    pipeline.write_json(run / "reproduce.json", report.to_dict())
    return report


def _mark(original: Original) -> dict[str, Any]:
    return {"model": original.manifest.version, "commit": pipeline.commit(), "versions": pipeline.versions()}


def _refuse_others(run: Path, original: Original) -> None:
    if not run.exists() or not any(run.iterdir()):
        return
    mark = run / pipeline.REPRODUCES
    if not mark.exists() or json.loads(mark.read_text(encoding="utf-8")) != _mark(original):
        raise DataError(
            "the folder exists and is no reproduction of this model with this code and these libraries; "
            "name another with --output",
            where=str(run),
        )


def _compared(
    original: Original, plan: pipeline.Plan, figures: Mapping[str, Any], changed: Sequence[Change], band: float | None
) -> Report:
    manifest = original.manifest
    files = {name: file_sha256(plan.run / "model" / name) == manifest.files.get(name) for name in DECISIVE}
    changes = (
        *changed,
        *_new_data(manifest.facts["data"], plan),
        *_environment(manifest.facts),
        *_rows(original, plan),
    )
    then = manifest.facts.get("metrics", {})
    moved = [
        Moved(split, then[split]["macro_f1"], figures[split]["macro_f1"], _band(plan, split) if band is None else band)
        for split in ("dev", "test")
        if split in then and split in figures
    ]
    labels = {
        f"{m.split} {name}": figures[m.split]["labels"][name]["f1"] - old["f1"]
        for m in moved
        for name, old in then[m.split]["labels"].items()
    }
    return Report(manifest.version, str(plan.run), files, changes, tuple(moved), labels, original.notes)


def _new_data(then: Mapping[str, str], plan: pipeline.Plan) -> Iterator[Change]:
    for name in plan.splits.files:
        if name not in then:
            yield Change(name, "not there", "there")


def _environment(facts: Mapping[str, Any]) -> Iterator[Change]:
    """Code, libraries and processor, where they differ or cannot be known to be the same."""
    now, then = pipeline.commit(), str(facts.get("commit", "not recorded"))
    if now != then or now.endswith("+") or now == "unknown":
        yield Change("commit", then, now)
    before = facts.get("versions", {})
    for name, version in pipeline.versions().items():
        if before.get(name) != version:
            yield Change(name, str(before.get(name, "not recorded")), version)


def _rows(original: Original, plan: pipeline.Plan) -> Iterator[Change]:
    """Other numbers of rows from the same files: the code that reads or splits them has changed."""
    for split in ("train", "dev"):
        then, now = original.manifest.facts.get(f"n_{split}"), len(getattr(plan.splits, split))
        if then not in (None, now):
            yield Change(f"{split} rows", str(then), str(now))


def _band(plan: pipeline.Plan, split: str) -> float:
    """Half the width of the bootstrap interval of macro-F1, and at least ``LEAST_BAND``."""
    examples: tuple[Example, ...] = getattr(plan.splits, split)
    pred = read_predictions(plan.run)[1][split].pred
    # Against a model that never gives a label, and so has macro-F1 0, the difference is the figure itself.
    rows = differences(examples, plan.labels, np.zeros_like(pred), pred, resamples=1000, seed=plan.recipe.seed)
    whole = next(row for row in rows if (row.part, row.measure) == ("all", "macro_f1"))
    return max(LEAST_BAND, (whole.high - whole.low) / 2)


def render(report: Report) -> str:
    """The report for reading; its last line is the verdict."""
    lines = [f"{report.version} -> {report.run}/model", *report.notes]
    lines += [f"{name}: {'the same bytes' if same else 'other bytes'}" for name, same in report.files.items()]
    lines += [f"differs: {change}" for change in report.changes]
    for m in report.moved:
        where = "within" if m.within else "beyond"
        lines.append(
            f"{m.split} macro-F1: {m.then:.4f} then, {m.now:.4f} now ({m.now - m.then:+.4f}, {where} the band of"
            f" {m.band:.4f})"
        )
    lines += [f"{name} F1: {delta:+.4f}" for name, delta in report.labels.items() if delta]
    reasons = {
        "identical": "",
        "within the band": ": the bytes differ, as they may where the above differs",
        "not reproduced": (
            ": macro-F1 differs by more than the band"
            if not all(m.within for m in report.moved)
            else ": the bytes differ, although code, libraries and processor are the same"
            if not report.changes
            else ": the bytes differ, and the manifest holds no figures to compare"
        ),
    }
    return "\n".join([*lines, report.verdict + reasons[report.verdict]])
