"""JSON text: told from prose, unwrapped and parsed."""

import json
import math
import re
from typing import NoReturn

from standfirst.errors import InvalidDocument

_START = re.compile(r"\s*(?:\{\s*[\"}]|\[\s*(?:[\[{\"\]]|-?\d+[\s,\]]))")
_WRAPPERS = (("<!--", "-->"), ("<![CDATA[", "]]>"), ("//<![CDATA[", "//]]>"), ("/*<![CDATA[*/", "/*]]>*/"))

_HAS_SURROGATES = re.compile(r"\\u[dD][89a-fA-F]")
_HIGH, _LOW = r"\\u[dD][89abAB][0-9a-fA-F]{2}", r"\\u[dD][c-fC-F][0-9a-fA-F]{2}"
_ESCAPES = re.compile(rf"{_HIGH}{_LOW}|(?P<lone>{_HIGH}|{_LOW})|\\.", re.DOTALL)


def is_json(text: str) -> bool:
    """Tell if a text starts like JSON and not like prose."""
    return _START.match(text.removeprefix("\ufeff")) is not None


def loads(text: str) -> object:
    """Parse JSON, with the comments around it that HTML pages once needed.

    Escaped lone surrogates, which no encoding can carry, become U+FFFD.

    Raises
    ------
    InvalidDocument
        If the JSON is broken or nested too deep, or holds a number that JSON cannot write.
    """
    try:
        return json.loads(
            without_lone_escapes(_unwrap(text)), strict=False, parse_constant=_refuse, parse_float=_finite
        )
    except json.JSONDecodeError as error:
        raise InvalidDocument(
            f"The JSON is broken ({error.msg}). Send valid JSON, or name another format.",
            where=f"line {error.lineno}, column {error.colno}",
        ) from None
    except RecursionError:
        raise InvalidDocument("The JSON is nested too deep to be a live blog. Send it without the nesting.") from None
    except ValueError:
        raise InvalidDocument("The JSON holds a number with too many digits. Send it as a string.") from None


def _unwrap(text: str) -> str:
    """Take off a byte order mark and the comments that once hid a script from old browsers."""
    text = text.removeprefix("\ufeff").rstrip().rstrip(";")
    core = text.strip()
    for start, end in _WRAPPERS:
        if core.startswith(start):
            return core.removeprefix(start).removesuffix(end)
    return text


def without_lone_escapes(text: str) -> str:
    """Replace escaped lone surrogates in JSON: no value has to be walked, and errors keep their place."""
    if not _HAS_SURROGATES.search(text):
        return text
    return _ESCAPES.sub(lambda match: r"\ufffd" if match["lone"] else match[0], text)


def _finite(digits: str) -> float:
    number = float(digits)
    return number if math.isfinite(number) else _refuse(digits)


def _refuse(_number: str) -> NoReturn:
    raise InvalidDocument(
        "The JSON holds NaN, Infinity or a number as large, which no JSON can be written with. Send null in its place."
    )
