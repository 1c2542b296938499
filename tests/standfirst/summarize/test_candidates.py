"""Which sentences of an update a line may be made of."""

import pytest

from standfirst.schema import Paragraph
from standfirst.summarize.candidates import candidates


def paragraph(text: str, kind: str = "text", start: int = 0, repeat_of: str | None = None) -> Paragraph:
    return Paragraph(f"p-{kind}-{start}", text, kind, start, start + len(text), repeat_of)


def test_candidates_are_prose_that_is_new_and_whole() -> None:
    paragraphs = [
        paragraph("A key point here.", "key_point", 0),
        paragraph("Mara Venn reports:", "byline", 100),
        paragraph("A title here.", "title", 200),
        paragraph("Two came. It cost this:", "text", 300),
        paragraph("A key point here.", "text", 400, repeat_of="p-key_point-0"),
        paragraph("Read more: x.", "pointer", 500),
        paragraph("A headline here.", "headline", 600),
    ]
    assert [s.text for s in candidates(paragraphs)] == ["A key point here.", "Two came."]
    assert [s.place for s in candidates(paragraphs)] == [0, 1]


def test_what_leads_elsewhere_within_a_paragraph_is_no_candidate() -> None:
    prose = "The ferry is back, the harbour says. You can read more here. Photograph: Lena Holt/AFP/Getty Images"
    assert [s.text for s in candidates([paragraph(prose)])] == ["The ferry is back, the harbour says."]
    assert candidates([paragraph("Read the full story here.")]) == []


def test_a_word_in_capitals_is_no_candidate() -> None:
    assert candidates([paragraph("QYZT")]) == []


@pytest.mark.parametrize(
    ("texts", "shown"),
    [
        (("Did he go? “Never.” Did he ask to? “I did.”",), ["Did he go? “Never.”", "Did he ask to? “I did.”"]),
        (("Was it Osk? Or Veld? “I doubt so,” Ina Venn said.",), ["Was it Osk? Or Veld? “I doubt so,” Ina Venn said."]),
        (
            ("Who fell? “All of the north pier fell,” she said.",),
            ["Who fell?", "“All of the north pier fell"],
        ),
        (("Who fell? The pier stands.",), ["Who fell?", "The pier stands."]),
        (("Will it hold?", "“We wait.”"), ["Will it hold?"]),
        (("Q: Will you go?", "A: I will not."), ["A: I will not."]),
    ],
)
def test_a_question_is_shown_with_an_answer_that_needs_it(texts: tuple[str, ...], shown: list[str]) -> None:
    found = candidates([paragraph(text, start=1000 * i) for i, text in enumerate(texts)])
    assert len(found) == len(shown)
    assert all(s.text.startswith(start) for s, start in zip(found, shown, strict=True))
    assert [s.voice and s.voice.text for s in found] == [texts[0] if s.text.startswith("A:") else None for s in found]


def test_half_sentences_are_better_than_nothing() -> None:
    assert [s.text for s in candidates([paragraph("It cost this:")])] == ["It cost this:"]
