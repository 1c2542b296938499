"""Whether a line that a model wrote says only what its source says.

A written line is no sequence of the source's words, so what ``faithful`` forbids to strike out has to be looked for:

- every number with its unit, every name and every quotation of the line stands in the source, and belongs there to
  what it belongs to in the line;
- the line is laid beside the sentences of the source that it rests on, and what these deny, doubt, plan, condition or
  attribute, the line does too, unless ``faithful`` lets that part of the sentence go;
- who says and who does what is not turned round, and nothing is denied, limited or decided that the source does not.

It errs to one side: a line that it cannot follow is refused, for the extractive line is there. It knows no more
grammar than its lists, so that it is a guard against a model's usual slips and no proof of truth.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from standfirst.english import groups as g
from standfirst.english import words as w
from standfirst.english.claims import Quantity, Reading, plain
from standfirst.english.sentences import leans_back
from standfirst.summarize.faithful import cuts

_LEAST_SHARE = 0.6
"""The share of a line's words with content that have to be the source's."""
_MOST_SENTENCES = 3
_MOST_NAMES = 2
"""A sentence with more leaves open which of them the next one's "he" means."""
_LONGEST_ACRONYM = 8
_PREFIX = 5
_CLAUSES = (("negation", g.NEGATIONS), ("doubt", g.DOUBTS), ("condition", g.CONDITIONS))


@dataclass(frozen=True, slots=True)
class Verdict:
    """Why a line may not stand (nothing, if it may), and which sentences of the source it rests on, by number."""

    reasons: tuple[str, ...]
    rests_on: tuple[int, ...]

    @property
    def passes(self) -> bool:
        """Whether the line may stand."""
        return not self.reasons


def check(line: str, source: Sequence[str]) -> Verdict:
    """Hold a written line against the sentences of its source.

    >>> source = ["The ferry did not leave Ostra on Monday, the harbour master said.", "Forty people waited."]
    >>> check("Ferry did not leave Ostra, harbour master says", source)
    Verdict(reasons=(), rests_on=(0,))
    >>> check("Ferry left Ostra, harbour master says", source).reasons
    ('negation lost', 'said otherwise: left', 'said otherwise: Ostra')
    """
    written = Reading(line)
    read = [Reading(sentence) for sentence in source]
    if not any(written.content):
        return Verdict(("nothing is said",), ())
    rests_on = support(written, read)
    chosen = [read[i] for i in rests_on]
    found: list[str] = []
    if not chosen:
        found.append("nothing of it is in the source")
    else:
        if leans_back(line) and not any(leans_back(r.text) and plain(r.text) == plain(line) for r in chosen):
            found.append("it points back")
        found += _quotations(written, read)
        found += _numbers(written, read)
        found += _names(written, read)
        found += _together(written, read)
        found += _kept(written, chosen)
        found += _polarity(written, chosen)
        found += _modifiers(written, chosen)
        found += _limits(written, chosen)
        found += _speakers(written, chosen)
        found += _turned(written, chosen)
        found += _decided(written, chosen)
        found += _covered(written, chosen)
    return Verdict(tuple(dict.fromkeys(found)), rests_on)


def support(line: Reading, source: Sequence[Reading]) -> tuple[int, ...]:
    """The sentences that a line rests on, in their order: the nearest, and those that have what it lacks."""
    wanted = set(line.content_roots)
    chosen: list[int] = []
    while wanted and len(chosen) < _MOST_SENTENCES:
        shares = [len(_shared(wanted, r)) / (1 + 0.01 * r.n) for r in source]
        best = max(range(len(source)), key=lambda i: shares[i], default=None)
        if best is None or best in chosen or len(_shared(wanted, source[best])) < (2 if chosen else 1):
            break
        chosen.append(best)
        wanted -= _shared(wanted, source[best])
    named = {line.roots[i] for i in line.names} | {g.root(str(q.text).lower()) for q in line.quantities}
    for i, reading in enumerate(source):
        if wanted & named & reading.content_roots and len(chosen) < _MOST_SENTENCES + 1:
            chosen.append(i)
            wanted -= reading.content_roots
    return tuple(sorted(set(chosen)))


