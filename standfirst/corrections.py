"""Which lines of a blog a later correction takes back.

A correction names the post that was wrong by its time ("our 09.20 post said"), or repeats what was wrong. It is no
point of a digest itself, for it says again what is not so; that is no reason to go on showing the error.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from standfirst.claims import Reading
from standfirst.events import one_denies
from standfirst.offers import Candidate
from standfirst.schema import Update
from standfirst.sentences import Sentence, sentences
from standfirst.summarize import Summarizer
from standfirst.verdicts import undoes

Floats = npt.NDArray[np.floating[Any]]

_NEAR, _NEAR_IN_WORDS = 0.7, 0.55
"""Cosine from which a line is what a correction without a time means; the second where it has more than half of the
correction's words. Of pairs of our own (2026-11-30) nine errors reached them, seven the first (.71 to .96) and two the
second (.56, .64); of four other lines on the same story none did (.25 to .64). To lose a line that is right costs less
than to show one that is wrong."""
_NAMED, _SAME_HOUR = 0.3, 0.2
"""The same where the post's minute is right and its hour is not, for the page may show another time zone's; and what
the right hour is worth against a cosine."""
_REPEATED = 0.8
"""Cosine from which an earlier line with the same numbers repeats the one that was wrong."""
_OF_ITSELF = re.compile(r"(?:this|that)\b", re.IGNORECASE)
"""What a correction of its own update goes on with: "Correction: this post has been ...", "That should read ..."."""
_SHORT = 4

_SAID = r"(?:said|stated|reported|wrote|suggested|gave|named|misstated|misspelt|misspelled|misquoted)"
_POST = r"(?:post|entry|update|item|snap|headline|story)"
_TIME = r"\d{1,2}(?:[.:]\d{2})?\s?(?:[ap]m)?(?:\s?(?:GMT|BST|[A-Z]{2,3}T))?"
_LABEL = re.compile(
    r"(?:a |our )?(?:correction|clarification|corrected)"
    r"(?:(?: (?:to|of|on) [^:]{3,40}?)?(?: \w+){0,2}\s*[:–—-]\s*|[.]?$)",
    re.IGNORECASE,
)
"""How a sentence begins that corrects."""
_QUOTING = re.compile(
    r"(?:(?:sorry|apologies|an apology)[,:–—-]\s*)?(?:"
    rf"(?:in |at )?(?:(?:an?|our|the|my) )?(?:(?:earlier|previous) |{_TIME} )"
    rf"{_POST}\b.{{0,40}}?\b(?:(?:we|i) )?(?:\w+ly )?(?:had )?(?:\w+ly )?{_SAID}\b(?: that)?\s*"
    rf"|(?:in |at )?(?:an?|our|the|my) {_POST} (?:at|of|from|timed) {_TIME},? .{{0,20}}?\b{_SAID}\b(?: that)?\s*"
    rf"|(?:(?:earlier|previously|at {_TIME}),? )?(?:we|i) (?:had |have )?(?:(?:earlier|previously|\w+ly) )?{_SAID}"
    rf"(?: earlier| previously| at {_TIME})?(?: that)?\s*)",
    re.IGNORECASE,
)
"""How a sentence begins that says what the blog had said before."""
_TAKEN_BACK = re.compile(
    r"\b(?:incorrect(?:ly)?|wrong(?:ly)?|mistaken(?:ly)?|mistake|error|erroneous(?:ly)?|untrue|false|in fact|actually"
    r"|apolog\w+|sorry|should (?:have|read|be)|correct(?:ed|ion)?|misst\w+|missp\w+|misq\w+|rather than|instead of)\b",
    re.IGNORECASE,
)
_AT = re.compile(
    rf"\b(\d{{1,2}})[.:](\d{{2}})\s?([ap]m)?(?:\s?[A-Z]{{2,3}}T)?"
    rf"(?= {_POST}\b|,? (?:we|i) (?:had )?(?:\w+ly )?{_SAID}\b)"
    rf"|\b(?:{_POST} (?:at|of|from|timed)|(?:we|i) (?:\w+ly )?{_SAID} at) (\d{{1,2}})[.:](\d{{2}})\s?([ap]m)?",
    re.IGNORECASE,
)
_WHAT_IS_RIGHT = re.compile(r",? (?:when|whereas|but|while)\b.*| ?[;–—].*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class _Correction:
    """What an update says was wrong (T texts, at least one), and the hours and minutes of the posts that it names."""

    update: Update
    texts: tuple[str, ...]
    times: tuple[tuple[int, int], ...]


def withdrawn(
    found: Sequence[Candidate], vectors: Floats, updates: Sequence[Update], summarizer: Summarizer
) -> frozenset[int]:
    """The candidates, by number, that a later update corrects: all of the update that it means, and what repeats them.

    ``vectors`` (N, H) are the unit vectors of their lines.
    """
    wrong: set[int] = set()
    for correction in filter(None, map(_correction, updates)):
        before = [i for i, c in enumerate(found) if _is_earlier(c, correction.update)]
        if not before:
            continue
        near = vectors[before] @ summarizer.embed(correction.texts).T  # (B, T)
        lines = [found[i] for i in before]
        places = _named(correction, lines, near.max(1)) or _nearest(correction, lines, near)
        meant = {before[n] for n in places}
        updates_meant = {found[i].update_id for i in meant if found[i].place}
        meant |= {i for i in before if found[i].update_id in updates_meant}
        wrong |= meant | {i for i in before for k in meant if _repeats(found, vectors, k, i)}
    return frozenset(wrong)


def _correction(update: Update) -> _Correction | None:
    """What an update corrects in others; ``None`` if nothing."""
    read = [s for p in update if p.kind in ("headline", "text") for s in sentences(p)]
    quoting = list(_corrects(read))
    times = [_time(m) for s in quoting for m in _AT.finditer(s.text)]
    texts = [t for s in quoting if len((t := _what_was_wrong(s.text)).split()) > 1 and not _OF_ITSELF.match(t)]
    texts = texts or [s.text for s in quoting if times]
    return _Correction(update, tuple(texts), tuple(times)) if texts else None


def _corrects(read: Sequence[Sentence]) -> Iterator[Sentence]:
    """The sentences that say what was wrong; what was said before and is only gone on with is none."""
    labelled = False
    for number, sentence in enumerate(read):
        label = _LABEL.match(sentence.text)
        labelled = labelled or label is not None
        if not (label or _QUOTING.match(sentence.text)):
            continue
        behind = "".join(s.text for s in read[number + 1 : number + 2])
        if labelled or _TAKEN_BACK.search(f"{sentence.text} {behind}") or undoes(behind) or _denies_shortly(behind):
            yield sentence


def _denies_shortly(text: str) -> bool:
    """Whether a sentence is "He has not." or the like."""
    return len(text.split()) <= _SHORT and one_denies(text, "")


def _what_was_wrong(text: str) -> str:
    for frame in (_LABEL, _QUOTING):
        match = frame.match(text)
        text = text[match.end() :] if match else text
    return _WHAT_IS_RIGHT.sub("", text)


def _time(match: re.Match[str]) -> tuple[int, int]:
    hour, minute, half = match.groups()[:3] if match[1] else match.groups()[3:]
    return int(hour) % 12 + 12 if half and half.lower() == "pm" else int(hour), int(minute)


def _is_earlier(candidate: Candidate, update: Update) -> bool:
    """Whether a line stood before an update came, as far as is known; the opening did."""
    if candidate.update_id == update.id:
        return False
    if not candidate.place or candidate.published is None or update.published is None:
        return True
    return candidate.published < update.published


def _named(correction: _Correction, lines: Sequence[Candidate], near: Floats) -> set[int]:
    """The places of the lines whose posts are named by their times; ``near`` (B,) are cosines with the correction."""
    meant: set[int] = set()
    for hour, minute in correction.times:
        able: dict[int, float] = {}
        for n, line in enumerate(lines):
            if line.place and line.published is not None and line.published.minute == minute:
                exact = line.published.hour % 12 == hour % 12
                if exact or near[n] >= _NAMED:
                    able[n] = float(near[n]) + _SAME_HOUR * exact
        if able:
            meant.add(max(able, key=lambda n: able[n]))
    return meant


def _nearest(correction: _Correction, lines: Sequence[Candidate], near: Floats) -> set[int]:
    """The place of the line nearest to each of the texts, if it is near enough; ``near`` (B, T) are cosines."""
    meant: set[int] = set()
    for column, text in enumerate(correction.texts):
        wanted = Reading(text).content_roots
        for n in np.argsort(-near[:, column]).tolist():
            shared = len(wanted & Reading(lines[n].line.text).content_roots)
            if near[n, column] >= (_NEAR_IN_WORDS if 2 * shared > len(wanted) else _NEAR):
                meant.add(n)
                break
    return meant


def _repeats(found: Sequence[Candidate], vectors: Floats, wrong: int, index: int) -> bool:
    """Whether a line says what one that was wrong says, with the same numbers."""
    if float(vectors[wrong] @ vectors[index]) < _REPEATED:
        return False
    texts = [found[i].line.text for i in (wrong, index)]
    one, other = ({q.value for q in Reading(text).quantities} for text in texts)
    return one == other and not one_denies(*texts)
