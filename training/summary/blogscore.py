"""Which updates of a blog editors take into their summary: boosted trees over features of the candidates.

Each kind of blog (``features.KINDS``) gets trees of its own. A blog whose updates mostly have headlines is shown
without them as well. One in which few have is not: which updates are marked is what its editors' choice hangs on.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from tqdm import tqdm

from standfirst.digest.features import Floats, features, kind_of
from standfirst.digest.offers import Candidate, offered
from standfirst.schema import LabelledParagraph, LiveBlog, ReadUpdate, Topics, Update
from standfirst.summarize import Summarizer
from standfirst.summarize.heads import Boosted
from training.summary.blogs import RawBlog, as_blog
from training.summary.boost import boost
from training.summary.recipe import SummaryTrees
from training.summary.rouge import f1_of_stems, stems

_UNTOLD, _TAKEN = 0.2, 0.5
"""Word F1 with the nearest bullet up to which a line counts as left out, and from which it counts as taken."""
_FEWEST = 4
"""Kinds with fewer blogs than this get no score, and blogs with fewer candidates teach nothing."""
_NOTHING = Topics((), {})


def unlabelled(update: Update) -> ReadUpdate:
    """An update as the digest wants it, with no topics: the data have none."""
    return ReadUpdate(update, tuple(LabelledParagraph(p, _NOTHING) for p in update), None, ())


def candidates_of(blog: LiveBlog, summarizer: Summarizer) -> list[Candidate]:
    """What a blog offers its digest."""
    reads = [unlabelled(u) for u in blog.updates]
    return offered(unlabelled(blog.opening), reads, summarizer, blog.title)


@dataclass(slots=True)
class _Lesson:
    """What the blogs of one kind teach: tables (N, F) of features, and for each row its target and weight."""

    tables: list[Floats] = field(default_factory=list)
    targets: list[float] = field(default_factory=list)
    weights: list[float] = field(default_factory=list)

    def add(self, columns: Mapping[str, Floats], gold: Sequence[float]) -> None:
        """One more blog; a long one counts no more than a short one."""
        self.tables.append(np.stack(list(columns.values()), axis=1))
        self.targets += gold
        self.weights += [1 / len(gold)] * len(gold)

    def counted(self) -> dict[str, float]:
        """How many blogs and candidates, and the share that was taken."""
        share = round(float(np.mean(self.targets)), 4)
        return {"blogs": len(self.tables), "candidates": len(self.targets), "taken": share}


def fit_blog_score(
    blogs: Sequence[RawBlog], summarizer: Summarizer, how: SummaryTrees, seed: int
) -> tuple[dict[str, Boosted], dict[str, dict[str, float]]]:
    """Fit the score of each kind of which there are blogs enough; the figures say what each kind was fitted on."""
    lessons: dict[str, _Lesson] = {}
    names: tuple[str, ...] = ()
    for blog in tqdm(blogs, desc="blogs scored", disable=None):
        for live, found in _shown(blog, summarizer):
            gold = taken([c.line.text for c in found], blog.bullets)
            if len(found) < _FEWEST or not max(gold):
                continue
            vectors = summarizer.embed([c.line.text for c in found])
            columns = features(found, vectors, summarizer.embed([live.title])[0] if live.title else None)
            names = tuple(columns)
            lessons.setdefault(kind_of(found), _Lesson()).add(columns, gold)
    counted = {kind: lesson.counted() for kind, lesson in sorted(lessons.items())}
    scores = {
        kind: boost(names, np.concatenate(own.tables), np.array(own.targets), np.array(own.weights), seed, how)
        for kind, own in sorted(lessons.items())
        if len(own.tables) >= _FEWEST
    }
    return scores, counted


def _shown(blog: RawBlog, summarizer: Summarizer) -> Iterator[tuple[LiveBlog, list[Candidate]]]:
    """The blog and what it offers, as it is, and without headlines if most updates have one."""
    live = as_blog(blog, headlines=True)
    found = candidates_of(live, summarizer)
    yield live, found
    if kind_of(found) == "headlines":
        bare = as_blog(blog, headlines=False)
        yield bare, candidates_of(bare, summarizer)


def taken(lines: Sequence[str], bullets: Sequence[str]) -> list[float]:
    """How surely editors took each line, in [0, 1], by its nearest bullet."""
    wanted = [stems(b) for b in bullets]
    best = [max((f1_of_stems(stems(line), b) for b in wanted), default=0.0) for line in lines]
    return np.clip((np.array(best) - _UNTOLD) / (_TAKEN - _UNTOLD), 0, 1).tolist()  # type: ignore[no-any-return]
