"""A sentence to a shorter one: the best set of permitted cuts, found exactly.

Every word has a score, above 0 if it deserves its place. What is left out is a set of cuts that do not overlap
(``faithful.cuts``); of all such sets that leave at most ``max_words`` words the one with the highest sum of kept
scores is taken, by dynamic programming over places and numbers of words kept. If no set is short enough, the shortest
is taken.

Only words that a reader hardly misses go by their scores alone (``_SPARE``). What says more of somebody or of what
followed goes only where the sentence is longer than ``max_words``: of 102 such cuts in lines that were short enough
readers wanted 84 undone, of 101 others 18 (training/LOG.md).
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from standfirst.english import words as w
from standfirst.english.view import Cut, Token, tokenize
from standfirst.summarize.faithful import cuts

_NEVER = float("-inf")
_SPARE = frozenset({"bracket", "connective", "leading", "post", "that", "time", "venue", "word"})
"""Kinds of cut that are made for their words' scores alone."""


@dataclass(frozen=True, slots=True)
class Compression:
    """What is kept of a sentence: character spans in order, how many words they have, and what was struck out."""

    spans: tuple[tuple[int, int], ...]
    n_words: int
    score: float
    struck: tuple[tuple[int, int], ...] = ()


def compress(sentence: str, scores: Sequence[float], max_words: int) -> Compression:
    """Shorten a sentence.

    ``scores`` has one entry per token of ``tokenize(sentence)``; marks count as words where white space stands before
    them, as they do for a reader that counts.

    >>> for limit in (9, 5):
    ...     found = compress("Oake, who leads it, has also left.", [1, 0, -1, -1, -1, 0, 1, -1, 1, 0], limit)
    ...     print(found.n_words, ["Oake, who leads it, has also left."[a:b] for a, b in found.spans])
    6 ['Oake, who leads it, has', 'left.']
    3 ['Oake', 'has', 'left.']
    """
    tokens = tokenize(sentence)
    if len(scores) != len(tokens):
        raise ValueError(f"{len(scores)} scores came for {len(tokens)} tokens")
    allowed = cuts(tokens)
    spare = [c for c in allowed if c.kind in _SPARE]
    found = _without(sentence, tokens, scores, best_cuts(tokens, scores, spare, max_words))
    if found.n_words > max_words and len(spare) < len(allowed):
        found = _without(sentence, tokens, scores, best_cuts(tokens, scores, allowed, max_words))
    return found


def _without(sentence: str, tokens: Sequence[Token], scores: Sequence[float], chosen: Sequence[Cut]) -> Compression:
    kept = _kept(tokens, chosen)
    while (joint := _broken_joint(tokens, kept)) is not None:
        chosen = [c for c in chosen if c.end != joint]
        kept = _kept(tokens, chosen)
    spans = _spans(tokens, kept)
    struck = tuple((tokens[c.start].start, tokens[c.end - 1].end) for c in chosen)
    n_words = len(joined([sentence[a:b] for a, b in spans]).split())
    return Compression(spans, n_words, sum(scores[i] for i in kept), struck)


def _kept(tokens: Sequence[Token], chosen: Sequence[Cut]) -> list[int]:
    return [i for i in range(len(tokens)) if not any(c.start <= i < c.end for c in chosen)]


def _broken_joint(tokens: Sequence[Token], kept: Sequence[int]) -> int | None:
    """Where two cuts, each of them permitted, left a comma or "is" in front of a closing mark; nowhere mostly."""
    joints = (b for a, b in itertools.pairwise(kept) if b > a + 1 and tokens[a].low in _ASKING)
    return next((b for b in joints if tokens[b].text in _CLOSING), None)


def joined(texts: Sequence[str]) -> str:
    """Pieces as one line: a space between two, but none before a closing mark; line breaks become spaces.

    >>> joined(["Crews left", ", the union said", "."])
    'Crews left, the union said.'
    """
    out = ""
    for text in texts:
        out += text if not out or text[:1] in _CLOSING else f" {text}"
    return " ".join(out.split())


_ASKING = w.AUXILIARIES | w.ARTICLES | w.PREPOSITIONS | {","}
_CLOSING = frozenset(".!?…,;:)]”’%")


def best_cuts(tokens: Sequence[Token], scores: Sequence[float], allowed: Sequence[Cut], max_words: int) -> list[Cut]:
    """The cuts to make: the best within ``max_words``, or, if none is short enough, those that leave fewest words."""
    n = len(tokens)
    from_place: list[list[Cut]] = [[] for _ in range(n)]
    for cut in allowed:
        from_place[cut.start].append(cut)
    # best[i][k]: the highest sum of tokens[i:] with k words kept, and the cut (or none) that begins it
    best: list[dict[int, tuple[float, Cut | None]]] = [{} for _ in range(n + 1)]
    best[n] = {0: (0.0, None)}
    for i in range(n - 1, -1, -1):
        cost = int(tokens[i].opens)
        options = {k + cost: (value + scores[i], None) for k, (value, _) in best[i + 1].items()}
        table: dict[int, tuple[float, Cut | None]] = dict(options)
        for cut in from_place[i]:
            for k, (value, _) in best[cut.end].items():
                if value > table.get(k, (_NEVER, None))[0]:
                    table[k] = (value, cut)
        best[i] = table
    fitting = {k: v for k, (v, _) in best[0].items() if k <= max_words}
    words = max(fitting, key=lambda k: (fitting[k], -k)) if fitting else min(best[0])
    return _trace(tokens, best, words)


def _trace(tokens: Sequence[Token], best: Sequence[dict[int, tuple[float, Cut | None]]], words: int) -> list[Cut]:
    chosen, i = [], 0
    while i < len(tokens):
        cut = best[i][words][1]
        if cut is None:
            words -= int(tokens[i].opens)
            i += 1
        else:
            chosen.append(cut)
            i = cut.end
    return chosen


def _spans(tokens: Sequence[Token], kept: Sequence[int]) -> tuple[tuple[int, int], ...]:
    """Runs of kept tokens as character spans."""
    runs: list[list[int]] = []
    for i in kept:
        if runs and runs[-1][1] == i - 1:
            runs[-1][1] = i
        else:
            runs.append([i, i])
    return tuple((tokens[a].start, tokens[b].end) for a, b in runs)
