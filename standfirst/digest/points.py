"""A blog to its digest: what to keep, in what order, for which topic.

Candidates are the journalists' own lines (headlines and key points) and, where an update has none, its most
salient sentence, shortened. They are taken best first, by a score that was fitted on which updates editors took into
their own summaries. Of lines that tell the same event the latest is shown and the others are linked to it; every topic
that occurs gets its best point before any topic gets a second.
"""

from collections import Counter
from collections.abc import Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt

from standfirst.digest.corrections import withdrawn
from standfirst.digest.features import MARKED, at_moments, features, kind_of, newness
from standfirst.digest.offers import SAME_STORY, Candidate, offered
from standfirst.digest.order import newest_first
from standfirst.english.events import are_elsewhere, counts_on, looks_ahead, one_denies, tell_apart
from standfirst.english.frames import is_frame
from standfirst.english.retractions import repeats_error
from standfirst.english.verdicts import sets_right
from standfirst.english.voices import announces
from standfirst.errors import InputError
from standfirst.schema import Digest, DigestGroup, KeyPoint, LiveBlog, ReadUpdate
from standfirst.summarize import Summarizer, check_limit, story_of

Floats = npt.NDArray[np.floating[Any]]
Mask = npt.NDArray[np.bool_]

MAX_WORDS = 150
TOP = "top"
OTHER = "other"

_N_TOP = 3
_TOLD = 0.7
"""Log-odds that a line gains by having a topic; not fitted, see ``_scores``."""
_SAME_EVENT, _SAME_EVENT_MARKED = 0.8, 0.9
"""Cosine from which two headlines are taken to tell the same event; the second where headlines are few.

A wrong merge loses news and a missed one repeats it, so the first stands where about half of the pairs of headlines
that were read are the same event (training/LOG.md). Where few updates have one, editors have told them apart already,
and half is not enough: two prizes of one night, or two rallies, read alike.
"""
_SAME_EVENT_SENTENCE, _SAME_TOLL = 0.75, 0.6
"""The same for a sentence of the text and a line of another update, and for two that count the dead of one event.

Of 54 pairs of sentences that were read half tell the same event from .70 to .80, 1 in 18 up to .60 (training/LOG.md). A
toll is told in other words each time, and the old one must go.
"""
_SAME_MATTER = 0.4
"""Cosine from which a later line is taken to have behind it what another looked ahead to; outcomes have new words."""
_OVERTAKEN = 1.5
"""Log-odds that a line loses which tells of what is to come, once a later one of the same story is there; as much as a
sentence loses that points back."""
_NEWEST = 0.1
"""What the newest headline gains over the oldest where headlines are few: there editors' summaries are mostly the last
ones, newest first. Chosen by cross-validation over 104 Guardian training blogs, see training/LOG.md."""
_TITLE_STORY = 0.5
"""Cosine from which a line is taken to tell the story of the title."""
_OPENING_STORY = 0.35
"""The same for a line of the opening, which a desk keeps up to date: of eight ordinary blogs of our own (2026-11-30)
all told there what came of the day (.39 to .79); "Rolling coverage of the results" had .21."""
_AS_NEAR = 0.1
"""How much less near to the title's story a line may be than the nearest one and still be taken for telling it."""
_LEAST = 0.06
"""Score below which a line without a topic is no point once the top ones stand.

Of the candidates of 73 BBC and Guardian blogs about the lower half; leaving them out costs nothing (training/LOG.md).
"""
_ABOUT_THE_LABELS = 0.2
"""Share of the lines with a topic from which that rule holds: below it the blog is about something else altogether."""
_FEW, _SHARE = 8, 0.5
"""Points that a digest may always have, and the share of a blog's updates above which it would be no digest; where few
headlines mark the key updates, these may be more."""
_LONG = 25


@dataclass(frozen=True, slots=True)
class _Weights:
    """What each part of a candidate's score counts; all parts are about [0, 1].

    Which updates made the editors' own summaries was looked at in 440 Guardian and BBC blogs (2026-11-22, see
    training/LOG.md): recency tells most on the Guardian, length on the BBC, likeness to the title a little on both,
    centrality next to nothing. ``excess`` is the share of a line's words past ``_LONG``.
    """

    centrality: float = 0.1
    likeness: float = 0.2
    recency: float = 0.3
    length: float = 0.2
    written: float = 0.1
    told: float = 0.2
    excess: float = -0.3


