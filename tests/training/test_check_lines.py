"""The checker finds what is wrong, and nothing in what the compressor makes of our own writing."""

import json
import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from standfirst.english.sentences import Sentence, sentences
from standfirst.english.view import tokenize
from standfirst.schema import Line, Paragraph
from standfirst.summarize.compress import compress
from standfirst.summarize.lines import Short, headline_line, line_of
from training.check_lines import violations

ROOT = Path(__file__).resolve().parents[2]
ADVERSARIAL = ROOT / "tests" / "standfirst" / "summarize" / "adversarial.txt"


def extracted(sentences: Sequence[Sentence]) -> Line:
    return line_of([Short(s, ((0, len(s.text)),)) for s in sentences])


def paragraph(text: str, kind: str = "text", repeat_of: str | None = None) -> Paragraph:
    return Paragraph("p", text, kind, 0, len(text), repeat_of)


def left_of(text: str, *gone: str) -> tuple[Line, Paragraph]:
    """The line of a paragraph of one sentence without some of its words."""
    home = paragraph(text)
    (sentence,) = sentences(home)
    spans, start = [], 0
    for words in gone:
        at = text.index(words, start)
        spans.append((start, at))
        start = at + len(words)
    spans.append((start, len(text)))
    kept = []
    for a, b in spans:
        inner = text[a:b]
        if inner.strip():
            first = a + len(inner) - len(inner.lstrip())
            kept.append((first, first + len(inner.strip())))
    return line_of([Short(sentence, tuple(kept))]), home


@pytest.mark.parametrize(
    ("text", "gone", "words"),
    [
        ("The minister did not resign on Monday.", ["not "], "negation lost"),
        ("The alleged spy left the town.", ["alleged "], "hedge lost"),
        ("The dam holds, according to the army.", [", according to the army"], "speaker lost"),
        ("The dam gave way, officials said.", [", officials said"], "speaker lost"),
        ("Crews sail if the pay is raised.", ["if the pay is raised"], "condition lost"),
        ("The blast killed 12 people.", ["12 "], "number lost"),
        ("The blast, which killed two, was gas, killing 12.", [", killing 12"], "number lost"),
        ("It is the only mill in Pelm.", ["only "], "limit lost"),
        ("No shells fell in Osk on Friday.", [" on Friday"], "restriction went"),
        ("All boats in the harbour sank.", ["in the harbour "], "restriction went"),
        ("She said “we sail, we hope” on Monday.", [", we hope"], "half a quotation"),
        ('She said "we sail at dawn" on Monday.', [" at dawn"], "half a quotation"),
        ("The tug sailed to the pier.", ["pier"], "dangling"),
        ("The ship of the line sank.", ["the line sank"], "dangling"),
    ],
)
def test_what_is_wrong_is_found(text: str, gone: list[str], words: str) -> None:
    line, home = left_of(text, *gone)
    assert any(words in wrong for wrong in violations(line, [home])), violations(line, [home])


@pytest.mark.parametrize(
    ("text", "gone"),
    [
        ("Mr Oake, who did not speak, left.", ["Mr ", ", who did not speak,"]),
        ("The dam (a relic) broke.", ["(a relic) "]),
        ("Nobody, the mayor of Osk, an old port, slept.", [", an old port,"]),
        ("The bridge fell; 12 people died.", ["; 12 people died"]),
        ("The crews left on Monday.", []),
    ],
)
def test_what_is_right_passes(text: str, gone: list[str]) -> None:
    line, home = left_of(text, *gone)
    assert violations(line, [home]) == []


def test_lines_that_are_not_their_pieces() -> None:
    home = paragraph("Boats wait. Rain fell.")
    first, second = sentences(home)
    assert violations(extracted([second, first]), [home]) == ["pieces out of order"]
    whole = extracted([first])
    assert violations(Line("Boats WAIT.", "extracted", whole.pieces), [home]) == ["the line is not its pieces"]
    assert violations(whole, [paragraph("Boots wait. Rain fell.")]) == ["a piece is not where it says"]
    assert violations(whole, []) == ["a piece is not where it says"]
    assert violations(whole, [paragraph(home.text, "byline")]) == ["words of a byline"]
    assert violations(whole, [paragraph(home.text, repeat_of="p-0")]) == ["words of a repeat"]
    headline = paragraph("Who pays for the dam and", "headline")
    assert violations(headline_line(headline), [headline]) == []


def own_texts() -> list[str]:
    """Our corpus and the adversarial sentences."""
    texts = [row for row in ADVERSARIAL.read_text(encoding="utf-8").splitlines() if row and row[0] != "#"]
    texts = [re.sub(r"[\[\]{}]", "", row) for row in texts]
    for path in sorted((ROOT / "training" / "corpus").glob("*.jsonl")):
        for row in path.read_text(encoding="utf-8").splitlines():
            texts += [p["text"] for p in json.loads(row).get("paragraphs", ()) if p["kind"] == "text"]
    return texts


@pytest.mark.slow
@pytest.mark.parametrize("lowered", [False, True])
def test_no_line_of_our_own_writing_breaks_a_rule(lowered: bool) -> None:
    """Every permitted cut is made in each sentence; cased and lower-cased."""
    wrong = []
    for text in own_texts():
        home = paragraph(text.lower() if lowered else text)
        for sentence in sentences(home):
            spans = compress(sentence.text, [-1.0] * len(tokenize(sentence.text)), 1).spans
            line = line_of([Short(sentence, spans)])
            wrong += [f"{v}: {sentence.text} -> {line.text}" for v in violations(line, [home])]
    assert not wrong, f"{len(wrong)}:\n" + "\n".join(wrong[:40])


def test_a_verb_that_lost_who_speaks_is_found() -> None:
    text = "Twelve people have died in the avalanche, the interior minister, Pavlo Ilyrian, has said."
    line, home = left_of(text, ", the interior minister, Pavlo Ilyrian,")
    assert any("who speaks" in wrong for wrong in violations(line, [home]))
    text = "Police said the pilot, the eldest of the crew, has said nothing."
    line, home = left_of(text, ", the eldest of the crew,")
    assert not any("who speaks" in wrong for wrong in violations(line, [home]))
