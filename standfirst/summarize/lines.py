"""Lines made of sentences and of what is left of them, each piece with its place in the source."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from standfirst.english.sentences import Sentence
from standfirst.schema import Line, Paragraph, Piece
from standfirst.summarize.compress import joined


@dataclass(frozen=True, slots=True)
class Short:
    """What is left of a sentence: character spans of ``sentence.text``."""

    sentence: Sentence
    spans: tuple[tuple[int, int], ...]

    @property
    def text(self) -> str:
        """As a line."""
        return joined([self.sentence.text[a:b] for a, b in self.spans])

    @property
    def n_words(self) -> int:
        """White-space separated words, those of its voice included."""
        voice = self.sentence.voice
        return len(self.text.split()) + (voice.n_words if voice else 0)


def line_of(chosen: Sequence[Short]) -> Line:
    """A line of sentences, or of what is left of them; where somebody's words begin, with what announces them."""
    pieces = tuple(
        Piece(
            home.id, s.sentence.start + a, s.sentence.start + b, s.sentence.text[a:b], home.start + s.sentence.start + a
        )
        for s in _announced(chosen)
        for home in (s.sentence.paragraph,)
        for a, b in s.spans
    )
    return Line(joined([p.text for p in pieces]), "extracted", pieces)


def _announced(chosen: Sequence[Short]) -> Iterator[Short]:
    """The sentences, each behind what announces whose words it is."""
    for short in chosen:
        voice = short.sentence.voice
        if voice is not None:
            yield Short(voice, ((0, len(voice.text)),))
        yield short


def headline_line(headline: Paragraph, skip: int = 0) -> Line:
    """A journalist's headline as a line, from character ``skip`` on."""
    text = headline.text[skip:]
    piece = Piece(headline.id, skip, len(headline.text), text, headline.start + skip)
    return Line(one_line(text), "headline", (piece,))


def one_line(text: str) -> str:
    """The text without the line breaks of a hard-wrapped source."""
    return " ".join(text.split())
