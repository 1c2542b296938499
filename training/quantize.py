"""A float ONNX graph to int8, so that a text's answer never depends on its batch-mates.

ONNX Runtime's own dynamic quantisation takes one scale for a whole batch: a neighbour with large activations
changes everyone's logits. Here each word piece has its own scale (one per row of every matrix product),
weights have one per output column, the big lookup tables one per row. Weights stay within 7 bits: on
processors without VNNI, u8 x s8 products are summed in 16 bits, and two products of 255 x 63 still fit there.

An encoder's graph is packed first (see ``pack``): products work on the word pieces that are no padding.
"""

from collections.abc import Iterator

import numpy as np
import onnx
from onnx import NodeProto, TensorProto, helper

from training.branch import branch
from training.graph import MICROSOFT, Graph
from training.pack import pack

_WEIGHT_LIMIT = 63
_TABLE_LIMIT = 127
_SMALLEST_TABLE = 100_000
_LEAST_OF_GELU = 0.17
"""The least scale's largest number after a GELU, whose values go down to -0.16997 and no further."""
_OPSET = 18  # ReduceMax takes its axes as an input from here on
_node = helper.make_node


def quantize(model: onnx.ModelProto) -> onnx.ModelProto:
    """Replace every product with a constant matrix and every large table; change ``model`` in place.

    Products take rows (T, K). A graph with an ``attention_mask`` is brought to that form; another has it.
    """
    packed = any(one.name == "attention_mask" for one in model.graph.input)
    if packed:
        pack(model)
    _Surgeon(model, packed=packed).operate()
    branch(model)
    for opset in model.opset_import:
        if opset.domain == "":
            opset.version = _OPSET
    return model


class _Surgeon:
    """Replaces nodes one by one."""

    def __init__(self, model: onnx.ModelProto, *, packed: bool) -> None:
        self.graph = Graph(model)
        self.packed = packed
        self.quantized: dict[str, tuple[str, str]] = {}
        self.zeros = ""

    def operate(self) -> None:
        constant = self.graph.constant
        constant("q_unit", np.array(1, np.float32))
        constant("q_zero", np.array(128, np.uint8))
        constant("q_share", np.array(1 / 127, np.float32))
        constant("q_least", np.array(1e-6, np.float32))
        constant("q_least_of_gelu", np.array(_LEAST_OF_GELU / 127, np.float32))
        constant("q_last_axis", np.array([-1], np.int64))
        constant("q_column", np.array([-1, 1], np.int64))
        self.graph.rebuild([new for node in self.graph.proto.node for new in self._replacement(node)])

    def _replacement(self, node: NodeProto) -> Iterator[NodeProto]:
        graph = self.graph
        if graph.is_product(node):
            yield from self._product(node)
        elif node.op_type == "ReduceMax" and len(node.input) == 1:  # the encoder's graph is older than _OPSET
            named = {a.name: helper.get_attribute_value(a) for a in node.attribute}
            axes = graph.constant(f"{node.output[0]}_axes", np.array(named.pop("axes"), np.int64))
            yield _node("ReduceMax", [*node.input, axes], list(node.output), **named)
        elif graph.is_lookup(node) and np.prod(graph.weights[node.input[0]].dims) >= _SMALLEST_TABLE:
            yield from self._lookup(node)
        else:
            yield node

    def _product(self, node: NodeProto) -> Iterator[NodeProto]:
        """Write x @ W as row_scale * (int8(x) @ int8(W)) * column_scale."""
        x, weight, y = node.input[0], node.input[1], node.output[0]
        matrix = self.graph.array(weight)  # (K, N)
        scale = np.maximum(np.abs(matrix).max(0), 1e-12) / _WEIGHT_LIMIT  # (N,)
        if x not in self.quantized:
            yield from self._rows(x)
        row, row_scale = self.quantized[x]
        whole = self.graph.constant(f"{weight}_q", np.rint(matrix / scale).astype(np.int8))
        column_scale = self.graph.constant(f"{weight}_s", scale.astype(np.float32))
        yield _node(
            "MatMulIntegerToFloat", [row, whole, "q_unit", column_scale, "q_zero"], [f"{y}_q"], domain=MICROSOFT
        )
        yield _node("Mul", [f"{y}_q", row_scale], [y])

    def _rows(self, x: str) -> Iterator[NodeProto]:
        """Make x (T, K) uint8 with zero point 128 and one scale per row (T, 1)."""
        made = self.graph.maker.get(x)
        least, size = "q_least", x
        if made is not None and made.op_type == "BiasGelu":
            least = "q_least_of_gelu"  # what is below zero is then no larger, so that the largest value is enough
        else:
            size = f"{x}_abs"
            yield _node("Abs", [x], [size])
        yield _node("ReduceMax", [size, "q_last_axis"], [f"{x}_max"], keepdims=0)
        yield _node("Mul", [f"{x}_max", "q_share"], [f"{x}_share"])
        yield _node("Max", [f"{x}_share", least], [f"{x}_scales"])
        if not (self.packed and self.zeros):  # all packed inputs have the same number of rows
            self.zeros = f"{x}_zeros"
            yield _node("Shape", [f"{x}_scales"], [f"{x}_count"])
            zero = helper.make_tensor("value", TensorProto.UINT8, [1], [128])
            yield _node("ConstantOfShape", [f"{x}_count"], [self.zeros], value=zero)
        yield _node("QuantizeLinear", [x, f"{x}_scales", self.zeros], [f"{x}_q"], axis=0)
        yield _node("Reshape", [f"{x}_scales", "q_column"], [f"{x}_scale"])
        self.quantized[x] = (f"{x}_q", f"{x}_scale")

    def _lookup(self, node: NodeProto) -> Iterator[NodeProto]:
        """table[i] -> scale[i] * int8_table[i]."""
        table, index, y = node.input[0], node.input[1], node.output[0]
        matrix = self.graph.array(table)  # (V, H)
        scale = np.maximum(np.abs(matrix).max(1, keepdims=True), 1e-12) / _TABLE_LIMIT  # (V, 1)
        whole = self.graph.constant(f"{table}_q", np.rint(matrix / scale).astype(np.int8))
        scales = self.graph.constant(f"{table}_s", scale.astype(np.float32))
        yield _node("Gather", [whole, index], [f"{y}_entry"])
        yield _node("Cast", [f"{y}_entry"], [f"{y}_entry_float"], to=TensorProto.FLOAT)
        yield _node("Gather", [scales, index], [f"{y}_entry_scale"])
        yield _node("Mul", [f"{y}_entry_float", f"{y}_entry_scale"], [y])
