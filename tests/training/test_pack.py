from collections import Counter

import numpy as np
import onnx
import onnxruntime as ort
import pytest
import torch
from torch import nn

from standfirst.encoder import Encoder
from standfirst.pieces import Window, as_arrays
from training.export import float_graph, int8_graph
from training.pack import pack

WORDS = list(range(5, 40))


def rows(*sizes: int) -> list[Window]:
    rng = np.random.default_rng(7)
    return [Window(i, tuple(rng.choice(WORDS, size=n).tolist()), max(n - i % 3, 1)) for i, n in enumerate(sizes)]


class ByHand(nn.Module):
    """An encoder that is called layer by layer with a mask made by hand, as the summary model is."""

    def __init__(self, encoder: nn.Module) -> None:
        super().__init__()
        self.encoder = encoder

    def forward(self, input_ids, attention_mask, token_type_ids):
        hidden = self.encoder.embeddings(input_ids=input_ids, token_type_ids=token_type_ids)
        mask = (1.0 - attention_mask[:, None, None, :].float()) * -1e4
        for layer in self.encoder.encoder.layer:
            hidden = layer(hidden, mask)
            hidden = hidden[0] if isinstance(hidden, tuple) else hidden
        return hidden.sum(-1)[:, 0], hidden


def operators(model: onnx.ModelProto) -> Counter[str]:
    return Counter(node.op_type for node in model.graph.node)


@pytest.fixture(scope="module")
def by_hand(graphs) -> ByHand:
    return ByHand(graphs.model.encoder).eval()


@pytest.fixture(scope="module")
def served(by_hand, tmp_path_factory) -> Encoder:
    path = tmp_path_factory.mktemp("pack") / "int8.onnx"
    onnx.save(int8_graph(by_hand, ("output", "pieces")), str(path))
    return Encoder(path, threads=1)


def test_packing_changes_no_number_of_the_float_graph(graphs):
    model = onnx.load(str(graphs.float32))
    pack(model)
    onnx.checker.check_model(model)
    inputs = as_arrays(rows(3, 17, 1, 40))
    before, after = (
        ort.InferenceSession(m.SerializeToString(), providers=["CPUExecutionProvider"]).run(None, inputs)[0]
        for m in (onnx.load(str(graphs.float32)), model)
    )
    np.testing.assert_allclose(after, before, atol=1e-5)


def test_query_key_and_value_become_one_product(graphs):
    before = onnx.load(str(graphs.float32))
    after = onnx.load(str(graphs.float32))
    pack(after)
    assert operators(before)["MatMul"] == 2 * 6 + 1  # one takes the mean
    assert operators(after)["MatMul"] == 2 * (4 + 1) + 1  # one mixes values, which the fused operator does before
    assert operators(after)["SkipLayerNormalization"] == 0


def test_attention_that_the_optimiser_did_not_know_is_packed(by_hand, served, tmp_path):
    traced = float_graph(by_hand, tmp_path / "float.onnx", ("output", "pieces"))
    assert operators(traced)["Softmax"] == 2
    pack(traced)
    assert (operators(traced)["Softmax"], operators(traced)["FusedMatMul"], operators(traced)["Transpose"]) == (2, 2, 0)
    some = rows(9, 30, 2)
    arrays = as_arrays(some)
    with torch.inference_mode():
        wanted = by_hand(*(torch.from_numpy(arrays[n]) for n in ("input_ids", "attention_mask", "token_type_ids")))[1]
    found = ort.InferenceSession(traced.SerializeToString(), providers=["CPUExecutionProvider"]).run(["pieces"], arrays)
    for i, row in enumerate(some):
        n = len(row.ids)
        np.testing.assert_allclose(found[0][i, :n], wanted[i, :n], atol=1e-4)
    for i, values in enumerate(served.run_pieces(some)):
        assert np.abs(values - wanted[i, : len(values)].numpy()).max() < 0.1


@pytest.mark.parametrize("output", ["output", "pieces"])
def test_rows_of_any_lengths_share_a_call_and_change_no_bit(served, output: str):
    """Packed rows have no padding but in attention, where it weighs exactly nothing."""
    some = rows(1, 3, 16, 17, 31, 40, 48, 5)
    together = served.call(some, output)
    for row, found in zip(some, together, strict=True):
        alone = served.call([row], output)[0]
        n = len(row.ids) if output == "pieces" else 1
        assert np.array_equal(np.atleast_1d(found)[:n], np.atleast_1d(alone)[:n])
