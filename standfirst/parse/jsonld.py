"""schema.org ``LiveBlogPosting`` as JSON-LD: alone, in a list, in ``@graph``, or nested in another thing.

One odd value never costs more than itself: what is missing, ``null`` or of another type is left out,
and a note says where. References inside the document (``{"@id": ...}``) are followed.

Objects with one ``@id`` and one type are versions of one update: the one that was modified last is read. What
``creativeWorkStatus`` calls deleted, a draft and the like is not read at all.

References
----------
https://schema.org/LiveBlogPosting
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from standfirst.errors import InvalidDocument, NotALiveBlog, Withheld
from standfirst.parse.bodies import draft, split_body
from standfirst.parse.build import DraftBlog, DraftParagraph, DraftUpdate, words_of
from standfirst.parse.encoding import repair
from standfirst.parse.jsontext import loads
from standfirst.parse.pointers import names_in, phrases
from standfirst.parse.posts import Post, read_current, seconds
from standfirst.parse.times import parse_time

Node = Mapping[str, object]

MAX_NOTES = 20

UNREADABLE = phrases(
    """deleted|removed|draft|pending|incomplete|withheld|canceled|cancelled|retracted|unpublished|embargoed|scheduled
    archived draft|trash|private"""
)
"""Values of ``creativeWorkStatus`` that take an update back or have not let it out."""

_PREFIXES = ("", "schema:", "https://schema.org/", "http://schema.org/")


def is_jsonld(value: object) -> bool:
    """Tell if parsed JSON holds a ``LiveBlogPosting`` anywhere."""
    return any(isinstance(node, Mapping) and _is_posting(node) for node in walk(value))


def read(text: str) -> DraftBlog:
    """Read JSON text.

    Raises
    ------
    InvalidDocument
        If the JSON is broken or nested too deep.
    NotALiveBlog
        If it holds no live blog with updates.
    """
    return read_value(loads(text))


@dataclass(frozen=True, slots=True)
class Found:
    """A blog, the object that it was read from, and the objects of its updates, in their order."""

    blog: DraftBlog
    posting: Node
    updates: tuple[Node, ...]


def read_value(value: object) -> DraftBlog:
    """Read parsed JSON; ``value`` may be the posting itself or hold it anywhere."""
    return find(value).blog


def find(value: object) -> Found:
    """Read parsed JSON and say which of its objects were read; raises as ``read`` does."""
    nodes = [node for node in walk(value) if isinstance(node, Mapping)]
    postings = [node for node in nodes if _is_posting(node)]
    if not postings:
        raise NotALiveBlog(
            "The JSON holds no LiveBlogPosting. Expected schema.org JSON-LD with a `liveBlogUpdate` list; "
            "send that, the page's HTML, or its text."
        )
    index: dict[str, list[Node]] = {}
    for node in nodes:
        if len(node) > 1 and isinstance(id_ := node.get("@id"), str):
            index.setdefault(id_, []).append(node)
    posting = max(_latest(postings), key=lambda node: len(_listed(_get(node, "liveBlogUpdate"))))
    reader = _Reader(posting, index)
    blog = reader.read()
    if not blog.updates:
        raise NotALiveBlog(
            "The LiveBlogPosting has no update that can be read. Expected objects with a `headline` or an "
            "`articleBody` in `liveBlogUpdate`; send the page's HTML or its text instead."
        )
    return Found(blog, posting, tuple(reader.read_from[id(update)] for update in blog.updates))


def _latest(postings: Sequence[Node]) -> list[Node]:
    """Leave out older versions of a posting: they hold what the latest one no longer does."""
    latest: dict[str, Node] = {}
    for number, node in enumerate(postings):
        key = _string(node.get("@id")) or _link(node) or f"number {number}"
        # A mere mention of the posting elsewhere in the document has no updates.
        is_full = bool(_listed(_get(node, "liveBlogUpdate")))
        old = latest.setdefault(key, node)
        if is_full and (not _listed(_get(old, "liveBlogUpdate")) or _moment(node) >= _moment(old)):
            latest[key] = node
    return list(latest.values())


def _moment(node: Node) -> float:
    return seconds(parse_time(_string(_get(node, "dateModified")))) or 0.0


def walk(value: object) -> Iterator[object]:
    """Yield every value inside ``value``, itself first, each container once, without recursion."""
    stack, seen = [value], set[int]()
    while stack:
        node = stack.pop()
        if isinstance(node, Mapping | list | tuple):
            if id(node) in seen:
                continue
            seen.add(id(node))
            stack.extend(reversed(list(node.values() if isinstance(node, Mapping) else node)))
        yield node


@dataclass
class _Reader:
    """Reads one posting.

    ``problems`` counts what was left out, by field; ``read_from`` has the object of each draft, by its ``id()``;
    ``seen`` has the objects, and their ``@id``, of which a version was made.
    """

    posting: Node
    index: Mapping[str, Sequence[Node]]
    problems: dict[str, list[str]] = field(default_factory=dict)
    read_from: dict[int, Node] = field(default_factory=dict)
    seen: set[str | int] = field(default_factory=set)

    def read(self) -> DraftBlog:
        """Read the blog's own fields and all updates."""
        node = self.posting
        if reason := _withheld(node):
            raise Withheld(f"Nothing may be read: the LiveBlogPosting's creativeWorkStatus is {reason}.")
        listed = _listed(_get(node, "liveBlogUpdate"))
        posts = (post for i, item in enumerate(listed) for post in self._posts(item, f"liveBlogUpdate[{i}]"))
        updates, notes = read_current(posts)
        title = self._headline(self._text(node, "headline", "") or self._text(node, "name", ""), "")
        url = _link(node)
        return DraftBlog(
            opening=DraftUpdate(
                DraftParagraph(title, "title") if title else None,
                # A body of the whole blog may hold once more what was taken back from the updates.
                self._lead(updates, ("description",) if notes else ("description", "articleBody")),
                authors=self._authors(node, ""),
            ),
            updates=updates,
            key=_string(node.get("@id")) or url or "",
            published=self._time(node, "datePublished", "") or self._time(node, "coverageStartTime", ""),
            modified=self._time(node, "dateModified", ""),
            url=url,
            language=_string(_get(node, "inLanguage")),
            notes=notes + self._notes(),
        )

    def _posts(self, item: object, where: str) -> Iterator[Post]:
        """Yield all versions of an update that the document holds."""
        node = self._resolve(item)
        if node is None:
            self._leave_out(where, "")
            return
        id_ = _string(node.get("@id")) or ""
        # A page that gives every update the blog's own id has not named them.
        own = "" if id_ in (_string(self.posting.get("@id")), _link(self.posting)) else id_
        others = self.index.get(own, ()) if own and own not in self.seen else ()
        for version in (node, *(other for other in others if other.get("@type") == node.get("@type"))):
            if own and id(version) in self.seen:
                continue
            self.seen |= {own, id(version)}
            moment = parse_time(_string(_get(version, "dateModified"))) or parse_time(
                _string(_get(version, "datePublished"))
            )
            yield Post(own, partial(self._update, version, where), (seconds(moment),), _withheld(version))

    def _update(self, node: Node, where: str) -> DraftUpdate | None:
        headline = self._text(node, "headline", where) or self._text(node, "name", where)
        body = self._text(node, "articleBody", where) or self._text(node, "text", where)
        body = body or self._text(node, "description", where)
        if not headline and not body:
            self._leave_out(where, "")
            return None
        drafts = [draft(part) for part in self._parts(body, where)]
        bylines = tuple(name for d in drafts if d.kind == "byline" for name in names_in(d.text))
        update = DraftUpdate(
            headline=DraftParagraph(self._headline(headline, where), "headline") if headline else None,
            paragraphs=drafts,
            key=_string(node.get("@id")) or _link(node) or _string(_get(node, "identifier")) or "",
            published=self._time(node, "datePublished", where),
            modified=self._time(node, "dateModified", where),
            url=_link(node),
            authors=self._authors(node, where) or bylines,
        )
        self.read_from[id(update)] = node
        return update

    def _lead(self, updates: Sequence[DraftUpdate], names: Sequence[str]) -> list[DraftParagraph]:
        """Return texts of the blog as a whole, without what the updates say again word by word."""
        seen = {words_of(p.text) for update in updates for p in update}
        lead: list[DraftParagraph] = []
        for name in names:
            for part in self._parts(self._text(self.posting, name, ""), ""):
                if words_of(part) not in seen:
                    seen.add(words_of(part))
                    lead.append(draft(part))
        return lead

    def _headline(self, text: str, where: str) -> str:
        return " ".join(self._parts(text, where, "headline"))

    def _parts(self, body: str, where: str, name: str = "articleBody") -> list[str]:
        try:
            return split_body(body)
        except InvalidDocument:
            self._leave_out(where, name)
            return []

    def _resolve(self, item: object) -> Node | None:
        if isinstance(item, str):
            return self.index.get(item, (None,))[-1]
        if not isinstance(item, Mapping):
            return None
        id_ = item.get("@id")
        return self.index.get(id_, (item,))[-1] if len(item) == 1 and isinstance(id_, str) else item

    def _text(self, node: Node, name: str, where: str) -> str:
        value = _get(node, name)
        text = "\n".join(filter(None, map(_string, _listed(value))))
        if value is not None and not text and value not in ("", []):
            self._leave_out(where, name)
        return repair(text)

    def _time(self, node: Node, name: str, where: str) -> datetime | None:
        value = _get(node, name)
        moment = parse_time(_string(value))
        if value is not None and moment is None:
            self._leave_out(where, name)
        return moment

    def _authors(self, node: Node, where: str) -> tuple[str, ...]:
        value = _get(node, "author")
        people = [_get(a, "name") if isinstance(a, Mapping) else a for a in map(self._person, _listed(value))]
        names = tuple(name for name in map(_string, people) if name)
        if value is not None and len(names) < len(_listed(value)):
            self._leave_out(where, "author")
        return tuple(repair(name) for name in names)

    def _person(self, value: object) -> object:
        return value if isinstance(value, str) else self._resolve(value)

    def _leave_out(self, where: str, name: str) -> None:
        kind = f"liveBlogUpdate[].{name}" if where else name
        self.problems.setdefault(kind, []).append(".".join(filter(None, (where, name))))

    def _notes(self) -> list[str]:
        notes = []
        for places in list(self.problems.values())[:MAX_NOTES]:
            more = f" (and {len(places) - 1} more like it)" if len(places) > 1 else ""
            notes.append(f"{places[0]}: missing or of the wrong type, left out{more}.")
        return notes


