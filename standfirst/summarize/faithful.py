"""What may be struck out of a sentence, and what never may.

A *cut* is a run of words that can go as a whole and leave a sentence that is whole, and that says no more than the
source did. Three rules stand over all of them:

- Negations, numbers, hedges, conditions, frames ("in a parody") and who said it are *guarded*. A guarded word goes
  only with a whole clause that says who or what somebody is, or what somebody said besides; no clause goes that
  doubts, denies or takes back the rest, and no second main clause, for it may do so in words that no list holds.
- What stands between quotation marks is kept whole, or goes whole with its marks.
- Where the sentence that stays denies, limits or counts out ("no", "only", "the first", "if"), nothing that narrows
  it may go: "no strikes in May" is not "no strikes".

Nothing here is learnt: a model only says which of the permitted cuts to make (``compress``).

References
----------
That a restriction may be left out in upward-entailing contexts only: MacCartney and Manning 2007, "Natural Logic for
Textual Inference", section 2.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from standfirst.english import words as w
from standfirst.english.phrases import proposals
from standfirst.english.view import Cut, Token, View

_MARKS = frozenset(",.;:!?…")
_SIDES = frozenset({"next", "outgoing", "incoming", "rebel", "ousted", "opposition", "exile", "exiled", "self-styled"})
_DAYS = (
    w.WEEKDAYS | w.DAYPARTS | {"on", "earlier", "later", "early", "late", "today", "yesterday", "tonight", "overnight"}
)
_SIDED = ("-installed", "-backed", "-appointed", "-held")
_LONGEST_POINTER = 6
"""Words: "see details earlier in the blog"."""
_LONGEST_ASIDE = 30
_LONGEST_LEAD = 12
_LONGEST_SENTENCE = 300
"""Tokens. What is longer is a list or a text without stops: nothing is cut in it, and it costs no time."""


def cuts(tokens: Sequence[Token]) -> list[Cut]:
    """Every cut that the rules permit in one sentence, shortest first from each place; none in one without end."""
    if len(tokens) > _LONGEST_SENTENCE:
        return []
    view = _Sentence(tokens)
    found = {proposal for proposal in view.proposals() if view.permits(proposal)}
    asides = defaultdict[int, list[Cut]](list)
    for cut in found:
        if cut.kind in _ASIDES:
            asides[cut.start].append(cut)
    for first in [cut for some in asides.values() for cut in some]:
        for second in asides.get(first.end - 1, ()):  # neighbours share a comma: "X, the mayor, who left early, said"
            if first.start < second.start:
                joint = Cut(first.start, second.end, "asides", clause=True, narrows=first.narrows or second.narrows)
                found.add(joint)
    return sorted(found, key=lambda c: (c.start, c.end, c.kind))


_ASIDES = frozenset({"relative", "apposition", "trailing", "connective"})


class _Sentence(View):
    """One sentence, what may be cut from it by form, and what the rules permit of that."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        super().__init__(tokens)
        self.of_a_claim = any(
            self.low[k] in w.CLAIMS and self.low[k + 1 : k + 2] in (["that"], ["of"]) for k in range(min(4, self.n))
        )

    def permits(self, cut: Cut) -> bool:
        """The rules that stand over all cuts."""
        inside = range(cut.start, cut.end)
        if len(inside) <= 0 or (cut.start == 0 and cut.end >= self.end) or cut.end > self.sure:
            return False
        for a, b in self.quotes:
            if not (b <= cut.start or cut.end <= a or (cut.start <= a and b <= cut.end)):
                return False
        if not cut.clause and any(self.guarded[i] for i in inside):
            return False
        if cut.start and self._left_hanging(cut):
            return False
        named = cut.kind in ("apposition", "asides") and self._names_another(cut)
        # "Reports that the king has died in Osk spread": the verb is in what would go
        ends = cut.end >= self.tail and cut.kind != "post"
        undecided = "still" in self.low[cut.start : cut.end]  # "where votes are still being counted"
        if named or undecided or (self.of_a_claim and (ends or cut.kind == "that")):
            return False
        counts = self.denying if cut.loose else self.limiting
        return not (cut.narrows and any(counts[i] for i in range(self.n) if not cut.start <= i < cut.end))

    def _names_another(self, cut: Cut) -> bool:
        """Whether what would go names somebody that a later "she" means, or says on whose side an office is."""
        inside = range(cut.start, cut.end)
        if any(self.low[k] in _SIDES or self.low[k].endswith(_SIDED) for k in inside):
            return True
        names = any(self.tokens[k].text[:1].isupper() or self.low[k].endswith("'s") for k in inside)
        return names and self.cased and any(low in w.POINTERS for low in self.low[cut.end :])

    def _left_hanging(self, cut: Cut) -> bool:
        """Whether the word in front of a cut asks for what goes."""
        before = self.low[cut.start - 1]
        if cut.kind != "word" and self.waits(cut.start - 1):
            return True
        if before == "," and (cut.end >= self.n or self.low[cut.end] in _MARKS):
            return True  # "resigned, as expected,."
        return cut.end >= self.tail and before in w.AUXILIARIES  # "this one is."

    def proposals(self) -> Iterator[Cut]:
        """Cuts by their form alone."""
        yield from self._brackets()
        yield from self._between_commas()
        yield from self._leading()
        yield from self._times()
        yield from self._single_words()
        yield from proposals(self)

    def _brackets(self) -> Iterator[Cut]:
        """Dana Orsk (Lab, Pelm) left; the World Harbour Office (WHO) closed (see earlier).

        No other aside: most say what a claim rests on or how far it goes ("tested so far in mice", "Moscow time").
        """
        for i, low in enumerate(self.low):
            if low != "(" or not i:
                continue
            j = next((k for k in range(i + 1, self.n) if self.low[k] == ")"), None)
            told = j is not None and self.low[j + 1 : j + 2] == [":"]  # "Vest (Lab): ..."
            if j is None or j == i + 1 or told:
                continue
            if self._is_party(i, j) or self._is_short_for(i, j) or self._leads_elsewhere(i, j):
                yield Cut(i, j + 1, "bracket", narrows=False)

    def _is_party(self, i: int, j: int) -> bool:
        """Whether a name's party stands in a bracket, or its party and seat: "(Lab)", "(D-Texas)", "(Con, Pelm)"."""
        party, *state = self.low[i + 1].split("-", 1)
        if party not in w.PARTIES or not self._is_name(i - 1):
            return False
        if j == i + 2:
            return not state or self.tokens[i + 1].text[2:3].isupper()
        return not state and self.low[i + 2] == "," and all(self._is_name(k) for k in range(i + 3, j)) and j > i + 3

    def _is_name(self, i: int) -> bool:
        return self.tokens[i].text[0].isupper() and self.low[i] not in w.MONTHS | w.WEEKDAYS

    def _is_short_for(self, i: int, j: int) -> bool:
        """Whether a bracket holds the letters of the words in front of it, or the words of the letters there."""
        letters = self.tokens[i + 1].text if j == i + 2 else self.tokens[i - 1].text
        n = len(letters)
        if n < 3 or not letters.isupper() or self.low.count(letters.lower()) > 1:
            return False
        words = self.tokens[max(i - n, 0) : i] if j == i + 2 else self.tokens[i + 1 : j]
        return "".join(t.text[0] for t in words).upper() == letters

    def _leads_elsewhere(self, i: int, j: int) -> bool:
        """Whether a bracket only sends readers to another place: "(see earlier)", "(details here)"."""
        inside = self.low[i + 1 : j]
        if inside[0] not in w.POINTING or len(inside) > _LONGEST_POINTER:
            return False
        return not w.POINTED_AT.isdisjoint(inside)

    def _between_commas(self) -> Iterator[Cut]:
        """A relative clause or an apposition, up to the comma before the verb, or to the end."""
        for at, i in enumerate(self.commas):
            first = i + 1
            if first >= self.end or not i:
                continue
            relative = self.low[first] in w.RELATIVES or (
                self.low[first] in w.PREPOSITIONS and self.low[first + 1 : first + 2] in (["which"], ["whom"])
            )
            for j in self.commas[at + 1 : at + 1 + _LONGEST_ASIDE]:
                if i + 2 < j <= i + _LONGEST_ASIDE and self._goes_on(i, j + 1):
                    yield from self._aside(i, j, relative=relative)
            if not relative or self._tells_more(first):
                continue
            for end in self.ends():
                if end > first + 1 and self.only_describes(first, end) and self.is_last(i, end):
                    yield Cut(i, end, "relative", clause=True, narrows=False)

    def _tells_more(self, relative: int) -> bool:
        """Whether a relative clause has a subject of its own: ", which the court annulled"."""
        return self.low[relative] in ("which", "whom") and not self.verb_at(relative + 1)

    def _goes_on(self, before: int, i: int) -> bool:
        """Whether the verb of a subject in front of ``before`` stands at ``i``.

        Where a verb stands in front already, that clause has its own, and the one at ``i`` may be somebody else's: "the
        dam held, the mayor, Ina Venn, has said". Only behind "police said" does another subject begin.
        """
        if not self.verb_at(i):
            return False
        last = next((self.low[k] for k in range(before - 1, -1, -1) if self.verb_at(k)), None)
        return last is None or (last in w.REPORTING and self.low[i] not in w.REPORTING)

    def _aside(self, i: int, j: int, *, relative: bool) -> Iterator[Cut]:
        """What stands between two commas, if it is an aside."""
        first = i + 1
        if relative:
            described = self.only_describes(first, j) and not self._tells_more(first)
            if described and not self._in_apposition(i) and not self.only_leads(i):
                yield Cut(i, j + 1, "relative", clause=True, narrows=False)
        elif self._may_be_apposed(i, first):
            if self._apposed_relative(i, j):
                yield Cut(i, j + 1, "asides", clause=True, narrows=False)
            elif not any(self.verb_at(k) or self.low[k] in w.CONJUNCTIONS for k in range(first, j)):
                yield Cut(i, j + 1, "apposition", narrows=False)

    def _may_be_apposed(self, comma: int, first: int) -> bool:
        """Whether a comma and an article say more of who or what stands in front: "a replica" says that it was none."""
        if self.low[first] not in w.ARTICLES or not self.tokens[comma - 1].is_word or self.only_leads(comma):
            return False
        if comma > 1 and self.cased and self.tokens[comma - 1].text[0].isupper():
            return False  # who somebody is stays with the name
        return self.low[first] not in ("a", "an") or self.tokens[comma - 1].text[0].isupper()

    def _in_apposition(self, comma: int) -> bool:
        """Whether a comma closes ", the eldest" or ", 58": a gap behind it would leave the first comma open."""
        before = [c for c in self.commas if c < comma]
        if not before or self.only_leads(before[-1]):
            return False
        return self.low[before[-1] + 1] in w.ARTICLES or not any(self.verb_at(k) for k in range(before[-1], comma))

    def _apposed_relative(self, start: int, end: int) -> bool:
        """Whether a run is an apposition with a relative clause: ", the eldest of the clan, who fell ill,"."""
        inner = next((c for c in self.commas if start < c < end), end)
        if inner == end or self.low[inner + 1] not in w.RELATIVES or any(self.guarded[start:inner]):
            return False
        return self.only_describes(inner + 1, end) and not any(self.verb_at(k) for k in range(start, inner))

    def _leading(self) -> Iterator[Cut]:
        """On Sunday, ... / However, ... / And ...; never where the line would begin with a small letter."""
        if self.n < 4:
            return
        if self.low[0] in ("and", "but") and self.may_begin(1):
            yield Cut(0, 1, "connective", narrows=False)
        comma = next((c for c in self.commas if c <= _LONGEST_LEAD), None)
        if comma is None or not self.may_begin(comma + 1) or self.low[0] not in w.OPENINGS:
            return
        if comma == 1 and self.low[0] in w.CONNECTIVES:
            yield Cut(0, 2, "connective", narrows=False)
        elif not self._needs_lead(comma) and self._is_day(comma):
            yield Cut(0, comma + 1, "leading")

    def _is_day(self, end: int) -> bool:
        """Whether the words before ``end`` only say on which day something was: a place may say where it is so."""
        verb = next((k for k in range(end + 1, self.end) if self.verb_at(k)), None)
        return {*self.low[:end]} <= _DAYS and not self.is_present and verb is not None and self._clearly_past(verb, end)

    def _needs_lead(self, comma: int) -> bool:
        """Whether what follows the first comma leans on what stands before it."""
        rest = self.commas[self.commas.index(comma) + 1 : self.commas.index(comma) + 2]
        follows = self.low[comma + 1]
        if follows in ("and", "or", "but") or follows in w.PREPOSITIONS:
            return True
        if rest and rest[0] - comma <= 3:  # "In Kyiv, Lviv, and Odesa"
            return True
        if not self.cased:  # "in osk ina venn, the mayor, left"
            return bool(rest) and follows in w.ARTICLES and self.verb_at(rest[0] + 1)
        names = any(t.text[0].isupper() for t in self.tokens[1:comma])
        return names and any(x in w.POINTERS for x in self.low[comma:])  # "In a call with Oake, Venn told him"

    def _times(self) -> Iterator[Cut]:
        """On Monday night; this morning; overnight."""
        for i in range(1, self.n):
            j = self.time_end(i)
            needed = w.any_of(self.low[i - 1 : i], w.COMPLEMENTED, w.PREPOSITIONS, w.ARTICLES, w.CONJUNCTIONS, w.BE)
            needed = needed or any(c.isdigit() for c in self.low[i - 1])  # "from 08:00 on Tuesday"
            # "according to figures published on Tuesday", "the plan, published today, is long"
            needed = needed or self._is_participle(i - 1) or self._is_bare(i, j)
            if j and not needed and not self.quoted(i) and self.free_after(j) and self._may_lose_its_day(i):
                yield Cut(i, j, "time")

    def _is_participle(self, i: int) -> bool:
        """Whether a word describes the noun in front of it, in a sentence that has its verb already."""
        if not self.low[i].endswith("ed") or i < 2 or self.low[i - 1] in w.AUXILIARIES | w.PRONOUNS:
            return False
        return any(self.verb_at(k) or self.low[k] == "according" for k in range(i - 1))

    def _is_bare(self, i: int, j: int) -> bool:
        """Whether a cut of ``i`` to ``j`` would leave a participle alone between commas, or first of all."""
        if self.low[j : j + 1] != [","]:
            return False
        first = i
        while first and (self.verb_at(first - 1) or self.low[first - 1].endswith("ly")):
            first -= 1
        return first < i and (not first or self.low[first - 1] == ",")

    def _may_lose_its_day(self, i: int) -> bool:
        """Whether a day at ``i`` only dates something past, and nothing is set beside it or hangs on it."""
        if not self._is_told_as_past(i):
            return False
        if self.is_present or self._gapped(i) or sum(low in w.WEEKDAYS for low in self.low) > 1:
            return False
        if {*self.low[max(i - 6, 0) : i]} & {"who", "that", "since", "year", "month", "week"}:
            return False
        was = self.low[i - 2] in w.BE  # "the city was calm on Monday"
        return not was or self.past_at(i - 1)

    def _is_told_as_past(self, i: int) -> bool:
        """Whether the verb in front of ``i`` is clearly past, and no word says that something is yet to happen then."""
        verb = next((k for k in range(i - 1, -1, -1) if self.verb_at(k)), None)
        if verb is None or not self._clearly_past(verb, i):
            return False
        told = verb + 1 == i and self.low[verb] in w.REPORTING  # "..., the army said on Monday."
        if not told and (self.guarded[verb] or self.low[verb] in w.MEANT):
            return False
        if any(low.endswith("ing") for low in self.low[verb:i]):  # "considered lifting the curfew tonight"
            return False
        return not any(self._is_infinitive(k) for k in range(i - 1))

    def _is_infinitive(self, k: int) -> bool:
        """Whether "to" stands at ``k`` before what may be a verb: "to publish", and not "to the port", "to Osk"."""
        following = self.tokens[k + 1]
        return (
            self.low[k] == "to"
            and following.low not in w.DETERMINERS
            and not (self.cased and following.text[0].isupper())
        )

    def _clearly_past(self, k: int, end: int) -> bool:
        """Whether a verb before ``end`` is past, and does not describe a noun: "men arrested in Osk fly home"."""
        if not (self.past_at(k) or self.low[k] == "said"):
            return False
        if self.low[k] in w.NO_PARTICIPLE_PASTS or self.low[k - 1] in w.BE | {"had"}:
            return True
        if self.low[k - 1] in w.DETERMINERS:  # "the injured pilots"
            return False
        return k + 1 in (end, self.n) or not w.any_of((self.low[k + 1],), w.PREPOSITIONS)

    def _gapped(self, i: int) -> bool:
        """Whether a part without a verb leans on what stands at ``i``: "... votes, and the Lords on Tuesday"."""
        begins = [c for c in self.commas if c < i and self.low[c + 1] in ("and", "but", *w.ARTICLES)]
        return bool(begins) and not any(self.verb_at(k) for k in range(begins[-1], i))

    def _single_words(self) -> Iterator[Cut]:
        """Also, currently; however between commas. Never Mrs: "Trump said" puts her words in her husband's mouth."""
        for i in range(1, self.end - 1):
            if self.quoted(i):
                continue
            low, between = self.low[i], self.low[i - 1] == "," and self.low[i + 1] == ","
            if low in w.ADVERBS:
                if between:
                    yield Cut(i - 1, i + 2, "connective", narrows=False)
                elif low != "however" and self.tokens[i + 1].is_word and self._adverb_is_free(i):
                    yield Cut(i, i + 1, "word")

    def _adverb_is_free(self, i: int) -> bool:
        """Whether an adverb may go: "is also shut", but not "for now", "and now", "an also-ran"."""
        before = self.low[i - 1]
        if not self.tokens[i - 1].is_word or self.low[i + 1] in ("much", "that", "long", "hard", "few", "little"):
            return False
        return not (self.guarded[i - 1] or w.any_of((before,), w.PREPOSITIONS, w.CONJUNCTIONS, w.ARTICLES))
