"""Sentences of a paragraph, with their offsets, and whether one may stand alone as a line."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import sentencex

from standfirst import words as w
from standfirst.pieces import without_surrogates
from standfirst.schema import Paragraph

_OPENERS = "“‘«„\"'"
_QUOTATION = re.compile(r"“[^“”]*”|\"[^\"]*\"|‘[^‘’]*’")
_PAIRS = {"“": "”", "«": "»"}
_LEFT_BEHIND = re.compile(r"(?:^|(?<=\s))[“«„\"]\s*$")
"""An opening mark at the end of a sentence: it belongs to the next one."""
_STRAIGHT_OPENS = re.compile(r"(?:^|(?<=[\s(\[–—]))\"(?=\S)")
_LEANING = re.compile(
    r"(?:he|she|they|it|this|these|those|that|such|another|but|and|so|also|however|meanwhile|prior|later|"
    r"its|his|her|their|here|there|then|others|both|the (?:move|latter|former|pair|two|same))\b",
    re.IGNORECASE,
)
_LABEL = re.compile(r"(?:[\w.'’&-]+ ){0,4}[\w.'’&-]{2,}(?: \([^()]{1,40}\))?:(?= )|[^@:]{2,40}\(@ ?\w+\)(?= )")
"""What stands before somebody's words: "Dana Orsk: ", "Dana Orsk (@dorsk) "."""
_TO_COLON = re.compile(r"[^:“\"]{3,240}:(?= )")
_WORD = re.compile(r"[\w'’-]+")
_NOBODY = re.compile(
    r"(?:.* )?(?:updated?|breaking|watch|read|more|photo\w*|video|picture|live|summary|corrections?|analysis|note|"
    r"exclusive|here|reminder|morning|afternoon|evening|alert|verdict|results?|official|question|answer|also|latest|"
    r"myth|claims?|facts?|false|true|rumou?rs?|clarification|news|reports?|headlines?|\w*\d\w*|[ap]m)",
    re.IGNORECASE,
)
"""Labels that name no speaker."""
_DOCUMENT = re.compile(
    r"(?:statement|speech|extract|excerpt|letter|e-?mail|tweet|post|blog|interview|remarks|words|text|quotes?|comments?|"
    r"full|writes|wrote|reads|asks|asked|replied|replies|tribute|response|reaction|reply|message|transcript)s?",
    re.IGNORECASE,
)
_PRESENTED = re.compile(
    r"(?!.*\b(?:points|lines|summary|highlights|takeaways)\b)"
    r"(?:here (?:is|are)|here['’]s|below (?:is|are)|(?:this|that) (?:is|was)(?= (?:from|by|what|how|part of)\b))\s"
    r"(?:.*\b(?:statement|response|reaction|reply|letter|e-?mail|tweet|message|remark|word|text|quote|comment|extract"
    r"|excerpt|transcript|speech|interview)s?\b|.*\b(?:said|says|told|wrote|tweeted|put it)\b"
    r"|(?:from|by)\s).*\.",
    re.IGNORECASE | re.DOTALL,
)
"""A sentence behind which somebody's words begin without a colon: "Here is the ministry's statement."; a list of main
points is in its writer's."""
_PRESENTED_WORDS = 25
_QUOTE_MARK = re.compile(r"[“”«»\"]")
_SMALL = (w.ARTICLES | w.PREPOSITIONS | w.CONJUNCTIONS | w.AUXILIARIES | w.PRONOUNS | w.POINTERS) - {"of", "the"}
_SETTING_RIGHT = re.compile(
    r"(?:correction|clarification|corrected|myth|claim|false|rumou?r)\s*:"
    r"|an? earlier version of (?:this|the|our) "
    r"|(?:this|an earlier) (?:post|entry|article|update|blog|story|page) (?:has been|was) "
    r"(?:amended|corrected|updated|edited)"
    r"|(?:earlier|previously),? we (?:said|reported|wrote|stated)\b"
    r"|we (?:had|(?:had )?(?:earlier|previously|incorrectly|wrongly|mistakenly)) "
    r"(?:said|reported|wrote|written|stated)\b",
    re.IGNORECASE,
)
"""How a sentence begins that quotes what was wrong."""
_UNDOING = re.compile(
    r"(?:(?:they|these|this|that|it"
    r"|(?:the|these|those) (?:claims?|reports?|rumou?rs?|stor(?:y|ies)|posts?|videos?|images?))"
    r" (?:(?:is|are|was|were|has|have|had|did|does|do)(?:n['’]t| not)"
    r"(?: (?:yet )?(?:true|so|happen(?:ed)?|correct|the case|(?:been )?(?:confirmed|verified)))?"
    r"|(?:is|are|was|were|has been|have been) (?:all |now |completely )?(?:false|untrue|wrong|fake|baseless|unconfirmed"
    r"|incorrect|denied|disputed|debunked|withdrawn|retracted|a hoax))"
    r"|not (?:yet )?(?:true|so|confirmed|verified))\s*(?:[.,;!–—]|$)",
    re.IGNORECASE,
)
"""A sentence that says of the one before that it is not so."""
_THESE = re.compile(r"\bthese (?!days\b)[a-z]")  # within the sentence, "these days" apart


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of ``paragraph``: ``paragraph.text[start:end] == text``; ``place`` counts from its update's top.

    ``voice`` is what announces whose words these are, if anything does: "The mayor said:", see ``owned``. ``together``
    says that these are two sentences, of which the second undoes the first: nothing of them is left out.
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
    start = 0
    for boundary in sentencex.get_sentence_boundaries(language, without_surrogates(whole)):
        end = boundary["end_index"]
        left = _LEFT_BEHIND.search(whole, start, end) if whole[end:].strip() else None
        end = left.start() if left else end
        text = whole[start:end].strip()
        if text:
            at = whole.index(text, start)
            found.append(Sentence(paragraph, at, at + len(text), text, place + len(found)))
        start = end
    return found


