"""The addresses under which other systems know a blog and its updates.

Where the document gave them, they are the document's own, so that what comes back can be put in its place; and
where it gave none they are made of our ids, which stay when the blog grows.
"""

import re
from collections import Counter

from standfirst.schema import LiveBlog, Update

_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+")


def uri_of_blog(blog: LiveBlog) -> str:
    """Return the blog's URI."""
    return next((uri for uri in (blog.source_id, blog.url) if is_uri(uri)), None) or f"urn:x-standfirst:{blog.id}"


def uris_of_updates(blog: LiveBlog) -> list[str]:
    """Return a URI for each update, no two of them alike."""
    found = [_own(update) for update in blog.updates]
    counts = Counter(found) + Counter([uri_of_blog(blog), blog.url])
    return [
        uri if uri is not None and counts[uri] == 1 else f"urn:x-standfirst:{blog.id}:{update.id}"
        for uri, update in zip(found, blog.updates, strict=True)
    ]


def is_uri(value: str | None) -> bool:
    """Tell if a value is a URI with its scheme, as ninjs wants it."""
    return value is not None and _URI.fullmatch(value) is not None


def _own(update: Update) -> str | None:
    return next((uri for uri in (update.source_id, update.url) if is_uri(uri)), None)
