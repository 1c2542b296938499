"""What a sentence says of those before it, told by the sentence alone."""

import pytest

from standfirst.english.verdicts import ascribes, corrects_itself, may_deny, sets_right, speaks_of_many, undoes


@pytest.mark.parametrize(
    "text",
    [
        "They are not true.",
        "It never happened, the mayor said.",
        "She pleaded not guilty.",
        "He was only joking.",
        "The paper got it wrong.",
        "That is if the weather holds.",
        "Well, not quite.",
        "The claims were made without evidence.",
        "This was not accurate, the office said.",
        "It later turned out to be a jogger.",
        "He isn't the gunman, police said.",
        "Make that two: the first was misread.",
    ],
)
def test_what_undoes(text: str) -> None:
    assert undoes(text)


@pytest.mark.parametrize(
    "text",
    [
        "It was not the first.",
        "She has since been appointed governor.",
        "The dam did not hold.",
        "It turned cold in Osk.",
    ],
)
def test_what_only_says_no(text: str) -> None:
    assert not undoes(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("So says a post on a channel.", True),
        ("The envoy begs to differ.", True),
        ("We heard this from two officers.", True),
        ("The mayor\nof Osk received this text.", True),
        ("The mayor left Osk.", False),
    ],
)
def test_what_says_whose_words_they_are(text: str, *, expected: bool) -> None:
    assert ascribes(text) is expected


def test_what_sets_right_and_what_is_right() -> None:
    assert sets_right("Correction: our post gave a wrong name.")
    assert not sets_right("Correction: the toll is 44, not 47.")
    assert sets_right("This post has been amended.")
    assert corrects_itself("Correction, they have initialled one.")
    assert speaks_of_many("None of these came true.")
    assert may_deny("It has not.", "The dam has burst.")
    assert not may_deny("It has not.", "Thousands are fleeing.")
