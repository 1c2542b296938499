"""Holding a figure to its floor, or setting the floors anew: ``pytest -m gate tests/gate --update-floors``."""

import importlib.util
from collections.abc import Callable
from pathlib import Path

import pytest

_spec = importlib.util.spec_from_file_location("floors", Path(__file__).with_name("floors.py"))
floors = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(floors)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-floors", action="store_true", help="set every floor a margin under what is measured")
    parser.addoption("--lower-floors", default="", metavar="REASON", help="let --update-floors lower a floor, and why")


@pytest.fixture(scope="session")
def hold(request: pytest.FixtureRequest) -> Callable[..., None]:
    """Fail if a figure is under its floor, or was measured on other data than the floor; with the flag, move it."""
    update = request.config.getoption("--update-floors", default=False)
    reason = request.config.getoption("--lower-floors", default="")

    def check(name: str, value: float, *, data: str = "", margin: float = 0.006, told: str = "") -> None:
        table = floors.load()
        if update:
            floors.save(floors.updated(table, name, value, margin, data, reason))
            return
        assert name in table, f"{name} has no floor; set it with --update-floors"
        assert data == table[name]["data"], f"{name} was set on other data; set it anew with --update-floors"
        assert value >= table[name]["floor"], f"{name} is {value:.4f}, its floor {table[name]['floor']}; {told}"

    return check
