"""What the neighbours of a sentence say of it: that it is not so, whose words it is, what was wrong in it.

``verdicts`` tells what each of them says; here a sentence is put together with it.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from standfirst.english.claims import Reading
from standfirst.english.events import one_denies
from standfirst.english.retractions import repeats_error, takes_back_the_last
from standfirst.english.sentences import OPENERS, Sentence, bonded, is_post, is_quotation, leans_back
from standfirst.english.verdicts import ascribes, corrects_itself, may_deny, sets_right, speaks_of_many, undoes
from standfirst.english.voices import goes_on, is_attributed, says_nothing

_PART_QUOTED = re.compile(r"(?<!:)[\s(—–-](?:“[a-z][^“” ]* [^“”]*”|\"[a-z][^\" ]* [^\"]*\"|‘[a-z][^‘’ ]* [^‘’]*’)")
"""Two or more of somebody's words within a sentence; a title has a capital."""
_LONGEST_RUN = 40
"""The most words of a run of sentences that is shown with whose it is: as many as a line has."""
_QUOTE = re.compile(r"[“”\"]")
_BUT = re.compile(
    r"[“\"](?:but|yet|except|only|instead|and i(?:['’]d| would)? (?:was|have been|be) wrong)\b", re.IGNORECASE
)
_CLAIMED = re.compile(r"\b(?:claim(?:s|ed)?|alleg(?:es|ed))\b", re.IGNORECASE)
_HEARD = re.compile(r"\b(?:witness(?:es)?|reported(?:ly)?|unconfirmed|rumou?rs?|scanner)\b", re.IGNORECASE)
_EXPLAINS = re.compile(r".{2,40}\bsaid (?:that )?(?:it|this|that|they) (?:was|were|had been)\b", re.IGNORECASE)
"""How somebody says what it was that was heard of: "Deputies said it was a car backfiring."."""
_SHARED = 2
"""Words with content that a denial and what it denies have in common at the least."""
_OWN_QUOTED = re.compile(
    r"\b(?:describ|prais|congratul|highlight|welcom|critici|condemn|call|brand|label|dub|hail|point(?:s|ed)? (?:to|out)"
    r"|thought|thinks|feel|felt|agree|refus|reject|accus|charged|known as|rat(?:ed|ing)|named?\b|titled|slogan)",
    re.IGNORECASE,
)
"""What says in the sentence itself whose the quoted words are, or that they are a name."""


def answered(found: Iterable[Sentence]) -> Iterator[Sentence]:
    """The sentences, each with what the next one says of it: that it is not so, or whose words it is.

    Within a paragraph the two are one sentence, with all before them that nobody else says if it speaks of many, or
    with all behind that which has its verb; from one paragraph to the next the first becomes the ``voice`` of the
    second, with all of its paragraph if that is not so. A whole run that is somebody's is one sentence if that makes a
    line; else only its last is shown. In the same way what was wrong stays with what is right, and "The governor is
    speaking." with "She says ...". Behind who speaks a sentence that quotes a few words has it for its ``voice``.

    >>> from standfirst.schema import Paragraph
    >>> from standfirst.english.sentences import sentences
    >>> p = Paragraph("p1", "The dam is said to leak. It does not. Boats left.", "text", 0, 49)
    >>> [s.text for s in answered(sentences(p))]
    ['The dam is said to leak. It does not.', 'Boats left.']
    """
    done: list[Sentence] = []
    last = -1  # the place of the sentence before
    for sentence in found:
        before = done[-1] if done and sentence.place == last + 1 else None
        last = sentence.place
        if before is None or sentence.voice is not None:
            done.append(sentence)
            continue
        apart = before.paragraph is not sentence.paragraph
        whose = ascribes(sentence.text)
        corrects = not apart and (corrects_itself(sentence.text) or _sets_right(before, sentence))
        answers = undoes(sentence.text) or _fills(before, sentence) or _turns(before, sentence)
        if not (whose or corrects or answers or (not apart and _contradicts(before, sentence))):
            done.append(sentence if apart else _of_the_speaker(before, sentence))
            continue
        meant = _ascribed(done, sentence) if whose else _undone(done, sentence)
        done.append(bonded(meant, sentence))
    yield from done


