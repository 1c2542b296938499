"""Cuts that are seen by the words at their edges: where it was said, what is included, participles, openings.

Each function proposes; what stands over all cuts (guarded words, quotations, denials) is asked in ``faithful``.
"""

from collections.abc import Iterator

from standfirst.english import words as w
from standfirst.english.view import Cut, View

_BEFORE_COLON, _LONGEST_NAME = 5, 5
"""The fewest words in front of a post's colon, and the most of its author's name behind it."""
_TO_VERB = 7
"""At most so many words stand between a conjunction and the verb of its clause."""


def proposals(s: View) -> Iterator[Cut]:
    """What these forms let go in one sentence."""
    for find in (_that, _venues, _including, _participles, _openings, _trailing, _closing, _behind_colons):
        yield from find(s)


def _finite(s: View, i: int) -> bool:
    return s.low[i] in w.AUXILIARIES - w.MODALS - w.BE or s.past_at(i) or s.low[i] in ("is", "are")


def _named(s: View, i: int) -> bool:
    """Whether a word may be a name, by its capital: where all is lower-cased none may."""
    if not s.cased or not s.tokens[i].is_word or any(c.isdigit() for c in s.low[i]):
        return False
    return s.tokens[i].text[0].isupper() and s.low[i] not in w.OFFICES | w.OFFICE_PARTS


def _clause_at(s: View, i: int, end: int) -> bool:
    """Whether a subject begins at ``i`` and its verb follows soon, before any mark or other clause."""
    if i + 1 >= end or s.low[i] in w.LIMITS | w.NEGATIONS:
        return False
    counted = (s.low[i] in w.NUMBERS or s.low[i].isdigit()) and s.low[i + 1] not in w.BEFORE_TIMES
    if not counted and s.low[i] not in w.DETERMINERS | w.PRONOUNS | {"there"} and not _named(s, i):
        return False
    for k in range(i + 1, min(i + 1 + _TO_VERB, end)):
        if _finite(s, k):
            return True
        if not s.tokens[k].is_word or s.low[k] in w.CONJUNCTIONS or s.quoted(k):
            return False
    return False


def _told(s: View, start: int, end: int) -> bool:
    return any(s.low[k] in w.SPEECH or s.low[k] in w.REPORTING for k in range(start, end))


def _that(s: View) -> Iterator[Cut]:
    """Said (that) the bridge fell."""
    for i in range(1, s.end - 3):
        if s.low[i] != "that" or s.low[i - 1] not in w.THAT_TAKERS or s.quoted(i) or s.low.count("that") > 1:
            continue
        if s.low[i + 1] in w.DETERMINERS - {"this", "that", "these", "those"} | w.PRONOUNS and _clause_at(
            s, i + 1, s.end
        ):
            yield Cut(i, i + 1, "that", narrows=False)


def _venues(s: View) -> Iterator[Cut]:
    """Said (in a statement on Telegram) that."""
    for i in range(1, s.end - 2):
        if s.low[i] not in w.TELLING or s.quoted(i) or s.low[i - 1] in w.BE:
            continue
        end = i + 1
        while (following := _venue_end(s, end)) > end:
            end = following
        if end > i + 1 and (end >= s.end or s.low[end] in ("that", ",", ":")):
            yield Cut(i + 1, end, "venue", clause=True, loose=True)


def _venue_end(s: View, i: int) -> int:
    """Where "in a televised address" ends that begins at ``i``; ``i`` if there is none.

    A word that is not known to say nothing of the words' worth keeps it: "in a deepfake video", "with his guards".
    """
    if i >= s.end or s.low[i] not in ("in", "on", "at", "during", "via"):
        return i
    for k in range(i + 1, min(i + 6, s.end)):
        if s.low[k] not in w.VENUES | w.NEUTRAL:
            return i
        ends = (
            k + 1 >= s.end or not s.tokens[k + 1].is_word or w.any_of((s.low[k + 1],), w.PREPOSITIONS, w.CONJUNCTIONS)
        )
        if s.low[k] in w.VENUES and ends:
            return k + 1
    return i


