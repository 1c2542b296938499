"""Lines that say only where they stand."""

from collections.abc import Callable

import pytest

from standfirst.english.frames import is_frame, lists_news


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Good morning", True),
        ("Welcome to our live coverage", True),
        ("What we know and don't know", True),
        ("What we know so far:", True),
        ("Queen's speech in full", True),
        ("Evening summary", True),
        ("What we know about the dam in Osk", True),
        ("Welcome to Osk, city of ferries", False),
        ("Speech by Venn ends talks", False),
        ("Verdict on the dam expected in May", False),
    ],
)
def test_what_only_frames_a_blog(text: str, *, expected: bool) -> None:
    assert is_frame(text) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("What we know so far", True),
        ("The latest", True),
        ("Where things stand", True),
        ("Key points", True),
        ("Evening summary", False),
        ("The latest from Osk: dam holds", False),
    ],
)
def test_a_label_of_a_list(text: str, *, expected: bool) -> None:
    assert lists_news(text) is expected


@pytest.mark.parametrize("part", ["text ", "e-mail ", "welcome to live ", "good ", "what we know "])
def test_a_long_line_costs_no_more_than_its_length(
    part: str, cpu_seconds: Callable[[Callable[[], object]], float]
) -> None:
    for ask in (is_frame, lists_news):
        assert cpu_seconds(lambda ask=ask: ask(part * 4_000)) < 0.5, ask
