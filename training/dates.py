"""When a text was written, as far as a table says it: one sortable form for the ways it is written."""

import re
from datetime import UTC, date, datetime
from typing import Any

_BEGINNING = re.compile(
    r"\d{4}(?:-\d{2}-\d{2}|\d{4})(?![^T \W_])"  # a hash may begin with eight digits
    r"(?:[T ]\d{2}:?\d{2}(?::?\d{2}(?:\.\d{1,6})?)?(?:Z|[+-]\d{2}:?\d{2})?)?"
)
_COARSE = re.compile(r"((?:18|19|20)\d{2}|2100)(?:-(\d{2}))?")  # 1000 is a number
_SLASHES = re.compile(r"^(\d{4})/(\d{2})/(\d{2})(?!\d)")
_UTC = re.compile(r"(?<=\d) ?(?:UTC|GMT)$")
_SPACE = re.compile(r"(?<=\d) (?=[+-]\d{2}:?\d{2}$)")  # before a zone
_NANOSECONDS = re.compile(r"(?<=\.\d{6})\d+")
FORMS = "2023-01-31, 2023/01/31, 20230131, also with a time: 2023-01-31 23:30, 2023-01-31T23:30:00Z; 2023-01, 2023"
"""The forms of a date that are read, for a person."""


def iso_date(value: Any) -> str:
    """A date or time in ISO form, in UTC if it names a zone; empty if it is none.

    A year from 1800 to 2100 or a month alone stands for its first day. Two results compare as their times do.

    >>> iso_date("2022-12-27"), iso_date("20220125T090000Z"), iso_date("2023-05"), iso_date("27/12/2022")
    ('2022-12-27', '2022-01-25T09:00:00', '2023-05-01', '')
    >>> iso_date("2023-01-01T01:30:00+02:00")
    '2022-12-31T23:30:00'
    """
    text = value.isoformat() if isinstance(value, date) else str(value if value is not None else "").strip()
    for pattern, form in ((_SLASHES, r"\1-\2-\3"), (_NANOSECONDS, ""), (_UTC, "Z"), (_SPACE, "")):
        text = pattern.sub(form, text)
    coarse = _COARSE.fullmatch(text)
    if coarse:
        text = f"{coarse[1]}-{coarse[2] or '01'}-01"
    return _iso(text)


def date_at_start(name: str) -> str:
    """The date that a document's name begins with; empty if it begins with none.

    >>> date_at_start("20220125T090000Z_GB_en.txt"), date_at_start("2022-12-27"), date_at_start("d20221227")
    ('2022-01-25T09:00:00', '2022-12-27', '')
    >>> date_at_start("20229927_x"), date_at_start("202212271"), date_at_start("20221227ab0c")
    ('', '', '')
    """
    begin = _BEGINNING.match(name)
    return _iso(begin[0]) if begin else ""


def _iso(text: str) -> str:
    if not _BEGINNING.fullmatch(text):
        return ""
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is not None:
            moment = moment.astimezone(UTC)
    except (ValueError, OverflowError):  # 2022-02-30; the first hours of year 1 in the east
        return ""
    day = f"{moment.year:04d}-{moment.month:02d}-{moment.day:02d}"
    return f"{day}T{moment:%H:%M:%S}" if len(text) > len("2022-12-27") else day
