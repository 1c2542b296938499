"""The steps of a student's run, in order: gather texts, ask the teacher, fit, set the bands, measure, export."""

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors.numpy import save

from standfirst.classify import TopicClassifier
from standfirst.errors import DataError
from standfirst.manifest import write_manifest
from standfirst.student import FORMAT, KIND, Network, Student, split
from training.data import Example, load_splits
from training.distill.card import student_card
from training.distill.fit import Lesson, fit, start_of_embeddings
from training.distill.handing import Band, Line, bands_for, f1_by_label, line_to, loss, not_sure
from training.distill.model import StudentModel
from training.distill.rates import rates
from training.distill.recipe import StudentRecipe, load_student_recipe
from training.distill.teacher import teacher_logits
from training.distill.texts import Text, gather, parted, texts_sha256
from training.evaluate import gold_matrix
from training.folders import new_folder
from training.model import build_encoder
from training.pipeline import commit, versions, write_json
from training.recipe import Recipe, load_recipe

logger = logging.getLogger(__name__)

Floats = npt.NDArray[np.floating[Any]]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class StudentPlan:
    """A recipe with its teacher, its texts and the folder of its run; ``dev`` is only measured on."""

    recipe: StudentRecipe
    rows: Recipe
    teacher: TopicClassifier
    line: Line
    texts: Sequence[Text]
    dev: Sequence[Example]
    files: Mapping[str, str]
    run: Path


@dataclass(frozen=True)
class Distilled:
    """A student that may be exported, with what was measured of it."""

    model: StudentModel
    line: Line
    bands: list[Band | None]
    figures: dict[str, Any]


def prepare(recipe_path: Path, run: Path, data_dir: Path | None, teacher_folder: Path) -> StudentPlan:
    """Read recipe, teacher and texts; claim the run folder.

    Raises
    ------
    RecipeError
        If a recipe is wrong.
    ModelError
        If the teacher cannot be used.
    DataError
        If there is no data folder, the teacher has other labels than the recipe's rows, its labels exclude each
        other, or the folder holds a run of another recipe, teacher or other texts.
    """
    recipe = load_student_recipe(recipe_path)
    rows_path = recipe_path.parent / recipe.rows
    rows = load_recipe(rows_path)
    teacher = TopicClassifier.load(teacher_folder, threads=recipe.threads)
    if not teacher.labels.multi_label:
        raise DataError("a student needs a teacher whose labels do not exclude each other", where=str(teacher_folder))
    if data_dir is None:
        raise DataError("a student learns from unlabelled texts; name their folder with --data-dir", where=recipe.name)
    splits = load_splits(rows, rows_path.parent, data_dir, teacher.labels)
    texts = gather(recipe.texts, splits.train, splits.dev, data_dir, recipe.seed, test=splits.test)
    plan = StudentPlan(recipe, rows, teacher, _line_of(teacher_folder, teacher), texts, splits.dev, splits.files, run)
    _claim(plan)
    return plan


def distill(plan: StudentPlan) -> Distilled:
    """Ask the teacher, fit, calibrate and set the bands on what was held out, measure on dev."""
    recipe, thresholds = plan.recipe, plan.teacher.thresholds
    teacher = plan.line.probs(teacher_logits(plan.teacher, plan.texts, plan.run / "teacher"))
    learnt, held = parted(plan.texts, recipe.texts.held_out, recipe.seed)
    if not learnt or not held:
        raise DataError(f"{len(learnt)} texts to learn from and {len(held)} held out; more are needed", where="texts")
    texts, contexts = _pieces(plan, [(t.text, t.context) for t in plan.texts])
    start = start_of_embeddings(build_encoder(plan.rows).get_input_embeddings().weight, recipe.shape.width)  # type: ignore[operator]
    model = fit(recipe, Lesson([texts[i] for i in learnt], [contexts[i] for i in learnt], teacher[learnt]), start)
    network = Network(model.weights())
    logits = network.logits([texts[i] for i in held], [contexts[i] for i in held])
    line = line_to(logits, teacher[held])
    probs = line.probs(logits)
    bands = bands_for(probs, teacher[held], thresholds, recipe.loses_at_most)
    handed_on = not_sure(probs, bands)
    figures = {
        "n_learnt": len(learnt),
        "held_out": {
            "n": len(held),
            "handed_on": float(handed_on.mean()),
            "loss": loss(probs, teacher[held], thresholds, handed_on),
            "student_macro_f1_to_teacher": float(f1_by_label(teacher[held] >= thresholds, probs >= thresholds).mean()),
        },
        "dev": _on_dev(plan, network, line, bands),
    }
    return Distilled(model, line, bands, figures)


