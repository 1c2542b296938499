"""HTML pages of live blogs.

The page's own JSON-LD is best and is tried first. Without it the updates are, in this order:

1. elements with the microdata property ``liveBlogUpdate``;
2. containers that look alike, each with a heading or a time (see ``alike``);
3. what stands under the headings of the highest level below the title;
4. what the plain-text rules find in the page's text.

Navigation, footers, forms, asides, advertisements and links to other stories are left out.
"""

import itertools
import re
from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import urljoin

from standfirst.errors import DocumentError, NotALiveBlog, Withheld
from standfirst.parse import jsonld, text
from standfirst.parse.alike import owners_of
from standfirst.parse.bodies import draft
from standfirst.parse.build import DraftBlog, DraftParagraph, DraftUpdate
from standfirst.parse.elements import HEADINGS
from standfirst.parse.forms import LABELS, has_headline_form
from standfirst.parse.jsonld import UNREADABLE
from standfirst.parse.jsontext import loads
from standfirst.parse.markup import flatten
from standfirst.parse.page import Block, Box, Page
from standfirst.parse.pointers import KEY_LABELS, authors_of, label_of, names_in
from standfirst.parse.times import parse_time, parse_time_line

MAX_AUTHOR_CHARS = 70
"""What is longer and called a byline holds more than names."""

_START = re.compile(r"\s*(?:<\?xml[^>]{0,200}>\s*)?<(?:!doctype|!--|[a-z][a-z0-9-]*[\s/>])", re.IGNORECASE)
_CLOSING = re.compile(r"</(?:p|div|article|section|h[1-6]|li|html|body)\s*>", re.IGNORECASE)


def is_html(document: str) -> bool:
    """Tell if a text is a page or a fragment of one."""
    head = document[:20_000].removeprefix("\ufeff")
    return _START.match(head) is not None or len(_CLOSING.findall(head)) > 1


def read(document: str) -> DraftBlog:
    """Read a page.

    Raises
    ------
    NotALiveBlog
        If the page has no text.
    InvalidDocument
        If its elements are nested too deep.
    """
    page = flatten(document)
    blog, notes = _from_scripts(page)
    if blog is None:
        if not page.blocks:
            raise NotALiveBlog("The page holds no text. Send the page as a browser shows it, or its JSON-LD.")
        blog = _from_blocks(page)
        if page.n_furniture:
            blog.notes.append(
                f"Parts left out, as their class says advertising, sharing or the like: {page.n_furniture}."
            )
    blog.notes[:0] = notes
    return _with_metadata(blog, page)


def _from_scripts(page: Page) -> tuple[DraftBlog | None, list[str]]:
    """Read the first JSON-LD script that holds a live blog, and say how many more there are."""
    notes: list[str] = []
    for n_read, script in enumerate(page.scripts, 1):
        try:
            blog = jsonld.read(script)
        except Withheld:
            raise  # what its JSON-LD takes back must not be read from the page's text
        except NotALiveBlog:
            continue
        except DocumentError as error:
            notes.append(f"A JSON-LD script of the page was left out: {error}")
            continue
        notes.append("The page's JSON-LD was read, not its text.")
        if n_more := sum(map(_holds_blog, page.scripts[n_read:])):
            notes.append(f"Further JSON-LD scripts with a live blog, not read: {n_more}.")
        return blog, notes
    return None, notes


def _holds_blog(script: str) -> bool:
    try:
        return jsonld.is_jsonld(loads(script))
    except DocumentError:
        return False


def _from_blocks(page: Page) -> DraftBlog:
    owners = owners_of(page)
    body = _body(page, owners)
    blog = _from_body(page, body, owners)
    if n_outside := len(page.blocks) - len(body):
        blog.notes.append(f"Pieces of text left out before the title and outside the page's main part: {n_outside}.")
    return blog


def _from_body(page: Page, body: Sequence[Block], owners: Sequence[int]) -> DraftBlog:
    if any(owners):
        return _from_boxes(page, body, owners)
    level = _heading_level(body)
    if level:
        return _from_headings(page, body, level)
    title = _page_title(page)
    lines = [block.text for block in body]
    if title and title not in lines:
        lines.insert(0, title)
    return text.read("\n".join(lines))


def _body(page: Page, owners: Sequence[int]) -> list[Block]:
    """Return the blocks of the story: from the title on, and in the main element if something stands in it.

    What stands in an update does not tell where the main part is, and neither does what follows the first one.
    """
    opening = itertools.takewhile(lambda block: not owners[block.box], page.blocks)
    has_main = any(block.in_main for block in opening)
    blocks = [b for b in page.blocks if not has_main or b.in_main or owners[b.box] or b.tag == "h1"]
    start = next((i for i, b in enumerate(blocks) if b.tag == "h1" or owners[b.box]), 0)
    return blocks[start:]