def _shared(wanted: set[str], reading: Reading) -> set[str]:
    return {r for r in wanted if r in reading.content_roots or _derived(r, reading.content_roots)}


def _derived(word: str, others: frozenset[str]) -> bool:
    """Whether a word is one of the others in another form: explosion, explode."""
    return len(word) >= _PREFIX and any(
        len(o) >= _PREFIX and word[:_PREFIX] == o[:_PREFIX] and abs(len(word) - len(o)) <= _PREFIX for o in others
    )


def _quotations(line: Reading, source: Sequence[Reading]) -> Iterator[str]:
    """A quotation is the source's own, word for word; what was quoted there stays quoted, or is attributed."""
    if any(line.text.count(a) != line.text.count(b) for a, b in ("“”", "«»")) or line.text.count('"') % 2:
        yield "half a quotation"
    said = [plain(words) for r in source for *_, words in r.quotations]
    for *_, words in line.quotations:
        if not any(_within(plain(words), other) for other in said):
            yield f"quotation not in the source: {words}"
    own = [plain(words) for *_, words in line.quotations]
    for other in said:
        if (
            other
            and _within(other, plain(line.text))
            and not any(_within(other, q) for q in own)
            and not line.attributes
        ):
            yield f"quotation marks lost: {other}"


def _within(words: str, text: str) -> bool:
    return f" {words} " in f" {text} " or words == text


def _numbers(line: Reading, source: Sequence[Reading]) -> Iterator[str]:
    for q in line.quantities:
        alike = [(s, r) for r in source for s in r.quantities if s.value == q.value]
        if not alike:
            yield f"number not in the source: {q.text}"
            continue
        same_unit = [(s, r) for s, r in alike if s.unit == q.unit]
        if not same_unit:
            yield f"unit not in the source: {q.text}"
            continue
        as_exact = [(s, r) for s, r in same_unit if s.approximation == q.approximation]
        if not as_exact:
            yield f"another limit to a number: {q.text}"
        elif not any(_counts_the_same(q, s, r) for s, r in as_exact):
            yield f"the number counts something else: {q.text}"


def _counts_the_same(own: Quantity, other: Quantity, reading: Reading) -> bool:
    """Whether the words beside a number in the line, where the source has them, stand beside it there."""
    near = frozenset(other.after + other.before)
    beside = own.after[:1] or own.before[:1]
    return not any(word in reading.content_roots and word not in near for word in beside)


def _names(line: Reading, source: Sequence[Reading]) -> Iterator[str]:
    """Every name of the line is one of the source; the first word may be a common one that the source has."""
    known = {low for r in source for low in _forms(r)}
    initials = {x for r in source for x in _initials(r)}
    for i in line.names:
        token, low = line.tokens[i], line.low[i].removesuffix("'s").rstrip(".")
        parts = [p for p in low.split("-") if p]
        if low in known or token.text in initials or any(_demonym(low, k) for k in known):
            continue
        if len(parts) > 1 and all(p in known or p in g.COMMON or any(_demonym(p, k) for k in known) for p in parts):
            continue
        if any(c.isdigit() for c in low):
            continue  # it is looked for as a number
        starts = i == 0 or line.low[i - 1] in (".", "!", "?", ":", "“", '"', "‘", "'")
        shouted = len(token.text) > 1 and token.text.isupper()
        if (
            starts
            and not shouted
            and (line.roots[i] in _all_roots(source) or _verb_at(line, i) or line.low[i] in w.SPEECH)
        ):
            continue
        yield f"name not in the source: {token.text}"


def _forms(reading: Reading) -> Iterator[str]:
    for low in reading.low:
        bare = low.removesuffix("'s").rstrip(".")
        yield bare
        yield bare.replace(".", "")
        yield from bare.split("-")


