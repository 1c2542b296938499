"""``python -m training COMMAND``: begin a recipe, run its steps, compare models, promote one."""

import argparse
import logging
import sys
from collections.abc import Sequence

from standfirst.errors import StandfirstError
from training.commands import compare, init, steps


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


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for module in (steps, init, compare):
        module.add(commands)
    return parser


if __name__ == "__main__":
    sys.exit(main())
