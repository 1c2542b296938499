"""The steps of a run, in order: prepare, fit, evaluate, export. Each can be asked for alone.

A run folder holds ``recipe.json`` (resolved), ``data.json`` (hashes, counts, notes, findings), ``checkpoints/``,
``model.onnx``, ``metrics.json``, ``predictions.jsonl``, ``plots/`` and ``model/`` (the exported folder).
"""

import dataclasses
import functools
import importlib.metadata
import json
import logging
import platform
import subprocess
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import torch

from standfirst.classify import TopicClassifier, window_logits
from standfirst.encoder import Encoder
from standfirst.errors import DataError, RecipeError
from standfirst.labels import LabelSet, load_labels
from standfirst.manifest import file_sha256
from standfirst.pieces import Pieces
from training.calibrate import Calibration
from training.card import encoder_card
from training.check import check_splits
from training.checks import Checks, read_checks, run_checks
from training.data import Example, Splits, load_splits
from training.evaluate import decide, gold_matrix, torch_logits
from training.export import export, export_encoder, int8_graph
from training.fit import fit, history
from training.folders import new_file
from training.measure import measure
from training.model import EmbeddingModel, ExportModel, TopicModel, build_encoder, encoder_folder
from training.predictions import Scored, write_predictions
from training.recipe import Recipe, load_encoder_recipe, load_recipe, place_of

Floats = npt.NDArray[np.floating[Any]]

logger = logging.getLogger(__name__)


_LIBRARIES = (
    "torch",
    "transformers",
    "tokenizers",
    "onnx",
    "onnxruntime",
    "numpy",
    "scikit-learn",
    "safetensors",
)

REPRODUCES = "reproduces.json"
"""What ``reproduce`` writes first into a run folder. That, and the ``.part`` of a killed ``new_file``, make no run."""


@dataclass(frozen=True)
class Plan:
    """A recipe with everything that it names looked up, and the folder of its run.

    ``folder`` is the recipe's own, ``with_data`` whether there was a data folder.
    """

    recipe: Recipe
    labels: LabelSet
    splits: Splits
    tokenizer: Path
    run: Path
    folder: Path
    with_data: bool
    checks: Checks = field(default_factory=Checks)

    @property
    def graph(self) -> Path:
        """Where the int8 graph of this run is written."""
        return self.run / "model.onnx"

    @property
    def pieces(self) -> Pieces:
        """The tokenizer with the recipe's limits."""
        return Pieces(self.tokenizer, self.recipe.fit.max_tokens, self.recipe.context.max_tokens)


def prepare(recipe_path: Path, run: Path, data_dir: Path | None) -> Plan:
    """Read and check recipe, labels and data, and write down what was found.

    Raises
    ------
    DataError
        If the run folder holds another recipe's or other data's run.
    RecipeError
        If the recipe is wrong, or its encoder is not there.
    """
    recipe = load_recipe(recipe_path)
    labels = load_labels(recipe_path.parent / recipe.labels)
    return prepare_recipe(recipe, labels, recipe_path.parent, run, data_dir)


def prepare_recipe(recipe: Recipe, labels: LabelSet, folder: Path, run: Path, data_dir: Path | None) -> Plan:
    """The same for a recipe that was read, whose paths are relative to ``folder``; raises as ``prepare``."""
    checks = read_checks(recipe, folder, labels, data_dir)
    splits = load_splits(recipe, folder, data_dir, labels)
    tokenizer, made = Path(encoder_folder(recipe)) / "tokenizer.json", None
    if not tokenizer.is_file():
        tokenizer, made = run / "tokenizer" / "tokenizer.json", _converted_tokenizer(recipe)
    heads = {"names": list(labels.names), "multi_label": labels.multi_label}
    _claim(run, {"recipe": recipe.to_dict(), "data": dict(splits.files), "labels": heads})
    if made is not None:
        made.save_pretrained(tokenizer.parent)
    plan = Plan(recipe, labels, splits, tokenizer, run, folder, data_dir is not None, checks)
    findings = check_splits(splits, labels, plan.pieces, recipe.fit.windows)
    report = data_report(splits, labels) | {"findings": [dataclasses.asdict(finding) for finding in findings]}
    write_json(run / "data.json", report)
    for note in splits.notes:
        logger.info("%s", note)
    for finding in findings:
        logger.warning("warning: %s", finding)
    return plan


