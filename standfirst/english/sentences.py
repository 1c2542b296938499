"""Sentences of a paragraph, with their offsets, and whether one may stand alone as a line."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

import sentencex

from standfirst.pieces import without_surrogates
from standfirst.schema import Paragraph

OPENERS = "“‘«„\"'"
PAIRS = {"“": "”", "«": "»"}
_QUOTATION = re.compile(
    r"“[^“”]*”|\"[^\"]*\"|‘(?:[^‘’]|(?<=\w)’(?=\w|(?<=s’) \w))*’|'(?:[^']|(?<=\w)'(?=\w|(?<=s') \w))*'"
)
_LEFT_BEHIND = re.compile(r"(?:^|(?<=\s))[“«„\"]\s*$")
"""An opening mark at the end of a sentence: it belongs to the next one."""
_ZONE_OR_DAY = re.compile(r"\s*(?:[ECMP][SD]?T|GMT|BST|UTC|CES?T|local|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day)\b")
_DOMAIN = re.compile(r"(?:[A-Z]{2,3}|Com|Co\.Uk)\b")
_LONGEST_SITE = 30
_LONGEST = 6000
"""Characters that the splitter gets at a time: on marks that nothing closes it takes the square of their number. Of
145,501 sentences of 400 public live blogs one has more."""
_STRAIGHT_OPENS = re.compile(r"(?:^|(?<=[\s(\[–—]))\"(?=\S)")
_SINGLE_OPENS = re.compile(
    r"(?:^|(?<=[\s(\[–—“\"]))[‘'](?!\s|\d|(?:em|n|til|tis|twas|cause|bout|round|cos|ndrangheta)\b)", re.IGNORECASE
)
_SINGLE_CLOSES = re.compile(r"(?<=\S)[’'](?!\w)")
"""Also a possessive: "the dockers’ boats"."""
_POSSESSIVE = re.compile(r"(?<=[snxz])[’'](?= \w)", re.IGNORECASE)
"""What may as well be one, or "goin’ home"."""
_LEANING = re.compile(
    r"(?:he|she|they|it|this|these|those|that|such|another|but|and|so|also|however|meanwhile|prior|later|its|his|her"
    r"|their|here|there|then|(?:others|both)(?=,| (?:of|are|were|is|was|have|had|say|said)\b)"
    r"|the (?:move|latter|former|pair|two|same|party)|not (?:according to|so|quite)|nor)\b",
    re.IGNORECASE,
)
_THESE = re.compile(
    r"\bthese (?!days\b)[a-z]"  # within the sentence, "these days" apart
    r"|\b(?:that|this) (?:claim|report|allegation|accusation|statement|rumou?r)\b"
    r"|^(?:if|when|once) \w+,? (?:it|he|she|they|this|that)\b"
    r"|^the (?:\w+ )?(?:news|warning|announcement|move|decision|strike|attack|raid|call|visit|vote|ruling|statement"
    r"|comments?|remarks?) (?:comes?|came)\b(?: \w+){0,3} (?:as|after|amid|before)\b"
    r"|^(?:it (?:has|had) been (?:widely )?(?:reported|claimed|suggested|rumou?red)|there had been)\b"
    r"|, (?:he|she|they) (?:adds?|added)[.]?$"
    r"|^[\w-]+(?: (?-i:[a-z-]+)){0,4} told (?:him|her|them)\b"
    r"|\b(?:called|described|welcomed|dismissed|condemned) the (?:remarks?|comments?|move|decision|announcement)\b"
    r"|^[“\"‘'].*[”\"’'],? (?:he|she|they|it) (?:said|says|added|adds|told|wrote|explained)\b",
    re.IGNORECASE,
)

_POST = re.compile(
    r"(?<![\w.])@[^\W\d]|(?<!\w)#[^\W\d].*(?<!\w)#[^\W\d]|https?://|\b(?:pic\.twitter|twitter|x|t)\.(?:com|co)/",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of ``paragraph``: ``paragraph.text[start:end] == text``; ``place`` counts from its update's top.

    ``voice`` is what stands in front of it whenever it is shown: what announces whose words these are ("The mayor
    said:"), or what these say is not so. ``together`` says that the second of two sentences tells what the first is
    worth: nothing of them is left out. Both are set in ``voices``, ``neighbours`` and ``questions``.
    """

    paragraph: Paragraph
    start: int
    end: int
    text: str
    place: int
    voice: "Sentence | None" = None
    together: bool = False

    @property
    def n_words(self) -> int:
        """White-space separated words."""
        return len(self.text.split())


def sentences(paragraph: Paragraph, place: int = 0, language: str = "en") -> list[Sentence]:
    """Split a paragraph; quotations are kept whole. White space at the edges belongs to no sentence.

    >>> p = Paragraph("p1", "The port is shut. “We wait. We hope,” she said.", "text", 0, 47)
    >>> [(s.start, s.end, s.text) for s in sentences(p)]
    [(0, 17, 'The port is shut.'), (18, 47, '“We wait. We hope,” she said.')]
    """
    found: list[Sentence] = []
    whole = paragraph.text
    last = len(whole.rstrip())
    start = 0
    for boundary in _ends(without_surrogates(whole), language):
        if _is_no_end(whole, start, boundary):
            continue
        left = _LEFT_BEHIND.search(whole, start, boundary) if boundary < last else None
        end = left.start() if left else boundary
        text = whole[start:end].strip()
        if text:
            at = whole.index(text, start)
            found.append(Sentence(paragraph, at, at + len(text), text, place + len(found)))
        start = end
    return found


