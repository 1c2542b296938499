from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.dates import date_at_start, iso_date


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2031-05-04", "2031-05-04"),
        (" 20310504 ", "2031-05-04"),
        ("20310504T101500Z", "2031-05-04T10:15:00"),
        ("2031-05-04 10:15", "2031-05-04T10:15:00"),
        ("2031-05-04T00:15:00.250+02:00", "2031-05-03T22:15:00"),
        ("2031", "2031-01-01"),
        (2031, "2031-01-01"),
        ("2031-05", "2031-05-01"),
        (date(2031, 5, 4), "2031-05-04"),
        (datetime(2031, 5, 4, 10, tzinfo=UTC), "2031-05-04T10:00:00"),
        ("2031/05/04", "2031-05-04"),
        ("2031/05/04 10:15", "2031-05-04T10:15:00"),
        ("2031-05-04 23:30:00 UTC", "2031-05-04T23:30:00"),
        ("2031-05-04 23:30:00 +0200", "2031-05-04T21:30:00"),
        ("2031-05-04T23:30:00.123456789Z", "2031-05-04T23:30:00"),
        ("1000", ""),
        (2101, ""),
        ("2031/02/30", ""),
        ("2031-05-04 -0200", ""),
        ("2031-02-30", ""),
        ("2031-13", ""),
        ("04/05/2031", ""),
        ("20310504123", ""),
        ("0001-01-01T00:00:00+05:00", ""),
        ("Monday", ""),
        ("", ""),
        (None, ""),
        (float("nan"), ""),
    ],
)
def test_one_form_for_every_way_to_write_a_date(value: object, expected: str):
    assert iso_date(value) == expected


def test_a_document_is_dated_by_its_beginning_but_not_by_a_hash():
    assert date_at_start("20310504T101500Z_NO_en_7d01.txt") == "2031-05-04T10:15:00"
    assert date_at_start("2031-05-04 storm") == "2031-05-04"
    assert [date_at_start(n) for n in ("20310504ab9c0d", "203105041", "20311504_x", "b1", "")] == [""] * 5


moments = st.datetimes(
    min_value=datetime(1900, 1, 2),
    max_value=datetime(2100, 1, 1),
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=5))]),
)


@given(moments, moments)
def test_dates_compare_as_their_times_do(a: datetime, b: datetime):
    a, b = a.replace(microsecond=0), b.replace(microsecond=0)
    assert (iso_date(a.isoformat()) < iso_date(b.isoformat())) == (a < b)
    assert iso_date(iso_date(a)) == iso_date(a)