def _ascribed(done: list[Sentence], sentence: Sentence) -> Sentence:
    """What a sentence says the words of, taken off ``done``: all before it of its paragraph that nobody else says.

    Where that makes no line, the last of it alone.
    """
    last = first = _taken(done)
    while done and done[-1].paragraph is last.paragraph and not is_attributed(done[-1].text):
        one = done.pop()
        if first.voice is None and not one.paragraph.text[one.end : first.start].strip():
            first = one
    return first if _fits(first, sentence) else last


def _fits(first: Sentence, last: Sentence) -> bool:
    """Whether all that stands from one sentence of a paragraph to another makes a line."""
    text = first.paragraph.text[first.start : last.end]
    return first.paragraph is last.paragraph and len(text.split()) <= _LONGEST_RUN


def _undone(done: list[Sentence], sentence: Sentence) -> Sentence:
    """What a sentence takes back, taken off ``done``: the last, its whole paragraph, or back to what has its verb."""
    end = meant = _taken(done)
    apart = end.paragraph is not sentence.paragraph
    if apart or speaks_of_many(sentence.text):
        while done and done[-1].paragraph is end.paragraph and done[-1].voice is None:
            if not apart and is_attributed(done[-1].text):
                break
            meant = done.pop()
    elif not may_deny(sentence.text, end.text):
        own = [k for k, s in enumerate(done) if s.paragraph is end.paragraph and s.voice is None]
        first = max((k for k in own if may_deny(sentence.text, done[k].text)), default=len(done))
        meant = done[first] if first < len(done) else end
        del done[first:]
    return meant if meant is end else bonded(meant, end)


def _taken(done: list[Sentence]) -> Sentence:
    """The last sentence, off ``done``, or who speaks it where that stands directly before it in the paragraph."""
    last = done.pop()
    spoken = last.voice is not None and last.voice.paragraph is last.paragraph
    return done.pop() if spoken and done and done[-1] is last.voice else last


def _sets_right(before: Sentence, sentence: Sentence) -> bool:
    """Whether what is right stands behind a sentence: it quotes what was wrong, or takes back the update before."""
    one, other = before.text, sentence.text
    if before.together:
        return False
    if sets_right(one) or (not before.place and takes_back_the_last(one)):
        return True
    return repeats_error(one, other) and not repeats_error(one)


def _of_the_speaker(before: Sentence, sentence: Sentence) -> Sentence:
    """A sentence that quotes a few words of nobody's, behind the one that says who speaks."""
    text = sentence.text
    if not _PART_QUOTED.search(text) or _OWN_QUOTED.search(text) or is_quotation(text) or is_post(text):
        return sentence
    if Reading(text).attributes:
        return sentence
    speaker = before.voice if before.voice is not None and before.voice.paragraph is sentence.paragraph else before
    return replace(sentence, voice=speaker) if is_attributed(speaker.text) else sentence


def _turns(before: Sentence, sentence: Sentence) -> bool:
    """Whether somebody's words go on with a "but" that may turn them round."""
    return _QUOTE.search(before.text) is not None and _BUT.match(sentence.text) is not None


def _contradicts(before: Sentence, sentence: Sentence) -> bool:
    """Whether another party denies in the same words, or tells of the same matter, what the one before claims."""
    one, other = before.text, sentence.text
    if before.together or not _fits(before, sentence) or not is_attributed(other) or goes_on(other):
        return False
    if _HEARD.search(one) and _EXPLAINS.match(other):
        return True
    shared = len(Reading(one).content_roots & Reading(other).content_roots)
    denies = is_attributed(one) and one_denies(one, other)
    return shared >= _SHARED if denies else shared > 0 and _CLAIMED.search(one) is not None


def _fills(before: Sentence, sentence: Sentence) -> bool:
    """Whether a sentence says what the one before it, and nobody else, only announced: "He says ..."."""
    text = sentence.text
    follows = goes_on(text) or (text[0] in OPENERS and leans_back(text))  # “We wait,” she said.
    return follows and not before.together and before.voice is None and says_nothing(before.text)
