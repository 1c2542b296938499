"""Sentences of one update, shown as one paragraph."""

from collections.abc import Iterable

import numpy as np
import pytest

from training.examples import Example
from training.neighbours import with_neighbours


def sentence(
    number: int,
    text: str = "",
    update: str = "block-1",
    labels: Iterable[str] = (),
    labels_second: frozenset[str] | None = None,
) -> Example:
    return Example(
        text or f"sentence {number} of {update}.",
        frozenset(labels),
        source="guardian",
        group="blog",
        where=f"{update}:{number}",
        labels_second=labels_second,
        place=(update, number),
    )


def rng(seed: int = 7) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_neighbours_become_one_paragraph_in_the_order_of_the_update_with_the_labels_of_all() -> None:
    rows = [sentence(5, labels=["aid"]), sentence(2, labels=["strikes"])]
    (shown,) = with_neighbours(rows, 1.0, rng())
    assert shown.text == "sentence 2 of block-1. sentence 5 of block-1."
    assert shown.labels == {"aid", "strikes"}
    assert shown.labels_second is None


def test_a_second_answer_is_joined_with_the_others_first_ones() -> None:
    rows = [sentence(0, labels=["aid"], labels_second=frozenset()), sentence(1, labels=["strikes"])]
    (shown,) = with_neighbours(rows, 1.0, rng())
    assert shown.labels == {"aid", "strikes"}
    assert shown.labels_second == frozenset({"strikes"})


def test_updates_and_documents_are_not_mixed_and_rows_without_a_place_stay() -> None:
    alone = Example("no place.", frozenset(), source="cnn")
    rows = [sentence(0), sentence(0, update="block-2"), sentence(1, update="block-2"), alone]
    shown = with_neighbours(rows, 1.0, rng())
    assert sorted(e.text for e in shown) == [
        "no place.",
        "sentence 0 of block-1.",
        "sentence 0 of block-2. sentence 1 of block-2.",
    ]


def test_nothing_is_lost_and_parts_have_two_to_four_sentences() -> None:
    rows = [sentence(n, f"s{n}") for n in range(200)]
    shown = with_neighbours(rows, 1.0, rng())
    sizes = [len(e.text.split()) for e in shown]
    assert [int(w[1:]) for e in shown for w in e.text.split()] == list(range(200))
    assert set(sizes[:-1]) == {2, 3, 4}
    assert sizes[-1] <= 4


def test_a_paragraph_stays_within_a_hundred_words() -> None:
    rows = [sentence(n, "word " * 60) for n in range(4)]
    assert [len(e.text.split()) for e in with_neighbours(rows, 1.0, rng())] == [60] * 4


def test_two_rows_of_the_same_sentence_are_not_put_behind_each_other() -> None:
    rows = [sentence(0), sentence(0), sentence(1)]
    shown = with_neighbours(rows, 1.0, rng())
    assert sorted(len(e.text.split()) for e in shown) == [4, 8]


@pytest.mark.parametrize(("share", "low", "high"), [(0.0, 0, 0), (0.5, 400, 600), (1.0, 1000, 1000)])
def test_the_share_is_that_of_updates(share: float, low: int, high: int) -> None:
    rows = [sentence(n, update=f"b{update}") for update in range(1000) for n in range(2)]
    shown = with_neighbours(rows, share, rng())
    assert low <= 2000 - len(shown) <= high
    again = with_neighbours(rows, share, rng())
    assert [e.text for e in shown] == [e.text for e in again]