def _ends(text: str, language: str) -> Iterator[int]:
    """Where the splitter ends a sentence; of a stretch of a long text its first half alone counts, or its first end."""
    start = 0
    while len(text) - start > _LONGEST:
        ends = _ends_of(text[start : start + _LONGEST], language)
        ends = [end for end in ends if 2 * end <= _LONGEST] or ends[:1] or [_LONGEST]
        yield from (start + end for end in ends if end < _LONGEST)  # where the stretch ends no sentence need end
        start += ends[-1]
    yield from (start + end for end in _ends_of(text[start:], language))


def _ends_of(text: str, language: str) -> list[int]:
    return [boundary["end_index"] for boundary in sentencex.get_sentence_boundaries(language, text)]


def _is_no_end(text: str, start: int, end: int) -> bool:
    """Whether the splitter took "5 p.m. ET" or "PowerWatch.US" for the end of what begins at ``start``."""
    if text[start:end].rstrip().endswith((" a.m.", " p.m.", "0 am.", "0 pm.")):
        return _ZONE_OR_DAY.match(text, end) is not None
    if text[end - 1 : end] != "." or not _DOMAIN.match(text, end):
        return False
    site = text[max(start, end - _LONGEST_SITE) : end].rsplit(maxsplit=1)[-1]
    return any(map(str.isupper, site))  # not "It is over.US troops left."


def marks_left_open(text: str) -> int:
    """How many quotation marks open in a sentence and do not close; below 0 if more close than open.

    >>> marks_left_open("“We wait."), marks_left_open('They said "no".'), marks_left_open("We hope.”")
    (1, 0, -1)
    >>> marks_left_open("‘We wait."), marks_left_open("The ‘mad’ plan"), marks_left_open("The dockers’ boats")
    (1, 0, 0)
    """
    return _doubles_left_open(text) or _singles_left_open(text)


def _doubles_left_open(text: str) -> int:
    curly = sum(text.count(a) - text.count(b) for a, b in PAIRS.items())
    if curly or not text.count('"') % 2:
        return curly
    opening = len(_STRAIGHT_OPENS.findall(text))
    return 1 if opening > text.count('"') - opening else -1


def _singles_left_open(text: str) -> int:
    """The same of single marks, 1, 0 or -1; an apostrophe opens none, and closes none where it may be a possessive.

    Such a mark closes what begins in mid-sentence: "The ‘mad dogs’ fled". What is first, or behind a colon or a comma,
    is rather left open: "‘The judges’ plan is mad."
    """
    opened = None
    for mark in re.finditer(r"[‘’']", text):
        at = mark.start()
        if opened is None and _SINGLE_OPENS.match(text, at):
            opened = at
        elif _SINGLE_CLOSES.match(text, at):
            if opened is None:
                if text[at - 1] in ".,!?…":
                    return -1
            elif not _POSSESSIVE.match(text, at) or text[:opened].rstrip()[-1:] not in ("", ":", ","):
                opened = None
    return int(opened is not None)


def is_quotation(text: str) -> bool:
    """Whether a sentence is one quotation, from mark to mark."""
    return text[:1] in OPENERS and _QUOTATION.fullmatch(text) is not None


def is_whole(text: str) -> bool:
    """Whether a sentence can stand: it announces nothing, holds no half quotation, is no quotation without a speaker.

    >>> is_whole("It came at a cost:"), is_whole("“We wait."), is_whole("“We wait.”"), is_whole("#osk @dorsk")
    (False, False, False, False)
    >>> is_whole("“We wait,” she said.")
    True
    """
    if is_quotation(text) or all(map(_is_tag, text.split())):
        return False
    if text.endswith((":", "…", "...", ",")):
        return False
    if text.count('"') % 2:
        return False
    return not _singles_left_open(text) and all(text.count(a) == text.count(b) for a, b in PAIRS.items())


def _is_tag(word: str) -> bool:
    """Whether a word is a hashtag, a handle, a link, or has no letter: nothing that a line could consist of."""
    return word.startswith(("#", "@", "http")) or not any(map(str.isalpha, word))


def is_post(text: str) -> bool:
    """Whether a handle, two hashtags or a link stand in a sentence: it is a post on a network, or runs into one.

    >>> is_post("Dana Orsk (@dorsk) no boats today"), is_post("Mail dana@osk.example at 9.")
    (True, False)
    """
    return _POST.search(text) is not None


def leans_back(text: str) -> bool:
    """Whether a sentence points at an earlier one: by its first words, by "this claim", by who speaks.

    >>> leans_back("He later added"), leans_back("The mayor added"), leans_back("If confirmed, it would be the first")
    (True, False, True)
    """
    if _THESE.search(text):
        return True
    found = _LEANING.match(text.lstrip(OPENERS))
    return found is not None and not (len(found[0]) > 1 and found[0].isupper())  # "IT" is no "it"


def bonded(before: Sentence, sentence: Sentence) -> Sentence:
    """Two sentences, of which the second says what the first is worth."""
    if before.paragraph is sentence.paragraph:
        text = before.paragraph.text[before.start : sentence.end]
        return replace(before, end=sentence.end, text=text, together=True)
    return sentence if before.voice is not None else replace(sentence, voice=before, together=True)
