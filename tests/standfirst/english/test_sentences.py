from itertools import pairwise
from typing import Any

import pytest
import sentencex
from hypothesis import given, settings
from hypothesis import strategies as st

from standfirst.english.sentences import Sentence, is_post, is_whole, leans_back, sentences
from standfirst.english.verdicts import sets_right, undoes
from standfirst.reader import Reader
from standfirst.schema import Paragraph
from standfirst.summarize.candidates import candidates

PARTS = [
    "The port is shut.",
    "“We wait. We hope,” she said.",
    "Mr. Brae left at 4 p.m. on Monday.",
    "It cost $3.50!",
    "😀 Café déjà vu.",
    "Who pays?",
    "no capital here",
    "«Non. Jamais.»",
    '"Half a quote',
    "…",
    "\ud800",
    "U.S. envoys met",
]


def paragraph(text: str) -> Paragraph:
    return Paragraph("p-1", text, "text", 0, len(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        (" \n ", []),
        ("One boat left. Two stayed.", ["One boat left.", "Two stayed."]),
        ("  Mr. Brae left at noon.\n Nobody spoke.  ", ["Mr. Brae left at noon.", "Nobody spoke."]),
        ("“We came. We saw,” he said. They left.", ["“We came. We saw,” he said.", "They left."]),
        ("No full stop", ["No full stop"]),
        ("The port is shut. “We wait. We hope.", ["The port is shut.", "“We wait.", "We hope."]),
        ('They left. "We wait.\nWe hope.', ["They left.", '"We wait.', "We hope."]),
        ("The port is shut. “", ["The port is shut. “"]),
        ("It fell at 5 p.m. ET on Monday. They left.", ["It fell at 5 p.m. ET on Monday.", "They left."]),
        ("It fell at 5 p.m. The port is shut.", ["It fell at 5 p.m.", "The port is shut."]),
        ("Half are dark, said PowerWatch.US on Monday.", ["Half are dark, said PowerWatch.US on Monday."]),
        ("It is over.He said so. We go.", ["It is over.", "He said so.", "We go."]),
        ("It is over.The port is shut.", ["It is over.", "The port is shut."]),
        ("It is over.US boats left.", ["It is over.", "US boats left."]),
        ("Amazon.com and Osk.Co.Uk said no.", ["Amazon.com and Osk.Co.Uk said no."]),
        ("😀 One. 😀😀 Two.", ["😀 One.", "😀😀 Two."]),
    ],
)
def test_sentences_worked_out_by_hand(text: str, expected: list[str]) -> None:
    assert [s.text for s in sentences(paragraph(text))] == expected


@pytest.mark.parametrize("text", ["They left Osk. “We wait. We hope,” she said. " * 400, "“ * " * 4000, "word " * 4000])
def test_a_long_text_is_split_in_stretches(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    split, lengths = sentencex.get_sentence_boundaries, []

    def measured(language: str, part: str) -> list[dict[str, Any]]:
        lengths.append(len(part))
        return split(language, part)

    ends = [boundary["end_index"] for boundary in split("en", text)]
    monkeypatch.setattr(sentencex, "get_sentence_boundaries", measured)
    assert [s.text for s in sentences(paragraph(text))] == [text[a:b].strip() for a, b in pairwise([0, *ends])]
    assert max(lengths) < 10_000 < len(text)


def test_places_count_on() -> None:
    found = sentences(paragraph("One boat left. Two stayed. Three sank."), place=5)
    assert [s.place for s in found] == [5, 6, 7]
    assert [s.n_words for s in found] == [3, 2, 2]


@given(st.lists(st.sampled_from(PARTS) | st.text(max_size=30), max_size=8), st.sampled_from([" ", "\n", "  ", ""]))
@settings(deadline=None, database=None, max_examples=60)
@pytest.mark.slow
def test_offsets_are_true_and_no_word_is_lost(parts: list[str], glue: str) -> None:
    text = glue.join(parts)
    found = sentences(paragraph(text))
    for s in found:
        assert text[s.start : s.end] == s.text == s.text.strip() != ""
    assert all(a.end <= b.start for a, b in pairwise(found))
    covered = {i for s in found for i in range(s.start, s.end)}
    assert not "".join(c for i, c in enumerate(text) if i not in covered).strip()


def test_a_sentence_points_at_its_paragraph() -> None:
    home = paragraph("One boat left.")
    assert sentences(home) == [Sentence(home, 0, 14, "One boat left.", 0)]


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("The port is shut.", True),
        ("", False),
        ("It came at a cost:", False),
        ("They said…", False),
        ("They said...", False),
        ("In the end,", False),
        ('He said: "We wait.', False),
        ('"We wait," he said.', True),
        ("“We wait.", False),
        ("We wait.”", False),
        ("«Nous attendons.", False),
        ("“We “all” wait.”", True),
        ("‘We wait.", False),
        ("'We wait.", False),
        ("We wait.’", False),
        ("‘The judges’ plan is mad.", False),
        ("The mayor said: ‘We wait.", False),
        ("‘We don’t wait.’", False),
        ("'We don't wait.'", False),
        ("‘We don’t wait,’ she said.", True),
        ("'We don't wait,' she said.", True),
        ("The ‘mad dogs’ of Osk fled.", True),
        ("The dockers’ boats are the crews’.", True),
        ("The ‘Ndrangheta sang ’n’ danced in the ‘90s.", True),
    ],
)
def test_is_whole(text: str, whole: bool) -> None:
    assert is_whole(text) is whole


