"""Texts in, model outputs out: ONNX Runtime on batches of word pieces.

Rows of like lengths share a batch, up to a budget of word pieces. The shipped graphs quantise each word piece by
itself and look at padding in attention alone, where it weighs exactly 0; lengths of whole vectors (see ``PAD_TO``) keep
the order of sums. So an answer is the same, bit for bit, in any batch and in any order.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime as ort

from standfirst.cores import cores
from standfirst.errors import ModelCorrupt, ModelNotFound
from standfirst.pieces import Window, as_arrays

MAX_BATCH_TOKENS = 512
"""Word pieces (padding included) in one call of the model: few, so that what passes between layers stays in a core's
cache. 4,096 -> 1,024, 800 texts, one thread: 200 -> 216 rows/s; a process's peak 240 -> 155 MiB. 1,024 -> 512, two
calls side by side: 517 -> 530 (128 texts), 502 -> 513 (512); peak 155 -> 141 MiB. See training/LOG.md, 2026-11-29."""

_SHORT = 64
"""Up to this length attention is a fifth of the work, and a call of its own costs more than padding does."""

WANTED = "wanted"
"""An input that a graph with several outputs may have: the number of the one to compute, from 1."""

Floats = npt.NDArray[np.float32]
Schedule = Callable[["Encoder", Sequence[Window], str | None], list[Floats]]
"""Gives an output of the model (the first, if none is named) for each row, in the order of the rows."""

_schedule: ContextVar[Schedule | None] = ContextVar("schedule", default=None)


@contextmanager
def scheduled(by: Schedule) -> Iterator[None]:
    """Let encoders that are made inside hand their rows to ``by``, which calls :meth:`Encoder.call` when it likes.

    A service batches the rows of many callers so; what an answer is does not depend on it.
    """
    token = _schedule.set(by)
    try:
        yield
    finally:
        _schedule.reset(token)


class Encoder:
    """One ONNX session.

    Parameters
    ----------
    path
        The ONNX file; its inputs are ``input_ids``, ``attention_mask`` and ``token_type_ids``, (B, S).
    threads
        Calls at the same time, each on one thread: two calls side by side do more than one whose every step waits for
        the slower of two threads. 0 takes one per core that this process may use.

    Attributes
    ----------
    outputs
        The names of what the model gives.
    """

    def __init__(self, path: Path, *, threads: int = 0) -> None:
        if not path.is_file():
            raise ModelNotFound(f"the model folder has no {path.name}", where=str(path.parent))
        options = ort.SessionOptions()
        options.intra_op_num_threads = 1
        options.log_severity_level = 3
        options.enable_mem_pattern = False  # it keeps a plan of the memory per shape of input, and there are many
        try:
            self._session = ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        except Exception as error:  # noqa: BLE001 - ONNX Runtime has no public root for its errors
            raise ModelCorrupt(
                f"{path.name} cannot be loaded: {type(error).__name__}", where=str(path.parent)
            ) from None

        self.threads = threads or cores()
        self._schedule = _schedule.get() or _side_by_side
        self.outputs = tuple(o.name for o in self._session.get_outputs())
        self._chooses = WANTED in {i.name for i in self._session.get_overridable_initializers()}

    def run_pieces(self, rows: Sequence[Window], output: str = "pieces") -> list[Floats]:
        """An output with one entry per word piece, (B, S, ...), for each row without its padding."""
        found = self.each(rows, output)
        return [values[: len(row.ids)].copy() for row, values in zip(rows, found, strict=True)]

    def run(self, rows: Sequence[Window]) -> Floats:
        """The model's first output for each row, in the order of the rows: (N, ...); no rows give (0, 0)."""
        return np.stack(self.each(rows)) if rows else np.zeros((0, 0), dtype=np.float32)

    def each(self, rows: Sequence[Window], output: str | None = None) -> list[Floats]:
        """An output of the model for each row, the first or the one named; padding is left as the model gives it."""
        return self._schedule(self, rows, output)

    def call(self, rows: Sequence[Window], output: str | None = None) -> Floats:
        """One call of the model: an output, (B, ...), for rows of any lengths; all are padded to the longest."""
        name = output or self.outputs[0]
        inputs = as_arrays(rows)
        if self._chooses:
            inputs[WANTED] = np.array(self.outputs.index(name) + 1)
        found: Floats = self._session.run([name], inputs)[0]
        return found


def _side_by_side(encoder: Encoder, rows: Sequence[Window], output: str | None) -> list[Floats]:
    """As many calls at once as the encoder has threads, none with more than a thread's share of the rows."""
    found: list[Floats] = [np.zeros(0, dtype=np.float32)] * len(rows)
    share = -(-sum(row.padded for row in rows) // encoder.threads)
    calls = list(batches(rows, min(MAX_BATCH_TOKENS, share)))

    def answer(call: Sequence[int]) -> None:
        for index, values in zip(call, encoder.call([rows[i] for i in call], output), strict=True):
            found[index] = values

    n_threads = min(encoder.threads, len(calls))
    if n_threads > 1:
        with ThreadPoolExecutor(n_threads) as pool:
            list(pool.map(answer, calls))  # a list, so that an error in a thread is raised here
    else:
        for call in calls:
            answer(call)
    return found


def batches(rows: Sequence[Window], max_tokens: int = MAX_BATCH_TOKENS) -> Iterator[list[int]]:
    """Yield positions of rows of like lengths: at most ``max_tokens`` pieces, padding included, or one row, a batch."""
    batch: list[int] = []
    for index in sorted(range(len(rows)), key=lambda i: rows[i].padded):
        length = rows[index].padded
        if batch and ((len(batch) + 1) * length > max_tokens or not alike(rows[batch[0]].padded, length)):
            yield batch
            batch = []
        batch.append(index)
    if batch:
        yield batch


def alike(shortest: int, longest: int) -> bool:
    """Whether rows of these padded lengths may share a call: attention looks at padding, the square of the longest.

    >>> alike(16, 64), alike(16, 80), alike(80, 160)
    (True, False, True)
    """
    return longest <= max(_SHORT, 2 * shortest)
