"""A float graph over padded rows (B, S) to one over word pieces (T), so that padding costs nothing.

Only attention looks from one word piece at another. All else is computed on the T word pieces that are no padding, in
one long list: products, normalisations and activations do a third less work on paragraphs of news, and rows of any
lengths share a call. For attention the pieces are laid back into (B, S); padding gets a copy of its own row's last
piece, which the mask weighs with exactly 0.

Attention is written out. ONNX Runtime 1.32's fused operator copies queries, keys, values and results between layouts;
here one lookup takes each head's part of a piece to its place in (B, N, S, D), which is where padding goes as well.

The products that make an attention's queries, keys and values become one.
"""

import numpy as np
import onnx
from onnx import NodeProto, helper

from training.graph import MICROSOFT, Graph

_ROW_WISE = {"Add", "LayerNormalization", "SkipLayerNormalization", "BiasGelu"}
_FAR = 10_000.0
"""How far below the others a score of padding is put: its exponential is 0 in float32, as from -104 on."""
_node = helper.make_node


def pack(model: onnx.ModelProto) -> None:
    """Change ``model`` in place; its inputs are ``input_ids``, ``attention_mask`` and ``token_type_ids``."""
    fuse_attention(model)
    _Packer(model).operate()


def fuse_attention(model: onnx.ModelProto) -> None:
    """Write all attention as the fused operator: the optimiser does so only where masks are made in one way."""
    graph = Graph(model)
    nodes = list(graph.proto.node)
    for softmax in [node for node in nodes if node.op_type == "Softmax"]:
        attention, replaced = _attention(graph, softmax)
        nodes[next(i for i, node in enumerate(nodes) if replaced.output == node.output)] = attention
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
    inputs = [name for name, _ in sources] + [graph.constant(f"{last.output[0]}_bias", bias)]
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
        """Attention of N heads of width D on pieces laid back into (B, N, S, D)."""
        whole, _, _, width = self.parts[node.input[0]]
        n_heads = int(helper.get_node_attr_value(node, "num_heads"))
        size, y = width // n_heads, node.output[0]
        self._places_of_heads(n_heads)
        biased = self._add(_node("Add", [whole, node.input[3]], [f"{y}_biased"]))
        parts = self._add(_node("Reshape", [biased, self._whole([-1, size])], [f"{y}_parts"]))
        query, key, value = (
            self._add(_node("Gather", [parts, f"head_{name}"], [f"{y}_{name}"])) for name in ("query", "key", "value")
        )
        near = _node("FusedMatMul", [query, key], [f"{y}_scores"], domain=MICROSOFT, transB=1, alpha=float(size**-0.5))
        scores = self._add(near)
        masked = self._add(_node("Add", [scores, "head_mask"], [f"{y}_masked"]))
        weights = self._add(_node("Softmax", [masked], [f"{y}_weights"], axis=-1))
        mixed = self._add(_node("MatMul", [weights, value], [f"{y}_mixed"]))
        flat = self._add(_node("Reshape", [mixed, self._whole([-1, size])], [f"{y}_flat"]))
        packed = self._add(_node("Gather", [flat, "head_back"], [f"{y}_heads"]))
        self.rows.add(self._add(_node("Reshape", [packed, self._whole([-1, width])], [y])))

    def _places_of_heads(self, n_heads: int) -> None:
        """What attention needs besides pieces, once for all layers.

        ``head_query``, ``head_key`` and ``head_value`` (B, N, S) say which of the pieces' T * 3N parts stand there,
        ``head_back`` (T, N) which of the B * N * S results are a piece's; ``head_mask`` (B, 1, 1, S) goes to scores.
        """
        heads = np.arange(n_heads, dtype=np.int64)
        first = self._add(_node("Mul", ["piece_at", self._whole(3 * n_heads)], ["head_first"]))
        first = self._add(_node("Unsqueeze", [first, self._whole([1])], ["head_first_of_row"]))  # (B, 1, S)
        for number, name in enumerate(("query", "key", "value")):
            own = self.graph.constant(f"heads_{name}", (heads + number * n_heads).reshape(1, -1, 1))
            self._add(_node("Add", [first, own], [f"head_{name}"]))
        row = self._add(_node("Div", ["piece_rows", "mask_length"], ["piece_row"]))
        row = self._add(_node("Mul", [row, self._whole(n_heads)], ["piece_row_heads"]))
        row = self._add(_node("Unsqueeze", [row, self._whole([1])], ["piece_row_heads_column"]))  # (T, 1)
        head = self._add(_node("Add", [row, self.graph.constant("heads", heads.reshape(1, -1))], ["head_row"]))
        start = self._add(_node("Mul", [head, "mask_length"], ["head_start"]))
        place = self._add(_node("Unsqueeze", ["piece_place", self._whole([1])], ["piece_place_column"]))
        self._add(_node("Add", [start, place], ["head_back"]))
        mask = self._add(_node("Cast", ["attention_mask"], ["mask_float"], to=onnx.TensorProto.FLOAT))
        one = self.graph.constant("float_1", np.array(1, np.float32))
        mask = self._add(_node("Sub", [mask, one], ["mask_from_0"]))
        far = self.graph.constant("float_far", np.array(_FAR, np.float32))
        mask = self._add(_node("Mul", [mask, far], ["mask_far"]))
        self._add(_node("Unsqueeze", [mask, self._whole([1, 2])], ["head_mask"]))

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