def digest(
    blog: LiveBlog,
    opening: ReadUpdate,
    updates: Sequence[ReadUpdate],
    summarizer: Summarizer,
    label_names: Sequence[str],
    *,
    max_words: int = MAX_WORDS,
    topics: Sequence[str] | None = None,
    since: datetime | None = None,
    per_topic: int | None = None,
) -> Digest:
    """Choose the key points of a blog, at most ``max_words`` words together.

    ``topics`` keeps only points that carry one of them; ``since`` only updates published after it (those
    without a time are left out then; older ones that tell the same event are linked); ``per_topic`` limits the points
    of each group.

    Raises
    ------
    InputError
        If ``max_words`` or ``per_topic`` is below 1, ``topics`` is empty, one is none of ``label_names``, or ``since``
        has no time zone.
    """
    check_limit("max_words", max_words)
    _check_topics(topics, label_names)
    if per_topic is not None:
        check_limit("per_topic", per_topic)
    if since is not None and (not isinstance(since, datetime) or since.tzinfo is None):
        raise InputError(f"since = {since!r}; expected a datetime with a time zone", where="since")
    updates = [updates[i] for i in newest_first([read.update for read in updates])]
    found = offered(opening, updates, summarizer, blog.title)
    asked = [i for i, c in enumerate(found) if _is_asked(c, since, topics) and _is_news(c)]
    if not asked:
        return Digest((), max_words)
    vectors = summarizer.embed([c.line.text for c in found])
    wrong = withdrawn(found, vectors, [read.update for read in updates], summarizer)
    asked = [i for i in asked if i not in wrong]
    if not asked:
        return Digest((), max_words)
    near = vectors @ vectors.T  # (N, N)
    scores = _scores(found, vectors, near, summarizer, blog.title)
    lead = _lead(found, vectors, scores, summarizer, blog.title, asked)
    wanted = [n for n in label_names if topics is None or n in topics]
    points = _choose(found, near, scores, wanted, max_words, asked, lead, per_topic, wrong)
    return Digest(_groups(_worded(points, blog, summarizer, max_words), wanted, per_topic), max_words)


def _worded(points: Sequence[KeyPoint], blog: LiveBlog, summarizer: Summarizer, max_words: int) -> list[KeyPoint]:
    """The points with their lines in the summariser's own words, if it has any and the budget lets it."""
    homes = {p.id: p for p in blog.paragraphs()}
    room = max_words - sum(p.line.n_words for p in points)
    lines = summarizer.worded([p.line for p in points], homes, room)
    return [replace(point, line=line) for point, line in zip(points, lines, strict=True)]


def _is_news(candidate: Candidate) -> bool:
    text = candidate.line.text
    return not (is_frame(text) or sets_right(text) or repeats_error(text) or (candidate.written and announces(text)))


def _is_asked(candidate: Candidate, since: datetime | None, topics: Sequence[str] | None) -> bool:
    if since is not None and (candidate.published is None or candidate.published <= since):
        return False
    return topics is None or bool(set(candidate.topics) & set(topics))


def _lead(  # noqa: PLR0917
    found: Sequence[Candidate],
    vectors: Floats,
    scores: Floats,
    summarizer: Summarizer,
    title: str | None,
    asked: Sequence[int],
) -> list[int]:
    """The opening's line on the story that the title names, or else the best of a journalist's own nearest to it.

    An opening of the morning, which looks ahead to what the updates tell, is left aside. It goes first: a digest
    without it reads as a mistake, though editors' own summaries do without (training/LOG.md).
    """
    if not title:
        return []
    near = vectors @ summarizer.embed([story_of(title)])[0]
    own = max((i for i in asked if not found[i].place), key=lambda i: near[i], default=None)
    is_stale = own is not None and looks_ahead(found[own].line.text) and any(c.place for c in found)
    if own is not None and near[own] >= _OPENING_STORY and not is_stale:
        return [own]
    able = [i for i in asked if (found[i].written or not found[i].place) and found[i].paragraph.repeat_of is None]
    edge = max([_TITLE_STORY, *(float(near[i]) - _AS_NEAR for i in able)])
    told = [i for i in able if near[i] >= edge]
    return [max(told, key=lambda i: scores[i])] if told else []


