"""The sentences of an update as rows for the encoder, and what comes back as scores of sentences and words.

One row holds as many whole sentences as fit; a sentence's score is the mean over its word pieces, a word's the mean
over its own. Means of a linear head are the head of the mean, so that one number per word piece is all that the model
has to give.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from standfirst.english.view import Token, tokenize
from standfirst.pieces import Pieces, Window

Floats = npt.NDArray[np.floating[Any]]

LINE, NEWS, KEEP = range(3)
"""Columns of the heads: which sentence makes the update's line, which belongs in a digest, which word stays."""
N_PLACES = 9
HEADLINE = N_PLACES - 1
"""The place of a headline that is read in front of its update; others count from 0 and stop at 7."""


@dataclass(frozen=True, slots=True)
class Part:
    """A sentence within a row: its pieces are ``row[start:end]``; ``owners`` names the token of each."""

    sentence: int
    start: int
    end: int
    owners: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One row for the encoder and the sentences in it."""

    window: Window
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Scores:
    """What the model says of one sentence: two salience logits, and for every token a logit for staying."""

    line: float
    news: float
    keep: tuple[float, ...]


def rows_of(pieces: Pieces, sentences: Sequence[str]) -> list[Row]:
    """Pack the sentences of one update, in order, into rows; a sentence longer than a row is cut to it."""
    room = pieces.max_tokens - 2
    rows: list[Row] = []
    ids: list[int] = []
    parts: list[Part] = []

    def close() -> None:
        if parts:
            window = Window(len(rows), (pieces.cls, *ids, pieces.sep), len(ids) + 2)
            rows.append(Row(window, tuple(parts)))
            ids.clear()
            parts.clear()

    for number, (piece_ids, starts) in enumerate(pieces.with_starts(sentences)):
        own = piece_ids[:room]
        if ids and len(ids) + len(own) > room:
            close()
        owners = owners_of(tokenize(sentences[number]), starts[: len(own)])
        parts.append(Part(number, len(ids) + 1, len(ids) + 1 + len(own), owners))
        ids += own
    close()
    return rows


def owners_of(tokens: Sequence[Token], starts: Sequence[int]) -> tuple[int, ...]:
    """The token that each word piece begins in: the last one that does not begin behind it."""
    edges = np.array([t.start for t in tokens])
    return tuple(int(i) for i in np.maximum(np.searchsorted(edges, starts, side="right") - 1, 0))


def place_of(number: int) -> int:
    """The bucket of a sentence's place in its update."""
    return min(number, HEADLINE - 1)


def scores_of(part: Part, logits: Floats, n_tokens: int) -> Scores:
    """Means over a sentence's pieces and over each token's; ``logits`` (S, 3) are those of its row."""
    own = logits[part.start : part.end].astype(np.float64)  # (P, 3)
    if not len(own):
        return Scores(0.0, 0.0, (0.0,) * n_tokens)
    owners = np.array(part.owners)
    sums = np.bincount(owners, weights=own[:, KEEP], minlength=n_tokens)
    counts = np.bincount(owners, minlength=n_tokens)
    keep = np.where(counts > 0, sums / np.maximum(counts, 1), 0.0)
    line, news = own[:, LINE].mean(), own[:, NEWS].mean()
    return Scores(float(line), float(news), tuple(keep.tolist()))
