import shutil
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from standfirst.manifest import read_manifest, write_manifest
from training.requantize import in_floats, main

RNG = np.random.default_rng(5)
MICROSOFT = "com.microsoft"


def first_form() -> tuple[onnx.ModelProto, np.ndarray, np.ndarray]:
    """ids (B, S) -> table[ids] @ W as it was written until 2026-11, with the table and the matrix it holds."""
    table, rows = RNG.integers(-127, 128, (400, 8)).astype(np.int8), RNG.uniform(0.1, 1, (400, 1)).astype(np.float32)
    weight, columns = RNG.integers(-63, 64, (8, 6)).astype(np.int8), RNG.uniform(0.1, 1, 6).astype(np.float32)
    table[:, 0], weight[0] = 127, 63
    node = helper.make_node
    nodes = [
        node("Gather", ["t_q", "ids"], ["x_entry"]),
        node("Cast", ["x_entry"], ["x_entry_float"], to=TensorProto.FLOAT),
        node("Gather", ["t_s", "ids"], ["x_entry_scale"]),
        node("Mul", ["x_entry_float", "x_entry_scale"], ["x"]),
        node("Abs", ["x"], ["x_abs"]),
        node("ReduceMax", ["x_abs", "axis"], ["x_scale"], keepdims=1),
        node("Cast", ["x"], ["x_q"], to=TensorProto.UINT8),
        node("MatMulIntegerToFloat", ["x_q", "w_q", "unit", "w_s", "zero"], ["y_q"], domain=MICROSOFT),
        node("Mul", ["y_q", "x_scale"], ["y"]),
    ]
    constants = {"t_q": table, "t_s": rows, "w_q": weight, "w_s": columns, "axis": np.array([-1])}
    constants |= {"unit": np.array(1, np.float32), "zero": np.array(128, np.uint8)}
    graph = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info("ids", TensorProto.INT64, ["B", "S"])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["B", "S", "N"])],
        [numpy_helper.from_array(value, key) for key, value in constants.items()],
    )
    domains = [helper.make_opsetid("", 18), helper.make_opsetid(MICROSOFT, 1)]
    return helper.make_model(graph, opset_imports=domains, ir_version=8), table * rows, weight * columns


def test_the_first_form_is_written_back_as_floats():
    model, table, weight = first_form()
    found = in_floats(model)
    assert [node.op_type for node in found.graph.node] == ["Gather", "MatMul"]
    kept = {t.name: numpy_helper.to_array(t) for t in found.graph.initializer}
    np.testing.assert_array_equal(kept["t"], table.astype(np.float32))
    np.testing.assert_array_equal(kept["w"], weight.astype(np.float32))


@pytest.fixture
def folder(tiny_models: dict[str, Path], tmp_path: Path) -> Path:
    """A summary model whose graph is of the first form."""
    made = tmp_path / "first"
    shutil.copytree(tiny_models["summary"], made)
    onnx.save(first_form()[0], str(made / "model.onnx"))
    write_manifest(made, kind="summary", facts={"seed": 3})
    return made


def test_a_folder_is_written_anew_with_all_that_stood_in_it(folder: Path, tmp_path: Path):
    before = read_manifest(folder, kind="summary")
    assert main([str(folder), str(tmp_path / "new")]) == 0
    after = read_manifest(tmp_path / "new", kind="summary")
    assert after.facts == {"seed": 3, "requantized_from": before.version}
    changed = {name for name, value in after.files.items() if before.files[name] != value}
    assert (changed, set(before.files)) == ({"model.onnx"}, set(after.files))
    graph = onnx.load(str(tmp_path / "new" / "model.onnx")).graph
    kept = {t.name: numpy_helper.to_array(t) for t in graph.initializer}
    np.testing.assert_array_equal(kept["w_q"], numpy_helper.to_array(first_form_weight(folder)))


def first_form_weight(folder: Path) -> TensorProto:
    graph = onnx.load(str(folder / "model.onnx")).graph
    return next(t for t in graph.initializer if t.name == "w_q")


def test_todays_form_is_left_alone(tiny_models: dict[str, Path], tmp_path: Path, capsys):
    with pytest.raises(SystemExit) as left:
        main([str(tiny_models["topics"]), str(tmp_path / "new")])
    assert left.value.code == 1
    assert "has today's form" in capsys.readouterr().err
    assert not (tmp_path / "new").exists()
