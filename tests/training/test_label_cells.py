"""Cells of labels as other programs write them, and names that look like slips."""

from typing import Any

import pytest

from standfirst.errors import DataError
from training.label_cells import doubts, literal, names_of, vector_length


@pytest.mark.parametrize(
    ("spelt", "expected"),
    [
        ('{"choices": ["aid", "talks"]}', ["aid", "talks"]),
        ('{aid,"air raids"}', ["aid", "air raids"]),
        ("{}", []),
        ("{[1]}", ["[1]"]),
        ("[" * 5000 + "]" * 5000, None),
        ('{"aid": 1}', None),
        ("{aid: 1}", None),
    ],
)
def test_lists_as_label_studio_and_postgresql_write_them(spelt: str, expected: list[str] | None):
    assert literal(spelt) == expected


@pytest.mark.parametrize("value", [[("aid", 0.9)], "[('aid', 0.9), ('talks', 0.1)]", {"aid": 1.0}, b"\xff"])
def test_what_is_no_name(value: Any):
    with pytest.raises(DataError, match=r"^a:1: (labels are a name, a number or a list of names|a label is a string)"):
        names_of(value, "a:1")


def test_lists_of_names_and_of_classes_are_no_vectors():
    assert vector_length([["0", "1"], ["1", "0"]]) == 0
    assert vector_length([[2, 1], [1, 0]]) == 0
    assert vector_length([[True, False], [0, 0.5]]) == 2


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("aid#talks", "--separator '#'"),
        ("aid talks", "--separator ' '"),
        ("aid\ntalks", "--separator $'\\n'"),
        ("aid|x", "--separator '|'"),
        ("aid & flour", ""),
        ("[aid talks]", "may be a list of labels, and was not read as one; write it as a|b"),
        ("{aid: 1}", "may be a list of labels"),
        (r"\N", "is a label here; leave the cell empty"),
    ],
)
def test_a_name_that_looks_like_a_slip(name: str, said: str):
    found = doubts(["aid", "talks", name], are_cells=True)
    assert len(found) == bool(said)
    assert said in "".join(found)
    assert doubts(["aid", "talks", "aid talks"], are_cells=False) == []