def _all_roots(source: Sequence[Reading]) -> frozenset[str]:
    return frozenset(x for r in source for x in r.content_roots)


def _initials(reading: Reading) -> Iterator[str]:
    """Acronyms of runs of capitalised words: "World Harbour Office" gives WHO."""
    run = ""
    for token in [*reading.tokens, None]:
        if token is not None and token.text[:1].isupper():
            run += token.text[0]
        elif token is None or token.low not in ("of", "the", "for", "and"):
            yield from (
                run[a:b] for a in range(len(run)) for b in range(a + 2, min(a + _LONGEST_ACRONYM, len(run)) + 1)
            )
            run = ""


def _demonym(a: str, b: str) -> bool:
    """Whether one of two is the people or language of the other: Russia, Russian; Ukraine, Ukrainians.

    >>> [_demonym(*pair.split()) for pair in ("russian russia", "ukraine ukrainians", "iran iraq", "niger nigerian")]
    [True, True, False, False]
    """
    land, people = sorted((a, b.removesuffix("s") if len(b) > len(a) else b), key=len)
    people = people.removesuffix("s") if len(people) > len(land) + 1 else people
    if len(land) < 4:
        return False
    made = {land + "s", f"{land}'s"}
    if land.endswith("a"):
        made.add(land + "n")
    if land.endswith(("n", "i")):
        made |= {land + "ian", land + "an", land + "i"}
    if land.endswith("ine"):
        made.add(land[:-1] + "ian")
    return people in made or (people.endswith("y") and people[:-1] == land)


def _together(line: Reading, source: Sequence[Reading]) -> Iterator[str]:
    """The names and numbers of one clause stand in one sentence, or in one and that which it points back at."""
    first = None if not line.names or line.names[0] else 0
    named = [i for i in line.names if i != first or line.low[i] not in _all_low(source)]
    values = {line.text.find(q.text): q for q in line.quantities}
    marks: dict[int, list[str]] = {}
    for i in named:
        marks.setdefault(line.clause[i], []).append(line.low[i].removesuffix("'s"))
    for token, number in zip(line.tokens, line.clause, strict=True):
        if token.start in values:
            marks.setdefault(number, []).append(str(values[token.start].value))
    for wanted in marks.values():
        if len(wanted) > 1 and not any(_all_in(wanted, source, i) for i in range(len(source))):
            yield f"not said together in the source: {', '.join(wanted)}"


def _all_low(source: Sequence[Reading]) -> frozenset[str]:
    """Words that the source writes small somewhere."""
    return frozenset(t.text for r in source for t in r.tokens if t.text.islower())


def _all_in(wanted: Sequence[str], source: Sequence[Reading], i: int) -> bool:
    shown = [source[i]]
    if i and leans_back(source[i].text) and len(source[i - 1].names) <= _MOST_NAMES:
        shown.append(source[i - 1])
    known = {low for r in shown for low in _forms(r)}
    known |= {str(q.value) for r in shown for q in r.quantities} | {x.lower() for r in shown for x in _initials(r)}
    return all(x in known or any(_demonym(x, k) for k in known) for x in wanted)


def _left_out(line: Reading, reading: Reading) -> list[bool]:
    """Which tokens of a sentence the line leaves out by right: permitted cuts of which it has no word with content."""
    skipped = [False] * reading.n
    for cut in cuts(reading.tokens):
        inside = range(cut.start, cut.end)
        words = {reading.roots[k] for k in inside if reading.content[k]}
        if not words & line.content_roots:
            for k in inside:
                skipped[k] = True
    return skipped


