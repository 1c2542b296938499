"""Any supported document in, a :class:`~standfirst.schema.LiveBlog` out.

A new format is one module with a detector and a reader that returns a ``DraftBlog``, and one line in
``FORMATS``. The detectors of JSON formats get the parsed value and look for fields that no other format has:
where several say yes, or none, the caller is asked to name the format, and nothing is guessed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import get_close_matches
from typing import Any

from standfirst.errors import DocumentTooLarge, EmptyDocument, InputError, NotALiveBlog
from standfirst.parse import automattic, feed, guardian, html, jsonld, ninjs, sourcefabric, superdesk, text
from standfirst.parse.build import DraftBlog, build
from standfirst.parse.encoding import Decoded, accept, decode
from standfirst.parse.jsontext import is_json, loads
from standfirst.schema import LiveBlog

__all__ = ["FORMATS", "MAX_BYTES", "Format", "parse"]

MAX_BYTES = 20 * 1024 * 1024
"""The longest live blogs (weeks of updates, all on one page) stay below 5 MiB of HTML."""


@dataclass(frozen=True, slots=True)
class Format:
    """How a format is told from the others, and how it is read at a given moment.

    Both get the parsed value if the format ``is_json``, and else the text.
    """

    detect: Callable[[Any], bool]
    read: Callable[[Any, datetime], DraftBlog]
    is_json: bool = False


FORMATS: Mapping[str, Format] = {
    "jsonld": Format(jsonld.is_jsonld, lambda value, _: jsonld.read_value(value), is_json=True),
    "guardian": Format(guardian.is_guardian, lambda value, _: guardian.read(value), is_json=True),
    "automattic": Format(automattic.is_automattic, lambda value, _: automattic.read(value), is_json=True),
    "sourcefabric": Format(sourcefabric.is_sourcefabric, sourcefabric.read, is_json=True),
    "ninjs": Format(ninjs.is_ninjs, ninjs.read, is_json=True),
    "superdesk": Format(superdesk.is_superdesk, lambda value, _: superdesk.read(value), is_json=True),
    "feed": Format(feed.is_feed, lambda source, _: feed.read(source)),
    "html": Format(html.is_html, lambda source, _: html.read(source)),
    "text": Format(lambda _: True, lambda source, _: text.read(source)),
}
"""Formats by name. The formats of text are tried in this order; the last one takes everything."""

_EXPECTED = (
    "Expected schema.org JSON-LD (`liveBlogUpdate`), the Guardian content API (`blocks`), Automattic liveblog "
    "(`entries`), Sourcefabric Live Blog (`_items`), IPTC ninjs (`uri` and `bodies` or `associations`), or a request "
    "of Superdesk (`item`). Send one of them."
)


def parse(
    document: str | bytes | Mapping[str, object] | list[Any],
    *,
    format: str = "auto",  # noqa: A002, the name the CLI and the HTTP API use
    max_bytes: int = MAX_BYTES,
    now: datetime | None = None,
) -> LiveBlog:
    r"""Read a live blog.

    Parameters
    ----------
    document
        Text, bytes in any likely encoding, or parsed JSON: an object, or a list of pages, posts or parts.
    format
        A name in ``FORMATS``, or ``auto`` to tell it from the document.
    max_bytes
        Larger documents are refused before anything else is done.
    now
        The moment at which embargoes and scheduled posts are held back; an aware time, by default the clock's.

    Raises
    ------
    DocumentError
        If the document is empty, too large, no text, broken, no live blog, or holds nothing that may be read;
        see ``standfirst.errors``.
    InputError
        If an argument is of the wrong type, the format is not known, or the document fits several.

    Examples
    --------
    >>> blog = parse("Bridge closed: live\n\nThe bridge is shut.\n\nFerry fills in\n\nA ferry runs.")
    >>> blog.title, [update.headline.text for update in blog.updates]
    ('Bridge closed: live', ['Ferry fills in'])
    """
    _check_format(format)
    _check_size(document, max_bytes)
    moment = _checked_moment(now)
    if isinstance(document, Mapping | list):
        return _read_json(document, format, moment)
    decoded = _decode(document)
    is_named_json = format != "auto" and FORMATS[format].is_json
    if is_named_json or (format == "auto" and is_json(decoded.text)):
        return _read_json(loads(decoded.text), format, moment, decoded.notes)
    name = format if format != "auto" else _text_format(decoded.text)
    return build(FORMATS[name].read(decoded.text, moment), name, decoded.notes)


def _read_json(value: object, name: str, now: datetime, notes: tuple[str, ...] = ()) -> LiveBlog:
    if name != "auto" and not FORMATS[name].is_json:
        raise InputError(f"Parsed JSON came with format {name!r}, which is none. Send text.", where="format")
    if name == "auto":
        name = _json_format(value)
    elif not FORMATS[name].detect(value):
        raise NotALiveBlog(f"The JSON has not the fields of the format {name!r}. {_EXPECTED}")
    return build(FORMATS[name].read(value, now), name, notes)


def _json_format(value: object) -> str:
    """Tell the format of parsed JSON by the fields that only it has."""
    found = [name for name, known in FORMATS.items() if known.is_json and known.detect(value)]
    if len(found) > 1:
        raise InputError(f"The JSON fits several formats: {', '.join(found)}. Name the right one.", where="format")
    if not found:
        raise NotALiveBlog(f"The JSON is no live blog in a known format. {_EXPECTED}")
    return found[0]


def _text_format(source: str) -> str:
    root = feed.xml_root(source)
    if root and root.casefold() != "html" and not feed.is_feed(source):
        raise NotALiveBlog(
            "The XML is of no known kind. Expected RSS, Atom or XHTML; send one of them, or name the format."
        )
    return next(name for name, known in FORMATS.items() if not known.is_json and known.detect(source))


def _checked_moment(now: datetime | None) -> datetime:
    if now is None:
        return datetime.now(UTC)
    if not isinstance(now, datetime) or now.tzinfo is None:
        raise InputError("`now` has no time zone; expected an aware datetime, such as datetime.now(UTC)", where="now")
    return now


def _check_format(name: str) -> None:
    if name == "auto" or name in FORMATS:
        return
    known = ["auto", *FORMATS]
    near = get_close_matches(str(name), known, n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    raise InputError(f"Unknown format {str(name)[:40]!r}; known are {', '.join(known)}.{hint}", where="format")


def _check_size(document: object, max_bytes: int) -> None:
    """Refuse a document over the limit before any work is done on it."""
    if isinstance(document, Mapping | list):
        n_bytes = sum(len(value) for value in jsonld.walk(document) if isinstance(value, str))
    elif isinstance(document, str):
        # A character has one to four bytes; only a text near the limit has to be encoded to know.
        is_near = len(document) <= max_bytes < 4 * len(document)
        n_bytes = len(document.encode("utf-8", "surrogatepass")) if is_near else len(document)
    elif isinstance(document, bytes):
        n_bytes = len(document)
    else:
        raise InputError(
            f"A document of type {type(document).__name__} came; expected str, bytes, or parsed JSON (dict, list)."
        )
    if n_bytes > max_bytes:
        raise DocumentTooLarge(
            f"The document has {n_bytes:,} bytes or more, {max_bytes:,} are allowed. Send the newest updates "
            "only, or raise `max_bytes`."
        )


def _decode(document: str | bytes) -> Decoded:
    decoded = decode(document) if isinstance(document, bytes) else accept(document)
    if not decoded.text.strip("\ufeff\u200b \t\r\n\xa0") or decoded.text.isspace():
        raise EmptyDocument("The document is empty. Send a live blog: text, HTML, a feed or JSON.")
    return decoded
