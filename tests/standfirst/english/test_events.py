"""What two lines tell of, and what one says of the dead or of what is to come."""

from collections.abc import Callable

import pytest

from standfirst.english.events import are_elsewhere, counts_on, counts_the_dead, looks_ahead, one_denies, tell_apart


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Nine people have died in Osk.", True),
        ("Police found six bodies in the harbour.", True),
        ("Osk blast kills 6", True),
        ("Two of the nine are fighting for their lives.", False),
        ("Nine people spoke of the long and quiet years before a death in the family.", False),
        ("The dead rest in Osk.", False),
    ],
)
def test_what_counts_the_dead(text: str, *, expected: bool) -> None:
    assert counts_the_dead(text) is expected


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("Osk blast kills 6", "Death toll in Osk blast rises to nine", True),
        ("Drone attack on Osk injures nine", "Death toll in Osk rises to two", True),
        ("Osk blast kills 6", "Osk blast kills nine", False),
        ("Snow falls on Osk", "Death toll in Osk rises to two", False),
    ],
)
def test_a_toll_goes_on_counting(one: str, other: str, *, expected: bool) -> None:
    assert counts_on(one, other) is expected
    assert counts_on(other, one) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("MPs will vote on the bill this evening.", True),
        ("The chancellor is expected to raise the rate.", True),
        ("Counting delayed in Lot", True),
        ("Union executive meets to consider offer", True),
        ("City hope to complete the signing", True),
        ("Train drivers will return to work on Friday.", False),
        ("The chancellor has raised the rate.", False),
    ],
)
def test_what_looks_ahead(text: str, *, expected: bool) -> None:
    assert looks_ahead(text) is expected


def test_names_scenes_and_denials_part_lines() -> None:
    assert tell_apart("Bank of Osk cuts rates", "Bank of Veld cuts rates")
    assert are_elsewhere("Two died at a hotel in Osk", "Six died at a nightclub in Osk")
    assert not are_elsewhere("Two died at a hotel in Osk", "Six died at the hotel in Osk")
    assert one_denies("Venn has not resigned", "Venn has resigned")


@pytest.mark.parametrize("part", ["1 dead ", "dead ", "at the ", "is expected to ", "will x "])
def test_a_long_line_costs_no_more_than_its_length(
    part: str, cpu_seconds: Callable[[Callable[[], object]], float]
) -> None:
    text = part * 3_000
    for ask in (counts_the_dead, looks_ahead, lambda t: counts_on(t, t), lambda t: are_elsewhere(t, f"{t} a")):
        assert cpu_seconds(lambda ask=ask: ask(text)) < 1, ask
