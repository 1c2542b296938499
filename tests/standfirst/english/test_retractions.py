"""What a sentence says of its own blog's earlier posts: on sentences in the manner of real corrections."""

from collections.abc import Callable

import pytest

from standfirst.english.retractions import named_times, names_own, takes_back, takes_back_the_last, what_was_wrong


@pytest.mark.parametrize(
    ("text", "behind", "expected"),
    [
        ("An earlier version of this page stated that all had died.", "In fact there are survivors.", True),
        ("In our 12:40 post we quoted Venn as calling it mad.", "It was Orsk who said it.", True),
        ("The rebels did not, as we said an hour ago, arrest him.", "", True),
        ("The minister is Jon Orsk, not Ina Venn as stated at 12:40.", "", True),
        ("Venn has not resigned, despite our earlier report.", "", True),
        ("An earlier estimate by us of 85 million was out by a factor of ten.", "", True),
        ("Venn will not, as I said the other day, resign.", "", True),
        ("As we reported earlier, Venn has not resigned.", "That was wrong of her.", False),
        ("The UN said an earlier report was wrong.", "", False),
        ("He would not have agreed, as I wrote last week.", "", False),
        ("The council sent an earlier version of the bill back.", "It was wrong.", False),
        ("The 12:40 train was cancelled in error.", "", False),
        ("More in our 12:40 post on the error.", "", False),
    ],
)
def test_what_takes_an_earlier_post_back(text: str, behind: str, *, expected: bool) -> None:
    assert takes_back(text, behind) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Scrap that: the talks go on.", True),
        ("Ignore that last update, Venn has just told us.", True),
        ("A correction to that last post, the fire is in Osk.", True),
        ("Ignore that noise, Venn says.", False),
        ("Scrap that law, MPs say.", False),
    ],
)
def test_what_takes_the_last_update_back(text: str, *, expected: bool) -> None:
    assert takes_back_the_last(text) is expected


@pytest.mark.parametrize("part", ["not, as we ", "our earlier ", "we said ", "the 12:40 ", "at 9.30 ", "“a ", "see "])
def test_a_long_sentence_costs_no_more_than_its_length(
    part: str, cpu_seconds: Callable[[Callable[[], object]], float]
) -> None:
    for ask in (names_own, takes_back_the_last, named_times, what_was_wrong, lambda text: takes_back(text, text)):
        assert cpu_seconds(lambda ask=ask: ask(part * 4_000)) < 0.5, ask
