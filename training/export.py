"""From torch to the folder that serving loads: ONNX, tokenizer, label set, settings, card and manifest.

A model folder is never half there: ``folders`` moves it to its place when it is whole.
"""

import dataclasses
import json
import shutil
import tempfile
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import onnx
import tomli_w
import torch
from onnxruntime.transformers import optimizer as ort_optimizer
from onnxruntime.transformers.fusion_options import FusionOptions
from torch import nn

from standfirst.labels import LabelSet
from standfirst.manifest import write_manifest
from training.calibrate import Calibration
from training.card import model_card
from training.folders import new_folder
from training.model import EmbeddingModel
from training.quantize import quantize
from training.recipe import Recipe


def export(  # noqa: PLR0917
    graph: Path,
    recipe: Recipe,
    labels: LabelSet,
    calibration: Calibration,
    tokenizer: Path,
    facts: Mapping[str, Any],
    output: Path,
    *,
    replace: bool = False,
) -> Path:
    """Write the model folder ``output`` around the int8 ``graph``; manifest and card take ``facts``.

    Raises
    ------
    DataError
        If ``output`` exists and ``replace`` is false.
    """
    with new_folder(output, replace=replace) as folder:
        shutil.copyfile(graph, folder / "model.onnx")
        shutil.copyfile(tokenizer, folder / "tokenizer.json")
        (folder / "labels.toml").write_text(tomli_w.dumps(_labels_table(labels)), encoding="utf-8")
        (folder / "config.json").write_text(_config(recipe, labels, calibration), encoding="utf-8")
        (folder / "README.md").write_text(model_card(recipe, labels, facts), encoding="utf-8")
        write_manifest(folder, kind="topics", facts=facts)
    return output


def export_encoder(
    model: EmbeddingModel,
    tokenizer: Path,
    card: str,
    facts: Mapping[str, Any],
    output: Path,
    *,
    replace: bool = False,
) -> Path:
    """Write an encoder without a head, for the summariser's sentence embeddings; raises as ``export``."""
    with new_folder(output, replace=replace) as folder:
        onnx.save(int8_graph(model), str(folder / "model.onnx"))
        shutil.copyfile(tokenizer, folder / "tokenizer.json")
        (folder / "README.md").write_text(card, encoding="utf-8")
        write_manifest(folder, kind="summary", facts=facts)
    return output


def int8_graph(model: nn.Module, outputs: Sequence[str] = ("output",)) -> onnx.ModelProto:
    """The model as the int8 ONNX graph that is served."""
    with tempfile.TemporaryDirectory() as name:
        return quantize(float_graph(model, Path(name) / "float.onnx", outputs))


def float_graph(model: nn.Module, path: Path, outputs: Sequence[str] = ("output",)) -> onnx.ModelProto:
    """The model as a float32 ONNX graph with fused attention, normalisation and activation.

    ``model.encoder`` is the encoder; the first output is (B, ...), others are (B, S, ...).
    """
    names = ["input_ids", "attention_mask", "token_type_ids"]
    example = torch.ones(2, 16, dtype=torch.long)
    axes = {name: {0: "B", 1: "S"} for name in (*names, *outputs[1:])} | {outputs[0]: {0: "B"}}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the tracer doubts Python branches that are constant here
        torch.onnx.export(
            model.eval(),
            (example, example, example * 0),
            str(path),
            input_names=names,
            output_names=list(outputs),
            dynamic_axes=axes,
            opset_version=17,
            dynamo=False,
        )
    options = FusionOptions("bert")
    options.enable_embed_layer_norm = False  # the embedding table is to be quantised by itself
    options.use_multi_head_attention = True  # keeps the projections as products that can be quantised
    encoder: Any = model.encoder
    config = encoder.config
    fused = ort_optimizer.optimize_model(
        str(path),
        model_type="bert",
        num_heads=config.num_attention_heads,
        hidden_size=config.hidden_size,
        optimization_options=options,
        opt_level=0,
    )
    graph: onnx.ModelProto = fused.model
    return graph


def _config(recipe: Recipe, labels: LabelSet, calibration: Calibration) -> str:
    table = {
        "format": 1,
        "name": recipe.name,
        "max_tokens": recipe.fit.max_tokens,
        "max_context": recipe.context.max_tokens,
        "windows": recipe.fit.windows,
        "labels": {
            name: {
                "scale": round(float(calibration.scale[i]), 6),
                "shift": round(float(calibration.shift[i]), 6),
                "threshold": float(calibration.thresholds[i]),
                **_interval(calibration, i),
            }
            for i, name in enumerate(labels.names)
        },
    }
    return json.dumps(table, indent=1) + "\n"


def _interval(calibration: Calibration, i: int) -> dict[str, list[float]]:
    """The interval of a label's threshold, where it has one."""
    return {} if calibration.intervals is None else {"threshold_interval": calibration.intervals[i].tolist()}


def _labels_table(labels: LabelSet) -> dict[str, Any]:
    rows = [
        {k: list(v) if isinstance(v, tuple) else v for k, v in dataclasses.asdict(label).items() if v}
        for label in labels.labels
    ]
    return {
        "name": labels.name,
        "version": labels.version,
        "multi_label": labels.multi_label,
        "label": rows,
    }
