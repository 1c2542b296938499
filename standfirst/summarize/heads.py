"""What a trained summary model holds besides its graph: ``config.json`` of its folder."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from standfirst.errors import ModelCorrupt
from standfirst.summarize.reading import N_PLACES, Floats


@dataclass(frozen=True, slots=True)
class Boosted:
    """T boosted trees, all of one depth D, over named features: their values sum to a log-odds.

    Below node k of a tree are the nodes 2k + 1, where the feature is at most the threshold, and 2k + 2; ``feature`` and
    ``threshold`` are (T, 2^D - 1), ``value`` of the leaves from left to right (T, 2^D).
    """

    names: tuple[str, ...]
    base: float
    feature: npt.NDArray[np.int64]
    threshold: Floats
    value: Floats

    def __post_init__(self) -> None:
        """Refuse arrays that do not fit together."""
        n_trees, n_nodes = self.feature.shape
        if self.threshold.shape != (n_trees, n_nodes) or self.value.shape != (n_trees, n_nodes + 1):
            raise ValueError("the arrays of the trees differ in shape")
        if (n_nodes + 1) & n_nodes or (self.feature >= len(self.names)).any() or (self.feature < 0).any():
            raise ValueError("a tree is not full, or asks for a feature that has no name")

    def logits(self, columns: Mapping[str, Floats]) -> Floats:
        """The log-odds of N rows, (N,), from the features' columns, name -> (N,)."""
        rows = np.stack([columns[name] for name in self.names], axis=1).astype(np.float32)  # as they were fitted
        n_nodes = self.feature.shape[1]
        trees = np.arange(len(self.feature))
        node = np.zeros((len(rows), len(trees)), dtype=np.int64)  # (N, T)
        for _ in range(n_nodes.bit_length()):
            right = np.take_along_axis(rows, self.feature[trees, node], axis=1) > self.threshold[trees, node]
            node = 2 * node + 1 + right
        return np.asarray(self.base + self.value[trees, node - n_nodes].sum(1))

    def to_dict(self) -> dict[str, Any]:
        """As ``config.json`` holds it."""
        arrays = {"feature": self.feature, "threshold": self.threshold, "value": self.value}
        return {"names": list(self.names), "base": self.base} | {k: a.tolist() for k, a in arrays.items()}

    @classmethod
    def from_dict(cls, table: Mapping[str, Any]) -> "Boosted":
        """The same back; raises KeyError, TypeError or ValueError for what is none."""
        return cls(
            tuple(str(n) for n in table["names"]),
            float(table["base"]),
            np.array(table["feature"], dtype=np.int64),
            np.array(table["threshold"], dtype=np.float64),
            np.array(table["value"], dtype=np.float64),
        )


@dataclass(frozen=True, slots=True)
class Heads:
    """How the graph's logits become decisions.

    ``line`` and ``news`` are added by a sentence's place, ``keep`` to every word; ``blog`` has the score of each kind
    of blog (``digest.features.KINDS``) that one was fitted for, ``choice`` that of the sentence that makes an update's
    line (``choice.choice_features``), without which the line head decides alone.
    """

    max_tokens: int
    line: tuple[float, ...]
    news: tuple[float, ...]
    keep: float
    blog: Mapping[str, Boosted] = field(default_factory=dict)
    choice: Boosted | None = None

    def to_dict(self) -> dict[str, Any]:
        """As ``config.json`` holds it."""
        blog = {kind: score.to_dict() for kind, score in self.blog.items()}
        places = {"line": list(self.line), "news": list(self.news)}
        choice = self.choice.to_dict() if self.choice else None
        table = {"format": 2, "max_tokens": self.max_tokens, "places": places, "keep": self.keep}
        return table | {"blog": blog, "choice": choice}


def load_heads(folder: Path) -> Heads | None:
    """The heads of a model folder; ``None`` if it holds an encoder alone.

    Raises
    ------
    ModelCorrupt
        If ``config.json`` is there and cannot be read.
    """
    path = folder / "config.json"
    if not path.is_file():
        return None
    try:
        table = json.loads(path.read_text(encoding="utf-8"))
        line, news = (tuple(float(x) for x in table["places"][name]) for name in ("line", "news"))
        if (len(line), len(news)) != (N_PLACES, N_PLACES):
            raise ValueError(f"{N_PLACES} places are expected")
        blog = {str(kind): Boosted.from_dict(score) for kind, score in table["blog"].items()}
        choice = Boosted.from_dict(table["choice"]) if table.get("choice") else None
        return Heads(int(table["max_tokens"]), line, news, float(table["keep"]), blog, choice)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelCorrupt(f"config.json cannot be read: {error}; export the model again", where=str(folder)) from None
