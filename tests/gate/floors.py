"""The floors under the shipped models' figures, and the two ways to move them.

``python tests/gate/floors.py NAME VALUE`` moves one by hand; ``pytest -m gate tests/gate --update-floors`` measures the
shipped models and sets every floor a margin under its figure. Lowering a floor needs ``--lower-floors "the reason"``,
which is kept beside the value.
"""

import argparse
import datetime as dt
import math
import sys
import tomllib
from pathlib import Path
from typing import Any

PATH = Path(__file__).with_name("floors.toml")

Table = dict[str, dict[str, Any]]
"""Name -> ``floor``, ``data`` (sha256 of what it is measured on, or empty), ``date``, ``reason``?"""


def load() -> Table:
    return tomllib.loads(PATH.read_text(encoding="utf-8"))


def save(table: Table) -> None:
    import tomli_w

    text = "# Floors under the shipped models' figures: see floors.py.\n" + tomli_w.dumps(table)
    PATH.write_text(text, encoding="utf-8")


def moved(table: Table, name: str, value: float, reason: str) -> Table:
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
    lowered = value < table[name]["floor"]
    entry = {**table[name], "floor": value, "date": dt.date.today().isoformat()}
    entry.pop("reason", None)
    return {**table, name: {**entry, **({"reason": reason} if lowered else {})}}


def updated(table: Table, name: str, measured: float, margin: float, data: str, reason: str) -> Table:
    """The table with a floor, which may be new, set ``margin`` under what was measured on ``data``.

    A floor that stands there already, on the same data, keeps its date. Raises as ``moved``.
    """
    floor = max(0.0, math.floor(round((measured - margin) * 1000, 6)) / 1000)
    entry = {"floor": floor, "data": data, "date": dt.date.today().isoformat()}
    if name not in table:
        return {**table, name: entry}
    if table[name]["data"] == data:
        return table if table[name]["floor"] == floor else moved(table, name, floor, reason)
    if not reason.strip():
        raise ValueError(f"the data of {name} changed; setting it anew needs --lower-floors with a reason")
    return {**table, name: {**entry, "reason": reason}}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name")
    parser.add_argument("value", type=float)
    parser.add_argument("--lower-floors", default="", metavar="REASON")
    args = parser.parse_args()
    try:
        save(moved(load(), args.name, args.value, args.lower_floors))
    except ValueError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
