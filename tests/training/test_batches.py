from pathlib import Path

import numpy as np
import pytest

from standfirst.labels import LabelSet
from standfirst.pieces import Pieces
from training.batches import (
    Batch,
    epoch_batches,
    first_windows,
    headline_of,
    read_windows,
    shown_contexts,
    shown_windows,
    targets_of,
)
from training.data import Example
from training.recipe import ContextRecipe, FitRecipe

N = 12_000
OWN = [Example("t", frozenset(), context=f"blog {i} > head {i}") for i in range(N)]


def within(count: int, share: float, n: int = N) -> bool:
    """Is a count within five standard deviations of a binomial's mean?"""
    return abs(count - share * n) <= 5 * np.sqrt(n * share * (1 - share))


@pytest.mark.parametrize(("none", "stranger", "headline"), [(0.35, 0.2, 0.5), (0.1, 0.6, 0.9), (0.0, 0.0, 0.0)])
def test_contexts_are_shown_as_often_as_the_recipe_says(none: float, stranger: float, headline: float):
    recipe = ContextRecipe(none=none, stranger=stranger, headline=headline)
    shown = shown_contexts(OWN, recipe, np.random.default_rng(1))
    heads = [headline_of(e.context) for e in OWN]
    own = sum(bool(s) and headline_of(s) == head for s, head in zip(shown, heads, strict=True))
    assert within(sum(s == "" for s in shown), none)
    assert within(own, 1 - none - stranger + stranger / N)
    n_shown = sum(bool(s) for s in shown)
    assert within(sum(bool(s) and " > " not in s for s in shown), headline, n_shown)


def test_strangers_come_from_all_over():
    shown = shown_contexts(OWN, ContextRecipe(none=0.0, stranger=1.0, headline=0.0), np.random.default_rng(1))
    assert len(set(shown)) > 0.6 * N  # 1 - 1/e of them, were they drawn with replacement
    assert set(shown) <= {e.context for e in OWN}


def test_contexts_depend_on_the_seed_alone():
    first, again, other = (shown_contexts(OWN, ContextRecipe(), np.random.default_rng(s)) for s in (1, 1, 2))
    assert first == again
    assert first != other


def test_without_any_context_nothing_is_shown():
    bare = [Example("t", frozenset())] * 50
    assert set(shown_contexts(bare, ContextRecipe(none=0.0), np.random.default_rng(1))) == {""}


@pytest.mark.parametrize(
    ("rule", "smoothing", "expected"),
    [
        ("first", 0.0, [[1, 0, 0, 1], [0, 0, 0, 0], [0, 1, 0, 0]]),
        ("mean", 0.0, [[1, 0, 0.5, 0.5], [0.5, 0, 0, 0], [0, 1, 0, 0]]),
        ("first", 0.2, [[0.9, 0.1, 0.1, 0.9], [0.1, 0.1, 0.1, 0.1], [0.1, 0.9, 0.1, 0.1]]),
    ],
)
def test_targets(labels: LabelSet, rule: str, smoothing: float, expected: list[list[float]]):
    examples = [
        Example("a", frozenset({"diplomacy", "personnel"}), labels_second=frozenset({"diplomacy", "aid"})),
        Example("b", frozenset(), labels_second=frozenset({"diplomacy"})),
        Example("c", frozenset({"strikes"})),
    ]
    found = targets_of(examples, labels, FitRecipe(second_labels=rule, label_smoothing=smoothing))
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, atol=1e-6)


@pytest.fixture(scope="module")
def pieces(tiny_encoder: Path) -> Pieces:
    return Pieces(tiny_encoder / "tokenizer.json", 64, 8)


def drawn(pieces: Pieces, seed: int, batch_size: int = 4) -> tuple[list[Example], list[Batch]]:
    """Batches of texts that are all of different length, with the length as their target."""
    lengths = np.random.default_rng(0).permutation(np.arange(1, 42))
    examples = [Example(" ".join(["rain"] * n), frozenset()) for n in lengths]
    targets = lengths.astype(np.float32).reshape(-1, 1)
    rng = np.random.default_rng(seed)
    batches = epoch_batches(examples, targets, pieces, ContextRecipe(), batch_size=batch_size, rng=rng)
    return examples, list(batches)


def test_an_epoch_shows_every_example_once_with_its_own_target(pieces: Pieces):
    examples, batches = drawn(pieces, 1)
    seen = []
    for batch in batches:
        n_pieces = batch.inputs["attention_mask"].sum(1) - 2
        assert n_pieces.tolist() == batch.targets[:, 0].tolist()
        seen += n_pieces.tolist()
    assert sorted(seen) == list(range(1, len(examples) + 1))
    assert [len(b.targets) for b in batches].count(4) == 10
    assert len(batches) == 11


def test_a_batch_holds_texts_of_near_equal_length_and_comes_in_random_order(pieces: Pieces):
    _, batches = drawn(pieces, 1)
    spans = [np.ptp(b.targets) for b in batches]
    assert max(spans) == 3
    firsts = [float(b.targets.min()) for b in batches]
    assert firsts != sorted(firsts)
    again = [b.targets.tolist() for b in drawn(pieces, 1)[1]]
    assert again == [b.targets.tolist() for b in batches]
    assert again != [b.targets.tolist() for b in drawn(pieces, 2)[1]]


def test_of_a_long_text_the_first_window_is_shown(pieces: Pieces):
    examples = [Example("storm " + "rain " * 200, frozenset()), Example("rain", frozenset())]
    rows = first_windows(pieces, examples, ["storm in the city", None])
    assert [row.owner for row in rows] == [0, 1]
    assert len(rows[0].ids) == 64
    assert rows[0].ids[1:2] == tuple(pieces.ids(["storm"])[0])
    assert first_windows(pieces, [], []) == []


def test_of_a_long_text_any_window_is_shown_where_their_mean_counts(pieces: Pieces):
    examples = [Example("storm " + "rain " * 200, frozenset()), Example("rain", frozenset())]
    all_rows = pieces.windows([e.text for e in examples], [None, None])
    assert [row.owner for row in all_rows] == [0, 0, 0, 0, 1]
    assert read_windows(pieces, examples, [None, None], "mean") == all_rows
    assert read_windows(pieces, examples, [None, None], "highest") == [all_rows[0], all_rows[4]]
    rng = np.random.default_rng(5)
    shown = [shown_windows(pieces, examples, [None, None], "mean", rng) for _ in range(40)]
    assert {first for first, _ in shown} == set(all_rows[:4])
    assert {second for _, second in shown} == {all_rows[4]}


def test_first_windows_take_no_random_number(pieces: Pieces):
    """What was trained before there was a choice comes out in the same bytes."""
    examples = [Example("rain " * 200, frozenset())]
    rng = np.random.default_rng(5)
    rows = shown_windows(pieces, examples, [None], "highest", rng)
    assert rows == first_windows(pieces, examples, [None])
    assert rng.random() == np.random.default_rng(5).random()