def owned(found: Iterable[Sentence]) -> Iterator[Sentence]:
    """The sentences of one update of which it can be told whose words they are.

    Directly behind "The mayor said:" stands what the mayor said: that sentence gets the announcement for its ``voice``.
    Where the mayor's words end is marked if they are in quotation marks; if not, the rest is left out, up to the next
    announcement.

    >>> p = Paragraph("p1", "The mayor said: We wait. The port is shut.", "text", 0, 42)
    >>> [s.text for s in owned(sentences(p))]
    ['The mayor said: We wait.']
    >>> q = (Paragraph("p1", "The mayor said:", "text", 0, 15), Paragraph("p2", "We wait. It is shut.", "text", 16, 36))
    >>> [(s.text, s.voice and s.voice.text) for s in owned([*sentences(q[0]), *sentences(q[1])])]
    [('The mayor said:', None), ('We wait.', 'The mayor said:')]
    """
    found = list(found)
    voice: Sentence | None = None
    opened: Sentence | None = None  # who speaks in a quotation that is not closed yet
    unmarked = False  # whether somebody's words may still go on
    for sentence, within in zip(found, _within_quotations(found), strict=True):
        own = _announced(sentence)
        if within and own is None:
            opened = opened if _marks_left_open(sentence.text) >= 0 else None
            continue
        if opened is not None and own is None and sentence.text[0] in _OPENERS:
            voice = opened  # a quotation of several paragraphs, each of which opens it again
        opened = None
        if own is None and voice is not None:
            yield replace(sentence, voice=voice)
            unmarked = sentence.text[0] not in _OPENERS
            opened = voice if _is_open(sentence.text) else None
        elif own is not None or not unmarked:
            yield sentence
        voice = own if own is not None and own.end == sentence.end else None
        if own is not None:
            unmarked = voice is None and sentence.text[len(own.text) :].lstrip()[:1] not in _OPENERS


def _within_quotations(found: Sequence[Sentence]) -> list[bool]:
    """Whether each sentence goes on with a quotation that an earlier one of its paragraph opens.

    One that is never closed goes on to the paragraph's end.
    """
    within = []
    is_open = False
    for i, sentence in enumerate(found):
        is_open = is_open and sentence.paragraph is found[i - 1].paragraph
        within.append(is_open)
        more = _marks_left_open(sentence.text)
        is_open = more >= 0 if is_open else more > 0
    return within


