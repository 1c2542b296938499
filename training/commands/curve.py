"""``curve``: how good a recipe's model gets with more and more of its rows."""

import argparse
from pathlib import Path
from typing import Any

from training.commands.places import add_data_dir, add_quiet, data_dir


def add(commands: Any) -> None:
    """Declare ``curve``."""
    text = "learning curve: fit on growing shares of the training rows, and plot"
    command = commands.add_parser("curve", help=text, description=text)
    command.add_argument("recipe", type=Path, help="the recipe (TOML)")
    command.add_argument(
        "--shares", type=_shares, default=(0.1, 0.25, 0.5, 1.0), metavar="A,B", help="default 0.1,0.25,0.5,1.0"
    )
    command.add_argument("--seeds", type=int, default=3, metavar="N", help="fits of each share (default 3)")
    command.add_argument("--output", type=Path, metavar="DIR", help="folder (default runs/<name of the recipe>-curve)")
    command.add_argument(
        "--equal-steps", action="store_true", help="more epochs for smaller shares, so that all take as many steps"
    )
    command.add_argument("--keep-models", action="store_true", help="keep the checkpoints of every point")
    add_data_dir(command)
    add_quiet(command)
    command.set_defaults(run=_run)


def _shares(text: str) -> tuple[float, ...]:
    try:
        return tuple(float(part) for part in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text}; expected numbers such as 0.25,0.5,1") from None


def _run(args: argparse.Namespace) -> int:
    from training import curve, pipeline, plots

    output = args.output or Path("runs") / f"{args.recipe.stem}-curve"
    plan = pipeline.prepare(args.recipe, output, data_dir(args.data_dir))
    found = curve.draw_curve(plan, args.shares, args.seeds, equal_steps=args.equal_steps, keep_models=args.keep_models)
    pipeline.write_json(output / "curve.json", found)
    plots.draw_learning_curve(output, found["curves"])
    for split, rows in found["curves"].items():
        for row in rows:
            whole = row["macro_f1"]
            print(
                f"{split:5s} {row['share']:5.3g} {row['n']:7,d} rows  macro-F1 {whole['mean']:.4f}"
                f"  [{whole['low']:.4f}, {whole['high']:.4f}]  "
                + "  ".join(f"{name} {f['mean']:.3f} ({f['examples']})" for name, f in row["labels"].items())
            )
    print(found["verdict"])
    return 0
