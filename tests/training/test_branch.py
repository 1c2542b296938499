import numpy as np
import onnx
import onnxruntime as ort
import pytest
from onnx import TensorProto, helper, numpy_helper

from standfirst.encoder import WANTED
from training.branch import branch


def two_outputs() -> onnx.ModelProto:
    """x -> 2x -> (2x + 1 squared, square root of 2x); the square root of what is negative shows who was computed."""
    node = helper.make_node
    nodes = [
        node("Mul", ["x", "two"], ["shared"]),
        node("Add", ["shared", "one"], ["sum"]),
        node("Mul", ["sum", "sum"], ["first"]),
        node("Sqrt", ["shared"], ["second"]),
    ]
    constants = {"two": np.float32(2), "one": np.float32(1)}
    values = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["N"]) for name in ("x", "first", "second")]
    initializers = [numpy_helper.from_array(np.array(value), key) for key, value in constants.items()]
    graph = helper.make_graph(nodes, "g", values[:1], values[1:], initializers)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8)


def run(model: onnx.ModelProto, **inputs: np.ndarray) -> list[np.ndarray]:
    session = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(None, inputs)


@pytest.fixture
def branched() -> onnx.ModelProto:
    model = two_outputs()
    branch(model)
    onnx.checker.check_model(model)
    return model


X = np.array([1, 8], np.float32)


def test_all_are_computed_where_nothing_is_said(branched):
    for found, wanted in zip(run(branched, x=X), run(two_outputs(), x=X), strict=True):
        np.testing.assert_array_equal(found, wanted)


@pytest.mark.parametrize("number", [1, 2])
def test_only_the_one_that_is_wanted_is_computed(branched, number: int):
    found = run(branched, x=X, **{WANTED: np.array(number)})
    np.testing.assert_array_equal(found[number - 1], run(two_outputs(), x=X)[number - 1])
    assert found[2 - number].shape == (0,)


def test_what_both_need_stands_outside(branched):
    assert [node.op_type for node in branched.graph.node].count("Mul") == 1
    inside = {
        name: [n.op_type for n in node.attribute[i].g.node]
        for node in branched.graph.node
        if node.op_type == "If"
        for i, name in [(next(i for i, a in enumerate(node.attribute) if a.name == "then_branch"), node.output[0])]
    }
    assert inside == {"first": ["Add", "Mul"], "second": ["Sqrt"]}


def test_a_graph_with_one_output_stays():
    model = two_outputs()
    del model.graph.output[1:], model.graph.node[3:]
    before = model.SerializeToString()
    branch(model)
    assert model.SerializeToString() == before
