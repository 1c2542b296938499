"""Where things lie by default, and options that several commands take."""

import argparse
import os
from pathlib import Path

HOME = Path(__file__).resolve().parents[1]
FETCHED = HOME.parent / "data"
SHIPPED = HOME.parent / "standfirst" / "models"


def data_dir(given: str | None) -> Path | None:
    """The data folder: the option, STANDFIRST_DATA, ``data`` here, ``../shared/data`` beside the checkout, or none."""
    named = given or os.environ.get("STANDFIRST_DATA")
    if named:
        return Path(named).resolve()
    return next((folder for folder in (FETCHED, HOME.parent.parent / "shared" / "data") if folder.is_dir()), None)


def add_data_dir(command: argparse.ArgumentParser) -> None:
    """``--data-dir``, for every command that reads what a recipe names."""
    command.add_argument("--data-dir", metavar="DIR", help="what {data} stands for in the recipe")


def add_quiet(command: argparse.ArgumentParser) -> None:
    """``--quiet``, for every command that works long."""
    command.add_argument("--quiet", action="store_true", help="say nothing on stderr but warnings and errors")
