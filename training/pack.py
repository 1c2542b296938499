"""A float graph over padded rows (B, S) to one over word pieces (T), so that padding costs nothing.

Only attention looks from one word piece at another. All else is computed on the T word pieces that are no padding, in
one long list: products, normalisations and activations do a third less work on paragraphs of news, and rows of any
lengths share a call. For attention the pieces are laid back into (B, S); padding gets a copy of its own row's last
piece, which the mask weighs with exactly 0.

The products that make an attention's queries, keys and values become one.
"""

import numpy as np
import onnx
from onnx import NodeProto, helper

from training.graph import MICROSOFT, Graph

_ROW_WISE = {"Add", "LayerNormalization", "SkipLayerNormalization", "BiasGelu"}
_node = helper.make_node


def pack(model: onnx.ModelProto) -> None:
    """Change ``model`` in place; its inputs are ``input_ids``, ``attention_mask`` and ``token_type_ids``."""
    fuse_attention(model)
    _Packer(model).operate()


def fuse_attention(model: onnx.ModelProto) -> None:
    """Replace attention that is written out, as ONNX Runtime's optimiser leaves it where masks are made by hand."""
    graph = Graph(model)
    nodes = list(graph.proto.node)
    for softmax in [node for node in nodes if node.op_type == "Softmax"]:
        attention, replaced = _attention(graph, softmax)
        nodes[next(i for i, node in enumerate(nodes) if replaced.output == node.output)] = attention
    if len({node.input[4] for node in nodes if node.op_type == "MultiHeadAttention"} - set(graph.maker)):
        axis = graph.constant("mask_axis", np.array([1], np.int64))
        nodes.insert(0, _node("Cast", ["attention_mask"], ["mask_whole"], to=onnx.TensorProto.INT32))
        nodes.insert(1, _node("ReduceSum", ["mask_whole", axis], ["mask_lengths"], keepdims=0))
    graph.rebuild(nodes)


