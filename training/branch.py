"""A graph with two outputs to one that computes only what is asked for.

ONNX Runtime computes every node, whichever outputs it is asked to give. The summary model's last layers exist twice,
for its embeddings and for its scores of words, so that each call would take a third longer than it needs. What only
one output needs stands in a branch of its own: the input ``wanted`` is the number of the output to compute, from 1, or
0, which it is when not given, for all.
"""

import numpy as np
import onnx
from onnx import NodeProto, TensorProto, ValueInfoProto, helper, numpy_helper

from standfirst.encoder import WANTED
from training.graph import Graph

_node = helper.make_node


def branch(model: onnx.ModelProto) -> None:
    """Change ``model`` in place; one with a single output stays as it is."""
    outputs = list(model.graph.output)
    if len(outputs) < 2:
        return
    graph = Graph(model)
    needed = [_needed(graph, output.name) for output in outputs]
    nodes, own = list[NodeProto](), [list[NodeProto]() for _ in outputs]
    for node in graph.proto.node:
        users = [number for number, names in enumerate(needed) if names.intersection(node.output)]
        (own[users[0]] if len(users) == 1 else nodes).append(node)
    graph.proto.input.append(helper.make_tensor_value_info(WANTED, TensorProto.INT64, []))
    both = graph.constant(WANTED, np.array(0, np.int64))
    nodes.append(_node("Equal", [WANTED, graph.constant("wanted_both", np.array(0, np.int64))], [f"{both}_all"]))
    for number, (output, inside) in enumerate(zip(outputs, own, strict=True), 1):
        nodes += _branch(graph, output, inside, number)
    graph.rebuild(nodes)


def _needed(graph: Graph, name: str) -> set[str]:
    """All tensors that an output is made of."""
    found: set[str] = set()
    left = [name]
    while left:
        one = left.pop()
        if one not in found:
            found.add(one)
            left += graph.maker[one].input if one in graph.maker else ()
    return found


def _branch(graph: Graph, output: ValueInfoProto, inside: list[NodeProto], number: int) -> list[NodeProto]:
    """An output's own nodes, to be computed if it is wanted; else it is empty."""
    name = output.name
    rank = len(output.type.tensor_type.shape.dim)
    computed, nothing = ValueInfoProto(), ValueInfoProto()
    computed.CopyFrom(output)
    computed.name = f"{name}_computed"
    for node in inside:
        for names in (node.input, node.output):
            names[:] = [computed.name if one == name else one for one in names]
    nothing = helper.make_tensor_value_info(f"{name}_nothing", TensorProto.FLOAT, [0] * rank)
    empty = _node(
        "Constant", [], [nothing.name], value=numpy_helper.from_array(np.zeros((0,) * rank, np.float32), nothing.name)
    )
    asked = graph.constant(f"wanted_{number}", np.array(number, np.int64))
    return [
        _node("Equal", [WANTED, asked], [f"{name}_asked"]),
        _node("Or", [f"{name}_asked", f"{WANTED}_all"], [f"{name}_wanted"]),
        _node(
            "If",
            [f"{name}_wanted"],
            [name],
            then_branch=helper.make_graph(inside, f"{name}_made", [], [computed]),
            else_branch=helper.make_graph([empty], f"{name}_left", [], [nothing]),
        ),
    ]