def _on_dev(plan: StudentPlan, network: Network, line: Line, bands: list[Band | None]) -> dict[str, Any]:
    """Macro-F1 on dev of the teacher, of the student, and of both together; and the share handed on."""
    gold, thresholds = gold_matrix(plan.dev, plan.teacher.labels), plan.teacher.thresholds
    texts, contexts = _pieces(plan, [(e.text, e.context) for e in plan.dev])
    probs = line.probs(network.logits(texts, contexts))
    full = plan.line.probs(plan.teacher.logits([e.text for e in plan.dev], [e.context or None for e in plan.dev]))
    handed_on = not_sure(probs, bands)
    ways = {"full": full >= thresholds, "student": probs >= thresholds}
    ways["fast"] = np.where(handed_on[:, None], ways["full"], ways["student"])
    names = plan.teacher.labels.names
    found: dict[str, Any] = {"n": len(gold), "handed_on": float(handed_on.mean())}
    for name, pred in ways.items():
        f1 = f1_by_label(gold, pred)
        found[name] = {"macro_f1": float(f1.mean()), "labels": dict(zip(names, f1.tolist(), strict=True))}
    found["lost"] = found["full"]["macro_f1"] - found["fast"]["macro_f1"]
    return found


def export_plan(plan: StudentPlan, found: Distilled, output: Path, *, replace: bool = False) -> dict[str, Any]:
    """Write the model folder, measure the rates of what was written, and say all in card and manifest."""
    facts: dict[str, Any] = {
        "teacher": plan.teacher.version,
        "recipe": plan.recipe.to_dict(),
        "data": dict(plan.files),
        "n_texts": len(plan.texts),
        "texts_sha256": texts_sha256(plan.texts),
        "seed": plan.recipe.seed,
        "labels": plan.teacher.labels.tag,
        "commit": commit(),
        "versions": versions(),
        "metrics": found.figures,
    }
    with new_folder(output, replace=replace) as folder:
        (folder / "model.safetensors").write_bytes(save(found.model.weights().tables()))
        (folder / "config.json").write_text(_config(plan, found), encoding="utf-8")
        write_manifest(folder, kind=KIND, facts=facts)
        student = Student.load(folder, plan.teacher)
        _, held = parted(plan.texts, plan.recipe.texts.held_out, plan.recipe.seed)
        facts["metrics"] = found.figures | {"rates": rates(student, plan.teacher, [plan.texts[i] for i in held])}
        (folder / "README.md").write_text(student_card(plan.recipe, facts), encoding="utf-8")
        write_manifest(folder, kind=KIND, facts=facts)
    figures: dict[str, Any] = facts["metrics"]
    return figures


def _config(plan: StudentPlan, found: Distilled) -> str:
    names = plan.teacher.labels.names
    labels = {
        name: {
            "scale": float(found.line.scale[i]),
            "shift": float(found.line.shift[i]),
            "not_sure": list(found.bands[i] or ()),
        }
        for i, name in enumerate(names)
    }
    return json.dumps({"format": FORMAT, "teacher": plan.teacher.version, "labels": labels}, indent=1) + "\n"


def _line_of(folder: Path, teacher: TopicClassifier) -> Line:
    rows = json.loads((folder / "config.json").read_text(encoding="utf-8"))["labels"]
    scale, shift = (np.array([rows[name][key] for name in teacher.labels.names]) for key in ("scale", "shift"))
    return Line(scale, shift)


def _pieces(plan: StudentPlan, texts: Sequence[tuple[str, str]]) -> tuple[list[tuple[int, ...]], list[tuple[int, ...]]]:
    """The pieces of each text's first window, and of its context."""
    windows = plan.teacher.pieces.windows([text for text, _ in texts], [context or None for _, context in texts])
    first = {window.owner: window for window in reversed(windows)}
    return split([first[i] for i in range(len(texts))])


def _claim(plan: StudentPlan) -> None:
    """Make the run folder, or check that it belongs to this very recipe, teacher and texts."""
    identity = {
        "recipe": plan.recipe.to_dict(),
        "teacher": plan.teacher.version,
        "texts": texts_sha256(plan.texts),
        "n_texts": len(plan.texts),
    }
    path = plan.run / "student.json"
    if path.exists():
        before = json.loads(path.read_text(encoding="utf-8"))
        changed = [key for key in identity if before.get(key) != identity[key]]
        if changed:
            raise DataError(
                f"the folder holds a run with another {' and '.join(changed)}; name another with --output",
                where=str(plan.run),
            )
    elif plan.run.exists() and any(p.suffix != ".part" for p in plan.run.iterdir()):
        raise DataError("the folder exists and is no run; name another with --output", where=str(plan.run))
    plan.run.mkdir(parents=True, exist_ok=True)
    write_json(path, identity)
