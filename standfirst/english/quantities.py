"""The numbers of a sentence: what they come to as they are written, and which of them mean one thing together."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from standfirst.english import groups as g
from standfirst.english import words as w
from standfirst.english.view import Token

_NUMBER = re.compile(r"([£$€]?)(\d[\d,]*(?:\.\d+)?)(k|m|mn|bn|tn|million|billion|trillion)?(%?)(?:-(\w[\w-]*))?", re.I)
_SIZES = {"hundred": 1e2, "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12}
_SUFFIXES = {"k": 1e3, "m": 1e6, "mn": 1e6, "bn": 1e9, "tn": 1e12} | {k: v for k, v in _SIZES.items() if v > 1e3}
_ONES = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_SPELLED = {word: i for i, word in enumerate(_ONES)} | {word: 20 + 10 * i for i, word in enumerate(_TENS)}
_SPELLED |= {f"{ten}-{one}": _SPELLED[ten] + _SPELLED[one] for ten in _TENS for one in _ONES[1:10]}
_VAGUE = w.NUMBERS - _SPELLED.keys() - _SIZES.keys() - {"percent", "per", "cent", "many", "few", "both"}
_FRACTION = w.set_of("half third quarter fifth tenth")
_FRACTIONS = w.set_of("thirds quarters fifths tenths")
_PARTS = _FRACTION | _FRACTIONS | {"couple"}
_SOME = w.set_of("several few many couple half")
"""Before "hundred" and the like: "a few thousand"."""
_PLENTY = w.set_of("tens dozens hundreds thousands millions billions")
_JOINTS = {"to": "-", "–": "-", "and": "-", "or": " or ", "in": " in ", "out": " in "}
_MINUS = frozenset({"minus", "-", "–", "−"})


@dataclass(frozen=True, slots=True)
class Number:
    """The token at which a number ends (exclusive), its value and its unit.

    What is no one number ("16:30", "dozens", "5 to 10", "one in five", "half a million") has a text for its value: it
    equals itself alone.
    """

    end: int
    value: float | str
    unit: str | None = None

    @property
    def shown(self) -> str:
        """The value as a part of such a text."""
        return self.value if isinstance(self.value, str) else f"{self.value:.15g}"


class Numbers:
    """Reads the numbers of one sentence."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self.tokens = tokens
        self.low = [t.low for t in tokens]
        self.n = len(tokens)

    def at(self, i: int) -> Number | None:
        """The number that begins at a token, with its sign or another number where these mean one thing together."""
        if self._is_minus(i):
            below = self.alone_at(i + 1)
            return below and Number(below.end, f"-{below.shown}", below.unit)
        number = self.alone_at(i)
        if number and self._is_fraction(i, number.end):
            number = Number(number.end + 1, f"{number.shown} {self.low[number.end]}")
        joined = number and self._with_next(i, number)
        return joined or self._part_of(number or Number(i + 1, self.low[i])) or number

    def alone_at(self, i: int) -> Number | None:
        """The number that begins at a token, whatever stands beside it."""
        low = self.low[i]
        if any(c.isdigit() for c in low):
            return self._numeral_at(i)
        if low in _SPELLED:
            return self._sized(*self._spelled_on(i + 1, float(_SPELLED[low])), None)
        if low in _SIZES:
            return self._sized(*self._spelled_on(i, 1.0), None)
        first = low.split("-")[0]
        if first in _SPELLED:
            return self._compound_at(i)
        if first in _SIZES:  # million-pound
            return self._sized(i, 1.0, None)
        return Number(i + 1, g.root(low)) if low in _VAGUE else None

    def _word(self, i: int) -> str:
        return self.low[i] if i < self.n else ""

    def _numeral_at(self, i: int) -> Number:
        """The number of a word with digits; one that is no plain number (16:30, 2-1, F-16) is its own value."""
        match = _NUMBER.fullmatch(self.low[i])
        behind, *rest = (match[5] or "").split("-") if match else ("",)
        if match is None or behind[:1].isdigit():
            return Number(i + 1, self.low[i].removesuffix("'s"))
        value = float(match[2].replace(",", "")) * _SUFFIXES.get(match[3] or "", 1.0) * _SIZES.get(behind, 1.0)
        if behind in _SIZES and rest:
            behind = rest[0]
        unit = g.unit_of(behind) or match[1] or ("%" if match[4] else None)
        return self._sized(i + 1, value, unit)

    def _compound_at(self, i: int) -> Number:
        """The number that a word with hyphens begins with: twenty-five-year, five-million-pound, two-thirds."""
        first, *rest = self.low[i].split("-")
        value = float(_SPELLED[first])
        if rest[0] in _SPELLED:
            value, rest = value + _SPELLED[rest[0]], rest[1:]
        if rest and rest[0] in _FRACTION | _FRACTIONS:
            return Number(i + 1, f"{value:g} {rest[0]}")
        if rest and rest[0] in _JOINTS:  # one-in-five
            return Number(i + 1, self.low[i])
        while rest and rest[0] in _SIZES:
            value, rest = value * _SIZES[rest[0]], rest[1:]
        return self._sized(i + 1, value, g.unit_of(rest[0]) if rest else None)

    def _spelled_on(self, i: int, value: float) -> tuple[int, float]:
        """Take in the words that go on with a number: twenty five; two thousand three hundred and five."""
        total, room = 0.0, 10 if 20 <= value < 100 and value % 10 == 0 else 0  # a word for less than ``room`` is added
        while i < self.n:
            size = _SIZES.get(self.low[i])
            at = i + (self.low[i] == "and" and room == 100)
            more = _SPELLED.get(self._word(at), 0)
            if 0 < more < room:
                value, room, i = value + more, 10 if more >= 20 and more % 10 == 0 else 0, at + 1
            elif size is None:
                break
            elif size == 100:
                value, room, i = value * size, 100, i + 1
            else:
                total, value, room, i = total + value * size if value else total * size, 0.0, 100, i + 1
        return i, total + value

    def _sized(self, i: int, value: float, unit: str | None) -> Number:
        """Take in "and a half", "million" and a unit that follow."""
        if unit is None and self.low[i : i + 2] == ["and", "a"] and self._word(i + 2) in ("half", "quarter"):
            value += 0.5 if self.low[i + 2] == "half" else 0.25
            i += 3
        while (parts := self._word(i).split("-"))[0] in _SIZES:
            value *= _SIZES[parts[0]]
            i += 1
            if len(parts) > 1:  # five million-pound deals
                return Number(i, value, unit or g.unit_of(parts[1]))
        if unit is None and self.low[i : i + 2] == ["per", "cent"]:
            return Number(i + 2, value, "%")
        if unit is None and i < self.n and (found := g.unit_of(self.low[i])):
            return Number(i + 1, value, found)
        return Number(i, value, unit)

    def _is_minus(self, i: int) -> bool:
        """Whether a sign stands at ``i``: "minus 5", "-5C"."""
        if self.low[i] not in _MINUS or i + 1 == self.n:
            return False
        glued = i and self.tokens[i - 1].is_word and not self.tokens[i].opens
        return self.low[i] == "minus" or not (glued or self.tokens[i + 1].opens)

    def _is_fraction(self, i: int, end: int) -> bool:
        """Whether "thirds" stands behind a number, or "third" behind "one"."""
        return self._word(end) in _FRACTIONS or (self.low[i:end] == ["one"] and self._word(end) in _FRACTION)

    def _is_year(self, i: int) -> bool:
        return len(self.low[i]) == 4 and self.low[i].isdigit() and self.low[i][:2] in ("18", "19", "20")

    def _with_next(self, i: int, left: Number) -> Number | None:
        """A number with another behind it: "5 to 10", "5 or 10", "one in five", "two dozen"."""
        joint, behind = self._word(left.end), left.end + 1
        if joint == "dozen":
            return Number(behind, f"{left.shown} dozen")
        if joint == "out":
            behind += self._word(behind) == "of"
        right = self.alone_at(behind) if joint in _JOINTS and behind < self.n else None
        if right is None or not self._are_one(i, left, right, behind):
            return None
        return Number(right.end, f"{left.shown}{_JOINTS[joint]}{right.shown}", right.unit)

    def _are_one(self, i: int, left: Number, right: Number, behind: int) -> bool:
        """Whether two numbers, at ``i`` and ``behind``, are the ends of a range, or the parts of a share."""
        joint, mark = self.low[left.end], self.tokens[left.end]
        if {self.low[i], self.low[behind]} & _VAGUE or (left.unit and left.unit != right.unit):
            return False  # "to double to 10", "fell 3% to 250"
        if joint == "–":
            return not (mark.opens or self.tokens[behind].opens)
        if joint in ("to", "and"):  # a rise "from 5 to 10" has both
            before = self.low[max(i - 3, 0) : i]
            jailed = self._is_year(i) and not self._is_year(behind)  # "in 2019 to three years"
            return not ("from" in before or jailed) if joint == "to" else "between" in before
        if joint == "or":
            return True
        # "one in five", and not "two in 2019", "40 in three days"
        if isinstance(left.value, str) or isinstance(right.value, str) or right.unit or self._is_year(behind):
            return False
        return left.value < right.value

    def _part_of(self, left: Number) -> Number | None:
        """A number with the words in front that make another of it: "a quarter of a million", "several hundred"."""
        end = left.end
        last, behind = self.low[end - 1], end + (self._word(end) == "of")
        if last in _PARTS and (behind > end or last == "half"):
            behind += self._word(behind) in ("a", "an", "the")
        parts = last in _PARTS and behind > end
        some = last in _SOME and self._word(behind) in _SIZES
        plenty = last in _PLENTY and behind > end and self._word(behind) in _PLENTY  # not "hundreds of 16-year-olds"
        right = self.alone_at(behind) if (parts or some or plenty) and behind < self.n else None
        if right is None or self._is_year(behind):  # "the first half of 2019"
            return None
        return Number(right.end, f"{left.shown} of {right.shown}", right.unit)
