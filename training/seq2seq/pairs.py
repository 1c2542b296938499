"""(source, headline): what a model that writes lines learns from, and what it is measured on."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from training.seq2seq.recipe import PairData
from training.summary.blogs import read_raw
from training.summary.detokenize import detokenize

FILES = (
    "liveblogs/bbc_train.jsonl.gz",
    "liveblogs/guardian_train.jsonl.gz",
    "liveblogs/bbc_valid.jsonl.gz",
    "liveblogs/guardian_valid.jsonl.gz",
    "liveblogs/headline_sentence_pairs.jsonl",
)
_LEAST_WORDS = 3


@dataclass(frozen=True, slots=True)
class Pair:
    """A source text and the line that a journalist wrote of it."""

    source: str
    line: str


def training_pairs(recipe: PairData, data: Path, seed: int) -> list[Pair]:
    """The pairs of a recipe, in an order that depends on nothing but the seed."""
    rng = np.random.default_rng(seed)
    found = _drawn(list(_sentences(data)), recipe.n_pairs, rng)
    found += _drawn(list(_updates(data)), recipe.n_updates, rng)
    return [found[i] for i in rng.permutation(len(found))]


def _drawn(pairs: list[Pair], count: int, rng: np.random.Generator) -> list[Pair]:
    return [pairs[i] for i in sorted(rng.permutation(len(pairs))[:count])]


def _sentences(data: Path) -> Iterator[Pair]:
    """Sentences beside the headline that was made of their words."""
    with (data / "liveblogs" / "headline_sentence_pairs.jsonl").open(encoding="utf-8") as file:
        for row in map(json.loads, file):
            if row["split"] == "train":
                yield Pair(detokenize(row["sentence"]), detokenize(row["headline"]))


def _updates(data: Path) -> Iterator[Pair]:
    """Updates of the training blogs beside their headline; of a headline that the text repeats, the text alone."""
    for part in ("bbc_train", "guardian_train"):
        for blog in read_raw(data / "liveblogs" / f"{part}.jsonl.gz"):
            for update in blog.updates:
                if len(update.title.split()) >= _LEAST_WORDS and update.sentences:
                    yield Pair(" ".join(update.sentences), update.headline)