def _is_posting(node: Node) -> bool:
    types = [t for t in _listed(node.get("@type")) if isinstance(t, str)]
    return any(t.rsplit("/", 1)[-1].rsplit(":", 1)[-1] == "LiveBlogPosting" for t in types) or bool(
        _listed(_get(node, "liveBlogUpdate"))
    )


def _withheld(node: Node) -> str:
    """Return the status of an object that may not be read, or ""."""
    for value in _listed(_get(node, "creativeWorkStatus")):
        # A DefinedTerm has a name, an enumeration's member an address.
        status = _string(_get(value, "name") or value.get("@id") if isinstance(value, Mapping) else value) or ""
        word = status.rsplit("/", 1)[-1].casefold()
        if word in UNREADABLE:
            return "drafts" if word == "draft" else word
    return ""


def key_of(node: Node, name: str) -> str:
    """Return the key under which an object has a property, or would have it: with the prefix of its other ones."""
    own = [prefix + name for prefix in _PREFIXES if prefix + name in node]
    used = [p for p in _PREFIXES if any(p + other in node for other in ("liveBlogUpdate", "headline", "articleBody"))]
    return next(iter(own), next(iter(used), "") + name)


def _get(node: Node, name: str) -> object:
    return next((node[key] for prefix in _PREFIXES if (key := prefix + name) in node), None)


def _listed(value: object) -> list[object]:
    """Return a property's values: JSON-LD writes one value without its list."""
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]


def _string(value: object) -> str | None:
    if isinstance(value, Mapping):
        value = value.get("@value")
    return value.strip() or None if isinstance(value, str) else None


def _link(node: Node) -> str | None:
    """Return the page a node stands for: its ``url``, its ``mainEntityOfPage``, or an ``@id`` on the web."""
    for value in (_get(node, "url"), _get(node, "mainEntityOfPage")):
        link = _string(value.get("@id")) if isinstance(value, Mapping) else _string(value)
        if link:
            return link
    id_ = _string(node.get("@id"))
    return id_ if id_ and id_.startswith("http") else None
