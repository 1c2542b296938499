import math
from datetime import UTC, datetime

import pytest

from standfirst.parse import fields

FIRST = datetime(2031, 3, 6, 16, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    "value", [1930579320, 1930579320.0, "1930579320", "2031-03-06T16:02:00Z", "2031-03-06T17:02+01:00"]
)
def test_moments_are_iso_times_or_seconds(value):
    assert fields.moment_of(value) == FIRST


@pytest.mark.parametrize(
    "value", [None, True, 0, "0", -5, math.nan, math.inf, 1e300, 10**40, "9" * 14, "9" * 40, "soon", "", [], {}, "²"]
)
def test_other_values_are_no_moments(value):
    assert fields.moment_of(value) is None


@pytest.mark.parametrize(("value", "yes", "no"), [
    (True, True, False), (False, False, True), ("true", True, False), (" False ", False, True), (1, True, False),
    (0, False, True), ("1", True, False), ("no", False, True), (None, False, False), ("", False, False),
    ("perhaps", False, False), ([1], False, False), ({}, False, False),
])  # fmt: skip
def test_yes_and_no(value, yes, no):
    assert (fields.is_yes(value), fields.is_no(value)) == (yes, no)


def test_keys_are_strings_or_whole_numbers():
    table = {"a": 12, "b": " x ", "c": True, "d": 1.5, "e": "", "f": 10**5000, "g": None}
    assert [fields.key(table, name) for name in "abcdefgh"] == ["12", "x", "", "", "", "", "", ""]
    assert fields.key(table, "h", "b") == "x"


def test_what_is_of_another_type_is_as_good_as_missing():
    assert fields.node({"a": 3}, "a") == fields.node(3) == fields.node([], "a") == {}
    assert fields.nodes([{"a": 1}, None, 3, {"b": 2}]) == [{"a": 1}, {"b": 2}]
    assert fields.nodes("text") == fields.nodes(None) == fields.nodes({"a": 1}) == []
    assert fields.text({"a": 3, "b": " ", "c": " so "}, "a", "b", "c") == "so"
    assert fields.strings(["a", None, " a ", "b", 3, ""]) == ("a", "b")
    assert fields.time({"a": "soon", "b": "2031-03-06T16:02:00Z"}, "a", "b") == FIRST


def test_mojibake_is_undone():
    assert fields.text({"a": "Skerra\u00e2\u20ac\u2122s mayor"}, "a") == "Skerra’s mayor"
