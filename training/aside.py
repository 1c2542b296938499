"""A dev split out of the training rows, where there is no dev file: whole documents, every label on both sides.

Rows without a document are one each, but for those with the same text, which stay together.
With dates the latest documents are taken, as a model meets texts that are later than those it learned from. Without,
documents are drawn by the hash of their names, so that one more document does not move the others.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, field

from standfirst.errors import DataError
from training.examples import Example, text_key
from training.recipe import DataRecipe

_DATED = 0.8
"""Share of the rows that must have a date if "auto" is to split by time."""

_FEW = 4
"""A label in fewer documents than this is left whole to train."""

_LEAST = 2  # training examples that a label needs; see ``data``
_NONE = ""  # rows without a label are a kind of their own


@dataclass(frozen=True)
class Aside:
    """The rows that stay, those that were set aside, and what there is to say about it."""

    train: list[Example]
    dev: list[Example]
    notes: tuple[str, ...]


@dataclass
class _Draw:
    """Documents taken so far; ``rows`` and ``counts`` are of the whole, ``left`` of what stays in train."""

    sizes: Counter[str]
    counts: dict[str, Counter[str]]
    left: Counter[str]
    room: float
    taken: set[str] = field(default_factory=set)
    n_rows: int = 0

    def take(self, document: str, *, over: float = 0.0) -> bool:
        """Take a document if it fits, with ``over`` rows to spare, and train keeps enough of all."""
        size = self.sizes[document]
        fits = self.n_rows + size <= self.room + over and size <= self.sizes.total() / 2
        enough = all(self.left[label] - n >= _LEAST for label, n in self.counts[document].items())
        if document in self.taken or not fits or not enough:
            return False
        self.taken.add(document)
        self.n_rows += size
        self.left -= self.counts[document]
        return True


def _document(example: Example) -> str:
    if example.group != example.where:
        return example.group
    return text_key(example.text) or example.where


def set_aside(examples: Sequence[Example], recipe: DataRecipe, seed: int) -> Aside:
    """Split off about ``dev_share`` of the rows as dev, by time or by document as the recipe says.

    Raises
    ------
    DataError
        If ``dev_by`` is "time" and no two documents have different dates.
    """
    by_time = _by_time(examples, recipe)
    order = _latest_first(examples, seed) if by_time else _shuffled({_document(e) for e in examples}, seed)
    draw = _draw(examples, recipe.dev_share)
    holders = _documents_by_label(examples, order)
    if by_time:
        _fill(draw, order, slack=1.0)
    latest = set(draw.taken)
    for label in sorted(holders, key=lambda name: (len(holders[name]), name)):  # the rarest choose first
        if len(holders[label]) >= _FEW:
            total = sum(draw.counts[d][label] for d in holders[label])
            _represent(draw, label, holders[label], 1 if by_time else max(1, int(recipe.dev_share * total)))
    _fill(draw, order, slack=0.5)
    train = [e for e in examples if _document(e) not in draw.taken]
    dev = [e for e in examples if _document(e) in draw.taken]
    return Aside(train, dev, tuple(_notes(train, dev, latest if by_time else set())))


def _by_time(examples: Sequence[Example], recipe: DataRecipe) -> bool:
    if recipe.dev_by == "document":
        return False
    distinct = len({e.date for e in examples if e.date}) > 1
    if recipe.dev_by == "time":
        if not distinct:
            raise DataError(
                f"dev_by is 'time', and column {recipe.date!r} does not tell documents apart", where="train"
            )
        return True
    return distinct and sum(bool(e.date) for e in examples) >= _DATED * len(examples)


def _shuffled(documents: Iterable[str], seed: int) -> list[str]:
    return sorted(documents, key=lambda d: hashlib.sha256(f"{seed}:{d}".encode()).digest())


def _latest_first(examples: Sequence[Example], seed: int) -> list[str]:
    """Documents with a date, by that of their last row."""
    last: dict[str, str] = defaultdict(str)
    for example in examples:
        document = _document(example)
        last[document] = max(last[document], example.date)
    dated = _shuffled((d for d, when in last.items() if when), seed)
    return sorted(dated, key=lambda d: last[d], reverse=True)


def _draw(examples: Sequence[Example], share: float) -> _Draw:
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for example in examples:
        counts[_document(example)].update(example.labels or {_NONE})
    sizes = Counter(_document(e) for e in examples)
    return _Draw(sizes, counts, sum(counts.values(), Counter()), room=share * len(examples))


def _documents_by_label(examples: Sequence[Example], order: Sequence[str]) -> dict[str, list[str]]:
    """For every label the documents that hold it, in this order."""
    labels: dict[str, set[str]] = defaultdict(set)
    for example in examples:
        labels[_document(example)] |= example.labels or {_NONE}
    holders: dict[str, list[str]] = defaultdict(list)
    for document in order:
        for label in labels[document]:
            holders[label].append(document)
    return holders


def _represent(draw: _Draw, label: str, documents: Sequence[str], wanted: int) -> None:
    """Take documents with a label until dev holds as many examples of it as are wanted, and at least one."""
    held = sum(draw.counts[d][label] for d in documents if d in draw.taken)
    for document in documents:
        if held >= wanted:
            return
        if draw.take(document):
            held += draw.counts[document][label]
    if not held:  # none fits: the smallest that train can spare
        any(draw.take(d, over=float("inf")) for d in sorted(documents, key=lambda d: draw.sizes[d]))


def _fill(draw: _Draw, order: Sequence[str], slack: float) -> None:
    """Take documents in this order until dev is full; the last may stand over by this share of itself."""
    for document in order:
        if draw.n_rows >= draw.room:
            return
        draw.take(document, over=slack * draw.sizes[document])


def _notes(train: Sequence[Example], dev: Sequence[Example], latest: Set[str]) -> Iterable[str]:
    how = "by document"
    if latest:
        how = f"the latest documents, from {min(e.date for e in dev if _document(e) in latest and e.date)} on"
        more = len({_document(e) for e in dev} - latest)
        how += f", and {more} earlier ones with rare labels" if more else ""
    yield f"no dev file: {len(dev)} of the training rows were set aside as dev, {how}"
    absent = sorted({name for e in train for name in e.labels} - {name for e in dev for name in e.labels})
    if absent:
        yield f"labels in too few documents to be in that dev too: {', '.join(absent)}"
