"""schema.org ``LiveBlogPosting`` as JSON-LD: alone, in a list, in ``@graph``, or nested in another thing.

One odd value never costs more than itself: what is missing, ``null`` or of another type is left out,
and a note says where. References inside the document (``{"@id": ...}``) are followed.

References
----------
https://schema.org/LiveBlogPosting
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from standfirst.errors import InvalidDocument, NotALiveBlog
from standfirst.parse.build import DraftBlog, DraftParagraph, DraftUpdate, words_of
from standfirst.parse.encoding import repair
from standfirst.parse.forms import form_of
from standfirst.parse.markup import paragraphs
from standfirst.parse.pointers import names_in
from standfirst.parse.times import parse_time
from standfirst.schema import ParagraphKind

Node = Mapping[str, object]

MAX_NOTES = 20

_START = re.compile(r"\s*(?:\{\s*[\"}]|\[\s*(?:[\[{\"\]]|-?\d+[\s,\]]))")
_PREFIXES = ("", "schema:", "https://schema.org/", "http://schema.org/")
_WRAPPERS = (("<!--", "-->"), ("<![CDATA[", "]]>"), ("//<![CDATA[", "//]]>"), ("/*<![CDATA[*/", "/*]]>*/"))
_BLANK_LINES = re.compile(r"\n[ \t\r]*\n")
_TAGS = re.compile(
    r"</?(?:p|br|div|li|ul|ol|a|b|i|em|strong|span|h[1-6]|blockquote|figure|img|table|section|article)\b[^<>]{0,2000}>"
    r"|&(?:[a-z]{2,8}|#\d{1,7}|#x[0-9a-f]{1,6});",
    re.IGNORECASE,
)


def is_jsonld(text: str) -> bool:
    """Tell if a text starts like JSON and not like prose."""
    return _START.match(text.removeprefix("\ufeff")) is not None


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


def read_value(value: object) -> DraftBlog:
    """Read parsed JSON; ``value`` may be the posting itself or hold it anywhere."""
    nodes = [node for node in walk(value) if isinstance(node, Mapping)]
    postings = [node for node in nodes if _is_posting(node)]
    if not postings:
        raise NotALiveBlog(
            "The JSON holds no LiveBlogPosting. Expected schema.org JSON-LD with a `liveBlogUpdate` list; "
            "send that, the page's HTML, or its text."
        )
    index = {id_: node for node in nodes if len(node) > 1 and isinstance(id_ := node.get("@id"), str)}
    posting = max(postings, key=lambda node: len(_listed(_get(node, "liveBlogUpdate"))))
    blog = _Reader(posting, index).read()
    if not blog.updates:
        raise NotALiveBlog(
            "The LiveBlogPosting has no update that can be read. Expected objects with a `headline` or an "
            "`articleBody` in `liveBlogUpdate`; send the page's HTML or its text instead."
        )
    return blog


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


def split_body(body: str) -> list[str]:
    r"""Split a body, plain or HTML, into its paragraphs.

    >>> split_body("One.\n\nTwo."), split_body("<p>One &amp; two.</p><li>Three</li>")
    (['One.', 'Two.'], ['One & two.', 'Three'])
    """
    if not _TAGS.search(body):
        return [line for line in map(str.strip, body.splitlines()) if line]
    # In a plain text with a few links and entities a blank line still ends a paragraph.
    return paragraphs(_BLANK_LINES.sub("<br>", body))


def draft(text: str) -> DraftParagraph:
    """Make a paragraph whose kind is told by its form."""
    form = form_of(" ".join(text.split()))
    kind: ParagraphKind = form if form in ("byline", "pointer") else "text"
    return DraftParagraph(text, kind)


@dataclass
class _Reader:
    """Reads one posting; ``problems`` counts what was left out, by field."""

    posting: Node
    index: Mapping[str, Node]
    problems: dict[str, list[str]] = field(default_factory=dict)

    def read(self) -> DraftBlog:
        """Read the blog's own fields and all updates."""
        node = self.posting
        listed = _listed(_get(node, "liveBlogUpdate"))
        updates = [u for i, item in enumerate(listed) if (u := self._update(item, f"liveBlogUpdate[{i}]"))]
        title = self._text(node, "headline", "") or self._text(node, "name", "")
        url = _link(node)
        return DraftBlog(
            opening=DraftUpdate(
                DraftParagraph(title, "title") if title else None,
                self._lead(updates),
                authors=self._authors(node, ""),
            ),
            updates=updates,
            key=_string(node.get("@id")) or url or "",
            published=self._time(node, "datePublished", "") or self._time(node, "coverageStartTime", ""),
            modified=self._time(node, "dateModified", ""),
            url=url,
            language=_string(_get(node, "inLanguage")),
            notes=self._notes(),
        )

    def _update(self, item: object, where: str) -> DraftUpdate | None:
        node = self._resolve(item)
        if node is None:
            self._leave_out(where, "")
            return None
        headline = self._text(node, "headline", where) or self._text(node, "name", where)
        body = self._text(node, "articleBody", where) or self._text(node, "text", where)
        body = body or self._text(node, "description", where)
        if not headline and not body:
            self._leave_out(where, "")
            return None
        drafts = [draft(part) for part in self._parts(body, where)]
        bylines = tuple(name for d in drafts if d.kind == "byline" for name in names_in(d.text))
        return DraftUpdate(
            headline=DraftParagraph(" ".join(self._parts(headline, where)), "headline") if headline else None,
            paragraphs=drafts,
            key=_string(node.get("@id")) or _link(node) or _string(_get(node, "identifier")) or "",
            published=self._time(node, "datePublished", where),
            modified=self._time(node, "dateModified", where),
            url=_link(node),
            authors=self._authors(node, where) or bylines,
        )

    def _lead(self, updates: Sequence[DraftUpdate]) -> list[DraftParagraph]:
        """Return description and body of the blog, without what the updates say again word by word."""
        seen = {words_of(p.text) for update in updates for p in update}
        lead: list[DraftParagraph] = []
        for name in ("description", "articleBody"):
            for part in self._parts(self._text(self.posting, name, ""), ""):
                if words_of(part) not in seen:
                    seen.add(words_of(part))
                    lead.append(draft(part))
        return lead

    def _parts(self, body: str, where: str) -> list[str]:
        try:
            return split_body(body)
        except InvalidDocument:
            self._leave_out(where, "articleBody")
            return []

    def _resolve(self, item: object) -> Node | None:
        if isinstance(item, str):
            return self.index.get(item)
        if not isinstance(item, Mapping):
            return None
        id_ = item.get("@id")
        return self.index.get(id_, item) if len(item) == 1 and isinstance(id_, str) else item

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


def _unwrap(text: str) -> str:
    """Take off a byte order mark and the comments that once hid a script from old browsers."""
    text = text.removeprefix("\ufeff").rstrip().rstrip(";")
    core = text.strip()
    for start, end in _WRAPPERS:
        if core.startswith(start):
            return core.removeprefix(start).removesuffix(end)
    return text


def _is_posting(node: Node) -> bool:
    types = [t for t in _listed(node.get("@type")) if isinstance(t, str)]
    return any(t.rsplit("/", 1)[-1].rsplit(":", 1)[-1] == "LiveBlogPosting" for t in types) or bool(
        _listed(_get(node, "liveBlogUpdate"))
    )


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