def _scores(
    found: Sequence[Candidate], vectors: Floats, near: Floats, summarizer: Summarizer, title: str | None
) -> Floats:
    """How much each candidate deserves its place, (N,): the fitted blog-level score, or ``_Weights`` without one.

    ``vectors`` (N, H) are unit vectors, ``near`` (N, N) their cosines.
    What a paragraph is about is no matter of the fitted score: the data that it was fitted on have no topics.
    """
    theme = summarizer.embed([title])[0] if title else None
    told = np.array([bool(c.topics) for c in found], dtype=float)
    kind = kind_of(found)
    fitted = summarizer.heads.blog.get(kind) if summarizer.heads else None
    if fitted is not None:
        logits = np.mean([fitted.logits(c) for c in at_moments(features(found, vectors, theme))], axis=0)
        probs = 1 / (1 + np.exp(-(logits + _TOLD * told - _OVERTAKEN * _overtaken(found, near))))
        if kind == MARKED:
            probs = (probs + _NEWEST * newness(found)) / (1 + _NEWEST)
        return np.asarray(probs)
    centre = near.mean(1)
    likeness = vectors @ theme if theme is not None else centre
    length = np.log1p([c.n_words for c in found])
    w = _Weights()
    return np.asarray(
        w.centrality * centre
        + w.likeness * likeness
        + w.recency * (1 - np.array([c.age for c in found]))
        + w.length * length / max(float(length.max()), 1.0)
        + w.written * np.array([c.written for c in found], dtype=float)
        + w.told * told
        + w.excess * np.array([max(1 - _LONG / c.line.n_words, 0.0) for c in found])
    )


def _overtaken(found: Sequence[Candidate], near: Floats) -> Floats:
    """How far lines, (N,), are overtaken: 1 if they tell of what was to come that a later one on the same story has.

    2 for an opening that looks ahead: it was written before all updates, and one of them mostly has it behind it.
    """
    ahead = np.array([looks_ahead(c.line.text) for c in found])
    place = np.array([c.place for c in found])
    later = (place[None, :] > 0) & (place[None, :] < place[:, None]) & ~ahead[None, :]
    behind = (later & (near >= _SAME_MATTER)).any(1)
    return np.asarray(ahead * np.where(place == 0, 2.0 * place.any(), behind))


class _Choice:
    """Points taken so far within a budget of words, each with the updates that tell the same event.

    ``chosen`` maps the candidate that won a place to [the candidate that is shown there, linked updates ...].
    """

    def __init__(self, found: Sequence[Candidate], near: Floats, scores: Floats, max_words: int) -> None:
        self.found = found
        self.near = near
        self.scores = scores
        self.told = np.zeros(len(found))
        self.worth: dict[int, float] = {}
        self.repeats = np.array([c.paragraph.repeat_of is not None for c in found])
        self.marked = kind_of(found) == MARKED
        self.same_event = _SAME_EVENT_MARKED if self.marked else _SAME_EVENT
        self.room = max_words
        self.most = len(found) if self.marked else max(_FEW, round(_SHARE * len({c.update_id for c in found})))
        self.shown: dict[int, int] = {}
        self.also: dict[int, list[str]] = {}
        self.seen: set[int] = set()

    def __len__(self) -> int:
        return len(self.shown)

    def take(self, index: int) -> bool:
        """Take a candidate, link it to a chosen twin, or leave it because there is no room."""
        if index in self.seen:
            return False
        self.seen.add(index)
        candidate = self.found[index]
        twin = self.twin(index)
        if twin is not None:
            self.replace_or_link(twin, index)
            return False
        if candidate.line.n_words > self.room or len(self) >= self.most:
            return False
        self.shown[index] = index
        self.also[index] = []
        self.room -= candidate.line.n_words
        self.worth[index] = float(self.scores[index] * (1 - self.told[index]))
        if not self.marked:
            self.told = np.maximum(self.told, self.near[index])
        return True

    def take_best(self, queue: Mask) -> bool:
        """Take the best candidate of a queue (N,) off it and into the digest, if ``take`` will have it.

        A candidate is worth less the nearer it comes to what is taken, its score times one less the highest cosine;
        where headlines are few, editors have told their stories apart, and it is worth its score. What repeats another
        paragraph comes last, for it is linked to that one.
        """
        worth = self.scores * (1 - self.told) - self.repeats
        index = int(np.argmax(np.where(queue, worth, -np.inf)))
        queue[index] = False
        return self.take(index)

    def twin(self, index: int) -> int | None:
        """The first chosen candidate that tells the same event, as does the line that is shown there."""
        return next((k for k, shown in self.shown.items() if all(self._same(i, index) for i in {k, shown})), None)

    def _same(self, chosen: int, index: int) -> bool:
        """Whether a candidate tells the event of one that was chosen before."""
        if self.near[chosen, index] < SAME_STORY:  # the least of all limits
            return False
        one, other = self.found[chosen], self.found[index]
        texts = one.line.text, other.line.text
        if other.written:
            limit = self.same_event
        elif one.update_id == other.update_id:
            limit = SAME_STORY
        else:
            limit = _SAME_TOLL if counts_on(*texts) else _SAME_EVENT_SENTENCE
        if self.near[chosen, index] < limit or tell_apart(*texts) or one_denies(*texts):
            return False
        return (one.written and other.written) or one.update_id == other.update_id or not are_elsewhere(*texts)

    def replace_or_link(self, twin: int, index: int) -> None:
        """Link a candidate to its twin's point; if it is the later news of the same kind it is shown instead."""
        shown, other = self.found[self.shown[twin]], self.found[index]
        later = shown.published is not None and other.published is not None and other.published > shown.published
        fits = other.line.n_words - shown.line.n_words <= self.room
        if later and fits and other.written >= shown.written and other.paragraph.repeat_of is None:
            self.room -= other.line.n_words - shown.line.n_words
            self.shown[twin] = index
            shown, other = other, shown
        self.link(twin, other.update_id)

    def link(self, twin: int, update_id: str) -> None:
        """Note that an update tells the event of a point."""
        here = self.found[self.shown[twin]].update_id
        self.also[twin] = [u for u in dict.fromkeys([*self.also[twin], update_id]) if u != here]


