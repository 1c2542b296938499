"""Find the student's weights: AdamW on the teacher's probabilities, batches of texts of near-equal length."""

import logging
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from training.distill.model import StudentModel
from training.distill.recipe import ShapeRecipe, StudentRecipe
from training.fit import make_deterministic
from training.progress import Progress
from training.schedule import up_and_down

logger = logging.getLogger(__name__)

Floats = npt.NDArray[np.floating[Any]]
Ids = Sequence[Sequence[int]]

_CHUNK = 32
"""Batches' worth of texts that are sorted by length at a time."""


@dataclass(frozen=True)
class Lesson:
    """What is learnt: the pieces of each text's first window and of its context, and the teacher's probabilities."""

    texts: Ids
    contexts: Ids
    probs: Floats


def start_of_embeddings(table: Tensor, width: int) -> Tensor:
    """An encoder's own table of word pieces (V, H), turned and cut to its ``width`` strongest directions, (V, W)."""
    values = table.detach().double()
    values = values - values.mean(0)
    _, vectors = torch.linalg.eigh(values.T @ values)  # ascending
    turned = values @ vectors.flip(1)[:, :width]
    # the sign of a direction is the solver's choice: the largest entry is made positive
    signs = turned.gather(0, turned.abs().argmax(0, keepdim=True)).sign()
    turned = turned * signs
    turned = torch.nn.functional.pad(turned, (0, max(width - turned.shape[1], 0)))
    return (turned / turned.std()).float() * 0.3


def fit(recipe: StudentRecipe, lesson: Lesson, start: Tensor) -> StudentModel:
    """Fit a student from the embeddings ``start`` (V, W); the same lesson, seed and threads give the same bytes."""
    make_deterministic(recipe.seed, recipe.threads)
    shape: ShapeRecipe = recipe.shape
    model = StudentModel(start, shape, lesson.probs.shape[1], recipe.fit.dropout)
    steps = math.ceil(len(lesson.texts) / recipe.fit.batch_size)
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=recipe.fit.learning_rate, weight_decay=recipe.fit.weight_decay, fused=True
    )
    factor = up_and_down(steps * recipe.fit.epochs, recipe.fit.warmup)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, factor)
    progress = Progress(recipe.fit.epochs, steps)
    targets = torch.from_numpy(lesson.probs.astype(np.float32))
    for epoch in range(recipe.fit.epochs):
        model.train()
        model.whole = epoch >= recipe.fit.epochs - recipe.fit.whole
        total = 0.0
        rng = np.random.default_rng((recipe.seed, 3, epoch))
        for rows in progress.epoch(epoch + 1, _batches(lesson.texts, recipe.fit.batch_size, rng)):
            pieces = padded([lesson.texts[i] for i in rows], model.pad)
            contexts = padded([lesson.contexts[i] for i in rows], model.pad)
            drop = torch.from_numpy(rng.random(pieces.shape) < recipe.fit.drop_pieces)
            logits = model(pieces.masked_fill(drop, model.pad), contexts)
            loss = functional.binary_cross_entropy_with_logits(logits, targets[rows])
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            schedule.step()
            total += float(loss.detach()) * len(rows)
            progress.loss(float(loss.detach()))
        logger.info("epoch %d: loss %.4f", epoch + 1, total / len(lesson.texts))
    return model.eval()


def padded(ids: Ids, pad: int) -> Tensor:
    """Ids as one table (B, S), at least one wide."""
    length = max(1, *(len(row) for row in ids))
    table = torch.full((len(ids), length), pad, dtype=torch.long)
    for row, own in zip(table, ids, strict=True):
        row[: len(own)] = torch.tensor(own, dtype=torch.long)
    return table


def _batches(texts: Ids, size: int, rng: np.random.Generator) -> Iterator[list[int]]:
    """Every text once, in an order of the generator's, those of a batch of near-equal length."""
    order = rng.permutation(len(texts))
    batches: list[list[int]] = []
    for first in range(0, len(order), size * _CHUNK):
        chunk = sorted(order[first : first + size * _CHUNK].tolist(), key=lambda i: len(texts[i]))
        batches += [chunk[i : i + size] for i in range(0, len(chunk), size)]
    for i in rng.permutation(len(batches)):
        yield batches[i]
