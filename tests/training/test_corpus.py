"""Properties of our own corpus and probes, whatever is added to them."""

import json
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from standfirst.labels import LabelSet
from training.data import read_examples, text_key
from training.recipe import DataRecipe

HOME = Path(__file__).resolve().parents[2] / "training"
CORPUS = sorted((HOME / "corpus").glob("*.jsonl"))
PROBES = sorted((HOME / "probes").glob("*.jsonl"))
N_RULES = 18  # of the annotation guidelines


def rows_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def updates() -> list[dict[str, Any]]:
    return [row for path in CORPUS for row in rows_of(path) if "paragraphs" in row]


@pytest.fixture(scope="module")
def probes() -> list[dict[str, Any]]:
    return [row for path in PROBES for row in rows_of(path)]


def texts_of(row: dict[str, Any]) -> list[str]:
    if "paragraphs" in row:
        return [row["headline"] or "", *(p["text"] for p in row["paragraphs"])]
    return [row["text"]]


def is_subsequence(words: list[str], of: list[str]) -> bool:
    rest = iter(of)
    return all(word in rest for word in words)


@pytest.mark.parametrize("path", [*CORPUS, *PROBES], ids=lambda p: p.name)
def test_a_file_reads_without_an_error(path: Path, labels: LabelSet):
    examples = read_examples(path, DataRecipe(train=("x",)), labels)
    assert len(examples) >= len(rows_of(path)) >= 50
    assert all(e.text == e.text.strip() and "  " not in e.text for e in examples)


def test_ids_are_unique():
    ids = Counter(row["id"] for path in (*CORPUS, *PROBES) for row in rows_of(path))
    assert [name for name, n in ids.items() if n > 1] == []


def test_there_is_enough(updates: list[dict[str, Any]]):
    assert len(updates) >= 300
    assert len({u["blog"] for u in updates}) >= 10
    assert {path.name: len(rows_of(path)) >= 200 for path in PROBES} == {
        "context_disagrees.jsonl": True,
        "context_needed.jsonl": True,
        "rules.jsonl": True,
    }


def test_every_label_and_every_rule_has_cases(updates: list[dict[str, Any]], labels: LabelSet):
    given = Counter(name for u in updates for p in u["paragraphs"] for name in p["labels"] or ["none"])
    assert {name: given[name] >= 100 for name in (*labels.names, "none")} == dict.fromkeys(
        (*labels.names, "none"), True
    )
    rules = Counter(rule for u in updates for rule in u["rules"])
    assert set(rules) == set(range(1, N_RULES + 1))
    assert min(rules.values()) >= 3


def test_headline_labels_are_known(updates: list[dict[str, Any]], labels: LabelSet):
    assert {name for u in updates for name in u["headline_labels"]} <= set(labels.names)


def test_a_standfirst_is_words_of_one_paragraph_in_their_order(updates: list[dict[str, Any]]):
    wrong = []
    for update in updates:
        words = text_key(update["standfirst"]).split()
        sources = [text_key(p["text"]).split() for p in update["paragraphs"]]
        if not words or not any(is_subsequence(words, source) for source in sources):
            wrong.append(update["id"])
    assert wrong == []


def test_is_subsequence_can_say_no():
    assert is_subsequence(["b", "d"], ["a", "b", "c", "d"])
    assert not is_subsequence(["d", "b"], ["a", "b", "c", "d"])
    assert not is_subsequence(["b", "b"], ["a", "b", "c", "d"])


def test_updates_of_a_blog_come_in_order_of_time(updates: list[dict[str, Any]]):
    by_blog: dict[str, list[datetime]] = {}
    for update in updates:
        time = datetime.fromisoformat(update["published"])
        assert time.tzinfo is not None
        by_blog.setdefault(update["blog"], []).append(time)
    assert [blog for blog, times in by_blog.items() if times != sorted(times)] == []


def test_no_text_of_the_probes_stands_in_the_corpus(probes: list[dict[str, Any]]):
    trained = {text_key(text) for path in CORPUS for row in rows_of(path) for text in texts_of(row) if text}
    assert [row["id"] for row in probes if text_key(row["text"]) in trained] == []


def test_no_paragraph_of_the_updates_stands_there_twice(updates: list[dict[str, Any]]):
    paragraphs = [p for u in updates for p in u["paragraphs"] if p["kind"] == "text"]  # "Read more" may come again
    seen = Counter(text_key(p["text"]) for p in paragraphs)
    assert [text for text, n in seen.items() if n > 1] == []


def test_a_text_that_a_probe_shows_under_several_contexts_has_several_answers(probes: list[dict[str, Any]]):
    rows = [row for row in probes if row["id"].startswith("needed-")]
    assert all(row["context"] for row in rows)
    assert len({(row["context"], row["text"]) for row in rows}) == len(rows)
    answers: dict[str, list[tuple[str, ...]]] = {}
    for row in rows:
        answers.setdefault(row["text"], []).append(tuple(sorted(row["labels"])))
    several = {text: given for text, given in answers.items() if len(given) > 1}
    assert len(several) >= 60
    assert [text for text, given in several.items() if len(set(given)) == 1] == []


def test_a_probe_of_contexts_that_disagree_has_another_topic_over_it(probes: list[dict[str, Any]]):
    rows = [row for row in probes if row["id"].startswith("disagree-")]
    assert [row["id"] for row in rows if set(row["labels"]) & set(row["context_labels"])] == []


def test_every_rule_of_the_guideline_has_its_paragraphs(probes: list[dict[str, Any]]):
    counts = Counter(row["rule"] for row in probes if row["id"].startswith("rule-"))
    assert {f"r{n:02d}" for n in range(1, N_RULES + 1)} <= set(counts)
    assert min(counts.values()) >= 12
