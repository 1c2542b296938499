from datetime import UTC, date, datetime

import pytest

from standfirst.parse.times import parse_time, parse_time_line, split_time

DAY = date(2031, 3, 4)


@pytest.mark.parametrize(
    "value",
    [
        "2031-03-04T10:42:00Z",
        "2031-03-04T10:42:00+00:00",
        "2031-03-04T11:42:00+01:00",
        "2031-03-04T11:42:00.000000+0100",
        "2031-03-04T10:42",
        " 2031-03-04 10:42:00 ",
        "20310304T104200Z",
        "Tue, 04 Mar 2031 10:42:00 GMT",
        "Tue, 04 Mar 2031 10:42:00",
        "Tue, 04 Mar 2031 10:42:00 -0000",
        "Tue, 04 Mar 2031 11:42:00 BST",
        "Tue, 04 Mar 2031 11:42:00 (cet)",
        "Tue, 04 Mar 2031 12:42 CEST",
        "Tue, 04 Mar 2031 13:42:00 MSK",
        "Tue, 04 Mar 2031 20:42:00 AEST",
        "Tue, 04 Mar 2031 05:42:00 ET",
        "Tue, 04 Mar 2031 12:42:00 Kyiv time",
        "Tue Mar 4 11:42:00 BST 2031",
        "Tue Mar 4 10:42:00 2031",
        "Mar 4, 2031 10:42 AM",
    ],
)
def test_times_in_markup(value):
    assert parse_time(value) == datetime(2031, 3, 4, 10, 42, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "hour"), [("Mar 4, 2031 11:42 PM", 23), ("Mar 4, 2031 12:42:00 a.m.", 0), ("Mar 4, 2031 12:42 pm", 12)]
)
def test_halves_of_the_day_in_markup(value, hour):
    assert parse_time(value) == datetime(2031, 3, 4, hour, 42, tzinfo=UTC)


@pytest.mark.parametrize(
    "value",
    [
        None,
        3,
        "",
        "yesterday evening",
        "2031-13-01",
        "0001-01-01T00:00:00+23:59",
        "9" * 300,
        "Tue, 04 Mar 2031 10:42:00 IST",
        "Tue, 04 Mar 2031 10:42:00 local time",
        "Tue, 04 Mar 2031 10:42:00 Skerra",
        "Tue Mar 04 2031 10:42:00 GMT+0100 (Skerra Summer Time)",
    ],
)
def test_what_is_no_time(value):
    assert parse_time(value) is None


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("10:42", "2031-03-04T10:42"),
        ("10.42am GMT", "2031-03-04T10:42"),
        ("(10:42 GMT)", "2031-03-04T10:42"),
        ("12.05am", "2031-03-04T00:05"),
        ("12.05 p.m.", "2031-03-04T12:05"),
        ("6pm BST", "2031-03-04T17:00"),
        ("16:02 CET", "2031-03-04T15:02"),
        ("2h ago 16.02 GMT", "2031-03-04T16:02"),
        ("Tue 4 Mar 2031 18.04 BST", "2031-03-04T17:04"),
        ("11:12 p.m. ET, January 5, 2031", "2031-01-06T04:12"),
        ("11:12 p.m. ET, July 5, 2031", "2031-07-06T03:12"),
        ("Updated 1416 GMT (2216 HKT) March 3, 2031", "2031-03-03T14:16"),
        ("Published 4 March 2031", "2031-03-04T00:00"),
        ("2031-03-04T10:42", "2031-03-04T10:42"),
        ("5 March", "2031-03-05T00:00"),
        ("31/12/2031, 11:20", "2031-12-31T11:20"),
        ("12/31/2031, 11:20 PM", "2031-12-31T23:20"),
        ("04.03.2031 10:42 Uhr", "2031-03-04T10:42"),
        ("10:42 AM (GMT+1)", "2031-03-04T09:42"),
        ("10:42 UTC−05:30", "2031-03-04T16:12"),
        ("10:42 GMT+99", None),
        ("5/3/2031, 10:42", None),
        ("31.02.2031", None),
        ("2h ago", None),
        ("Just now", None),
        ("2.58pm GST", "2031-03-04T10:58"),
        ("14:58 SAST", "2031-03-04T12:58"),
        ("10:42 IST", None),
        ("10:42 QYZT", None),
        ("10:42 local time", None),
        ("25:00", None),
        ("31 February 2031", None),
    ],
)
def test_time_lines(line, expected):
    time = parse_time_line(line, DAY)
    assert time is not None
    assert (time.moment.strftime("%Y-%m-%dT%H:%M") if time.moment else None) == expected


@pytest.mark.parametrize(
    "line",
    [
        "",
        "10",
        "At 10.42am the sirens stopped",
        "May",
        "March on Skerra",
        "4,000",
        "Monday",
        "Live",
        "10:42 Minister leaves",
        "10:42 NATO sends ships",
        "9 ferries",
    ],
)
def test_other_lines(line):
    assert parse_time_line(line, DAY) is None


def test_edits_and_days():
    assert parse_time_line("Updated at 14.03 BST", DAY).is_edit
    assert parse_time_line("Published 4 March 2031", None).is_published
    assert parse_time_line("10:42", None).moment is None
    assert not parse_time_line("10:42", DAY).is_dated
    assert parse_time_line("2h ago", DAY).is_relative


@pytest.mark.parametrize(
    ("line", "rest"),
    [
        ("10:42 Minister leaves", "Minister leaves"),
        ("(10:42 GMT) Minister leaves", "Minister leaves"),
        ("10.42am: Minister leaves", "Minister leaves"),
        ("6pm – Minister leaves", "Minister leaves"),
        ("12.35 Minister leaves", "Minister leaves"),
        ("10:42 Uhr Minister leaves", "Minister leaves"),
        ("10:42 GMT+1 Minister leaves", "Minister leaves"),
        ("12.75 Euros are paid", None),
        ("3.50 Euros are paid", None),
        ("2 Ambulances leave", None),
        ("10.42 million people left", None),
        ("6pm is the deadline", None),
        ("10:42", None),
    ],
)
def test_times_before_text(line, rest):
    found = split_time(line)
    assert (line[found[1] :] if found else None) == rest
