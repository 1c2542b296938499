"""A sentence as the rules see it: its words and marks, what is guarded, and where quotations and attributions stand."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from standfirst.english import words as w

_TOKEN = re.compile(r"(?:[^\W\d_]\.){2,}|[£$€#@]?\w+(?:[-’'./,:&]\w+)*%?|\.{2,}|[^\w\s]")
_OPEN_QUOTES = {"“": "”", "«": "»", "„": "“", "‘": "’"}
_FINAL = frozenset(".!?…")
_LONGEST_TAIL = 8
_GUARDED = (w.NEGATIONS, w.HEDGES, w.CONDITIONS, w.FRAMES, w.SPEECH, w.NUMBERS, w.LIMITS)
_NEWS = w.NEGATIONS | w.HEDGES | w.CONDITIONS | w.FRAMES | w.SPEECH | w.REVERSALS
"""What makes a clause say more than who somebody is: it sets the sentence right, doubts it, or has another speaker."""


@dataclass(frozen=True, slots=True)
class Token:
    """A word or a mark of a sentence: ``sentence[start:end] == text``; ``opens`` if white space stands before it.

    ``low`` is the text lower-cased, with straight apostrophes.
    """

    text: str
    start: int
    end: int
    opens: bool
    low: str

    @property
    def is_word(self) -> bool:
        """Whether it is no mark."""
        return any(c.isalnum() for c in self.text)


@dataclass(frozen=True, slots=True)
class Cut:
    """Tokens ``start`` to ``end`` (exclusive) that may be left out together.

    ``clause`` says that they are a clause of their own, which may take guarded words with it; ``narrows`` that what
    is left says something more general than before, ``loose`` that this matters only where the sentence denies or asks:
    what stands behind a comma counts nothing out.
    """

    start: int
    end: int
    kind: str
    clause: bool = False
    narrows: bool = True
    loose: bool = False


def tokenize(sentence: str) -> list[Token]:
    """Words and marks of a sentence, in order; every character that is no white space is in one of them.

    >>> [t.text for t in tokenize("Mr Oake, 45, said: “No.”")]
    ['Mr', 'Oake', ',', '45', ',', 'said', ':', '“', 'No', '.', '”']
    """
    found, last = [], 0
    for match in _TOKEN.finditer(sentence):
        text, (start, end) = match[0], match.span()
        found.append(Token(text, start, end, start > last or not start, text.lower().replace("’", "'")))
        last = end
    return found


def _is_guarded_alone(low: str) -> bool:
    """Whether a word is guarded, whatever it limits."""
    if any(c.isdigit() for c in low):
        return True
    parts = {*_forms(low), *low.split("-")}
    return w.any_of(parts, *_GUARDED)


def is_limiting(token: Token) -> bool:
    """Whether a word forbids that what narrows its sentence is left out."""
    low = token.low
    if low.endswith("n't") or (low.endswith("est") and len(low) > 4 and low not in w.SUPERLATIVE_LIKE):
        return True
    return low == "?" or w.any_of(_forms(low), w.NEGATIONS, w.CONDITIONS, w.LIMITS)


def is_denying(token: Token) -> bool:
    """Whether a word makes its sentence deny, ask or depend on something."""
    low = token.low
    return low.endswith("n't") or low == "?" or w.any_of(_forms(low), w.NEGATIONS, w.CONDITIONS)


def _forms(low: str) -> tuple[str, ...]:
    """A word and what it is made of: "nobody's" is "nobody", "and/or" is both."""
    return (low, low.removesuffix("'s"), *low.split("/"))


class View:
    """One sentence with what the rules ask about it, worked out once.

    Up to ``sure`` it is told where quotations end; behind it nothing is cut.
    """

    def __init__(self, tokens: Sequence[Token]) -> None:
        self.tokens = tokens
        self.low = [t.low for t in tokens]
        self.n = len(tokens)
        self.cased = any(t.text[:1].isupper() for t in tokens)
        self.quotes = list(_quotations(tokens))
        self._in_quotes = [False] * self.n
        for a, b in self.quotes:
            self._in_quotes[a:b] = [True] * (b - a)
        # "‘terrorists’ fled": the mark may as well be a possessive in a quotation that goes on
        doubtful = (b for a, b in self.quotes if tokens[a].text in "‘'" and _may_be_possessive(tokens, b - 1))
        self.sure = next(doubtful, self.n)
        self.end = self.n - 1 if self.n and self.low[-1] in _FINAL else self.n
        self.limiting = [is_limiting(t) for t in tokens]
        limits = zip(tokens, self.limiting, strict=True)
        self.guarded = [(limiting and t.is_word) or _is_guarded_alone(t.low) for t, limiting in limits]
        self.denying = [is_denying(t) for t in tokens]
        self.commas = [i for i, low in enumerate(self.low) if low == "," and not self.quoted(i)]
        self.tail = self._speech_tail()
        self.is_present = any(low in w.PRESENT and not self.quoted(i) for i, low in enumerate(self.low))

    def quoted(self, i: int) -> bool:
        return self._in_quotes[i]

    def _speech_tail(self) -> int:
        """Where ", officials said." or ", according to the army" begins at the end; ``end`` if there is none."""
        for comma in reversed(self.commas):
            rest = self.low[comma + 1 : self.end]
            if "," in rest or (rest[:1] and rest[0] in w.RELATIVES):  # ", which claimed ten lives"
                continue
            if len(rest) < 2:  # "one witness, who fled, said": its subject stands in front
                continue
            if len(rest) <= _LONGEST_TAIL and any(x in w.SPEECH for x in rest):
                return comma
            if rest and (rest[0] in w.REPORTING or rest[:2] == ["according", "to"]):
                return comma
        return self.end

    def waits(self, i: int) -> bool:
        """Whether a word asks for the one behind it: nothing is cut between the two."""
        return w.any_of((self.low[i],), w.ARTICLES, w.PREPOSITIONS, w.CONJUNCTIONS)

    def verb_at(self, i: int) -> bool:
        return i < self.n and w.is_verb(self.tokens[i].text, self.low[i])

    def past_at(self, i: int) -> bool:
        return w.is_past(self.tokens[i].text, self.low[i])

    def ends(self) -> tuple[int, ...]:
        """Where something that closes the sentence may end: at its stop, or before the words that say who said it."""
        return tuple(sorted({self.end, self.tail}))

    def is_last(self, start: int, end: int) -> bool:
        """Whether the main clause has its verb before ``start`` and does not come back before ``end``."""
        if not any(self.verb_at(k) for k in range(1, start)):
            return False
        return not any(start < c < end and self.resumes(c + 1) for c in self.commas)

    def resumes(self, i: int) -> bool:
        """Whether a main clause goes on here, behind a comma: with its verb, or with an adverb and its verb."""
        return self.verb_at(i) or self.verb_at(i + 1) or self.low[i : i + 1] in (["and"], ["but"], ["or"], ["that"])

    def own_clause(self, start: int, end: int) -> bool:
        """Whether the guarded words of a clause are its own: none stands behind a comma, and none is reported."""
        inner = next((c for c in self.commas if start < c < end), end)
        if any(self.guarded[i] for i in range(inner, end)) or "-" in self.low[start:end]:
            return False
        return not any(x in w.REPORTING for x in self.low[start:end]) or inner == end

    def only_describes(self, start: int, end: int) -> bool:
        """Whether a clause says who or what somebody is, and nothing that bears on the rest of the sentence."""
        if any(low in ("and", "or", "but") for c in self.commas if start < c < end for low in self.low[c + 1 : c + 2]):
            return False  # "who has not, and his wife, who has,"
        return self.own_clause(start, end) and not any(
            w.any_of((low, *low.split("-")), _NEWS) or low.endswith("n't") for low in self.low[start:end]
        )

    def may_begin(self, i: int) -> bool:
        if i >= self.end or self.quoted(i):
            return False
        first = self.tokens[i].text[0]
        return first.isupper() or first.isdigit() or not self.cased

    def only_leads(self, comma: int) -> bool:
        """Whether what stands before a comma has no subject: "On another theme, the paper's editor, Ann Oake, has"."""
        first = self.low[0]
        leads = w.any_of((first,), w.PREPOSITIONS, w.OPENINGS, w.CLAUSES) or first.endswith("ing")
        return leads and comma == self.commas[0]

    def time_end(self, i: int) -> int:
        low, following = self.low[i], self.low[i + 1 : i + 3]
        if self.low[i - 1] in w.LEANERS or self.low[i - 1].endswith("'s"):
            return 0
        if low != "on" and self.tokens[i].text[0].isupper():  # a programme called "This Week"
            return 0
        if low == "on" and following and following[0] in w.WEEKDAYS:
            return i + 3 if len(following) > 1 and following[1] in w.DAYPARTS else i + 2
        if low in ("this", "last") and following and following[0] in w.DAYPARTS:
            return i + 2
        # not "yesterday": without it what happened seems to be of today
        return i + 1 if low in ("today", "tonight", "overnight") else 0

    def free_after(self, i: int) -> bool:
        """Whether what follows is no part of the same phrase."""
        if i >= self.end or self.low[i] in ".;:":
            return True
        if self.low[i] == ",":  # "on Monday, 3 August"
            return not any(c.isdigit() for c in "".join(self.low[i + 1 : i + 3]))
        if self.low[i] in ("and", "or", "to", "until"):  # "on Thursday and Friday"
            return False
        return w.any_of((self.low[i],), w.PREPOSITIONS, w.CONJUNCTIONS)  # no verb: "the man shot on Monday has died"


def _quotations(tokens: Sequence[Token]) -> Iterator[tuple[int, int]]:
    """Runs of tokens between matching quotation marks, the marks included; a mark that is left open runs to the end."""
    i = 0
    while i < len(tokens):
        text = tokens[i].text
        close = '"' if text == '"' else _OPEN_QUOTES.get(text)
        if text == "'" and tokens[i].opens:
            close = "'"
        if close is None:
            i += 1
            continue
        if text in "‘'":
            j = _single_close(tokens, i, close)
        else:
            j = next((k for k in range(i + 1, len(tokens)) if tokens[k].text == close), len(tokens) - 1)
        yield i, j + 1
        i = j + 1


def _single_close(tokens: Sequence[Token], i: int, close: str) -> int:
    """Where a single quotation that opens at ``i`` closes; the last token where nothing does.

    "‘the judges’ independence is at risk’": a mark behind s with a word behind it may be a possessive. It closes only
    where no other mark does before the next quotation opens.
    """
    last = len(tokens) - 1
    for k in range(i + 1, len(tokens)):
        if tokens[k].text == tokens[i].text and (tokens[k].opens or close != "'"):
            break
        if tokens[k].text == close:
            last = k
            if not _may_be_possessive(tokens, k):
                break
    return last


def _may_be_possessive(tokens: Sequence[Token], k: int) -> bool:
    return tokens[k - 1].low.endswith(("s", "x", "z")) and k + 1 < len(tokens) and tokens[k + 1].is_word