def _including(s: View) -> Iterator[Cut]:
    """The crews(, including the pilots,) left."""
    for at, i in enumerate(s.commas):
        if i + 2 >= s.end or s.low[i + 1] != "including" or not i or not s.low[i - 1].endswith(("s", "people")):
            continue
        if any(c in low for low in s.low for c in "£$€%"):  # a sum may rest on what it includes
            continue
        j = s.commas[at + 1] if at + 1 < len(s.commas) else s.end
        if any(s.verb_at(k) or s.low[k] in w.RELATIVES for k in range(i + 2, j)):
            continue
        if j < s.end and s.verb_at(j + 1):
            yield Cut(i, j + 1, "apposition", narrows=False)
        elif j == s.end and s.is_last(i, j):
            yield Cut(i, j, "apposition", narrows=False)


def _participles(s: View) -> Iterator[Cut]:
    """The bridge fell(, cutting the road to Pelm); the mayor left(, saying she was tired)."""
    hanging = next((c for c in s.commas if c and s.low[c - 1] in w.PREPOSITIONS), s.n)
    for i in s.commas:
        first = i + 1
        if i > hanging:  # "by, among other things, instructing"
            return
        if i < 2 or first + 1 >= s.end or s.low[i - 1] in w.SPEECH or s.low[i - 1].endswith("ing"):
            continue
        low, follows = s.low[first], s.low[first + 1]
        if low in w.SAYING:
            reported = {"that"} | w.PRONOUNS | (w.DETERMINERS if low != "claiming" else set())
            if (
                follows in reported
                and s.is_last(i, s.end)
                and s.only_describes(first + 1, s.end)
                and not _told(s, first + 1, s.end)
            ):
                yield Cut(i, s.end, "saying", clause=True, narrows=False)
        elif low.endswith("ing") and len(low) > 4 and low not in w.NO_PARTICIPLES and s.tokens[first].text.islower():
            begins = follows in w.DETERMINERS | w.PREPOSITIONS | w.PRONOUNS | {"him", "them", "us", "people"}
            hangs = any(s.low[c + 1] in w.RELATIVES for c in s.commas if c < i)  # its verb may be the main one's
            for end in s.ends() if begins and not hangs else ():
                if end > first + 1 and s.is_last(i, end) and "and" not in s.low[first:end]:
                    yield Cut(i, end, "trailing", loose=True)


def _openings(s: View) -> Iterator[Cut]:
    """(Speaking in Pelm, )Orrin said."""
    comma = next((c for c in s.commas if c <= 16), None)
    if comma is None or comma < 3 or not s.may_begin(comma + 1) or comma + 3 >= s.end:
        return
    follows = s.low[comma + 1]
    if follows in w.POINTERS | w.PRONOUNS | w.PREPOSITIONS | {"and", "or", "but"} or "that" in s.low[:comma]:
        return
    if any(s.low[k] in w.POINTERS for k in range(comma + 1, s.end)):
        return  # "Visiting Orrin, Venn told him"
    if s.low[0] in w.SPEAKING and s.low[comma - 1] not in w.NEUTRAL and all(_is_setting(s, k) for k in range(1, comma)):
        yield Cut(0, comma + 1, "leading")


def _is_setting(s: View, i: int) -> bool:
    """Whether a word only says where or to whom somebody spoke: not "in a rebel video", "as a candidate"."""
    if _named(s, i):  # "in Osk", and not "in an Osk video"
        return _named(s, i + 1) or s.low[i + 1] in (",", "and", "to", "in", "at", "outside")
    return s.low[i] in w.VENUES | w.NEUTRAL | w.AUDIENCES | {"and", "to", "in", "at", "outside"}


