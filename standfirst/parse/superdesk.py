"""What Superdesk posts to an AI service: ``{"service", "item": {"guid", "headline", "body_html", ...}}``.

The item is one article: its headline stands over its paragraphs, as an update's does. An editor asks while
writing, so that drafts are read; what was killed, recalled, spiked or cancelled is not.

References
----------
https://github.com/superdesk/superdesk-core, superdesk/text_checkers/ai/__init__.py
"""

from standfirst.errors import Withheld
from standfirst.parse import fields
from standfirst.parse.bodies import read_body
from standfirst.parse.build import DraftBlog, DraftUpdate, words_of
from standfirst.parse.posts import has_words, refuse_if_empty

_TAKEN_BACK = frozenset(
    {"killed", "recalled", "spiked", "unpublished", "canceled", "cancelled", "withhold", "withheld"}
)


def is_superdesk(value: object) -> bool:
    """Tell if parsed JSON is a request to an AI service."""
    item = fields.node(value, "item")
    return isinstance(item.get("body_html"), str) and ("guid" in item or "service" in fields.node(value))


def read(value: object) -> DraftBlog:
    """Read parsed JSON.

    Raises
    ------
    Withheld
        If the item was taken back.
    NotALiveBlog
        If it has no text.
    """
    item = fields.node(value, "item")
    for name in ("state", "pubstatus"):
        if fields.text(item, name).casefold() in _TAKEN_BACK:
            raise Withheld(f"Nothing may be read: the item was taken back (`{name}`).")
    headline, body = read_body(fields.text(item, "body_html"), fields.text(item, "headline"))
    said = {words_of(paragraph.text) for paragraph in body}
    _, abstract = read_body(fields.text(item, "abstract"))
    update = DraftUpdate(
        headline=headline,
        paragraphs=[p for p in abstract if words_of(p.text) not in said] + body,
        key=fields.key(item, "guid"),
        published=fields.time(item, "firstpublished", "firstcreated"),
        modified=fields.time(item, "versioncreated"),
        authors=fields.strings([item.get("byline")]),
    )
    blog = DraftBlog(
        updates=[update] if has_words(update) else [],
        key=fields.key(item, "guid"),
        language=fields.text(item, "language") or None,
    )
    return refuse_if_empty(blog, "The item")
