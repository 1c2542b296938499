"""What the blog-level score sees of a candidate for the digest, and which of its three forms a blog is scored by.

Newsrooms write headlines in different ways: where every update has one it is a line like any other, where few have one
it marks the key updates, and where none has there are only sentences. Each kind of blog has a score of its own, over
the same features.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from standfirst.digest.offers import Candidate

Floats = npt.NDArray[np.floating[Any]]

KINDS = ("sentences", "marked", "headlines")
"""No update has a headline; fewer than ``_MOST_HEADED`` have one; the others."""
MARKED = KINDS[1]
_MOST_HEADED = 0.8
"""Share of headed updates from which a headline marks nothing: of 700 BBC blogs 10 lie below, of 1,400 Guardian blogs
24 above (training parts)."""

_ALIKE = 10
"""How many of the nearest lines say how central a line is."""
_NEAR = 0.6
"""Cosine from which lines are counted as alike: from about there they are one story, see training/LOG.md."""
_SHORT, _LONG = 6, 28
_MARKS = {
    "numbers": re.compile(r"\d"),
    "quoted": re.compile(r"[\"“‘]|^'"),
    "colon": re.compile(":"),
    "addressed": re.compile(r"\b(?:you|your|we|i|our|my)\b", re.IGNORECASE),
}
_MOMENTS = (-0.25, -0.125, 0.0, 0.125, 0.25)
_OWN = ("news", "whole", "words", "likeness", "central")
"""Features that are also given less their mean over the blog, as ``..._here``."""


def kind_of(found: Sequence[Candidate]) -> str:
    """Which of ``KINDS`` a blog is, by the candidates of its updates; its opening does not count."""
    written = [c.written for c in found if c.place]
    headed = float(np.mean(written)) if written else 0.0
    return KINDS[0] if headed == 0 else KINDS[1] if headed < _MOST_HEADED else KINDS[2]


def newness(found: Sequence[Candidate]) -> Floats:
    """How new each written line is among all written ones, (N,): 1 for the newest, 0 for the oldest and for others."""
    written = np.array([c.written for c in found], dtype=float)
    rank = _rank(found)
    return np.asarray(written * (1 - rank / np.maximum(written.sum() - 1, 1)))


def _rank(found: Sequence[Candidate]) -> Floats:
    """How many written lines stand in later updates than each line, (N,)."""
    place = np.array([c.place for c in found], dtype=float)
    written = np.array([c.written for c in found])
    return np.searchsorted(np.sort(place[written]), place).astype(float)


def features(found: Sequence[Candidate], vectors: Floats, title: Floats | None) -> dict[str, Floats]:
    """The features of the candidates, name -> (N,).

    ``vectors`` (N, H) are the unit vectors of their lines, ``title`` (H,) that of the blog's title. ``told_later`` and
    ``told_before`` are the cosines with the nearest line of later and of earlier updates; ``marked_rank`` and
    ``marked_age`` count the written lines in later updates.
    """
    place = np.array([c.place for c in found], dtype=float)
    written = np.array([c.written for c in found], dtype=float)
    line_words = np.array([c.line.n_words for c in found], dtype=float)
    rank = _rank(found)
    columns = {
        "news": np.array([c.news for c in found]),
        "whole": np.array([c.whole for c in found]),
        "words": np.log1p([c.n_words for c in found]),
        "likeness": vectors @ title if title is not None else np.zeros(len(found)),
        **_repetition(vectors, place),
        "written": written,
        "marked_rank": written * np.log1p(rank),
        "marked_age": written * rank / max(written.sum(), 1.0),
        "line_words": np.log1p(line_words),
        "short": line_words < _SHORT,
        "long": line_words > _LONG,
        "age": np.array([c.age for c in found]),
        "recency": np.log1p(place),
        "late": np.log1p(place.max() - place),
        **{name: np.array([bool(mark.search(c.line.text)) for c in found]) for name, mark in _MARKS.items()},
    }
    columns |= {f"{name}_here": columns[name] - columns[name].mean() for name in _OWN}
    return {name: np.asarray(values, dtype=float) for name, values in columns.items()}


def at_moments(columns: Mapping[str, Floats]) -> Iterator[dict[str, Floats]]:
    """Yield the features as they would be had the blog fewer updates now, and more.

    Places are logarithms of counts, so that a shift of .25 stands for a quarter more of later updates; what is given
    less its mean over the blog moves as that mean may. The mean score of all moments has smaller steps than a tree's,
    so that fewer points leave a digest because one update came (training/LOG.md has the figures).
    """
    written = columns["written"] > 0
    for by in _MOMENTS:
        moved = dict(columns)
        moved["recency"] = columns["recency"] + by
        moved["late"] = columns["late"] - by
        moved["marked_rank"] = np.where(written, np.maximum(columns["marked_rank"] + by, 0), 0)
        for name in ("age", "marked_age"):
            moved[name] = np.clip(columns[name] * np.exp(by / 2), 0, 1)
        for name in _OWN:
            moved[f"{name}_here"] = columns[f"{name}_here"] + by / 5
        yield moved


def _repetition(vectors: Floats, place: Floats) -> dict[str, Floats]:
    """How near each line comes to the others: ``place`` (N,) counts updates from the latest."""
    near = vectors @ vectors.T - np.eye(len(place))  # (N, N)
    alike = np.sort(near, axis=1)[:, ::-1]
    later = place[None, :] < place[:, None]  # (N, N): the other's update came after one's own
    return {
        "repeated": alike[:, 0] if len(place) > 1 else np.zeros(1),
        "central": alike[:, :_ALIKE].mean(1),
        "alike": np.log1p((near > _NEAR).sum(1)),
        "told_later": np.where(later, near, 0.0).max(1),
        "told_before": np.where(later.T, near, 0.0).max(1),
    }
