from dataclasses import dataclass

import pytest

from training.data import Example
from training.slices import FEWEST_ROWS, is_headline, slices_of


@dataclass(frozen=True)
class Dated:
    """What a slice reads of an example, with the two fields that not every example has."""

    text: str = "x"
    labels: frozenset[str] = frozenset()
    context: str = ""
    source: str = "wire"
    date: str = ""
    held_out: str = ""


def sizes(examples, kind: str) -> dict[str, int]:
    return {value: int(inside.sum()) for name, value, inside in slices_of(examples) if name == kind}


@pytest.mark.parametrize(
    ("text", "source", "context", "expected"),
    [
        ("Ferry sinks off Orvane", "wire", "", True),
        ("The ferry sank at noon.", "wire", "", False),
        ("“We got out in time”", "wire", "", False),
        ("The ferry sank " * 12, "wire", "", False),
        ("Was it the storm?", "corpus", "", True),
        ("A line with no stop", "corpus", "Ferry sinks", False),
        ("The ferry sank at noon.", "cnn", "Live updates", True),
    ],
)
def test_what_looks_like_a_headline(text: str, source: str, context: str, expected: bool):
    assert is_headline(Example(text, frozenset(), context=context, source=source)) is expected


def test_labels_alone_and_together():
    rows = [frozenset()] * 2 + [frozenset({"aid"})] + [frozenset({"aid", "strikes"})] * FEWEST_ROWS
    rows += [frozenset({"aid", "personnel"}), frozenset({"diplomacy", "personnel"})]
    found = sizes([Dated(labels=labels) for labels in rows], "labels")
    assert found == {"none": 2, "aid": 1, "aid + strikes": FEWEST_ROWS, "other combinations": 2}


def test_year_and_hold_out_leave_out_the_rows_without():
    rows = [Dated(date="2023-02-01", held_out="time"), Dated(date="2022-12-31"), Dated(held_out="source"), Dated()]
    assert sizes(rows, "year") == {"2022": 1, "2023": 1}
    assert sizes(rows, "held_out") == {"source": 1, "time": 1}
    assert sizes(rows[3:], "year") == {}


def test_the_slices_of_a_kind_share_the_rows_out():
    rows = [Dated(text="x" * n, context="c" * (n % 2), source=f"s{n % 3}") for n in (5, 99, 100, 249, 250, 400)]
    found = list(slices_of(rows))
    for kind in ("source", "length", "context", "kind", "labels"):
        parts = [inside for name, _, inside in found if name == kind]
        assert sum(part.astype(int) for part in parts).tolist() == [1] * 6
    assert sizes(rows, "length") == {"short": 2, "middle": 2, "long": 2}
