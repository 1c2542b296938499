"""When a later sentence makes a better line than the one the line head likes best.

Boosted trees look at how the sentences are built and what the heads say of them (``choice_features``); they may
overrule the head only in favour of a sentence that reads as news by itself (``is_plain``); if its own does too, only
where they are sure.

A headline is short, so that the first words of a sentence count most: what stands there is looked at apart. Nothing
here needs another pass of the encoder, and nothing a language's capitals, which the training data do not have.
"""

import re
from collections import Counter
from collections.abc import Sequence

import numpy as np

from standfirst.english import words as w
from standfirst.english.sentences import is_post, leans_back
from standfirst.summarize.reading import Floats, Scores

_N_FIRST = 9
"""Words at the front that are looked at apart; the median headline of an update has 8."""
_MOST = 12
"""Places are counted up to here: of longer updates the training rows held no more."""
_LEAST_WORDS = 7
"""Shorter sentences are mostly remarks ("What an amazing man."), which a headline's few words come near by chance."""
_NO_COMMA = 30
_WORD = re.compile(r"[a-z0-9]+")
_GRAMMAR = w.ARTICLES | w.PREPOSITIONS | w.CONJUNCTIONS | w.AUXILIARIES | w.PRONOUNS | w.POINTERS
_MARKS = {
    "quoted": re.compile(r"[\"“‘]|^'"),
    "opens_quoted": re.compile(r"[\"“‘']"),
    "numbers": re.compile(r"\d"),
    "colon": re.compile(":"),
    "asks": re.compile(r"\?"),
    "exclaims": re.compile("!"),
    "we": re.compile(r"\b(?:i|we|our|my|us|me|i['’]m|we['’]re)\b", re.IGNORECASE),
    "you": re.compile(r"\b(?:you|your)\b", re.IGNORECASE),
}
_REMARKS = ("colon", "asks", "exclaims", "we", "you")
_END = re.compile(r"[.”\"’']\s*$")


def is_plain(text: str) -> bool:
    """Whether a sentence tells something by itself: whole, of some length, no talk between writer and reader.

    >>> [is_plain(t) for t in ("Crews left the port on Monday at noon.", "We left the port on Monday at noon.")]
    [True, False]
    >>> [is_plain(t) for t in ("He left the port on Monday at noon.", "Crews left.", "Thanks to all at the port of")]
    [False, False, False]
    """
    if leans_back(text) or is_post(text) or len(text.split()) < _LEAST_WORDS or not _END.search(text):
        return False
    return not any(_MARKS[name].search(text) for name in _REMARKS)


def choice_features(texts: Sequence[str], shorts: Sequence[str], read: Sequence[Scores]) -> dict[str, Floats]:
    """The features of the N sentences of one update, name -> (N,).

    ``shorts`` are the sentences as they would be shown, ``read`` what the heads say of each. ``..._first`` looks at the
    first words alone; ``..._here`` is the value less the highest in the update, ``..._mean`` less the mean; ``shared``
    is the share of a sentence's first words that other sentences have too, ``keep_...`` the mean keep logit of its
    first tokens.
    """
    n = len(texts)
    place = np.arange(n)
    stems = [_WORD.findall(text.lower()) for text in shorts]
    fronts = [" ".join(text.split()[:_N_FIRST]) for text in shorts]
    length = np.array([len(text.split()) for text in shorts], dtype=float)
    columns = {
        "line": np.array([s.line for s in read]),
        "news": np.array([s.news for s in read]),
        **{f"keep_{k}": np.array([_mean(s.keep[:k]) for s in read]) for k in (5, 9, 15)},
        "keep": np.array([_mean(s.keep) for s in read]),
        "keep_best": np.array([_mean(sorted(s.keep)[-_N_FIRST:]) for s in read]),
        "place": np.minimum(place, _MOST - 1),
        "after": np.minimum(n, _MOST) - 1 - np.minimum(place, _MOST - 1),
        "among": np.full(n, min(n, _MOST)),
        "words": length,
        "leans": np.array([leans_back(text) for text in texts]),
        **{name: np.array([bool(mark.search(text)) for text in shorts]) for name, mark in _MARKS.items()},
        "opens_quoted": np.array([bool(_MARKS["opens_quoted"].match(text)) for text in shorts]),
        "numbers_first": np.array([bool(_MARKS["numbers"].search(front)) for front in fronts]),
        "we_first": np.array([bool(_MARKS["we"].search(front)) for front in fronts]),
        "says": np.array([not w.SPEECH.isdisjoint(own) for own in stems]),
        "says_first": np.array([not w.SPEECH.isdisjoint(own[:_N_FIRST]) for own in stems]),
        "small_first": np.array([_mean([word in _GRAMMAR for word in own[:_N_FIRST]]) for own in stems]),
        "opens_small": np.array([bool(own) and own[0] in _GRAMMAR for own in stems]),
        "opens_when": np.array([bool(own) and own[0] in w.PREPOSITIONS | w.CLAUSES | w.CONDITIONS for own in stems]),
        "letters_first": np.array([_mean([len(word) for word in own[:_N_FIRST]]) for own in stems]),
        "before_comma": np.array([len(t.split(",")[0].split()) if "," in t else _NO_COMMA for t in shorts]),
        **_shared(stems),
    }
    columns |= {f"{name}_here": columns[name] - columns[name].max() for name in ("line", "news", "keep", "keep_9")}
    columns |= {f"{name}_mean": columns[name] - columns[name].mean() for name in ("news", "words")}
    return {name: np.asarray(values, dtype=float) for name, values in columns.items()}


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values)) if len(values) else 0.0


def _shared(stems: Sequence[Sequence[str]]) -> dict[str, Floats]:
    """Of each sentence's first words that tell something: how many another has, and how many others have each."""
    told = [frozenset(own) - _GRAMMAR for own in stems]
    fronts = [[word for word in own[:_N_FIRST] if word not in _GRAMMAR] for own in stems]
    holders = Counter(word for own in told for word in own)
    others = [[holders[word] - 1 for word in front] for front in fronts]
    return {
        "shared": np.array([_mean([n > 0 for n in counts]) for counts in others]),
        "shared_by": np.array([_mean(counts) / max(len(stems) - 1, 1) for counts in others]),
    }
