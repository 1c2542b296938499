"""The sentences of an update that a line may be made of, and the headline that is a line already."""

from collections.abc import Sequence
from functools import lru_cache

from standfirst.english.neighbours import answered
from standfirst.english.questions import with_answers
from standfirst.english.sentences import Sentence, is_quotation, is_whole, leans_back, sentences
from standfirst.english.verdicts import sets_right
from standfirst.english.voices import announces, hands_over, is_attributed, is_talk, owned
from standfirst.parse.pointers import is_pointer
from standfirst.schema import PROSE, Lines, Paragraph, Update

_REMEMBERED = 1024
"""Updates whose sentences are kept: line and digest ask for the same ones, and a blog that grows asks again."""
_LONGEST = 10_000
"""Characters of an update that is kept."""


def written_line(update: Update, lines: Lines = "headline") -> Paragraph | None:
    """The headline that a journalist wrote for an update; a blog's title over its opening is none.

    ``None``, too, where ``lines`` asks for the model's own.
    """
    headline = update.headline if lines == "headline" else None
    return headline if headline is not None and headline.kind == "headline" else None


def sentences_of(update: Update) -> list[Sentence]:
    """What a line may be made of: an opening's lead before its key points."""
    lead = [p for p in update.paragraphs if p.kind != "key_point"]
    return candidates(lead, update.headline) or candidates(update.paragraphs, update.headline)


def candidates(paragraphs: Sequence[Paragraph], headline: Paragraph | None = None) -> list[Sentence]:
    """The sentences that may be used: of prose that is no repeat, of known voice, whole, or all of them if none is.

    What leads elsewhere ("Read more here.") or credits a picture is never used, though it stand within a paragraph.
    Talk ("Hello, and welcome.") is used only where there is nothing else, a correction beside what it corrects only
    where nothing else stands alone. Under a headline that announces somebody's words ("Here's what the jury heard")
    only what is marked as somebody's is left.
    """
    prose = (p for p in paragraphs if (p.kind in PROSE or hands_over(p)) and p.repeat_of is None)
    found = tuple(prose)
    work_out = _remembered if sum(len(p.text) for p in found) <= _LONGEST else _candidates
    return list(work_out(found, headline is not None and announces(headline.text)))


def _candidates(prose: tuple[Paragraph, ...], announced: bool) -> Sequence[Sentence]:
    found: list[Sentence] = []
    for paragraph in prose:
        found += sentences(paragraph, place=len(found))
    own = [s for s in with_answers(answered(owned(found))) if not (is_pointer(s.text) or _is_code(s.text))]
    if announced:
        return [s for s in own if _is_able(s) and (s.voice is not None or is_attributed(s.text))]
    whole = [s for s in own if _is_able(s)]
    right = [s for s in whole if not sets_right(s.text)]
    news = [s for s in right if s.voice is not None or not is_talk(s.text)]
    if all(leans_back(s.text) for s in news):
        news += [s for s in whole if s.together and sets_right(s.text)]
    return news or right or [s for s in own if not sets_right(s.text)] or own


_remembered = lru_cache(maxsize=_REMEMBERED)(_candidates)


def _is_code(text: str) -> bool:
    """Whether a sentence is one word in capitals: "GST"."""
    return text.isupper() and len(text.split()) == 1


def _is_able(sentence: Sentence) -> bool:
    """Whether a sentence can stand: by itself, or as a whole quotation behind what announces it."""
    return is_whole(sentence.text) or (sentence.voice is not None and is_quotation(sentence.text))
