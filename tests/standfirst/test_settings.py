from dataclasses import dataclass, field
from typing import Any

import pytest

from standfirst.errors import RecipeError
from standfirst.settings import checked_keys, from_table


@dataclass(frozen=True)
class Engine:
    rate: float = 0.5
    steps: int = 3


@dataclass(frozen=True)
class Boat:
    name: str
    crew: tuple[str, ...] = ()
    tender: str | None = None
    afloat: bool = True
    engine: Engine = field(default_factory=Engine)


def test_missing_keys_take_their_defaults() -> None:
    assert from_table(Boat, {"name": "Skerra"}, "boat.toml") == Boat("Skerra", (), None, True, Engine(0.5, 3))


def test_every_kind_of_field_is_read() -> None:
    table = {
        "name": "Skerra",
        "crew": ["Ada", "Jon"],
        "tender": "Gull",
        "afloat": False,
        "engine": {"rate": 2, "steps": 9},
    }
    boat = from_table(Boat, table, "boat.toml")
    assert boat == Boat("Skerra", ("Ada", "Jon"), "Gull", False, Engine(2.0, 9))
    assert type(boat.engine.rate) is float


@pytest.mark.parametrize(
    ("table", "where", "words"),
    [
        ({}, "b", "the key 'name' is missing"),
        ({"name": "a", "crow": []}, "b", "unknown key 'crow'; did you mean 'crew'?"),
        ({"name": "a", "zzz": 1}, "b", "known keys: afloat, crew, engine, name, tender"),
        ({"name": 3}, "b.name", "expected str, got int"),
        ({"name": "a", "crew": "Ada"}, "b.crew", "expected list, got str"),
        ({"name": "a", "crew": ["Ada", 4]}, "b.crew[1]", "expected str, got int"),
        ({"name": "a", "crew": [["Ada"]]}, "b.crew[0]", "expected str, got list"),
        ({"name": "a", "tender": 1}, "b.tender", "expected NoneType or str, got int"),
        ({"name": "a", "afloat": 1}, "b.afloat", "expected bool, got int"),
        ({"name": "a", "engine": 4}, "b.engine", "expected a table, got int"),
        ({"name": "a", "engine": {"rate": True}}, "b.engine.rate", "expected float, got bool"),
        ({"name": "a", "engine": {"rate": "1"}}, "b.engine.rate", "expected float, got str"),
        ({"name": "a", "engine": {"steps": 1.0}}, "b.engine.steps", "expected int, got float"),
        ({"name": "a", "engine": {"steps": True}}, "b.engine.steps", "expected int, got bool"),
        ({"name": "a", "engine": {"step": 1}}, "b.engine", "unknown key 'step'; did you mean 'steps'?"),
    ],
)
def test_a_wrong_table_is_refused_with_its_place(table: dict[str, Any], where: str, words: str) -> None:
    with pytest.raises(RecipeError) as caught:
        from_table(Boat, table, "b")
    assert caught.value.where == where
    assert words in caught.value.message


def test_known_keys_pass() -> None:
    checked_keys({"a": 1, "b": 2}, ["b", "a", "c"], "x")
    checked_keys({}, [], "x")


def test_the_nearest_of_several_keys_is_named() -> None:
    with pytest.raises(RecipeError, match="did you mean 'threshold'"):
        checked_keys({"treshold": 1}, {"thread", "threshold", "three"}, "x")
