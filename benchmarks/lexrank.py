"""Continuous LexRank: how central each sentence is among the others, by a random walk over their TF-IDF cosines.

References
----------
Erkan and Radev 2004, "LexRank: Graph-based Lexical Centrality as Salience in Text Summarization", section 3.3.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.feature_extraction.text import TfidfVectorizer

_DAMPING = 0.85  # of the walk; the paper jumps with 0.15 as well
_TOLERANCE = 1e-8
_MOST_STEPS = 500

Floats = npt.NDArray[np.floating[Any]]


def lexrank(texts: Sequence[str]) -> Floats:
    """The centrality of each text, (N,), summing to 1; equal for all if they share no word, or have none."""
    n = len(texts)
    if not n:
        return np.zeros(0)
    rank = np.full(n, 1 / n)
    try:
        words = TfidfVectorizer(token_pattern=r"[a-zA-Z0-9]+").fit_transform(texts)
    except ValueError:  # no words at all
        return rank
    near = (words @ words.T).toarray()  # (N, N) cosines
    sums = near.sum(1, keepdims=True)
    walk = np.where(sums > 0, near / np.where(sums > 0, sums, 1), 1 / n)
    for _ in range(_MOST_STEPS):
        new = (1 - _DAMPING) / n + _DAMPING * (walk.T @ rank)
        if np.abs(new - rank).sum() < _TOLERANCE:
            return np.asarray(new)
        rank = new
    return np.asarray(rank)
