from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from standfirst.cache import Cache
from standfirst.english.sentences import sentences
from standfirst.english.view import tokenize
from standfirst.errors import InputError, ModelCorrupt
from standfirst.schema import OPENING, Paragraph, Update
from standfirst.summarize import Summarizer
from standfirst.summarize.candidates import candidates
from standfirst.summarize.heads import Boosted, Heads
from standfirst.summarize.lines import Short, headline_line, line_of
from standfirst.summarize.reading import Scores

SENTENCES = [
    "The port was shut on Monday.",
    "Two drones hit the market at night, the mayor said.",
    "“We wait. We hope,” she said.",
    "It came at a cost:",
    "They left.",
    "The minister resigned, not the envoy.",
    "“Half a quotation is none.",
]


def paragraph(text: str, kind: str = "text", start: int = 0, repeat_of: str | None = None) -> Paragraph:
    return Paragraph(f"p-{kind}-{start}", text, kind, start, start + len(text), repeat_of)


@pytest.fixture
def summarizer(tiny_models: dict[str, Path]) -> Summarizer:
    return Summarizer.load(tiny_models["summary"], threads=1, cache=Cache(2**20))


def test_salience_worked_out_by_hand(word_bag: Summarizer) -> None:
    """Three sentences of two words; the second shares a word with the first and with the theme."""
    found = sentences(paragraph("Boats wait. Boats leave. Rain fell."))
    # cosines: 0-1 1/2, others 0; theme "leave now": sentence 1 1/2, others 0
    expected = 0.35 * np.array([0.25, 0.25, 0]) + 0.4 / np.array([1, 1.5, 2]) + 0.25 * np.array([0, 0.5, 0])
    assert word_bag.salience(found, "leave now") == pytest.approx(expected, abs=1e-6)


def test_a_sentence_that_leans_back_counts_less(word_bag: Summarizer) -> None:
    text = "Boats wait. He waits."
    scores = word_bag.salience(sentences(paragraph(text)), None)
    assert scores == pytest.approx([0.4, 0.4 / 1.5 - 0.25], abs=1e-6)
    assert word_bag.salience([], "theme").shape == (0,)


@pytest.mark.parametrize(
    ("max_words", "expected"),
    [
        (1, "Boats wait."),  # none fits: the shortest, alone
        (2, "Boats wait."),
        (5, "Boats wait. Rain falls today."),  # the second says what the first says, and is left out
        (40, "Boats wait. Rain falls today."),
    ],
)
def test_summaries_worked_out_by_hand(word_bag: Summarizer, max_words: int, expected: str) -> None:
    line = word_bag.summarize([paragraph("Boats wait. Boats wait. Rain falls today.")], max_words=max_words)
    assert line is not None
    assert (line.text, line.origin) == (expected, "extracted")


@given(
    st.lists(st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=5), max_size=4),
    st.integers(1, 60),
    st.sampled_from(["text", "key_point"]),
)
@settings(deadline=None, database=None, max_examples=60)
@pytest.mark.slow
def test_a_summary_is_faithful_and_short(tiny_reader, texts: list[list[str]], max_words: int, kind: str) -> None:
    paragraphs = [paragraph(" ".join(t), kind, 1000 * i) for i, t in enumerate(texts)]
    line = tiny_reader.summary.summarize(paragraphs, max_words=max_words)
    found = candidates(paragraphs)
    assert (line is None) == (not found)
    if line is None:
        return
    voices = [s.voice for s in found if s.voice is not None]  # shown in front of what they say
    shortest = min(s.n_words + (s.voice.n_words if s.voice else 0) for s in found)
    assert line.n_words <= max(max_words, shortest)
    assert len(line.pieces) <= 1 + bool(voices) or line.n_words <= max_words
    by_id = {p.id: p for p in paragraphs}
    for piece in line.pieces:
        home = by_id[piece.paragraph_id]
        assert home.text[piece.start : piece.end] == piece.text
        assert piece.source_start == home.start + piece.start
    assert line.text == " ".join(p.text for p in line.pieces)
    assert [p.source_start for p in line.pieces] == sorted({p.source_start for p in line.pieces})
    assert {p.text for p in line.pieces} <= {s.text for s in (*found, *voices)}


def test_a_headline_is_the_line(word_bag: Summarizer) -> None:
    headline = paragraph("Minister walks out", "headline", 7)
    line = word_bag.standfirst(Update("u", headline, (paragraph("Boats wait."),)))
    assert line == headline_line(headline)
    assert (line.text, line.origin) == ("Minister walks out", "headline")
    assert [(p.start, p.end, p.source_start) for p in line.pieces] == [(0, 18, 7)]


def test_a_title_is_no_line(word_bag: Summarizer) -> None:
    line = word_bag.standfirst(Update("opening", paragraph("Strike live", "title"), (paragraph("Boats wait."),)))
    assert line is not None
    assert (line.text, line.origin) == ("Boats wait.", "extracted")