def fit_plan(plan: Plan) -> TopicModel:
    """Fit, or go on where a killed run stopped, or load what is done."""
    return fit(plan.recipe, plan.splits, plan.labels, plan.pieces, plan.run)


def evaluate_plan(plan: Plan, model: TopicModel) -> tuple[Calibration, dict[str, Any]]:
    """Write the int8 graph, calibrate it on dev, measure it as ``measure`` says, and run the recipe's checks on it."""
    with new_file(plan.graph) as part:
        onnx.save(int8_graph(ExportModel(model)), str(part))
    encoder = Encoder(plan.graph, threads=plan.recipe.threads)

    def served(examples: Sequence[Example], *, with_context: bool = True) -> Floats:
        contexts = [(e.context or None) if with_context else None for e in examples]
        return window_logits(plan.pieces, encoder, [e.text for e in examples], contexts, plan.recipe.fit.windows)

    in_torch = functools.partial(torch_logits, model, plan.pieces, reads=plan.recipe.fit.windows)
    calibration, figures, logits = measure(plan.splits, plan.labels, served, in_torch, seed=plan.recipe.seed)
    write_predictions(plan.run, plan.labels, _scored(plan, calibration, logits))
    classifier = TopicClassifier(
        plan.labels,
        plan.pieces,
        encoder,
        version=plan.recipe.name,
        scale=calibration.scale,
        shift=calibration.shift,
        thresholds=calibration.thresholds,
        reads=plan.recipe.fit.windows,
    )
    checked = run_checks(plan.checks, classifier, seed=plan.recipe.seed)
    return calibration, figures | ({"checks": checked} if checked else {})


def _scored(
    plan: Plan, line: Calibration, logits: Mapping[str, Floats]
) -> dict[str, tuple[tuple[Example, ...], Scored]]:
    table: dict[str, tuple[tuple[Example, ...], Scored]] = {}
    for name, found in logits.items():
        split: tuple[Example, ...] = getattr(plan.splits, name)
        probs = line.probs(found)
        pred = decide(probs, plan.labels, line.thresholds)
        table[name] = split, Scored(gold_matrix(split, plan.labels), found, probs, pred)
    return table


def export_plan(plan: Plan, calibration: Calibration, figures: dict[str, Any], output: Path, *, replace: bool) -> None:
    """Write the model folder with everything known about the run."""
    facts = {
        "recipe": plan.recipe.to_dict(),
        "recipe_folder": place_of(plan.folder, output),
        "data": dict(plan.splits.files),
        "data_folder": plan.with_data,
        "n_train": len(plan.splits.train),
        "n_dev": len(plan.splits.dev),
        "rows": rows_by_file(plan.splits),
        "notes": list(plan.splits.notes),
        "seed": plan.recipe.seed,
        "labels": plan.labels.tag,
        "commit": commit(),
        "versions": versions(),
        "history": history(plan.run),
        "metrics": figures,
        **({"card": plan.checks.card} if plan.checks.card else {}),
        **({"held_out": dict(plan.checks.held_out)} if plan.checks.held_out else {}),
    }
    export(plan.graph, plan.recipe, plan.labels, calibration, plan.tokenizer, facts, output, replace=replace)


def export_encoder_recipe(recipe_path: Path, output: Path, *, replace: bool) -> Path:
    """Export the encoder of a recipe as a summary model, without training."""
    recipe = load_encoder_recipe(recipe_path)
    tokenizer = Path(encoder_folder(recipe)) / "tokenizer.json"
    facts = {"recipe": dataclasses.asdict(recipe), "commit": commit(), "versions": versions()}
    card = encoder_card(recipe, commit())
    return export_encoder(EmbeddingModel(build_encoder(recipe)), tokenizer, card, facts, output, replace=replace)


def data_report(splits: Splits, labels: LabelSet) -> dict[str, Any]:
    """Counts per split, source and label."""
    report: dict[str, Any] = {"files": dict(splits.files), "notes": list(splits.notes)}
    for name in ("train", "dev", "test"):
        split: tuple[Example, ...] = getattr(splits, name)
        report[name] = {
            "n": len(split),
            "sources": dict(sorted(Counter(e.source for e in split).items())),
            "labels": {label: sum(label in e.labels for e in split) for label in labels.names},
            "none": sum(not e.labels for e in split),
        }
    return report


