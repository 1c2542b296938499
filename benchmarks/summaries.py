"""Lines and digests beside what one would do without a model, on live blogs with their journalists' own summaries.

``python -m benchmarks.summaries [--data-dir DIR] [--blogs N] [--updates N] [--model DIR] [--only PART]``. ROUGE on
Porter-stemmed words; a digest is cut to as many words as its reference has and its recall is reported, a line is cut to
its headline's words and its F1 is reported. In brackets: bootstrap 95 % intervals of the mean over blogs or updates.

The published baselines of the same test set (``bbc_baselines_per_blog.txt``) were measured by ROUGE-1.5.5 on body
text; ours are measured here, with one stemmer for all. The ablations are the same model with one part left out.
"""

import argparse
import dataclasses
import json
import os
import time
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path

import numpy as np
from tqdm import tqdm

import standfirst
from benchmarks.lexrank import lexrank
from standfirst.cache import Cache
from standfirst.digest.features import KINDS
from standfirst.english.sentences import Sentence, sentences
from standfirst.reader import MODELS
from standfirst.schema import Paragraph, Update
from standfirst.summarize import Summarizer
from standfirst.summarize.heads import Boosted
from standfirst.summarize.lines import Short
from standfirst.summarize.reading import Floats
from training.commands.places import data_dir
from training.summary import evaluate
from training.summary.blogs import RawBlog, as_blog, read_raw
from training.summary.examples import news_split
from training.summary.rouge import Rouge, f1_of_stems, rouge, stems

_NEAR = 0.7
PARTS = ("digests", "lines", "words", "time")
_CACHE_BYTES = 2**30  # the rows of one table read the same sentences


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print one table per part."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.summaries", description=__doc__)
    parser.add_argument("--data-dir", help="folder with liveblogs/ and compression/ (default: that of training)")
    parser.add_argument("--blogs", type=int, default=200, metavar="N", help="blogs of each set (default 200)")
    parser.add_argument("--updates", type=int, default=1000, metavar="N", help="updates of each source (default 1000)")
    parser.add_argument("--model", type=Path, default=MODELS / "summary", help="summary model (default: shipped)")
    parser.add_argument("--only", choices=PARTS, action="append", help="measure these parts alone")
    args = parser.parse_args(argv)
    data = data_dir(args.data_dir)
    if data is None:
        parser.error("there is no data folder; bring it with python -m training fetch, or name it with --data-dir")
    summarizer = Summarizer.load(args.model, threads=0, cache=Cache(_CACHE_BYTES))
    print(f"{summarizer.version}; {args.blogs} blogs, {args.updates} updates of each source, {os.cpu_count()} cores\n")
    for part in args.only or PARTS:
        {"digests": digests, "lines": lines, "words": words, "time": timing}[part](data, summarizer, args)
    return 0


def show(title: str, measure: str, rows: Iterator[tuple[str, list[Rouge]]]) -> None:
    """One Markdown table of ROUGE values, printed row by row."""
    print(f"**{title}** ({measure})\n\n| | n | R1 | R2 | RL |\n|---|---|---|---|---|", flush=True)
    for name, values in rows:
        table = np.array([getattr(v, measure) for v in values])
        spans = [evaluate.interval(column.tolist()) for column in table.T]
        means = table.mean(0)
        cells = " | ".join(f"{m:.3f} [{a:.3f}, {b:.3f}]" for m, (a, b) in zip(means, spans, strict=True))
        print(f"| {name} | {len(table)} | {cells} |", flush=True)
    print()


def digests(data: Path, summarizer: Summarizer, args: argparse.Namespace) -> None:
    """Digests against the journalists' bullets, with and without the updates' headlines."""
    for title, name, headlines in (
        ("Digest from body sentences, BBC test", "bbc_test", False),
        ("Digest with headlines, BBC test", "bbc_test", True),
        ("Choosing key updates, Guardian valid", "guardian_valid", True),
    ):
        path = data / "liveblogs" / f"{name}.jsonl.gz"
        blogs = [b for b in islice(read_raw(path), args.blogs) if b.bullets and b.updates]
        rows = _digest_rows(blogs, summarizer, headlines=headlines)
        show(title, "recall", rows)


def _digest_rows(
    blogs: Sequence[RawBlog], summarizer: Summarizer, *, headlines: bool
) -> Iterator[tuple[str, list[Rouge]]]:
    def measured(make: Callable[[RawBlog], str]) -> list[Rouge]:
        return [rouge(make(b), " ".join(b.bullets), cut=True) for b in tqdm(blogs, desc="blogs", leave=False)]

    yield "standfirst", measured(lambda b: evaluate.digest_text(b, summarizer, headlines=headlines))
    if not headlines:
        yield "- without compression", measured(lambda b: evaluate.digest_text(b, whole(summarizer), headlines=False))
    yield (
        "- without the blog-level score",
        measured(lambda b: evaluate.digest_text(b, unscored(summarizer), headlines=headlines)),
    )
    yield "title likeness", measured(lambda b: _by_likeness(b, summarizer, headlines=headlines))
    yield "LexRank", measured(lambda b: _ranked(b, headlines=headlines))
    yield "random lines", measured(lambda b: _random(b, headlines=headlines))
    yield "best lines (greedy oracle)", measured(lambda b: _oracle(b, headlines=headlines))
    yield "newest lines", measured(lambda b: " ".join(_lines(b, headlines=headlines)))
    if headlines:
        yield "newest headlines", measured(lambda b: " ".join(u.headline for u in b.updates if u.title))
    yield "oldest lines", measured(lambda b: " ".join(_lines(b, headlines=headlines)[::-1]))


