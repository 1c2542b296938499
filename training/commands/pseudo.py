"""``pseudo``: what trained models say of texts that nobody labelled, for a recipe to learn from."""

from pathlib import Path
from typing import Any

from training.commands.places import add_data_dir, add_quiet, data_dir


def add(commands: Any) -> None:
    """Declare ``pseudo``."""
    text = "write what trained models say of unlabelled texts, for `data.pseudo` of a recipe"
    command = commands.add_parser("pseudo", help=text, description=text)
    command.add_argument("recipe", type=Path, help="the recipe (TOML): what is drawn")
    command.add_argument(
        "--teacher", type=Path, action="append", required=True, metavar="DIR", help="a topic model; may be repeated"
    )
    command.add_argument("--output", type=Path, required=True, metavar="FILE", help="the file to write (.parquet)")
    add_data_dir(command)
    add_quiet(command)
    command.set_defaults(run=_run)


def _run(args: Any) -> int:
    from training.pseudo import pseudo_label

    counts = pseudo_label(args.recipe, args.teacher, data_dir(args.data_dir), args.output)
    for source, count in counts.items():
        print(f"{source:10s} {count:6d}")
    return 0
