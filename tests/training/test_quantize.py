import numpy as np
import onnx
import onnxruntime as ort
import pytest
from onnx import TensorProto, helper, numpy_helper

from standfirst.encoder import Encoder
from training.quantize import quantize

RNG = np.random.default_rng(4)
TABLE = RNG.normal(size=(4000, 32)).astype(np.float32) * RNG.uniform(0.1, 3, size=(4000, 1)).astype(np.float32)
WEIGHT = RNG.normal(size=(32, 24)).astype(np.float32) * RNG.uniform(0.1, 3, size=24).astype(np.float32)


def graph_of(
    nodes: list[onnx.NodeProto], constants: dict[str, np.ndarray], x: tuple[str, int, list]
) -> onnx.ModelProto:
    name, kind, shape = x
    made = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info(name, kind, shape)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["T", "N"])],
        [numpy_helper.from_array(value, key) for key, value in constants.items()],
    )
    return helper.make_model(made, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def lookup() -> onnx.ModelProto:
    """ids (T) -> table[ids] @ W."""
    nodes = [helper.make_node("Gather", ["table", "ids"], ["x"]), helper.make_node("MatMul", ["x", "w"], ["y"])]
    return graph_of(nodes, {"table": TABLE, "w": WEIGHT}, ("ids", TensorProto.INT64, ["T"]))


def product(weight: np.ndarray) -> onnx.ModelProto:
    """x (T, K) -> x @ W."""
    width = weight.shape[0]
    node = helper.make_node("MatMul", ["x", "w"], ["y"])
    return graph_of([node], {"w": weight}, ("x", TensorProto.FLOAT, ["T", width]))


def run(model: onnx.ModelProto, **inputs: np.ndarray) -> np.ndarray:
    session = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(None, inputs)[0]


def constants(model: onnx.ModelProto) -> dict[str, np.ndarray]:
    return {t.name: numpy_helper.to_array(t) for t in model.graph.initializer}


def in_whole_numbers(x: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """What the graph is to compute, in numpy: one scale per row of x, one per column of W."""
    rows = np.maximum(np.abs(x).max(-1, keepdims=True) * np.float32(1 / 127), np.float32(1e-6))
    columns = np.abs(weight).max(0) / 63
    return (np.rint(x / rows) @ np.rint(weight / columns)) * rows * columns


def test_the_large_table_has_one_scale_per_row_and_the_matrix_one_per_column():
    model = quantize(lookup())
    onnx.checker.check_model(model)
    kept = constants(model)
    assert {"table", "w"}.isdisjoint(kept)
    rows, columns = np.abs(TABLE).max(1, keepdims=True) / 127, np.abs(WEIGHT).max(0) / 63
    np.testing.assert_allclose(kept["table_s"], rows, rtol=1e-6)
    np.testing.assert_allclose(kept["w_s"], columns, rtol=1e-6)
    assert kept["table_q"].dtype == kept["w_q"].dtype == np.int8
    assert np.abs(kept["table_q"]).max(1).tolist() == [127] * 4000
    assert np.abs(kept["w_q"]).max(0).tolist() == [63] * 24
    assert np.abs(kept["table_q"] * rows - TABLE).max() <= rows.max() / 2 * 1.001
    operators = [node.op_type for node in model.graph.node]
    assert operators.count("Gather") == 2  # whole numbers, and their scales
    assert operators.count("MatMulIntegerToFloat") == 1
    assert "MatMul" not in operators


def test_the_graph_computes_what_numpy_does():
    ids = RNG.integers(4000, size=48)
    table = np.rint(TABLE / (np.abs(TABLE).max(1, keepdims=True) / 127)) * np.abs(TABLE).max(1, keepdims=True) / 127
    wanted = in_whole_numbers(table.astype(np.float32)[ids], WEIGHT)
    found = run(quantize(lookup()), ids=ids)
    np.testing.assert_allclose(found, wanted, rtol=1e-3, atol=2e-2)
    exact = run(lookup(), ids=ids)
    assert np.abs(found - exact).max() < 0.05 * np.abs(exact).max()


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("width", [32, 384, 1536])
def test_the_largest_numbers_do_not_saturate(width: int, sign: int):
    """Every input and weight at its limit: sums in 16 bits would clip here if weights had 8 bits."""
    x = np.ones((2, width), np.float32) * np.array([[1], [1000]], np.float32)
    found = run(quantize(product(sign * np.ones((width, 4), np.float32))), x=x)
    np.testing.assert_allclose(found, sign * width * np.array([[1.0] * 4, [1000.0] * 4]), rtol=1e-5)


def test_a_row_is_bit_for_bit_the_same_beside_any_neighbour():
    model = quantize(product(WEIGHT))
    row = RNG.normal(size=(1, 32)).astype(np.float32)
    alone = run(model, x=row)
    for n in (1, 2, 7, 64):
        loud = RNG.normal(size=(n, 32)).astype(np.float32) * 1e4
        assert (run(model, x=np.concatenate([loud, row, loud]))[n] == alone[0]).all()


def test_a_row_of_zeros_gives_zeros():
    assert (run(quantize(product(WEIGHT)), x=np.zeros((6, 32), np.float32)) == 0).all()


def test_a_column_of_zeros_gives_zeros():
    weight = WEIGHT.copy()
    weight[:, 5] = 0
    found = run(quantize(product(weight)), x=np.ones((1, 32), np.float32))
    assert np.isfinite(found).all()
    assert found[0, 5] == 0


def test_after_a_gelu_the_largest_value_is_enough():
    """Values down to -0.17 are within the scale although only the largest is looked for."""
    bias = np.zeros(32, np.float32)
    gelu = helper.make_node("BiasGelu", ["x", "bias"], ["g"], domain="com.microsoft")
    nodes = [gelu, helper.make_node("MatMul", ["g", "w"], ["y"])]
    graph = graph_of(nodes, {"w": WEIGHT, "bias": bias}, ("x", TensorProto.FLOAT, ["T", 32]))
    graph.opset_import.append(helper.make_opsetid("com.microsoft", 1))
    exact = onnx.ModelProto()
    exact.CopyFrom(graph)
    x = np.stack([np.full(32, -0.75), np.linspace(-3, 3, 32), np.full(32, -40)]).astype(np.float32)
    model = quantize(graph)
    assert "Abs" not in [node.op_type for node in model.graph.node]
    found, wanted = run(model, x=x), run(exact, x=x)
    assert np.abs(found - wanted).max() < 0.02 * np.abs(wanted).max()
    assert np.abs(found - wanted)[0].max() < 0.02 * np.abs(wanted)[0].max()


def test_small_tables_and_products_of_two_inputs_stay():
    small = TABLE[:100]
    nodes = [
        helper.make_node("Gather", ["table", "ids"], ["x"]),
        helper.make_node("Transpose", ["x"], ["t"], perm=[1, 0]),
        helper.make_node("MatMul", ["x", "t"], ["y"]),
    ]
    model = quantize(graph_of(nodes, {"table": small}, ("ids", TensorProto.INT64, ["T"])))
    assert (constants(model)["table"] == small).all()
    assert [node.op_type for node in model.graph.node] == ["Gather", "Transpose", "MatMul"]
    assert [(o.domain, o.version) for o in model.opset_import] == [("", 18)]


def test_one_input_of_two_products_is_quantised_once():
    nodes = [
        helper.make_node("MatMul", ["x", "w"], ["a"]),
        helper.make_node("MatMul", ["x", "v"], ["b"]),
        helper.make_node("Add", ["a", "b"], ["y"]),
    ]
    model = quantize(graph_of(nodes, {"w": WEIGHT, "v": -WEIGHT}, ("x", TensorProto.FLOAT, ["T", 32])))
    operators = [node.op_type for node in model.graph.node]
    assert (operators.count("QuantizeLinear"), operators.count("MatMulIntegerToFloat")) == (1, 2)
    assert np.abs(run(model, x=RNG.normal(size=(8, 32)).astype(np.float32))).max() < 1e-5


def test_weights_of_an_encoder_stay_within_seven_bits(graphs):
    kept = constants(onnx.load(str(graphs.int8)))
    whole = {name: value for name, value in kept.items() if value.dtype == np.int8}
    assert len(whole) == 2 * 4  # per layer: query, key and value in one, output, and two of the feed-forward part
    assert max(int(np.abs(value.astype(int)).max()) for value in whole.values()) == 63
    assert Encoder(graphs.int8, threads=1).run([]).shape == (0, 0)
