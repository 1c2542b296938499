"""Any supported document in, a :class:`~standfirst.schema.LiveBlog` out.

A new format is one module with a detector and a reader that returns a ``DraftBlog``, and one line in
``FORMATS``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from standfirst.errors import DocumentTooLarge, EmptyDocument, InputError
from standfirst.parse import html, jsonld, text
from standfirst.parse.build import DraftBlog, build
from standfirst.parse.encoding import Decoded, accept, decode
from standfirst.schema import LiveBlog

__all__ = ["FORMATS", "MAX_BYTES", "Format", "parse"]

MAX_BYTES = 20 * 1024 * 1024
"""The longest live blogs (weeks of updates, all on one page) stay below 5 MiB of HTML."""


@dataclass(frozen=True, slots=True)
class Format:
    """How a format is told from the others, and how it is read."""

    detect: Callable[[str], bool]
    read: Callable[[str], DraftBlog]


FORMATS: Mapping[str, Format] = {
    "jsonld": Format(jsonld.is_jsonld, jsonld.read),
    "html": Format(html.is_html, html.read),
    "text": Format(lambda _: True, text.read),
}
"""Formats by name, in the order in which they are tried; the last one takes everything."""


def parse(
    document: str | bytes | Mapping[str, object],
    *,
    format: str = "auto",  # noqa: A002, the name the CLI and the HTTP API use
    max_bytes: int = MAX_BYTES,
) -> LiveBlog:
    r"""Read a live blog.

    Parameters
    ----------
    document
        Text, bytes in any likely encoding, or parsed JSON-LD.
    format
        A name in ``FORMATS``, or ``auto`` to tell it from the document.
    max_bytes
        Larger documents are refused before anything else is done.

    Raises
    ------
    DocumentError
        If the document is empty, too large, no text, broken, or no live blog; see ``standfirst.errors``.
    InputError
        If an argument is of the wrong type, or the format is not known.

    Examples
    --------
    >>> blog = parse("Bridge closed: live\n\nThe bridge is shut.\n\nFerry fills in\n\nA ferry runs.")
    >>> blog.title, [update.headline.text for update in blog.updates]
    ('Bridge closed: live', ['Ferry fills in'])
    """
    _check_format(format)
    _check_size(document, max_bytes)
    if isinstance(document, Mapping):
        if format not in ("auto", "jsonld"):
            raise InputError(f"A mapping came with format {format!r}; only JSON-LD may come parsed. Send text.")
        return build(jsonld.read_value(document), "jsonld")
    decoded = _decode(document)
    name = format if format != "auto" else next(n for n, f in FORMATS.items() if f.detect(decoded.text))
    return build(FORMATS[name].read(decoded.text), name, decoded.notes)


def _check_format(name: str) -> None:
    if name == "auto" or name in FORMATS:
        return
    known = ["auto", *FORMATS]
    near = get_close_matches(str(name), known, n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    raise InputError(f"Unknown format {str(name)[:40]!r}; known are {', '.join(known)}.{hint}", where="format")


def _check_size(document: object, max_bytes: int) -> None:
    """Refuse a document over the limit before any work is done on it."""
    if isinstance(document, Mapping):
        n_bytes = sum(len(value) for value in jsonld.walk(document) if isinstance(value, str))
    elif isinstance(document, str):
        # A character has one to four bytes; only a text near the limit has to be encoded to know.
        is_near = len(document) <= max_bytes < 4 * len(document)
        n_bytes = len(document.encode("utf-8", "surrogatepass")) if is_near else len(document)
    elif isinstance(document, bytes):
        n_bytes = len(document)
    else:
        raise InputError(
            f"A document of type {type(document).__name__} came; expected str, bytes, or a mapping of parsed JSON-LD."
        )
    if n_bytes > max_bytes:
        raise DocumentTooLarge(
            f"The document has {n_bytes:,} bytes or more, {max_bytes:,} are allowed. Send the newest updates "
            "only, or raise `max_bytes`."
        )


def _decode(document: str | bytes) -> Decoded:
    decoded = decode(document) if isinstance(document, bytes) else accept(document)
    if not decoded.text.strip("\ufeff\u200b \t\r\n\xa0") or decoded.text.isspace():
        raise EmptyDocument("The document is empty. Send a live blog's text, HTML or JSON-LD.")
    return decoded