def _from_boxes(page: Page, body: Sequence[Block], owners: Sequence[int]) -> DraftBlog:
    """Deal the blocks out to the chosen boxes; what stands before the first one is the opening."""
    parts: dict[int, list[Block]] = {0: []}
    n_left_out = 0
    for block in body:
        owner = owners[block.box]
        if owner or len(parts) == 1:
            parts.setdefault(owner, []).append(block)
        else:
            n_left_out += 1
    blog = DraftBlog(opening=_opening(page, parts.pop(0)))
    taken_back = {i for i in parts if page.boxes[i].properties.get("creativeWorkStatus", "").casefold() in UNREADABLE}
    blog.updates = [_update(blocks, page.boxes[owner]) for owner, blocks in parts.items() if owner not in taken_back]
    if taken_back:
        blog.notes.append(f"Updates not read, as their creativeWorkStatus takes them back: {len(taken_back)}.")
    if n_left_out:
        blog.notes.append(f"Pieces of text left out between and after the updates: {n_left_out}.")
    return blog


def _heading_level(body: Sequence[Block]) -> str:
    """Return the tag of the highest headings below the title that have text under them."""
    tags = {a.tag for a, b in itertools.pairwise(body) if _is_update_heading(a) and b.tag not in HEADINGS}
    return min(tags, default="")


def _is_update_heading(block: Block) -> bool:
    return block.tag in ("h2", "h3", "h4") and label_of(block.text) not in KEY_LABELS


def _from_headings(page: Page, body: Sequence[Block], level: str) -> DraftBlog:
    parts: list[list[Block]] = [[]]
    for block in body:
        if block.tag == level and _is_update_heading(block):
            parts.append([])
        parts[-1].append(block)
    updates = [_update(part, Box(level, 0)) for part in parts[1:]]
    kept = [u for u in updates if u.headline is None or u.paragraphs or has_headline_form(u.headline.text)]
    return DraftBlog(opening=_opening(page, parts[0]), updates=kept)


def _opening(page: Page, blocks: Sequence[Block]) -> DraftUpdate:
    title = _page_title(page)
    kept = [block for block in blocks if block.text != title]
    return DraftUpdate(
        headline=DraftParagraph(title, "title") if title else None,
        paragraphs=[_of_opening(block) for block in kept],
        authors=tuple(name for block in kept if block.is_byline for name in _authors(block)),
    )


def _of_opening(block: Block) -> DraftParagraph:
    """Make a paragraph of the opening: points stand in lists, a heading or a time is no text of its own."""
    paragraph = _draft(block)
    if paragraph.kind != "text":
        return paragraph
    if block.in_list:
        return replace(paragraph, kind="key_point")
    is_heading = block.tag in HEADINGS and has_headline_form(block.text)
    is_label = label_of(block.text) in LABELS | KEY_LABELS
    return replace(paragraph, kind="pointer") if is_heading or is_label or block.tag == "time" else paragraph


def _page_title(page: Page) -> str:
    heading = next((block.text for block in page.blocks if block.tag == "h1"), "")
    return heading or page.metadata.get("og:title", "") or page.title


def _update(blocks: Sequence[Block], box: Box) -> DraftUpdate:
    """Make an update of its blocks: the headline is the first heading above its prose."""
    update = DraftUpdate(
        key=box.key or box.properties.get("url", ""),
        published=parse_time(box.properties.get("datePublished")),
        modified=parse_time(box.properties.get("dateModified")),
        url=box.properties.get("url"),
        key_event=box.is_key_event,
    )
    authors: list[str] = []
    has_prose = False
    for block in blocks:
        is_heading = block.tag in HEADINGS or block.itemprop == "headline"
        time = parse_time_line(block.text, None)
        if time is not None and time.is_edit:
            update.modified = update.modified or time.moment
        elif time is not None or block.tag == "time":
            # The element's datetime is exact, its text says the same for people.
            update.published = update.published or (time.moment if time else None)
        elif is_heading and not has_prose and update.headline is None:
            update.headline = DraftParagraph(block.text, "headline")
        else:
            paragraph = _draft(block)
            update.paragraphs.append(paragraph)
            has_prose = has_prose or paragraph.kind == "text"
            authors.extend(_authors(block) if paragraph.kind == "byline" else ())
    update.authors = tuple(dict.fromkeys(authors))
    return update


def _draft(block: Block) -> DraftParagraph:
    return replace(draft(block.text), kind="byline") if block.is_byline else draft(block.text)


def _authors(block: Block) -> tuple[str, ...]:
    is_short = block.is_byline and len(block.text) < MAX_AUTHOR_CHARS
    return authors_of(block.text) if is_short else names_in(block.text)


def _with_metadata(blog: DraftBlog, page: Page) -> DraftBlog:
    """Fill what the blog does not say itself from the page's head and its outer microdata."""
    data = {**page.boxes[0].properties, **page.metadata}
    canonical = data.get("canonical") or data.get("og:url")
    blog.url = blog.url or canonical
    blog.language = blog.language or data.get("lang") or data.get("og:locale")
    blog.published = blog.published or parse_time(data.get("article:published_time", data.get("datePublished")))
    blog.modified = blog.modified or parse_time(data.get("article:modified_time", data.get("dateModified")))
    for update in blog.updates:
        if update.url:
            update.url = _absolute(update.url, blog.url)
    if blog.opening.headline is None and (title := _page_title(page)):
        # A source that is there already has the title as one of its lines, perhaps below others.
        start = None if blog.source is None else blog.source.find(title)
        if start != -1:
            blog.opening.headline = DraftParagraph(title, "title", start)
    return blog


def _absolute(url: str, base: str | None) -> str:
    try:
        return urljoin(base or "", url)
    except ValueError:
        return url
