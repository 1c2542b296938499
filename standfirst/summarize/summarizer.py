"""An update to its standfirst: the sentence that says most, without what it can do without.

A trained model reads all sentences of an update in one pass: how likely each is to make the line, and how much each
word deserves to stay; ``compress`` makes the best of the cuts that ``faithful`` permits.

A folder that holds an encoder alone (``python -m training encoder``) has no such heads. Then a sentence's salience is
a weighted sum of how central it is among its neighbours, how early it stands, and how near it is to the headline or
the title; all three are in [0, 1]; sentences stay whole.

References
----------
Centrality as in Erkan and Radev 2004, "LexRank", section 3.1 (degree), on sentence embeddings.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from standfirst.cache import Cache
from standfirst.encoder import Encoder
from standfirst.english.events import counts_the_dead
from standfirst.english.questions import asks
from standfirst.english.sentences import OPENERS, Sentence, is_post, leans_back
from standfirst.english.view import tokenize
from standfirst.english.voices import (
    is_attributed,
    says_nothing,
    says_we,
)
from standfirst.errors import InputError, ModelCorrupt, ModelNotFound
from standfirst.manifest import read_manifest
from standfirst.pieces import Pieces
from standfirst.schema import LINES, OPENING, Line, Lines, Paragraph, Update
from standfirst.summarize.candidates import candidates, sentences_of, written_line
from standfirst.summarize.choice import choice_features, is_plain
from standfirst.summarize.compress import compress
from standfirst.summarize.heads import Heads, load_heads
from standfirst.summarize.lines import Short, headline_line, line_of
from standfirst.summarize.reading import HEADLINE, Part, Scores, place_of, rows_of, scores_of

Floats = npt.NDArray[np.floating[Any]]

MAX_WORDS = 40
"""Default limit of a standfirst; the median headline of an update has 8 words, the median sentence 24."""

_MAX_TOKENS = 128
_LEANING_PENALTY = 0.25
_LEANING_LOGIT = 1.5
"""What a sentence that points back loses in log-odds: it was the headline's own in the data, but cannot stand alone."""
_LEANING_CHOICE = 1.0
"""The same for the trees that choose a line, whose log-odds lie closer together."""
_ASKED_LOGIT = 2.0
"""What a question loses, or a post."""
_OURS_LOGIT, _BESIDE_LOGIT = 1.5, 0.75
"""What a sentence loses that says "we" without a speaker, and one beside it: they may be the same speaker's."""
_FIRST_LOGIT = 0.9
"""What the first sentence gains if it stands alone: readers liked later ones less that lead by less than this."""
_SURER = 1.2
"""Log-odds by which the trees must be for another sentence where the line head's own is plain (``choice.is_plain``).

Else they need only be for it. Without this background replaces the news in front of it (training/LOG.md).
"""
_UNCOUNTED_LOGIT = 3.0
"""What a sentence loses that does not count the dead where the first one does."""
_OVERLONG_LOGIT = 0.15
"""What a sentence loses for every word above ``MAX_WORDS``."""
_REPEATED = 0.9
_STORY_LOGIT = 6.0
"""What a sentence of the opening gains in log-odds by its likeness to the title's story, a cosine: the opening's line
should say what the whole blog is about, and the data that the model was trained on have no openings."""
_ASKING = re.compile(r"\basks?:", re.IGNORECASE)
_KICKER = re.compile(r"^.{0,60}?\blive(?: blog| updates?)?\s*[:–—-]\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Weights:
    """What each part of salience counts; chosen on BBC and Guardian updates, see ``training/LOG.md``."""

    centrality: float = 0.35
    position: float = 0.4
    likeness: float = 0.25


class Summarizer:
    """Sentence embeddings and what is decided with them.

    Parameters
    ----------
    version
        Names the weights; goes into every answer.
    """

    def __init__(
        self,
        pieces: Pieces,
        encoder: Encoder,
        version: str,
        *,
        heads: Heads | None = None,
        cache: Cache | None = None,
    ) -> None:
        self.version = version
        self.heads = heads
        self.weights = Weights()
        self._pieces = pieces
        self._encoder = encoder
        self._cache = Cache(0) if cache is None else cache

    @classmethod
    def load(cls, folder: Path, *, threads: int = 0, cache: Cache | None = None) -> "Summarizer":
        """Load an exported folder.

        Raises
        ------
        ModelNotFound, ModelCorrupt
            If the folder is no exported summary model, or a file differs from its manifest.
        """
        manifest = read_manifest(folder, kind="summary")
        heads = load_heads(folder)
        pieces = Pieces(folder / "tokenizer.json", heads.max_tokens if heads else _MAX_TOKENS, 0)
        encoder = Encoder(folder / "model.onnx", threads=threads)
        if heads is not None and "pieces" not in encoder.outputs:
            raise ModelCorrupt("model.onnx has no output 'pieces'; export the model again", where=str(folder))
        return cls(pieces, encoder, manifest.version, heads=heads, cache=cache)

    def embed(self, texts: Sequence[str]) -> Floats:
        """Unit vectors (N, H); of a text longer than the encoder, its first window counts."""
        known = [self._cache.get((self.version, text)) for text in texts]
        missing = sorted({text for text, vector in zip(texts, known, strict=True) if vector is None})
        first = {row.owner: row for row in reversed(self._pieces.windows(missing, [None] * len(missing)))}
        fresh: dict[str, Floats] = {}
        if missing:
            vectors = self._encoder.run([first[i] for i in range(len(missing))])
            vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
            for text, vector in zip(missing, vectors, strict=True):
                fresh[text] = vector
                # a copy: a row of the whole batch would keep the batch in memory
                self._cache.put((self.version, text), vector.copy(), vector.nbytes + 2 * len(text))
        rows = [fresh[t] if v is None else v for t, v in zip(texts, known, strict=True)]
        return np.stack(rows) if rows else np.zeros((0, 0))

    def scores(self, texts: Sequence[str], *, headed: bool = False) -> list[Scores]:
        """What the trained heads say of the sentences of one update; ``headed`` if the first is its headline.

        Raises
        ------
        ModelNotFound
            If the model is an encoder without heads.
        """
        return list(self.scores_each([(tuple(texts), headed)])[0])

    def scores_each(self, updates: Sequence[tuple[tuple[str, ...], bool]]) -> list[tuple[Scores, ...]]:
        """The same for several updates at once; what is not known yet is read in one go.

        Raises
        ------
        ModelNotFound
            If the model is an encoder without heads.
        """
        if self.heads is None:
            raise ModelNotFound(
                "this summary model is an encoder without heads; train one with training/recipes/summary.toml"
            )
        found: dict[tuple[tuple[str, ...], bool], tuple[Scores, ...]] = {}
        missing = []
        for update in dict.fromkeys(updates):
            known = self._cache.get((self.version, *update))
            if known is None:
                missing.append(update)
            else:
                found[update] = known
        rows = [rows_of(self._pieces, texts) for texts, _ in missing]
        values = iter(self._encoder.run_pieces([row.window for own in rows for row in own]))
        for (texts, headed), own in zip(missing, rows, strict=True):
            scores: list[Scores] = []
            for row in own:
                logits = next(values)
                scores += [self._scores(part, logits, texts[part.sentence], headed=headed) for part in row.parts]
            size = 60 * sum(len(s.keep) + 2 for s in scores) + 2 * sum(map(len, texts))
            self._cache.put((self.version, texts, headed), tuple(scores), size)
            found[texts, headed] = tuple(scores)
        return [found[update] for update in updates]

    def _scores(self, part: Part, logits: Floats, text: str, *, headed: bool) -> Scores:
        return self._placed(scores_of(part, logits, len(tokenize(text))), part.sentence, headed=headed)

    def _placed(self, raw: Scores, number: int, *, headed: bool) -> Scores:
        """Scores with what the sentence's place adds."""
        assert self.heads is not None
        place = place_of(number) if not headed else HEADLINE if number == 0 else place_of(number - 1)
        keep = tuple(k + self.heads.keep for k in raw.keep)
        return Scores(raw.line + self.heads.line[place], raw.news + self.heads.news[place], keep)

    def prepare(self, updates: Sequence[Update], theme: str | None, lines: Lines = "headline") -> None:
        """Read in one go what the ``lines`` of ``updates`` need, where a cache can keep it.

        Thirty small calls of the model take twice as long.
        """
        if not self._cache.max_bytes:
            return
        asked = [u for u in updates if written_line(u, lines) is None]
        groups = [tuple(s.text for s in sentences_of(update)) for update in asked]
        if self.heads is not None:
            self.scores_each([(texts, False) for texts in groups if texts])
        else:
            found = [text for texts in groups for text in texts]
            self.embed([*found, theme] if found and theme else found)

    def salience(self, found: Sequence[Sentence], theme: str | None, vectors: Floats | None = None) -> Floats:
        """How much each sentence of one update says, (N,), about [0, 1].

        ``theme`` is a headline or title; ``vectors`` (N, H) are the sentences' embeddings, if they are known.
        """
        if not found:
            return np.zeros(0)
        if vectors is None:
            vectors = self.embed([s.text for s in found])
        near = vectors @ vectors.T  # (N, N) cosines
        centrality = (near.sum(1) - 1) / max(len(found) - 1, 1)
        position = 1 / (1 + np.array([s.place for s in found]) / 2)
        likeness = vectors @ self.embed([theme])[0] if theme else centrality
        w = self.weights
        score = w.centrality * centrality + w.position * position + w.likeness * likeness
        return np.asarray(score - _LEANING_PENALTY * np.array([leans_back(s.text) for s in found]))

    def summarize(
        self, paragraphs: Sequence[Paragraph], *, max_words: int = MAX_WORDS, theme: str | None = None
    ) -> Line | None:
        """Choose sentences of at most ``max_words`` words together; ``None`` if there is no prose.

        Where not even one whole sentence fits, the shortest one is given alone: longer than asked, but true.

        Raises
        ------
        InputError
            If ``max_words`` is below 1.
        """
        check_limit("max_words", max_words)
        found = candidates(paragraphs)
        if not found:
            return None
        vectors = self.embed([s.text for s in found])
        read = self.scores([s.text for s in found]) if self.heads else None
        scores = self._salience(found, theme, read, vectors)
        chosen: dict[int, Short] = {}
        room = max_words
        for index in np.argsort(-scores, kind="stable"):
            short = self.shorten(found[index], room, read[index].keep if read else None)
            if short.n_words > room:
                continue
            if chosen and float((vectors[list(chosen)] @ vectors[index]).max()) > _REPEATED:
                continue
            chosen[int(index)] = short
            room -= short.n_words
        if not chosen:
            every = [self.shorten(s, 1, read[i].keep if read else None) for i, s in enumerate(found)]
            shortest = min(every, key=lambda s: s.n_words)
            return line_of([shortest])
        return line_of([chosen[i] for i in sorted(chosen)])

    def _salience(
        self,
        found: Sequence[Sentence],
        theme: str | None,
        read: Sequence[Scores] | None,
        vectors: Floats | None = None,
    ) -> Floats:
        """Which of an update's sentences makes its line, (N,): by what the heads ``read``, or untrained."""
        if read is None:
            return self.salience(found, theme, vectors)
        return _standing_alone(found, [s.line for s in read])

    def telling(
        self,
        found: Sequence[Sentence],
        theme: str | None,
        vectors: Floats | None = None,
        scores: Sequence[Scores] | None = None,
    ) -> Floats:
        """Which sentences of an update belong in a digest, (N,): by the heads' ``scores``, or as ``salience``.

        ``vectors`` are those of ``found``, if they are known.
        """
        if scores is None:
            return self.salience(found, theme, vectors)
        return np.asarray([s.news for s in scores] - _losses(found))

    def shorten(self, sentence: Sentence, max_words: int = MAX_WORDS, keep: Sequence[float] | None = None) -> Short:
        """The best that the rules and ``max_words`` leave of a sentence; all of it without trained heads.

        ``keep`` has the scores of its tokens, if they are known from reading the whole update.
        """
        if self.heads is None or sentence.together:
            return Short(sentence, ((0, len(sentence.text)),))
        if keep is None:
            keep = self.scores([sentence.text])[0].keep
        room = max(max_words - (sentence.voice.n_words if sentence.voice else 0), 1)
        key = (self.version, sentence.text, tuple(keep), room)
        spans = self._cache.get(key)
        if spans is None:
            spans = compress(sentence.text, keep, room).spans
            self._cache.put(key, spans, 60 * (len(keep) + len(spans)) + 2 * len(sentence.text))
        return Short(sentence, spans)

    def standfirst(
        self,
        update: Update,
        *,
        theme: str | None = None,
        max_words: int | None = None,
        lines: Lines = "headline",
    ) -> Line | None:
        """The line of an update: its headline as it stands, else its most salient sentence, shortened.

        With ``lines="generated"`` the headline is left aside where there is a text. An opening's line is taken from its
        lead: its key points are lines already. Without ``max_words`` a line has at most ``MAX_WORDS`` words, or half as
        many more where the model is for that sentence by far: a long lead says more than what follows it.

        Raises
        ------
        InputError
            If ``max_words`` is below 1 or ``lines`` neither of the two.
        """
        if max_words is not None:
            check_limit("max_words", max_words)
        check_lines(lines)
        written = written_line(update, lines)
        if written is not None:
            return headline_line(written)
        found = sentences_of(update)
        if not found:
            headline = written_line(update)
            return None if headline is None else headline_line(headline)
        return line_of([self.best(found, theme, max_words=max_words, opens=update.id == OPENING)])

    def best(
        self,
        found: Sequence[Sentence],
        theme: str | None = None,
        read: Sequence[Scores] | None = None,
        *,
        max_words: int | None = None,
        opens: bool = False,
    ) -> Short:
        """The sentence of one update that makes its line, shortened; ``opens`` if the update is a blog's opening.

        ``read`` has what the heads say of the sentences, if it is known.
        """
        if read is None and self.heads:
            read = self.scores([s.text for s in found])
        room = max_words or MAX_WORDS
        short = [self.shorten(s, room, read[i].keep if read else None) for i, s in enumerate(found)]
        scores = self._salience(found, theme, read)
        if self.heads and theme and opens:
            scores = scores + _STORY_LOGIT * self.embed([x.text for x in found]) @ self.embed([story_of(theme)])[0]
        if self.heads and max_words is None:
            scores = scores - _OVERLONG_LOGIT * np.array([max(s.n_words - room, 0) for s in short])
            room += room // 2
        fitting = [i for i, s in enumerate(short) if s.n_words <= room]
        if not fitting:
            return min(short, key=lambda s: s.n_words)
        best = max(fitting, key=lambda i: scores[i])
        if read and not opens:
            best = self._overruled(best, fitting, short, read)
        return short[best]

    def _overruled(self, best: int, fitting: Sequence[int], short: Sequence[Short], read: Sequence[Scores]) -> int:
        """The sentence that the trees are surely for instead of the head's ``best``, or ``best``.

        Where the head is for the first sentence, and it stands alone, readers liked it better three times in four.
        """
        assert self.heads is not None
        own = short[best].sentence
        leans = leans_back(own.text) or own.voice is not None
        if own.place == 0 and not leans:
            return best
        able = [
            i
            for i in fitting
            if is_plain(short[i].text) and short[i].sentence.voice is None and short[i].n_words <= MAX_WORDS
        ]
        if self.heads.choice is None or not able:
            return best
        texts, lines = [s.sentence.text for s in short], [s.text for s in short]
        logits = self.heads.choice.logits(choice_features(texts, lines, read))
        surest = max(able, key=lambda i: logits[i])
        least = _SURER if best in able else -_LEANING_CHOICE if leans else 0.0
        return surest if logits[surest] > logits[best] + least else best

    def worded(self, lines: Sequence[Line], homes: Mapping[str, Paragraph], room: int) -> Sequence[Line]:  # noqa: ARG002
        """The lines that were chosen for a digest, as they are to be shown: here as they are.

        ``homes`` has the paragraphs by their ids; ``room`` is how many words all lines may gain together.
        """
        return lines


def story_of(title: str) -> str:
    """A title without what stands in front of its story.

    >>> story_of("Ilmar war live: envoys gather in Mirepol")
    'envoys gather in Mirepol'
    """
    return _KICKER.sub("", title) or title


def _standing_alone(found: Sequence[Sentence], logits: Sequence[float]) -> Floats:
    """A head's logits (N,), less what each sentence loses by its form; the first gains if it loses nothing."""
    losses = _losses(found)
    first = np.array([s.place == 0 for s in found])
    return np.asarray(logits - losses + _FIRST_LOGIT * (first & (losses == 0)))


def _losses(found: Sequence[Sentence]) -> Floats:
    """What a sentence loses, (N,): that points back (or what announces it does), asks, is empty, or somebody's own.

    One loses, too, that leaves out how many died where the first sentence tells it.

    What points back within a quotation loses half: its speaker stands behind it. A question is somebody's, a reader's
    or a member's of a parliament, and rarely what happened; so is a post, which mostly runs into the sentence before
    it. "We" is often somebody, too.
    """
    leaning = [leans_back((s.voice or s).text) or (s.voice is None and says_nothing(s.text)) for s in found]
    asked = [asks(s.text) or _ASKING.search(s.text) is not None or is_post(s.text) for s in found]
    ours = [s.voice is None and says_we(s.text) for s in found]
    beside = [_stands_beside(found, ours, i) for i in range(len(found))]
    counted = bool(found) and found[0].place == 0 and not leaning[0] and counts_the_dead(found[0].text)
    uncounted = [counted and not counts_the_dead(s.text) for s in found]
    quoted = np.array([s.text[0] in OPENERS for s in found], dtype=float)
    parts = (
        (_LEANING_LOGIT * (1 - quoted / 2), leaning),
        (_ASKED_LOGIT, asked),
        (_OURS_LOGIT, ours),
        (_BESIDE_LOGIT, beside),
        (_UNCOUNTED_LOGIT, uncounted),
    )
    return np.asarray(sum(loss * np.array(holds, dtype=float) for loss, holds in parts))


def _stands_beside(found: Sequence[Sentence], ours: Sequence[bool], i: int) -> bool:
    """Whether sentence ``i`` is none of ``ours``, names no speaker either, and stands next to one of them."""
    own = found[i]
    near = [found[k] for k in (i - 1, i + 1) if 0 <= k < len(found) and ours[k]]
    if ours[i] or not any(s.paragraph is own.paragraph and abs(s.place - own.place) == 1 for s in near):
        return False
    return own.voice is None and not is_attributed(own.text)


def check_lines(lines: str) -> None:
    """Raise ``InputError`` if there is no such way to a line."""
    if lines not in LINES:
        raise InputError(f"lines = {lines!r}; expected one of {', '.join(LINES)}", where="lines")


def check_limit(name: str, value: int) -> None:
    """Raise ``InputError`` if a limit is no positive whole number."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise InputError(f"{name} = {value!r}; expected a whole number of at least 1", where=name)
