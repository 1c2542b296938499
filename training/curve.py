"""The learning curve of a recipe: how good the model gets with more and more of its training rows.

A point is one share of the rows and one seed. Subsets keep documents together and are nested: for one seed, a larger
one holds the smaller ones. The seed decides both which documents come first and every random number of the fit, so
the spread over seeds is that of drawing the data anew, except at the whole, where only the fit differs.

Every point is calibrated for itself, from the torch model's logits (quantising would cost all points alike): on dev by
cross-validation, so that no row is measured with thresholds that saw it, on test with what the whole of dev gives.
"""

import dataclasses
import hashlib
import json
import logging
import math
import shutil
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy import stats

from standfirst.errors import InputError
from training import pipeline
from training.calibrate import calibrate
from training.data import Example
from training.evaluate import Bools, Floats, decide, gold_matrix, metrics, torch_logits
from training.fit import fit
from training.model import TopicModel
from training.progress import duration

logger = logging.getLogger(__name__)

_FOLDS = 5
_LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class Gain:
    """What doubling the rows brought last: mean over seeds and its interval (Student's t), in macro-F1.

    ``low`` and ``high`` are ``None`` for a single seed.
    """

    split: str
    rows: tuple[int, int]
    seeds: int
    mean: float
    low: float | None
    high: float | None

    def __str__(self) -> str:
        what = f"{self.mean:+.3f} macro-F1 on {self.split} for twice the rows ({self.rows[0]:,} -> {self.rows[1]:,}"
        if self.low is None or self.high is None:
            return f"no verdict: {what}, one seed); more seeds would say how far that is chance"
        found = f"{what}, {self.seeds} seeds, 95 % interval {self.low:+.3f} to {self.high:+.3f})"
        if self.low > 0:
            return f"more data seem to help: {found}"
        if self.high < 0:
            return f"more data seem to harm: {found}"
        return f"no gain beyond chance was seen: {found}"


def draw_curve(
    plan: pipeline.Plan, shares: Sequence[float], seeds: int, *, equal_steps: bool = False, keep_models: bool = False
) -> dict[str, Any]:
    """Fit and measure every point that is not finished yet, and return the curve as plain tables.

    Finished points stand in ``points/``; one that was killed goes on from its last epoch.

    Raises
    ------
    InputError
        If a share is not above 0 and at most 1, or there is no seed.
    """
    shares = sorted(set(shares))
    if not shares or not all(0 < share <= 1 for share in shares):
        raise InputError(f"{list(shares)}; expected shares above 0 and at most 1", where="--shares")
    if seeds < 1:
        raise InputError(f"{seeds}; expected 1 or more", where="--seeds")
    # A point of several fits takes as many seeds: no two points share a fit.
    todo = [(share, plan.recipe.seed + i * plan.recipe.fit.seeds) for i in range(seeds) for share in shares]
    points, spent, worked = [], 0.0, 0.0
    for number, (share, seed) in enumerate(todo, 1):
        started = time.monotonic()
        name = f"share-{share:g}-seed-{seed}" + ("-equal-steps" if equal_steps else "")
        path = plan.run / "points" / f"{name}.json"
        if not path.exists():
            ahead = sum(s if not equal_steps else 1.0 for s, _ in todo[number - 1 :])
            left = f"; about {duration(spent / worked * ahead)} left for all points" if worked else ""
            logger.info("point %d/%d: %g of the rows, seed %d%s", number, len(todo), share, seed, left)
            _point(plan, share, seed, path, equal_steps=equal_steps, keep_model=keep_models)
            spent, worked = spent + time.monotonic() - started, worked + (1.0 if equal_steps else share)
        points.append(json.loads(path.read_text(encoding="utf-8")))
    return summarized(points, plan.labels.names)


def nested(examples: Sequence[Example], share: float, seed: int) -> tuple[Example, ...]:
    """Whole documents, in an order that the seed decides, until they make up the share of the rows."""
    sizes = Counter(e.group for e in examples)
    order = sorted(sizes, key=lambda g: hashlib.sha256(f"curve:{seed}:{g}".encode()).digest())
    chosen: set[str] = set()
    n_rows = 0
    for group in order:
        if n_rows >= share * len(examples):
            break
        chosen.add(group)
        n_rows += sizes[group]
    return tuple(e for e in examples if e.group in chosen)