def _kept(line: Reading, chosen: Sequence[Reading]) -> Iterator[str]:
    """What the sentences deny, doubt, condition or attribute, the line does too."""
    for reading in chosen:
        skipped = _left_out(line, reading)
        for name, words in _CLAUSES:
            if reading.has(words, skipped) and not line.has(words):
                yield f"{name} lost"
        if reading.has(g.ATTRIBUTIONS, skipped) and not line.attributes:
            yield "attribution lost"
    for name, words in _CLAUSES:
        if line.has(words) and not any(r.has(words) for r in chosen):
            yield f"{name} added"


def _polarity(line: Reading, chosen: Sequence[Reading]) -> Iterator[str]:
    """A word that the source denies is denied in the line, and one that it does not deny is not."""
    denied, affirmed = set[str](), set[str]()
    for reading in chosen:
        under = denied_words(reading)
        denied |= {reading.roots[i] for i in under}
        affirmed |= {reading.roots[i] for i in range(reading.n) if reading.content[i] and i not in under}
    own = denied_words(line)
    for i in range(line.n):
        word = line.roots[i]
        if not line.content[i] or line.is_a(i, g.NEGATIONS):
            continue
        if word in denied - affirmed and not _clause_denies(line, i):
            yield f"said otherwise: {line.tokens[i].text}"
        if i in own and word in affirmed - denied and not any(_loosely_denied(word, r) for r in chosen):
            yield f"denied without reason: {line.tokens[i].text}"


def denied_words(reading: Reading) -> set[int]:
    """Words with content that a negation governs: the next few of its clause, or, if it closes it, those before."""
    found: set[int] = set()
    for i in range(reading.n):
        if reading.is_a(i, g.NEGATIONS):
            behind = reading.next_content(i, 3)
            found |= set(behind or reading.last_content(i, 2))
    return found


def _clause_denies(line: Reading, i: int) -> bool:
    return any(line.is_a(k, g.NEGATIONS) for k in range(line.n) if line.clause[k] == line.clause[i])


def _loosely_denied(word: str, reading: Reading) -> bool:
    """Whether a word stands in one clause with a negation."""
    return any(reading.roots[i] == word and _clause_denies(reading, i) for i in range(reading.n))


def _modifiers(line: Reading, chosen: Sequence[Reading]) -> Iterator[str]:
    """Statuses and plans stay with the words that they stand before."""
    bare = _unmodified(chosen)
    for reading in chosen:
        for name, words, reach in (("status", g.STATUSES, 1), ("plan", g.PLANS, 2)):
            kept = line.has(words | {"to"} if name == "plan" else words)
            for i in range(reading.n):
                if reading.is_a(i, words - g.SPEECH_VERBS) and not kept:
                    governed = {reading.roots[k] for k in reading.next_content(i, reach)} - bare
                    if governed & line.content_roots:
                        yield f"{name} lost: {reading.tokens[i].text}"
    if line.has(g.STATUSES) and not any(r.has(g.STATUSES) for r in chosen):
        yield "status added"


def _limits(line: Reading, chosen: Sequence[Reading]) -> Iterator[str]:
    """Words like "only" and "all" stay with the words that they stand before, and none is added."""
    for reading in chosen:
        for i, group in reading.limits:
            governed = {reading.roots[k] for k in reading.next_content(i, 1)}
            if governed & line.content_roots and not any(other & group for _, other in line.limits):
                yield f"limit lost: {reading.tokens[i].text}"
    known = [group for r in chosen for _, group in r.limits]
    for i, group in line.limits:
        if not any(group & other for other in known):
            yield f"limit added: {line.tokens[i].text}"


def _unmodified(chosen: Sequence[Reading]) -> frozenset[str]:
    """Roots that also stand in a sentence without any status or plan."""
    return frozenset(x for r in chosen if not r.has(g.STATUSES | g.PLANS) for x in r.content_roots)


