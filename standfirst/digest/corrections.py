"""Which lines of a blog a later correction takes back.

A correction names the post that was wrong by its time ("our 09.20 post said"), or repeats what was wrong. Then it is no
point of a digest itself, for it says again what is not so; that is no reason to go on showing the error.
"""

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from standfirst.digest.offers import Candidate
from standfirst.digest.order import shown_time
from standfirst.english.claims import Reading
from standfirst.english.events import one_denies
from standfirst.english.retractions import (
    LABEL,
    named_times,
    names_own,
    takes_back,
    takes_back_the_last,
    takes_own_back,
    what_was_wrong,
)
from standfirst.english.sentences import sentences
from standfirst.english.verdicts import undoes
from standfirst.schema import Update
from standfirst.summarize import Summarizer

Floats = npt.NDArray[np.floating[Any]]
Clock = tuple[int, int] | None

_NEAR, _NEAR_IN_WORDS = 0.7, 0.55
"""Cosine from which a line is what a correction without a time means; the second where it has more than half of the
correction's words. Of pairs of our own (2026-11-30) nine errors reached them, seven the first (.71 to .96) and two the
second (.56, .64); of four other lines on the same story none did (.25 to .64). To lose a line that is right costs less
than to show one that is wrong."""
_LIKELY = 0.45
"""The same for the line that is nearest to all of the blog's own correction, if none is near enough to what it repeats.
Of four of our own (2026-11-30) the line meant had .46 to .55, the next one .28 to .42."""
_NAMED, _SAME_HOUR = 0.3, 0.2
"""The same where the post's minute is right and its hour is not, for the page may show another time zone's; and what
the right hour is worth against a cosine."""
_SUMMER = (0, 1)
"""Hours by which a page's clock may be ahead of a line's time, which is in UTC; what lies further must be near, too."""
_NEAR_IN_NUMBERS = 0.5
"""Cosine from which a line with the same number counts what a correction and the sentence before it count. Of two pairs
of our own (2026-11-30) both reached it (.54, .68)."""
_REPEATED = 0.8
"""Cosine from which an earlier line with the same numbers repeats the one that was wrong."""
_OF_ITSELF = re.compile(r"(?:this|that)\b", re.IGNORECASE)
"""What a correction of its own update goes on with: "Correction: this post has been ...", "That should read ..."."""
_SHORT = 4


@dataclass(frozen=True, slots=True)
class _Correction:
    """What an update says was wrong (T texts, at least one), and the hours and minutes of the posts that it names.

    ``place`` is that of the update, as candidates count it: 1 for the latest. ``counts`` are numbers that were wrong,
    each with the sentences that say what they count; ``last`` says that the update before it is meant. ``whole`` is the
    paragraph of a post that is taken back without a word on what is right.
    """

    update: Update
    place: int
    texts: tuple[str, ...]
    times: tuple[tuple[int, int], ...]
    counts: tuple[tuple[str, frozenset[float | str]], ...]
    last: bool
    whole: str


def withdrawn(
    found: Sequence[Candidate], vectors: Floats, updates: Sequence[Update], summarizer: Summarizer
) -> frozenset[int]:
    """The candidates, by number, that a later update corrects: all of the update that it means, and what repeats them.

    ``vectors`` (N, H) are the unit vectors of their lines; ``updates`` stand as their places count, the latest
    first.
    """
    corrections = [c for place, update in enumerate(updates, 1) if (c := _correction(update, place))]
    if not corrections:
        return frozenset()
    wrong: set[int] = set()
    clocks = [None, *map(shown_time, updates)]  # by place; the opening has none
    for correction in corrections:
        before = [i for i, c in enumerate(found) if _is_earlier(c, correction, clocks)]
        if not before:
            continue
        near = vectors[before] @ summarizer.embed(correction.texts).T  # (B, T)
        lines = [found[i] for i in before]
        places = _last(correction, lines) or _named(correction, lines, near.max(1), clocks)
        if not places:
            places = _nearest(correction, lines, near) | _counted(correction, lines, vectors[before], summarizer)
        if not places and correction.whole:
            near = np.maximum(near.max(1), vectors[before] @ summarizer.embed([correction.whole])[0])
            places = {int(near.argmax())} if near.max() >= _LIKELY else set()
        meant = {before[n] for n in places}
        updates_meant = {found[i].update_id for i in meant if found[i].place}
        meant |= {i for i in before if found[i].update_id in updates_meant}
        wrong |= meant | {i for i in before for k in meant if _repeats(found, vectors, k, i)}
    return frozenset(wrong)


