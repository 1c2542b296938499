"""``distill``: make the small student of a topic model, for the fast tier of archive jobs."""

import argparse
import json
from pathlib import Path
from typing import Any

from training.commands.places import SHIPPED, add_data_dir, add_quiet, data_dir


def add(commands: Any) -> None:
    """Declare ``distill``."""
    text = "make the student of a topic model, by which `standfirst score --tier fast` begins"
    command = commands.add_parser("distill", help=text, description=text)
    command.add_argument("recipe", type=Path, help="the recipe (TOML)")
    command.add_argument("--output", type=Path, metavar="RUN", help="run folder (default runs/<name of the recipe>)")
    command.add_argument("--model", type=Path, metavar="DIR", help="model folder (default RUN/model)")
    command.add_argument("--replace", action="store_true", help="replace a model folder that exists")
    command.add_argument(
        "--teacher", type=Path, default=SHIPPED / "topics", metavar="DIR", help="default: the shipped topic model"
    )
    add_data_dir(command)
    add_quiet(command)
    command.set_defaults(run=_run)


def _run(args: argparse.Namespace) -> int:
    from training import folders
    from training.distill import pipeline
    from training.pipeline import write_json

    run = args.output or Path("runs") / args.recipe.stem
    output = args.model or run / "model"
    folders.refuse_existing(output, replace=args.replace)  # said now, not after minutes of work
    plan = pipeline.prepare(args.recipe, run, data_dir(args.data_dir), args.teacher)
    figures = pipeline.export_plan(plan, pipeline.distill(plan), output, replace=args.replace)
    write_json(run / "metrics.json", figures)
    print(json.dumps(figures, indent=1))
    return 0
