"""The shipped student, measured through the models of an archive job; skipped where none is shipped."""

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from standfirst.classify import TopicClassifier
from standfirst.reader import MODELS
from standfirst.student import Student
from training.distill.handing import f1_by_label

pytestmark = [pytest.mark.gate, pytest.mark.slow]


@pytest.fixture(scope="module")
def measured(shared: Path) -> dict[str, Any]:
    if not (MODELS / "fast").is_dir():
        pytest.skip("no student is shipped")
    teacher = TopicClassifier.load(MODELS / "topics")
    data = (shared / "data" / "topics" / "dev.jsonl").read_bytes()
    rows = [json.loads(line) for line in data.splitlines()]
    texts, contexts = [row["text"] for row in rows], [row.get("context") or None for row in rows]
    own = Student.load(MODELS / "fast", teacher).answer(texts, contexts)
    full = teacher.classify(texts, contexts)
    both = [a.topics if a.is_sure else topics for a, topics in zip(own, full, strict=True)]
    names = teacher.labels.names
    gold = np.array([[name in row["labels"] for name in names] for row in rows])

    def macro_f1(answers: list[Any]) -> float:
        return float(f1_by_label(gold, np.array([[name in t.names for name in names] for t in answers])).mean())

    return {
        "data": hashlib.sha256(data).hexdigest(),
        "student": macro_f1([a.topics for a in own]),
        "fast": macro_f1(both),
        "full": macro_f1(full),
        "kept": sum(a.is_sure for a in own) / len(own),
    }


@pytest.mark.parametrize("name", ["student", "fast"])
def test_dev_macro_f1(measured, hold, record_property, name: str) -> None:
    record_property("macro_f1", measured[name])
    hold(f"fast_dev_{name}_macro_f1", measured[name], data=measured["data"])


def test_little_is_lost_against_the_topic_model_alone(measured) -> None:
    assert measured["full"] - measured["fast"] <= 0.01


def test_the_student_keeps_what_it_kept(measured, hold) -> None:
    hold("fast_dev_kept", measured["kept"], data=measured["data"], margin=0.05, told="more is handed on than before")
