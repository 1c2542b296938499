import inspect
import re

import pytest

from standfirst import errors
from standfirst.errors import StandfirstError

CLASSES = [c for _, c in inspect.getmembers(errors, inspect.isclass) if issubclass(c, StandfirstError)]


def test_the_tree_in_the_docstring_is_the_tree() -> None:
    """Name, parent (by indentation) and code of every class, as drawn."""
    drawn, path = {}, []
    for line in errors.__doc__.splitlines():
        if match := re.match(r"    ((?:[|` ] ?-? )*)(\w+) +(\w+) {2,}", line + "  "):
            depth = len(match[1]) // 3
            path[depth:] = [match[2]]
            drawn[match[2]] = (path[depth - 1] if depth else "Exception", match[3])
    drawn["StandfirstError"] = ("Exception", "error")  # its row holds the column heads
    assert drawn == {c.__name__: (c.__base__.__name__, c.code) for c in CLASSES}


def test_codes_are_unique() -> None:
    codes = [c.code for c in CLASSES]
    assert len(set(codes)) == len(codes) == 15


@pytest.mark.parametrize("cls", CLASSES)
def test_a_message_says_where(cls: type[StandfirstError]) -> None:
    error = cls("it is wrong", where="paragraphs[3].text")
    assert (error.message, error.where) == ("it is wrong", "paragraphs[3].text")
    assert str(error) == "paragraphs[3].text: it is wrong"
    assert str(cls("it is wrong")) == "it is wrong"
