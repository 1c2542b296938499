"""``init``: begin a recipe for a table of one's own."""

import argparse
import shlex
import sys
from pathlib import Path
from typing import Any

from standfirst.errors import DataError


def add(commands: Any) -> None:
    """Declare ``init``."""
    text = "write a label set and a recipe for a table of your own"
    init = commands.add_parser("init", help=text, description=text)
    init.add_argument("folder", type=Path, metavar="DIR", help="where labels.toml and recipe.toml go; is made")
    for split, of in (("train", ""), ("dev", " (default: a share of train)"), ("test", " (default: none)")):
        init.add_argument(
            f"--{split}", type=Path, metavar="FILE", required=split == "train", help=f"CSV, TSV, JSONL or Parquet{of}"
        )
    init.add_argument("--text", metavar="COL", help="column of the text (default: found)")
    init.add_argument("--labels", metavar="COL", help="column of the labels; or A,B,C: one per label, of 1 and 0")
    init.add_argument("--context", metavar="COL", help="column of what stands over the text, a headline ('' for none)")
    init.add_argument("--group", metavar="COL", help="column of the document, kept in one split ('' for none)")
    date = "column of the date: with no --dev file the latest are set aside ('' for none)"
    init.add_argument("--date", metavar="COL", help=date)
    init.add_argument("--separator", metavar="S", help="between the labels of a cell (default: found; '' for none)")
    init.add_argument("--columns", metavar="A,B", help="names of the columns, if the first line of a table is a row")
    init.add_argument("--encoding", default="utf-8", help="of the tables, such as cp1252 or utf-16 (default: utf-8)")
    init.add_argument("--stage", choices=("fit", "contrast"), help="how to train (default: by the rows per label)")
    several = init.add_mutually_exclusive_group()
    several.add_argument("--multi-label", action="store_true", default=None, help="any number of labels, or none")
    several.add_argument("--single-label", dest="multi_label", action="store_false", help="exactly one label")
    init.set_defaults(run=_run)


def _run(args: argparse.Namespace) -> int:
    from training.guess import Wishes
    from training.start import start

    columns = tuple(c.strip() for c in (args.columns or "").split(",") if c.strip())
    keys = ("text", "labels", "context", "group", "date", "separator", "multi_label", "encoding", "stage")
    files = {split: path for split in ("train", "dev", "test") if (path := getattr(args, split)) is not None}
    try:
        begun = start(args.folder, files, Wishes(columns=columns, **{key: getattr(args, key) for key in keys}))
    except DataError as error:
        print("\n".join(getattr(error, "__notes__", ())), file=sys.stderr)
        raise
    print("\n".join(begun.notes))
    print(f"written: {args.folder / 'labels.toml'} and {begun.recipe}")
    run = shlex.join(["python", "-m", "training", "all", str(begun.recipe), "--output", str(args.folder / "run")])
    print(f"next: {run}")
    return 0
