"""``fetch``: bring the public texts that annotations point at."""

import argparse
import shlex
from pathlib import Path
from typing import Any

from training.commands.places import FETCHED


def add(commands: Any) -> None:
    """Declare ``fetch``."""
    text = "bring the public texts that our annotations point at"
    command = commands.add_parser("fetch", help=text, description=text)
    command.add_argument("--to", type=Path, metavar="DIR", default=FETCHED, help="data folder (default: data)")
    command.add_argument(
        "--source", action="append", default=[], metavar="NAME", help="guardian, bbc, cnn, wiki or gdelt (default: all)"
    )
    command.add_argument("--dry-run", action="store_true", help="say what would be fetched, and fetch nothing")
    command.set_defaults(run=_run)


def _run(args: argparse.Namespace) -> int:
    from training.fetch import fetch

    for line in fetch(args.to, args.source, dry_run=args.dry_run):
        print(line, flush=True)
    if not args.dry_run and args.to.resolve() != FETCHED:
        print(f"next: python -m training all RECIPE.toml --data-dir {shlex.quote(str(args.to))}")
    return 0
