"""The shipped topic model, measured from its ONNX file through the reader that serves it."""

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import f1_score

import standfirst
from standfirst.manifest import read_manifest
from standfirst.reader import MODELS
from training.batches import served_context
from training.sources import resolve

pytestmark = [pytest.mark.gate, pytest.mark.slow]

HERE = Path(__file__).parent
PROBES = HERE.parents[1] / "training" / "probes"
UNSEEN = HERE.parents[1] / "training" / "annotations" / "unseen.jsonl"
PARAGRAPHS = UNSEEN.with_name("paragraphs.jsonl")


@pytest.fixture(scope="module")
def reader():
    return standfirst.load()


def rows_of(path: Path) -> tuple[list[dict[str, Any]], str]:
    """The rows of a file, and its sha256."""
    data = path.read_bytes()
    return [json.loads(line) for line in data.splitlines()], hashlib.sha256(data).hexdigest()


def answers(reader, rows: list[dict[str, Any]], *, with_context: bool = True) -> tuple[np.ndarray, np.ndarray]:
    names = reader.labels.names
    contexts = [(row.get("context") or None) if with_context else None for row in rows]
    topics = reader.label([row["text"] for row in rows], contexts)
    gold = np.array([[n in row["labels"] for n in names] for row in rows])
    return gold, np.array([[n in t.names for n in names] for t in topics])


def exact(gold: np.ndarray, pred: np.ndarray) -> float:
    return float((gold == pred).all(1).mean())


def test_dev_macro_f1(reader, shared, hold, record_property):
    rows, data = rows_of(shared / "data" / "topics" / "dev.jsonl")
    f1 = f1_score(*answers(reader, rows), average="macro")
    record_property("macro_f1", f1)
    hold("topics_dev_macro_f1", f1, data=data)


def test_dev_without_context(reader, shared, hold):
    rows, data = rows_of(shared / "data" / "topics" / "dev.jsonl")
    f1 = f1_score(*answers(reader, rows, with_context=False), average="macro")
    hold("topics_dev_no_context_macro_f1", f1, data=data)


def as_shown(rows: list[dict[str, Any]], data: Path) -> list[dict[str, Any]]:
    """Rows by reference with their texts, each under what the reader shows it under."""
    found = resolve(((row["id"], row) for row in rows), data)
    return [row | {"context": served_context(row["context"])} for _, row in found]


@pytest.mark.parametrize("with_context", [True, False], ids=["under_context", "without_context"])
def test_rows_that_nothing_was_trained_on(reader, shared, hold, with_context):
    rows, data = rows_of(UNSEEN)
    shown = as_shown(rows, shared / "data")
    f1 = f1_score(*answers(reader, shown, with_context=with_context), average="macro")
    hold(f"topics_unseen_macro_f1{'' if with_context else '_no_context'}", f1, data=data, margin=0.01)


def test_paragraphs_of_several_sentences(reader, shared, hold):
    """What is served are paragraphs; the rows of the other sets are single sentences."""
    rows, data = rows_of(PARAGRAPHS)
    f1 = f1_score(*answers(reader, as_shown(rows, shared / "data")), average="macro")
    hold("topics_paragraphs_macro_f1", f1, data=data, margin=0.01)


def test_paragraphs_for_every_rule_of_the_guideline(reader, hold):
    """Our own, labelled before any model was asked; they need no data folder."""
    rows, data = rows_of(PROBES / "rules.jsonl")
    gold, pred = answers(reader, rows)
    told = ", ".join(
        f"{n} {f1:.2f}" for n, f1 in zip(reader.labels.names, f1_score(gold, pred, average=None), strict=True)
    )
    hold("topics_rules_macro_f1", f1_score(gold, pred, average="macro"), data=data, margin=0.01, told=told)


def test_sample_blog(reader, shared, hold):
    blog = standfirst.parse((shared / "samples" / "ukraine-2023-09-05.txt").read_bytes())
    gold, data = rows_of(HERE / "sample.jsonl")
    paragraphs = list(blog.paragraphs())
    assert [hashlib.sha256(p.text.encode()).hexdigest() for p in paragraphs] == [g["sha256"] for g in gold]
    report = reader.read(blog)
    read = [p for update in (report.opening, *report.updates) for p in update.paragraphs]
    right = [sorted(p.topics.names) == sorted(g["labels"]) for p, g in zip(read, gold, strict=True)]
    hold("topics_sample_exact", float(np.mean(right)), data=data, margin=0.02)


def test_context_that_disagrees_costs_little(reader, hold):
    rows, data = rows_of(PROBES / "context_disagrees.jsonl")
    under = exact(*answers(reader, rows))
    alone = exact(*answers(reader, rows, with_context=False))
    hold("topics_disagrees_exact", under, data=data, margin=0.01, told=f"{alone:.3f} without context")


def test_context_that_is_needed_helps(reader, hold):
    rows, data = rows_of(PROBES / "context_needed.jsonl")
    under = exact(*answers(reader, rows))
    alone = exact(*answers(reader, rows, with_context=False))
    hold("topics_needed_exact", under, data=data, margin=0.02)
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
