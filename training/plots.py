"""The plots of a run, drawn from what its folder holds: no model and no text is read.

The images carry no date and take nothing from a user's matplotlib settings, so that the same run gives the same bytes.
"""

import importlib.util
import json
import logging
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from training.fit import history
from training.folders import new_file, new_folder
from training.predictions import Bools, Floats, Scored, read_predictions

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

logger = logging.getLogger(__name__)

_BINS = 10
_MOST_CURVES = 20  # labels in one plot; matplotlib's colours repeat after ten, the line style then changes
_DPI = 110
_SETTINGS: Any = {"font.size": 9, "axes.grid": True, "grid.alpha": 0.3, "svg.hashsalt": "standfirst"}


def draw_run(run: Path) -> Path | None:
    """Draw ``RUN/plots`` anew from ``metrics.json``, the epochs and the predictions; ``None`` without matplotlib."""
    if not can_draw():
        return None
    figures = json.loads((run / "metrics.json").read_text(encoding="utf-8"))
    names, splits = read_predictions(run)
    dev = splits["dev"]
    drawings: dict[str, tuple[tuple[float, float], Callable[[Any], None]]] = {
        "epochs": ((7, 4), lambda f: _epochs(f, history(run))),
        "reliability": ((5.5, 5.5), lambda f: _reliability(f, dev)),
        "precision_recall": ((6.5, 6), lambda f: _precision_recall(f, names, dev)),
        "labels": (_matrix_size(names), lambda f: _pairs(f, names, dev)),
        "slices": (_slices_size(figures), lambda f: _slices(f, figures)),
    }
    with new_folder(run / "plots", replace=True, known_by="reliability.png") as folder:
        for name, (size, drawing) in drawings.items():
            draw(folder / f"{name}.png", size, drawing)
    return run / "plots"


def can_draw() -> bool:
    """Whether matplotlib is there; if not, one line says so."""
    found = importlib.util.find_spec("matplotlib") is not None
    if not found:
        logger.warning("plots were left out: matplotlib is not installed (pip install '.[train]')")
    return found


