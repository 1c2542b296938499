from pathlib import Path

import numpy as np
import pytest

from standfirst.english.view import tokenize
from standfirst.summarize import Summarizer
from standfirst.summarize.heads import Heads
from standfirst.summarize.reading import Scores
from training.summary.blogs import RawUpdate, read_raw
from training.summary.choose import _drawn, fit_choice, lesson_of
from training.summary.recipe import SummaryData, SummaryRecipe, SummaryTrees


class Even(Summarizer):
    """Heads that see no difference between sentences."""

    def __init__(self) -> None:
        heads = Heads(64, (0.0,) * 9, (0.0,) * 9, 0.0)
        super().__init__(None, None, "summary-even", heads=heads)  # type: ignore[arg-type]

    def scores(self, texts, *, headed=False):
        return [Scores(0.0, 0.0, (1.0,) * len(tokenize(t))) for t in texts]


def test_a_lesson_by_hand() -> None:
    update = RawUpdate("u", "ferry hit the port", ("the leader was in town .", "a ferry hit the quay of osk ."))
    columns, near = lesson_of(update, Even())
    assert columns["place"].tolist() == [0, 1]
    assert near.tolist() == pytest.approx([1 / 4, 3 / 4])  # four words each: "the"; "ferry hit the"


def test_updates_are_drawn_evenly_and_only_with_a_headline(data_folder: Path) -> None:
    path = data_folder / "liveblogs" / "bbc_train.jsonl.gz"
    drawn = _drawn(path, 4, np.random.default_rng(7))
    assert len(drawn) == 4
    assert all(u.title for u in drawn)
    assert [u.id for u in drawn] == [u.id for u in _drawn(path, 4, np.random.default_rng(7))]
    counts = [sum(u in drawn for u in blog.updates) for blog in read_raw(path)]
    assert max(counts) <= 2


def test_what_can_be_learnt_is_learnt_and_too_little_is_none(data_folder: Path) -> None:
    """In the invented blogs the first of two sentences is the headline's, always."""
    trees = SummaryTrees(n_trees=20, learning_rate=0.3, sample=1.0)
    recipe = SummaryRecipe("r", "summary", data=SummaryData(n_chosen=12), choice=trees)
    fitted, counted = fit_choice(data_folder, Even(), recipe)
    assert fitted is not None
    assert counted["sentences"] == 2 * counted["updates"]
    raw = RawUpdate("u", "drone hit the port", ("The drone hit the port.", "The leader was in the market."))
    first, second = fitted.logits(lesson_of(raw, Even())[0])
    assert first > second + 1
    few = SummaryRecipe("r", "summary", data=SummaryData(n_chosen=1), choice=trees)
    assert fit_choice(data_folder, Even(), few)[0] is None
