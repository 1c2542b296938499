"""What the surgery on ONNX graphs shares: a graph whose nodes are replaced one by one."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import onnx
from onnx import NodeProto, TensorProto, helper, numpy_helper

Array = npt.NDArray[np.generic]
MICROSOFT = "com.microsoft"


def _inputs(node: NodeProto) -> Iterator[str]:
    """What a node takes, be it within its branches."""
    yield from node.input
    for attribute in node.attribute:
        for inner in attribute.g.node:
            yield from _inputs(inner)


class Graph:
    """The nodes, constants and outputs of a model that is changed in place."""

    def __init__(self, model: onnx.ModelProto) -> None:
        self.model = model
        self.proto = model.graph
        self.weights: dict[str, TensorProto] = {t.name: t for t in self.proto.initializer}
        self.maker: dict[str, NodeProto] = {name: node for node in self.proto.node for name in node.output}

    def array(self, name: str) -> Array:
        """The values of a constant, be it an initializer or a node."""
        if name in self.weights:
            return numpy_helper.to_array(self.weights[name])
        return numpy_helper.to_array(self.maker[name].attribute[0].t)

    def constant(self, name: str, value: Array) -> str:
        """Add a constant unless there is one of that name; gives the name."""
        if name not in self.weights:
            self.weights[name] = numpy_helper.from_array(value, name)
            self.proto.initializer.append(self.weights[name])
        return name

    def readers(self, name: str) -> Iterator[NodeProto]:
        """The nodes that take a tensor."""
        return (node for node in self.proto.node if name in node.input)

    def is_product(self, node: NodeProto) -> bool:
        """Whether a node is a product with a constant matrix."""
        weight = self.weights.get(node.input[1]) if node.op_type == "MatMul" else None
        return weight is not None and len(weight.dims) == 2

    def is_lookup(self, node: NodeProto) -> bool:
        """Whether a node takes rows of a constant table."""
        table = self.weights.get(node.input[0]) if node.op_type == "Gather" else None
        return table is not None and len(table.dims) == 2

    def rebuild(self, nodes: list[NodeProto]) -> None:
        """Put these nodes in the place of all, and drop whatever no output needs any more."""
        needed = {o.name for o in self.proto.output}
        kept = []
        for node in reversed(nodes):
            if needed.intersection(node.output):
                kept.append(node)
                needed.update(_inputs(node))
        constants = [t for t in self.proto.initializer if t.name in needed]
        del self.proto.node[:], self.proto.initializer[:]
        self.proto.node.extend(reversed(kept))
        self.proto.initializer.extend(constants)
        domains = {opset.domain for opset in self.model.opset_import}
        if MICROSOFT not in domains and any(node.domain == MICROSOFT for node in kept):
            self.model.opset_import.append(helper.make_opsetid(MICROSOFT, 1))