@pytest.mark.parametrize(
    ("text", "posted"),
    [
        ("Dana Orsk (@dorsk) no boats.", True),
        ("No boats #osk #lenn", True),
        ("See https://osk.example/boats for more.", True),
        ("No boats pic.twitter.com/x1", True),
        ("The #boats movement has grown.", False),
        ("Write to dana@osk.example by noon.", False),
        ("Osk is #1 of the ports, and #2 is Lenn.", False),
    ],
)
def test_is_post(text: str, posted: bool) -> None:
    assert is_post(text) is posted


@pytest.mark.parametrize(
    ("text", "leans"),
    [
        ("He left.", True),
        ("“They left,” Jon said.", True),
        ("'It is over'", True),
        ("However, the port is shut.", True),
        ("The two left.", True),
        ("The twofold rise", False),
        ("Hebron is quiet.", False),
        ("Item one is shut.", False),
        ("The mayor left.", False),
        ("Both carriageways are open.", False),
        ("Both were open.", True),
        ("If confirmed, it would be the first.", True),
        ("It has been reported that the dam broke.", True),
        ("The port has yet to answer these claims.", True),
        ("Ferries are rare these days.", False),
        ("The warning came hours after the dam broke.", True),
        ("The news comes as the port shuts.", True),
        ("The truce came into force.", False),
        ("Not according to the airport.", True),
        ("The party has been in opposition since 2019.", True),
        ("One former minister told him that the talks were over.", True),
        ("Ina Venn told them that the talks were over.", False),
        ("A diplomat called the remarks “a breakthrough”.", True),
        ("", False),
    ],
)
def test_leans_back(text: str, leans: bool) -> None:
    assert leans_back(text) is leans


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (
            ["Reports that the dam broke spread. They are false. Boats left."],
            "Reports that the dam broke spread. They are false.",
        ),
        (["An earlier version of this post said the dam broke. It had not. Boats left Osk."], "Boats left Osk."),
        (["Myth: The dam leaks.", "The dam holds, engineers say."], "The dam holds, engineers say."),
        (
            ["The governor said:", "“They came at night. They took the boys.”"],
            "“They came at night. They took the boys.”",
        ),
        (["The ferry is late. It was not the first."], "The ferry is late."),
    ],
)
def test_what_may_make_a_line(texts: list[str], expected: str) -> None:
    found = candidates([paragraph(text) for text in texts])
    assert found[-1 if "Osk" in expected else 0].text == expected
    assert all("earlier version" not in s.text and "Myth" not in s.text for s in found)


def test_a_quotation_of_two_paragraphs_keeps_its_speaker() -> None:
    texts = ["The governor said:", "“They came at night.", "“They took the boys.”", "The dam holds."]
    assert [(s.text, s.voice and s.voice.text) for s in candidates([paragraph(text) for text in texts])] == [
        ("“They took the boys.”", "The governor said:"),
        ("The dam holds.", None),
    ]


