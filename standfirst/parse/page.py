"""What is left of an HTML page: blocks and boxes.

A *block* is a run of text between two block-level tags. A *box* is an element that may hold an update: an article, a
section, or a container whose class or microdata says so.
"""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Box:
    """An element that may hold an update.

    ``look`` is its tag and first class, ``classes`` all of them; ``parent`` the index of the box around it;
    ``is_update`` says that its microdata calls it one. ``properties`` holds its microdata and times under
    schema.org's names.
    """

    look: str
    parent: int
    is_update: bool = False
    is_key_event: bool = False
    key: str = ""
    properties: dict[str, str] = field(default_factory=dict)
    classes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Block:
    """A run of text. ``tag`` is the innermost block-level tag, ``box`` the index of its box."""

    text: str
    tag: str
    box: int
    in_list: bool = False
    in_main: bool = False
    is_byline: bool = False
    itemprop: str = ""


@dataclass(slots=True)
class Page:
    """What is left of a page: blocks, boxes (the first is the page), JSON-LD scripts, and the head.

    ``n_furniture`` counts the elements with text that were left out for their class.
    """

    blocks: list[Block] = field(default_factory=list)
    boxes: list[Box] = field(default_factory=lambda: [Box("page", 0)])
    scripts: list[str] = field(default_factory=list)
    title: str = ""
    n_furniture: int = 0
    metadata: dict[str, str] = field(default_factory=dict)
