"""What a run's model said of every row it was measured on, kept without the texts: ``RUN/predictions.jsonl``."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from standfirst.errors import DataError
from standfirst.labels import LabelSet
from training.data import Example
from training.folders import new_file

NAME = "predictions.jsonl"

Floats = npt.NDArray[np.floating[Any]]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Scored:
    """One split, in the order of its examples: gold, logits, calibrated probabilities, decisions; all (N, L)."""

    gold: Bools
    logits: Floats
    probs: Floats
    pred: Bools


def write_predictions(run: Path, labels: LabelSet, splits: Mapping[str, tuple[Sequence[Example], Scored]]) -> None:
    """Write a line per row: where it stands, its source, gold and predicted labels, score and logit of each label."""
    with new_file(run / NAME) as part, part.open("w", encoding="utf-8") as file:
        for split, (examples, scored) in splits.items():
            for i, example in enumerate(examples):
                row = {"split": split, "where": example.where, "source": example.source}
                file.write(json.dumps(row | _row(labels.names, scored, i), ensure_ascii=False) + "\n")


def _row(names: Sequence[str], scored: Scored, i: int) -> dict[str, Any]:
    return {
        "gold": [name for name, is_given in zip(names, scored.gold[i], strict=True) if is_given],
        "pred": [name for name, is_given in zip(names, scored.pred[i], strict=True) if is_given],
        "scores": {name: round(float(p), 6) for name, p in zip(names, scored.probs[i], strict=True)},
        "logits": {name: round(float(x), 6) for name, x in zip(names, scored.logits[i], strict=True)},
    }


def read_predictions(run: Path) -> tuple[tuple[str, ...], Mapping[str, Scored]]:
    """The labels' names, and the splits by name.

    Raises
    ------
    DataError
        If the run has no predictions, or they cannot be read.
    """
    path = run / NAME
    try:
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        names = tuple(rows[0]["scores"])
        splits = list(dict.fromkeys(row["split"] for row in rows))
        return names, {split: _scored(names, [r for r in rows if r["split"] == split]) for split in splits}
    except FileNotFoundError:
        raise DataError("the run has no predictions; `evaluate` writes them", where=str(path)) from None
    except (ValueError, KeyError, IndexError, TypeError):
        raise DataError("the predictions cannot be read; run `evaluate` again", where=str(path)) from None


def _scored(names: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> Scored:
    return Scored(
        gold=np.array([[name in row["gold"] for name in names] for row in rows], dtype=bool),
        logits=np.array([[row["logits"][name] for name in names] for row in rows]),
        probs=np.array([[row["scores"][name] for name in names] for row in rows]),
        pred=np.array([[name in row["pred"] for name in names] for row in rows], dtype=bool),
    )
