"""The recipe of a model that writes lines: which checkpoint, which pairs, and how it is fine-tuned."""

import dataclasses
import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from standfirst.errors import RecipeError
from standfirst.settings import from_table
from training.recipe import check_ranges, read_toml


@dataclass(frozen=True)
class PairData:
    """How many examples of each kind are drawn, at most.

    ``n_pairs`` sentences beside the headline that was made of them, ``n_updates`` updates beside their headline,
    ``n_measured`` updates of each validation part, which are never trained on.
    """

    n_pairs: int = 20000
    n_updates: int = 20000
    n_measured: int = 300


@dataclass(frozen=True)
class WriterFit:
    """How the weights are found: AdamW with linear warm-up and decay; the last epoch's weights are kept.

    ``prefix`` stands before every source, in training and later. Longer sources are cut, longer headlines too.
    """

    prefix: str = ""
    epochs: int = 3
    batch_size: int = 16
    learning_rate: float = 3e-4
    warmup: float = 0.05
    weight_decay: float = 0.01
    max_source_tokens: int = 384
    max_target_tokens: int = 48


@dataclass(frozen=True)
class WriterRecipe:
    """A whole run; ``checkpoint`` is a folder (relative to the recipe) or a Hugging Face id, pinned by ``revision``."""

    name: str
    task: str
    checkpoint: str
    revision: str = ""
    seed: int = 7
    threads: int = 1
    description: str = ""
    data: PairData = field(default_factory=PairData)
    fit: WriterFit = field(default_factory=WriterFit)

    def to_dict(self) -> dict[str, Any]:
        """The resolved recipe as plain tables."""
        table: dict[str, Any] = json.loads(json.dumps(dataclasses.asdict(self)))
        return table


def load_writer_recipe(path: Path) -> WriterRecipe:
    """Read and check a recipe.

    Raises
    ------
    RecipeError
        If the file is missing or no TOML, a key is unknown, a value is out of range, or the checkpoint is neither a
        folder nor an id.
    """
    recipe = from_table(WriterRecipe, read_toml(path), path.name)
    fit, data = recipe.fit, recipe.data
    ranges = {
        "data.n_pairs": (data.n_pairs, 0, 10**9),
        "data.n_updates": (data.n_updates, 0, 10**9),
        "data.n_measured": (data.n_measured, 1, 10**6),
        "fit.epochs": (fit.epochs, 0, 100),
        "fit.batch_size": (fit.batch_size, 1, 4096),
        "fit.learning_rate": (fit.learning_rate, 1e-8, 1.0),
        "fit.warmup": (fit.warmup, 0.0, 0.9),
        "fit.weight_decay": (fit.weight_decay, 0.0, 1.0),
        "fit.max_source_tokens": (fit.max_source_tokens, 16, 4096),
        "fit.max_target_tokens": (fit.max_target_tokens, 4, 256),
        "threads": (recipe.threads, 1, 256),
        "seed": (recipe.seed, 0, 2**32 - 1),
    }
    check_ranges(ranges, path.name)
    folder = path.parent / recipe.checkpoint
    if folder.is_dir():
        return dataclasses.replace(recipe, checkpoint=folder.resolve().as_posix())
    if not re.fullmatch(r"\w[\w.-]*(/\w[\w.-]*)?", recipe.checkpoint):
        raise RecipeError(
            f"there is no checkpoint at {recipe.checkpoint}; expected a folder (relative to the recipe) or a Hugging "
            "Face id",
            where=path.name,
        )
    return recipe
