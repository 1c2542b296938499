"""Guardian content API: ``response.content.blocks`` as ``show-blocks=all`` gives it.

A block that is not ``published`` is not read; of a block that stands in ``body`` and in
``requestedBodyBlocks`` the copy that was modified last is. ``fields.body``, which holds all blocks once more,
is not looked at.

References
----------
https://github.com/guardian/content-api-models, models/src/main/thrift/content/v1.thrift
"""

from collections.abc import Iterator, Mapping
from functools import partial

from standfirst.errors import NotALiveBlog, Withheld
from standfirst.parse import fields
from standfirst.parse.bodies import read_body
from standfirst.parse.build import DraftBlog, DraftParagraph, DraftUpdate
from standfirst.parse.fields import Node
from standfirst.parse.posts import Post, read_current, refuse_if_empty, seconds


def is_guardian(value: object) -> bool:
    """Tell if parsed JSON is an answer of the content API, or one piece of its content."""
    return bool(_contents(value))


def read(value: object) -> DraftBlog:
    """Read parsed JSON.

    Raises
    ------
    Withheld
        If the content is gone, its rights are expired, or no block is published.
    NotALiveBlog
        If there are no blocks, or several pieces of content that have some.
    """
    contents = [content for content in _contents(value) if fields.node(content, "blocks")]
    if not contents:
        raise NotALiveBlog("The content has no `blocks`. Ask the content API with show-blocks=all and send its answer.")
    if len(contents) > 1:
        raise NotALiveBlog(f"The answer holds the blocks of {len(contents)} articles. Send them one by one.")
    content = contents[0]
    for name, reason in (("isGone", "gone"), ("isExpired", "expired: its rights have ended")):
        if fields.is_yes(content.get(name)):
            raise Withheld(f"Nothing may be read: the content is {reason} (`{name}`).")
    return refuse_if_empty(_read_content(content), "The content")


def _contents(value: object) -> list[Node]:
    response = fields.node(value, "response") or fields.node(value)
    found = [fields.node(response, "content"), *fields.nodes(response.get("results"))]
    return [content for content in found if _is_content(content)] or ([response] if _is_content(response) else [])


def _is_content(node: Node) -> bool:
    blocks = fields.node(node, "blocks")
    if isinstance(blocks.get("body"), list) or isinstance(blocks.get("requestedBodyBlocks"), Mapping):
        return True
    return "webTitle" in node and "apiUrl" in node and "webPublicationDate" in node


def _read_content(content: Node) -> DraftBlog:
    names = {fields.key(tag, "id"): fields.text(tag, "webTitle") for tag in _contributors(content)}
    url = fields.text(content, "webUrl") or None
    blocks = fields.node(content, "blocks")
    updates, notes = read_current(_post(block, names, url) for block in _blocks(blocks))
    more = fields.node(content, "fields")
    title = read_body("", fields.text(more, "headline") or fields.text(content, "webTitle"))[0]
    _, lead = read_body(fields.text(more, "standfirst", "trailText"))
    return DraftBlog(
        opening=DraftUpdate(
            headline=DraftParagraph(title.text, "title") if title else None,
            paragraphs=lead,
            authors=fields.strings(names.values()),
        ),
        updates=updates,
        key=fields.key(content, "id"),
        published=fields.time(content, "webPublicationDate"),
        modified=fields.time(more, "lastModified"),
        url=url,
        language=fields.text(more, "lang") or None,
        notes=notes + _missing(blocks),
    )


def _contributors(content: Node) -> Iterator[Node]:
    return (tag for tag in fields.nodes(content.get("tags")) if str(tag.get("type")).casefold() == "contributor")


def _blocks(blocks: Node) -> Iterator[Node]:
    """Yield the blocks of the body and of all subsets that were asked for."""
    yield from fields.nodes(blocks.get("body"))
    for subset in fields.node(blocks, "requestedBodyBlocks").values():
        yield from fields.nodes(subset)


def _missing(blocks: Node) -> list[str]:
    """Say how many blocks the answer itself says it leaves out."""
    ids = {fields.key(block, "id") for block in _blocks(blocks)}
    total = blocks.get("totalBodyBlocks")
    n_missing = total - len(ids) if isinstance(total, int) and not isinstance(total, bool) else 0
    return [f"Blocks that the answer does not hold: {n_missing}."] if 0 < n_missing < 10**9 else []


def _post(block: Node, names: Mapping[str, str], url: str | None) -> Post:
    return Post(
        key=fields.key(block, "id"),
        read=partial(_update, block, names, url),
        version=(seconds(fields.time(block, "lastModifiedDate", "publishedDate")),),
        left_out="not published" if fields.is_no(block.get("published")) else "",
    )


def _update(block: Node, names: Mapping[str, str], url: str | None) -> DraftUpdate:
    attributes = fields.node(block, "attributes")
    headline, drafts = read_body(_body(block), fields.text(block, "title") or fields.text(attributes, "title"))
    key = fields.key(block, "id")
    contributors = block.get("contributors")
    written = contributors if isinstance(contributors, list) else []
    return DraftUpdate(
        headline=headline,
        paragraphs=drafts,
        key=key,
        published=fields.time(block, "firstPublishedDate", "publishedDate", "createdDate"),
        modified=fields.time(block, "lastModifiedDate"),
        url=f"{url}#block-{key}" if url and key else None,
        authors=fields.strings(names.get(w) or names.get(f"profile/{w}") or w for w in written if isinstance(w, str)),
        key_event=fields.is_yes(attributes.get("keyEvent")),
    )


def _body(block: Node) -> str:
    """Return a block's HTML; an answer to a partner's key may hold the elements or the summary alone."""
    if html := fields.text(block, "bodyHtml"):
        return html
    texts = (fields.text(fields.node(e, "textTypeData"), "html") for e in fields.nodes(block.get("elements")))
    return "\n".join(filter(None, texts)) or fields.text(block, "bodyTextSummary")
