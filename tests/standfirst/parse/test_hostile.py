"""Documents made to waste time: twice the length may take twice the time, not four times."""

from contextlib import suppress

import pytest

from standfirst.errors import StandfirstError
from standfirst.parse import parse

PIECES = [
    "a\n",
    "Mara Venn reports:\n",
    "Minister walks out again\n",
    "10:42 GMT\nMinister walks out again\nShe left.\n",
    "Read more:\n",
    "- one two three\n",
    "## Minister\n",
    "Minister: ",
    "“”",
    "A. ",
    "1:11 ",
    "(" * 50,
    " \n\u200b",
    "Skerra\u00e2\u20ac\u2122s\n",
    "<p>one",
    "<article class='a b'><h2>One</h2>two",
    "&amp;<b ",
    "<s>one",
    "<!-- a -->",
    "<item><title>one",
    '{"a":',
    '["a", ',
]


def attempt(document):
    with suppress(StandfirstError):
        parse(document)


@pytest.mark.slow
@pytest.mark.parametrize("piece", PIECES)
def test_time_is_linear(cpu_seconds, piece):
    def seconds(n):
        document = piece * n
        return cpu_seconds(lambda: attempt(document))

    # Quadratic time would be 64 times as much.
    assert seconds(16_000) < 24 * seconds(2_000) + 0.5


@pytest.mark.slow
def test_many_kinds_of_containers(cpu_seconds):
    def seconds(n):
        kinds = "".join(f"<div class='block{i} card'><h2>One</h2>two</div>" for i in range(n))
        return cpu_seconds(lambda: parse(kinds + kinds))

    assert seconds(8_000) < 24 * seconds(1_000) + 0.5


def test_white_space_in_json(cpu_seconds):
    assert cpu_seconds(lambda: attempt('{"a":' + " " * 1_000_000 + "1}")) < 0.5
