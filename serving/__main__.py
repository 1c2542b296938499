"""Start the service: ``python -m serving``. What is wrong with the settings is said before anything starts."""

import argparse
import os
import sys
from collections.abc import Sequence

from serving.settings import Settings, help_text
from standfirst.errors import StandfirstError

SERVICE = "serving.service:Standfirst"


def main(argv: Sequence[str] | None = None) -> int:
    """Check the settings and become ``bentoml serve``; 2 if a setting is wrong."""
    parser = argparse.ArgumentParser(
        prog="python -m serving",
        description="Start the service. Settings are environment variables, or a TOML file:\n\n" + help_text(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default 127.0.0.1)")
    parser.add_argument("--port", type=_port, default=3000, help="port to listen on (default 3000)")
    parser.add_argument("--check", action="store_true", help="check the settings and end")
    args = parser.parse_args(argv)
    try:
        Settings.from_environment()
    except StandfirstError as error:
        print(f"serving: {error}", file=sys.stderr)
        return 2
    if not args.check:
        os.environ.setdefault("BENTOML_DO_NOT_TRACK", "True")
        command = [sys.executable, "-m", "bentoml", "serve", SERVICE, "--host", args.host, "--port", str(args.port)]
        os.execv(sys.executable, command)
    return 0


def _port(spelt: str) -> int:
    """A port by its number; others come round to another one."""
    if not (spelt.isdecimal() and 1 <= int(spelt) <= 65535):
        raise argparse.ArgumentTypeError(f"expected a port from 1 to 65535, got {spelt!r}")
    return int(spelt)


if __name__ == "__main__":
    sys.exit(main())