def draw(path: Path, size: tuple[float, float], drawing: Callable[["Figure"], None], form: str = "png") -> None:
    """Draw one image, ``png`` or ``svg``, without a display and without pyplot's state."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(_SETTINGS)
        figure = Figure(figsize=size, layout="constrained")
        drawing(figure)
        metadata = {"Date": None, "Creator": None} if form == "svg" else {"Software": None}
        figure.savefig(path, format=form, dpi=_DPI, metadata=metadata)


def reliability(gold: Bools, probs: Floats, n_bins: int = _BINS) -> tuple[Floats, Floats, Floats]:
    """Mean probability, share that is true, and number of answers of every bin that is not empty; labels pooled."""
    p, truth = probs.ravel(), gold.ravel()
    bins = np.minimum((p * n_bins).astype(int), n_bins - 1)
    counts = np.bincount(bins, minlength=n_bins)
    filled = counts > 0
    total = np.maximum(counts, 1)
    mean = np.bincount(bins, p, n_bins) / total
    share = np.bincount(bins, truth, n_bins) / total
    return mean[filled], share[filled], counts[filled].astype(float)


def pair_shares(gold: Bools, other: Bools) -> Floats:
    """Of the rows with each gold label (last: with none), the share that carries each label (or none) in ``other``.

    Shape (L + 1, L + 1); a label without rows gives zeros.
    """
    g = np.column_stack([gold, ~gold.any(1)]).astype(float)
    o = np.column_stack([other, ~other.any(1)]).astype(float)
    return np.asarray(g.T @ o / np.maximum(g.sum(0), 1)[:, None])


def _epochs(figure: "Figure", records: Sequence[Mapping[str, Any]]) -> None:
    from matplotlib.ticker import MaxNLocator

    left = figure.subplots()
    right = left.twinx()
    for number, seed in enumerate(sorted({r["seed"] for r in records})):
        of_seed = [r for r in records if r["seed"] == seed]
        epochs = [r["epoch"] for r in of_seed]
        named = "" if not number else "_"  # matplotlib leaves names with an underscore out of the legend
        losses, scores = ([r[key] for r in of_seed] for key in ("loss", "dev_macro_f1"))
        left.plot(epochs, losses, "o-", color="tab:orange", label=f"{named}loss (left)")
        right.plot(epochs, scores, "s-", color="tab:blue", label=f"{named}macro-F1 on dev, threshold 0.5 (right)")
    left.set_xlabel("epoch")
    left.set_ylabel("loss on train")
    left.set_ylim(bottom=0)
    left.xaxis.set_major_locator(MaxNLocator(integer=True))
    right.set_ylim(0, 1)
    right.grid(visible=False)
    if records:  # a fit may have no epochs at all
        figure.legend(loc="outside upper center", ncols=2)


def _reliability(figure: "Figure", dev: Scored) -> None:
    axes, below = figure.subplots(2, height_ratios=(3, 1), sharex=True)
    axes.plot([0, 1], [0, 1], "--", color="grey", label="as it should be")
    raw = 1 / (1 + np.exp(-dev.logits))
    for probs, name, style in ((raw, "before calibration", "o-"), (dev.probs, "after", "s-")):
        mean, share, counts = reliability(dev.gold, probs)
        axes.plot(mean, share, style, label=name)
        below.plot(mean, counts, style)
    axes.set_ylabel("share of them that is true")
    axes.legend()
    below.set_yscale("log")
    below.set_ylabel("answers")
    below.set_xlabel("probability given (dev, all labels together)")


def _precision_recall(figure: "Figure", names: Sequence[str], dev: Scored) -> None:
    from sklearn.metrics import precision_recall_curve

    axes = figure.subplots()
    by_support = sorted(range(len(names)), key=lambda i: (-int(dev.gold[:, i].sum()), i))
    shown = sorted(i for i in by_support[:_MOST_CURVES] if dev.gold[:, i].any())
    for number, i in enumerate(shown):
        gold, pred = dev.gold[:, i], dev.pred[:, i]
        precision, recall, _ = precision_recall_curve(gold, dev.probs[:, i])
        style = "-" if number < 10 else "--"
        [line] = axes.plot(recall, precision, style, label=names[i], drawstyle="steps-post")
        true = int((pred & gold).sum())
        axes.plot(true / int(gold.sum()), true / max(int(pred.sum()), 1), "o", color=line.get_color())
    axes.set(xlabel="recall", ylabel="precision", xlim=(0, 1.02), ylim=(0, 1.02))
    axes.set_title("dev; the dot is the chosen threshold, or the best label where labels exclude", fontsize=9)
    axes.legend(loc="lower left", fontsize=8)


def _matrix_size(names: Sequence[str]) -> tuple[float, float]:
    side = 2.2 + 0.45 * (len(names) + 1)
    return 2 * side, side


def _pairs(figure: "Figure", names: Sequence[str], dev: Scored) -> None:
    ticks = [*names, "none"]
    for axes, other, title in zip(
        figure.subplots(1, 2), (dev.gold, dev.pred), ("annotated together", "given by the model"), strict=True
    ):
        _matrix(axes, pair_shares(dev.gold, other), ticks)
        axes.set_title(f"{title}: % of the rows with the row's label", fontsize=9)
        axes.set_ylabel("annotated (dev)")


def _matrix(axes: "Axes", shares: Floats, ticks: Sequence[str]) -> None:
    axes.imshow(shares, vmin=0, vmax=1, cmap="Blues")
    axes.grid(visible=False)
    axes.set_xticks(range(len(ticks)), ticks, rotation=60, ha="right")
    axes.set_yticks(range(len(ticks)), ticks)
    for i, row in enumerate(shares.tolist()):
        for j, value in enumerate(row):
            if value >= 0.005:
                colour = "white" if value > 0.6 else "black"
                axes.text(j, i, f"{100 * value:.0f}", ha="center", va="center", fontsize=7, color=colour)


def _slice_rows(figures: Mapping[str, Any]) -> list[tuple[str, float, int]]:
    """Name, macro-F1 and size of every slice of dev and test that has a macro-F1."""
    return [
        (f"{split} | {kind}: {value}", entry["macro_f1"], entry["n"])
        for split in ("dev", "test")
        for kind, values in figures.get(split, {}).get("slices", {}).items()
        for value, entry in values.items()
        if isinstance(entry, Mapping) and entry.get("macro_f1") is not None
    ]


def _slices_size(figures: Mapping[str, Any]) -> tuple[float, float]:
    return 7.5, 1.2 + 0.24 * len(_slice_rows(figures))


def _slices(figure: "Figure", figures: Mapping[str, Any]) -> None:
    axes = figure.subplots()
    rows = _slice_rows(figures)[::-1]
    axes.barh([f"{name} ({n})" for name, _, n in rows], [f1 for _, f1, _ in rows], color="tab:blue")
    for split, colour in (("dev", "black"), ("test", "tab:red")):
        if split in figures:
            axes.axvline(figures[split]["macro_f1"], color=colour, ls="--", label=f"all of {split}")
    axes.set_xlim(0, 1)
    axes.set_xlabel("macro-F1 over the labels that occur in the slice (rows)")
    axes.legend(fontsize=8, loc="lower left")


def draw_learning_curve(folder: Path, curves: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    """Draw ``curve.png`` and ``curve.svg`` into ``folder``: macro-F1 by rows, and each label's F1 by its examples."""
    if not can_draw():
        return
    for suffix in ("png", "svg"):
        with new_file(folder / f"curve.{suffix}") as part:
            draw(part, (6.5 * len(curves), 8), lambda f: _learning_curve(f, curves), form=suffix)


def _learning_curve(figure: "Figure", curves: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    grid = figure.subplots(2, len(curves), squeeze=False, sharey="row")
    for column, (split, rows) in enumerate(curves.items()):
        above, below = grid[0][column], grid[1][column]
        _with_spread(above, [r["n"] for r in rows], [r["macro_f1"] for r in rows], "macro-F1")
        above.set(title=split, xlabel="training rows", ylabel="macro-F1 (band: least to greatest seed)")
        largest = sorted(rows[-1]["labels"], key=lambda name: -rows[-1]["labels"][name]["examples"])[:_MOST_CURVES]
        for name in [n for n in rows[-1]["labels"] if n in largest]:
            seen = [r["labels"][name] for r in rows if r["labels"][name]["examples"]]
            _with_spread(below, [s["examples"] for s in seen], seen, name)
        below.set(xlabel="training examples of the label", ylabel="F1")
        below.legend(fontsize=8)
        for axes in (above, below):
            axes.set_xscale("log", base=2)
            axes.xaxis.set_major_formatter("{x:,.0f}")


def _with_spread(axes: "Axes", x: Sequence[int], values: Sequence[Mapping[str, float]], name: str) -> None:
    [line] = axes.plot(x, [v["mean"] for v in values], "o-", label=name)
    axes.fill_between(x, [v["low"] for v in values], [v["high"] for v in values], color=line.get_color(), alpha=0.15)
