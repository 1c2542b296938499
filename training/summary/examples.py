"""From the data to training examples: sentences of one update with the targets that are known for them.

- ``line``: how the update's own headline spreads over its sentences (a distribution).
- ``news``: how much of each sentence the blog's bullets tell again, in [0, 1].
- ``keep``: for a sentence whose shorter form is known, 1 for each word that stands in it, 0 for the others.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from standfirst.english.view import tokenize
from standfirst.errors import DataError
from training.summary.blogs import RawBlog, RawUpdate, read_raw
from training.summary.detokenize import detokenize
from training.summary.recipe import SummaryData
from training.summary.rouge import f1_of_stems, stem, stems

SOURCES = ("headline", "bullet", "news", "bnc")
"""Where a shorter form comes from; each has a rate of its own at which words are dropped."""
_LEAST_OVERLAP = 0.25
_MOST_SENTENCES = 5
UNKNOWN = -1.0


@dataclass(frozen=True, slots=True)
class Example:
    """The sentences of one update and what is known of them; ``keep`` maps a sentence's number to its targets."""

    sentences: tuple[str, ...]
    line: tuple[float, ...] | None = None
    news: tuple[float, ...] | None = None
    keep: Mapping[int, tuple[float, ...]] = field(default_factory=dict)
    source: str = "headline"
    headed: bool = False


def keep_targets(sentence: str, shorter: Sequence[str]) -> tuple[float, ...]:
    """For each token of a sentence the share of the shorter forms that keep it; ``UNKNOWN`` for marks.

    >>> keep_targets("two boats sank today .", ["boats sank ."])
    (0.0, 1.0, 1.0, 0.0, -1.0)
    """
    tokens = tokenize(sentence)
    places = [i for i, t in enumerate(tokens) if t.is_word]
    own = [stem(tokens[i].low) for i in places]
    kept = np.full(len(tokens), UNKNOWN)
    kept[places] = 0.0
    for text in shorter:
        other = [stem(t.low) for t in tokenize(text) if t.is_word]
        for i in _aligned(own, other):
            kept[places[i]] += 1 / len(shorter)
    return tuple(kept.tolist())


def _aligned(a: Sequence[str], b: Sequence[str]) -> list[int]:
    """The places in ``a`` of one longest common subsequence."""
    table = np.zeros((len(a) + 1, len(b) + 1), dtype=np.int32)
    for i in range(len(a) - 1, -1, -1):
        for j in range(len(b) - 1, -1, -1):
            table[i, j] = table[i + 1, j + 1] + 1 if a[i] == b[j] else max(table[i + 1, j], table[i, j + 1])
    found, i, j = [], 0, 0
    while i < len(a) and j < len(b):
        if a[i] == b[j]:
            found.append(i)
            i, j = i + 1, j + 1
        elif table[i + 1, j] >= table[i, j + 1]:
            i += 1
        else:
            j += 1
    return found


def line_target(headline: str, sentences: Sequence[str]) -> tuple[float, ...] | None:
    """How a headline spreads over the sentences (sums to 1); ``None`` if none of them tells it."""
    wanted = set(stems(headline))
    shares = np.array([len(wanted & set(stems(s))) / max(len(wanted), 1) for s in sentences])
    if len(sentences) < 2 or shares.max() < _LEAST_OVERLAP:
        return None
    weights = np.exp(8 * (shares - shares.max()))
    return tuple((weights / weights.sum()).tolist())


def news_target(sentences: Sequence[str], bullets: Sequence[Sequence[str]]) -> tuple[float, ...]:
    """How near each sentence comes to its nearest bullet (stems), stretched to [0, 1]."""
    best = [max((f1_of_stems(stems(s), b) for b in bullets), default=0.0) for s in sentences]
    return tuple(np.clip((np.array(best) - 0.15) / 0.45, 0, 1).tolist())


def training_examples(recipe: SummaryData, data: Path, seed: int) -> list[Example]:
    """Every example of a recipe, in an order that depends on nothing but the seed."""
    rng = np.random.default_rng(seed)
    pairs = _pairs(data)
    blogs, _ = training_blogs(data, recipe)
    found = _headlined(blogs, pairs, recipe.n_paired, rng, paired=True)
    found += _headlined(blogs, pairs, recipe.n_headlined, rng, paired=False)
    found += _digested(blogs, recipe.n_digested, rng)
    found += _drawn(list(_compressed(data)), recipe.n_compressed, rng)
    order = rng.permutation(len(found))
    return [found[i] for i in order[: recipe.most]]


