"""What is doubtful about the data of a run, found before any training and said with file and line.

Nothing here is an error: what makes training meaningless is refused by ``data`` when the rows are read. The work
grows with the number of texts, not with the number of pairs.
"""

import re
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from standfirst.labels import LabelSet
from standfirst.pieces import Pieces
from training.data import Example, Splits, text_key
from training.tables import NULLS

RARE = 16
"""A label with fewer training examples than this is called rare: the number that README and errors advise."""

NEAR = 0.7
"""Jaccard similarity of two texts' shingles from which they are near-duplicates."""

_SHINGLE = 3  # words
_SKETCH = 8  # of a pair at NEAR, all but 1 in 10,000 share one of their 8 lowest hashes
_CROWD = 20  # a shingle that more texts than this have lowest is boilerplate: it tells nothing
_LEAST_WORDS = 6  # shorter texts are near each other by chance
_N_EXAMPLES = 5
_WORD = re.compile(r"\w")

TAKEN_IN = "hold lines like rows; a quotation mark that should close nothing may have taken them in"


@dataclass(frozen=True, slots=True)
class Finding:
    """One doubtful thing: how often it was met, and the first places as ``file:line``."""

    kind: str
    message: str
    count: int
    examples: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.message} (first: {'; '.join(self.examples)})" if self.examples else self.message


def check_splits(splits: Splits, labels: LabelSet, pieces: Pieces, reads: str = "highest") -> list[Finding]:
    """Look for what is doubtful in the splits; an empty list if nothing is. ``reads`` as ``fit.windows``."""
    named = {"train": splits.train, "dev": splits.dev, "test": splits.test}
    found: list[Finding] = []
    for name, split in named.items():
        found += _wordless(name, split)
        found += _taken_in(name, split, labels)
        found += _repeats(name, split)
    found += _copies(named)
    found += _near(named)
    found += _shared_groups(named)
    found += _label_counts(named, labels)
    for name, split in named.items():
        if reads == "highest":  # else training reads all of a text, and so does what is made of it
            found += _long(name, split, pieces)
    return found


def _finding(kind: str, places: Sequence[str], message: str) -> Iterator[Finding]:
    """The finding, if there is any place for it; ``{n}`` in the message is the number of places."""
    if places:
        yield Finding(kind, message.format(n=len(places)), len(places), tuple(places[:_N_EXAMPLES]))


def _wordless(name: str, split: Sequence[Example]) -> Iterator[Finding]:
    places = [e.where for e in split if not _WORD.search(e.text) or e.text.casefold() in NULLS]
    yield from _finding(
        "empty", places, f"{name}: {{n}} texts have no word or figure in them, or only NULL, nan or none"
    )


def _taken_in(name: str, split: Sequence[Example], labels: LabelSet) -> Iterator[Finding]:
    """Texts with a line like a row: a label, and what parts the cells of a table."""
    like_rows = lines_like_rows(labels.names)
    places = [e.where for e in split if like_rows(e.text)]
    yield from _finding("rows", places, f"{name}: {{n}} texts {TAKEN_IN}")


def lines_like_rows(names: Sequence[str]) -> Callable[[str], bool]:
    """A test whether a text of several lines holds one like a row with one of these labels."""
    label = rf"\"?(?:{'|'.join(map(re.escape, names))})\"?"
    row = re.compile(rf"(?<=\S)[,;|\t]{label}(?:[,;|\t](?=\S)|[ \r]*$)|^{label}[,;|\t](?=\S)", re.MULTILINE)
    return lambda text: "\n" in text and row.search(text) is not None


def _repeats(name: str, split: Sequence[Example]) -> Iterator[Finding]:
    """The same text twice under one context: it teaches nothing new, or with other labels contradicts itself."""
    first: dict[tuple[str, str], Example] = {}
    same: list[str] = []
    other: list[str] = []
    for example in split:
        key = text_key(example.text)
        if not key:
            continue
        before = first.setdefault((key, text_key(example.context)), example)
        if before is not example:
            (same if before.labels == example.labels else other).append(f"{example.where} = {before.where}")
    yield from _finding("duplicate", same, f"{name}: {{n}} texts stand there twice with the same labels")
    yield from _finding("contradiction", other, f"{name}: {{n}} texts stand there twice with different labels")


