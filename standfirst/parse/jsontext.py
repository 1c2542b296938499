"""JSON text: told from prose, unwrapped and parsed."""

import json
import re

from standfirst.errors import InvalidDocument

_START = re.compile(r"\s*(?:\{\s*[\"}]|\[\s*(?:[\[{\"\]]|-?\d+[\s,\]]))")
_WRAPPERS = (("<!--", "-->"), ("<![CDATA[", "]]>"), ("//<![CDATA[", "//]]>"), ("/*<![CDATA[*/", "/*]]>*/"))


def is_json(text: str) -> bool:
    """Tell if a text starts like JSON and not like prose."""
    return _START.match(text.removeprefix("\ufeff")) is not None


def loads(text: str) -> object:
    """Parse JSON, with the comments around it that HTML pages once needed."""
    try:
        return json.loads(_unwrap(text), strict=False)
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
