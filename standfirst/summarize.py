"""An update to its standfirst: the sentences that say most, whole and in order.

This is a baseline without training of its own. A sentence's salience is a weighted sum of how central it is
among its neighbours, how early it stands, and how near it is to the headline or the title; all three are in
[0, 1]. A length limit is kept by choosing other sentences, never by cutting one.

References
----------
Centrality as in Erkan and Radev 2004, "LexRank", section 3.1 (degree), on sentence embeddings.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from standfirst.cache import Cache
from standfirst.encoder import Encoder
from standfirst.errors import InputError
from standfirst.manifest import read_manifest
from standfirst.pieces import Pieces
from standfirst.schema import PROSE, Line, Paragraph, Piece, Update
from standfirst.sentences import Sentence, is_whole, leans_back, sentences

Floats = npt.NDArray[np.floating[Any]]

MAX_WORDS = 40
"""Default limit of a standfirst; the median headline of an update has 8 words, the median sentence 24."""

_MAX_TOKENS = 128
_LEANING_PENALTY = 0.25
_REPEATED = 0.9


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

    def __init__(self, pieces: Pieces, encoder: Encoder, version: str, *, cache: Cache | None = None) -> None:
        self.version = version
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
        pieces = Pieces(folder / "tokenizer.json", _MAX_TOKENS, 0)
        encoder = Encoder(folder / "model.onnx", threads=threads)
        return cls(pieces, encoder, manifest.version, cache=cache)

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
        check_max_words(max_words)
        found = candidates(paragraphs)
        if not found:
            return None
        vectors = self.embed([s.text for s in found])
        scores = self.salience(found, theme, vectors)
        chosen: list[int] = []
        room = max_words
        for index in np.argsort(-scores, kind="stable"):
            if found[index].n_words > room:
                continue
            if chosen and float((vectors[chosen] @ vectors[index]).max()) > _REPEATED:
                continue
            chosen.append(int(index))
            room -= found[index].n_words
        if not chosen:
            chosen = [min(range(len(found)), key=lambda i: found[i].n_words)]
        return extracted([found[i] for i in sorted(chosen)])

    def standfirst(self, update: Update, *, theme: str | None = None, max_words: int = MAX_WORDS) -> Line | None:
        """The line of an update: its headline as it stands, else its most salient sentence.

        An opening's line is taken from its lead: its key points are lines already.
        """
        if update.headline is not None and update.headline.kind == "headline":
            return headline_line(update.headline)
        lead = [p for p in update.paragraphs if p.kind != "key_point"]
        found = candidates(lead) or candidates(update.paragraphs)
        if not found:
            return None
        fitting = [s for s in found if s.n_words <= max_words] or [min(found, key=lambda s: s.n_words)]
        scores = self.salience(found, theme)
        best = max(fitting, key=lambda s: scores[found.index(s)])
        return extracted([best])


def candidates(paragraphs: Sequence[Paragraph]) -> list[Sentence]:
    """The sentences that may be used: of prose that is no repeat, whole, or all of them if none is."""
    found: list[Sentence] = []
    for paragraph in paragraphs:
        if paragraph.kind in PROSE and paragraph.repeat_of is None:
            found += sentences(paragraph, place=len(found))
    return [s for s in found if is_whole(s.text)] or found


def extracted(chosen: Sequence[Sentence]) -> Line:
    """A line of whole sentences."""
    pieces = tuple(Piece(s.paragraph.id, s.start, s.end, s.text, s.paragraph.start + s.start) for s in chosen)
    return Line(one_line(" ".join(p.text for p in pieces)), "extracted", pieces)


def headline_line(headline: Paragraph, skip: int = 0) -> Line:
    """A journalist's headline as a line, from character ``skip`` on."""
    text = headline.text[skip:]
    piece = Piece(headline.id, skip, len(headline.text), text, headline.start + skip)
    return Line(one_line(text), "headline", (piece,))


def one_line(text: str) -> str:
    """The text without the line breaks of a hard-wrapped source."""
    return " ".join(text.split())


def check_max_words(max_words: int) -> None:
    """Raise ``InputError`` if a length limit is no positive whole number."""
    if isinstance(max_words, bool) or not isinstance(max_words, int) or max_words < 1:
        raise InputError(f"max_words = {max_words!r}; expected a whole number of at least 1", where="max_words")
