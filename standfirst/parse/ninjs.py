"""IPTC ninjs, versions 1 to 3: one item, an item with ``associations``, or a list of items.

Version 3 spells its fields in camel case, version 2 in lower case (``contenttype``, ``pubstatus``), version 1 has
``body_html`` and ``headline`` and names its associations. The fields say which it is, so that all are read alike.

A live blog is an item whose associations are its updates, or a list of updates. Of the items with one ``uri`` the
latest ``versionCreated`` (or ``version``) is read; not read are items whose ``pubStatus`` is not ``usable`` and
those whose embargo has not ended.

References
----------
https://github.com/iptc/newsinjson, specification/ninjs-schema_3.1.json, _2.1.json, _1.3.json
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import partial

from standfirst.errors import Withheld
from standfirst.parse import fields
from standfirst.parse.bodies import read_body
from standfirst.parse.build import DraftBlog, DraftParagraph, DraftUpdate
from standfirst.parse.fields import Node
from standfirst.parse.pointers import authors_of
from standfirst.parse.posts import Post, Version, deciding, has_words, read_current, refuse_if_empty, seconds

OURS = "x-standfirst-"
"""What the roles of our own lines and digests begin with; they are read by nobody as if an editor had written them."""

_MARKS = (
    "headlines", "bodies", "descriptions", "associations", "headline", "body_html", "body_xhtml", "body_text",
    "pubStatus", "pubstatus", "versionCreated", "versioncreated",
)  # fmt: skip
_TEXTUAL = ("", "text", "composite", "component")
_MAIN_ROLES = ("", "main", "body", "headline", "full")


def is_ninjs(value: object) -> bool:
    """Tell if parsed JSON is a ninjs item or a list of them."""
    items = _items(value)
    return bool(items) and all(_is_item(item) for item in items)


def read(value: object, now: datetime) -> DraftBlog:
    """Read parsed JSON; ``now`` tells which embargoes have ended.

    Raises
    ------
    Withheld
        If nothing may be read.
    NotALiveBlog
        If no item has text.
    """
    items = _latest_wholes(_items(value), now)
    root = items[0] if len(items) == 1 else {}
    if reason := _left_out(root, now):
        raise Withheld(f"Nothing may be read: the item is {reason}.")
    parts = [post for item in items for post in _associated(item, now)]
    whole = [] if root and parts else [_post(item, now) for item in items if _is_text(item)]
    updates, notes = read_current([*whole, *parts])
    blog = DraftBlog(
        opening=_opening(root, has_all=not notes) if root and parts else DraftUpdate(),
        updates=updates,
        key=fields.key(root, "uri"),
        published=fields.time(root, "firstCreated", "firstcreated"),
        modified=fields.time(root, "versionCreated", "versioncreated"),
        url=_web(fields.text(root, "uri")),
        language=next(filter(None, (fields.text(item, "language") for item in items)), None),
        notes=notes,
    )
    return refuse_if_empty(blog, "The ninjs document")


def _items(value: object) -> list[Node]:
    return fields.nodes(value if isinstance(value, list) else [value])


def _latest_wholes(items: list[Node], now: datetime) -> list[Node]:
    """Leave out older versions of items with associations: they hold parts that the latest one no longer does."""
    versions: dict[str, list[tuple[Post, Node]]] = {}
    for item in items:
        if item.get("associations"):
            versions.setdefault(fields.key(item, "uri"), []).append((_post(item, now), item))
    older = set[int]()
    for found in versions.values():
        chosen = deciding([post for post, _ in found])
        older |= {id(item) for post, item in found if post is not chosen}
    return [item for item in items if id(item) not in older]


def _is_item(item: Node) -> bool:
    is_named = isinstance(item.get("uri"), str) and "@type" not in item
    return is_named and (any(name in item for name in _MARKS) or fields.node(item, "standard").get("name") == "ninjs")


def _is_text(item: Node) -> bool:
    return fields.text(item, "type") in _TEXTUAL


def _associated(item: Node, now: datetime) -> Iterator[Post]:
    """Yield the texts associated with an item; they share its fate."""
    associations = item.get("associations")
    found = list(associations.values()) if isinstance(associations, Mapping) else associations
    above = _left_out(item, now)
    for part in fields.nodes(found):
        # A link to something else has neither headline nor body; it is no post.
        if _is_text(part) and (_left_out(part, now) or any(name in part for name in _MARKS)):
            yield _post(part, now, above)


def _post(item: Node, now: datetime, above: str = "") -> Post:
    return Post(fields.key(item, "uri"), partial(_update, item), _version(item), _left_out(item, now) or above)


def _version(item: Node) -> Version:
    number = fields.key(item, "version")
    is_number = number.isascii() and number.isdigit() and len(number) < 16
    moment = fields.time(item, "versionCreated", "versioncreated")
    return (seconds(moment), float(number) if is_number else None)


def _left_out(item: Node, now: datetime) -> str:
    status = item.get("pubStatus", item.get("pubstatus"))
    if status not in (None, "", "usable"):
        return "canceled" if status == "canceled" else "withheld"
    for name in ("embargoedUntil", "embargoed"):
        moment = fields.time(item, name)
        # An embargo whose end cannot be read has not ended.
        if item.get(name) not in (None, "") and (moment is None or moment > now):
            return "embargoed"
    return ""


def _opening(root: Node, *, has_all: bool) -> DraftUpdate:
    headline, drafts = _content(root)
    # The body of the whole may hold once more what was taken back from its parts.
    drafts = drafts if has_all else []
    opening = DraftUpdate(DraftParagraph(headline.text, "title") if headline else None, drafts, authors=_authors(root))
    if not opening.paragraphs:
        opening.paragraphs = read_body(_best(root, "descriptions") or fields.text(root, "description_text"))[1]
    return opening if has_words(opening) else DraftUpdate()


def _update(item: Node) -> DraftUpdate:
    headline, drafts = _content(item)
    return DraftUpdate(
        headline=headline,
        paragraphs=drafts,
        key=fields.key(item, "uri"),
        published=fields.time(item, "firstCreated", "firstcreated", "contentCreated", "contentcreated")
        or fields.time(item, "versionCreated", "versioncreated"),
        modified=fields.time(item, "versionCreated", "versioncreated"),
        url=_web(fields.text(item, "uri")),
        authors=_authors(item),
    )


def _content(item: Node) -> tuple[DraftParagraph | None, list[DraftParagraph]]:
    headline = _best(item, "headlines") or fields.text(item, "headline")
    body = _best(item, "bodies") or fields.text(item, "body_html", "body_xhtml", "body_text")
    return read_body(body, headline)


def _best(item: Node, name: str) -> str:
    """Return the value of the main one of several headlines or bodies: HTML before plain text before the rest."""
    found = [row for row in fields.nodes(item.get(name)) if fields.text(row, "value")]
    found = [row for row in found if not fields.text(row, "role").startswith(OURS)]
    main = [row for row in found if fields.text(row, "role").casefold() in _MAIN_ROLES] or found
    return fields.text(min(main, key=_rank), "value") if main else ""


def _rank(row: Node) -> int:
    kind = fields.text(row, "contentType", "contenttype").casefold()
    return 0 if "html" in kind else 1 if kind in ("", "text/plain") else 2


def _authors(item: Node) -> tuple[str, ...]:
    return authors_of(fields.text(item, "by", "byline"))


def _web(uri: str) -> str | None:
    return uri if uri.startswith(("http://", "https://")) else None
