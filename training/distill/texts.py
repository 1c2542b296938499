"""The texts that a student learns from: those that were annotated, and many more that nobody labelled.

Nothing of dev comes near: neither its texts, nor the documents that they stand in.
"""

import hashlib
import logging
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from training.data import Example, text_key
from training.distill.recipe import TextsRecipe
from training.sources import READERS, Passage

logger = logging.getLogger(__name__)

FORM = "joined"
"""Plain prose, as dev was annotated and as archives hold it."""
_LEAST_CHARS = 20


@dataclass(frozen=True, slots=True)
class Text:
    """A text under its context; ``group`` is its document.

    ``seen`` says that the teacher was trained on it, so that what it says of the text is surer than elsewhere.
    """

    text: str
    context: str
    group: str
    seen: bool = False


class _Every(frozenset[str]):
    """The set that holds every document."""

    def __contains__(self, _: object) -> bool:
        return True


def gather(
    recipe: TextsRecipe,
    train: Sequence[Example],
    dev: Sequence[Example],
    data_dir: Path,
    seed: int,
    *,
    test: Sequence[Example] = (),
) -> list[Text]:
    """All texts, each once, shuffled: the rows that the teacher was trained on, and what is drawn of each source.

    None is of a document of dev, and none has the words of a text of ``test``.

    Raises
    ------
    DataError
        If a file of the data folder is missing or broken.
    """
    found = {text_key(e.text): Text(e.text, e.context, _group(e.source, e.group), seen=True) for e in train}
    kept_apart = {text_key(e.text) for e in (*dev, *test)}
    documents = {_group(e.source, e.group) for e in dev}
    for key in kept_apart & found.keys():
        del found[key]
    for number, (source, count) in enumerate(recipe.draw.counts().items()):
        rng = np.random.default_rng((seed, 1, number))
        n_before = len(found)
        for text in _drawn(source, count, documents, data_dir, rng, without=recipe.without_context):
            key = text_key(text.text)
            if key not in kept_apart:
                found.setdefault(key, text)
        logger.info("%s: %d texts that nobody labelled", source, len(found) - n_before)
    texts = [t for t in found.values() if t.group not in documents]
    order = np.random.default_rng((seed, 2)).permutation(len(texts))
    return [texts[i] for i in order]


def _group(source: str, document: str) -> str:
    return f"{source} {document}"


def _drawn(
    source: str, count: int, documents: Set[str], data_dir: Path, rng: np.random.Generator, *, without: float
) -> Iterator[Text]:
    """``count`` passages of a source, none of these documents; a share ``without`` their contexts."""
    apart = {name for kind, _, name in (d.partition(" ") for d in documents) if kind == source}
    for passage in draw(source, count, apart, data_dir, rng):
        bare = bool(rng.random() < without)
        yield Text(passage.text, "" if bare else passage.context.strip(), _group(source, passage.document))


def draw(source: str, count: int, apart: Set[str], data_dir: Path, rng: np.random.Generator) -> Iterator[Passage]:
    """``count`` passages of a source as plain prose, none of the documents ``apart``.

    Raises
    ------
    DataError
        If a file of the data folder is missing or broken.
    """
    if not count:
        return
    refs = [
        (p.document, p.ref)
        for p in READERS[source](data_dir, "published", _Every())
        if len(p.text) >= _LEAST_CHARS and p.document not in apart
    ]
    wanted = {refs[i] for i in rng.permutation(len(refs))[:count]}
    passages: Iterable[Passage] = READERS[source](data_dir, FORM, {document for document, _ in wanted})
    yield from (p for p in passages if (p.document, p.ref) in wanted)


def parted(texts: Sequence[Text], share: float, seed: int) -> tuple[list[int], list[int]]:
    """Positions of the texts to learn from, and of those held out: what was not seen of ``share`` of the documents.

    What was seen of a document with held-out texts is in neither part.
    """

    def is_drawn(group: str) -> bool:
        digest = hashlib.sha256(f"{seed} {group}".encode()).digest()
        return int.from_bytes(digest[:4], "big") < share * 2**32

    fresh = {group for group in {t.group for t in texts if not t.seen} if is_drawn(group)}
    learnt = [i for i, t in enumerate(texts) if t.group not in fresh]
    return learnt, [i for i, t in enumerate(texts) if t.group in fresh and not t.seen]


def texts_sha256(texts: Iterable[Text]) -> str:
    """The sha256 of all texts in their order."""
    digest = hashlib.sha256()
    for t in texts:
        digest.update(f"{t.group}\0{t.seen}\0{t.context}\0{t.text}\n".encode("utf-8", "surrogatepass"))
    return digest.hexdigest()
