"""All figures of a run: the served graph on dev and test, the torch model beside it, and what was held out apart."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from standfirst.labels import LabelSet
from training.bootstrap import groups_of, intervals
from training.calibrate import Calibration, calibrate, cross_validated_f1
from training.data import Example, Splits
from training.evaluate import decide, gold_matrix, metrics, sliced, without_context

Floats = npt.NDArray[np.floating[Any]]


class Logits(Protocol):
    """A model, asked for its logits (N, L) on each example under its own context, or under none."""

    def __call__(self, examples: Sequence[Example], *, with_context: bool = True) -> Floats: ...


def measure(
    splits: Splits, labels: LabelSet, served: Logits, in_torch: Logits, *, seed: int
) -> tuple[Calibration, dict[str, Any], dict[str, Floats]]:
    """Calibrate on dev, and measure on dev and test; the third value holds the served logits of either split.

    Calibration and thresholds come from the graph that is served, not from the weights it was made of; the torch model
    is measured with its own, so that the two are compared at their best. Test rows that were held out by source or by
    time are measured apart too, as ``test held out by source`` and so on.
    """
    gold, groups = gold_matrix(splits.dev, labels), groups_of(splits.dev)
    ways: dict[str, Any] = {"seed": seed, "groups": groups, "multi_label": labels.multi_label}
    logits, torch_logits = served(splits.dev), in_torch(splits.dev)
    ours, its_own = calibrate(logits, gold, **ways), calibrate(torch_logits, gold, **ways)
    ruler = _Ruler(labels, ours, seed)
    figures: dict[str, Any] = {}
    kept: dict[str, Floats] = {}
    for name, split in (("dev", splits.dev), ("test", splits.test)):
        if split:
            first = name == "dev"
            found, beside = (logits, torch_logits) if first else (served(split), in_torch(split))
            kept[name] = found
            bare = served(split, with_context=False) if any(e.context for e in split) else found
            figures |= ruler.split(name, split, found, bare)
            figures[f"{name} in torch"] = metrics(split, its_own.probs(beside), labels, its_own.thresholds)
    honest = cross_validated_f1(logits, gold, **ways)
    figures["dev"]["cross_validated_macro_f1"] = honest.mean
    figures["dev"]["cross_validated"] = dataclasses.asdict(honest)
    _say_intervals(figures["dev"]["labels"], labels, ours)
    return ours, figures, kept


@dataclasses.dataclass(frozen=True)
class _Ruler:
    """What every split is measured with."""

    labels: LabelSet
    line: Calibration
    seed: int

    def split(self, name: str, split: Sequence[Example], logits: Floats, bare: Floats) -> dict[str, Any]:
        """The figures of a split with its slices, without its contexts, and of what in it was held out."""
        probs, bare_probs = self.line.probs(logits), self.line.probs(bare)
        slices = sliced(split, probs, self.labels, self.line.thresholds)
        if any(e.context for e in split):
            slices["context"]["taken away"] = without_context(split, bare_probs, self.labels, self.line.thresholds)
        figures = {
            name: self.with_intervals(split, probs) | {"slices": slices},
            f"{name} without context": metrics(split, bare_probs, self.labels, self.line.thresholds),
        }
        for why in slices.get("held_out", ()):
            inside = [i for i, e in enumerate(split) if e.held_out == why]
            part = [split[i] for i in inside]
            figures[f"{name} held out by {why}"] = self.with_intervals(part, probs[inside])
        return figures

    def with_intervals(self, split: Sequence[Example], probs: Floats) -> dict[str, Any]:
        """All figures of some rows, with what a bootstrap of their documents gives."""
        thresholds = self.line.thresholds
        found = intervals(split, self.labels, decide(probs, self.labels, thresholds), seed=self.seed)
        return metrics(split, probs, self.labels, thresholds) | {"intervals": found}


def _say_intervals(rows: Mapping[str, dict[str, Any]], labels: LabelSet, line: Calibration) -> None:
    if line.intervals is not None:
        for name, (low, high) in zip(labels.names, line.intervals.tolist(), strict=True):
            rows[name]["threshold_interval"] = [low, high]
