"""Parts of a split that are measured apart: source, length, context, kind, labels, year, why it was held out."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from training.data import Example

Bools = npt.NDArray[np.bool_]

FEWEST_ROWS = 5
"""Combinations of labels with fewer rows are put together."""
_HEADLINE_CHARS = 140
"""Longer texts are paragraphs even without a final stop; all 220 headlines of `cnn` in dev are shorter."""
_STOPS = ".!?…:;”\"’')"


def is_headline(example: Example) -> bool:
    """Whether a row looks like a headline: all of ``cnn``, our corpus's, and short texts without a final stop."""
    if example.source == "cnn":
        return True
    if example.source == "corpus":
        return not example.context
    return len(example.text) <= _HEADLINE_CHARS and example.text[-1:] not in _STOPS


def _length(example: Example) -> str:
    return "short" if len(example.text) < 100 else "middle" if len(example.text) < 250 else "long"


SLICES: Mapping[str, Callable[[Example], str]] = {
    "source": lambda e: e.source,
    "length": _length,
    "context": lambda e: "with" if e.context else "without",
    "kind": lambda e: "headline" if is_headline(e) else "paragraph",
    "labels": lambda e: " + ".join(sorted(e.labels)) or "none",
    "year": lambda e: e.date[:4],
    "held_out": lambda e: e.held_out,
}
"""From a row to the value of each kind of slice; a row with an empty value is in none of that kind."""


def slices_of(examples: Sequence[Example]) -> Iterator[tuple[str, str, Bools]]:
    """Every slice of every kind: the kind, its value, and which rows (N,) are in it."""
    for kind, key in SLICES.items():
        values = [key(e) for e in examples]
        if kind == "labels":
            values = _rare_together(values)
        column = np.array(values)
        for value in sorted(set(values) - {""}):
            yield kind, value, column == value


def _rare_together(values: Sequence[str]) -> list[str]:
    """Combinations of several labels that hardly occur, as one; a label alone keeps its name however rare."""
    counts = Counter(values)
    return [v if counts[v] >= FEWEST_ROWS or " + " not in v else "other combinations" for v in values]
