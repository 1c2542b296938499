"""What the cores can do in int8, and how much of it the encoder does: ``python -m benchmarks.rate [--seconds S]``.

The most that ONNX Runtime gets out of the cores is measured with bare products of the encoder's own shapes; the encoder
is measured as an archive job uses it, without HTTP and cache.
"""

import argparse
import sys
import time
from collections.abc import Sequence

import numpy as np
import onnxruntime as ort
from onnx import TensorProto, helper, numpy_helper

import standfirst
from benchmarks.service import new_texts

OPERATIONS_PER_PIECE = 2 * 6 * (4 * 384 * 384 + 2 * 384 * 1536)
"""Multiplications and additions in the products of MiniLM-L6's six layers for one word piece, attention left out."""
_SHAPES = ((384, 1152), (384, 384), (384, 1536), (1536, 384))
_ROWS = 1024
_AT_ONCE = 128


def main(argv: Sequence[str] | None = None) -> int:
    """Print one line of figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.rate", description=__doc__)
    parser.add_argument("--seconds", type=float, default=8, metavar="S", help="of the encoder's part (default 8)")
    args = parser.parse_args(argv)
    best = products_per_second() / 1e9
    texts, pieces = encoder_rates(args.seconds)
    reached = pieces * OPERATIONS_PER_PIECE / 1e9
    print(f"{best:.0f} {texts:.1f} {pieces:.0f} {reached / best:.3f}", file=sys.stdout)
    print("GOPS of bare products, paragraphs/s, word pieces/s, share of the products' rate", file=sys.stderr)
    return 0


def products_per_second(rounds: int = 20) -> float:
    """Operations a second of u8 x s8 products of one layer's shapes on all cores, at best."""
    sessions = [(_product(*shape), shape[0]) for shape in _SHAPES]
    best = float("inf")
    for _ in range(rounds):
        began = time.perf_counter()
        for session, width in sessions:
            session.run(None, {"x": np.full((_ROWS, width), 3, np.uint8)})
        best = min(best, time.perf_counter() - began)
    return 2 * _ROWS * sum(k * n for k, n in _SHAPES) / best


def _product(k: int, n: int) -> ort.InferenceSession:
    weight = np.random.default_rng(0).integers(-63, 64, (k, n)).astype(np.int8)
    graph = helper.make_graph(
        [helper.make_node("MatMulInteger", ["x", "w"], ["y"])],
        "product",
        [helper.make_tensor_value_info("x", TensorProto.UINT8, ["T", k])],
        [helper.make_tensor_value_info("y", TensorProto.INT32, ["T", n])],
        [numpy_helper.from_array(weight, "w")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    return ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])


def encoder_rates(seconds: float) -> tuple[float, float]:
    """Paragraphs and word pieces a second of ``Reader.label``."""
    reader = standfirst.load(cache_bytes=0)
    reader.label(new_texts(8))
    n_texts = n_pieces = 0
    spent = 0.0
    while spent < seconds:
        texts = new_texts(_AT_ONCE)
        began = time.perf_counter()
        reader.label(texts)
        spent += time.perf_counter() - began
        n_texts += len(texts)
        n_pieces += sum(len(row.ids) for row in reader.topics.pieces.windows(texts, [None] * len(texts)))
    return n_texts / spent, n_pieces / spent


if __name__ == "__main__":
    sys.exit(main())
