"""What a careful person has in an afternoon: logistic regression on TF-IDF, and on frozen MiniLM embeddings.

C is chosen by 5-fold cross-validation on the training rows, and with several labels a text each label's threshold too:
the one with the best F1 on the same out-of-fold probabilities. Nothing is chosen on the test rows.
"""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold, StratifiedKFold, cross_val_predict
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer

import standfirst
from standfirst.encoder import Encoder
from standfirst.pieces import Pieces
from training.evaluate import expected_calibration_error

Floats = npt.NDArray[np.floating[Any]]
Bools = npt.NDArray[np.bool_]

_SUMMARY = Path(standfirst.__file__).parent / "models" / "summary"
_CS = (0.1, 1.0, 10.0, 100.0)
_N_FOLDS = 5
_MAX_TOKENS = 256  # MiniLM's own limit: it was trained on no longer texts
_GRID = np.arange(0.05, 0.96, 0.05)


@dataclass(frozen=True)
class Figures:
    """What one method reaches on the test rows."""

    macro_f1: float
    exact_match: float
    ece: float


def tfidf(train: Sequence[str], gold: Bools, test: Sequence[str], truth: Bools, *, multi_label: bool) -> Figures:
    """Words and pairs of words, weighed by TF-IDF."""
    words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)
    return _measure(words, np.array(train, dtype=object), gold, np.array(test, dtype=object), truth, multi_label)


def frozen(train: Floats, gold: Bools, test: Floats, truth: Bools, *, multi_label: bool) -> Figures:
    """Embeddings of length 1, as ``embed`` makes them."""
    return _measure(FunctionTransformer(), train, gold, test, truth, multi_label)


def embed(texts: Sequence[str], threads: int) -> Floats:
    """The shipped MiniLM's mean over the first 256 word pieces of each text (N, H), of length 1."""
    pieces = Pieces(_SUMMARY / "tokenizer.json", _MAX_TOKENS, 0)
    first = {w.owner: w for w in reversed(pieces.windows(texts, [None] * len(texts)))}
    found = Encoder(_SUMMARY / "model.onnx", threads=threads).run([first[i] for i in range(len(texts))])
    return np.asarray(found / np.linalg.norm(found, axis=1, keepdims=True))


def _measure(features: Any, train: Any, gold: Bools, test: Any, truth: Bools, multi_label: bool) -> Figures:  # noqa: PLR0917
    best: tuple[float, Any, Floats] | None = None
    for c in _CS:
        model = _model(features, c, multi_label=multi_label)
        inside = _out_of_fold(model, train, gold, multi_label=multi_label)
        limits = _thresholds(inside, gold) if multi_label else np.full(gold.shape[1], 0.5)
        reached = _macro_f1(gold, _decide(inside, limits, multi_label=multi_label))
        if best is None or reached > best[0]:
            best = (reached, model, limits)
    assert best is not None
    _, model, limits = best
    probs = _fitted_probs(model, train, gold, test, multi_label=multi_label)
    pred = _decide(probs, limits, multi_label=multi_label)
    exact = float((pred == truth).all(1).mean())
    return Figures(_macro_f1(truth, pred), exact, expected_calibration_error(truth, probs))


def _model(features: Any, c: float, *, multi_label: bool) -> Pipeline:
    line = LogisticRegression(C=c, max_iter=2000)
    return make_pipeline(clone(features), OneVsRestClassifier(line) if multi_label else line)


def _answers(gold: Bools, *, multi_label: bool) -> Any:
    return gold.astype(int) if multi_label else gold.argmax(1)


def _out_of_fold(model: Pipeline, train: Any, gold: Bools, *, multi_label: bool) -> Floats:
    folds = (KFold if multi_label else StratifiedKFold)(_N_FOLDS, shuffle=True, random_state=7)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        warnings.filterwarnings("ignore", message="Label .* is present in")  # a rare label outside a fold
        probs = cross_val_predict(
            model, train, _answers(gold, multi_label=multi_label), cv=folds, method="predict_proba"
        )
    return np.asarray(probs)


def _fitted_probs(model: Pipeline, train: Any, gold: Bools, test: Any, *, multi_label: bool) -> Floats:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return np.asarray(model.fit(train, _answers(gold, multi_label=multi_label)).predict_proba(test))


def _decide(probs: Floats, limits: Floats, *, multi_label: bool) -> Bools:
    if multi_label:
        return np.asarray(probs >= limits)
    return np.asarray(np.arange(probs.shape[1]) == probs.argmax(1)[:, None])


def _thresholds(probs: Floats, gold: Bools) -> Floats:
    reached = np.array([_f1(gold, probs >= limit) for limit in _GRID])  # (T, L)
    return np.asarray(_GRID[reached.argmax(0)])


def _f1(gold: Bools, pred: Bools) -> Floats:
    return np.asarray(2 * (gold & pred).sum(0) / np.maximum(gold.sum(0) + pred.sum(0), 1))


def _macro_f1(gold: Bools, pred: Bools) -> float:
    return float(_f1(gold, pred).mean())
