"""The body of a post, plain text or HTML, to paragraphs."""

import re

from standfirst.errors import InvalidDocument
from standfirst.parse.build import DraftParagraph
from standfirst.parse.elements import HEADINGS
from standfirst.parse.forms import form_of
from standfirst.parse.markup import flatten
from standfirst.parse.page import Block
from standfirst.schema import ParagraphKind

_BLANK_LINES = re.compile(r"\n[ \t\r]*\n")
_TAG = (
    r"</?(?:p|br|div|li|ul|ol|a|b|i|em|strong|span|h[1-6]|blockquote|figure|img|table|section|article|del|s|strike"
    r"|script|style|iframe|aside|small|u|sup|sub|time|hr|pre|code|html|body|template|noscript|svg|video|audio|object"
    r"|main|header|footer|nav|figcaption|d[dlt]|ins|mark|q|cite|t[dhr]|tbody|thead)\b[^<>]{0,2000}>"
    r"|<!--"
)
_TAGS = re.compile(_TAG, re.IGNORECASE)
_MARKUP = re.compile(_TAG + r"|&(?:[a-z]{2,8}|#\d{1,7}|#x[0-9a-f]{1,6});", re.IGNORECASE)
_CLOSES = re.compile(r"</[a-z]|<br\b", re.IGNORECASE)


def split_body(body: str) -> list[str]:
    r"""Split a body, plain or HTML, into its paragraphs.

    >>> split_body("One.\n\nTwo."), split_body("<p>One &amp; two.</p><li>Three</li>")
    (['One.', 'Two.'], ['One & two.', 'Three'])
    """
    return [block.text for block in _blocks(body)]


def draft(text: str) -> DraftParagraph:
    """Make a paragraph whose kind is told by its form."""
    form = form_of(" ".join(text.split()))
    kind: ParagraphKind = form if form in ("byline", "pointer") else "text"
    return DraftParagraph(text, kind)


def read_body(body: str, headline: str = "") -> tuple[DraftParagraph | None, list[DraftParagraph]]:
    """Read a body under its headline; without one, a heading that the body begins with is taken for it.

    A body nested too deep to be anybody's post gives no paragraphs.
    """
    try:
        blocks, titles = _blocks(body), [block.text for block in _blocks(headline)]
    except InvalidDocument:
        return None, []
    if not titles and blocks and blocks[0].tag in HEADINGS:
        titles = [blocks.pop(0).text]
    drafts = [DraftParagraph(block.text, "byline") if block.is_byline else draft(block.text) for block in blocks]
    return (DraftParagraph(" ".join(titles), "headline") if titles else None), drafts


def pointers(body: str) -> list[DraftParagraph]:
    """Read what belongs to a post but is nobody's reporting: captions, embedded posts of others, polls."""
    return [DraftParagraph(paragraph.text, "pointer") for paragraph in read_body(body)[1]]


def _blocks(body: str) -> list[Block]:
    if not _MARKUP.search(body):
        return [Block(line, "p", 0) for line in map(str.strip, body.splitlines()) if line]
    # In a plain text with a few links and entities a blank line still ends a paragraph.
    blocks = flatten(_BLANK_LINES.sub("<br>", body)).blocks
    if not _TAGS.search(body):
        text = "\n\n".join(block.text for block in blocks)
        if _TAGS.search(text) and _CLOSES.search(text):  # some systems escape HTML that stands in JSON
            return flatten(_BLANK_LINES.sub("<br>", text)).blocks
    return blocks
