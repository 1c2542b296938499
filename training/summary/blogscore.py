"""Which updates of a blog editors take into their summary: a logistic regression over features of the candidates.

Every blog is shown twice, with its updates' headlines and without, so that one score serves both kinds of blog.
"""

from collections.abc import Sequence

import numpy as np
from sklearn.linear_model import LogisticRegression
from tqdm import tqdm

from standfirst.digest import Floats, features
from standfirst.heads import BlogScore
from standfirst.offers import Candidate, offered
from standfirst.schema import LabelledParagraph, LiveBlog, ReadUpdate, Topics, Update
from standfirst.summarize import Summarizer
from training.summary.blogs import RawBlog, as_blog
from training.summary.rouge import f1_of_stems, stems

_TAKEN = 0.5
_NOTHING = Topics((), {})


def unlabelled(update: Update) -> ReadUpdate:
    """An update as the digest wants it, with no topics: the data have none."""
    return ReadUpdate(update, tuple(LabelledParagraph(p, _NOTHING) for p in update), None, ())


def candidates_of(blog: LiveBlog, summarizer: Summarizer) -> list[Candidate]:
    """What a blog offers its digest."""
    reads = [unlabelled(u) for u in blog.updates]
    return offered(unlabelled(blog.opening), reads, summarizer, blog.title)


def fit_blog_score(blogs: Sequence[RawBlog], summarizer: Summarizer, seed: int) -> tuple[BlogScore, dict[str, float]]:
    """Fit the score; the figures say on how many candidates, and how many of them were taken."""
    rows: list[dict[str, float]] = []
    targets: list[float] = []
    weights: list[float] = []
    for blog in tqdm(blogs, desc="blogs scored", disable=None):
        for headlines in (True, False):
            found, theme, gold = _seen(blog, summarizer, headlines=headlines)
            if len(found) < 5 or not max(gold, default=0):
                continue
            vectors = summarizer.embed([c.line.text for c in found])
            rows += features(found, vectors, theme)
            targets += gold
            weights += [1 / len(found)] * len(found)  # a long blog counts no more than a short one
    names = list(rows[0])
    table = np.array([[row[n] for n in names] for row in rows])
    mean, scale = table.mean(0), np.maximum(table.std(0), 1e-3)
    # a line that half tells a bullet counts for both sides
    both = np.vstack([table, table])
    sides = np.repeat([1, 0], len(table))
    share = np.array([*targets, *(1 - np.array(targets))]) * np.array(weights * 2)
    model = LogisticRegression(C=1.0 * len(table) / sum(weights), max_iter=500, random_state=seed)
    model.fit((both - mean) / scale, sides, sample_weight=share)
    triples = {n: (float(mean[i]), float(scale[i]), float(model.coef_[0][i])) for i, n in enumerate(names)}
    rounded = {n: (round(m, 5), round(s, 5), round(w, 5)) for n, (m, s, w) in triples.items()}
    score = BlogScore(rounded, round(float(model.intercept_[0]), 5))
    return score, {"candidates": len(rows), "taken": float(np.mean(targets)), "blogs": len(blogs)}


def _seen(
    blog: RawBlog, summarizer: Summarizer, *, headlines: bool
) -> tuple[list[Candidate], Floats | None, list[float]]:
    live = as_blog(blog, headlines=headlines)
    found = candidates_of(live, summarizer)
    theme = summarizer.embed([live.title])[0] if live.title else None
    bullets = [stems(b) for b in blog.bullets]
    best = [max((f1_of_stems(stems(c.line.text), b) for b in bullets), default=0.0) for c in found]
    return found, theme, np.clip((np.array(best) - 0.2) / (_TAKEN - 0.2), 0, 1).tolist()
