"""What a text claims, as far as it can be read off its words: quantities, names, quotations, speakers, clauses.

It is read the same way in a written line and in its source; ``standfirst.summarize.guard`` compares the two.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from standfirst.english import groups as g
from standfirst.english import words as w
from standfirst.english.quantities import Numbers
from standfirst.english.view import Token, is_limiting, tokenize

_CLAUSE_MARKS = frozenset(",;:–—.!?()[]…") | {"...", ".."}
_CLAUSE_WORDS = frozenset({"but", "while", "whereas", "as", "after", "before", "because", "although", "though", "amid"})
_QUOTED = re.compile(r"“([^“”]*)”|\"([^\"]*)\"|«([^«»]*)»|(?<!\w)[‘']([^‘’']*(?:\w[’']\w[^‘’']*)*)[’'](?!\w)")
_FURTHER = w.set_of("more further additional")
_REACH = 4


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number as it is meant: its value, its unit, what makes it inexact, and the roots of what it counts.

    ``approximation`` also tells "two more boats" from "two boats".
    """

    text: str
    value: float | str
    unit: str | None
    approximation: str | None
    after: tuple[str, ...]
    before: tuple[str, ...]


class Reading:
    """A sentence (or a line) with what it claims, worked out once."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens: Sequence[Token] = tokenize(text)
        self.low = [t.low for t in self.tokens]
        self.roots = [g.root(low) for low in self.low]
        self.n = len(self.tokens)
        self.numbers = Numbers(self.tokens)
        self.cased = any(c.isupper() for c in text)

    @cached_property
    def content(self) -> list[bool]:
        """Which tokens are words with content: neither grammar nor marks."""
        return [t.is_word and low not in g.COMMON for t, low in zip(self.tokens, self.low, strict=True)]

    @cached_property
    def content_roots(self) -> frozenset[str]:
        """The roots of the words with content; of "rebel-held" also those of its parts."""
        found = {r for r, c in zip(self.roots, self.content, strict=True) if c}
        return frozenset(found | {g.root(part) for low in self.low if "-" in low for part in low.split("-") if part})

    @cached_property
    def clause(self) -> list[int]:
        """The number of the clause that each token is in; marks and a few conjunctions part them."""
        number, found = 0, []
        for i, low in enumerate(self.low):
            number += low in _CLAUSE_MARKS or low in _CLAUSE_WORDS or (low == "and" and self._verb_behind(i))
            found.append(number)
        return found

    def _verb_behind(self, i: int) -> bool:
        """Whether a clause goes on behind "and": its next word or the one behind that is a verb."""
        return any(w.is_verb(self.tokens[k].text, self.low[k]) for k in range(i + 1, min(i + 3, self.n)))

    def has(self, words: frozenset[str], skip: Sequence[bool] = ()) -> bool:
        """Whether a word of a class stands in it, tokens of ``skip`` apart."""
        return any(self.is_a(i, words) for i in range(self.n) if not (skip and skip[i]))

    def is_a(self, i: int, words: frozenset[str]) -> bool:
        """Whether a token, or a part of one with hyphens or "n't", is of a class."""
        low = self.low[i]
        if low in words or low.removesuffix("'s") in words:
            return True
        if low.endswith("n't") and "n't" in words:
            return True
        return "-" in low and any(part in words for part in low.split("-"))

    def next_content(self, i: int, count: int = 1, *, within: bool = True) -> list[int]:
        """The next ``count`` words with content, within the clause."""
        at = bisect_right(self._places, i)
        return [k for k in self._places[at : at + count] if not within or self.clause[k] == self.clause[i]]

    def last_content(self, i: int, count: int = 1) -> list[int]:
        """The ``count`` words with content before a place, nearest first, within the clause."""
        at = bisect_left(self._places, i)
        return [k for k in self._places[max(at - count, 0) : at][::-1] if self.clause[k] == self.clause[i]]

    @cached_property
    def _places(self) -> list[int]:
        """Where the words with content stand."""
        return [k for k, holds in enumerate(self.content) if holds]

    @cached_property
    def names(self) -> list[int]:
        """Tokens with a capital letter: names, acronyms; the first word of a sentence may be none.

        "WHO" and "IT" are names in a text with small letters.
        """
        small = any(c.islower() for c in self.text)
        return [
            i
            for i, t in enumerate(self.tokens)
            if any(c.isupper() for c in t.text)
            and (may_be_name(t) or (small and len(t.text) > 1 and t.text.isalpha() and t.text.isupper()))
        ]

    @cached_property
    def quotations(self) -> list[tuple[int, int, str]]:
        """(start, end, words) of what stands between quotation marks."""
        return [
            (m.start(), m.end(), next(part for part in m.groups() if part is not None))
            for m in _QUOTED.finditer(self.text)
        ]

    @cached_property
    def limits(self) -> list[tuple[int, frozenset[str]]]:
        """Words like "only", "all" and "the largest", each with those that mean the same."""
        found = []
        for i, low in enumerate(self.low):
            group = next((words for words in g.LIMIT_GROUPS if low in words), None)
            if group is None and low.endswith("est") and is_limiting(self.tokens[i]):
                group = frozenset({low})
            if low in ("most", "last") and self.low[i - 1 : i] == ["at"]:
                group = None
            if group is not None:
                found.append((i, group))
        return found

    @cached_property
    def quantities(self) -> list[Quantity]:
        """Every number, in order."""
        return list(self._quantities())

    def _quantities(self) -> Iterator[Quantity]:
        i = 0
        while i < self.n:
            number = self.numbers.at(i)
            if number is None:
                i += 1
                continue
            end = number.end
            text = self.text[self.tokens[i].start : self.tokens[end - 1].end]
            inexact = self._approximation(i)
            if self._comes_on_top(i, end):
                inexact = f"{inexact or 'exactly'} more"
            yield Quantity(text, number.value, number.unit, inexact, self._counted(end), self._counted_before(i))
            i = end

    def _comes_on_top(self, i: int, end: int) -> bool:
        """Whether a number adds to one that was told before: "two more boats", "another two boats"."""
        behind, before = self.low[end : end + 1], self.low[max(i - 1, 0) : i]
        return not _FURTHER.isdisjoint(behind) or not {"another", "further", "additional"}.isdisjoint(before)

    def _approximation(self, i: int) -> str | None:
        """What makes the number at ``i`` inexact: "at least", "up to", "about"."""
        while i and self.low[i - 1] in ("a", "an", "the"):
            i -= 1
        before = self.low[max(i - 2, 0) : i]
        if before[-1:] == ["than"]:
            return {"more": "over", "greater": "over", "fewer": "under", "less": "under"}.get(before[0])
        if before == ["up", "to"]:
            return "most"
        return next((kind for kind, words in g.APPROXIMATIONS.items() if {*before[-1:]} & words - {"up"}), None)

    def _counted(self, i: int) -> tuple[str, ...]:
        found: list[str] = []
        for k in range(i, self.n):
            if len(found) == _REACH or self.clause[k] != self.clause[i - 1] or self.numbers.alone_at(k) is not None:
                break
            if self.content[k] and self.low[k] not in g.EVERYONE:
                found.append(self.roots[k])
        return tuple(found)

    def _counted_before(self, i: int) -> tuple[str, ...]:
        found: list[str] = []
        for k in range(i - 1, -1, -1):
            stops = self.low[k] in _CLAUSE_MARKS or self.low[k] in w.CONJUNCTIONS
            if len(found) == _REACH - 1 or stops or self.numbers.alone_at(k) is not None:
                break
            if self.content[k] and not self._inexact(k):
                found.append(self.roots[k])
        return tuple(found)

    def _inexact(self, i: int) -> bool:
        return any(self.low[i] in words for words in g.APPROXIMATIONS.values())

    @cached_property
    def speakers(self) -> list[frozenset[str]]:
        """For each verb of speech the roots of who speaks, as far as that can be seen; maybe none of them."""
        found = [frozenset(self.roots[k] for k in self._speaker(i)) for i in range(self.n) if self._speaks(i)]
        colon = next((i for i, low in enumerate(self.low[:5]) if low == ":"), None)
        if colon and colon < self.n - 1:
            found.append(frozenset(self.roots[k] for k in range(colon) if self.content[k]))
        dash = next((i for i in range(self.n - 1, max(self.n - 5, 0), -1) if self.low[i] in "–—-"), None)
        if dash and self.tokens[dash].opens and dash < self.n - 1:
            found.append(frozenset(self.roots[k] for k in range(dash + 1, self.n) if self.content[k]))
        return found

    @property
    def attributes(self) -> bool:
        """Whether it says who says it: by a verb of speech, or as "Ministry: ..." and "... – ministry"."""
        return self.has(g.ATTRIBUTIONS) or bool(self.speakers)

    def _speaks(self, i: int) -> bool:
        low = self.low[i]
        return low in g.SPEECH_VERBS or (low == "per" and self.low[i + 1 : i + 2] not in (["cent"], ["person"]))

    def _speaker(self, i: int) -> list[int]:
        if self.low[i] in ("according", "per", "via", "citing"):
            return self._phrase(i + 1)
        inverted = i > 0 and self.low[i - 1] in (",", "”", '"', "’", "'", "»")
        follows = self.tokens[i + 1] if i + 1 < self.n else None
        if inverted and follows and follows.low not in ("that", "it", ":", ",") and not self.last_content(i, 1):
            phrase = self._phrase(i + 1)
            if phrase:
                return phrase
        return self._phrase_before(i)

    def _phrase(self, i: int) -> list[int]:
        """The words with content of the noun phrase that begins here, up to a mark or a verb."""
        found: list[int] = []
        for k in range(i, min(i + 8, self.n)):
            if self.low[k] in _CLAUSE_MARKS or (k > i + 1 and w.is_verb(self.tokens[k].text, self.low[k])):
                break
            if self.content[k]:
                found.append(k)
        return found

    def _phrase_before(self, i: int) -> list[int]:
        """The words with content of the subject in front of a verb; an aside between commas belongs to it."""
        found: list[int] = []
        commas = 0
        for k in range(i - 1, max(i - 16, -1), -1):
            low = self.low[k]
            if low == "," and commas < 2 and (commas or k == i - 1):
                commas += 1
                continue
            if low in _CLAUSE_MARKS or low in _CLAUSE_WORDS or low in ("that", "and", "who"):
                if low == "and" and found:
                    continue
                break
            if k < i - 1 and not commas and w.is_verb(self.tokens[k].text, low) and low not in w.AUXILIARIES:
                break
            if self.content[k]:
                found.append(k)
        return found


def may_be_name(token: Token) -> bool:
    """Whether a word with a capital may be a name: it is more than a common word at the head of a sentence."""
    return token.low not in g.COMMON and token.low not in w.NUMBERS


def plain(text: str) -> str:
    """Words in one line, with straight marks and without those at the ends, lower-cased: for comparing quotations."""
    text = text.replace("’", "'").replace("‘", "'").replace("“", '"').replace("”", '"')
    return " ".join(text.lower().split()).strip(" ,.;:!?…")