def training_blogs(data: Path, recipe: SummaryData) -> tuple[list[RawBlog], list[RawBlog]]:
    """The blogs that the heads learn from, and those that the blog-level score is fitted on, of both sources.

    The score must see the heads as they are on blogs that they never saw: fitted on others it trusts them too much.
    """
    learnt: list[RawBlog] = []
    scored: list[RawBlog] = []
    for name in ("bbc_train", "guardian_train"):
        blogs = list(islice(read_raw(data / "liveblogs" / f"{name}.jsonl.gz"), recipe.n_blogs))
        edge = len(blogs) - min(recipe.n_scored, len(blogs) // 2)
        learnt += blogs[:edge]
        scored += blogs[edge:]
    return learnt, scored


def _drawn(examples: list[Example], count: int, rng: np.random.Generator) -> list[Example]:
    chosen = rng.permutation(len(examples))[:count]
    return [examples[i] for i in sorted(chosen)]


def _pairs(data: Path) -> dict[tuple[str, str], tuple[str, str]]:
    """(blog, block) -> (headline, sentence) of the pairs in the training blogs."""
    rows = _rows(data / "liveblogs" / "headline_sentence_pairs.jsonl")
    return {
        (r["blog_id"], r["block_id"]): (detokenize(r["headline"]), detokenize(r["sentence"]))
        for r in rows
        if r["split"] == "train"
    }


def _headlined(
    blogs: Sequence[RawBlog],
    pairs: Mapping[tuple[str, str], tuple[str, str]],
    count: int,
    rng: np.random.Generator,
    *,
    paired: bool,
) -> list[Example]:
    """Updates with a headline, with the words it keeps of a sentence where that is known."""
    places = [(b, u) for b in blogs for u in b.updates if u.title and ((b.id, u.id) in pairs) == paired]
    found: list[Example] = []
    for number in rng.permutation(len(places)):
        if len(found) >= count:
            break
        blog, update = places[number]
        shown, headline = update.sentences[:_MOST_SENTENCES], update.headline
        keep: dict[int, tuple[float, ...]] = {}
        if paired and pairs[blog.id, update.id][1] in shown:
            sentence = pairs[blog.id, update.id][1]
            keep = {shown.index(sentence): keep_targets(sentence, [headline])}
        line = line_target(headline, shown) if len(shown) > 1 else None
        if keep or line:
            found.append(Example(shown, line=line, keep=keep))
    return found


def _digested(blogs: Sequence[RawBlog], count: int, rng: np.random.Generator) -> list[Example]:
    """Updates beside their blog's bullets, half of them with their headline in front.

    Of each blog sixteen are looked at; the two that tell most are taken, and two of the others.
    """
    found: list[Example] = []
    order = rng.permutation(len(blogs))
    for number in order:
        if len(found) >= count:
            break
        blog = blogs[number]
        bullets = [stems(b) for b in blog.bullets]
        some = rng.permutation(len(blog.updates))[:16]
        rows = [_digest_example(blog.updates[i], bullets, headed=bool(rng.random() < 0.5)) for i in some]
        rows.sort(key=lambda e: -max(e.news or (0.0,)))
        found += rows[:2] + [rows[i] for i in sorted(rng.permutation(np.arange(2, len(rows)))[:2])]
    return found[:count]


def _digest_example(update: RawUpdate, bullets: Sequence[Sequence[str]], *, headed: bool) -> Example:
    headed = headed and bool(update.headline)
    shown = ((update.headline,) if headed else ()) + update.sentences[: _MOST_SENTENCES - 1]
    return Example(shown, news=news_target(shown, bullets), headed=headed)


def _compressed(data: Path) -> Iterator[Example]:
    """Sentences alone, with a shorter form."""
    bullets = _rows(data / "liveblogs" / "bullet_compressions.jsonl")
    yield from (_shortened(r["sentence"], [r["compression"]], "bullet") for r in bullets if r["split"] == "train")
    news, _ = news_split(data)
    yield from (_shortened(text, [short], "news") for text, short in news)
    bnc = _rows(data / "compression" / "bnc.jsonl")
    yield from (_shortened(r["text"], r["compressions"], "bnc") for r in bnc if len(r["text"].split()) > 3)


def _shortened(sentence: str, shorter: Sequence[str], source: str) -> Example:
    text = detokenize(sentence)
    return Example((text,), keep={0: keep_targets(text, [detokenize(s) for s in shorter])}, source=source)


def news_split(data: Path) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """The news pairs as (sentence, compression): those to train on, and the last 150, which are held out."""
    rows = [
        (detokenize(r["text"].replace("<UNK>", "acme")), detokenize(r["compression"].replace("<UNK>", "acme")))
        for r in _rows(data / "compression" / "news_pairs.jsonl")
    ]
    return rows[:-150], rows[-150:]


def _rows(path: Path) -> list[dict[str, Any]]:
    if not path.is_file():
        raise DataError(
            "there is no such file; --data-dir names the folder of liveblogs/ and compression/", where=str(path)
        )
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
