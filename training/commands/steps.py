"""``prepare``, ``fit``, ``evaluate``, ``export`` and ``all``: the steps of a run; and ``encoder``."""

import argparse
import json
from pathlib import Path
from typing import Any

from training.commands.places import add_data_dir, add_quiet, data_dir

_STEPS = {
    "prepare": "read and check recipe, labels and data; write counts and hashes",
    "fit": "prepare, then train (goes on where a killed run stopped)",
    "evaluate": "fit if need be, then calibrate and measure",
    "export": "the same, then write the int8 model folder",
    "all": "prepare, fit, evaluate and export",
}


def add(commands: Any) -> None:
    """Declare the steps."""
    for name, text in _STEPS.items():
        command = commands.add_parser(name, help=text, description=text)
        command.add_argument("recipe", type=Path, help="the recipe (TOML)")
        command.add_argument(
            "--output", type=Path, metavar="RUN", help="run folder (default runs/<name of the recipe>)"
        )
        add_data_dir(command)
        add_quiet(command)
        if name in ("export", "all"):
            _add_model(command, "RUN/model")
        command.set_defaults(run=_run_steps, steps=name)
    text = "export an encoder as it is, for sentence embeddings"
    encoder = commands.add_parser("encoder", help=text, description=text)
    encoder.add_argument("recipe", type=Path, help="the recipe (TOML)")
    _add_model(encoder, "runs/<name>/model")
    encoder.set_defaults(run=_run_encoder)


def _add_model(command: argparse.ArgumentParser, default: str) -> None:
    command.add_argument("--model", type=Path, metavar="DIR", help=f"model folder (default {default})")
    command.add_argument("--replace", action="store_true", help="replace a model folder that exists")


def _run_encoder(args: argparse.Namespace) -> int:
    from training import pipeline

    output = args.model or Path("runs") / args.recipe.stem / "model"
    print(pipeline.export_encoder_recipe(args.recipe, output, replace=args.replace))
    return 0


def _run_steps(args: argparse.Namespace) -> int:
    from training import folders, pipeline, plots  # torch takes seconds to import; --help need not wait for it
    from training.summary.recipe import task_of

    run = args.output or Path("runs") / args.recipe.stem
    exports = args.steps in ("export", "all")
    if exports:  # said now, not after hours of fitting
        folders.refuse_existing(args.model or run / "model", replace=args.replace)
    task = task_of(args.recipe)
    if task in ("summary", "seq2seq"):
        return _run_summary(args, run, task, exports=exports)
    plan = pipeline.prepare(args.recipe, run, data_dir(args.data_dir))
    if args.steps == "prepare":
        print((run / "data.json").read_text(encoding="utf-8"))
        return 0
    with folders.alone_in(run):
        model = pipeline.fit_plan(plan)
        if args.steps == "fit":
            return 0
        calibration, figures = pipeline.evaluate_plan(plan, model)
        pipeline.write_json(run / "metrics.json", figures)
        plots.draw_run(run)
        if exports:
            pipeline.export_plan(plan, calibration, figures, args.model or run / "model", replace=args.replace)
    _print_figures(figures)
    return 0


def _run_summary(args: argparse.Namespace, run: Path, task: str, *, exports: bool) -> int:
    from training import folders

    pipeline: Any
    if task == "summary":
        from training.summary import pipeline
    else:
        from training.seq2seq import pipeline

    plan = pipeline.prepare(args.recipe, run, data_dir(args.data_dir))
    if args.steps == "prepare":
        print((run / "data.json").read_text(encoding="utf-8"))
        return 0
    with folders.alone_in(run):
        model = pipeline.fit_plan(plan)
        if args.steps != "fit":
            output = (args.model or run / "model") if exports else run / "measured"
            figures = pipeline.export_plan(plan, model, output, replace=not exports or args.replace)
            print(json.dumps(figures, indent=1))
    return 0


def _print_figures(figures: dict[str, Any]) -> None:
    for name, table in figures.items():
        if not {"labels", "macro_f1"} <= table.keys():
            continue
        labels = "  ".join(f"{k} {v['f1']:.3f}" for k, v in table["labels"].items())
        print(
            f"{name:22s} n {table['n']:5d}  macro-F1 {table['macro_f1']:.4f}"
            f"  exact {table['exact_match']:.3f}  ECE {table['ece']:.3f}  {labels}"
        )
