"""Sentences of one update, shown together as the paragraph that they were.

Live blogs are labelled here sentence by sentence, and served paragraph by paragraph. A mean over word pieces gives a
sentence among three a third of the voice that it has alone, and a model that was shown sentences only misses what one
of several reports.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from training.examples import Example

_MOST = 4
_WORDS = 100


def with_neighbours(examples: Sequence[Example], share: float, rng: np.random.Generator) -> list[Example]:
    """The examples, of which this ``share`` of updates has its labelled sentences joined, two to four at a time.

    What is joined stands in the order of the update, as one example with the labels of all; it has at most 100 words.
    Sentences between them that nobody labelled are left out. Everything else stays as it is.
    """
    updates: dict[tuple[str, str, str], dict[int, Example]] = {}
    shown = []
    for example in examples:
        if example.place is None:
            shown.append(example)
            continue
        update, number = example.place
        known = updates.setdefault((example.source, example.group, update), {})
        if number in known:  # another row has this sentence
            shown.append(example)
        else:
            known[number] = example
    for sentences in updates.values():
        if len(sentences) > 1 and rng.random() < share:
            shown += (_as_one(part) for part in _parts([sentences[n] for n in sorted(sentences)], rng))
        else:
            shown += sentences.values()
    return shown


def _parts(sentences: Sequence[Example], rng: np.random.Generator) -> Iterator[list[Example]]:
    """Cut the sentences, in order, into parts of two to four that are not too long; some stay alone."""
    part: list[Example] = []
    most = int(rng.integers(2, _MOST + 1))
    for sentence in sentences:
        words = sum(len(e.text.split()) for e in (*part, sentence))
        if part and (len(part) == most or words > _WORDS):
            yield part
            part, most = [], int(rng.integers(2, _MOST + 1))
        part.append(sentence)
    yield part


def _as_one(part: Sequence[Example]) -> Example:
    """One example that reads as all of these and has the labels of all."""
    if len(part) == 1:
        return part[0]
    seconds = [e.labels if e.labels_second is None else e.labels_second for e in part]
    return replace(
        part[0],
        text=" ".join(e.text for e in part),
        labels=frozenset().union(*(e.labels for e in part)),
        labels_second=frozenset().union(*seconds) if any(e.labels_second is not None for e in part) else None,
    )
