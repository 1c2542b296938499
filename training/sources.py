"""Annotations by reference: the labels are ours, the texts are fetched from where they were published.

A row of ``training/annotations`` names ``source``, ``document`` and ``ref``, and the sha256 of the text that
was read. Here the texts are looked up in the data folder and checked against it.
"""

import gzip
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from standfirst.errors import DataError

Key = tuple[str, str, str]
Found = tuple[str, str]

_CONTEXT_CHARS = 200
_KEYS = ("source", "document", "ref", "sha256")


def resolve(rows: Iterable[tuple[str, Mapping[str, Any]]], data_dir: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Give every row its ``text`` and ``context``; rows come and go with their place, ``file:line``.

    Raises
    ------
    DataError
        If a key is missing, a source is unknown, a text is not where its reference says, or its sha256
        differs.
    """
    rows = list(rows)
    wanted: dict[str, set[tuple[str, str]]] = {}
    for place, row in rows:
        _check(row, place)
        wanted.setdefault(row["source"], set()).add((row["document"], row["ref"]))
    texts: dict[Key, Found] = {}
    for source, refs in sorted(wanted.items()):
        for document, ref, context, text in _READERS[source](data_dir):
            if (document, ref) in refs:
                texts[(source, document, ref)] = (context, text)
    for place, row in rows:
        found = texts.get((row["source"], row["document"], row["ref"]))
        if found is None:
            raise DataError(f"no text at {row['source']} {row['document']} {row['ref']}", where=place)
        context, text = found
        if text_sha256(text) != row["sha256"]:
            raise DataError("the text differs from the one that was annotated (sha256)", where=place)
        yield place, {**row, "context": context, "text": text}


def _check(row: Mapping[str, Any], place: str) -> None:
    for key in _KEYS:
        if key not in row:
            raise DataError(f"no key {key!r}; an annotation by reference needs {', '.join(_KEYS)}", where=place)
    if row["source"] not in _READERS:
        raise DataError(f"unknown source {row['source']!r}; expected {', '.join(_READERS)}", where=place)


def text_sha256(text: str) -> str:
    """The sha256 of a text in UTF-8, by which annotations know it."""
    return hashlib.sha256(text.encode()).hexdigest()


def _live_blogs(data_dir: Path, source: str) -> Iterator[tuple[str, str, str, str]]:
    """Sentences of a live blog's updates, under "blog title > headline"."""
    path = data_dir / "liveblogs" / f"{source}_train.jsonl.gz"
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            blog = json.loads(line)
            title = blog["title"].split("|")[0].replace(" - BBC News", "").strip()
            for update in blog["documents"]:
                headline = (update.get("title") or "").strip()
                context = f"{title} > {headline}" if headline else title
                for number, sentence in enumerate(update["text"]):
                    yield blog["blog_id"], f"{update['block_id']}:{number}", context, sentence


def _headlines(data_dir: Path) -> Iterator[tuple[str, str, str, str]]:
    for row in _lines(data_dir / "topics" / "pool" / "cnn_headlines.jsonl"):
        day = row["first_seen"][:10]
        yield day, str(row["ref"]), f"Russia's war in Ukraine, live updates {day}", row["text"]


def _world_news(data_dir: Path) -> Iterator[tuple[str, str, str, str]]:
    for row in _lines(data_dir / "topics" / "pool" / "current_events.jsonl"):
        yield row["date"], row["ref"], f"World news in brief, {row['date']}", row["text"]


def _articles(data_dir: Path) -> Iterator[tuple[str, str, str, str]]:
    for row in _lines(data_dir / "topics" / "pool" / "ukraine_articles.jsonl"):
        first = row["paragraphs"][0][:_CONTEXT_CHARS]
        for number, text in enumerate(row["paragraphs"]):
            yield row["ref"], str(number), first if number else "", text


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


_READERS = {
    "guardian": lambda folder: _live_blogs(folder, "guardian"),
    "bbc": lambda folder: _live_blogs(folder, "bbc"),
    "cnn": _headlines,
    "wiki": _world_news,
    "gdelt": _articles,
}
