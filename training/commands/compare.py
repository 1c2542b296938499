"""``compare`` two models, and ``promote`` one to the place of another."""

import argparse
import json
from pathlib import Path
from typing import Any

from training.commands.places import SHIPPED, add_data_dir, data_dir


def add(commands: Any) -> None:
    """Declare both."""
    _add_compare(commands)
    _add_promote(commands)


def _add_compare(commands: Any) -> None:
    text = "is B better than A? Paired bootstrap on the same rows"
    command = commands.add_parser("compare", help=text, description=text)
    command.add_argument("a", type=Path, metavar="A", help="the model that stands: its folder, or its run's")
    command.add_argument("b", type=Path, metavar="B", help="the model that is compared with it")
    _add_bootstrap(command)
    command.add_argument("--output", choices=("text", "json"), default="text", help="form of the answer (default text)")
    command.set_defaults(run=_run_compare)


def _add_promote(commands: Any) -> None:
    text = "put a model in the place of another, unless a label is worse beyond noise"
    command = commands.add_parser("promote", help=text, description=text)
    command.add_argument("model", type=Path, metavar="RUN_OR_MODEL", help="the candidate: its folder, or its run's")
    _add_bootstrap(command)
    command.add_argument(
        "--to", type=Path, metavar="DIR", default=SHIPPED / "topics", help="the place (default: the shipped model's)"
    )
    command.add_argument("--force", metavar="REASON", help="promote a worse model too; the manifest keeps the reason")
    command.set_defaults(run=_run_promote)


def _add_bootstrap(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--data",
        type=Path,
        nargs="+",
        default=[],
        metavar="FILE",
        help="labelled rows (default: the test file, or else the dev file, of the recipe of the model that stands)",
    )
    add_data_dir(command)
    command.add_argument("--resamples", type=int, default=1000, metavar="N", help="default 1000")
    command.add_argument("--seed", type=int, default=7, help="of the resamples (default 7)")


def _run_compare(args: argparse.Namespace) -> int:
    from training import compare

    a, b = compare.model_folder(args.a), compare.model_folder(args.b)
    found = compare.compare(a, b, args.data, data_dir(args.data_dir), resamples=args.resamples, seed=args.seed)
    as_json = args.output == "json"
    print(json.dumps(found.to_dict(), indent=1, ensure_ascii=False) if as_json else compare.render(found))
    return 0


def _run_promote(args: argparse.Namespace) -> int:
    from training import compare, promote

    candidate = compare.model_folder(args.model)
    before, found = promote.check(candidate, args.to, force=args.force), None
    if before is not None and not (args.force and promote.other_labels(candidate, args.to)):
        found = compare.compare(
            args.to, candidate, args.data, data_dir(args.data_dir), resamples=args.resamples, seed=args.seed
        )
        print(compare.render(found))
    after = promote.promote(candidate, args.to, before, found, force=args.force)
    print(f"{args.to}: {before.version if before else 'nothing'} -> {after.version}")
    return 0
