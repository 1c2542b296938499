"""HTML to a flat list of blocks, in one pass and without a tree.

libxml2 is used as a tokenizer that feeds :class:`_Flattener`: time and memory stay linear in the page,
whatever its nesting, and nothing is fetched or expanded. What comes out is told in ``page``.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from lxml import etree

from standfirst.errors import InvalidDocument
from standfirst.parse import elements, moments
from standfirst.parse.build import refuse_too_many
from standfirst.parse.page import Block, Box, Page

MAX_DEPTH = 2000
"""Real pages stay below 100; deeper ones are made to break readers."""

FEED_CHARS = 64 * 1024

_STRUCK_OUT = re.compile(r"<(/?)(?:s|strike)(?=[\s/>])", re.IGNORECASE)


def flatten(html: str) -> Page:
    """Read a page or a fragment; white space in blocks is collapsed.

    Raises
    ------
    InvalidDocument
        If elements are nested deeper than ``MAX_DEPTH``.
    """
    # libxml2 closes <s> where a paragraph begins, and would hand out the rest of what was struck out.
    html = _STRUCK_OUT.sub(r"<\1del", html)
    flattener = _Flattener()
    # Without huge_tree libxml2 reads each comment twice once one is longer than 10 MB: quadratic time.
    parser = etree.HTMLParser(target=flattener, encoding="utf-8", huge_tree=True)
    try:
        for start in range(0, len(html), FEED_CHARS):
            parser.feed(html[start : start + FEED_CHARS].encode("utf-8", "replace"))
        parser.close()
    except etree.XMLSyntaxError:
        # An "empty document": no tag and no text came. What was read up to here stands.
        flattener.close()
    return flattener.page


def paragraphs(html: str) -> list[str]:
    """Return the text of an HTML fragment, split at block-level tags.

    >>> paragraphs("<p>One <b>line</b>.</p>Two<br>Three")
    ['One line.', 'Two', 'Three']
    """
    return [block.text for block in flatten(html).blocks]


@dataclass(slots=True)
class _Element:
    """An open element and what its content inherits from it.

    ``has_item`` says that the microdata item of its box is open, ``is_inner`` that another one is, inside of that:
    what it says of a publisher or a picture it does not say of the update.
    """

    tag: str = ""
    box: int = 0
    block_tag: str = "body"
    in_list: bool = False
    in_main: bool = False
    is_byline: bool = False
    itemprop: str = ""
    has_item: bool = False
    is_inner: bool = False


@dataclass(slots=True)
class _Time:
    """A ``<time>`` of the block that is being read: the places of its text, and its attributes."""

    start: int
    end: int | None
    element: _Element
    attributes: Mapping[str, str]


class _Flattener:
    """The parser's target: keeps the open elements on a stack and writes a block wherever one ends."""

    def __init__(self) -> None:
        self.page = Page()
        self._stack = [_Element()]
        self._pieces: list[tuple[str, _Element]] = []  # the block's text and where it stood, inline elements included
        self._times: list[_Time] = []  # in the block
        self._n_dropped = 0  # open elements inside a dropped one, itself included
        self._in_furniture = False  # inside one that was dropped for its class, before its text
        self._raw: list[str] | None = None  # the text of an open <script> or <title>

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """Open an element."""
        if len(self._stack) + self._n_dropped > MAX_DEPTH:
            raise InvalidDocument(
                f"The page nests its elements deeper than {MAX_DEPTH} where real pages stay below 100. "
                "Send the text of the page instead."
            )
        if self._n_dropped or elements.is_dropped(tag, attributes, self._stack[-1].tag):
            self._n_dropped += 1
            return
        if attributes and elements.is_furniture(tag, attributes):
            self._n_dropped, self._in_furniture = 1, True
            return
        if tag in ("script", "title"):
            is_wanted = tag == "title" or "ld+json" in attributes.get("type", "")
            self._raw = [] if is_wanted else None
        self._part(tag)
        if not attributes and tag not in elements.STRUCTURE:
            self._stack.append(self._open_plain(tag))
        else:
            self._stack.append(self._open(tag, attributes))
            self._take_metadata(tag, attributes)
        if tag == "time" and (not self._times or self._times[-1].end is not None):
            self._times.append(_Time(len(self._pieces), None, self._stack[-1], self._own(attributes)))

    def end(self, tag: str) -> None:
        """Close an element."""
        if self._n_dropped:
            self._n_dropped -= 1
            self._in_furniture = self._in_furniture and self._n_dropped > 0
            return
        if tag in ("script", "title"):
            self._close_raw(tag)
        if tag != "br":  # which has parted what it parts already
            self._part(tag)
        if tag == "time" and self._times and self._times[-1].end is None:
            self._times[-1].end = len(self._pieces)
        if len(self._stack) > 1:
            self._stack.pop()

    def data(self, data: str) -> None:
        """Take text."""
        if self._raw is not None:
            self._raw.append(data)
        elif self._in_furniture and not data.isspace():
            self.page.n_furniture += 1
            self._in_furniture = False
        elif not self._n_dropped and self._stack[-1].tag not in ("script", "title"):
            self._pieces.append((data, self._stack[-1]))

    def comment(self, data: str) -> None:
        """Skip a comment."""

    def pi(self, target: str, data: str | None = None) -> None:
        """Skip a processing instruction."""

    def close(self) -> Page:
        """Write the last block."""
        self._flush()
        return self.page

    def _part(self, tag: str) -> None:
        """Part what stands before a tag from what follows: by a space or the end of the block, or not at all."""
        above = self._stack[-1]
        if tag in elements.CELLS or (tag == "br" and above.block_tag in elements.HEADINGS):
            self._pieces.append((" ", above))
        elif tag in elements.BREAKS:
            self._flush()

    def _flush(self) -> None:
        pieces, times = self._pieces, self._times
        self._pieces, self._times = [], []
        apart = list(_times_apart(pieces, times))
        for time, before in apart:
            self._date(time, before)
        if apart and moments.is_time_line(_text(pieces)):
            self._write(pieces, "time")
            return
        n_written = 0
        for time, before in apart:
            if not moments.is_stamp(before):
                self._write(pieces[n_written : time.start])
                n_written = time.start
            self._write(pieces[n_written : time.end], "time")
            n_written = len(pieces) if time.end is None else time.end
        self._write(pieces[n_written:])

    def _write(self, pieces: Sequence[tuple[str, _Element]], tag: str = "") -> None:
        """Write a block of the tag around it, or of one of its own."""
        text = " ".join(_text(pieces).split())
        if text:
            refuse_too_many(len(self.page.blocks))
            contexts = [context for piece, context in pieces if not piece.isspace()]
            top = contexts[0]
            is_byline = all(context.is_byline for context in contexts)
            self.page.blocks.append(
                Block(text, tag or top.block_tag, top.box, top.in_list, top.in_main, is_byline, top.itemprop)
            )

    def _date(self, time: _Time, before: str) -> None:
        """Give a box the time that dates it."""
        if value := time.attributes.get("datetime"):
            name = elements.time_property(time.attributes, time.element.itemprop, before)
            self.page.boxes[time.element.box].properties.setdefault(name, value)

    def _close_raw(self, tag: str) -> None:
        raw = "".join(self._raw or ())
        if tag == "script" and raw.strip():
            self.page.scripts.append(raw)
        elif tag == "title" and not self.page.title:
            self.page.title = " ".join(raw.split())
        self._raw = None

    def _open_plain(self, tag: str) -> _Element:
        """Open an element that adds nothing but its tag; most of a page's are."""
        above = self._stack[-1]
        if tag not in elements.BREAKS:
            return above
        return _Element(
            tag,
            above.box,
            tag,
            above.in_list,
            above.in_main,
            above.is_byline,
            above.itemprop,
            above.has_item,
            above.is_inner,
        )

    def _open(self, tag: str, attributes: Mapping[str, str]) -> _Element:
        above = self._stack[-1]
        is_box = elements.is_box(tag, attributes)
        box = self._open_box(tag, attributes) if is_box else above.box
        has_item, is_inner = above.has_item and not is_box, above.is_inner and not is_box
        itemprop = "" if is_inner else attributes.get("itemprop", "")
        if box and "itemscope" in attributes:  # the page's item may stand in any element
            if is_box or (not has_item and elements.is_posting(attributes)):
                has_item = True
            else:
                is_inner = True
        return _Element(
            tag=tag,
            box=box,
            block_tag=tag if tag in elements.BREAKS else above.block_tag,
            in_list=tag == "li" or (above.in_list and not elements.is_section(tag)),
            in_main=above.in_main or tag in ("main", "article") or "articleBody" in attributes.get("itemprop", ""),
            is_byline=above.is_byline or elements.is_byline(attributes),
            itemprop=itemprop or above.itemprop,
            has_item=has_item,
            is_inner=is_inner,
        )

    def _open_box(self, tag: str, attributes: Mapping[str, str]) -> int:
        """Add a box and return its index."""
        self.page.boxes.append(
            Box(
                look=elements.look_of(tag, attributes),
                parent=self._stack[-1].box,
                is_update=elements.is_update(attributes),
                is_key_event=elements.is_key_event(attributes),
                key=elements.key_of(attributes),
                classes=frozenset(elements.classes_of(attributes).split()),
            )
        )
        return len(self.page.boxes) - 1

    def _own(self, attributes: Mapping[str, str]) -> Mapping[str, str]:
        """Return the attributes of the open element, or none if it is a property of another item inside the box's."""
        above, element = self._stack[-2:]
        is_others = attributes.get("itemprop") and above.is_inner and above.box == element.box
        return {} if is_others else attributes

    def _take_metadata(self, tag: str, attributes: Mapping[str, str]) -> None:
        """Note what the attributes of an open element say about its box or the page."""
        if attributes and not self._own(attributes):
            return
        metadata, element = self.page.metadata, self._stack[-1]
        name = attributes.get("itemprop", "")
        box = self.page.boxes[element.box]
        content = attributes.get("content", "")
        if tag == "html" and attributes.get("lang"):
            metadata["lang"] = attributes["lang"]
        elif tag == "link" and attributes.get("rel") == "canonical":
            metadata.setdefault("canonical", attributes.get("href", ""))
        elif tag == "meta" and content:
            metadata.setdefault(attributes.get("property", attributes.get("name", "")), content)
        value = content or attributes.get("datetime") or attributes.get("href") or ""
        if name and value and not element.is_byline:
            box.properties.setdefault(name, value)


def _times_apart(pieces: Sequence[tuple[str, _Element]], times: Sequence[_Time]) -> Iterator[tuple[_Time, str]]:
    """Yield the times of a block that are no words of a sentence, each with the words between it and the one before."""
    if not times:
        return
    parts, start = [], 0
    for time in times:
        end = len(pieces) if time.end is None else time.end
        parts += [_text(pieces[start : time.start]), _text(pieces[time.start : end])]
        start = end
    parts.append(_text(pieces[start:]))
    words = moments.in_sentence(parts, in_heading=times[0].element.block_tag in elements.HEADINGS)
    for time, before, is_word in zip(times, parts[:-1:2], words, strict=True):
        if not is_word or time.attributes.get("itemprop"):
            yield time, before


def _text(pieces: Sequence[tuple[str, _Element]]) -> str:
    return "".join(piece for piece, _ in pieces)
