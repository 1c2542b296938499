"""What a sentence says of the blog that it stands in: that a post of it was wrong, and which.

Two things make it so, wherever they stand: it speaks of an earlier text of the blog's own ("our 12:40 post", "as we
said an hour ago"), and it, or the sentence behind it, takes something back ("which was wrong", "It was Venn who ...").
"""

import re

from standfirst.parse.times import hour_of_day

_WE_SAID = r"(?:said|stated|reported|wrote|suggested|named|quoted|misstated|misspelt|misspelled|misquoted)"
SAID = rf"(?:{_WE_SAID}|gave|put|called|identified|claimed|attributed|posted)"
POST = r"(?:post|entry|update|item|snap|headline|story)"
_ZONE = r"(?:\s?(?:UTC|[A-Z]{2,4}T))?"
_CLOCK = rf"\d{{1,2}}(?:[.:]\d{{2}}(?:\s?[ap]m)?|\s?[ap]m){_ZONE}"
_EARLIER = r"(?:earlier|previous|original|last)"
_BEFORE = rf"(?:earlier|previously|at {_CLOCK}|(?:an?|\w+) (?:hours?|minutes?) ago|in an earlier \w+)"
_WRONGLY = r"(?:incorrectly|wrongly|mistakenly|erroneously|falsely|previously|earlier)"
_HERE = rf"(?: (?:here|above|{_BEFORE}))"
LABEL = re.compile(
    r"(?:a |our )?(?:correction|clarification|corrected)"
    r"(?:(?: (?:to|of|on) [^:]{3,40}?)?(?: \w+){0,2}\s*[:–—-]\s*|[.]?$)",
    re.IGNORECASE,
)
"""How a sentence begins that corrects."""
_OPENING = re.compile(
    rf"(?:(?:sorry|apologies|an apology)[,:–—-]\s*)?(?:we|i) (?:had |have )?(?:\w+ly )?{_WE_SAID}\b(?: that)?\s*",
    re.IGNORECASE,
)
"""What speaks of the blog only where it begins a sentence: "We said that ..."."""
_OWN = re.compile(
    rf"\b{_EARLIER} version of (?:(?:this|our|my)\b|the (?:page|post|blog|entry|update)\b)"
    rf"|\b(?:our|my) {_EARLIER} (?:\w+ )?(?:{POST}|report|figure|estimate|line|tweet)\b"
    rf"|\b(?:an?|the|that|in|at) {_EARLIER} (?:(?:post|entry|update|item|snap|headline)\b"
    r"|(?:story|report|figure|estimate) (?:by us|of ours|here)\b)"
    rf"|(?<![\w.:]){_CLOCK} {POST}\b|\b{POST} (?:at|of|from|timed) {_CLOCK}(?![\w:])"
    rf"|\b(?<!\bas )(?:we|i) (?:(?:had|have) )?(?:\w+ly )?{_WE_SAID},? {_BEFORE}\b"
    rf"|\b(?<!\bas )(?:we|i) (?:(?:had|have) )?{_WRONGLY} {_WE_SAID}\b"
    rf"|\b(?:earlier|previously|at {_CLOCK}),? (?:we|i) (?:had )?(?:\w+ly )?{_WE_SAID}\b",
    re.IGNORECASE,
)
"""What names an earlier text of the blog's own."""
_LEADS = [
    re.compile(rf"(?:(?:sorry|apologies|my mistake)[,:.–—] ?)?(?:(?:in|at) )?{article}", re.IGNORECASE)
    for article in ("", "(?:our|my|the|an?) ")
]
_POINTING = re.compile(r"\b(?:see|read|more (?:in|at))\b[^.()]{0,30}", re.IGNORECASE)
_TOLD = re.compile(rf"(?:.{{0,30}}?\b(?:we|i))?.{{0,20}}?\b{SAID}\b(?: that)?\s*", re.IGNORECASE | re.DOTALL)
"""What joins such a name to what was said: "the 9.30 post, in which we said that"."""
_AGAINST = re.compile(
    rf"(?:\bnot|n['’]t|\bnever|\bnor|\brather than|\binstead of)\b(?:,? as (?:we|i) (?:had |have )?{_WE_SAID}\b"
    rf"|(?: [\w'’-]+){{0,4}},? as (?:(?:we|i) )?{_WE_SAID}{_HERE}\b)"
    rf"|\b(?:contrary to|despite) (?:what (?:(?:we|i) (?:had |have )?{_WE_SAID}\b|(?:was|has been) {_WE_SAID}{_HERE}\b)"
    rf"|(?:our|my) (?:{_EARLIER}|{_CLOCK}|own) \w+|(?:an?|the) {_EARLIER} {POST}\b)"
    r"|\b(?:we|i)(?:['’]ve| have)? (?:(?:now|since|therefore) )?(?:removed|deleted|withdrawn|retracted|taken down)"
    rf" (?:an?|the|our|my|that) (?:[\w.:]+ ){{0,2}}{POST}\b",
    re.IGNORECASE,
)
"""What does both at once: "not, as we said,"."""
_TAKEN_BACK = re.compile(
    r"\b(?:incorrect(?:ly)?|wrong(?:ly)?|mistaken(?:ly)?|mistake|error|erroneous(?:ly)?|untrue|false|in fact|actually"
    r"|apolog\w+|sorry|should (?:have|read|be)|correct(?:ed|ion)?|misst\w+|missp\w+|misq\w+|misattributed|misheard"
    r"|(?:over|under)stated|out by|words in(?:to)?|removed|deleted|withdrawn|retracted|rather than|instead of)\b",
    re.IGNORECASE,
)
_SORRY = re.compile(
    r"(?:sorry|apologies|my mistake)\s*[:,–—-]\s*(?=.{0,80}(?:\bnot\b|n['’]t\b|\bno\b|\bnever\b))",
    re.IGNORECASE | re.DOTALL,
)
"""How a post begins that takes back what stands shortly before it: "Sorry: No 10 hasn't confirmed that."."""
_WITHDRAWN = re.compile(
    r"\b(?:withdr[ae]wn?|withdraws|retract(?:s|ed)|tak(?:es|en) back|took back) (?:an?|the|that|its|his|her|their) "
    r"(?:[\w-]+ ){0,2}(?:statement|report|claim|figure|toll|number|account|allegation|announcement|estimate|post|tweet"
    r"|story)s?\b(?:.{0,60}?\b(?:said|saying|stated|claimed|reported))?,? that\s+",
    re.IGNORECASE | re.DOTALL,
)
"""How somebody else takes back what the blog has from them: "Police have withdrawn a statement that ..."."""
_CLEFT = re.compile(r"it (?:was|is) (?:[^\s.]+ ){1,10}(?:who|that|which)\b", re.IGNORECASE)
"""A next sentence that names another: "It was Venn who said it."."""
_PARTS = r"(\d{1,2})(?:[.:](\d{2})|(?=\s?[ap]m))\s?([ap]m)?"
_TIMED = re.compile(
    rf"(?<![\w.:]){_PARTS}{_ZONE}(?= {POST}\b|,? (?:we|i) (?:had )?(?:\w+ly )?{SAID}\b)"
    rf"|\b(?:{POST} (?:at|of|from|timed)|{SAID}(?: here)? at) {_PARTS}",
    re.IGNORECASE,
)
_LAST = re.compile(
    r"(?:please )?(?:ignore|disregard|scrap|strike|scratch|forget) "
    rf"(?:that|(?:that|the|my|our) (?:last|previous) {POST})(?=\s*[,.;:!–—])"
    rf"|(?:a )?correction (?:to|of) (?:that|the|my|our) (?:last|previous) {POST}\b",
    re.IGNORECASE,
)
_WHAT_IS_RIGHT = re.compile(r",? (?:when|whereas|but|while)\b.*| ?[;–—].*", re.DOTALL)
_HEADED = re.compile(r"“([^“”]+)”|\"([^\"]+)\"")


