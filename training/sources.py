"""Annotations by reference: the labels are ours, the texts are fetched from where they were published.

A row of ``training/annotations`` names ``source``, ``document`` and ``ref``, and the sha256 of the text that
was read. Here the texts are looked up in the data folder and checked against it. ``form`` says how a text was
shown to its annotator: as published (the default), or ``joined``, with its tokens joined to plain prose. A ``ref`` of
several sentences of an update, "block-51f:2-4", is a paragraph of them.
"""

import gzip
import hashlib
import json
import re
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from standfirst.errors import DataError

FORMS = ("published", "joined")

_CONTEXT_CHARS = {"published": 200, "joined": 160}
_SPAN = re.compile(r"(.+):(\d{1,5})-(\d{1,5})")
_KEYS = ("source", "document", "ref", "sha256")
_FETCH = "python -m training fetch --to DIR"
# What the makers of the live-blog collection did to its texts, undone; checked on 670 texts and their contexts
# whose plain form had been written down before (2026-11-23).
_JOINTS = (
    (re.compile(r"``\s*"), '"'),
    (re.compile(r"\s*''"), '"'),
    (re.compile(r" (n't|'s|'re|'ve|'ll|'d|'m)\b"), r"\1"),
    (re.compile(r" ([.,:;?!%)\]])"), r"\1"),
    (re.compile(r"([(\[$£]) "), r"\1"),
)


@dataclass(frozen=True, slots=True)
class Passage:
    """A text where it was published, and what stands over it."""

    document: str
    ref: str
    context: str
    text: str


