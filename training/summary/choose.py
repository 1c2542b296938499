"""Which sentence makes an update's line: boosted trees over what the heads say and how the sentences are built."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from tqdm import tqdm

from standfirst.schema import Paragraph, Update
from standfirst.summarize import Summarizer
from standfirst.summarize.candidates import sentences_of
from standfirst.summarize.choice import choice_features
from standfirst.summarize.heads import Boosted
from standfirst.summarize.reading import Floats
from training.summary.blogs import RawUpdate, read_raw
from training.summary.boost import boost
from training.summary.recipe import SummaryRecipe
from training.summary.rouge import rouge

_MOST_SENTENCES = 12
_FEWEST_ROWS = 20


def fit_choice(data: Path, summarizer: Summarizer, recipe: SummaryRecipe) -> tuple[Boosted | None, dict[str, int]]:
    """Fit the choice on updates whose headline is known and hidden; ``None`` if there are too few.

    The target is how near each sentence, shortened and cut to the headline's words, comes to the headline (ROUGE-L F1),
    stretched from the worst to the best of the update; an update counts by how far these two lie apart, and a long one
    less than in proportion to its sentences.
    """
    rng = np.random.default_rng(recipe.seed)
    tables: list[Floats] = []
    targets: list[Floats] = []
    weights: list[Floats] = []
    names: tuple[str, ...] = ()
    for source in ("bbc", "guardian"):
        drawn = _drawn(data / "liveblogs" / f"{source}_train.jsonl.gz", recipe.data.n_chosen, rng)
        for update in tqdm(drawn, desc=f"lines of {source}", disable=None):
            columns, near = lesson_of(update, summarizer)
            spread = float(near.max() - near.min()) if len(near) else 0.0
            if not spread:
                continue
            names = tuple(columns)
            tables.append(np.stack(list(columns.values()), axis=1))
            targets.append((near - near.min()) / spread)
            weights.append(np.full(len(near), spread / np.sqrt(len(near))))
    counted = {"updates": len(tables), "sentences": sum(map(len, tables))}
    if len(tables) < _FEWEST_ROWS:
        return None, counted
    table, gold, counts = (np.concatenate(parts) for parts in (tables, targets, weights))
    return boost(names, table, gold, counts, recipe.seed, recipe.choice), counted


def lesson_of(update: RawUpdate, summarizer: Summarizer) -> tuple[dict[str, Floats], Floats]:
    """The features of an update's sentences, name -> (N,), and each one's likeness to the headline, (N,)."""
    text = " ".join(update.sentences)
    found = sentences_of(Update("u", None, (Paragraph("p", text, "text", 0, len(text)),)))[:_MOST_SENTENCES]
    if not found:
        return {}, np.zeros(0)
    read = summarizer.scores([s.text for s in found])
    shorts = [summarizer.shorten(s, keep=r.keep).text for s, r in zip(found, read, strict=True)]
    near = np.array([rouge(short, update.headline, cut=True).f1[2] for short in shorts])
    return choice_features([s.text for s in found], shorts, read), near


def _drawn(path: Path, count: int, rng: np.random.Generator) -> Sequence[RawUpdate]:
    """About ``count`` updates with a headline of at least three words, evenly over the blogs of a file."""
    blogs = [list(_headlined(blog.updates)) for blog in read_raw(path)]
    each = 1 + -(-count // max(len(blogs), 1))
    rows = [own[i] for own in blogs for i in sorted(rng.permutation(len(own))[:each])]
    return [rows[i] for i in sorted(rng.permutation(len(rows))[:count])]


def _headlined(updates: Sequence[RawUpdate]) -> Iterator[RawUpdate]:
    for update in updates:
        if len(update.title.split()) > 2 and len(update.texts) > 1 and update.texts[0] != update.title:
            yield update
