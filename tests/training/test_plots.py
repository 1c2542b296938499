import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from standfirst.errors import DataError
from standfirst.labels import Label, LabelSet
from training import plots
from training.data import Example
from training.plots import draw_run, pair_shares, reliability
from training.predictions import NAME, Scored, read_predictions, write_predictions

ROOT = Path(__file__).resolve().parents[2]
NAMES = ["epochs.png", "labels.png", "precision_recall.png", "reliability.png", "slices.png"]


def scored(n: int = 40, seed: int = 0, n_labels: int = 3) -> Scored:
    rng = np.random.default_rng(seed)
    logits = rng.normal(size=(n, n_labels))
    gold = rng.random((n, n_labels)) < 1 / (1 + np.exp(-2 * logits))
    probs = 1 / (1 + np.exp(-1.5 * logits))
    return Scored(gold, logits, probs, probs >= 0.5)


def label_set(n: int = 3) -> LabelSet:
    return LabelSet("l", "1", tuple(Label("abcdefghijklmnopqrstuvwxyz"[i]) for i in range(n)))


def examples(s: Scored, labels: LabelSet) -> list[Example]:
    rows = [frozenset(n for n, g in zip(labels.names, row, strict=True) if g) for row in s.gold]
    return [Example(f"secret words {i}", row, source="wire", where=f"dev.jsonl:{i}") for i, row in enumerate(rows)]


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run folder with two epochs, figures and predictions, and no model."""
    labels, dev = label_set(), scored()
    write_predictions(tmp_path, labels, {"dev": (examples(dev, labels), dev)})
    slices: dict[str, Any] = {
        "source": {"wire": {"n": 40, "macro_f1": 0.8}, "blog": {"n": 1, "macro_f1": None}},
        "later kind": {"x": 3},
    }
    table = {"dev": {"macro_f1": 0.8, "labels": {}, "slices": slices}}
    (tmp_path / "metrics.json").write_text(json.dumps(table), encoding="utf-8")
    (tmp_path / "checkpoints").mkdir()
    for epoch in (1, 2):
        record = {"seed": 7, "epoch": epoch, "loss": 1 / epoch, "dev_macro_f1": 0.3 * epoch}
        (tmp_path / "checkpoints" / f"epoch-00{epoch}.json").write_text(json.dumps(record), encoding="utf-8")
    return tmp_path


def test_predictions_come_back_and_hold_no_text(run: Path):
    names, splits = read_predictions(run)
    wanted = scored()
    assert names == ("a", "b", "c")
    assert (splits["dev"].gold == wanted.gold).all()
    assert (splits["dev"].pred == wanted.pred).all()
    np.testing.assert_allclose(splits["dev"].probs, wanted.probs, atol=1e-6)
    np.testing.assert_allclose(splits["dev"].logits, wanted.logits, atol=1e-6)
    first = (run / NAME).read_text(encoding="utf-8").splitlines()[0]
    assert list(json.loads(first)) == ["split", "where", "source", "gold", "pred", "scores", "logits"]
    assert "secret" not in first


@pytest.mark.parametrize("text", ["", "{", '{"split": "dev"}\n'])
def test_broken_predictions_are_said(tmp_path: Path, text: str):
    with pytest.raises(DataError, match="the run has no predictions; `evaluate` writes them"):
        read_predictions(tmp_path)
    (tmp_path / NAME).write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match="the predictions cannot be read; run `evaluate` again"):
        read_predictions(tmp_path)


@pytest.mark.slow
def test_the_same_run_gives_the_same_images_whatever_the_users_settings(run: Path, monkeypatch: pytest.MonkeyPatch):
    pytest.importorskip("matplotlib").rcParams["font.size"] = 31
    folder = draw_run(run)
    assert folder == run / "plots"
    first = {p.name: p.read_bytes() for p in folder.iterdir()}
    assert sorted(first) == NAMES
    assert all(data.startswith(b"\x89PNG") and len(data) > 5_000 for data in first.values())
    monkeypatch.setenv("MATPLOTLIBRC", str(run))
    __import__("matplotlib").rcdefaults()
    draw_run(run)
    assert {p.name: p.read_bytes() for p in folder.iterdir()} == first


@pytest.mark.slow
def test_other_figures_give_other_images(run: Path):
    pytest.importorskip("matplotlib")
    draw_run(run)
    first = {p.name: p.read_bytes() for p in (run / "plots").iterdir()}
    labels, dev = label_set(), scored(seed=1)
    write_predictions(run, labels, {"dev": (examples(dev, labels), dev)})
    draw_run(run)
    changed = [name for name in NAMES if (run / "plots" / name).read_bytes() != first[name]]
    assert changed == ["labels.png", "precision_recall.png", "reliability.png"]


@pytest.mark.slow
def test_one_label_or_many_can_be_drawn(run: Path):
    pytest.importorskip("matplotlib")
    for n in (1, 25):
        labels, dev = label_set(n), scored(n_labels=n)
        write_predictions(run, labels, {"dev": (examples(dev, labels), dev)})
        draw_run(run)


def test_without_matplotlib_one_line_says_so(
    run: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    monkeypatch.setattr(plots.importlib.util, "find_spec", lambda name: None)
    assert draw_run(run) is None
    assert caplog.messages == ["plots were left out: matplotlib is not installed (pip install '.[train]')"]
    assert not (run / "plots").exists()


@pytest.mark.slow
def test_matplotlib_is_not_imported_before_it_is_needed():
    code = "import sys; import training.plots, training.pipeline; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_reliability_by_hand():
    gold = np.array([[True, False], [True, True], [False, False]])
    probs = np.array([[0.95, 0.12], [0.91, 1.0], [0.18, 0.55]])
    mean, share, counts = reliability(gold, probs)
    np.testing.assert_allclose(mean, [0.15, 0.55, (0.95 + 0.91 + 1.0) / 3])
    np.testing.assert_allclose(share, [0, 0, 1])
    assert counts.tolist() == [2, 1, 3]


@given(st.integers(1, 60), st.integers(1, 5), st.integers(0, 99))
def test_reliability_keeps_all_answers_and_the_mean(n: int, n_labels: int, seed: int):
    s = scored(n, seed, n_labels)
    mean, share, counts = reliability(s.gold, s.probs)
    assert counts.sum() == n * n_labels
    assert (mean * counts).sum() == pytest.approx(s.probs.sum())
    assert (share * counts).sum() == pytest.approx(s.gold.sum())


def test_pairs_by_hand():
    gold = np.array([[1, 1], [1, 0], [0, 0], [0, 0]], bool)
    pred = np.array([[1, 0], [1, 0], [0, 1], [0, 0]], bool)
    # a: 2 rows, both given a, none b; b: 1 row, given a; none: 2 rows, one given b, one none
    assert pair_shares(gold, pred).tolist() == [[1, 0, 0], [1, 0, 0], [0, 0.5, 0.5]]
    assert pair_shares(gold, gold).tolist() == [[1, 0.5, 0], [1, 1, 0], [0, 0, 1]]
    nothing = np.zeros((2, 1), bool)
    assert pair_shares(nothing, nothing).tolist() == [[0, 0], [0, 1]]
