"""What a trained summary model holds besides its graph: ``config.json`` of its folder."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from standfirst.errors import ModelCorrupt
from standfirst.reading import N_PLACES


@dataclass(frozen=True, slots=True)
class BlogScore:
    """A logistic regression over features of a candidate for the digest: name -> (mean, scale, weight)."""

    features: Mapping[str, tuple[float, float, float]]
    bias: float

    def logit(self, values: Mapping[str, float]) -> float:
        """The log-odds that an editor takes a candidate with these features."""
        parts = (weight * (values[name] - mean) / scale for name, (mean, scale, weight) in self.features.items())
        return self.bias + sum(parts)


@dataclass(frozen=True, slots=True)
class Heads:
    """How the graph's logits become decisions.

    ``line`` and ``news`` are added by a sentence's place, ``keep`` to every word; ``blog`` is ``None`` if nothing
    was fitted on whole blogs.
    """

    max_tokens: int
    line: tuple[float, ...]
    news: tuple[float, ...]
    keep: float
    blog: BlogScore | None = None

    def to_dict(self) -> dict[str, Any]:
        """As ``config.json`` holds it."""
        blog = self.blog and {
            "bias": self.blog.bias,
            "features": {name: list(row) for name, row in self.blog.features.items()},
        }
        places = {"line": list(self.line), "news": list(self.news)}
        return {"format": 1, "max_tokens": self.max_tokens, "places": places, "keep": self.keep, "blog": blog}


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
        blog = table["blog"]
        score = None
        if blog is not None:
            features = {name: (float(m), float(s), float(w)) for name, (m, s, w) in blog["features"].items()}
            score = BlogScore(features, float(blog["bias"]))
        return Heads(int(table["max_tokens"]), line, news, float(table["keep"]), score)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelCorrupt(f"config.json cannot be read: {error}; export the model again", where=str(folder)) from None