def _speakers(line: Reading, chosen: Sequence[Reading]) -> Iterator[str]:
    """Who says it in the line says it in the source."""
    claimed = {line.roots[i] for i in range(line.n) if line.content[i] and not line.is_a(i, g.ATTRIBUTIONS)}
    claimed -= {word for own in line.speakers for word in own}
    # who speaks in a sentence that the claim does not rest on has not said it
    theirs = [s for r in chosen if 2 * len(_shared(claimed, r)) >= len(claimed) for s in r.speakers]
    for own in line.speakers:
        if own and not any(2 * len(own & other) >= len(own) for other in theirs):
            yield "another speaker"
    if line.attributes and not any(r.attributes for r in chosen):
        yield "attribution added"


def _turned(line: Reading, chosen: Sequence[Reading]) -> Iterator[str]:
    """Who does it to whom: around a verb the words stand as in the source, or turned with its voice."""
    for i in range(line.n):
        before = [k for k in line.last_content(i, 3) if not _counts(line, k)]
        after = [k for k in line.next_content(i, 3) if not _counts(line, k)]
        if not line.content[i] or not before or not after:
            continue
        a, verb, b = (line.roots[k] for k in (before[0], i, after[0]))
        for reading in chosen:
            places = [_place(reading, x) for x in (a, verb, b)]
            if None in places or not (_verb_at(line, i) or _verb_at(reading, places[1] or 0)):
                continue
            first, middle, last = (p for p in places if p is not None)
            turned = last < middle < first
            straight = first < middle < last
            voices = _passive(line, i) != _passive(reading, middle)
            if (turned and not voices) or (straight and voices and _agent(line, i) != _agent(reading, middle)):
                yield f"turned round: {line.tokens[i].text}"


def _counts(reading: Reading, i: int) -> bool:
    """Whether a word is a number, or one like "all", before the word that is meant."""
    return reading.is_a(i, w.NUMBERS | w.LIMITS) or reading.low[i][0].isdigit()


def _place(reading: Reading, word: str) -> int | None:
    """Where a root stands, if it stands there once."""
    found = [i for i, r in enumerate(reading.roots) if r == word]
    return found[0] if len(found) == 1 else None


def _passive(reading: Reading, i: int) -> bool:
    """Whether a participle is passive: with a form of be before it, or "by" behind it."""
    before = reading.low[max(i - 3, 0) : i]
    return any(x in ("is", "are", "was", "were", "be", "been", "being") for x in before) or _agent(reading, i)


def _agent(reading: Reading, i: int) -> bool:
    return "by" in reading.low[i + 1 : i + 3]


def _verb_at(reading: Reading, i: int) -> bool:
    return w.is_verb(reading.tokens[i].text.lower(), reading.low[i])


def _decided(line: Reading, chosen: Sequence[Reading]) -> Iterator[str]:
    """Words that decide what happened have one of their kind in the source."""
    known = frozenset(x for r in chosen for x in r.roots)
    for i, word in enumerate(line.roots):
        kinds = [group for group in g.ROOTS_OF_CRITICAL if word in group]
        if kinds and word not in known and not any(group & known for group in kinds):
            yield f"not in the source: {line.tokens[i].text}"


def _covered(line: Reading, chosen: Sequence[Reading]) -> Iterator[str]:
    """Most words are the source's; in a text without capitals, where a name cannot be seen, all of them."""
    known = frozenset(x for r in chosen for x in r.content_roots)
    wanted = [
        i
        for i in range(line.n)
        if line.content[i] and not line.is_a(i, g.SPEECH | g.NEGATIONS | g.DOUBTS) and not line.low[i][0].isdigit()
    ]
    lacking = [
        i
        for i in wanted
        if line.roots[i] not in known
        and not _derived(line.roots[i], known)
        and not any(_demonym(line.low[i], k) for k in known)
        and not any(line.roots[i] in group and group & known for group in g.ROOTS_OF_CRITICAL)
        and line.numbers.alone_at(i) is None
    ]
    if not line.cased and lacking:
        yield f"not in the source: {line.tokens[lacking[0]].text}"
    elif wanted and 1 - len(lacking) / len(wanted) < _LEAST_SHARE:
        yield "too far from the source"
