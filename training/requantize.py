"""An exported folder whose graph is of an earlier form to one of today's, with the same whole numbers in it.

``python -m training.requantize FOLDER OUTPUT [--replace]``. No float weights are needed: what the earlier form holds is
written back as floats (a whole number times its scale), from which ``quantize`` finds the same numbers and scales.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from shutil import copyfile

import numpy as np
import onnx
from onnx import NodeProto, helper

from standfirst.errors import DataError, StandfirstError
from standfirst.manifest import read_manifest, write_manifest
from training.folders import new_folder
from training.graph import MICROSOFT, Graph
from training.quantize import quantize


def main(argv: Sequence[str] | None = None) -> int:
    """Write one folder anew."""
    parser = argparse.ArgumentParser(prog="python -m training.requantize", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("--replace", action="store_true", help="let OUTPUT exist; it may be FOLDER")
    args = parser.parse_args(argv)
    try:
        requantize(args.folder, args.output, replace=args.replace)
    except StandfirstError as error:
        parser.exit(1, f"error: {error}\n")
    return 0


def requantize(folder: Path, output: Path, *, replace: bool = False) -> None:
    """Write the exported ``folder`` to ``output`` with its graph in today's form; all else stays.

    Raises
    ------
    DataError
        If the graph has today's form, or ``output`` exists and ``replace`` is false.
    ModelNotFound, ModelCorrupt
        If ``folder`` is no exported model.
    """
    kind = "topics" if (folder / "labels.toml").exists() else "summary"
    manifest = read_manifest(folder, kind=kind, required=("model.onnx",))
    model = onnx.load(str(folder / "model.onnx"))
    if any("piece_rows" in node.output for node in model.graph.node):
        raise DataError("the graph has today's form", where=str(folder))
    quantize(in_floats(model))
    with new_folder(output, replace=replace) as made:
        for name in manifest.files:
            copyfile(folder / name, made / name)
        onnx.save(model, str(made / "model.onnx"))
        write_manifest(made, kind=manifest.kind, facts={**manifest.facts, "requantized_from": manifest.version})


def in_floats(model: onnx.ModelProto) -> onnx.ModelProto:
    """Write the int8 products and tables of the first form (until 2026-11) as float ones; change ``model`` in place."""
    graph = Graph(model)
    nodes: list[NodeProto] = []
    for node in graph.proto.node:
        if node.domain == MICROSOFT and node.op_type == "MatMulIntegerToFloat":
            row, whole, _, scale, _ = node.input
            weight = _floats(graph, whole, scale)
            nodes.append(helper.make_node("MatMul", [_bare(row), weight], [_bare(node.output[0])]))
        elif node.op_type == "Gather" and node.output[0].endswith("_entry"):
            whole, index = node.input
            table = _floats(graph, whole, f"{_bare(whole)}_s")
            nodes.append(helper.make_node("Gather", [table, index], [node.output[0].removesuffix("_entry")]))
        elif not (node.op_type == "Mul" and node.input[0].endswith(("_q", "_entry_float"))):
            nodes.append(node)
    graph.rebuild(nodes)
    return model


def _bare(name: str) -> str:
    return name.removesuffix("_q")


def _floats(graph: Graph, whole: str, scale: str) -> str:
    numbers = np.multiply(graph.array(whole), graph.array(scale), dtype=np.float32)
    return graph.constant(_bare(whole), numbers)


if __name__ == "__main__":
    sys.exit(main())
