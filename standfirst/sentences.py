"""Sentences of a paragraph, with their offsets, and whether one may stand alone as a line."""

import re
from dataclasses import dataclass

import sentencex

from standfirst.pieces import without_surrogates
from standfirst.schema import Paragraph

_OPENERS = "“‘«„\"'"
_QUOTATION = re.compile(r"“[^“”]*”|\"[^\"]*\"|‘[^‘’]*’")
_PAIRS = {"“": "”", "«": "»"}
_LEANING = re.compile(
    r"(?:he|she|they|it|this|these|those|that|such|another|but|and|so|also|however|meanwhile|prior|later|"
    r"its|his|her|their|here|there|then|others|both|the (?:move|latter|former|pair|two|same))\b",
    re.IGNORECASE,
)
_THESE = re.compile(r"\bthese (?!days\b)[a-z]")  # within the sentence, "these days" apart


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of ``paragraph``: ``paragraph.text[start:end] == text``; ``place`` counts from its update's top."""

    paragraph: Paragraph
    start: int
    end: int
    text: str
    place: int

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
    for boundary in sentencex.get_sentence_boundaries(language, without_surrogates(paragraph.text)):
        raw = paragraph.text[boundary["start_index"] : boundary["end_index"]]
        text = raw.strip()
        if text:
            start = boundary["start_index"] + raw.index(text)
            found.append(Sentence(paragraph, start, start + len(text), text, place + len(found)))
    return found


def is_whole(text: str) -> bool:
    """Whether a sentence can stand: it announces nothing, holds no half quotation, is no quotation without a speaker.

    >>> is_whole("It came at a cost:"), is_whole("“We wait."), is_whole("“We wait.”")
    (False, False, False)
    >>> is_whole("“We wait,” she said.")
    True
    """
    if text[0] in _OPENERS and _QUOTATION.fullmatch(text):
        return False
    if text.endswith((":", "…", "...", ",")):
        return False
    if text.count('"') % 2:
        return False
    return all(text.count(a) == text.count(b) for a, b in _PAIRS.items())


def leans_back(text: str) -> bool:
    """Whether a sentence points at an earlier one: by its first word ("He later added"), or by "these claims" anywhere.

    >>> leans_back("He later added"), leans_back("The mayor added"), leans_back("“They left,” he said")
    (True, False, True)
    """
    if _THESE.search(text):
        return True
    found = _LEANING.match(text.lstrip(_OPENERS))
    return found is not None and not (len(found[0]) > 1 and found[0].isupper())  # "IT" is no "it"
