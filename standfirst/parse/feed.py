"""RSS (0.91 to 2.0, and 1.0) and Atom feeds of a live blog.

Of the items with one ``guid``, or the entries with one ``id``, the latest is read. Entries that Atom's tombstones
(``at:deleted-entry``) take back and drafts (``app:draft``) are not read.

A feed comes from outside: nothing is fetched, and a document type that declares anything, entities above all,
is refused before the parser sees it.

References
----------
RFC 4287 (Atom), RFC 5023 section 13.1.1 (app:draft), RFC 6721 (at:deleted-entry), https://www.rssboard.org/rss-specification
"""

import re
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from html.entities import html5
from typing import Any

from lxml import etree

from standfirst.errors import InvalidDocument, NotALiveBlog
from standfirst.parse.bodies import read_body
from standfirst.parse.build import DraftBlog, DraftParagraph, DraftUpdate
from standfirst.parse.encoding import repair
from standfirst.parse.posts import Post, read_current, refuse_if_empty, seconds
from standfirst.parse.times import parse_time

Element = Any
"""An lxml element; lxml has no types."""

_PROLOG = (
    r"\ufeff?\s*+(?:(?:<!--(?:(?!-->)[\s\S]){0,5000}+-->|<\?[^>]{0,500}+>"
    r"|<!DOCTYPE[^<>\[]{0,500}+(?:\[[^\]]{0,50000}+\]\s{0,10}+)?>)\s*+)*+"
)
_FEED = re.compile(_PROLOG + r"<(?:\w{1,20}:)?(?:rss|feed|RDF)[\s>]")
_ROOT = re.compile(_PROLOG + r"<(?:[\w.-]{1,40}:)?(?P<name>[\w.-]{1,60})")
_DECLARES = re.compile(r"<!DOCTYPE[^>\[]{0,2000}\[|<!ENTITY", re.IGNORECASE)
_ENTITY = re.compile(r"&([A-Za-z][A-Za-z0-9]{1,30});")
_XML_ENTITIES = frozenset({"amp", "lt", "gt", "quot", "apos"})
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_TIMES = ("pubDate", "published", "date", "updated", "modified", "lastBuildDate")
_SPACES = frozenset(
    {
        "",
        "www.w3.org/2005/atom",
        "purl.org/atom/ns",
        "purl.org/rss/1.0",
        "my.netscape.com/rdf/simple/0.9",
        "purl.org/rss/1.0/modules/content",
        "purl.org/dc/elements/1.1",
        "purl.org/dc/terms",
    }
)
"""Namespaces whose names mean what ours do, as ``_space`` writes them; Media RSS and others use the same names."""


def is_feed(document: str) -> bool:
    """Tell if a text is an RSS or Atom feed."""
    return _FEED.match(document) is not None


def xml_root(document: str) -> str:
    """Return the name of the root of a text that declares itself to be XML; "" for any other text."""
    is_xml = document.removeprefix("\ufeff").lstrip().startswith("<?xml")
    match = _ROOT.match(document) if is_xml else None
    return match["name"] if match else ""


def read(document: str) -> DraftBlog:
    """Read a feed.

    Raises
    ------
    InvalidDocument
        If the XML is broken, nested too deep, or declares entities.
    Withheld
        If no entry may be read.
    NotALiveBlog
        If there is no entry, or the XML is no feed.
    """
    root = _parse(document)
    if _name(root) not in ("rss", "feed", "RDF"):
        raise NotALiveBlog("The XML is no feed. Expected `rss`, `feed` or `rdf:RDF`; send a feed, or the page's HTML.")
    head = next(_named(root, "channel"), root)
    # In RSS 1.0 the items stand beside the channel.
    entries = [e for place in dict.fromkeys((head, root)) for e in _named(place, "item", "entry", "deleted-entry")]
    url = _link(head)
    n_unread = sum(_has_unread_time(e) for e in (head, *entries))
    updates, notes = read_current(_post(entry, url) for entry in entries)
    if n_unread:
        notes.append(f"Times left out, as they cannot be read: {n_unread}.")
    title = read_body("", _text(head, "title"))[0]
    blog = DraftBlog(
        opening=DraftUpdate(
            headline=DraftParagraph(title.text, "title") if title else None,
            paragraphs=read_body(_text(head, "description", "subtitle"))[1],
            authors=_authors(head),
        ),
        updates=updates,
        key=_text(head, "id") or url or "",
        published=_time(head, "pubDate", "date"),
        modified=_time(head, "lastBuildDate", "updated"),
        url=url,
        language=_text(head, "language") or root.get("{http://www.w3.org/XML/1998/namespace}lang"),
        notes=notes,
    )
    return refuse_if_empty(blog, "The feed")


