"""Which context an example is shown with, and which examples share a batch."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from standfirst.labels import LabelSet
from standfirst.pieces import Pieces, Window, as_arrays
from training.data import Example
from training.recipe import ContextRecipe, FitRecipe


@dataclass(frozen=True, slots=True)
class Batch:
    """Inputs, each (B, S), and targets (B, L) in [0, 1]."""

    inputs: dict[str, npt.NDArray[np.int64]]
    targets: npt.NDArray[np.float32]


def headline_of(context: str) -> str:
    """The update's headline of a context such as "Blog title > headline"; all of it if there is no ">".

    >>> headline_of("Storm live > Ferry delayed"), headline_of("Storm live")
    ('Ferry delayed', 'Storm live')
    """
    return context.rsplit(" > ", 1)[-1]


def served_context(context: str) -> str | None:
    """What a reader shows a paragraph under: its update's headline, and never a blog's title.

    >>> served_context("Storm live > Ferry delayed"), served_context("Storm live")
    ('Ferry delayed', None)
    """
    return headline_of(context) if " > " in context else None


def shown_contexts(examples: Sequence[Example], recipe: ContextRecipe, rng: np.random.Generator) -> list[str | None]:
    """Draw, for each example, the context that it is shown with this time."""
    pool = [e.context for e in examples if e.context] or [""]
    draws = rng.random((len(examples), 2))
    strangers = rng.integers(len(pool), size=len(examples))
    shown: list[str | None] = []
    for example, (draw, view), stranger in zip(examples, draws, strangers, strict=True):
        if draw < recipe.none:
            context = ""
        elif draw < recipe.none + recipe.stranger:
            context = pool[stranger]
        else:
            context = example.context
        shown.append(headline_of(context) if view < recipe.headline else context)
    return shown


def targets_of(examples: Sequence[Example], labels: LabelSet, recipe: FitRecipe) -> npt.NDArray[np.float32]:
    """Targets (N, L): the annotation, or the mean of two, smoothed towards 1/2; of pseudo-labels the probabilities."""
    gold = np.zeros((len(examples), len(labels)), dtype=np.float32)
    for row, example in zip(gold, examples, strict=True):
        if example.probs is not None:
            continue
        answers = [example.labels]
        if recipe.second_labels == "mean" and example.labels_second is not None:
            answers.append(example.labels_second)
        for answer in answers:
            for name in answer:
                row[labels.index[name]] += 1 / len(answers)
    targets = gold * (1 - recipe.label_smoothing) + recipe.label_smoothing / 2
    for row, example in zip(targets, examples, strict=True):
        if example.probs is not None:
            row[:] = example.probs
    return targets


def epoch_batches(
    examples: Sequence[Example],
    targets: npt.NDArray[np.float32],
    pieces: Pieces,
    context: ContextRecipe,
    *,
    batch_size: int,
    rng: np.random.Generator,
    reads: str = "highest",
) -> Iterator[Batch]:
    """Yield every example once, in batches of near-equal length, in random order; ``reads`` as ``fit.windows``."""
    rows = shown_windows(pieces, examples, shown_contexts(examples, context, rng), reads, rng)
    order = rng.permutation(len(rows))
    pool = batch_size * 32  # sorted by length within a pool: little padding, batches still differ by epoch
    batches = [
        part[i : i + batch_size]
        for start in range(0, len(order), pool)
        for part in [sorted(order[start : start + pool], key=lambda k: len(rows[k].ids))]
        for i in range(0, len(part), batch_size)
    ]
    for index in rng.permutation(len(batches)):
        chosen = batches[index]
        yield Batch(as_arrays([rows[k] for k in chosen]), targets[np.array(chosen)])


def shown_windows(
    pieces: Pieces, examples: Sequence[Example], contexts: Sequence[str | None], reads: str, rng: np.random.Generator
) -> list[Window]:
    """One row per example: its first window, or with ``mean`` any of them, drawn."""
    if reads != "mean":
        return first_windows(pieces, examples, contexts)
    found: list[list[Window]] = [[] for _ in examples]
    for window in pieces.windows([e.text for e in examples], contexts):
        found[window.owner].append(window)
    return [rows[rng.integers(len(rows))] for rows in found]


def read_windows(
    pieces: Pieces, examples: Sequence[Example], contexts: Sequence[str | None], reads: str
) -> list[Window]:
    """The rows by which examples are judged in torch: first windows alone, or with ``mean`` all."""
    if reads == "mean":
        return pieces.windows([e.text for e in examples], contexts)
    return first_windows(pieces, examples, contexts)


def first_windows(pieces: Pieces, examples: Sequence[Example], contexts: Sequence[str | None]) -> list[Window]:
    """One row per example: the first window of its text."""
    first: dict[int, Window] = {}
    for window in pieces.windows([e.text for e in examples], contexts):
        first.setdefault(window.owner, window)
    return [first[i] for i in range(len(examples))]
