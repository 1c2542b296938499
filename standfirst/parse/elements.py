"""What an HTML element is for: ending a block, holding no story, holding an update, naming an author."""

import re
from collections.abc import Mapping

from standfirst.parse import moments
from standfirst.parse.pointers import phrases

Attributes = Mapping[str, str]

BREAKS = phrases(
    """address|article|blockquote|body|br|center|dd|details|dialog|div|dl|dt|figure|h1|h2|h3|h4|h5|h6|head
    header|hr|li|main|ol|p|pre|section|summary|table|tbody|thead|title|tr|ul"""
)
"""Elements that end the block above them. What a ``time`` does is told in ``moments``."""

HEADINGS = phrases("h1|h2|h3|h4|h5|h6")

CELLS = phrases("td|th")
"""Elements that part words and end no block: a row is one."""

STRUCTURE = phrases("article|section|main|li|script|title|body")
"""Elements that mean something without any attribute."""

MAX_CLASS_CHARS = 500

_DROPPED = phrases(
    """audio|aside|button|canvas|datalist|del|figcaption|footer|iframe|input|map|math|menu|nav|noscript|object
    select|svg|style|template|textarea|video"""
)
"""``del`` among them: what was struck out is not said any more."""

_NEVER_DROPPED = phrases("html|head|body|main|article")
_CONTAINERS = phrases("article|section|div|li")
_SECTIONS = phrases("article|section")
_KEYS = ("itemid", "data-block-id", "data-post-id", "data-id", "id")
_BOX_CLASS = re.compile(
    r"(?:^|[\s_-])(?:block|post|entry|update|live-?blog|live-?post|key-?event|timeline-?item|card|story|item)"
    r"(?:$|[\s_-])",
    re.IGNORECASE,
)
_PARTS = (
    r"(?:articles?|banner|bar|blocks?|box|btn|buttons?|cards?|consent|container|content|count|coverage|cta|embed|follow"
    r"|footer|form|header|holder|icons?|inner|inline|items?|label|links?|list|media|menu|message|modal|module|nav|news"
    r"|notice|options|overlay|panel|placeholder|policy|pop-?up|posts?|reading|section|settings|sharing|sidebar|sign-?up"
    r"|slot|stories|story|strip|tags?|teasers?|this|tool(?:bar|s)?|topics?|unit|wall|widget|wrap(?:per)?)"
    r"(?:[_-][\w-]*)?"
)
"""What pages call the parts of their furniture. Of "social-care" or "share-price" the second word is none of these."""
_FURNITURE = re.compile(
    rf"(?:^|\s)(?:ads?|advert\w*|ads?[_-]{{1,2}}{_PARTS}"
    rf"|(?:promo(?:tion)?|related|newsletters?|socials?|shar(?:e|ing)|cookies?|consent)(?:[_-]{{0,2}}{_PARTS})?"
    r"|sharedaddy|comments?|sidebar|breadcrumbs?|navigation|navbar|footer|site-header|liveblog-command"
    r"|most-(?:read|viewed))(?:$|(?=\s))",
    re.IGNORECASE,
)
_HIDDEN = re.compile(
    r"(?:^|\s)(?:hidden|sr-only|visually-hidden|screen-reader-text|skip-link)(?:$|(?=\s))", re.IGNORECASE
)
_DIGITS = re.compile(r"\d+")
_BYLINE_CLASS = re.compile(r"(?:^|[\s_-])(?:byline|author|contributor)s?(?:$|[\s_-])", re.IGNORECASE)
_KEY_EVENT_CLASS = re.compile(r"key-?event\b", re.IGNORECASE)
_EDIT = re.compile(r"modified|modification|updated|edited|last[_-]?(?:update|edit)", re.IGNORECASE)
"""Words of an edit; "update" alone is what a post of a live blog is called."""
_POSTING = re.compile(r"(?:Posting|Article)\b")


def is_dropped(tag: str, attributes: Attributes, parent: str) -> bool:
    """Tell if an element, with all in it, is no part of the story."""
    if tag in _NEVER_DROPPED:
        return False
    if tag == "form":  # some servers wrap the whole page in one form
        return parent != "body"
    if tag in _DROPPED or not attributes:
        return tag in _DROPPED
    is_hidden = "hidden" in attributes or attributes.get("aria-hidden") == "true"
    return is_hidden or _HIDDEN.search(classes_of(attributes)) is not None


def is_furniture(tag: str, attributes: Attributes) -> bool:
    """Tell if an element's class says that it is no part of the story: an advertisement, a row of buttons."""
    return tag not in _NEVER_DROPPED and _FURNITURE.search(classes_of(attributes)) is not None


def is_update(attributes: Attributes) -> bool:
    """Tell if microdata call an element an update."""
    return "liveBlogUpdate" in attributes.get("itemprop", "").split()


def is_posting(attributes: Attributes) -> bool:
    """Tell if microdata call an element a post or an article of any kind."""
    return _POSTING.search(attributes.get("itemtype", "")) is not None


def is_box(tag: str, attributes: Attributes) -> bool:
    """Tell if an element may hold an update."""
    if tag in _SECTIONS or is_update(attributes):
        return True
    return tag in _CONTAINERS and _BOX_CLASS.search(classes_of(attributes)) is not None


def is_section(tag: str) -> bool:
    """Tell if an element starts a part of its own, so that a list around it does not reach in."""
    return tag in _SECTIONS


def is_byline(attributes: Attributes) -> bool:
    """Tell if an element holds the name of an author."""
    if attributes.get("itemprop") in ("author", "creator") or attributes.get("rel") == "author":
        return True
    return _BYLINE_CLASS.search(classes_of(attributes)) is not None


def is_key_event(attributes: Attributes) -> bool:
    """Tell if an update is marked as one of the day's main ones."""
    return _KEY_EVENT_CLASS.search(classes_of(attributes)) is not None


def time_property(attributes: Attributes, itemprop: str, before: str = "") -> str:
    """Return which of schema.org's properties a ``<time>`` states; ``before`` are the words in front of it."""
    is_edit = _EDIT.search(f"{itemprop} {classes_of(attributes)}") is not None or moments.is_edit(before)
    return "dateModified" if is_edit else "datePublished"


def look_of(tag: str, attributes: Attributes) -> str:
    """Return the tag and the first class that counts nothing: what updates of one page have in common.

    >>> look_of("article", {"class": "post-17 post"}), look_of("li", {"class": "update-17"})
    ('article.post', 'li.update-')
    """
    classes = classes_of(attributes).split()
    plain = next((name for name in classes if not _DIGITS.search(name)), classes[0] if classes else "")
    return f"{tag}.{_DIGITS.sub('', plain)}"


def key_of(attributes: Attributes) -> str:
    """Return the id a page gives an element, or ""."""
    return next((attributes[name] for name in _KEYS if attributes.get(name)), "")


def classes_of(attributes: Attributes) -> str:
    """Return the class attribute, cut where no real one reaches."""
    return attributes.get("class", "")[:MAX_CLASS_CHARS]
