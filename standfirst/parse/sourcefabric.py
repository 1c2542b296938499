"""Sourcefabric Live Blog: posts as ``/api/v2/client_blogs/<blog>/posts`` gives them, or as version 1 does.

Version 2 has a post's ``items``; version 1 has them in ``groups``, under the references of the group ``main``.
An answer, or a list of answers (the pages of one blog), is read. Not read are posts that are ``deleted``, whose
``post_status`` is not ``open``, whose ``published_date`` has not come, or that are marked not for publication.

References
----------
https://github.com/liveblog/liveblog, server/liveblog/client_modules/client_modules.py
"""

from collections.abc import Iterator
from datetime import datetime
from functools import partial

from standfirst.parse import fields
from standfirst.parse.bodies import pointers, read_body
from standfirst.parse.build import DraftBlog, DraftParagraph, DraftUpdate
from standfirst.parse.fields import Node
from standfirst.parse.posts import Post, read_current, refuse_if_empty, seconds

_POST_FIELDS = ("post_status", "lb_highlight", "sticky", "groups", "items", "published_date")
_STATUSES = {
    "draft": "drafts",
    "submitted": "submitted and not accepted",
    "comment": "comments and not accepted",
}
_PROSE = ("text", "quote", "comment", "")
_ADVERTISEMENT = "advertisement"


def is_sourcefabric(value: object) -> bool:
    """Tell if parsed JSON is an answer of Live Blog, or a list of answers."""
    answers = _answers(value)
    return bool(answers) and all(_is_answer(answer) for answer in answers)


def read(value: object, now: datetime) -> DraftBlog:
    """Read parsed JSON; ``now`` tells which posts are scheduled for later.

    Raises
    ------
    Withheld
        If no post may be read.
    NotALiveBlog
        If there is none.
    """
    posts = [post for answer in _answers(value) for post in fields.nodes(answer.get("_items"))]
    updates, notes = read_current(_post(post, now) for post in posts)
    blog = DraftBlog(
        updates=updates,
        key=next(filter(None, (fields.key(post, "blog") for post in posts)), ""),
        modified=max((u.modified for u in updates if u.modified), default=None),
        notes=notes,
    )
    return refuse_if_empty(blog, "The answer")


def _answers(value: object) -> list[Node]:
    return fields.nodes(value if isinstance(value, list) else [value])


def _is_answer(answer: Node) -> bool:
    posts = answer.get("_items")
    if not isinstance(posts, list):
        return False
    if not posts:
        return "_meta" in answer
    return any(name in post for post in fields.nodes(posts) for name in _POST_FIELDS)


def _post(post: Node, now: datetime) -> Post:
    return Post(
        key=fields.key(post, "_id", "guid"),
        read=partial(_update, post),
        version=(seconds(fields.time(post, "_updated", "versioncreated")),),
        left_out=_left_out(post, now),
    )


def _left_out(post: Node, now: datetime) -> str:
    status = fields.text(post, "post_status").casefold()
    published, unpublished = fields.time(post, "published_date"), fields.time(post, "unpublished_date")
    if fields.is_yes(post.get("deleted")):
        return "deleted"
    if status not in ("", "open"):
        return _STATUSES.get(status, "not open")
    if published and published > now:
        return "scheduled for later"
    if not status and unpublished and unpublished <= now and (published is None or published <= unpublished):
        return "unpublished"
    return "withheld" if _is_withheld(post) else ""


def _is_withheld(node: Node) -> bool:
    """Tell if Superdesk's own marks, which posts and items of version 1 carry, keep something back."""
    is_marked = fields.is_yes(fields.node(node, "flags").get("marked_for_not_publication"))
    return is_marked or fields.text(node, "pubstatus").casefold() not in ("", "usable")


def _update(post: Node) -> DraftUpdate:
    update = DraftUpdate(
        key=fields.key(post, "_id", "guid"),
        published=fields.time(post, "published_date", "_created", "firstcreated"),
        modified=fields.time(post, "_updated", "versioncreated"),
        authors=_authors(post),
        key_event=fields.is_yes(post.get("lb_highlight")),
    )
    for item in _items(post):
        if fields.is_yes(item.get("deleted")) or _is_withheld(item):
            continue
        headline, drafts = _read_item(item)
        if headline and (update.headline or update.paragraphs):
            drafts.insert(0, DraftParagraph(headline.text, "text"))
        else:
            update.headline = update.headline or headline
        update.paragraphs.extend(drafts)
    return update


def _items(post: Node) -> Iterator[Node]:
    if isinstance(post.get("items"), list):
        yield from fields.nodes(post.get("items"))
        return
    for group in fields.nodes(post.get("groups")):
        if group.get("id") == "main":
            yield from (fields.node(ref, "item") for ref in fields.nodes(group.get("refs")))


def _read_item(item: Node) -> tuple[DraftParagraph | None, list[DraftParagraph]]:
    """Read prose; what is embedded or shown is kept as pointers, and advertisements are not kept."""
    kind, meta = fields.text(item, "item_type").casefold(), fields.node(item, "meta")
    body = fields.text(item, "text")
    if kind == "quote" and not body:
        body = "\n".join(filter(None, (fields.text(meta, "quote"), fields.text(meta, "credit"))))
    if kind in _PROSE:
        return read_body(body)
    if kind.startswith(_ADVERTISEMENT):
        return None, []
    return None, pointers(fields.text(meta, "caption", "title") or body)


def _authors(post: Node) -> tuple[str, ...]:
    people = (fields.node(post, name) for name in ("publisher", "original_creator"))
    return fields.strings(person.get("display_name") for person in people)[:1]
