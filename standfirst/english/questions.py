"""Questions within a text, which say something only together with their answers."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from standfirst.english.sentences import Sentence, is_quotation

_SHORT = 5
"""The most words of a quotation that is an answer and says nothing without its question: "Nothing suggests so"."""
_QUOTATION = re.compile(r"[“\"]([^“”\"]+)[”\"]")
_Q, _A = re.compile(r"q\s*[:.]\s", re.IGNORECASE), re.compile(r"a\s*[:.]\s", re.IGNORECASE)
_BOTH = re.compile(r"[^“”\".!]+\?\s+[“\"]")


def with_answers(found: Iterable[Sentence]) -> Iterator[Sentence]:
    """The sentences of one update, questions in a row together with the answer that needs them.

    Such is a quotation by itself or of few words directly behind them, and "A: ..." behind "Q: ...".

    >>> from standfirst.schema import Paragraph
    >>> from standfirst.english.sentences import sentences
    >>> p = Paragraph("p1", "Is it shut? “No.” Will it be? Nobody knows.", "text", 0, 43)
    >>> [s.text for s in with_answers(sentences(p))]
    ['Is it shut? “No.”', 'Will it be?', 'Nobody knows.']
    """
    asked: list[Sentence] = []
    for sentence in found:
        if asked and not _follows(asked[-1], sentence):
            yield from asked
            asked = []
        if sentence.voice is None and sentence.text.endswith("?"):
            asked.append(sentence)
        elif asked and _answers(asked[-1], sentence):
            yield _joined(asked[0], sentence)
            asked = []
        else:
            yield from asked
            yield sentence
            asked = []
    yield from asked


def asks(text: str) -> bool:
    """Whether a sentence is a question, or one with its answer.

    >>> asks("Is it shut?"), asks("Is it shut? “No.”"), asks("“Is it shut?” he asked.")
    (True, True, False)
    """
    return text.endswith("?") or _BOTH.match(text) is not None


def _follows(before: Sentence, sentence: Sentence) -> bool:
    """Whether a sentence stands directly behind a question, in its paragraph or as an answer marked by a letter."""
    if sentence.place != before.place + 1 or sentence.voice is not None:
        return False
    return before.paragraph is sentence.paragraph or (_Q.match(before.text) and _A.match(sentence.text)) is not None


def _answers(question: Sentence, sentence: Sentence) -> bool:
    if _Q.match(question.text) and _A.match(sentence.text):
        return True
    said = _QUOTATION.match(sentence.text)
    return is_quotation(sentence.text) or (said is not None and len(said[1].split()) <= _SHORT)


def _joined(first: Sentence, last: Sentence) -> Sentence:
    """What stands from one sentence to another; the first announces the other in the next paragraph."""
    if first.paragraph is not last.paragraph:
        return replace(last, voice=first, together=True)
    return replace(first, end=last.end, text=first.paragraph.text[first.start : last.end], together=True)
