"""Find the weights. Killed at any moment, a run goes on from its last epoch and ends in the same bytes."""

import dataclasses
import functools
import itertools
import json
import logging
import math
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from standfirst.labels import LabelSet
from standfirst.pieces import Pieces
from training import checkpoints
from training.abreast import room, run_abreast
from training.batches import Batch, epoch_batches, targets_of
from training.contrast import draw_together, start_head
from training.data import Example, Splits
from training.evaluate import gold_matrix, macro_f1, predict_torch
from training.model import TopicModel, build_model
from training.neighbours import with_neighbours
from training.progress import Progress
from training.recipe import FitRecipe, Recipe
from training.schedule import up_and_down

logger = logging.getLogger(__name__)


def fit(recipe: Recipe, splits: Splits, labels: LabelSet, pieces: Pieces, run: Path) -> TopicModel:
    """Train the recipe's model, writing a checkpoint under ``run/checkpoints`` after every epoch.

    The random numbers of an epoch depend on the seed and the epoch's number alone, so that a run that was
    killed and started again makes the same weights, byte for byte on one machine with as many threads.

    With several ``fit.seeds`` one model is trained for each, from the recipe's seed on, in a folder of its own; what
    comes back has the mean of their weights, which costs nothing when it is asked (Wortsman et al. 2022, "Model soups",
    section 3.1: fits from one pretrained encoder end near enough to each other). They are made at once where there are
    cores for it (``recipe.threads`` each), which changes no byte.
    """
    folders = _folders(run, recipe)
    fits = [
        functools.partial(_fit_one, dataclasses.replace(recipe, seed=recipe.seed + i), splits, labels, pieces, folder)
        for i, folder in enumerate(folders)
    ]
    todo = [f for f, folder in zip(fits, folders, strict=True) if not checkpoints.finished(folder, recipe.fit.epochs)]
    at_once = min(room(recipe.threads), len(todo)) if recipe.fit.epochs else 1
    if at_once > 1:
        run_abreast([functools.partial(f, abreast=True) for f in todo], at_once)
    # What was made at once is only read here.
    models = [f(epochs_before=i * recipe.fit.epochs) for i, f in enumerate(fits)]
    if len(models) > 1:
        checkpoints.load_mean(models[-1], [m.state_dict() for m in models])
    return models[-1]


def _folders(run: Path, recipe: Recipe) -> list[Path]:
    folder = run / "checkpoints"
    seeds = range(recipe.seed, recipe.seed + recipe.fit.seeds)
    return [folder] if recipe.fit.seeds == 1 else [folder / f"seed-{seed}" for seed in seeds]


def _fit_one(
    recipe: Recipe,
    splits: Splits,
    labels: LabelSet,
    pieces: Pieces,
    folder: Path,
    *,
    epochs_before: int = 0,
    abreast: bool = False,
) -> TopicModel:
    """The fit of one seed: after ``epochs_before`` for others, or ``abreast`` of them, each with its own progress."""
    make_deterministic(recipe.seed, recipe.threads)
    model = build_model(recipe, len(labels))
    lessons = [_lesson(splits, recipe, epoch) for epoch in range(recipe.fit.epochs)]
    steps = math.ceil(max(map(len, lessons), default=0) / recipe.fit.batch_size)
    # fused: one pass over the weights; measured on 2026-11-23, a step of 16 texts takes two thirds of the time
    optimizer = torch.optim.AdamW(_parameter_groups(model, recipe.fit), fused=True)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, up_and_down(steps * recipe.fit.epochs, recipe.fit.warmup))
    folder.mkdir(parents=True, exist_ok=True)
    done = checkpoints.resume(folder, model, optimizer, schedule)
    if not done:
        _prepare(model, recipe, splits, labels, pieces, folder)
    if abreast:  # lines, as bars of several processes would write over each other
        progress = Progress(recipe.fit.epochs, steps, done, stage=f"seed {recipe.seed}, epoch", terminal=False)
    else:
        progress = Progress(recipe.fit.epochs * recipe.fit.seeds, steps, epochs_before + done)
    for epoch in range(done, recipe.fit.epochs):
        torch.manual_seed(recipe.seed * 1000 + epoch)
        rng = np.random.default_rng((recipe.seed, epoch))
        lesson = lessons[epoch]
        targets = targets_of(lesson, labels, recipe.fit)
        ways: dict[str, Any] = {"batch_size": recipe.fit.batch_size, "reads": recipe.fit.windows}
        batches = epoch_batches(lesson, targets, pieces, recipe.context, rng=rng, **ways)
        started = time.monotonic()
        shown = progress.epoch(epochs_before + epoch + 1, batches)
        loss = _one_epoch(model, shown, optimizer, schedule, progress.loss, half=recipe.fit.precision == "bfloat16")
        scores = predict_torch(model, pieces, splits.dev)
        record = {
            "seed": recipe.seed,
            "epoch": epoch + 1,
            "loss": loss,
            "dev_macro_f1": macro_f1(splits.dev, scores, labels, np.full(len(labels), 0.5)),
            "seconds": time.monotonic() - started,
        }
        logger.info(
            "seed %(seed)d, epoch %(epoch)d: loss %(loss).4f, dev macro-F1 %(dev_macro_f1).4f, %(seconds).0f s", record
        )
        checkpoints.save(folder, epoch + 1, model, optimizer, schedule, record=record)
    if recipe.fit.average_last > 1:
        last = range(recipe.fit.epochs - recipe.fit.average_last + 1, recipe.fit.epochs + 1)
        checkpoints.average(folder, model, last)
    return model


