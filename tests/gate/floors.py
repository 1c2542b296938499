"""The floors under the shipped models' figures, and the one way to move them.

``python tests/gate/floors.py NAME VALUE`` raises a floor. Lowering one needs ``--lower-floors "the reason"``, which
is kept beside the value.
"""

import argparse
import datetime as dt
import sys
import tomllib
from pathlib import Path
from typing import Any

PATH = Path(__file__).with_name("floors.toml")


def load() -> dict[str, dict[str, Any]]:
    """Name -> ``floor``, ``data`` (sha256 of what it is measured on, or empty), ``date``, ``reason``?"""
    return tomllib.loads(PATH.read_text(encoding="utf-8"))


def moved(table: dict[str, dict[str, Any]], name: str, value: float, reason: str) -> dict[str, dict[str, Any]]:
    """The table with one floor moved.

    Raises
    ------
    ValueError
        If the floor is unknown, or would go down without a reason.
    """
    if name not in table:
        raise ValueError(f"unknown floor {name!r}; known: {', '.join(table)}")
    if value < table[name]["floor"] and not reason.strip():
        raise ValueError(f"{name} is {table[name]['floor']}; lowering it needs --lower-floors with a reason")
    entry = {**table[name], "floor": value, "date": dt.date.today().isoformat()}
    entry.pop("reason", None)
    return {**table, name: {**entry, **({"reason": reason} if reason else {})}}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name")
    parser.add_argument("value", type=float)
    parser.add_argument("--lower-floors", default="", metavar="REASON")
    args = parser.parse_args()
    import tomli_w

    try:
        table = moved(load(), args.name, args.value, args.lower_floors)
    except ValueError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    PATH.write_text(tomli_w.dumps(table), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
