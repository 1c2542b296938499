"""How good a model is: F1 per label, calibration, and every slice on its own.

``probs`` and ``scores`` are (N, L), rows in the order of the examples, columns in that of the label set.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from sklearn.metrics import average_precision_score

from standfirst.classify import together
from standfirst.labels import LabelSet
from standfirst.pieces import Pieces, as_arrays
from training.batches import read_windows
from training.data import Example
from training.model import TopicModel
from training.slices import slices_of

Floats = npt.NDArray[np.floating[Any]]
Bools = npt.NDArray[np.bool_]


def gold_matrix(examples: Sequence[Example], labels: LabelSet) -> Bools:
    """The annotations as a matrix (N, L)."""
    return np.array([[name in e.labels for name in labels.names] for e in examples], dtype=bool).reshape(
        len(examples), len(labels)
    )


def predict_torch(model: TopicModel, pieces: Pieces, examples: Sequence[Example]) -> Floats:
    """Uncalibrated probabilities of the torch model on the first window of each example, under its own context."""
    logits = torch_logits(model, pieces, examples)
    return 1 / (1 + np.exp(-logits))


def torch_logits(
    model: TopicModel,
    pieces: Pieces,
    examples: Sequence[Example],
    *,
    with_context: bool = True,
    reads: str = "highest",
) -> Floats:
    """Logits (N, L) of the torch model: of a long text's first window, or with ``mean`` of all, as they are served."""
    contexts = [e.context if with_context else None for e in examples]
    rows = read_windows(pieces, examples, contexts, reads)
    order = sorted(range(len(rows)), key=lambda i: len(rows[i].ids))
    out = np.zeros((len(rows), model.head.out_features), dtype=np.float32)
    model.eval()
    with torch.inference_mode():
        for start in range(0, len(order), 32):
            part = order[start : start + 32]
            inputs = as_arrays([rows[i] for i in part])
            out[part] = model(**{k: torch.from_numpy(v) for k, v in inputs.items()}).numpy()
    return together(rows, out, len(examples), reads)


def macro_f1(examples: Sequence[Example], probs: Floats, labels: LabelSet, thresholds: Floats) -> float:
    """The mean over labels of F1; a label with no gold and no prediction counts 0."""
    gold = gold_matrix(examples, labels)
    return float(np.mean(_f1(gold, decide(probs, labels, thresholds))))


def _f1(gold: Bools, pred: Bools) -> Floats:
    """F1 of each column (L,); 0 where there is nothing to find and nothing was found.

    Counted here and not by scikit-learn, which takes a matrix of one column for two classes.
    """
    return _share(2 * (gold & pred).sum(0), gold.sum(0) + pred.sum(0))


def _columns(answers: npt.ArrayLike) -> Bools:
    """All answers as one column."""
    return np.asarray(answers, dtype=bool).reshape(-1, 1)


def _share(part: npt.NDArray[np.integer[Any]], whole: npt.NDArray[np.integer[Any]]) -> Floats:
    return np.asarray(part / np.maximum(whole, 1))


def decide(probs: Floats, labels: LabelSet, thresholds: Floats) -> Bools:
    """Which labels are given (N, L): those at or above the threshold, or the best one if labels exclude."""
    if labels.multi_label:
        return np.asarray(probs >= thresholds)
    return np.asarray(np.arange(len(labels)) == probs.argmax(1)[:, None])


def expected_calibration_error(gold: Bools, probs: Floats, n_bins: int = 10) -> float:
    """Mean gap between confidence and truth over equal-width bins, each label alone, then averaged.

    References
    ----------
    Guo et al. 2017, "On Calibration of Modern Neural Networks", section 2 (its binary form).
    """
    errors = []
    for truth, column in zip(gold.T, probs.T, strict=True):
        bins = np.minimum((column * n_bins).astype(int), n_bins - 1)
        error = 0.0
        for number in range(n_bins):
            inside = bins == number
            if inside.any():
                error += inside.mean() * abs(truth[inside].mean() - column[inside].mean())
        errors.append(error)
    return float(np.mean(errors))


def metrics(examples: Sequence[Example], probs: Floats, labels: LabelSet, thresholds: Floats) -> dict[str, Any]:
    """All figures of one split as plain numbers."""
    gold = gold_matrix(examples, labels)
    pred = decide(probs, labels, thresholds)
    true, support = (gold & pred).sum(0), gold.sum(0)
    precision, recall, f1 = _share(true, pred.sum(0)), _share(true, support), _f1(gold, pred)
    per_label = {
        name: {
            "precision": float(precision[i]),
            "recall": float(recall[i]),
            "f1": float(f1[i]),
            "average_precision": float(average_precision_score(gold[:, i], probs[:, i])) if gold[:, i].any() else 0.0,
            "support": int(support[i]),
            "threshold": float(thresholds[i]),
        }
        for i, name in enumerate(labels.names)
    }
    return {
        "n": len(examples),
        "macro_f1": float(np.mean(f1)),
        "micro_f1": float(_f1(_columns(gold), _columns(pred))[0]),
        "exact_match": float((gold == pred).all(1).mean()),
        "none_f1": float(_f1(~_columns(gold.any(1)), ~_columns(pred.any(1)))[0]),
        "ece": expected_calibration_error(gold, probs),
        "labels": per_label,
    }


def sliced(examples: Sequence[Example], probs: Floats, labels: LabelSet, thresholds: Floats) -> dict[str, Any]:
    """For every slice of every kind: size, macro-F1 over the labels that occur, exact match, calibration error."""
    gold = gold_matrix(examples, labels)
    pred = decide(probs, labels, thresholds)
    table: dict[str, Any] = {}
    for kind, value, inside in slices_of(examples):
        table.setdefault(kind, {})[value] = _slice(gold[inside], pred[inside], probs[inside])
    return table


def without_context(examples: Sequence[Example], probs: Floats, labels: LabelSet, thresholds: Floats) -> dict[str, Any]:
    """The rows that have a context, measured by ``probs`` made without it: a slice as in ``sliced``."""
    inside = np.array([bool(e.context) for e in examples], dtype=bool)
    gold, pred = gold_matrix(examples, labels)[inside], decide(probs, labels, thresholds)[inside]
    return _slice(gold, pred, probs[inside])


def _slice(gold: Bools, pred: Bools, probs: Floats) -> dict[str, Any]:
    present = gold.any(0)
    return {
        "n": len(gold),
        "macro_f1": float(np.mean(_f1(gold, pred)[present])) if present.any() else None,
        "exact_match": float((gold == pred).all(1).mean()),
        "ece": expected_calibration_error(gold, probs),
    }
