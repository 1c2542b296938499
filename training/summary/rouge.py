"""ROUGE-1, -2 and -L on Porter-stemmed words; words are runs of letters and digits, lower-cased.

References
----------
Lin 2004, "ROUGE: A Package for Automatic Evaluation of Summaries", sections 2 and 3. ROUGE-L is counted on the whole
text as one sequence. ROUGE-1.5.5 leaves words of three letters and less unstemmed, as does this.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import snowballstemmer

_WORD = re.compile(r"[a-z0-9]+")
_stemmer = snowballstemmer.stemmer("porter")


@lru_cache(maxsize=200_000)
def stem(word: str) -> str:
    """The Porter stem of a lower-cased word of more than three letters."""
    return str(_stemmer.stemWord(word)) if len(word) > 3 else word


def stems(text: str, limit: int | None = None) -> list[str]:
    """The stemmed words of a text, the first ``limit`` of them."""
    return [stem(word) for word in _WORD.findall(text.lower())[:limit]]


@dataclass(frozen=True, slots=True)
class Rouge:
    """Recall and F1 of one text against one reference."""

    recall: tuple[float, float, float]
    f1: tuple[float, float, float]


def rouge(text: str, reference: str, *, cut: bool = False) -> Rouge:
    """R-1, R-2 and R-L, each in [0, 1]; with ``cut`` the text is cut to as many words as the reference has.

    >>> rouge("the ports closed", "a port closed today").recall
    (0.5, 0.3333333333333333, 0.5)
    """
    wanted = stems(reference)
    found = stems(text, len(wanted) if cut else None)
    pairs = [_overlap(found, wanted, 1), _overlap(found, wanted, 2), (_lcs(found, wanted), len(found), len(wanted))]
    recall = tuple(hit / max(of, 1) for hit, _, of in pairs)
    f1 = tuple(2 * hit / max(a + b, 1) for hit, a, b in pairs)
    return Rouge(recall, f1)  # type: ignore[arg-type]


def _overlap(found: Sequence[str], wanted: Sequence[str], n: int) -> tuple[int, int, int]:
    a, b = (Counter(zip(*(words[i:] for i in range(n)), strict=False)) for words in (found, wanted))
    return sum((a & b).values()), a.total(), b.total()


def _lcs(a: Sequence[str], b: Sequence[str]) -> int:
    """Length of the longest common subsequence."""
    row = [0] * (len(b) + 1)
    for word in a:
        before = 0
        for j, other in enumerate(b, 1):
            before, row[j] = row[j], before + 1 if word == other else max(row[j], row[j - 1])
    return row[-1]


def f1_of_stems(a: Sequence[str], b: Sequence[str]) -> float:
    """Unigram F1 of two lists of stems."""
    return 2 * sum((Counter(a) & Counter(b)).values()) / max(len(a) + len(b), 1)
