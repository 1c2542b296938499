"""Automattic's liveblog plug-in for WordPress: the entries that its REST routes give.

``/wp-json/liveblog/v1/<post>/get-entries/<page>/<last>`` and ``/entries/<start>/<end>`` answer alike. An answer,
or a list of answers, is read. An entry of type ``update`` replaces the one with its id; a ``delete`` takes back
all versions of it, wherever it stands. Entries whose ``status`` is not ``publish`` are not read.

References
----------
https://github.com/Automattic/liveblog, classes/class-wpcom-liveblog-entry.php
"""

import re
from functools import partial
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from standfirst.parse import fields
from standfirst.parse.bodies import read_body
from standfirst.parse.build import DraftBlog, DraftUpdate
from standfirst.parse.fields import Node
from standfirst.parse.posts import Post, read_current, refuse_if_empty, seconds

_ENVELOPE = ("latest_timestamp", "refresh_interval", "pages", "total")
_TYPES = ("new", "update", "delete")
_COMMAND = re.compile(r"(?:(?<=\s)|(?<=>)|^)/key\b")
"""The command that marks a key event, as it stands in ``content``; ``render`` has it in a hidden span."""

_KEY_CLASS = re.compile(r"(?<!\w)type-key(?!\w)")


def is_automattic(value: object) -> bool:
    """Tell if parsed JSON is an answer of the plug-in, or a list of answers."""
    answers = _answers(value)
    return bool(answers) and all(_is_answer(answer) for answer in answers)


def read(value: object) -> DraftBlog:
    """Read parsed JSON.

    Raises
    ------
    Withheld
        If all entries are deleted or drafts.
    NotALiveBlog
        If there is no entry.
    """
    answers = _answers(value)
    entries = [entry for answer in answers for entry in fields.nodes(answer.get("entries"))]
    updates, notes = read_current(map(_post, entries))
    url = next(filter(None, (_page_of(fields.text(entry, "share_link")) for entry in entries)), None)
    moments = [m for a in answers if (m := fields.time(a, "latest_timestamp"))]
    blog = DraftBlog(updates=updates, key=url or "", url=url, modified=max(moments, default=None), notes=notes)
    return refuse_if_empty(blog, "The answer")


def _answers(value: object) -> list[Node]:
    return fields.nodes(value if isinstance(value, list) else [value])


def _is_answer(answer: Node) -> bool:
    entries = answer.get("entries")
    if not isinstance(entries, list):
        return False
    return any(name in answer for name in _ENVELOPE) or any(
        entry.get("type") in _TYPES and "id" in entry for entry in fields.nodes(entries)
    )


def _post(entry: Node) -> Post:
    kind = fields.text(entry, "type").casefold()
    status = fields.text(entry, "status").casefold()
    is_deleted = kind.startswith("delete") or status == "trash"
    return Post(
        key=fields.key(entry, "id"),
        read=partial(_update, entry),
        # An update keeps the timestamp of the entry that it replaces.
        version=(float(kind == "update"), seconds(fields.time(entry, "timestamp", "entry_time"))),
        left_out="deleted" if is_deleted else "" if status in ("", "publish") else "drafts",
        final=is_deleted,
    )


def _update(entry: Node) -> DraftUpdate:
    body = fields.text(entry, "render") or _COMMAND.sub("", fields.text(entry, "content"))
    headline, drafts = read_body(body, fields.text(entry, "headline"))
    return DraftUpdate(
        headline=headline,
        paragraphs=drafts,
        key=fields.key(entry, "id"),
        published=fields.time(entry, "entry_time", "timestamp"),
        url=fields.text(entry, "share_link") or None,
        authors=fields.strings(author.get("name") for author in fields.nodes(entry.get("authors"))),
        key_event=fields.is_yes(entry.get("key_event"))
        or _KEY_CLASS.search(fields.text(entry, "css_classes")) is not None,
    )


def _page_of(share_link: str) -> str:
    """Return the page that an entry's link leads to: the link without the entry."""
    try:
        parts = urlsplit(share_link)
        query = [(name, value) for name, value in parse_qsl(parts.query) if name != "lbup"]
    except ValueError:
        return ""
    return urlunsplit(parts._replace(query=urlencode(query), fragment=""))