def rows_by_file(splits: Splits) -> dict[str, int]:
    """How many examples each file gave, by the file's name without its folder."""
    every = (*splits.train, *splits.dev, *splits.test)
    return dict(sorted(Counter(e.where.rpartition(":")[0] for e in every).items()))


def commit() -> str:
    """The commit of the checkout, with ``+`` if it was changed; ``unknown`` outside git."""
    here = Path(__file__).parent
    try:
        head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=here, capture_output=True, text=True, check=True)
        state = subprocess.run(
            ["git", "status", "--porcelain", "--untracked-files=no"],
            cwd=here,
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return head.stdout.strip()[:12] + ("+" if state.stdout.strip() else "")


def versions() -> dict[str, str]:
    """Versions of Python and of every library that decides the bytes."""
    found = {name: importlib.metadata.version(name) for name in _LIBRARIES}
    cpu = f"{_processor()}, {torch.backends.cpu.get_cpu_capability()}"  # kernels, and so the order of sums, go by it
    return {"python": platform.python_version(), "machine": platform.machine(), "cpu": cpu, **found}


def _processor() -> str:
    """The processor's name, as far as the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor() or "unknown")


def claim_files(run: Path, recipe: Mapping[str, Any], data_dir: Path, names: Sequence[str]) -> None:
    """Make the run folder of a recipe that reads these files, or check that it is this recipe's and these files' run.

    Raises
    ------
    DataError
        If a file is missing, or the folder holds another recipe's or other data's run.
    """
    for name in names:
        if not (data_dir / name).is_file():
            raise DataError("there is no such file in the data folder", where=name)
    run.mkdir(parents=True, exist_ok=True)
    identity = {"recipe": recipe, "data": {name: file_sha256(data_dir / name) for name in names}}
    path = run / "data.json"
    if path.is_file() and json.loads(path.read_text(encoding="utf-8")) != identity:
        raise DataError(
            "the folder holds a run of another recipe or other data; name another with --output", where=str(run)
        )
    write_json(path, identity)


def facts_of(run: Path, recipe: Mapping[str, Any], seed: int) -> dict[str, Any]:
    """What a manifest says of a finished run whose folder ``claim_files`` made."""
    return {
        "recipe": recipe,
        "data": json.loads((run / "data.json").read_text(encoding="utf-8"))["data"],
        "seed": seed,
        "commit": commit(),
        "versions": versions(),
        "history": json.loads((run / "history.json").read_text(encoding="utf-8")),
    }


def write_json(path: Path, table: Mapping[str, Any]) -> None:
    """Write JSON so that the file is whole or not there."""
    with new_file(path) as part:
        part.write_text(json.dumps(table, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _converted_tokenizer(recipe: Recipe) -> Any:
    """The tokenizer of an encoder whose folder has no ``tokenizer.json``, or whose name is a Hugging Face id."""
    from transformers import AutoTokenizer

    folder = encoder_folder(recipe)
    try:
        return AutoTokenizer.from_pretrained(folder, revision=recipe.revision or "main")
    except (OSError, ValueError) as error:
        reason = str(error).strip().partition("\n")[0]
        raise RecipeError(f"there is no tokenizer for the encoder {folder}: {reason}") from None


def _claim(run: Path, identity: Mapping[str, Any]) -> None:
    """Make the run folder, or check that it belongs to this very recipe, label set and data."""
    path = run / "recipe.json"
    if path.exists():
        then, now = _deciding(json.loads(path.read_text(encoding="utf-8"))), _deciding(identity)
        if then.get("labels", now["labels"]) != now["labels"]:
            raise DataError(
                f"the folder holds a run with other labels, or in another order: {', '.join(then['labels']['names'])}; "
                "name another with --output",
                where=str(run),
            )
        if then | {"labels": now["labels"]} != now:
            raise DataError(
                "the folder holds a run of another recipe or other data; name another with --output",
                where=str(run),
            )
        write_json(path, identity)
    elif run.exists() and any(path.suffix != ".part" and path.name != REPRODUCES for path in run.iterdir()):
        raise DataError("the folder exists and is no run; name another with --output", where=str(run))
    else:
        run.mkdir(parents=True, exist_ok=True)
        write_json(path, identity)


def _deciding(identity: Mapping[str, Any]) -> dict[str, Any]:
    """What of a run's recipe, labels and data decides its weights: all but what is said and measured afterwards."""
    recipe = {k: v for k, v in identity["recipe"].items() if k not in ("card", "checks", "description")}
    return {**identity, "recipe": recipe}