@pytest.mark.parametrize("texts", [["Boats wait.", "Rain fell."], ["Boats wait."]])
def test_an_openings_line_is_its_lead_or_else_a_key_point(word_bag: Summarizer, texts: list[str]) -> None:
    kinds = ("key_point", "text")
    parts = tuple(paragraph(text, kind) for text, kind in zip(texts, kinds, strict=False))
    assert word_bag.standfirst(Update("opening", None, parts)).text == texts[-1]


@pytest.mark.parametrize(("max_words", "expected"), [(2, "Rain fell."), (3, "Three boats wait."), (1, "Rain fell.")])
def test_a_line_is_one_sentence_that_fits(word_bag: Summarizer, max_words: int, expected: str) -> None:
    update = Update("u", None, (paragraph("Three boats wait. Rain fell."),))
    assert word_bag.standfirst(update, max_words=max_words).text == expected


def test_an_update_without_prose_has_no_line(word_bag: Summarizer) -> None:
    silent = (paragraph("Mara Venn reports:", "byline"), paragraph("Read more: x", "pointer"))
    assert word_bag.standfirst(Update("u", None, silent)) is None
    assert word_bag.summarize(silent) is None
    assert word_bag.summarize([]) is None


@pytest.mark.parametrize("max_words", [0, -3, 2.5, "9", None, True])
def test_a_wrong_limit_is_refused(word_bag: Summarizer, max_words: object) -> None:
    with pytest.raises(InputError, match="at least 1"):
        word_bag.summarize([], max_words=max_words)


def test_embeddings_are_unit_vectors_of_each_text_alone(summarizer: Summarizer) -> None:
    texts = ["boats wait", "", "the drone hit the port " * 60, "boats wait", "rain"]
    vectors = summarizer.embed(texts)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(5), abs=1e-6)
    assert np.array_equal(vectors[::-1], summarizer.embed(texts[::-1]))
    bare = Summarizer(summarizer._pieces, summarizer._encoder, "v")
    assert np.array_equal(vectors, np.stack([bare.embed([t])[0] for t in texts]))
    assert summarizer.embed([]).shape == (0, 0)


def test_what_was_embedded_is_kept_and_owns_its_memory(summarizer: Summarizer, monkeypatch) -> None:
    first = summarizer.embed(["boats wait", "rain"])
    assert summarizer._cache.get((summarizer.version, "rain")).base is None  # no view that keeps a batch alive
    monkeypatch.setattr(summarizer._encoder, "run", None)
    assert np.array_equal(summarizer.embed(["rain", "boats wait"]), first[::-1])


def test_half_a_character_is_no_trouble(summarizer: Summarizer) -> None:
    line = summarizer.summarize([paragraph("The port \ud800 is shut.")])
    assert line is not None
    assert line.text == "The port \ud800 is shut."


def test_the_other_model_is_refused(tiny_models: dict[str, Path]) -> None:
    with pytest.raises(ModelCorrupt, match="'topics' came where one for 'summary'"):
        Summarizer.load(tiny_models["topics"])


class Reading(Summarizer):
    """Heads that like the first sentence best."""

    def __init__(self, choice: Boosted | None) -> None:
        heads = Heads(64, (0.0,) * 9, (0.0,) * 9, 0.0, {}, choice)
        super().__init__(None, None, "summary-first", heads=heads)  # type: ignore[arg-type]

    def scores(self, texts, *, headed=False):
        return [Scores(-float(i), 0.0, (1.0,) * len(tokenize(t))) for i, t in enumerate(texts)]


PLAIN = "Boats wait in the port of Osk."
OTHER = "Snow fell on the hills of Orn."


@pytest.fixture
def late() -> Callable[[float], Boosted]:
    """Trees by which the third sentence has so much more than those before it."""

    def late(gain: float) -> Boosted:
        return Boosted(("place",), 0.0, np.zeros((1, 1), np.int64), np.array([[1.5]]), np.array([[0.0, gain]]))

    return late


@pytest.mark.parametrize(
    ("second", "gain", "third", "wanted"),
    [
        (PLAIN, 1.3, OTHER, 2),
        (PLAIN, 1.1, OTHER, 1),  # not sure enough to put another in the place of a plain one
        ("What a day for the port of Osk!", 0.1, OTHER, 2),
        ("What a day for the port of Osk!", -0.1, OTHER, 1),
        ("It fell on the port of Osk.", -0.9, OTHER, 2),  # points back
        ("It fell on the port of Osk.", -1.1, OTHER, 0),
        (PLAIN, 9.0, "It fell on the hills of Orn.", 1),
        (PLAIN, 9.0, "Snow fell on Orn.", 1),  # a remark by its length
        (PLAIN, 9.0, "Why did we come to the hills of Orn?", 1),
        (PLAIN, 9.0, "Thanks to all of the hills of", 1),
        (PLAIN, 9.0, "Dana Orsk (@dorsk) snow on the hills of Orn.", 1),
    ],
)
def test_the_trees_overrule_the_head(late, second: str, gain: float, third: str, wanted: int) -> None:
    texts = ["It came.", second, third]
    update = Update("u", None, (paragraph(" ".join(texts)),))
    assert Reading(late(gain)).standfirst(update).text == texts[wanted]
    assert Reading(None).standfirst(update).text in {"It came.", second}