def _lines(blog: RawBlog, *, headlines: bool) -> list[str]:
    """A headline, or else a first sentence, per update."""
    made = [(u.headline if headlines else "") or next(iter(u.sentences), "") for u in blog.updates]
    return [line for line in made if line]


def _offered(blog: RawBlog, *, headlines: bool) -> list[str]:
    """All that a digest may be made of: every sentence, or each update's headline, or its sentences without one."""
    found = [[u.headline] if headlines and u.title else list(u.sentences) for u in blog.updates]
    return list(dict.fromkeys(text for texts in found for text in texts))


def _ranked(blog: RawBlog, *, headlines: bool) -> str:
    """The most central first; one that is nearly said already is left out, as in LexRank's own system."""
    found = _offered(blog, headlines=headlines)
    chosen: list[str] = []
    n_words = sum(len(b.split()) for b in blog.bullets)
    for i in np.argsort(-lexrank(found), kind="stable"):
        words = stems(found[i])
        if any(f1_of_stems(words, stems(c)) > _NEAR for c in chosen):
            continue
        chosen.append(found[i])
        if sum(len(c.split()) for c in chosen) > n_words + 30:
            break
    return " ".join(chosen)


def _random(blog: RawBlog, *, headlines: bool) -> str:
    found = _offered(blog, headlines=headlines)
    rng = np.random.default_rng(zlib.crc32(blog.id.encode()))
    return " ".join(found[i] for i in rng.permutation(len(found)))


def _oracle(blog: RawBlog, *, headlines: bool) -> str:
    """Lines taken one by one, each the one that covers most of the bullets' words that are left, per word."""
    left = Counter(stems(" ".join(blog.bullets)))
    room = left.total()
    offered = {text: words for text in _offered(blog, headlines=headlines) if (words := Counter(stems(text)))}
    chosen: list[str] = []
    while offered and room > 0 and left.total():
        best = max(offered, key=lambda t: (offered[t] & left).total() / offered[t].total())
        words = offered.pop(best)
        left -= words
        room -= words.total()
        chosen.append(best)
    return " ".join(chosen)


def _by_likeness(blog: RawBlog, summarizer: Summarizer, *, headlines: bool) -> str:
    found = _lines(blog, headlines=headlines)
    near = summarizer.embed(found) @ summarizer.embed([blog.title])[0]
    return " ".join(found[i] for i in np.argsort(-near, kind="stable"))


class _Changed(Summarizer):
    """A summariser that shares another's encoder."""

    def __init__(self, other: Summarizer) -> None:
        self.__dict__.update(other.__dict__)


def unscored(summarizer: Summarizer) -> Summarizer:
    """The same without the blog-level score: what the heads say of each line decides alone."""
    made = _Changed(summarizer)
    assert summarizer.heads is not None
    made.heads = dataclasses.replace(summarizer.heads, blog=dict.fromkeys(KINDS, _ByNews()))
    return made


def unchosen(summarizer: Summarizer) -> Summarizer:
    """The same without the trees that may overrule the line head."""
    made = _Changed(summarizer)
    assert summarizer.heads is not None
    made.heads = dataclasses.replace(summarizer.heads, choice=None)
    return made


class _ByNews(Boosted):
    """No trees: what the heads say of a line is its score."""

    def __init__(self) -> None:
        super().__init__((), 0.0, np.zeros((0, 1), int), np.zeros((0, 1)), np.zeros((0, 2)))

    def logits(self, columns: Mapping[str, Floats]) -> Floats:
        return columns["news"]


def whole(summarizer: Summarizer) -> Summarizer:
    """The same with every sentence left whole."""

    class Whole(_Changed):
        def shorten(self, sentence: Sentence, *_: object, **__: object) -> Short:  # type: ignore[override]
            return Short(sentence, ((0, len(sentence.text)),))

    return Whole(summarizer)


def lines(data: Path, summarizer: Summarizer, args: argparse.Namespace) -> None:
    """Each update's line against its headline, which is not shown."""
    for source in ("bbc", "guardian"):
        path = data / "liveblogs" / f"{source}_valid.jsonl.gz"
        rows = list(evaluate.headlined(path, args.updates, 7))
        show(f"Line against headline, {source} valid", "f1", _line_rows(rows, summarizer))


