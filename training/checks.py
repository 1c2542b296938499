"""What a recipe asks to be said and measured beside its splits: the card's text on its data, rows, behaviour, pairs.

None of it changes a weight, so that it can be edited after training and ``evaluate`` run again.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from standfirst.classify import TopicClassifier
from standfirst.errors import DataError, RecipeError
from standfirst.labels import LabelSet
from training.batches import served_context
from training.behaviour import Case, capabilities, read_cases, run_cases
from training.bootstrap import intervals
from training.data import Example, read_examples, told_apart
from training.evaluate import decide, metrics
from training.recipe import Recipe


@dataclass(frozen=True)
class Checks:
    """The card's own text, figures of hold-outs measured in other runs, behavioural cases; rows and pairs by file."""

    card: str = ""
    held_out: Mapping[str, Any] = field(default_factory=dict)
    rows: Mapping[str, Sequence[Example]] = field(default_factory=dict)
    cases: tuple[Case, ...] = ()
    pairs: Mapping[str, Sequence[Example]] = field(default_factory=dict)


def read_checks(recipe: Recipe, folder: Path, labels: LabelSet, data_dir: Path | None = None) -> Checks:
    """Read what the recipe names, so that a wrong file is found before any training.

    Rows by reference are left out where there is no data folder.

    Raises
    ------
    RecipeError
        If a file is missing, or the held-out figures are no JSON object of objects.
    DataError
        If a file of cases or pairs is wrong.
    """
    asked = recipe.checks
    cases = [case for name in asked.behaviour for case in read_cases(_found(folder, name), labels)]
    pairs = {k: read_examples(_found(folder, n), recipe.data, labels) for k, n in _called(asked.pairs).items()}
    for name, rows in pairs.items():
        if not all(row.context for row in rows):
            raise DataError("every row of a file of pairs needs a context", where=name)
    files = {k: read_examples(_found(folder, n), recipe.data, labels, data_dir) for k, n in _called(asked.rows).items()}
    card = _found(folder, recipe.card).read_text(encoding="utf-8") if recipe.card else ""
    held_out = _held_out(_found(folder, asked.held_out)) if asked.held_out else {}
    return Checks(card, held_out, {name: rows for name, rows in files.items() if rows}, tuple(cases), pairs)


def _called(names: Sequence[str]) -> dict[str, str]:
    """What figures of each file are called, and the file."""
    called = told_apart({Path(name): name for name in names}, short=lambda path: path.stem)
    return {called[Path(name)]: name for name in names}


def run_checks(checks: Checks, classifier: TopicClassifier, *, seed: int = 7) -> dict[str, Any]:
    """The figures of rows, behaviour and pairs, by the classifier that is served; empty where nothing was asked.

    ``seed`` is that of the bootstrap behind the intervals.
    """

    def answer(texts: Sequence[str], contexts: Sequence[str | None]) -> list[frozenset[str]]:
        return [frozenset(topics.names) for topics in classifier.classify(texts, contexts)]

    figures: dict[str, Any] = {}
    for name, rows in checks.rows.items():
        figures.setdefault("rows", {})[name] = _measured(rows, classifier, seed)
    if checks.cases:
        figures["behaviour"] = capabilities(checks.cases, run_cases(checks.cases, answer))
    for name, rows in checks.pairs.items():
        texts, gold = [row.text for row in rows], [row.labels for row in rows]
        figures.setdefault("pairs", {})[name] = {
            "n": len(rows),
            "exact_match": _share(gold, answer(texts, [row.context for row in rows])),
            "exact_match_without_context": _share(gold, answer(texts, [None] * len(rows))),
        }
    return figures


def _measured(rows: Sequence[Example], classifier: TopicClassifier, seed: int) -> dict[str, Any]:
    """All figures of some rows under the headlines of their updates, with what a bootstrap of their documents gives."""
    labels, thresholds = classifier.labels, classifier.thresholds
    topics = classifier.classify([row.text for row in rows], [served_context(row.context) for row in rows])
    probs = np.array([[t.scores[n] for n in labels.names] for t in topics])
    pred = decide(probs, labels, thresholds)
    return metrics(rows, probs, labels, thresholds) | {"intervals": intervals(rows, labels, pred, seed=seed)}


def _share(gold: Sequence[frozenset[str]], found: Sequence[frozenset[str]]) -> float:
    return sum(a == b for a, b in zip(gold, found, strict=True)) / len(gold)


def _held_out(path: Path) -> dict[str, Any]:
    try:
        table = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise RecipeError(f"the held-out figures are no JSON: {error}", where=path.name) from None
    whole = isinstance(table, dict) and all(isinstance(v, dict) and "macro_f1" in v for v in table.values())
    if not whole:
        raise RecipeError('expected {"name": {"n": ..., "macro_f1": ...}, ...}', where=path.name)
    return dict(table)


def _found(folder: Path, name: str) -> Path:
    path = folder / name
    if not path.is_file():
        raise RecipeError("the recipe names a file that is not there", where=name)
    return path