def _copies(named: dict[str, tuple[Example, ...]]) -> Iterator[Finding]:
    """Dev texts that test repeats; what train repeats was dropped when the splits were read."""
    first = {key: e for e in named["dev"] if (key := text_key(e.text))}
    places = [f"{e.where} = {before.where}" for e in named["test"] if (before := first.get(text_key(e.text)))]
    yield from _finding("copy", places, "test: {n} texts stand in dev too, which chooses the thresholds")


def _near(named: dict[str, tuple[Example, ...]]) -> Iterator[Finding]:
    """Texts of one split that are nearly a text of another, by the overlap of their runs of three words."""
    index: dict[int, list[tuple[Example, frozenset[int]]]] = defaultdict(list)
    for name in ("test", "dev", "train"):
        places: list[str] = []
        own: list[tuple[int, tuple[Example, frozenset[int]]]] = []
        for example in named[name]:
            key = text_key(example.text)
            if key.count(" ") + 1 < _LEAST_WORDS:
                continue
            hashes = _shingles(key)
            sketch = sorted(hashes)[:_SKETCH]
            twin = _nearest(key, hashes, (entry for h in sketch for entry in index.get(h, ())))
            if twin is not None:
                places.append(f"{example.where} ~ {twin.where}")
            own += [(h, (example, hashes)) for h in sketch]
        for h, entry in own:  # only now: a text is compared with other splits, not with its own
            if len(index[h]) < _CROWD:
                index[h].append(entry)
        message = f"{name}: {{n}} texts are near-duplicates of texts in {'dev or test' if name == 'train' else 'test'}"
        yield from _finding("near-duplicate", places, message)


def _shingles(key: str) -> frozenset[int]:
    words = key.split(" ")
    runs = (" ".join(words[i : i + _SHINGLE]) for i in range(len(words) - _SHINGLE + 1))
    return frozenset(zlib.crc32(run.encode("utf-8", "surrogatepass")) for run in runs)


def _nearest(key: str, hashes: frozenset[int], entries: Iterable[tuple[Example, frozenset[int]]]) -> Example | None:
    for other, theirs in entries:
        both = len(hashes & theirs)
        if both >= NEAR * (len(hashes) + len(theirs) - both) and text_key(other.text) != key:
            return other
    return None


def _shared_groups(named: dict[str, tuple[Example, ...]]) -> Iterator[Finding]:
    """Documents with paragraphs in two splits; a row without a document has its own place for one."""
    first: dict[str, tuple[str, Example]] = {}
    shared: dict[str, str] = {}
    for name in ("test", "dev", "train"):
        for example in named[name]:
            if example.group == example.where:
                continue
            where, before = first.setdefault(example.group, (name, example))
            if where != name:
                shared.setdefault(example.group, f"{example.where} and {before.where}")
    yield from _finding("leak", list(shared.values()), "{n} documents have rows in more than one split")


def _label_counts(named: dict[str, tuple[Example, ...]], labels: LabelSet) -> Iterator[Finding]:
    for name, split in named.items():
        counts = Counter(label for e in split for label in e.labels)
        absent = [label for label in labels.names if split and not counts[label]]
        if absent:
            message = f"{name}: {len(absent)} labels of the set never occur: {_some(absent)}"
            yield Finding("absent", message, len(absent))
        if name == "train":
            rare = [label for label in labels.names if 0 < counts[label] < RARE]
            if rare:
                listed = _some([f"{label} ({counts[label]})" for label in rare])
                message = f"train: {len(rare)} labels have fewer than {RARE} examples: {listed}"
                places = [next(e.where for e in split if label in e.labels) for label in rare[:_N_EXAMPLES]]
                yield Finding("rare", message, len(rare), tuple(places))


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_N_EXAMPLES])
    return f"{shown} and {len(names) - _N_EXAMPLES} more" if len(names) > _N_EXAMPLES else shown


def _long(name: str, split: Sequence[Example], pieces: Pieces) -> Iterator[Finding]:
    room = pieces.max_tokens - 2  # [CLS] and [SEP]
    lengths = [len(ids) for ids in pieces.ids([e.text for e in split])] if split else []
    places = [e.where for e, n in zip(split, lengths, strict=True) if n > room]
    does = "training reads their beginning" if name == "train" else "they are read in windows"
    yield from _finding("long", places, f"{name}: {{n}} texts are longer than {room} word pieces; {does}")
