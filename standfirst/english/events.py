"""Whether two lines that read alike tell of different events, and whether one tells how many died."""

import re

from standfirst.english import words as w
from standfirst.english.claims import Reading

_LOWER = w.ARTICLES | w.AUXILIARIES | w.CONJUNCTIONS | w.PREPOSITIONS  # small even where All Words Have a Capital
_DENIALS = w.NEGATIONS - {"yet", "unless", "except", "excluding", "instead", "rather", "without", "ruled", "failure"}
_DATES = w.WEEKDAYS | w.MONTHS | {"gmt", "bst"}
_SAME_NAME = 5
"""Letters by which a name is known in another form: Israel, Israeli."""

_DIED = ("dead", "died", "killed", "kills", "killing", "deaths", "lives", "bodies", "victims", "fatalities")
_DEAD = re.compile(rf"\b(?:death|(?<!for their )(?:{'|'.join(_DIED)})|injur(?:es|ed)|wound(?:s|ed))\b", re.IGNORECASE)
_TOLL = re.compile(
    r"\b(?:death )?toll\b|\b(?:dead|died|killed|deaths)\b.{0,60}\b(?:risen|rises|rose|climbed|climbs|passes|passed)\b"
    r"|\b(?:dead|died|killed|deaths)\b.{0,60}\bnow (?:says?|confirms?|puts?)\b"
    r"|\bnow (?:known|confirmed|believed|thought|feared|said) to (?:be dead|have (?:died|been killed))\b",
    re.IGNORECASE,
)
"""How a line speaks that brings the number of the dead up to date."""
_AHEAD = re.compile(
    r"\b(?:will\b.{0,60}\b(?:today|this (?:morning|afternoon|evening))|(?:hopes?|plans?|expects?) to"
    r"|tonight|later (?:today|on|this)|tomorrow"
    r"|(?:is|are|was|were) (?:due|expected|set|about|likely|poised|hoping) to"
    r"|(?:is|are) (?:voting|meeting|gathering|counting|arriving|preparing)|begins?|starts?|underway|under way"
    r"|continues?|delayed|awaits?|to (?:vote|meet|decide|consider|discuss|announce|rule|hold|face))\b",
    re.IGNORECASE,
)
_NEAR = 6
"""Words within which a number tells how many died."""


def tell_apart(one: str, other: str) -> bool:
    """Whether two lines that read alike are about different things: all that differs is names, and numbers beside them.

    >>> tell_apart("Bank of Osk cuts rates to 4%", "Bank of Veld cuts rates to 2%")
    True
    >>> tell_apart("Two dead in Osk blast", "Three dead in Osk blast")
    False
    >>> tell_apart("Minister Quits Over Leak", "Minister Resigns Over Leak")  # no name to be told by its capital
    False
    """
    if not (_tells_names(one) and _tells_names(other)):
        return False
    # A line's first word has its capital from its place.
    words = [{x.strip(".,:;!?“”‘’'\"") for x in text.split()[1:]} for text in (one, other)]
    own = [a - b for a, b in (words, words[::-1])]
    named = [any(x[:1].isupper() for x in side) for side in own]
    return all(named) and all(x[:1].isupper() or not x[:1].isalpha() for side in own for x in side)


def one_denies(one: str, other: str) -> bool:
    """Whether one of two lines denies something and the other nothing.

    >>> one_denies("The dam at Osk has broken", "The dam at Osk has not broken"), one_denies("He left", "She left")
    (True, False)
    """
    return Reading(one).has(_DENIALS) != Reading(other).has(_DENIALS)


def are_elsewhere(one: str, other: str) -> bool:
    """Whether each of two sentences has names, or a scene, that the other lacks; who says it and the day do not count.

    Numbers tell no events apart: a later one is mostly the same event's.

    >>> dam = "The dam in Osk broke overnight, mayor Ina Venn said"
    >>> are_elsewhere(dam, "The dam in Veld broke overnight"), are_elsewhere(dam, "Osk dam broke, Ann Orsk told Lot TV")
    (True, False)
    >>> are_elsewhere("Two died in a fire at a hotel in Osk", "Six died in a fire at a nightclub in Osk")
    True
    """
    readings = Reading(one), Reading(other)
    if _tells_names(one) and _tells_names(other) and all(_own_names(*pair) for pair in (readings, readings[::-1])):
        return True
    scenes = [_scenes(r) for r in readings]
    return all(scenes) and all(not places & r.content_roots for places, r in zip(scenes, readings[::-1], strict=True))


def counts_on(one: str, other: str) -> bool:
    """Whether two lines count the dead, and one of them says that it goes on counting.

    >>> counts_on("Two people died in the Osk fire", "The death toll of the Osk fire has risen to six")
    True
    """
    counted = all(_DEAD.search(text) or _TOLL.search(text) for text in (one, other))
    return counted and any(_TOLL.search(text) for text in (one, other))


def counts_the_dead(text: str) -> bool:
    """Whether a sentence says how many died.

    >>> [counts_the_dead(t) for t in ("Three are dead, police say", "Two spoke of a death", "The dead rest here")]
    [True, False, False]
    """
    low = re.findall(r"\w+", text.lower().replace("for their lives", ""))
    number = dead = -_NEAR - 1
    for i, word in enumerate(low):
        if word in w.NUMBERS or word[0].isdigit():
            number = i
        elif word in _DIED:
            dead = i
        if abs(number - dead) <= _NEAR and min(number, dead) >= 0:
            return True
    return False


def looks_ahead(text: str) -> bool:
    """Whether a line tells of what is still to come or under way, and is old news when it has.

    >>> [looks_ahead(t) for t in ("MPs vote tonight on the bill", "Talks continue in Osk", "MPs have passed the bill")]
    [True, True, False]
    """
    return _AHEAD.search(text) is not None


def _tells_names(text: str) -> bool:
    """Whether a name can be told by its capital: other words are small."""
    return any(x[:1].islower() and x not in _LOWER for x in text.split())


def _own_names(reading: Reading, other: Reading) -> bool:
    said = {root for speaker in reading.speakers for root in speaker}
    said |= {reading.roots[k] for i, low in enumerate(reading.low) if low == "told" for k in reading.next_content(i, 2)}
    return any(
        i and reading.roots[i] not in said and reading.low[i] not in _DATES
        for i in reading.names
        if not any(low.startswith(reading.low[i][:_SAME_NAME]) for low in other.low)
    )


def _scenes(reading: Reading) -> frozenset[str]:
    """The roots of what stands behind "at a" and "at the", without a capital: a hotel, a nightclub."""
    return frozenset(
        reading.roots[found[0]]
        for i, low in enumerate(reading.low[:-1])
        if low == "at" and reading.low[i + 1] in w.DETERMINERS and (found := reading.next_content(i, 1))
        if reading.tokens[found[0]].text.islower()
    )
