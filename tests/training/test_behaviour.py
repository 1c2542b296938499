import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from standfirst.errors import DataError
from standfirst.labels import LabelSet
from training.behaviour import capabilities, read_cases, run_cases

GOOD: list[dict[str, Any]] = [
    {"id": "m1", "test": "minimum", "capability": "aid", "text": "flour came", "labels": ["aid"]},
    {"id": "m2", "test": "minimum", "capability": "aid", "text": "rain", "labels": [], "context": "flour came"},
    {
        "id": "i1", "test": "invariance", "capability": "places",
        "template": "a drone hit {place}", "fills": [{"place": "Orvane"}, {"place": "Flourton"}, {"place": "Sumra"}],
    },
    {
        "id": "d1", "test": "direction", "capability": "negated",
        "before": "a drone and flour came", "after": "no drone came, flour did", "gone": ["strikes"],
    },
]  # fmt: skip


def words(texts: Sequence[str], contexts: Sequence[str | None]) -> list[frozenset[str]]:
    """A model that knows two words, reads contexts too, and no negation."""
    whole = [f"{t} {c or ''}".lower() for t, c in zip(texts, contexts, strict=True)]
    return [frozenset(n for n, w in (("aid", "flour"), ("strikes", "drone")) if w in text) for text in whole]


@pytest.fixture
def read(tmp_path: Path, write_rows: Callable[..., Path], labels: LabelSet):
    return lambda *rows: read_cases(write_rows(tmp_path / "cases.jsonl", *rows), labels)


def test_what_passes_and_what_fails(read):
    passed = run_cases(read(*GOOD), words)
    # m2: the model reads the context; i1: the name of the second place is a word it knows; d1: it knows no "no"
    assert passed == {"m1": True, "m2": False, "i1": False, "d1": False}
    assert capabilities(read(*GOOD), passed) == {
        "minimum: aid": {"n": 2, "rate": 0.5, "failed": ["m2"]},
        "invariance: places": {"n": 1, "rate": 0.0, "failed": ["i1"]},
        "direction: negated": {"n": 1, "rate": 0.0, "failed": ["d1"]},
    }


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({"strikes"}, set(), True),
        ({"strikes", "aid"}, {"aid"}, True),  # other labels are no matter
        ({"strikes"}, {"strikes"}, False),
        (set(), set(), False),  # what was never there has not gone
    ],
)
def test_a_label_must_have_been_there_to_go(read, before: set[str], after: set[str], expected: bool):
    answers = [frozenset(before), frozenset(after)]
    assert run_cases(read(GOOD[3]), lambda *_: answers) == {"d1": expected}


def test_all_texts_are_asked_at_once_under_their_own_context(read):
    asked = []

    def spy(texts, contexts):
        asked.append(list(zip(texts, contexts, strict=True)))
        return words(texts, contexts)

    run_cases(read(*GOOD), spy)
    [calls] = asked
    assert calls[1] == ("rain", "flour came")
    assert [c for _, c in calls].count(None) == len(calls) - 1
    assert [t for t, _ in calls[2:5]] == ["a drone hit Orvane", "a drone hit Flourton", "a drone hit Sumra"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"test": "maximum"}, "unknown test 'maximum'; expected minimum, invariance, direction"),
        ({"labels": ["weather"]}, "unknown label 'weather'"),
        ({"test": "direction"}, "a case of the kind direction needs 'before'"),
        ({"test": "invariance", "template": "a", "fills": [{}]}, "two fills or more"),
        ({"test": "invariance", "template": "{a}", "fills": [{}, {}]}, "names 'a', which a fill lacks"),
    ],
)
def test_a_wrong_case_is_named(read, change: dict[str, Any], message: str):
    with pytest.raises(DataError, match=message) as caught:
        read(GOOD[1], GOOD[0] | change)
    assert "cases.jsonl:2" in str(caught.value)


def test_an_id_stands_once(read):
    with pytest.raises(DataError, match="the id 'm1' stands twice"):
        read(GOOD[0], GOOD[0])


def test_answers_do_not_depend_on_the_order_of_cases(read):
    forth, back = (run_cases(read(*rows), words) for rows in (GOOD, GOOD[::-1]))
    assert forth == back
    assert json.dumps(capabilities(read(*GOOD), forth))
