"""How good a summary model is: lines against headlines, words against compressions, digests against bullets."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from standfirst.digest import digest
from standfirst.english.view import tokenize
from standfirst.schema import ReadUpdate
from standfirst.summarize import Summarizer
from standfirst.summarize.compress import compress
from training.summary.blogs import RawBlog, as_blog, read_raw
from training.summary.blogscore import unlabelled
from training.summary.examples import keep_targets, news_split
from training.summary.rouge import Rouge, rouge, stems

Values = dict[str, list[tuple[float, float, float]]]


def interval(values: Sequence[float], *, seed: int = 7, resamples: int = 1000) -> tuple[float, float]:
    """The bootstrap 95 % interval of a mean, by drawing rows."""
    rng = np.random.default_rng(seed)
    table = np.array(values)
    means = table[rng.integers(len(table), size=(resamples, len(table)))].mean(1)
    low, high = np.quantile(means, [0.025, 0.975])
    return float(low), float(high)


def mean_rouge(values: Sequence[tuple[float, float, float]]) -> dict[str, Any]:
    """Means of R-1, R-2 and R-L with their intervals."""
    table = np.array(values).reshape(-1, 3)
    names = ("r1", "r2", "rl")
    return {"n": len(table)} | {
        n: {"mean": float(c.mean()), "interval": interval(c.tolist())} for n, c in zip(names, table.T, strict=True)
    }


def digest_text(blog: RawBlog, summarizer: Summarizer, *, headlines: bool) -> str:
    """The served digest of a blog as one text, somewhat longer than its bullets, in the order of its points."""
    live = as_blog(blog, headlines=headlines)
    reads: list[ReadUpdate] = [unlabelled(u) for u in live.updates]
    n_words = sum(len(b.split()) for b in blog.bullets)
    made = digest(live, unlabelled(live.opening), reads, summarizer, (), max_words=n_words + 30)
    return " ".join(p.line.text for p in sorted(made.points, key=lambda p: -p.score))


def digests(path: Path, summarizer: Summarizer, *, headlines: bool, limit: int | None = None) -> list[Rouge]:
    """ROUGE of each blog's digest against its bullets, cut to the bullets' length in words."""
    blogs = (b for b in islice(read_raw(path), limit) if b.bullets and b.updates)
    return [rouge(digest_text(b, summarizer, headlines=headlines), " ".join(b.bullets), cut=True) for b in blogs]


def headlined(path: Path, limit: int, seed: int) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Some updates with a headline of at least three words and a text: (headline, sentences)."""
    rng = np.random.default_rng(seed)
    rows = [
        u
        for b in read_raw(path)
        for u in b.updates
        if len(u.title.split()) > 2 and len(u.texts) > 1 and u.texts[0] != u.title
    ]
    for i in sorted(rng.permutation(len(rows))[:limit]):
        yield rows[i].headline, rows[i].sentences


def words(summarizer: Summarizer, rows: Sequence[tuple[str, Sequence[str]]]) -> dict[str, Any]:
    """Token F1 and compression rate against each reference, for the heads alone, under the rules, and for lead words.

    The heads alone keep as many of the best words as the reference does on average over the data; the rules then
    allow only their own cuts.
    """
    found: dict[str, list[tuple[float, float]]] = {"heads": [], "rules": [], "lead": []}
    rate = float(np.mean([np.mean([len(stems(s)) for s in short]) / max(len(stems(t)), 1) for t, short in rows]))
    for text, shorter in rows:
        tokens = tokenize(text)
        places = [i for i, t in enumerate(tokens) if t.is_word]
        if not places:
            continue
        keep = np.array(summarizer.scores([text])[0].keep)
        count = max(round(rate * len(places)), 1)
        best = set(sorted(places, key=lambda i: -keep[i])[:count])
        spans = compress(text, keep.tolist(), len(tokens)).spans
        ruled = {i for i in places if any(a <= tokens[i].start < b for a, b in spans)}
        gold = [{i for i, v in enumerate(keep_targets(text, [s])) if v == 1} for s in shorter]
        for name, chosen in (("heads", best), ("rules", ruled), ("lead", set(places[:count]))):
            f1 = float(np.mean([2 * len(chosen & g) / max(len(chosen) + len(g), 1) for g in gold]))
            found[name].append((f1, len(chosen) / len(places)))
    table: dict[str, Any] = {"n": len(found["heads"]), "reference_rate": rate}
    for name, pairs in found.items():
        f1s, rates = zip(*pairs, strict=True)
        table[name] = {"f1": float(np.mean(f1s)), "interval": interval(f1s), "rate": float(np.mean(rates))}
    return table


def quick_figures(summarizer: Summarizer, data: Path, n_blogs: int) -> Mapping[str, Any]:
    """What goes into the manifest: held-out news pairs; digests of the first blogs of each validation part."""
    _, held_out = news_split(data)
    valid = data / "liveblogs"
    figures: dict[str, Any] = {"words, news pairs held out": words(summarizer, [(t, [s]) for t, s in held_out])}
    for name, path, headlines in (
        ("digest from sentences, BBC valid", valid / "bbc_valid.jsonl.gz", False),
        ("digest with headlines, BBC valid", valid / "bbc_valid.jsonl.gz", True),
        ("digest with headlines, Guardian valid", valid / "guardian_valid.jsonl.gz", True),
    ):
        found = digests(path, summarizer, headlines=headlines, limit=n_blogs)
        figures[name] = mean_rouge([r.recall for r in found])
    return figures
