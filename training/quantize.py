"""A float ONNX graph to int8, so that a text's answer never depends on its batch-mates.

ONNX Runtime's own dynamic quantisation takes one scale for a whole batch: a neighbour with large activations
changes everyone's logits. Here each word piece has its own scale (one per row of every matrix product),
weights have one per output column, the big lookup tables one per row. Weights stay within 7 bits: on
processors without VNNI, u8 x s8 products are summed in 16 bits, and two products of 255 x 63 still fit there.
"""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import onnx
from onnx import NodeProto, TensorProto, helper, numpy_helper

_WEIGHT_LIMIT = 63
_TABLE_LIMIT = 127
_SMALLEST_TABLE = 100_000
_OPSET = 18  # ReduceMax takes its axes as an input from here on


def quantize(model: onnx.ModelProto) -> onnx.ModelProto:
    """Replace every product with a constant matrix and every large table; change ``model`` in place."""
    _Surgeon(model).operate()
    for opset in model.opset_import:
        if opset.domain == "":
            opset.version = _OPSET
    return model


class _Surgeon:
    """Holds the graph while its nodes are replaced one by one."""

    def __init__(self, model: onnx.ModelProto) -> None:
        self.model = model
        self.graph = model.graph
        self.weights = {t.name: t for t in self.graph.initializer}
        self.replaced: set[str] = set()
        self.quantized: dict[str, tuple[str, str]] = {}

    def operate(self) -> None:
        self._constant("q_unit", np.array(1, np.float32))
        self._constant("q_zero", np.array(128, np.uint8))
        self._constant("q_share", np.array(1 / 127, np.float32))
        self._constant("q_least", np.array(1e-6, np.float32))
        self._constant("q_last_axis", np.array([-1], np.int64))
        self._constant("q_flat", np.array([-1], np.int64))
        nodes = [new for node in self.graph.node for new in self._replacement(node)]
        kept = [t for t in self.graph.initializer if t.name not in self.replaced]
        del self.graph.node[:], self.graph.initializer[:]
        self.graph.node.extend(nodes)
        self.graph.initializer.extend(kept)
        if self.quantized:
            self.model.opset_import.append(helper.make_opsetid("com.microsoft", 1))

    def _constant(self, name: str, value: npt.NDArray[np.generic]) -> str:
        self.graph.initializer.append(numpy_helper.from_array(value, name))
        return name

    def _replacement(self, node: NodeProto) -> Iterator[NodeProto]:
        weight = self.weights.get(node.input[1]) if len(node.input) > 1 else None
        table = self.weights.get(node.input[0]) if node.input else None
        if node.op_type == "MatMul" and weight is not None and len(weight.dims) == 2:
            yield from self._product(node, weight)
        elif node.op_type == "Gather" and table is not None and np.prod(table.dims) >= _SMALLEST_TABLE:
            yield from self._lookup(node, table)
        else:
            yield node

    def _product(self, node: NodeProto, weight: TensorProto) -> Iterator[NodeProto]:
        """Write x @ W as row_scale * (int8(x) @ int8(W)) * column_scale."""
        x, y = node.input[0], node.output[0]
        matrix = numpy_helper.to_array(weight)  # (K, N)
        scale = np.maximum(np.abs(matrix).max(0), 1e-12) / _WEIGHT_LIMIT  # (N,)
        if x not in self.quantized:
            yield from self._rows(x, matrix.shape[0])
        row, row_scale = self.quantized[x]
        self.replaced.add(weight.name)
        whole = self._constant(f"{weight.name}_q", np.rint(matrix / scale).astype(np.int8))
        column_scale = self._constant(f"{weight.name}_s", scale.astype(np.float32))
        yield helper.make_node(
            "MatMulIntegerToFloat",
            [row, whole, "q_unit", column_scale, "q_zero"],
            [f"{y}_q"],
            domain="com.microsoft",
        )
        yield helper.make_node("Mul", [f"{y}_q", row_scale], [y])

    def _rows(self, x: str, width: int) -> Iterator[NodeProto]:
        """Make x (B, S, K) uint8 with zero point 128 and one scale per row (B, S, 1)."""
        flat = self._constant(f"{x}_flat", np.array([-1, width], np.int64))
        node = helper.make_node
        yield node("Abs", [x], [f"{x}_abs"])
        yield node("ReduceMax", [f"{x}_abs", "q_last_axis"], [f"{x}_max"], keepdims=1)
        yield node("Mul", [f"{x}_max", "q_share"], [f"{x}_share"])
        yield node("Max", [f"{x}_share", "q_least"], [f"{x}_scale"])
        yield node("Reshape", [f"{x}_scale", "q_flat"], [f"{x}_scales"])
        yield node("Shape", [f"{x}_scales"], [f"{x}_count"])
        zero = helper.make_tensor("value", TensorProto.UINT8, [1], [128])
        yield node("ConstantOfShape", [f"{x}_count"], [f"{x}_zeros"], value=zero)
        yield node("Reshape", [x, flat], [f"{x}_rows"])
        yield node("QuantizeLinear", [f"{x}_rows", f"{x}_scales", f"{x}_zeros"], [f"{x}_whole"], axis=0)
        yield node("Shape", [x], [f"{x}_shape"])
        yield node("Reshape", [f"{x}_whole", f"{x}_shape"], [f"{x}_q"])
        self.quantized[x] = (f"{x}_q", f"{x}_scale")

    def _lookup(self, node: NodeProto, table: TensorProto) -> Iterator[NodeProto]:
        """table[i] -> scale[i] * int8_table[i]."""
        y, index = node.output[0], node.input[1]
        matrix = numpy_helper.to_array(table)  # (V, H)
        scale = np.maximum(np.abs(matrix).max(1, keepdims=True), 1e-12) / _TABLE_LIMIT  # (V, 1)
        self.replaced.add(table.name)
        whole = self._constant(f"{table.name}_q", np.rint(matrix / scale).astype(np.int8))
        scales = self._constant(f"{table.name}_s", scale.astype(np.float32))
        yield helper.make_node("Gather", [whole, index], [f"{y}_entry"])
        yield helper.make_node("Cast", [f"{y}_entry"], [f"{y}_entry_float"], to=TensorProto.FLOAT)
        yield helper.make_node("Gather", [scales, index], [f"{y}_entry_scale"])
        yield helper.make_node("Mul", [f"{y}_entry_float", f"{y}_entry_scale"], [y])