def _choose(  # noqa: PLR0917
    found: Sequence[Candidate],
    near: Floats,
    scores: Floats,
    wanted: Sequence[str],
    max_words: int,
    asked: Sequence[int],
    lead: Sequence[int],
    per_topic: int | None,
    wrong: Set[int],
) -> list[KeyPoint]:
    """Take candidates within the budget: the lead, the top ones, then each topic in turn, best first.

    What is ``wrong`` is not even linked.
    """
    choice = _Choice(found, near, scores, max_words)
    for index in lead:
        choice.take(index)
    able = np.isin(np.arange(len(found)), asked)
    n_top = _n_top(per_topic)
    while len(choice) < n_top and able.any():
        choice.take_best(able)
    queues = [able & np.array([topic in c.topics for c in found]) for topic in wanted]
    without = np.array([not c.topics for c in found])
    queues.append(able & without & ((scores >= _LEAST) | (without.mean() > 1 - _ABOUT_THE_LABELS)))
    groups = np.array([_group_of(c.topics, wanted) for c in found])
    while any(queue.any() for queue in queues):
        for queue in queues:
            queue[np.isin(groups, _full(groups[list(choice.shown.values())[n_top:]].tolist(), per_topic))] = False
            while queue.any() and not choice.take_best(queue):
                pass
    for index in asked:  # of groups that were full: what tells the event of a point is linked to it, or shown there
        twin = None if index in choice.seen else choice.twin(index)
        if twin is not None:
            choice.replace_or_link(twin, index)
    for index in sorted(set(range(len(found))) - set(asked) - wrong):
        twin = choice.twin(index)
        if twin is not None:
            choice.link(twin, found[index].update_id)
    return [_point(found[shown], choice.worth[won], tuple(choice.also[won])) for won, shown in choice.shown.items()]


def _point(candidate: Candidate, score: float, also: tuple[str, ...]) -> KeyPoint:
    return KeyPoint(
        line=candidate.line,
        update_id=candidate.update_id,
        published=candidate.published,
        topics=candidate.topics,
        score=round(score, 4),
        also=also,
    )


def _groups(points: Sequence[KeyPoint], wanted: Sequence[str], per_topic: int | None) -> tuple[DigestGroup, ...]:
    """The first points as ``top``, the others under their first topic."""
    grouped: dict[str, list[KeyPoint]] = {name: [] for name in (TOP, *wanted, OTHER)}
    for number, point in enumerate(points):
        grouped[TOP if number < _n_top(per_topic) else _group_of(point.topics, wanted)].append(point)
    return tuple(DigestGroup(name, tuple(ps[:per_topic])) for name, ps in grouped.items() if ps)


def _n_top(per_topic: int | None) -> int:
    return _N_TOP if per_topic is None else min(_N_TOP, per_topic)


def _full(taken: Sequence[str], per_topic: int | None) -> list[str]:
    """The groups that have all the points they may have, of the groups of what is taken."""
    return [] if per_topic is None else [name for name, n in Counter(taken).items() if n >= per_topic]


def _group_of(topics: Sequence[str], wanted: Sequence[str]) -> str:
    return next((t for t in topics if t in wanted), OTHER)


def _check_topics(topics: Sequence[str] | None, label_names: Sequence[str]) -> None:
    if topics is not None and len(topics) == 0:
        raise InputError("an empty list came; leave it out for all topics", where="topics")
    for name in topics or ():
        if name not in label_names:
            raise InputError(f"unknown topic; expected some of {', '.join(label_names)}", where="topics")
