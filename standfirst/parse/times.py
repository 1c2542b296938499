"""Times: ISO values in markup, and the time lines that live blogs put over their updates."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from email.utils import parsedate_to_datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

MAX_TIME_LINE_CHARS = 80

ZONES: dict[str, int | str | None] = {
    "utc": 0, "gmt": 0, "z": 0, "wet": 0, "bst": 1, "west": 1, "cet": 1, "cest": 2, "eet": 2, "eest": 3,
    "msk": 3, "est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7,
    "akst": -9, "akdt": -8, "hst": -10, "sast": 2, "trt": 3, "gst": 4, "pkt": 5, "wib": 7,
    "hkt": 8, "sgt": 8, "awst": 8, "jst": 9, "kst": 9, "aest": 10, "aedt": 11, "nzst": 12, "nzdt": 13,
    "et": "America/New_York", "ct": "America/Chicago", "pt": "America/Los_Angeles",
    "kyiv time": "Europe/Kyiv", "moscow time": "Europe/Moscow", "ist": None, "local time": None,
}  # fmt: skip
"""Hours east of UTC, or a place where they change with the season; ``None`` where it means two places.

Any other two to five capitals behind the clock of a time line are a zone that is not known.
"""

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_OFFSET = r"(?:gmt|utc)\s?[+−-]\d{1,2}(?::?\d\d)?(?!\d)"
_ZONE = "|".join([_OFFSET, *sorted(ZONES, key=len, reverse=True)])
_CLOCK = (
    rf"(?P<hour>\d{{1,2}})(?:[:.](?P<minute>\d\d)(?::\d\d)?\s?(?P<half>[ap]\.?m\b\.?)?|\s?(?P<half2>[ap]\.?m\b\.?))"
    rf"(?:\s?\(?(?:(?P<zone>{_ZONE})|(?<=\s)(?P<unknown>(?-i:[A-Z]{{2,5}})))\b)?"
)
_CLOCK_RE = re.compile(rf"(?<!\d){_CLOCK}|(?<!\d)(?P<hhmm>\d{{4}})\s(?P<zone2>{_ZONE})\b", re.IGNORECASE)
_DATE_RE = re.compile(
    r"(?:\b(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\b\.?,?\s*)?"
    rf"(?:(?<!\d)(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?(?P<month>{_MONTH})(?:,?\s+(?P<year>\d{{4}}))?\b"
    rf"|\b(?P<month2>{_MONTH})\s+(?P<day2>\d{{1,2}})(?:st|nd|rd|th)?\b(?:,?\s+(?P<year2>\d{{4}})\b)?"
    r"|(?<!\d)(?P<iso>\d{4}-\d\d-\d\d)(?:T(?=\d))?"
    r"|(?<![\d./])(?P<first>\d{1,2})(?P<mark>[./])(?P<second>\d{1,2})(?P=mark)(?P<year3>\d{4})(?!\d))",
    re.IGNORECASE,
)
_MAY_BE_TIME = re.compile(
    rf"\W{{0,3}}(?:\d|(?:an?|one) \w|just now|(?:first |last )?(?:updated|modified|published|posted)\b"
    rf"|at \d|on \d|today|yesterday|(?:mon|tue|wed|thu|fri|sat|sun)\w*\b|{_MONTH}\b)",
    re.IGNORECASE,
)
"""Cheap and loose; spares most lines the exact look."""
_RELATIVE_RE = re.compile(
    r"\b(?:\d{1,3}|an?|one)\s?(?:s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?)\sago|\bjust now\b",
    re.IGNORECASE,
)
_UPDATED_RE = re.compile(r"(?:last )?(?:updated|modified)\b", re.IGNORECASE)
_FILLER_RE = re.compile(
    r"(?:\b(?:first|last|updated|modified|published|posted|at|on|today|yesterday|time|uhr)\b|[\s,|·•:()\[\]–—-])+",
    re.IGNORECASE,
)
_PREFIX_RE = re.compile(
    rf"[(\[]?(?:\d{{1,2}}:\d\d|\d{{1,2}}\.\d\d(?=\s?[ap]\.?m\b|\s(?:{_ZONE})\b)|\d{{1,2}}(?=\s?[ap]\.?m\b)"
    r"|(?:[01]\d|2[0-3])\.[0-5]\d(?=\s))"  # "12.35 The minister leaves"; of "12.35 million" the rest is in lower case
    rf"(?:\s?[ap]\.?m\b\.?)?(?:\s(?:{_ZONE}|uhr)\b)?[)\]]?(?=\s*[-–—:|]\s|\s)",
    re.IGNORECASE,
)
_ZONE_AT_END = re.compile(r":\d\d\s+\(?(?P<zone>[a-z].*?)\)?(?:\s+\d{4})?$", re.IGNORECASE)
"""In "11:42:00 BST", and in "11:42:00 BST 2023" as Unix writes it."""
_HALF_AT_END = re.compile(r":\d\d\s*([ap])\.?m\.?\s*$", re.IGNORECASE)
"""In "Sep 5, 2023 11:42 PM", whose half of the day email.utils leaves out."""
_SEPARATOR_RE = re.compile(r"\s*[-–—:|]?\s+")


@dataclass(frozen=True, slots=True)
class TimeLine:
    """What a time line says.

    ``moment`` is ``None`` where the day or the zone is not known; ``day`` is the day that it was read as of.
    ``is_dated`` tells if the line itself named the day, ``has_clock`` if it named a time of that day,
    ``is_relative`` if it only said "2h ago". ``is_edit`` is true for "Updated at 14.03 BST", which is no time of
    publication, ``is_published`` for "Published ...".
    """

    moment: datetime | None
    is_dated: bool = False
    has_clock: bool = False
    is_relative: bool = False
    is_edit: bool = False
    is_published: bool = False
    day: date | None = None


def parse_time(value: object) -> datetime | None:
    """Parse an ISO 8601 or RFC 5322 time as aware UTC; ``None`` if it is neither.

    A time without an offset is taken as UTC, a date as its midnight; ``None``, too, if the zone is not known or its
    name means two places.

    >>> parse_time("2023-09-05T11:42:00+01:00").isoformat()
    '2023-09-05T10:42:00+00:00'
    >>> parse_time("Tue, 05 Sep 2023 11:42:00 BST").isoformat()
    '2023-09-05T10:42:00+00:00'
    """
    if not isinstance(value, str) or not 8 <= len(value.strip()) <= MAX_TIME_LINE_CHARS:
        return None
    for parse in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            moment = parse(value.strip())
            # email.utils knows America's zones alone and leaves all others out.
            half = None if moment.tzinfo else _HALF_AT_END.search(value)
            if half and 1 <= moment.hour <= 12:
                moment = moment.replace(hour=hour_of_day(moment.hour, half[1]))
            place = moment.tzinfo or (UTC if half else _place_at_end(value.strip()))
            return moment.replace(tzinfo=place).astimezone(UTC) if place else None
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
    return None


def parse_time_line(line: str, day: date | None) -> TimeLine | None:
    """Read a line that holds a time and nothing else; ``None`` for any other line.

    ``day`` is the blog's own, used where the line names none.

    >>> parse_time_line("10.42am BST", date(2023, 9, 5)).moment.isoformat()
    '2023-09-05T09:42:00+00:00'
    >>> parse_time_line("At 10.42am the sirens stopped", date(2023, 9, 5)) is None
    True
    """
    if len(line) > MAX_TIME_LINE_CHARS or not _MAY_BE_TIME.match(line):
        return None
    rest, n_relative = _RELATIVE_RE.subn(" ", line)
    dates = list(_DATE_RE.finditer(rest))
    rest = _DATE_RE.sub(" ", rest)
    clocks = list(_CLOCK_RE.finditer(rest))
    rest = _CLOCK_RE.sub(" ", rest)
    if _FILLER_RE.sub("", rest) or not (n_relative or dates or clocks):
        return None
    named = _day_of(dates[0], day) if dates else day
    return TimeLine(
        moment=_moment(clocks[0] if clocks else None, named) if dates or clocks else None,
        is_dated=bool(dates) and named is not None,
        has_clock=bool(clocks),
        is_relative=not dates and not clocks,
        is_edit=bool(_UPDATED_RE.match(line)),
        is_published=line.casefold().startswith(("published", "first published")),
        day=named,
    )


def split_time(line: str) -> tuple[int, int] | None:
    """Find a clock time before a headline or paragraph on the same line.

    Returns where the time ends and where the rest begins, or ``None``.

    >>> split_time("10:42 GMT - Sirens sound in Kyiv")
    (9, 12)
    """
    match = _PREFIX_RE.match(line)
    if match is None:
        return None
    separator = _SEPARATOR_RE.match(line, match.end())
    if separator is None or separator.end() == len(line) or line[separator.end()].islower():
        return None  # "6pm is the deadline" goes on
    return match.end(), separator.end()


def _day_of(match: re.Match[str], default: date | None) -> date | None:
    try:
        if match["iso"]:
            return date.fromisoformat(match["iso"])
        if match["mark"]:
            return _numeric_day(match)
        year = match["year"] or match["year2"] or (default.year if default else None)
        month = _MONTHS.index((match["month"] or match["month2"]).casefold()[:3]) + 1
        return date(int(year), month, int(match["day"] or match["day2"])) if year else None
    except ValueError:
        return None


def _numeric_day(match: re.Match[str]) -> date | None:
    """Return the day of "31/12/2031" or "31.12.2031"; ``None`` where a slash leaves open which number is the month."""
    day, month = int(match["first"]), int(match["second"])
    if match["mark"] == "/" and day != month:
        if max(day, month) <= 12:
            return None
        day, month = max(day, month), min(day, month)
    return date(int(match["year3"]), month, day)


def _moment(clock: re.Match[str] | None, day: date | None) -> datetime | None:
    if day is None:
        return None
    if clock is None:
        return datetime(day.year, day.month, day.day, tzinfo=UTC)
    zone = clock["zone"] or clock["zone2"] or clock["unknown"]
    place = _place(zone) if zone else UTC
    if place is None:
        return None
    try:
        hour, minute = _clock_time(clock)
        return datetime(day.year, day.month, day.day, hour, minute, tzinfo=place).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _place_at_end(value: str) -> tzinfo | None:
    """Return the zone that a time ends in, UTC if it ends in none; ``None`` if it is not known which."""
    match = _ZONE_AT_END.search(value)
    return _place(match["zone"]) if match else UTC


def _place(zone: str) -> tzinfo | None:
    """Return the zone of a name; ``None`` if it is not known, or means two places."""
    offset = _hours(zone) if re.fullmatch(_OFFSET, zone, re.IGNORECASE) else ZONES.get(zone.casefold())
    if offset is None:
        return None
    try:
        return ZoneInfo(offset) if isinstance(offset, str) else timezone(timedelta(hours=offset))
    except ZoneInfoNotFoundError:
        return None


def _hours(zone: str) -> float | None:
    """Return the hours east of UTC that "GMT+5:30" names; ``None`` where no place has them."""
    sign, digits = (-1 if set(zone) & set("-−") else 1), re.sub(r"\D", "", zone)
    hours, minutes = (int(digits), 0) if len(digits) < 3 else (int(digits[:-2]), int(digits[-2:]))
    return sign * (hours + minutes / 60) if hours <= 14 and minutes < 60 else None


def _clock_time(clock: re.Match[str]) -> tuple[int, int]:
    if clock["hhmm"]:
        return int(clock["hhmm"][:2]), int(clock["hhmm"][2:])
    hour, minute = int(clock["hour"]), int(clock["minute"] or 0)
    half = (clock["half"] or clock["half2"] or "")[:1]
    if half and not 1 <= hour <= 12:
        raise ValueError("no such hour on a twelve-hour clock")
    return (hour_of_day(hour, half) if half else hour), minute


def hour_of_day(hour: int, half: str) -> int:
    """Return the hour from 0 to 23 of one from 1 to 12 in the half of the day that "a" or "p" says."""
    return hour % 12 + (12 if half.casefold() == "p" else 0)