def _marks_left_open(text: str) -> int:
    """How many quotation marks open in a sentence and do not close; below 0 if more close than open."""
    curly = sum(text.count(a) - text.count(b) for a, b in _PAIRS.items())
    if curly or not text.count('"') % 2:
        return curly
    opening = len(_STRAIGHT_OPENS.findall(text))
    return 1 if opening > text.count('"') - opening else -1


def _is_open(text: str) -> bool:
    return text[0] in _PAIRS and text.count(text[0]) > text.count(_PAIRS[text[0]])


def _announced(sentence: Sentence) -> Sentence | None:
    """The part of a sentence that announces somebody's words, if it does."""
    text = sentence.text
    if text.endswith(":"):
        return sentence if _tells(text) else None
    if sentence.n_words <= _PRESENTED_WORDS and not _QUOTE_MARK.search(text) and _PRESENTED.fullmatch(text):
        return sentence
    label = _LABEL.match(text)
    speech = _TO_COLON.match(text)
    if speech and _tells(speech[0]):
        label = speech
    if label is None or _NOBODY.fullmatch(label[0].rstrip(":")):
        return None
    if label is not speech and not _SMALL.isdisjoint(label[0].lower().rstrip(":").split()):
        return None
    return replace(sentence, end=sentence.start + label.end(), text=label[0])


def _tells(text: str) -> bool:
    """Whether a word of speech, or for a document that holds somebody's words, stands in it."""
    return any(word in w.SPEECH or _DOCUMENT.fullmatch(word) for word in _WORD.findall(text.lower()))


def is_quotation(text: str) -> bool:
    """Whether a sentence is one quotation, from mark to mark."""
    return text[0] in _OPENERS and _QUOTATION.fullmatch(text) is not None


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
    return all(text.count(a) == text.count(b) for a, b in _PAIRS.items())


def _is_tag(word: str) -> bool:
    """Whether a word is a hashtag, a handle, a link, or has no letter: nothing that a line could consist of."""
    return word.startswith(("#", "@", "http")) or not any(map(str.isalpha, word))


def sets_right(text: str) -> bool:
    """Whether a sentence quotes what was wrong, in order to correct it: alone it would spread it.

    >>> sets_right("An earlier version of this post said the bridge fell."), sets_right("Myth: the sea is sweet.")
    (True, True)
    >>> sets_right("The earlier version of the treaty was signed in Osk.")
    False
    """
    return _SETTING_RIGHT.match(text) is not None


def undoes(text: str) -> bool:
    """Whether a sentence says of the one before that it is not so.

    >>> undoes("They are not true, the mayor said."), undoes("It was not the first to do so.")
    (True, False)
    """
    return _UNDOING.match(text) is not None


def undone_together(found: Iterable[Sentence]) -> Iterator[Sentence]:
    """The sentences, but what says that the one before is not so is one with it, where both are of one paragraph.

    >>> p = Paragraph("p1", "The dam is said to leak. It does not. Boats left.", "text", 0, 49)
    >>> [s.text for s in undone_together(sentences(p))]
    ['The dam is said to leak. It does not.', 'Boats left.']
    """
    held: Sentence | None = None
    for sentence in found:
        if held is not None and held.paragraph is sentence.paragraph and undoes(sentence.text):
            text = held.paragraph.text[held.start : sentence.end]
            held = replace(held, end=sentence.end, text=text, together=True)
            continue
        if held is not None:
            yield held
        held = sentence
    if held is not None:
        yield held


def leans_back(text: str) -> bool:
    """Whether a sentence points at an earlier one: by its first word ("He later added"), or by "these claims" anywhere.

    >>> leans_back("He later added"), leans_back("The mayor added"), leans_back("“They left,” he said")
    (True, False, True)
    """
    if _THESE.search(text):
        return True
    found = _LEANING.match(text.lstrip(_OPENERS))
    return found is not None and not (len(found[0]) > 1 and found[0].isupper())  # "IT" is no "it"
