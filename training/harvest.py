"""From the files of a public repository to the lines that ``sources`` reads: one small function per source.

``wanted`` are the annotations of the source: document -> sha256 of a text -> its references.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Any

Wanted = Mapping[str, Mapping[str, tuple[str, ...]]]

_LEAST_CHARS = 40  # of a paragraph of an article: shorter ones are bylines and cross-headings
_CREDIT = re.compile(r"\s*\([^()]*\)$")  # "(BBC News)" behind a sentence of the news portal


def blog_lines(path: str, content: bytes, _: Wanted) -> Iterator[str]:
    """A live blog: its JSON on one line."""
    if path.endswith(".json"):
        yield json.dumps(json.loads(content), ensure_ascii=False, separators=(",", ":"))


def article_lines(path: str, content: bytes, _: Wanted) -> Iterator[str]:
    """An article: its paragraphs, without the shortest."""
    paragraphs = [" ".join(p.split()) for p in re.split(r"\n\s*\n", content.decode())]
    paragraphs = [p for p in paragraphs if len(p) >= _LEAST_CHARS]
    if path.endswith(".txt") and paragraphs:
        yield json.dumps({"ref": PurePosixPath(path).name, "paragraphs": paragraphs}, ensure_ascii=False)


def event_lines(path: str, content: bytes, wanted: Wanted) -> Iterator[str]:
    """The annotated sentences of one day of the news portal, found by their sha256 under the day of the file."""
    day = PurePosixPath(path).stem
    if day not in wanted or not path.endswith(".yaml"):
        return
    import yaml  # type: ignore[import-untyped]  # only here, and not needed to train

    refs = wanted[day]
    for leaf in _leaves(yaml.safe_load(content)):
        for text in _without_credits(leaf):
            for ref in refs.get(hashlib.sha256(text.encode()).hexdigest(), ()):
                yield json.dumps({"ref": ref, "date": day, "text": text}, ensure_ascii=False)


def headline_lines(versions: Iterable[tuple[int, str]]) -> Iterator[str]:
    """Every headline of a file's history once, numbered in the order in which they appeared.

    ``versions`` are the seconds since 1970 and the text of each version, oldest first.
    """
    seen: set[str] = set()
    for seconds, text in versions:
        for headline in (line.strip() for line in text.split("\n")):
            if headline and headline not in seen:
                first_seen = datetime.fromtimestamp(seconds, UTC).isoformat()
                yield json.dumps({"ref": len(seen), "first_seen": first_seen, "text": headline}, ensure_ascii=False)
                seen.add(headline)


LINES: Mapping[str, Callable[[str, bytes, Wanted], Iterator[str]]] = {
    "guardian": blog_lines,
    "bbc": blog_lines,
    "gdelt": article_lines,
    "wiki": event_lines,
}
"""What a file of the repository's archive becomes; ``cnn`` is made from a history instead."""


def _leaves(node: Any) -> Iterator[str]:
    """All strings in nested tables and lists, white space made plain."""
    if isinstance(node, str):
        yield " ".join(node.split())
    elif isinstance(node, Mapping):
        for value in node.values():
            yield from _leaves(value)
    elif isinstance(node, list):
        for value in node:
            yield from _leaves(value)


def _without_credits(text: str) -> Iterator[str]:
    """The text as it is, without its last credit, without its last two, and so on."""
    yield text
    while (shorter := _CREDIT.sub("", text)) != text:
        text = shorter
        yield text