def _trailing(s: View) -> Iterator[Cut]:
    """..., amid fears of war. / ..., forcing thousands to flee."""
    for i in s.commas:
        first = i + 1
        if first >= s.end:
            continue
        low = s.low[first]
        if low not in w.CIRCUMSTANCES | w.PARTICIPLES:
            continue
        if s.low[i - 1] in w.SPEECH:  # "the minister says, as a mother, she agrees"
            continue
        for end in s.ends():
            if end > first + 1 and s.is_last(i, end):
                yield Cut(i, end, "trailing")


def _closing(s: View) -> Iterator[Cut]:
    """... on the front in the war against the invaders. Phrases without a verb, behind a noun."""
    for end in s.ends():
        for i in range(3, end - 1):
            if s.low[i] not in w.TAILS or s.quoted(i):
                continue
            before = s.low[i - 1]
            if before in w.COMPLEMENTED | w.BEFORE_TIMES or not (_stands(s, i - 1) and _is_place(s, i)):
                continue
            if before in w.STILL or {*s.low[max(i - 7, 0) : i]} & w.PLACERS:
                continue
            if _has_no_clause(s, i, end) and any(s.verb_at(k) for k in range(1, i - 1)):
                yield Cut(i, end, "closing")


def _stands(s: View, i: int) -> bool:
    """Whether a word asks for nothing behind it: a noun, or what was done to somebody."""
    low = s.low[i]
    if not s.tokens[i].is_word or s.low[i - 1] in w.MODALS | {"do", "does", "did", "who", "that"}:
        return False
    if s.verb_at(i) and not (low in w.STANDING and {*s.low[i - 2 : i]} & w.BE):
        return False
    closed = (w.ARTICLES, w.PREPOSITIONS, w.CONJUNCTIONS, w.PRONOUNS, w.LEANERS, w.ADVERBS, w.DEGREES)
    return not w.any_of((low,), *closed) and not low.endswith(("ly", "ing"))  # "preferably in ..", "on for a while"


def _is_place(s: View, i: int) -> bool:
    """Whether a phrase says where something happened, in the past: "in the", "in Osk", and not "in mice"."""
    follows = s.tokens[i + 1]
    if s.low[i + 1] not in w.DETERMINERS and not follows.text[:1].isupper():
        return False
    if s.is_present or {*s.low[:i]} & w.SCOPED:
        return False
    return any(s.past_at(k) and s.low[k] not in w.BE for k in range(1, i))


def _has_no_clause(s: View, start: int, end: int) -> bool:
    """Whether there is neither verb, conjunction, infinitive nor comma in a run, and more than a bare noun."""
    if end - start == 2 and s.low[start] in ("in", "on", "at") and s.tokens[start + 1].text.islower():
        return False  # at bay, in custody, on fire
    for k in range(start + 1, end):
        low = s.low[k]
        if s.verb_at(k) or low in w.CONJUNCTIONS or not s.tokens[k].is_word or low.endswith("ing"):
            return False
        if low == "to" and k + 1 < end and s.low[k + 1] not in w.ARTICLES and s.tokens[k + 1].text.islower():
            return False
    return s.low[end - 1] not in w.PREPOSITIONS | w.ARTICLES


def _behind_colons(s: View) -> Iterator[Cut]:
    """The envoy has come out for the truce(: Dana Orsk (@dorsk) about time). A post that the source runs on with."""
    for i in range(_BEFORE_COLON, s.n - 2):
        if s.low[i] != ":" or s.quoted(i) or not s.tokens[i + 1].opens:
            continue
        whole = any(s.verb_at(k) for k in range(1, i)) and not _told(s, i - 3, i)
        if whole and "@" not in "".join(s.low[:i]) and _is_poster(s, i + 1):
            yield Cut(i, s.end, "post", clause=True, narrows=False)
        return


def _is_poster(s: View, start: int) -> bool:
    """Whether a name and its handle in brackets begin at ``start``: "Dana Orsk (@dorsk)"."""
    last = min(start + _LONGEST_NAME + 1, s.n - 1)
    bracket = next((k for k in range(start, last) if s.low[k] == "("), None)
    if bracket is None or not s.low[bracket + 1].startswith("@"):
        return False
    return all(s.tokens[k].is_word for k in range(start, bracket))
