"""What each update of a blog offers to a digest: the journalists' own lines, or its most telling sentences."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from standfirst.english.events import one_denies
from standfirst.english.frames import lists_news
from standfirst.english.sentences import Sentence, leans_back
from standfirst.english.voices import is_talk, says_nothing
from standfirst.parse.build import words_of
from standfirst.parse.forms import LABELS
from standfirst.parse.pointers import label_of
from standfirst.schema import Line, Paragraph, ReadUpdate, Topics
from standfirst.summarize import Summarizer
from standfirst.summarize.candidates import candidates
from standfirst.summarize.choice import is_plain
from standfirst.summarize.lines import headline_line, line_of
from standfirst.summarize.reading import Scores

SAME_STORY = 0.5
"""Cosine from which a sentence of the text is taken to tell what another line tells; it mostly elaborates it."""

_BODY_UNDER_HEADLINE = 2
"""Sentences read under a headline: the line is written already, they only say what kind of update it is."""
_LINES_OF_OPENING, _LINES_OF_LIST = 6, 3
_SOMEBODY = re.compile(r"(?:he|she|they|it|his|her|their|its)\b", re.IGNORECASE)
"""How a sentence begins that is about somebody whom a digest may name in another point."""
_TAG = re.compile(r"(?:ICYMI|Watch|Listen|In pictures|Read)\s*:\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A line that may become a point.

    ``age`` is its update's place in the blog, from 0 (the opening) to 1 (the last), ``place`` the same as a count;
    ``n_words`` the length of its update; ``written`` whether a journalist wrote it as a line; ``news`` and ``whole``
    what a trained model says of the line and of the most telling sentence of its update (log-odds).
    """

    line: Line
    paragraph: Paragraph
    update_id: str
    published: datetime | None
    topics: tuple[str, ...]
    age: float
    n_words: int
    written: bool
    place: int = 0
    news: float = 0.0
    whole: float = 0.0


def offered(
    opening: ReadUpdate, updates: Sequence[ReadUpdate], summarizer: Summarizer, title: str | None
) -> list[Candidate]:
    """Every line that may become a point, in the order of the blog."""
    offers = [_Offer(read, place, summarizer, title) for place, read in enumerate((opening, *updates))]
    if summarizer.heads is not None:  # in one go: thirty small calls of the model take twice as long
        known = summarizer.scores_each([(o.texts, o.headed) for o in offers])
        for offer, scores in zip(offers, known, strict=True):
            offer.scores = scores
    told = [offer.headline.text for offer in offers if offer.headline and not offer.headline.text.endswith("?")]
    headlines = [(text, set(words_of(text).split())) for text in told]
    return [
        candidate
        for offer in offers
        for candidate in offer.candidates(len(updates))
        if candidate.paragraph.kind != "key_point" or not _only_points_to(candidate.line.text, headlines)
    ]


def _only_points_to(point: str, headlines: Sequence[tuple[str, set[str]]]) -> bool:
    """Whether a key point is a label ("The latest"), or a headline of the blog in fewer of the same words."""
    words = set(words_of(point).split())
    return label_of(point) in LABELS or any(
        words < in_headline and not one_denies(point, headline) for headline, in_headline in headlines
    )