def takes_back(text: str, behind: str) -> bool:
    """Whether a sentence speaks of an earlier text of its own blog, and it or the next one, ``behind``, takes it back.

    That the next one only denies something is not looked at here.

    >>> takes_back("An earlier update put the toll at 23, which was wrong.", "")
    True
    >>> takes_back("Police have withdrawn a statement that the dam had burst.", "")
    True
    >>> takes_back("As we reported earlier, Venn has not resigned.", ""), takes_back("See our 12:40 post.", "No.")
    (False, False)
    """
    if _AGAINST.search(text) or _SORRY.match(text) or _WITHDRAWN.search(text):
        return True
    return repeats_error(text, behind)


def repeats_error(text: str, behind: str = "") -> bool:
    """Whether a sentence says again what its own blog had said, and it or the next one that it was wrong.

    >>> repeats_error("At 12:40 we said that the dam had burst.", "In fact it had only leaked.")
    True
    >>> repeats_error("The dam has not burst, despite our earlier report.")
    False
    """
    return names_own(text) and (_TAKEN_BACK.search(f"{text} {behind}") or _CLEFT.match(behind)) is not None


def names_own(text: str) -> bool:
    """Whether a sentence names an earlier text of the blog that it stands in.

    >>> names_own("Our 12:40 post said so."), names_own("An earlier version of the treaty said so.")
    (True, False)
    """
    return _OPENING.match(_unlabelled(text)) is not None or _OWN.search(_POINTING.sub("", text)) is not None