def _lesson(splits: Splits, recipe: Recipe, epoch: int) -> Sequence[Example]:
    """What an epoch shows: all training examples, some twice, and its share of the texts that nobody labelled."""
    order = np.random.default_rng((recipe.seed, 1)).permutation(len(splits.pseudo))
    again = [e for e in splits.train if e.source in recipe.data.twice_sources]
    shown: list[Sequence[Example]] = [splits.train, again]
    if recipe.fit.join_neighbours:
        rng = np.random.default_rng((recipe.seed, 2, epoch))
        shown = [with_neighbours(rows, recipe.fit.join_neighbours, rng) for rows in shown]
    return [*itertools.chain(*shown), *(splits.pseudo[i] for i in order[epoch :: recipe.fit.epochs])]


def _prepare(  # noqa: PLR0917
    model: TopicModel, recipe: Recipe, splits: Splits, labels: LabelSet, pieces: Pieces, folder: Path
) -> None:
    """What comes before the first epoch: the contrastive stage and a head that is not random, where asked for."""
    gold = gold_matrix(splits.train, labels)
    if recipe.contrast.epochs:
        stage = folder / "contrast"
        draw_together(model, recipe, splits.train, gold, pieces, stage)
    if recipe.fit.head == "logistic":
        # To begin a fit one window of each text is enough; what no epoch changes any more is made from all.
        start_head(model, splits.train, gold, pieces, "highest" if recipe.fit.epochs else recipe.fit.windows)


def make_deterministic(seed: int, threads: int) -> None:
    """Fix every source of chance in torch, and the number of threads, which decides the order of sums."""
    torch.manual_seed(seed)
    torch.set_num_threads(threads)
    torch.use_deterministic_algorithms(True)
    # Memory that is about to be written need not be filled first: 5 % of a step, and no operation here reads it before.
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]


def history(run: Path) -> list[dict[str, Any]]:
    """The record of each finished epoch, seed by seed."""
    folder = run / "checkpoints"
    paths = [*sorted(folder.glob("epoch-*.json")), *sorted(folder.glob("seed-*/epoch-*.json"))]
    return [json.loads(p.read_text(encoding="utf-8")) for p in paths]


def _one_epoch(
    model: TopicModel,
    batches: Iterable[Batch],
    optimizer: torch.optim.Optimizer,
    schedule: torch.optim.lr_scheduler.LambdaLR,
    tell: Callable[[float], None],
    *,
    half: bool,
) -> float:
    model.train()
    losses = []
    for batch in batches:
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=half):
            logits = model(**{name: torch.from_numpy(a) for name, a in batch.inputs.items()})  # (B, L)
        loss = nn.functional.binary_cross_entropy_with_logits(logits.float(), torch.from_numpy(batch.targets))
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        losses.append(loss.item())
        tell(losses[-1])
    return float(np.mean(losses))


def _parameter_groups(model: TopicModel, recipe: FitRecipe) -> list[dict[str, Any]]:
    """Weights decay, biases do not; the head learns faster, lower layers slower by ``layer_decay``."""
    n_layers = int(getattr(model.encoder.config, "num_hidden_layers", 0))
    groups: dict[tuple[float, float], list[Tensor]] = {}
    for name, parameter in model.named_parameters():
        decay = recipe.weight_decay if parameter.ndim > 1 else 0.0
        if name.startswith("head."):
            rate = recipe.head_learning_rate
        else:
            rate = recipe.learning_rate * recipe.layer_decay ** (n_layers - _depth(name, n_layers))
        groups.setdefault((rate, decay), []).append(parameter)
    return [{"params": p, "lr": rate, "weight_decay": decay} for (rate, decay), p in groups.items()]


def _depth(name: str, n_layers: int) -> int:
    """The number of a parameter's layer, counted from 1; 0 for embeddings."""
    numbers = [int(part) for part in name.split(".") if part.isdigit()]
    return min(numbers[0] + 1, n_layers) if numbers else 0