def _correction(update: Update, place: int) -> _Correction | None:
    """What an update corrects in others; ``None`` if nothing."""
    read = [s for p in update if p.kind in ("headline", "text") for s in sentences(p)]
    said = [*(s.text for s in read), ""]  # behind the last one stands nothing
    last = takes_back_the_last(said[0])
    quoting = [0] if last else list(_corrects(said))
    times = [time for k in quoting for time in named_times(said[k])]
    counts = [(f"{said[k - 1]} {said[k]}", _numbers(said[k])) for k in quoting if k]
    wrong = [text for k in quoting for text in what_was_wrong(said[k])]
    texts = [t for t in wrong if len(t.split()) > 1 and not _OF_ITSELF.match(t)]
    texts = texts or [said[k] for k in quoting if times]
    whole = next((read[k].paragraph.text for k in quoting if takes_own_back(said[k], said[k + 1])), "")
    return _Correction(update, place, tuple(texts), tuple(times), tuple(counts), last, whole) if texts else None


def _numbers(text: str) -> frozenset[float | str]:
    return frozenset(q.value for q in Reading(text).quantities)


def _corrects(said: Sequence[str]) -> Iterator[int]:
    """The sentences, by number, that say what was wrong; what was said before and is only gone on with is none."""
    labelled = False
    for number, (text, behind) in enumerate(itertools.pairwise(said)):
        label = LABEL.match(text)
        labelled = labelled or label is not None
        undone = names_own(text) and (labelled or undoes(behind) or _denies_shortly(behind))
        if label or undone or takes_back(text, behind):
            yield number


def _denies_shortly(text: str) -> bool:
    """Whether a sentence is "He has not." or the like."""
    return len(text.split()) <= _SHORT and one_denies(text, "")


def _is_earlier(candidate: Candidate, correction: _Correction, clocks: Sequence[Clock]) -> bool:
    """Whether a line stood before a correction came, as far as is known; the opening did.

    Of one minute, and where there is no date but a time over both, the places of their updates decide.
    """
    if not candidate.place:
        return True
    if candidate.place == correction.place:
        return False
    one, other = candidate.published, correction.update.published
    if one is None or other is None:
        if clocks[candidate.place] is None or clocks[correction.place] is None:
            return True
    elif one != other:
        return one < other
    return candidate.place > correction.place


def _last(correction: _Correction, lines: Sequence[Candidate]) -> set[int]:
    """The places of the lines of the update before one that takes back just that."""
    return {n for n, line in enumerate(lines) if correction.last and line.place == correction.place + 1}


def _named(correction: _Correction, lines: Sequence[Candidate], near: Floats, clocks: Sequence[Clock]) -> set[int]:
    """The places of the lines whose posts are named by their times; ``near`` (B,) are cosines with the correction."""
    meant: set[int] = set()
    for hour, minute in correction.times:
        able: dict[int, float] = {}
        for n, line in enumerate(lines):
            shown = clocks[line.place] or (line.published and (line.published.hour, line.published.minute))
            if line.place and shown and shown[1] == minute:
                early = (hour - shown[0]) % 12
                if early in _SUMMER or near[n] >= _NAMED:
                    able[n] = float(near[n]) + _SAME_HOUR * (not early)
        if able:
            meant.add(max(able, key=lambda n: able[n]))
    return meant


def _nearest(correction: _Correction, lines: Sequence[Candidate], near: Floats) -> set[int]:
    """The place of the line nearest to each of the texts, if it is near enough; ``near`` (B, T) are cosines."""
    meant: set[int] = set()
    for column, text in enumerate(correction.texts):
        wanted = Reading(text).content_roots
        for n in np.argsort(-near[:, column]).tolist():
            if near[n, column] < _NEAR_IN_WORDS:
                break
            shared = len(wanted & Reading(lines[n].line.text).content_roots)
            if near[n, column] >= (_NEAR_IN_WORDS if 2 * shared > len(wanted) else _NEAR):
                meant.add(n)
                break
    return meant


def _counted(correction: _Correction, lines: Sequence[Candidate], vectors: Floats, summarizer: Summarizer) -> set[int]:
    """The places of the lines, with unit vectors (B, H), that have a number that was wrong, and count the same."""
    meant: set[int] = set()
    for text, numbers in correction.counts:
        near = vectors @ summarizer.embed([text])[0]
        able = [n for n, line in enumerate(lines) if near[n] >= _NEAR_IN_NUMBERS and numbers & _numbers(line.line.text)]
        meant |= {max(able, key=lambda n: near[n])} if able else set()
    return meant


def _repeats(found: Sequence[Candidate], vectors: Floats, wrong: int, index: int) -> bool:
    """Whether a line says what one that was wrong says, with the same numbers."""
    if float(vectors[wrong] @ vectors[index]) < _REPEATED:
        return False
    texts = [found[i].line.text for i in (wrong, index)]
    one, other = map(_numbers, texts)
    return one == other and not one_denies(*texts)
