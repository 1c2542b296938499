"""Frozen dataclass <- table: the one way that TOML becomes settings here."""

import dataclasses
import difflib
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar, get_type_hints

from standfirst.errors import RecipeError

T = TypeVar("T")


def checked_keys(table: Mapping[str, Any], known: Iterable[str], where: str) -> None:
    """Raise ``RecipeError`` naming the nearest known key if ``table`` has one that is not in ``known``."""
    known = sorted(known)
    for key in table:
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"known keys: {', '.join(known)}"
            raise RecipeError(f"unknown key {key!r}; {hint}", where=where)


def from_table(cls: type[T], table: Mapping[str, Any], where: str) -> T:
    """Make the frozen dataclass ``cls`` of a TOML table; missing keys take their defaults.

    Lists become tuples, every item checked. A whole number is taken where a fraction is expected, nothing else is
    converted.

    Raises
    ------
    RecipeError
        If a key is unknown or missing, or a value has another type than the field.
    """
    fields = {f.name: f for f in dataclasses.fields(cls)}  # type: ignore[arg-type]
    checked_keys(table, fields, where)
    hints = get_type_hints(cls)
    values: dict[str, Any] = {}
    for name, field in fields.items():
        if name in table:
            values[name] = _converted(table[name], hints[name], f"{where}.{name}")
        elif field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
            raise RecipeError(f"the key {name!r} is missing", where=where)
    return cls(**values)


def _converted(value: Any, hint: Any, where: str) -> Any:
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        if not isinstance(value, Mapping):
            raise RecipeError(f"expected a table, got {type(value).__name__}", where=where)
        return from_table(hint, value, where)
    if isinstance(value, list):
        items: tuple[Any, ...] = getattr(hint, "__args__", ())
        if getattr(hint, "__origin__", None) is tuple and items[1:] == (...,):
            value = [_converted(item, items[0], f"{where}[{i}]") for i, item in enumerate(value)]
        value = tuple(value)
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    expected = _accepted(hint)
    if type(value) not in expected:
        names = " or ".join(sorted("list" if t is tuple else t.__name__ for t in expected))
        got = "list" if isinstance(value, tuple) else type(value).__name__
        raise RecipeError(f"expected {names}, got {got}", where=where)
    return value


def _accepted(hint: Any) -> tuple[type, ...]:
    """The plain types a hint stands for: ``str | None`` -> (str, NoneType), ``tuple[str, ...]`` -> (tuple,)."""
    origin = getattr(hint, "__origin__", None)
    if origin is not None:
        return (origin,)
    parts = getattr(hint, "__args__", None)
    return tuple(t for p in parts for t in _accepted(p)) if parts else (hint,)