def _attention(graph: Graph, softmax: NodeProto) -> tuple[NodeProto, NodeProto]:
    """The fused node, and the node whose output it makes: softmax(q k * scale + mask) v, heads laid together."""
    scaled = graph.maker[graph.maker[softmax.input[0]].input[0]]
    scores = graph.maker[scaled.input[0]]
    mixed = next(graph.readers(softmax.output[0]))
    sources = [_projection(graph, name) for name in (*scores.input, mixed.input[1])]
    width = len(graph.array(sources[0][1]))
    per_head = round(float(graph.array(scaled.input[1])) ** -2)
    bias = np.concatenate([graph.array(name) for _, name in sources])
    last = next(graph.readers(next(graph.readers(mixed.output[0])).output[0]))
    inputs = [name for name, _ in sources] + [graph.constant(f"{last.output[0]}_bias", bias), "mask_lengths"]
    made = _node("MultiHeadAttention", inputs, list(last.output), domain=MICROSOFT, num_heads=width // per_head)
    return made, last


def _projection(graph: Graph, name: str) -> tuple[str, str]:
    """The product and the bias from which a head's queries, keys or values were made."""
    while graph.maker[name].op_type in {"Transpose", "Reshape"}:
        name = graph.maker[name].input[0]
    first, second = graph.maker[name].input
    return (second, first) if first in graph.weights else (first, second)


class _Packer:
    """Writes the nodes anew, some of them on rows (T, .); ``rows`` names the tensors that are."""

    def __init__(self, model: onnx.ModelProto) -> None:
        self.graph = Graph(model)
        self.rows: set[str] = set()
        self.nodes: list[NodeProto] = []
        self.made: set[str] = set()
        self.groups: dict[tuple[str, str], list[NodeProto]] = {}
        self.parts: dict[str, tuple[str, int, int, int]] = {}

    def operate(self) -> None:
        for node in filter(self.graph.is_product, self.graph.proto.node):
            self.groups.setdefault(self._group(node), []).append(node)
        self._indices()
        for node in self.graph.proto.node:
            if self.graph.is_lookup(node):
                self._add(_node("Gather", [node.input[0], self._index(node.input[1])], node.output))
                self.rows.add(node.output[0])
            elif self.graph.is_product(node) and node.input[0] in self.rows:
                self._products(node)
            elif node.op_type == "MultiHeadAttention":
                self._attend(node)
            elif node.op_type in _ROW_WISE and self.rows.intersection(node.input):
                self._row_wise(node)
            else:
                self._other(node)
        for output in self.graph.proto.output:
            if output.name in self.rows:
                self._give(output.name)
        self.graph.rebuild(self.nodes)

    def _add(self, node: NodeProto) -> str:
        """Add a node unless there is one with its output; gives the output's name."""
        if node.output[0] not in self.made:
            self.made.add(node.output[0])
            self.nodes.append(node)
        return str(node.output[0])

    def _whole(self, value: int | list[int]) -> str:
        name = "whole_" + "_".join(str(one).replace("-", "m") for one in np.ravel(value))
        return self.graph.constant(name + "_list" * isinstance(value, list), np.array(value, np.int64))

    def _indices(self) -> None:
        """``piece_rows`` (T): where each piece stands in (B * S); ``piece_at`` (B, S): which piece stands there."""
        every, one = self._whole([-1]), self._whole([1])
        self._add(_node("Shape", ["attention_mask"], ["mask_shape"]))
        self._add(_node("Reshape", ["attention_mask", every], ["mask_flat"]))
        self._add(_node("NonZero", ["mask_flat"], ["piece_found"]))
        self._add(_node("Reshape", ["piece_found", every], ["piece_rows"]))
        self._add(_node("CumSum", ["mask_flat", self._whole(0)], ["piece_count"]))
        self._add(_node("Sub", ["piece_count", one], ["piece_at_flat"]))
        self._add(_node("Reshape", ["piece_at_flat", "mask_shape"], ["piece_at"]))
        self._add(_node("Gather", ["mask_shape", one], ["mask_length"]))
        self._add(_node("Mod", ["piece_rows", "mask_length"], ["piece_place"]))

    def _index(self, name: str) -> str:
        """A lookup's index for each piece; one that is no input of the graph is (1, S), the same for all rows."""
        flat = self._add(_node("Reshape", [name, self._whole([-1])], [f"{name}_flat"]))
        given = {i.name for i in self.graph.proto.input}
        return self._add(_node("Gather", [flat, "piece_rows" if name in given else "piece_place"], [f"{name}_rows"]))

    def _group(self, product: NodeProto) -> tuple[str, str]:
        """What a product shares with those that it is merged with: its input and the attention that reads it."""
        reader = next(self.graph.readers(product.output[0]), product)
        fused = reader if reader.op_type == "MultiHeadAttention" else product
        return product.input[0], fused.output[0]

    def _products(self, node: NodeProto) -> None:
        """One product for all of a group, made when the first of them comes."""
        group = self.groups[self._group(node)]
        if group[0] is not node:
            return
        matrices = [self.graph.array(one.input[1]) for one in group]
        matrix = node.input[1]
        if len(group) > 1:
            matrix = self.graph.constant(f"{matrix}_all", np.concatenate(matrices, axis=1))
        whole = self._add(_node("MatMul", [node.input[0], matrix], node.output))
        self.rows.add(whole)
        for number, (one, columns) in enumerate(zip(group, matrices, strict=True)):
            self.parts[one.output[0]] = (whole, number, len(group), columns.shape[1])

    def _attend(self, node: NodeProto) -> None:
        """Attention on pieces laid back into (B, S, H)."""
        width = self.parts[node.input[0]][3]
        padded = [self._laid_back(*self.parts[name], name) for name in node.input[:3]]
        attended, result = f"{node.output[0]}_padded", node.output[0]
        attention = NodeProto()
        attention.CopyFrom(node)
        attention.input[:3] = padded
        attention.output[0] = attended
        self._add(attention)
        flat = self._add(_node("Reshape", [attended, self._whole([-1, width])], [f"{result}_flat"]))
        self.rows.add(self._add(_node("Gather", [flat, "piece_rows"], [result])))

    def _laid_back(self, whole: str, number: int, count: int, width: int, name: str) -> str:
        """Columns ``number`` of ``count`` of a product, (T, count * width), as (B, S, width)."""
        if count == 1:
            return self._add(_node("Gather", [whole, "piece_at"], [f"{name}_padded"]))
        split = self._add(_node("Reshape", [whole, self._whole([-1, width])], [f"{whole}_split"]))
        index = f"piece_at_{number}_of_{count}"
        first = self._add(_node("Mul", ["piece_at", self._whole(count)], [f"piece_at_first_of_{count}"]))
        self._add(_node("Add", [first, self._whole(number)], [index]))
        return self._add(_node("Gather", [split, index], [f"{name}_padded"]))

    def _row_wise(self, node: NodeProto) -> None:
        self.rows.add(node.output[0])
        if node.op_type != "SkipLayerNormalization":
            self._add(node)
            return
        # ONNX Runtime 1.32 sums and normalises in one scalar loop, which takes five times as long as three passes.
        x, skip, scale, shift, bias = node.input
        y = node.output[0]
        biased = self._add(_node("Add", [x, bias], [f"{y}_biased"]))
        total = self._add(_node("Add", [biased, skip], [f"{y}_sum"]))
        epsilon = helper.get_node_attr_value(node, "epsilon")
        self._add(_node("LayerNormalization", [total, scale, shift], [y], axis=-1, epsilon=epsilon))

    def _give(self, name: str) -> None:
        """Lay rows that the graph gives back into (B, S, .), under the name that they have."""
        rows = f"{name}_packed"
        for node in self.nodes:
            for names in (node.input, node.output):
                names[:] = [rows if one == name else one for one in names]
        self.nodes.append(_node("Gather", [rows, "piece_at"], [name]))

    def _other(self, node: NodeProto) -> None:
        """A node of the padded world; what comes from rows is laid back first."""
        copy = NodeProto()
        copy.CopyFrom(node)
        for place, name in enumerate(copy.input):
            if name in self.rows:
                copy.input[place] = self._add(_node("Gather", [name, "piece_at"], [f"{name}_padded"]))
        self._add(copy)
