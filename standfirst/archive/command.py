"""``standfirst score``: an archive in, partitioned Parquet out."""

import argparse
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields, replace
from pathlib import Path
from types import FrameType
from typing import Any

from standfirst.errors import ArchiveError, InputError

_EPILOG = """
Inputs are JSONL, CSV, TSV and Parquet files, plain or compressed (.gz, .zst), live blogs in any format that `standfirst
read` takes, folders and globs of them, and fsspec URLs (s3://...). DIR is made: rows in parts/, what could not be read
or scored in quarantine/. A job that was ended goes on with the same command and --resume.
"""


def add_score(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
    *,
    positive: Callable[[str], int],
    count: Callable[[str], int],
    share: Callable[[str], float],
) -> argparse.ArgumentParser:
    """Add the command; the last three read the values that other commands have too."""
    score = commands.add_parser("score", help="label an archive: files in, Parquet out, resumable", epilog=_EPILOG)
    score.add_argument("inputs", nargs="+", metavar="INPUT", help="a file, folder, glob or URL")
    score.add_argument("--output", required=True, type=Path, metavar="DIR", help="the folder of the job")
    score.add_argument("--resume", action="store_true", help="go on with the job in DIR; begin it if there is none")
    score.add_argument("--standfirsts", action="store_true", help="write a line per update (per row, of a table) too")
    score.add_argument("--text", action="store_true", help="write the texts beside their labels")
    score.add_argument("--format", choices=("parquet", "jsonl"), default="parquet", help="default: parquet")
    score.add_argument("--input-format", choices=("auto", "jsonl", "csv", "tsv", "parquet", "document"), default="auto")
    score.add_argument(
        "--column",
        action="append",
        default=[],
        type=_column,
        metavar="FIELD=NAME",
        help="what a table calls its text, context, id, document or update; repeatable",
    )
    score.add_argument("--threshold", type=share, metavar="P", help="instead of each label's own threshold")
    score.add_argument(
        "--tier",
        choices=("full", "fast"),
        default="full",
        help="fast: a small student answers where it is sure, and hands on the rest (default: full)",
    )
    score.add_argument("--fast-model", metavar="DIR", help="a student instead of the shipped one; with --tier fast")
    score.add_argument("--max-errors", type=count, metavar="N", help="stop when more rows are in quarantine")
    score.add_argument("--shard-rows", type=positive, default=8192, metavar="N", help="rows a file (8192)")
    score.add_argument("--processes", type=count, default=0, metavar="N", help="default: one a core")
    score.add_argument("--engine", choices=("local", "ray"), default="local", help="default: local")
    score.add_argument("--ray-address", metavar="ADDRESS", help="the cluster (auto, HOST:PORT); default: a local one")
    score.add_argument("--progress", choices=("auto", "bar", "json", "none"), default="auto")
    score.set_defaults(run=_score)
    return score


def _column(value: str) -> tuple[str, str]:
    from standfirst.archive.rows import Columns

    name, _, column = value.partition("=")
    known = [f.name for f in fields(Columns)]
    if name not in known or not column:
        raise argparse.ArgumentTypeError(f"{value!r}; expected FIELD=NAME with one of {', '.join(known)}")
    return name, column


def _score(args: argparse.Namespace) -> int:
    from standfirst.archive.job import Options
    from standfirst.archive.models import ModelChoice
    from standfirst.archive.progress import Progress
    from standfirst.archive.rows import Columns
    from standfirst.archive.run import run
    from standfirst.reader import MODELS

    _need_pyarrow()
    models = ModelChoice(threshold=args.threshold)
    if args.topics:
        models = replace(models, topics=args.topics)
    if args.standfirsts:
        models = replace(models, summary=args.summary or str(MODELS / "summary"))
    if args.fast_model and args.tier == "full":
        raise InputError("a student answers in --tier fast alone", where="--fast-model")
    if args.tier == "fast":
        models = replace(models, student=args.fast_model or str(MODELS / "fast"))
    options = Options(
        models=models,
        columns=Columns(**dict(args.column)),
        form=None if args.input_format == "auto" else args.input_format,
        format=args.format,
        with_text=args.text,
        shard_rows=args.shard_rows,
    )
    with _stopped_by_sigterm():
        report = run(
            args.inputs,
            args.output,
            _engine(args),
            options,
            resume=args.resume,
            max_errors=args.max_errors,
            progress=Progress(args.progress),
        )
    _print_report(args, report)
    return 0


def _engine(args: argparse.Namespace) -> Any:
    if args.engine == "ray":
        from standfirst.archive.cluster import cluster

        return cluster(args.ray_address, args.processes)
    from standfirst.archive.local import local

    return local(args.processes)


def _need_pyarrow() -> None:
    try:
        import pyarrow as pa  # noqa: F401
    except ImportError:
        raise ArchiveError("`score` needs pyarrow: pip install 'standfirst[archive]'") from None


@contextmanager
def _stopped_by_sigterm() -> Iterator[None]:
    """Let SIGTERM end a job as an error does: processes stopped, half-written files removed."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise ArchiveError("stopped by SIGTERM; what is done is safe, go on with --resume")

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _print_report(args: argparse.Namespace, report: Any) -> None:
    from standfirst.archive.progress import duration

    counts = report.counts
    print(
        f"{counts.read:,} rows read = {counts.scored:,} scored + {counts.repeated:,} repeated "
        f"+ {counts.quarantined:,} quarantined"
    )
    if report.tier == "fast":
        of = f"{counts.handed_on:,} of {counts.scored:,} scored rows"
        print(f"{of} handed on to the full model ({report.share_handed_on:.1%})")
    print(f"{report.shards:,} shards, {report.n_bytes / 1e6:,.1f} MB in {args.output}")
    if report.new_rows:
        rate = report.new_rows / report.seconds
        print(f"this run: {report.new_rows:,} rows in {duration(report.seconds)}, {rate:,.0f} rows/s")
    print(", ".join(report.models.values()))