class _Offer:
    """One update: what the model reads of it, and the lines that it offers.

    Under a headline the model reads the headline and the sentences after it; of the opening, and of an update without
    a headline, all sentences. A headline that asks a question is an explainer's, and no news; one that only says that
    the news stands below it ("What we know so far") is none.
    """

    def __init__(self, read: ReadUpdate, place: int, summarizer: Summarizer, title: str | None) -> None:
        self.read = read
        self.place = place
        self.summarizer = summarizer
        self.title = title
        headline = read.update.headline if place else None
        self.lists = headline is not None and lists_news(headline.text)
        self.headline = None if self.lists else headline
        self.headed = self.headline is not None
        self.body = candidates([p for p in read.update.paragraphs if p.kind == "text"], self.headline)
        self.topics_of = {p.paragraph.id: p.topics for p in read.paragraphs}
        self.scores: Sequence[Scores] | None = None

    @property
    def texts(self) -> tuple[str, ...]:
        """What the model reads."""
        if self.headline is None:
            return tuple(s.text for s in self.body)
        return (_untagged(self.headline).text, *(s.text for s in self.body[:_BODY_UNDER_HEADLINE]))

    def candidates(self, n_updates: int) -> list[Candidate]:
        """The lines with all that decides about them."""
        lines = self._lines()
        own = [self._news(line, written) for line, _, written in lines]
        whole = max([*own, *(s.news for s in self.scores or ())], default=0.0)
        return [
            Candidate(
                line=line,
                paragraph=paragraph,
                update_id=self.read.update.id,
                published=self.read.update.published,
                topics=_topics_of_line(paragraph, self.read, self.topics_of),
                age=self.place / max(n_updates, 1),
                n_words=sum(len(p.text.split()) for p in self.read.update.paragraphs),
                written=written,
                place=self.place,
                news=news,
                whole=whole,
            )
            for (line, paragraph, written), news in zip(lines, own, strict=True)
        ]

    def _lines(self) -> list[tuple[Line, Paragraph, bool]]:
        """Each line with its paragraph and whether a journalist wrote it as a line."""
        if self.headline is not None:
            return [] if self.headline.text.endswith("?") else [(_untagged(self.headline), self.headline, True)]
        points = [p for p in self.read.update.paragraphs if p.kind == "key_point" and not p.repeat_of]
        lines = [(headline_line(p), p, True) for p in points]
        for i in self._chosen(_LINES_OF_LIST if self.lists else 1 if self.place else _LINES_OF_OPENING):
            short = self.summarizer.shorten(self.body[i], keep=self.scores[i].keep if self.scores else None)
            lines.append((line_of([short]), self.body[i].paragraph, False))
        return lines

    def _chosen(self, count: int) -> list[int]:
        """At most ``count`` of the most telling sentences, no two of them on the same story, in their order."""
        if not self.body:
            return []
        alone = count == 1 and self.scores is not None
        vectors = None if alone else self.summarizer.embed([s.text for s in self.body])
        telling = self.summarizer.telling(self.body, self.title, vectors, self.scores)
        order = sorted(self._able(), key=lambda i: -telling[i])
        if vectors is None:
            return [self._own(i) for i in order[:1]]
        chosen: list[int] = []
        for index in order:
            if len(chosen) < count and all(vectors[index] @ vectors[k] < SAME_STORY for k in chosen):
                chosen.append(index)
        return sorted(chosen)

    def _own(self, chosen: int) -> int:
        """The sentence of the update's own line, in the place of a remark at its top that carries no topic.

        Such a remark ("Two people spoke.") was only taken because nothing else carries one.
        """
        if chosen or is_plain(self.body[0].text) or self.topics_of[self.body[0].paragraph.id].labels:
            return chosen
        own = self.body.index(self.summarizer.best(self.body, self.title, self.scores).sentence)
        return own if _stands(self.body[own]) else chosen

    def _able(self) -> list[int]:
        """The sentences that can stand alone, or all but those of which nobody would know whom they are about.

        Below the first sentence of all, one without a topic mostly says what only its neighbours explain; not in lists.
        """
        free = len(self.body) if self.lists else 1
        able = [
            i for i, s in enumerate(self.body) if _stands(s) and (i < free or self.topics_of[s.paragraph.id].labels)
        ]
        return able or [i for i, s in enumerate(self.body) if _has_news(s) and not _SOMEBODY.match(s.text)]

    def _news(self, line: Line, written: bool) -> float:
        """What the model says of a line: of the sentence it was made of, or of a journalist's line itself."""
        if self.scores is None:
            return 0.0
        if self.headline is not None:
            return self.scores[0].news
        if written:
            return self.summarizer.scores([line.text])[0].news
        last = line.pieces[-1]  # in front of it may stand whose words these are
        return next(
            scores.news
            for sentence, scores in zip(self.body, self.scores, strict=True)
            if sentence.paragraph.id == last.paragraph_id and sentence.start <= last.start < sentence.end
        )


def _has_news(sentence: Sentence) -> bool:
    text = sentence.text
    return sentence.voice is not None or not (is_talk(text) or says_nothing(text) or text.endswith("?"))


def _stands(sentence: Sentence) -> bool:
    return _has_news(sentence) and not leans_back((sentence.voice or sentence).text)


def _untagged(headline: Paragraph) -> Line:
    """A headline without a tag such as "Watch:"."""
    tag = _TAG.match(headline.text)
    return headline_line(headline, tag.end() if tag else 0)


def _topics_of_line(paragraph: Paragraph, read: ReadUpdate, topics_of: dict[str, Topics]) -> tuple[str, ...]:
    """The line's own topics; a headline without any takes those that most of its update's paragraphs carry."""
    own = topics_of[paragraph.id].names
    if own or paragraph.kind != "headline":
        return own
    prose = [p.topics.names for p in read.paragraphs if p.paragraph.kind == "text"]
    return tuple(t for t in read.topics if 2 * sum(t in names for names in prose) > len(prose))