def resolve(rows: Iterable[tuple[str, Mapping[str, Any]]], data_dir: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Give every row its ``text`` and ``context``; rows come and go with their place, ``file:line``.

    Raises
    ------
    DataError
        If a key is missing, a source or form is unknown, a file of the data folder is missing, a text is not
        where its reference says, or its sha256 differs.
    """
    rows = list(rows)
    wanted: dict[tuple[str, str], set[tuple[str, str]]] = {}
    for place, row in rows:
        _check(row, place)
        wanted.setdefault((row["source"], form_of(row)), set()).add((row["document"], row["ref"]))
    found = {key: passages(*key, refs, data_dir) for key, refs in sorted(wanted.items())}
    for place, row in rows:
        passage = found[row["source"], form_of(row)].get((row["document"], row["ref"]))
        if passage is None:
            raise DataError(f"no text at {row['source']} {row['document']} {row['ref']}", where=place)
        if text_sha256(passage.text) != row["sha256"]:
            raise DataError("the text differs from the one that was annotated (sha256)", where=place)
        yield place, {**row, "context": passage.context, "text": passage.text}


def passages(source: str, form: str, refs: Set[tuple[str, str]], data_dir: Path) -> dict[tuple[str, str], Passage]:
    """The passages at these (document, ref), as far as they are there; reading stops at the last one."""
    parts = {(document, ref): [(document, part) for part in _sentences(ref)] for document, ref in refs}
    wanted = {part for several in parts.values() for part in several}
    found: dict[tuple[str, str], Passage] = {}
    for passage in READERS[source](data_dir, form, {document for document, _ in refs}):
        key = (passage.document, passage.ref)
        if key in wanted:
            found[key] = passage
            if len(found) == len(wanted):
                break
    return {
        (document, ref): Passage(document, ref, found[several[0]].context, " ".join(found[k].text for k in several))
        for (document, ref), several in parts.items()
        if several and all(k in found for k in several)
    }


def _sentences(ref: str) -> list[str]:
    """The references of each sentence that a reference spans; of any other, itself.

    >>> _sentences("block-51f:2-4"), _sentences("block-51f:7")
    (['block-51f:2', 'block-51f:3', 'block-51f:4'], ['block-51f:7'])
    """
    span = _SPAN.fullmatch(ref)
    return [f"{span[1]}:{n}" for n in range(int(span[2]), int(span[3]) + 1)] if span else [ref]


def place_of(ref: str) -> tuple[str, int] | None:
    """The update and the number, from 0, of the one sentence that a reference points at; of any other, nothing.

    >>> place_of("block-51f:7"), place_of("block-51f:2-4")
    (('block-51f', 7), None)
    """
    update, _, number = ref.rpartition(":")
    return (update, int(number)) if update and number.isdecimal() else None


def form_of(row: Mapping[str, Any]) -> str:
    """How the text of an annotation was shown."""
    return str(row.get("form", FORMS[0]))


def _check(row: Mapping[str, Any], place: str) -> None:
    for key in _KEYS:
        if key not in row:
            raise DataError(f"no key {key!r}; an annotation by reference needs {', '.join(_KEYS)}", where=place)
    if row["source"] not in READERS:
        raise DataError(f"unknown source {row['source']!r}; expected {', '.join(READERS)}", where=place)
    if form_of(row) not in FORMS:
        raise DataError(f"unknown form {row['form']!r}; expected {' or '.join(FORMS)}", where=place)


def text_sha256(text: str) -> str:
    """The sha256 of a text in UTF-8, by which annotations know it."""
    return hashlib.sha256(text.encode()).hexdigest()


def joined(text: str) -> str:
    """Tokens joined to plain prose.

    >>> joined("`` it costs £ 5 , '' he said .")
    '"it costs £5," he said.'
    """
    for pattern, joint in _JOINTS:
        text = pattern.sub(joint, text)
    return " ".join(text.split())


def _spaced(text: str, form: str) -> str:
    """In the joined form plain single spaces, as published the text itself."""
    return " ".join(text.split()) if form == "joined" else text


def _live_blogs(data_dir: Path, source: str, form: str, documents: Set[str]) -> Iterator[Passage]:
    """Sentences of a live blog's updates, under "blog title > headline"."""
    tidy = joined if form == "joined" else str
    for blog in _blogs(data_dir, source, documents):
        title = blog["title"].split("|")[0].replace(" - BBC News", "").strip()
        if form == "joined":  # no title was published with other characters: they are a wrong decoding's remains
            title = re.sub(r"[^\x00-\x7f]+", "", title)
        for update in blog["documents"]:
            headline = (update.get("title") or "").strip()
            context = tidy(f"{title} > {headline}" if headline else title)
            for number, sentence in enumerate(update["text"]):
                yield Passage(blog["blog_id"], f"{update['block_id']}:{number}", context, tidy(sentence))


def _blogs(data_dir: Path, source: str, documents: Set[str]) -> Iterator[dict[str, Any]]:
    """The blogs with these ids; the others are not even parsed."""
    folder = data_dir / "liveblogs"
    paths = [p for split in ("train", "valid", "test") if (p := folder / f"{source}_{split}.jsonl.gz").is_file()]
    if not paths:
        raise DataError(f"there is no {source}_train.jsonl.gz; bring it with: {_FETCH}", where=str(folder))
    for path in paths:
        yield from _rows(path, documents)


def _headlines(data_dir: Path, form: str, _: Set[str]) -> Iterator[Passage]:
    for row in _rows(data_dir / "topics" / "pool" / "cnn_headlines.jsonl"):
        day = row["first_seen"][:10]
        context = f"Russia's war in Ukraine, live updates {day}"
        yield Passage(day, str(row["ref"]), context, _spaced(row["text"], form))


def _world_news(data_dir: Path, form: str, _: Set[str]) -> Iterator[Passage]:
    for row in _rows(data_dir / "topics" / "pool" / "current_events.jsonl"):
        context = f"World news in brief, {row['date']}"
        yield Passage(row["date"], row["ref"], context, _spaced(row["text"], form))


def _articles(data_dir: Path, form: str, _: Set[str]) -> Iterator[Passage]:
    for row in _rows(data_dir / "topics" / "pool" / "ukraine_articles.jsonl"):
        first = _spaced(row["paragraphs"][0], form)[: _CONTEXT_CHARS[form]]
        for number, text in enumerate(row["paragraphs"]):
            yield Passage(row["ref"], str(number), first if number else "", _spaced(text, form))


def _rows(path: Path, blogs: Set[str] | None = None) -> Iterator[dict[str, Any]]:
    """The objects of a JSONL file, compressed or not; of live blogs only these."""
    if not path.is_file():
        raise DataError(f"there is no such file; bring it with: {_FETCH}", where=str(path))
    try:
        with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as file:
            for line in file:
                begin = re.match(r'\{"blog_id": ?"([^"\\]+)"', line) if blogs is not None else None
                if begin is None or blogs is None or begin[1] in blogs:
                    yield json.loads(line)
    except (gzip.BadGzipFile, EOFError, zlib.error, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise DataError(f"the file is broken or cut off ({error}); bring it with: {_FETCH}", where=str(path)) from None


READERS: Mapping[str, Callable[[Path, str, Set[str]], Iterator[Passage]]] = {
    "guardian": lambda folder, form, documents: _live_blogs(folder, "guardian", form, documents),
    "bbc": lambda folder, form, documents: _live_blogs(folder, "bbc", form, documents),
    "cnn": _headlines,
    "wiki": _world_news,
    "gdelt": _articles,
}