@pytest.mark.parametrize("marks", ["‘’", "''", "“”"])
def test_what_an_open_quotation_goes_on_with_is_somebodys(marks: str) -> None:
    opening, closing = marks
    texts = [
        f"{opening}We came out at six. The rebels had burned the mill. Thirty men were taken to the woods.",
        f"{opening}Nobody has come back,{closing} said Ina Pohl.",
        "The port of Osk is shut.",
    ]
    assert [s.text for s in candidates([paragraph(text) for text in texts])] == texts[1:]


@pytest.mark.parametrize(
    ("following", "expected"),
    [
        ("That is false.", True),
        ("They are not true, the mayor said.", True),
        ("Not confirmed.", True),
        ("They are denied entry.", False),
        ("It was withdrawn from the market in May.", False),
        ("It did not happen overnight.", False),
        ("Not so long ago, it leaked.", False),
    ],
)
def test_what_undoes_a_sentence(following: str, expected: bool) -> None:
    assert undoes(following) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("CORRECTION: We said the dam broke.", True),
        ("Earlier, we reported that the dam broke.", True),
        ("We wrongly said the dam broke.", True),
        ("“We said goodbye to our homes,” said Venn.", False),
        ("We wrote to the minister on Monday.", False),
        ("Yesterday we said farewell to the regent.", False),
    ],
)
def test_what_sets_right(text: str, expected: bool) -> None:
    assert sets_right(text) is expected


def test_two_sentences_that_undo_each_other_are_never_cut(tiny_reader: Reader) -> None:
    text = "The mayor fled the city of Osk on Monday, cutting the road to the port of Pelm. That is wrong."
    (sentence,) = candidates([paragraph(text)])
    assert tiny_reader.summary.shorten(sentence, 5).text == text


def test_a_speaker_goes_on_only_into_a_paragraph_that_opens_a_quotation() -> None:
    texts = ["The mayor said:", "“We wait.", "Crews reached the port at noon."]
    assert [s.voice for s in candidates([paragraph(text) for text in texts])] == [None]


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        # words that no sentence of their own marks as somebody's
        (["The port is shut. “We wait. We will pay for nothing."], ["The port is shut."]),
        (['The port is shut. "We wait. We will pay for nothing.'], ["The port is shut."]),
        (["The port is shut. “We wait. We hope.", "“We pray.”", "Crews came."], ["The port is shut.", "Crews came."]),
        (
            ["The governor said:", "“They came. They took", "us. They left.”", "“Nobody pays.”", "Crews came."],
            ["Crews came."],
        ),
        (
            ["Here is the ministry's statement on the dam. The governor won the argument. He stays."],
            [
                "Here is the ministry's statement on the dam.",
                "Here is the ministry's statement on the dam. | The governor won the argument.",
            ],
        ),
        (
            ["Here are the main points of the ministry's statement. The dam holds. The road is shut."],
            ["Here are the main points of the ministry's statement.", "The dam holds.", "The road is shut."],
        ),
        (["This is from Dana Orsk.", "The dam leaks. It will break."], ["| The dam leaks."]),
        (
            [
                "The governor's office has issued a statement on the release of files on the dam, its builders and the"
                " inquiry that a court in Pelm had opened in May: The files say nothing new. We will win in court."
            ],
            ["inquiry that a court in Pelm had opened in May: The files say nothing new."],
        ),
        (["The mayor of Osk paid tribute to the crews: My heart goes out to them. We owe them all."], ["out to them."]),
        (['The pipe is 5" wide. The port is shut.'], ["The port is shut."]),
    ],
)
def test_words_that_may_be_somebodys_make_no_line_of_their_own(texts: list[str], expected: list[str]) -> None:
    found = candidates([paragraph(text) for text in texts])
    shown = [f"{s.voice.text} | {s.text}" if s.voice else s.text for s in found]
    assert len(shown) >= len(expected)
    for line in expected:
        assert any(s.endswith(line) for s in shown)
    for words in ("pay for nothing", "We hope", "They left", "He stays", "will break", "We will win", "We owe"):
        assert not any(words in s for s in shown)
    assert all(s.voice for s in found if s.text == "The governor won the argument.")
