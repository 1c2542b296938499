"""What the shipped topic model must do whatever its figures on dev say: see ``training/behaviour.py``."""

import hashlib
import re
from collections import Counter
from pathlib import Path

import pytest

import standfirst
from standfirst.labels import load_labels
from training.behaviour import capabilities, read_cases, run_cases

ROOT = Path(__file__).resolve().parents[2]
PATH = ROOT / "tests" / "gate" / "behaviour.jsonl"
LABELS = load_labels(ROOT / "training" / "labels" / "topics.toml")
CASES = read_cases(PATH, LABELS)
RULES = range(1, 19)


@pytest.fixture(scope="module")
def found():
    reader = standfirst.load()

    def answer(texts, contexts):
        return [frozenset(topics.names) for topics in reader.label(list(texts), list(contexts))]

    return capabilities(CASES, run_cases(CASES, answer))


@pytest.mark.gate
@pytest.mark.slow
@pytest.mark.parametrize("capability", dict.fromkeys(f"{case.test}: {case.capability}" for case in CASES))
def test_capability(capability, found, hold, record_property):
    row = found[capability]
    record_property("rate", row["rate"])
    name = "behaviour_" + re.sub(r"\W+", "_", capability)
    data = hashlib.sha256(PATH.read_bytes()).hexdigest()
    # another training run moves single cases: one of a few, or one in twenty of many
    margin = max(1 / row["n"], 0.05)
    hold(name, row["rate"], data=data, margin=margin, told=f"of {row['n']} failed: {', '.join(row['failed'])}")


def test_there_are_enough_cases_of_every_kind():
    tests = Counter(case.test for case in CASES)
    assert tests["invariance"] >= 60
    assert tests["direction"] >= 60
    assert all(len(set(case.texts)) == 4 for case in CASES if case.test == "invariance")
    minimum = Counter(case.capability.partition(",")[0] for case in CASES if case.test == "minimum")
    assert all(minimum[name] >= 5 for name in (*LABELS.names, "none"))
    assert all(minimum[f"rule {number}"] >= 4 for number in RULES)
    gone = Counter(name for case in CASES if case.test == "direction" for name in case.labels)
    assert all(gone[name] >= 15 for name in LABELS.names)
