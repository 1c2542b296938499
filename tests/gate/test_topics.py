"""The shipped topic model, measured from its ONNX file through the reader that serves it."""

import hashlib
import importlib.util
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import f1_score

import standfirst
from standfirst.manifest import read_manifest
from standfirst.reader import MODELS

pytestmark = [pytest.mark.gate, pytest.mark.slow]

HERE = Path(__file__).parent
PROBES = HERE.parents[1] / "training" / "probes"
_spec = importlib.util.spec_from_file_location("floors", HERE / "floors.py")
floors = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(floors)
FLOORS = floors.load()


@pytest.fixture(scope="module")
def reader():
    return standfirst.load()


def rows_of(path: Path, floor: str) -> list[dict[str, Any]]:
    """The rows of a file, which must be the one its floor was set on."""
    data = path.read_bytes()
    assert hashlib.sha256(data).hexdigest() == FLOORS[floor]["data"], f"{path.name} is not what {floor} was set on"
    return [json.loads(line) for line in data.splitlines()]


def answers(reader, rows: list[dict[str, Any]], *, with_context: bool = True) -> tuple[np.ndarray, np.ndarray]:
    names = reader.labels.names
    contexts = [(row.get("context") or None) if with_context else None for row in rows]
    topics = reader.label([row["text"] for row in rows], contexts)
    gold = np.array([[n in row["labels"] for n in names] for row in rows])
    return gold, np.array([[n in t.names for n in names] for t in topics])


def exact(gold: np.ndarray, pred: np.ndarray) -> float:
    return float((gold == pred).all(1).mean())


def test_dev_macro_f1(reader, shared, record_property):
    gold, pred = answers(reader, rows_of(shared / "data" / "topics" / "dev.jsonl", "topics_dev_macro_f1"))
    f1 = f1_score(gold, pred, average="macro")
    record_property("macro_f1", f1)
    assert f1 >= FLOORS["topics_dev_macro_f1"]["floor"], f"macro-F1 {f1:.4f}"


def test_dev_without_context(reader, shared):
    rows = rows_of(shared / "data" / "topics" / "dev.jsonl", "topics_dev_no_context_macro_f1")
    f1 = f1_score(*answers(reader, rows, with_context=False), average="macro")
    assert f1 >= FLOORS["topics_dev_no_context_macro_f1"]["floor"], f"macro-F1 {f1:.4f}"


def test_sample_blog(reader, shared):
    blog = standfirst.parse((shared / "samples" / "ukraine-2023-09-05.txt").read_bytes())
    gold = rows_of(HERE / "sample.jsonl", "topics_sample_exact")
    paragraphs = list(blog.paragraphs())
    assert [hashlib.sha256(p.text.encode()).hexdigest() for p in paragraphs] == [g["sha256"] for g in gold]
    report = reader.read(blog)
    read = [p for update in (report.opening, *report.updates) for p in update.paragraphs]
    right = np.mean([sorted(p.topics.names) == sorted(g["labels"]) for p, g in zip(read, gold, strict=True)])
    assert right >= FLOORS["topics_sample_exact"]["floor"], f"exact {right:.3f}"


def test_context_that_disagrees_costs_little(reader):
    rows = rows_of(PROBES / "context_disagrees.jsonl", "topics_disagrees_exact")
    under = exact(*answers(reader, rows))
    alone = exact(*answers(reader, rows, with_context=False))
    assert under >= FLOORS["topics_disagrees_exact"]["floor"], f"exact {under:.3f}, {alone:.3f} without context"


def test_context_that_is_needed_helps(reader):
    rows = rows_of(PROBES / "context_needed.jsonl", "topics_needed_exact")
    under = exact(*answers(reader, rows))
    alone = exact(*answers(reader, rows, with_context=False))
    assert under >= FLOORS["topics_needed_exact"]["floor"], f"exact {under:.3f}"
    assert under > alone, f"{under:.3f} with context, {alone:.3f} without"


def test_int8_is_as_good_as_torch():
    """As measured when the model was exported, each with its own calibration."""
    figures = read_manifest(MODELS / "topics", kind="topics").facts["metrics"]
    assert figures["dev"]["macro_f1"] >= figures["dev in torch"]["macro_f1"] - 0.005


def test_answers_do_not_depend_on_the_batch(reader):
    """Bit for bit: alone, among others, and in the other order."""
    rows = [json.loads(line) for line in (PROBES / "context_needed.jsonl").read_text("utf-8").splitlines()[:48]]
    texts, contexts = [r["text"] for r in rows], [r["context"] for r in rows]
    classify = reader.topics.classify
    together = classify(texts, contexts)
    assert together == [classify([t], [c])[0] for t, c in zip(texts, contexts, strict=True)]
    assert together == classify(texts[::-1], contexts[::-1])[::-1]


def test_a_floor_goes_down_only_with_a_reason():
    table = {"a": {"floor": 0.8, "data": "", "date": "2026-01-01"}}
    assert floors.moved(table, "a", 0.9, "")["a"]["floor"] == 0.9
    with pytest.raises(ValueError, match="lower-floors"):
        floors.moved(table, "a", 0.7, "")
    assert floors.moved(table, "a", 0.7, "the data were wrong")["a"]["reason"] == "the data were wrong"
