"""In which order updates came, on pages with the newest on top or at their end."""

from datetime import UTC, datetime

import pytest

from standfirst.digest.order import newest_first
from standfirst.schema import Paragraph, Update


def update(number: int, hour: int | None = None, clock: str = "") -> Update:
    over = (Paragraph(f"c{number}", clock, "pointer", 0, len(clock)),) if clock else ()
    text = Paragraph(f"p{number}", "Boats wait.", "text", 100, 111)
    published = None if hour is None else datetime(2031, 3, 4, hour, tzinfo=UTC)
    return Update(f"u{number}", None, (*over, text), published=published)


@pytest.mark.parametrize(
    ("hours", "expected"),
    [
        ((12, 10, 9), [0, 1, 2]),
        ((9, 10, 12), [2, 1, 0]),
        ((9, 12, 10), [1, 2, 0]),
        ((9, 9, 12), [2, 1, 0]),
        ((12, 9, 9), [0, 1, 2]),
        ((None, None, None), [0, 1, 2]),
        ((9, None, 12), [2, 1, 0]),
    ],
)
def test_by_the_times_that_are_known(hours: tuple[int | None, ...], expected: list[int]) -> None:
    assert newest_first([update(i, hour) for i, hour in enumerate(hours)]) == expected


@pytest.mark.parametrize(
    ("clocks", "expected"),
    [
        (("9:05am", "8:00am", "12:10am"), [0, 1, 2]),
        (("8.20 a.m. ET", "9.05 a.m. ET", "1.00 p.m. ET"), [2, 1, 0]),
        (("00:10", "23:50", "20:00"), [0, 1, 2]),
        (("20:00", "23:50", "23:55", "00:10"), [3, 2, 1, 0]),
    ],
)
def test_by_the_clocks_over_them_where_there_is_no_date(clocks: tuple[str, ...], expected: list[int]) -> None:
    assert newest_first([update(i, clock=clock) for i, clock in enumerate(clocks)]) == expected
