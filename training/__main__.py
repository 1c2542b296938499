"""``python -m training COMMAND``: begin a recipe, run its steps, compare models, promote one."""

import argparse
import json
import logging
import os
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from standfirst.errors import StandfirstError

HOME = Path(__file__).resolve().parent
SHIPPED = HOME.parent / "standfirst" / "models"


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; 0 done, 1 failed, 2 usage."""
    args = _parser().parse_args(argv)
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    logging.getLogger("httpx").setLevel(logging.WARNING)
    try:
        return int(args.run(args))
    except StandfirstError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        known = error.strerror and error.filename  # transformers raises OSError with a sentence alone
        print(f"error: {error.strerror}: {error.filename}" if known else f"error: {error}", file=sys.stderr)
        return 1


def data_dir(given: str | None) -> Path | None:
    """The data folder: the option, STANDFIRST_DATA, ``../shared/data`` beside the checkout, or none."""
    named = given or os.environ.get("STANDFIRST_DATA")
    if named:
        return Path(named).resolve()
    beside = HOME.parent.parent / "shared" / "data"
    return beside if beside.is_dir() else None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    texts = {
        "prepare": "read and check recipe, labels and data; write counts and hashes",
        "fit": "prepare, then train (goes on where a killed run stopped)",
        "evaluate": "fit if need be, then calibrate and measure",
        "export": "the same, then write the int8 model folder",
        "all": "prepare, fit, evaluate and export",
    }
    for name, text in texts.items():
        command = commands.add_parser(name, help=text, description=text)
        command.add_argument("recipe", type=Path, help="the recipe (TOML)")
        command.add_argument(
            "--output", type=Path, metavar="RUN", help="run folder (default runs/<name of the recipe>)"
        )
        command.add_argument("--data-dir", metavar="DIR", help="what {data} stands for in the recipe")
        if name in ("export", "all"):
            command.add_argument("--model", type=Path, metavar="DIR", help="model folder (default RUN/model)")
            command.add_argument("--replace", action="store_true", help="replace a model folder that exists")
        command.set_defaults(run=_run_steps, steps=name)
    encoder = commands.add_parser("encoder", help="export an encoder as it is, for sentence embeddings")
    encoder.add_argument("recipe", type=Path, help="the recipe (TOML)")
    encoder.add_argument("--model", type=Path, metavar="DIR", help="model folder (default runs/<name>/model)")
    encoder.add_argument("--replace", action="store_true", help="replace a model folder that exists")
    encoder.set_defaults(run=_run_encoder)
    _add_init(commands)
    _add_compare(commands)
    _add_promote(commands)
    return parser


def _add_init(commands: Any) -> None:
    text = "write a label set and a recipe for a table of your own"
    init = commands.add_parser("init", help=text, description=text)
    init.add_argument("folder", type=Path, metavar="DIR", help="where labels.toml and recipe.toml go; is made")
    for split, of in (("train", ""), ("dev", " (default: a share of train)"), ("test", " (default: none)")):
        init.add_argument(
            f"--{split}", type=Path, metavar="FILE", required=split == "train", help=f"CSV, TSV, JSONL or Parquet{of}"
        )
    init.add_argument("--text", metavar="COL", help="column of the text (default: found)")
    init.add_argument("--labels", metavar="COL", help="column of the labels; or A,B,C: one of 0 and 1 per label")
    init.add_argument("--context", metavar="COL", help="column of what stands over the text, a headline")
    init.add_argument("--group", metavar="COL", help="column of the document, kept in one split")
    init.add_argument("--separator", metavar="S", help="between the labels of a cell (default: found; '' for none)")
    init.add_argument("--columns", metavar="A,B", help="names of the columns, if the first line of a table is a row")
    several = init.add_mutually_exclusive_group()
    several.add_argument("--multi-label", action="store_true", default=None, help="any number of labels, or none")
    several.add_argument("--single-label", dest="multi_label", action="store_false", help="exactly one label")
    init.set_defaults(run=_run_init)


def _run_init(args: argparse.Namespace) -> int:
    from training.start import Wishes, start

    columns = tuple(c.strip() for c in (args.columns or "").split(",") if c.strip())
    keys = ("text", "labels", "context", "group", "separator", "multi_label")
    files = {split: path for split in ("train", "dev", "test") if (path := getattr(args, split)) is not None}
    begun = start(args.folder, files, Wishes(columns=columns, **{key: getattr(args, key) for key in keys}))
    print("\n".join(begun.notes))
    print(f"written: {args.folder / 'labels.toml'} and {begun.recipe}")
    run = shlex.join(["python", "-m", "training", "all", str(begun.recipe), "--output", str(args.folder / "run")])
    print(f"next: {run}")
    return 0


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
        help="labelled rows (default: the dev file of the recipe of the model that stands)",
    )
    command.add_argument("--data-dir", metavar="DIR", help="what {data} stands for in the recipe")
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


def _run_encoder(args: argparse.Namespace) -> int:
    from training import pipeline

    output = args.model or Path("runs") / args.recipe.stem / "model"
    print(pipeline.export_encoder_recipe(args.recipe, output, replace=args.replace))
    return 0


def _run_steps(args: argparse.Namespace) -> int:
    from training import folders, pipeline  # torch takes seconds to import; --help need not wait for it

    run = args.output or Path("runs") / args.recipe.stem
    exports = args.steps in ("export", "all")
    if exports:  # said now, not after hours of fitting
        folders.refuse_existing(args.model or run / "model", replace=args.replace)
    plan = pipeline.prepare(args.recipe, run, data_dir(args.data_dir))
    if args.steps == "prepare":
        print((run / "data.json").read_text(encoding="utf-8"))
        return 0
    model = pipeline.fit_plan(plan)
    if args.steps == "fit":
        return 0
    calibration, figures = pipeline.evaluate_plan(plan, model)
    pipeline.write_json(run / "metrics.json", figures)
    if exports:
        pipeline.export_plan(plan, calibration, figures, args.model or run / "model", replace=args.replace)
    _print_figures(figures)
    return 0


def _print_figures(figures: dict[str, Any]) -> None:
    for name, table in figures.items():
        labels = "  ".join(f"{k} {v['f1']:.3f}" for k, v in table["labels"].items())
        print(
            f"{name:22s} n {table['n']:5d}  macro-F1 {table['macro_f1']:.4f}"
            f"  exact {table['exact_match']:.3f}  ECE {table['ece']:.3f}  {labels}"
        )


if __name__ == "__main__":
    sys.exit(main())
