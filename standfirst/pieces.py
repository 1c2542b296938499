"""Texts to word pieces: the one tokenizer of training, serving and archive jobs.

A text and its context become ``[CLS] text [SEP] context [SEP]``; the text's pieces have type 0, the
context's type 1. A text longer than the encoder is read in windows that overlap by a quarter.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from standfirst.errors import ModelCorrupt, ModelNotFound

PAD_TO = 16
"""Word pieces a row is padded up to a multiple of: the floats of the widest vectors of today's processors.

Sums over word pieces, in attention and in the mean, are then made of whole vectors at any padded length, and more
padding adds zeros to them: no bit changes with the batch that a row stands in.
"""

_SURROGATES = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Window:
    """One row for the encoder: the text at ``owner``, its piece ids, and how many of them are the text's."""

    owner: int
    ids: tuple[int, ...]
    n_text: int

    @property
    def padded(self) -> int:
        """The row's length when padded."""
        return -(-len(self.ids) // PAD_TO) * PAD_TO


class Pieces:
    """A tokenizer with the limits of one model.

    Parameters
    ----------
    path
        A ``tokenizer.json`` of the ``tokenizers`` library, with [CLS] and [SEP].
    max_tokens
        Length of a row, special tokens and context included.
    max_context
        At most this many pieces of the context are shown.
    """

    def __init__(self, path: Path, max_tokens: int, max_context: int) -> None:
        if not path.is_file():
            raise ModelNotFound("the model folder has no tokenizer.json", where=str(path.parent))
        try:
            self._tokenizer = Tokenizer.from_file(str(path))
        except Exception as error:  # noqa: BLE001 - the library raises bare Exception
            raise ModelCorrupt(f"tokenizer.json cannot be read: {error}", where=str(path.parent)) from None
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        self._tokenizer.encode_special_tokens = True  # "[SEP]" in a text is a word, not a separator
        self.max_tokens = max_tokens
        self.max_context = max_context
        self.cls, self.sep = (self._special(t) for t in ("[CLS]", "[SEP]"))

    def _special(self, token: str) -> int:
        found = self._tokenizer.token_to_id(token)
        if found is None:
            raise ModelCorrupt(f"the tokenizer has no {token} token")
        return int(found)

    def ids(self, texts: Sequence[str]) -> list[list[int]]:
        """The piece ids of each text, without special tokens."""
        whole = [without_surrogates(text) for text in texts]
        return [e.ids for e in self._tokenizer.encode_batch_fast(whole, add_special_tokens=False)]

    def with_starts(self, texts: Sequence[str]) -> list[tuple[list[int], list[int]]]:
        """The piece ids of each text, and the character at which each piece begins."""
        whole = [without_surrogates(text) for text in texts]
        found = self._tokenizer.encode_batch(whole, add_special_tokens=False)
        return [(e.ids, [start for start, _ in e.offsets]) for e in found]

    def windows(self, texts: Sequence[str], contexts: Sequence[str | None]) -> list[Window]:
        """Cut each text into as many rows as it needs, at least one, in order."""
        text_ids = self.ids(texts)
        shown = sorted({c for c in contexts if c})
        context_ids = dict(zip(shown, self.ids(shown), strict=True))
        rows = []
        for owner, (ids, context) in enumerate(zip(text_ids, contexts, strict=True)):
            tail = context_ids[context][: self.max_context] if context else []
            rows += self._rows(owner, ids, tail)
        return rows

    def _rows(self, owner: int, ids: list[int], tail: list[int]) -> list[Window]:
        closing = [*tail, self.sep] if tail else []
        room = self.max_tokens - 2 - len(closing)
        step = room - room // 4
        starts = range(0, max(len(ids) - room, 0) + step, step) if len(ids) > room else (0,)
        rows = []
        for start in starts:
            part = ids[start : start + room]
            rows.append(Window(owner, (self.cls, *part, self.sep, *closing), len(part) + 2))
            if start + room >= len(ids):
                break
        return rows


def without_surrogates(text: str) -> str:
    r"""The text with lone surrogates, which no encoding can carry, as U+FFFD; offsets stay as they are.

    >>> without_surrogates("a\ud800b") == "a\ufffdb"
    True
    """
    return _SURROGATES.sub("\ufffd", text)


def as_arrays(rows: Sequence[Window]) -> dict[str, npt.NDArray[np.int64]]:
    """Stack rows into the encoder's inputs, each (B, S), padded to the longest row."""
    length = max(row.padded for row in rows)
    ids = np.zeros((len(rows), length), dtype=np.int64)
    mask = np.zeros_like(ids)
    types = np.zeros_like(ids)
    for i, row in enumerate(rows):
        n = len(row.ids)
        ids[i, :n] = row.ids
        mask[i, :n] = 1
        types[i, row.n_text : n] = 1
    return {"input_ids": ids, "attention_mask": mask, "token_type_ids": types}