def _parse(document: str) -> Element:
    match = _ROOT.match(document)
    if _DECLARES.search(document, 0, match.end() if match else len(document)):
        raise InvalidDocument("The feed's document type declares entities, which no feed needs. Send it without.")
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    # Many feeds use HTML's entities, which XML does not know.
    text = _ENTITY.sub(_character, _NOT_XML.sub("\ufffd", document.removeprefix("\ufeff").lstrip()))
    try:
        return etree.fromstring(text.encode(), parser)
    except etree.XMLSyntaxError as error:
        line, column = error.position
        raise InvalidDocument(
            "The feed's XML is broken, or nested too deep. Send well-formed XML, or the page's HTML.",
            where=f"line {line}, column {column}",
        ) from None


def _character(match: re.Match[str]) -> str:
    name = match[1]
    return match[0] if name in _XML_ENTITIES else html5.get(f"{name};", match[0])


def _post(entry: Element, blog_url: str | None) -> Post:
    if _name(entry) == "deleted-entry":
        moment = parse_time(entry.get("when"))
        return Post(entry.get("ref", "").strip(), _nothing, (seconds(moment),), "deleted")
    key = _text(entry, "guid", "id")
    return Post(
        # A feed that gives all items the blog's own address has not named them.
        key="" if key == blog_url else key,
        read=partial(_update, entry),
        version=(seconds(_time(entry, "updated", "modified") or _time(entry, "pubDate", "published", "date")),),
        left_out="drafts" if _is_draft(entry) else "",
    )


def _nothing() -> None:
    """Read a deleted entry."""


def _is_draft(entry: Element) -> bool:
    return any(_text(control, "draft").casefold() == "yes" for control in _named(entry, "control"))


def _update(entry: Element) -> DraftUpdate:
    url = _link(entry)
    # ``encoded`` is RSS's content:encoded; the description beside it says less.
    body = _content(entry, "encoded") or _content(entry, "content") or _content(entry, "description", "summary")
    headline, drafts = read_body(body, _content(entry, "title"))
    return DraftUpdate(
        headline=headline,
        paragraphs=drafts,
        key=_text(entry, "guid", "id") or url or "",
        published=_time(entry, "pubDate", "published", "date") or _time(entry, "updated"),
        modified=_time(entry, "updated", "modified"),
        url=url,
        authors=_authors(entry),
    )


def _content(entry: Element, *names: str) -> str:
    """Return a text construct as HTML or plain text; Atom's XHTML is written out as HTML."""
    for element in _children(entry, *names):
        if element.get("type") == "xhtml":
            return _html(element)
        text = repair("".join(element.itertext()).strip())
        if text:
            return text
    return ""


def _html(element: Element) -> str:
    for inner in element.iter(etree.Element):
        inner.tag = _name(inner)
    return "".join(etree.tostring(child, encoding="unicode", method="html") for child in element)


def _link(entry: Element) -> str | None:
    """Return the page of a feed or an entry: RSS writes it as text, Atom as the link to the alternate."""
    for link in _children(entry, "link"):
        href = link.get("href") or "".join(link.itertext())
        if href.strip() and link.get("rel", "alternate") == "alternate":
            return str(href).strip()
    guid = next(_children(entry, "guid"), None)
    is_permanent = guid is not None and guid.get("isPermaLink", "true") == "true"
    text = _text(entry, "guid") if is_permanent else ""
    return text if text.startswith("http") else None


def _authors(entry: Element) -> tuple[str, ...]:
    """Return the names of the authors: Atom's have a name inside, RSS has dc:creator or a mail address and a name."""
    names = []
    for author in _children(entry, "author", "creator"):
        name = _text(author, "name") or "".join(author.itertext()).strip()
        in_brackets = re.fullmatch(r"\S+@\S+ \((.{1,100})\)", name)
        names.append(repair(in_brackets[1] if in_brackets else name))
    return tuple(dict.fromkeys(name for name in names if name and "@" not in name))


def _time(entry: Element, *names: str) -> datetime | None:
    return next((t for e in _children(entry, *names) if (t := parse_time("".join(e.itertext())))), None)


def _has_unread_time(entry: Element) -> bool:
    return any((value := _text(entry, name)) and parse_time(value) is None for name in _TIMES)


def _text(entry: Element, *names: str) -> str:
    return next((t for e in _children(entry, *names) if (t := repair("".join(e.itertext()).strip()))), "")


def _children(entry: Element, *names: str) -> Iterator[Element]:
    """Yield what ``_named`` does, less the children whose namespace has these names for something else."""
    own = _space(entry)
    return (child for child in _named(entry, *names) if (space := _space(child)) in _SPACES or space == own)


def _named(entry: Element, *names: str) -> Iterator[Element]:
    """Yield an element's children with one of the names, those with the first name first, whatever their namespace."""
    for name in names:
        for child in entry:
            if _name(child) == name:
                yield child


def _name(element: Element) -> str:
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def _space(element: Element) -> str:
    """Return an element's namespace as ``_SPACES`` has it: feeds differ in scheme, case and the last character."""
    space = etree.QName(element).namespace or ""
    return space.casefold().removeprefix("https://").removeprefix("http://").rstrip("/#")