def test_the_first_sentence_stays_where_the_head_is_for_it(late) -> None:
    update = Update("u", None, (paragraph(f"{PLAIN} It came. {OTHER}"),))
    assert Reading(late(9)).standfirst(update).text == PLAIN


class Drawn(Reading):
    """Heads that like each sentence by so much."""

    def __init__(self, *likes: float) -> None:
        super().__init__(None)
        self.likes = likes

    def scores(self, texts, *, headed=False):
        return [Scores(x, 0.0, (1.0,) * len(tokenize(t))) for x, t in zip(self.likes, texts, strict=True)]


LONG = f"Boats {'and yet more boats ' * 10}wait in Osk."


@pytest.mark.parametrize(
    ("texts", "likes", "wanted"),
    [
        ((PLAIN, OTHER), (0.0, 0.8), 0),  # the first has something in hand
        ((PLAIN, OTHER), (0.0, 1.0), 1),
        (("It came.", OTHER), (1.4, 0.0), 1),
        (("Who came?", OTHER), (1.9, 0.0), 1),
        ((OTHER, "Dana asks: I wait in Osk."), (0.0, 2.8), 0),
        (("Boats of @dorsk wait in Osk.", OTHER), (1.9, 0.0), 1),
        (("Boats of @dorsk wait in Osk.", OTHER), (2.1, 0.0), 0),
        ((OTHER, PLAIN, "We wait."), (0.0, 1.5, 1.5), 0),  # the second may be theirs, too
        ((OTHER, "Osk waits, the mayor said.", "We wait."), (0.0, 1.5, 1.5), 1),
        (("Nine people died in Osk.", OTHER), (0.0, 3.8), 0),  # the toll goes first
        (("Nine people died in Osk.", OTHER), (0.0, 4.0), 1),
        (("Nine people fight in Osk for their lives.", OTHER), (0.0, 1.0), 1),
        ((OTHER, "Who came to Osk? “Nobody.”"), (0.0, 2.8), 0),
        ((LONG, OTHER), (0.1, 0.0), 0),
        ((LONG, OTHER), (-0.6, 0.0), 1),  # four words above the limit
    ],
)
def test_what_a_sentence_gains_and_loses_by_its_form(texts, likes, wanted: int) -> None:
    update = Update("u", None, (paragraph(" ".join(texts)),))
    assert Drawn(*likes).standfirst(update).text == texts[wanted]


def test_a_long_lead_is_shown_unless_a_limit_is_asked_for() -> None:
    assert len(LONG.split()) == 44
    update = Update("u", None, (paragraph(f"{LONG} {OTHER}"),))
    assert Drawn(9, 0).standfirst(update).text == LONG
    assert Drawn(9, 0).standfirst(update, max_words=40).text == OTHER


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"{PLAIN} The mayor of Osk said: We are lost. {OTHER}", PLAIN),  # what may be the mayor's is no news
        (f"The mayor of Osk said on Monday: {OTHER} {PLAIN}", f"The mayor of Osk said on Monday: {OTHER}"),
        (f"Dana Orsk (@dorsk) {OTHER} Boats wait.", f"Dana Orsk (@dorsk) {OTHER}"),
    ],
)
def test_whose_words_a_line_may_be_is_told_in_front_of_it(late, text: str, expected: str) -> None:
    update = Update("u", None, (paragraph(text),))
    line = Reading(late(-9)).standfirst(update)
    assert line.text == expected
    assert " ".join(p.text for p in line.pieces) == expected
    assert [text[p.start : p.end] for p in line.pieces] == [p.text for p in line.pieces]


def test_a_line_of_somebodys_words_begins_with_whose_they_are() -> None:
    """Where they end nothing says, so that the second sentence is no line; behind a quotation it is its writer's."""
    said = paragraph("The mayor said on Monday:")
    update = Update("u", None, (said, paragraph(f"{PLAIN} {OTHER}", start=100)))
    assert Reading(None).standfirst(update).text == f"The mayor said on Monday: {PLAIN}"
    found = candidates(update.paragraphs)
    assert [s.text for s in found] == [PLAIN]
    assert Short(found[0], ((0, 5),)).n_words == 6
    quoted = (said, paragraph("“We wait,” she said. It rained.", start=100))
    assert [s.text for s in candidates(quoted)] == ["“We wait,” she said.", "It rained."]
    assert line_of([Short(s, ((0, len(s.text)),)) for s in found]).n_words == 12


def test_an_opening_is_left_to_the_head_and_too_long_is_no_choice(late) -> None:
    parts = (paragraph(f"{PLAIN} It came. {OTHER}"),)
    assert Reading(late(9)).standfirst(Update(OPENING, None, parts)).text == PLAIN
    assert Reading(late(9)).standfirst(Update("u", None, parts), max_words=6).text == "It came."
