import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from standfirst import encoder as encoders
from standfirst.encoder import Encoder, alike, batches
from standfirst.errors import ModelCorrupt, ModelNotFound
from standfirst.pieces import PAD_TO, Pieces, Window

TEXTS = [
    "the drone hit the port",
    "",
    "the minister resigned on monday night",
    "aid for the city was sent to the port by the army and the convoy was not shot down in the storm",
    "rain",
    "the council said the market is not for talks",
    "two hundred unknown words 😀 “not here”",
]
CONTEXTS = [None, "strike on the city", None, "aid convoy", "rain", None, "talks"]


def lengths(*n: int) -> list[Window]:
    return [Window(i, (5,) * k, k) for i, k in enumerate(n)]


@pytest.fixture(scope="module")
def pieces(tiny_models: dict[str, Path]) -> Pieces:
    return Pieces(tiny_models["topics"] / "tokenizer.json", 64, 16)


@pytest.fixture(scope="module")
def encoder(tiny_models: dict[str, Path]) -> Encoder:
    return Encoder(tiny_models["topics"] / "model.onnx")


@pytest.mark.parametrize(
    ("rows", "max_tokens", "expected"),
    [
        ([], 64, []),
        (lengths(3, 4, 5), 64, [[0, 1, 2]]),
        (lengths(3, 17, 16, 20), 64, [[0, 2], [1, 3]]),
        (lengths(3, 17, 16, 20), 96, [[0, 2, 1], [3]]),
        (lengths(3, 17, 16, 20), 128, [[0, 2, 1, 3]]),
        (lengths(1, 1, 1, 1, 1), 2 * PAD_TO, [[0, 1], [2, 3], [4]]),
        (lengths(3, 100, 70, 64), 1024, [[0, 3], [2, 1]]),  # 80 pieces are too long beside 16
        (lengths(100, 1, 100), 50, [[1], [0], [2]]),  # a row over the budget goes alone
    ],
)
def test_batches_worked_out_by_hand(rows: list[Window], max_tokens: int, expected: list[list[int]]) -> None:
    assert list(batches(rows, max_tokens)) == expected


@given(st.lists(st.integers(1, 80), max_size=40), st.integers(1, 300))
@settings(deadline=None, database=None)
def test_batches_hold_every_row_once_within_the_budget(sizes: list[int], max_tokens: int) -> None:
    rows = lengths(*sizes)
    made = list(batches(rows, max_tokens))
    assert sorted(i for batch in made for i in batch) == list(range(len(rows)))
    for batch in made:
        assert len(batch) == 1 or len(batch) * max(rows[i].padded for i in batch) <= max_tokens
        assert alike(min(rows[i].padded for i in batch), max(rows[i].padded for i in batch))


def test_no_rows_give_no_outputs(encoder: Encoder) -> None:
    assert encoder.run([]).shape == (0, 0)


@given(st.permutations(range(len(TEXTS))), st.integers(1, 500))
@settings(deadline=None, database=None, max_examples=25)
@pytest.mark.slow
def test_an_answer_is_the_same_in_any_batch_and_order(
    encoder: Encoder, pieces: Pieces, order: list[int], max_tokens: int
) -> None:
    """Bit for bit: alone, in a crowd, in any order, and with any size of batch."""
    rows = pieces.windows(TEXTS, CONTEXTS)
    alone = np.stack([encoder.run([row])[0] for row in rows])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(encoders.batches, "__defaults__", (max_tokens,))
        mixed = encoder.run([rows[i] for i in order])
    assert alone.shape == (len(TEXTS), 4)
    assert np.array_equal(mixed, alone[list(order)])
    assert len(np.unique(alone, axis=0)) == len(TEXTS)  # the model does tell them apart


@pytest.mark.parametrize("n_rows", [1, 3, 64])
def test_repeated_rows_get_equal_answers(encoder: Encoder, pieces: Pieces, n_rows: int) -> None:
    row = pieces.windows(TEXTS[:1], [None])[0]
    assert np.array_equal(encoder.run([row] * n_rows), np.repeat(encoder.run([row]), n_rows, axis=0))


def test_threads_do_not_change_answers(tiny_models: dict[str, Path], pieces: Pieces) -> None:
    rows = pieces.windows(TEXTS, CONTEXTS)
    one, two = (Encoder(tiny_models["topics"] / "model.onnx", threads=n).run(rows) for n in (1, 2))
    assert np.array_equal(one, two)


def test_calls_run_side_by_side_and_share_the_rows(tiny_models: dict[str, Path], monkeypatch) -> None:
    encoder = Encoder(tiny_models["topics"] / "model.onnx", threads=3)
    together = threading.Barrier(3, timeout=20)
    sizes = []

    def call(self: Encoder, rows: list[Window], output: str | None = None) -> np.ndarray:
        sizes.append(len(rows))
        together.wait()  # breaks if three calls are not here at once
        return np.array([[row.owner] for row in rows], dtype=np.float32)

    monkeypatch.setattr(Encoder, "call", call)
    assert encoder.run(lengths(*[5] * 12))[:, 0].tolist() == list(range(12))
    assert sizes == [4, 4, 4]


def test_an_error_in_one_of_the_calls_is_raised(tiny_models: dict[str, Path], monkeypatch) -> None:
    encoder = Encoder(tiny_models["topics"] / "model.onnx", threads=2)

    def call(self: Encoder, rows: list[Window], output: str | None = None) -> np.ndarray:
        if any(row.owner == 3 for row in rows):
            raise MemoryError("no room")
        return np.zeros((len(rows), 4), dtype=np.float32)

    monkeypatch.setattr(Encoder, "call", call)
    with pytest.raises(MemoryError, match="no room"):
        encoder.run(lengths(*[5] * 4))


def test_a_missing_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelNotFound, match=r"no model\.onnx"):
        Encoder(tmp_path / "model.onnx")


@pytest.mark.parametrize("data", [b"", b"no ONNX", bytes(1000)])
def test_a_broken_model_is_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "model.onnx").write_bytes(data)
    with pytest.raises(ModelCorrupt, match=r"model\.onnx cannot be loaded"):
        Encoder(tmp_path / "model.onnx")
