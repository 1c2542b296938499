"""``reproduce``: train a model again from its manifest and compare."""

import argparse
import json
from pathlib import Path
from typing import Any

from training.commands.places import add_data_dir, add_quiet, data_dir


def add(commands: Any) -> None:
    """Declare ``reproduce``."""
    text = "train a model again from its manifest; the same bytes, or macro-F1 within a band, or exit 1"
    command = commands.add_parser("reproduce", help=text, description=text)
    command.add_argument("model", type=Path, metavar="MODEL_DIR", help="the model: its folder, or its run's")
    command.add_argument("--output", type=Path, metavar="RUN", help="run folder (default runs/<name>-reproduced)")
    add_data_dir(command)
    command.add_argument(
        "--recipe-dir", type=Path, metavar="DIR", help="where the recipe lay (default: as the manifest says)"
    )
    command.add_argument("--anyway", action="store_true", help="go on if the data are not the same as then")
    command.add_argument(
        "--band",
        type=_share,
        metavar="X",
        help="largest difference in macro-F1 where code, libraries or processor differ "
        "(default: half the 95%% bootstrap interval, at least 0.02)",
    )
    command.add_argument("--json", action="store_true", help="print the report as JSON")
    add_quiet(command)
    command.set_defaults(run=_run)


def _share(text: str) -> float:
    value = float(text)
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"{text}; expected 0 to 1")
    return value


def _run(args: argparse.Namespace) -> int:
    from training import compare, reproduce

    model = compare.model_folder(args.model)
    original = reproduce.read_original(model, data_dir(args.data_dir), args.recipe_dir)
    changed = reproduce.changed_data(original)
    if changed and not args.anyway:
        reason = "the data are not those of then; bring them back, see --recipe-dir and --data-dir, or pass --anyway"
        table = {
            "verdict": "not reproduced",
            "changes": [{"what": c.what, "then": c.then, "now": c.now} for c in changed],
        }
        lines = [*original.notes, *(f"differs: {c}" for c in changed), f"not reproduced: {reason}"]
        print(json.dumps(table, indent=1) if args.json else "\n".join(lines))
        return 1
    run = args.output or Path("runs") / f"{original.recipe.name}-reproduced"
    report = reproduce.reproduce(original, run, changed, args.band)
    print(json.dumps(report.to_dict(), indent=1) if args.json else reproduce.render(report))
    return int(report.verdict == "not reproduced")