def _line_rows(
    rows: Sequence[tuple[str, tuple[str, ...]]], summarizer: Summarizer
) -> Iterator[tuple[str, list[Rouge]]]:
    def measured(make: Callable[[str, tuple[str, ...]], str]) -> list[Rouge]:
        return [rouge(make(h, s), h, cut=True) for h, s in tqdm(rows, desc="updates", leave=False)]

    rng = np.random.default_rng(7)
    yield "standfirst", measured(lambda _, s: made_line(summarizer, s))
    yield "- without the trees that choose", measured(lambda _, s: made_line(unchosen(summarizer), s))
    yield "- without compression", measured(lambda _, s: made_line(whole(summarizer), s))
    yield "- without constraints (not faithful)", measured(lambda h, s: unbound_line(summarizer, s, len(h.split())))
    yield "lead sentence, cut", measured(lambda _, s: s[0])
    yield "most central sentence, cut", measured(lambda _, s: _central(summarizer, s))
    yield "LexRank, cut", measured(lambda _, s: s[int(lexrank(s).argmax())])
    yield "random sentence, cut", measured(lambda _, s: str(rng.choice(list(s))))
    yield "best single sentence (oracle), cut", measured(lambda h, s: max(s, key=lambda t: rouge(t, h, cut=True).f1[2]))


def made_line(summarizer: Summarizer, texts: Sequence[str]) -> str:
    """The served line of an update without its headline."""
    text = " ".join(texts)
    update = Update("u", None, (Paragraph("p", text, "text", 0, len(text)),))
    line = summarizer.standfirst(update)
    return line.text if line else texts[0]


def unbound_line(summarizer: Summarizer, texts: Sequence[str], max_words: int) -> str:
    """The best words of the best sentence by the heads alone: what the rules are there to prevent."""
    from standfirst.english.view import tokenize

    scores = summarizer.scores(texts)
    best = max(range(len(texts)), key=lambda i: scores[i].line)
    tokens = tokenize(texts[best])
    places = [i for i, t in enumerate(tokens) if t.is_word]
    kept = sorted(sorted(places, key=lambda i: -scores[best].keep[i])[:max_words])
    return " ".join(tokens[i].text for i in kept)


def _central(summarizer: Summarizer, texts: Sequence[str]) -> str:
    vectors = summarizer.embed(list(texts))
    return texts[int((vectors @ vectors.T).sum(1).argmax())]


def words(data: Path, summarizer: Summarizer, _: argparse.Namespace) -> None:
    """Words kept against reference compressions."""
    broadcast = [json.loads(row) for row in (data / "compression" / "broadcast.jsonl").open(encoding="utf-8")]
    sets = {
        "news pairs, held out": [(t, [s]) for t, s in news_split(data)[1]],
        "broadcast, mean of 3": [(r["text"], r["compressions"]) for r in broadcast if len(r["text"].split()) > 3],
    }
    print("**Words kept** (token F1, share kept)\n")
    print("| | n | references keep | by the heads | under the rules | lead words |")
    print("|---|---|---|---|---|---|")
    for name, rows in sets.items():
        f = evaluate.words(summarizer, rows)
        cells = " | ".join(f"{f[w]['f1']:.3f} ({f[w]['rate']:.2f})" for w in ("heads", "rules", "lead"))
        print(f"| {name} | {f['n']} | {f['reference_rate']:.2f} | {cells} |", flush=True)
    print()


def timing(data: Path, summarizer: Summarizer, _: argparse.Namespace) -> None:
    """Time per update and per blog of 60 updates, beside the topic model on the same paragraphs."""
    raw = next(b for b in read_raw(data / "liveblogs" / "guardian_valid.jsonl.gz") if len(b.updates) >= 60)
    raw = RawBlog(raw.id, raw.title, raw.bullets, raw.updates[:60])
    reader = standfirst.load(cache_bytes=0)
    blog = as_blog(raw, headlines=False)
    texts = [p.text for u in blog.updates for p in u.paragraphs]
    label = _best(lambda: reader.label(texts))
    bare = Summarizer(summarizer._pieces, summarizer._encoder, summarizer.version, heads=summarizer.heads)
    line = _best(lambda: [bare.standfirst(u) for u in blog.updates])
    digest = _best(lambda: evaluate.digest_text(raw, bare, headlines=False))
    print("**Time**, 60 updates, best of 3\n\n| | ms | of the topic model's |\n|---|---|---|")
    for name, value in (("topics", label), ("a line per update", line), ("digest, nothing cached", digest)):
        print(f"| {name} | {value * 1000:.0f} | {value / label:.2f} |")
    n_sentences = sum(len(sentences(p)) for u in blog.updates for p in u.paragraphs)
    print(f"\n{line / 60 * 1000:.1f} ms per update of {n_sentences / 60:.0f} sentences\n")


def _best(work: Callable[[], object]) -> float:
    times = []
    for _ in range(3):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return min(times)


if __name__ == "__main__":
    raise SystemExit(main())