def takes_own_back(text: str, behind: str) -> bool:
    """Whether a blog takes back what a post of its own said, without "Correction:" and what is right.

    >>> takes_own_back("We have removed an earlier post.", ""), takes_own_back("Correction: the toll is 44.", "")
    (True, False)
    """
    return LABEL.match(text) is None and takes_back(text, behind) and not _WITHDRAWN.search(text)


def begins_with_own(text: str) -> bool:
    """Whether a sentence begins with what an earlier text of the blog said.

    >>> begins_with_own("Sorry, in our 9.30 post we said so."), begins_with_own("See our 9.30 post.")
    (True, False)
    """
    plain = _unlabelled(text)
    return any(_OWN.match(plain, m.end()) for lead in _LEADS if (m := lead.match(plain)))


def takes_back_the_last(text: str) -> bool:
    """Whether an update that begins so takes back the one before it.

    >>> takes_back_the_last("Ignore that, I pressed the wrong button."), takes_back_the_last("Forget that old tune.")
    (True, False)
    """
    return _LAST.match(text) is not None


def named_times(text: str) -> list[tuple[int, int]]:
    """The hours and minutes of the posts that a sentence names.

    >>> named_times("It was not Venn, as stated at 12:40 UTC, nor is our 9pm post right.")
    [(12, 40), (21, 0)]
    """
    return [clock(*(m.groups()[:3] if m[1] else m.groups()[3:])) for m in _TIMED.finditer(text)]


def clock(hour: str, minute: str | None, half: str | None) -> tuple[int, int]:
    """The hour, from 0 to 23 where ``half`` of the day is told, and the minute of a time.

    >>> clock("9", "05", "pm"), clock("12", "05", "am"), clock("9", "05", None)
    ((21, 5), (0, 5), (9, 5))
    """
    return hour_of_day(int(hour), half[0]) if half else int(hour), int(minute or 0)


def what_was_wrong(text: str) -> list[str]:
    """The part of a sentence that repeats the error, as far as it can be told, and what it quotes.

    >>> what_was_wrong("Our 9.30 post said that the dam had burst, when it had only leaked.")
    ['the dam had burst']
    """
    plain = _unlabelled(text)
    frame = _OPENING.match(plain) or _WITHDRAWN.search(plain) or _SORRY.match(plain)
    own = None if frame else _OWN.search(plain)
    if own is not None:
        frame = _TOLD.match(plain, own.end())
        frame = frame or (own if re.search(rf"\b{SAID}\b", own[0], re.IGNORECASE) else None)
    told = plain[frame.end() :] if frame else ""
    told = told if len(told.split()) > 1 else plain
    return [_WHAT_IS_RIGHT.sub("", told), *(next(filter(None, m.groups())) for m in _HEADED.finditer(plain))]


def _unlabelled(text: str) -> str:
    label = LABEL.match(text)
    return text[label.end() :] if label else text