def _point(plan: pipeline.Plan, share: float, seed: int, path: Path, *, equal_steps: bool, keep_model: bool) -> None:
    rows = nested(plan.splits.train, share, seed)
    times = len(plan.splits.train) / len(rows) if equal_steps else 1.0
    epochs, stage = (math.ceil(part.epochs * times) for part in (plan.recipe.fit, plan.recipe.contrast))
    recipe = dataclasses.replace(
        plan.recipe,
        seed=seed,
        fit=dataclasses.replace(plan.recipe.fit, epochs=epochs),
        contrast=dataclasses.replace(plan.recipe.contrast, epochs=stage),
    )
    work = plan.run / "work" / path.stem
    splits = dataclasses.replace(plan.splits, train=rows)
    model = fit(recipe, splits, plan.labels, plan.pieces, work)
    path.parent.mkdir(exist_ok=True)
    point = {
        "share": share,
        "seed": seed,
        "n": len(rows),
        "n_documents": len({e.group for e in rows}),
        "epochs": epochs + stage,
        "examples": {name: sum(name in e.labels for e in rows) for name in plan.labels.names},
        "metrics": _measured(plan, model, seed),
    }
    pipeline.write_json(path, point)
    if not keep_model:
        shutil.rmtree(work)


def _measured(plan: pipeline.Plan, model: TopicModel, seed: int) -> dict[str, Any]:
    dev, test = plan.splits.dev, plan.splits.test
    reads = plan.recipe.fit.windows
    logits, gold = torch_logits(model, plan.pieces, dev, reads=reads), gold_matrix(dev, plan.labels)
    pred = _out_of_fold(plan, logits, gold, seed)
    f1 = 2 * (gold & pred).sum(0) / np.maximum(gold.sum(0) + pred.sum(0), 1)
    per_label = dict(zip(plan.labels.names, f1.tolist(), strict=True))
    figures = {"dev": {"macro_f1": float(f1.mean()), "labels": per_label}}
    if test:
        whole = calibrate(logits, gold, seed=seed)
        probs = whole.probs(torch_logits(model, plan.pieces, test, reads=reads))
        found = metrics(test, probs, plan.labels, whole.thresholds)
        per_label = {name: row["f1"] for name, row in found["labels"].items()}
        figures["test"] = {"macro_f1": found["macro_f1"], "labels": per_label}
    return figures


def _out_of_fold(plan: pipeline.Plan, logits: Floats, gold: Bools, seed: int) -> Bools:
    """Decisions (N, L) on dev, each with the calibration and thresholds of the other folds."""
    fold = np.random.default_rng(seed).permutation(len(gold)) % _FOLDS
    pred = np.zeros_like(gold)
    for number in range(min(_FOLDS, len(gold))):
        inside = fold == number
        other = calibrate(logits[~inside], gold[~inside], seed=seed)
        pred[inside] = decide(other.probs(logits[inside]), plan.labels, other.thresholds)
    return pred


def summarized(points: Sequence[Mapping[str, Any]], names: Sequence[str]) -> dict[str, Any]:
    """All points, and per split and share the mean, least and greatest figures over seeds; and the gain."""
    shares = sorted({p["share"] for p in points})
    splits = list(points[0]["metrics"])
    curves: dict[str, list[dict[str, Any]]] = {split: [] for split in splits}
    for share in shares:
        here = [p for p in points if p["share"] == share]
        n = round(float(np.mean([p["n"] for p in here])))
        for split in splits:
            by_label = {
                name: {
                    "examples": round(float(np.mean([p["examples"][name] for p in here]))),
                    **_spread([p["metrics"][split]["labels"][name] for p in here]),
                }
                for name in names
            }
            whole = _spread([p["metrics"][split]["macro_f1"] for p in here])
            curves[split].append({"share": share, "n": n, "macro_f1": whole, "labels": by_label})
    gain = last_gain(points, splits[-1])
    return {
        "points": list(points),
        "curves": curves,
        "gain": dataclasses.asdict(gain) if gain else None,
        "verdict": str(gain) if gain else "no verdict: one share alone is no curve",
    }


def _spread(values: Sequence[float]) -> dict[str, float]:
    return {"mean": float(np.mean(values)), "low": float(np.min(values)), "high": float(np.max(values))}


def last_gain(points: Sequence[Mapping[str, Any]], split: str) -> Gain | None:
    """The slope between the two largest shares, per doubling of the rows; ``None`` if there is one share alone."""
    shares = sorted({p["share"] for p in points})[-2:]
    if len(shares) < 2:
        return None
    by_seed = {(p["share"], p["seed"]): p for p in points}
    pairs = [(by_seed[shares[0], s], by_seed[shares[1], s]) for s in sorted({p["seed"] for p in points})]
    slopes = [
        (b["metrics"][split]["macro_f1"] - a["metrics"][split]["macro_f1"]) / math.log2(b["n"] / a["n"])
        for a, b in pairs
        if b["n"] > a["n"]
    ]
    if not slopes:
        return None
    rows = (round(float(np.mean([a["n"] for a, _ in pairs]))), round(float(np.mean([b["n"] for _, b in pairs]))))
    mean, low, high = float(np.mean(slopes)), None, None
    if len(slopes) > 1:
        error = float(np.std(slopes, ddof=1)) / math.sqrt(len(slopes))
        reach = float(stats.t.ppf((1 + _LEVEL) / 2, len(slopes) - 1)) * error
        low, high = mean - reach, mean + reach
    return Gain(split, rows, len(slopes), mean, low, high)
