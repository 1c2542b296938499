"""The command ``standfirst``: data on stdout, messages on stderr; exit 0 done, 1 failed, 2 usage."""

import argparse
import json
import os
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

import standfirst
from standfirst.archive.command import add_score
from standfirst.errors import DocumentTooLarge, StandfirstError, no_room
from standfirst.parse import FORMATS, MAX_BYTES
from standfirst.render import MARKDOWN, OUTPUTS, for_script
from standfirst.schema import LINES

_BATCH_ROWS = 512
_SUMMARY_HELP = (
    "an exported summary model instead of the shipped one; for read also a seq2seq checkpoint: a folder or ID@REVISION"
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command."""
    parser = _parser()
    args = parser.parse_args(argv)
    try:
        code = int(args.run(args))
        sys.stdout.flush()  # here, where a reader who has gone away is answered for
    except StandfirstError as error:
        print(f"standfirst: {error}", file=sys.stderr)
    except BrokenPipeError:  # the reader of our output went away, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        name = error.filename or ("output" if no_room(error) else "input")  # only writing, to stdout, meets it
        print(f"standfirst: {name}: {error.strerror}", file=sys.stderr)
    except KeyboardInterrupt:
        print("standfirst: interrupted", file=sys.stderr)
    else:
        return code
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="standfirst", description="Label the paragraphs of a live blog and write its standfirsts and digest."
    )
    parser.add_argument("--version", action="version", version=f"standfirst {standfirst.__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    read = commands.add_parser("read", help="read a live blog: labels, a line per update, a digest")
    read.add_argument("file", metavar="FILE", help="a live blog, or - for stdin")
    read.add_argument(
        "--format", default="auto", choices=("auto", *FORMATS), help="default: auto, told from the document's fields"
    )
    read.add_argument("--output", choices=("text", *OUTPUTS, MARKDOWN), default="text", help="default: text")
    read.add_argument(
        "--max-words", type=_positive, default=None, metavar="N", help="length of the digest (default 150)"
    )
    read.add_argument("--topic", action="append", metavar="NAME", help="keep only this topic in the digest; repeatable")
    read.add_argument("--since", type=_moment, metavar="TIME", help="digest of updates published after this ISO time")
    read.add_argument("--per-topic", type=_positive, metavar="N", help="at most N points in each group of the digest")
    read.add_argument(
        "--lines",
        choices=LINES,
        default="headline",
        help="an update's line: its headline where it has one (default), or always one of the model's",
    )
    read.set_defaults(run=_read)

    label = commands.add_parser("label", help="label loose paragraphs, one JSON object per line")
    label.add_argument("file", metavar="FILE.jsonl", help='lines of {"id", "text", "context"?}, or - for stdin')
    label.add_argument("--threshold", type=_share, metavar="P", help="instead of each label's own threshold")
    label.set_defaults(run=_label)

    score = add_score(commands, positive=_positive, count=_count, share=_share)

    for command in (read, label, score):
        command.add_argument("--topics", metavar="DIR", help="an exported topic model instead of the shipped one")
        command.add_argument("--summary", metavar="DIR|ID", help=_SUMMARY_HELP)
    for command in (read, label):
        command.add_argument("--threads", type=_count, default=0, metavar="N", help="threads (default: all cores)")
    return parser


def _read(args: argparse.Namespace) -> int:
    from standfirst import digest, parse, render, terminal

    with _opened(args.file) as file:
        data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise DocumentTooLarge(f"more than {MAX_BYTES:,} bytes came; split the document", where=args.file)
    try:
        blog = parse(data, format=args.format)
    except StandfirstError as error:
        error.where = f"{args.file}, {error.where}" if error.where else args.file
        raise
    reader = _reader(args)
    report = reader.read(
        blog,
        max_words=digest.MAX_WORDS if args.max_words is None else args.max_words,
        topics=args.topic,
        since=args.since,
        per_topic=args.per_topic,
        lines=args.lines,
    )
    if args.output in render.OUTPUTS:
        print(_json(render.OUTPUTS[args.output](report, reader.labels, data), indent=1))
    elif args.output == render.MARKDOWN:
        print(_printable(render.report_markdown(report)), end="")
    else:
        print(_printable(terminal.report_text(report, terminal.width(sys.stdout))), end="")
    return 0


def _label(args: argparse.Namespace) -> int:
    from standfirst import render

    reader = _reader(args)
    labelled = failed = 0
    with _opened(args.file) as file:
        for batch in _batched(_rows(file)):
            good = [(row, where) for row, where in batch if isinstance(row, dict)]
            found = reader.label(
                [row["text"] for row, _ in good],
                [row.get("context") for row, _ in good],
                threshold=args.threshold,
            )
            labelled += len(found)
            answers = iter(found)
            for row, where in batch:
                if isinstance(row, str):
                    failed += 1
                    print(f"standfirst: {where}: {row}", file=sys.stderr)
                else:
                    answer = {"id": row.get("id"), **render.topics_json(next(answers))}
                    answer["labels"] = [label["label"] for label in answer["labels"]]
                    print(_json(answer))
    if failed:
        rest = "the others were labelled" if labelled else "none was labelled"
        print(f"standfirst: {failed} line(s) could not be read; {rest}", file=sys.stderr)
    return 1 if failed else 0


def _reader(args: argparse.Namespace) -> "standfirst.Reader":
    return standfirst.load(topics=args.topics, summary=args.summary, threads=args.threads)


def _opened(name: str) -> BinaryIO:
    return sys.stdin.buffer if name == "-" else Path(name).open("rb")


def _rows(file: BinaryIO) -> Iterator[tuple[dict[str, Any] | str, str]]:
    """Each line as a row, or as the reason why it is none, with its place."""
    for number, raw in enumerate(file, 1):
        if raw.strip():
            yield _row(raw), f"line {number}"


def _row(raw: bytes) -> dict[str, Any] | str:
    try:
        row = json.loads(raw.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return "not UTF-8"
    except (ValueError, RecursionError):
        return "broken JSON; expected one object per line"
    if not isinstance(row, dict):
        return f"expected an object, got {type(row).__name__}"
    if not isinstance(row.get("text"), str):
        return 'expected a string under "text"'
    if not isinstance(row.get("context", ""), str | None):
        return 'expected a string under "context"'
    return row


def _batched(
    rows: Iterator[tuple[dict[str, Any] | str, str]],
) -> Iterator[list[tuple[dict[str, Any] | str, str]]]:
    batch = []
    for row in rows:
        batch.append(row)
        if len(batch) == _BATCH_ROWS:
            yield batch
            batch = []
    if batch:
        yield batch


def _json(table: Any, indent: int | None = None) -> str:
    """JSON as readable as stdout's encoding allows: an id may hold half a character, a locale may be ASCII.

    It may stand in a page's ``<script>``, which a ``</script>`` in a text would end.
    """
    text = json.dumps(table, ensure_ascii=False, indent=indent)
    try:
        text.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        text = json.dumps(table, indent=indent)
    return for_script(text)


def _printable(text: str) -> str:
    """The text with what stdout's encoding lacks as question marks."""
    encoding = sys.stdout.encoding or "utf-8"
    return text.encode(encoding, "replace").decode(encoding)


def _positive(value: str) -> int:
    return _whole(value, 1)


def _count(value: str) -> int:
    return _whole(value, 0)


def _whole(value: str, least: int) -> int:
    if not value.isdecimal() or int(value) < least:
        raise argparse.ArgumentTypeError(f"{value!r}; expected a whole number of at least {least}")
    return int(value)


def _share(value: str) -> float:
    try:
        share = float(value)
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise argparse.ArgumentTypeError(f"{value!r}; expected a number from 0 to 1")
    return share


def _moment(value: str) -> datetime:
    try:
        moment = datetime.fromisoformat(value)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):  # the latter: a time zone leads out of the years 1 to 9999
        raise argparse.ArgumentTypeError(f"{value!r} is no ISO time such as 2026-03-04T07:30Z") from None
