"""``python -m training COMMAND``: fetch texts, begin a recipe, run its steps, compare models, promote one."""

import argparse
import contextlib
import logging
import signal
import sys
import threading
from collections.abc import Iterator, Sequence

from standfirst.errors import StandfirstError, no_room
from training.commands import compare, curve, distill, fetch, init, pseudo, reproduce, steps


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; 0 done, 1 failed, 2 usage."""
    args = _parser().parse_args(argv)
    logging.basicConfig(format="%(message)s", stream=sys.stderr)
    logging.getLogger("training").setLevel(logging.WARNING if getattr(args, "quiet", False) else logging.INFO)
    try:
        with _terminated_like_an_error():
            return int(args.run(args))
    except StandfirstError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"error: {_said(error)}", file=sys.stderr)
        return 1


def _said(error: OSError) -> str:
    place = error.filename2 or error.filename
    if no_room(error):
        remedy = "free some space and run the same command again: what was finished is kept"
        return f"{place or 'a temporary file'}: could not be written ({error.strerror}); {remedy}"
    # transformers raises OSError with a sentence alone
    return f"{error.strerror}: {error.filename}" if error.strerror and error.filename else str(error)


@contextlib.contextmanager
def _terminated_like_an_error() -> Iterator[None]:
    """Let SIGTERM unwind what is at work, so that it removes its temporary files, and leave with 143."""

    def leave(number: int, _: object) -> None:
        raise SystemExit(128 + number)

    if threading.current_thread() is not threading.main_thread():  # only there can a handler be set
        yield
        return
    before = signal.signal(signal.SIGTERM, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for module in (steps, distill, pseudo, fetch, init, curve, compare, reproduce):
        module.add(commands)
    return parser


if __name__ == "__main__":
    sys.exit(main())
