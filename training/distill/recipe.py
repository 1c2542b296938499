"""The recipe of a student: which texts it learns from, what it looks like, how it is fitted, what it may cost."""

import dataclasses
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from standfirst.settings import from_table
from training.recipe import check_ranges, read_toml


@dataclass(frozen=True)
class DrawRecipe:
    """How many unlabelled texts of each source are drawn, at most; see ``training.sources`` for the sources."""

    guardian: int = 9000
    bbc: int = 5000
    cnn: int = 10000
    wiki: int = 10000
    gdelt: int = 4000

    def counts(self) -> dict[str, int]:
        """The numbers by source."""
        return dataclasses.asdict(self)


@dataclass(frozen=True)
class TextsRecipe:
    """What the teacher is asked about.

    ``without_context`` is the share of unlabelled texts that are shown without what stands over them; ``held_out``
    the share whose documents are kept apart, to calibrate the student and to set what it hands on.
    """

    draw: DrawRecipe = field(default_factory=DrawRecipe)
    without_context: float = 0.3
    held_out: float = 0.15


@dataclass(frozen=True)
class ShapeRecipe:
    """The student: an embedding of each word piece, filters over runs of pieces, their maxima and means, two layers.

    ``filters`` runs of 1, 2, 3 ... pieces are looked for, as many of each; ``(64, 64, 64)`` are 64 of each length
    up to 3. ``hidden`` is the width of the layer between, 0 for none.
    """

    width: int = 64
    filters: tuple[int, ...] = (64, 96, 64)
    hidden: int = 64


@dataclass(frozen=True)
class StudentFit:
    """AdamW on batches of texts; ``whole`` epochs at the end are fitted with the weights as they will be stored."""

    epochs: int = 12
    batch_size: int = 128
    learning_rate: float = 5e-3
    weight_decay: float = 0.01
    warmup: float = 0.1
    dropout: float = 0.2
    drop_pieces: float = 0.1
    whole: int = 3


@dataclass(frozen=True)
class StudentRecipe:
    """A whole run of a student.

    ``rows`` names the topic model's own recipe: its training rows are learnt from too, its dev rows measure and are
    kept out of all else, with their documents. ``loses_at_most`` is the macro-F1 that may be lost against the
    teacher, as its own calibrated probabilities expect it on the texts that were held out.
    """

    name: str
    rows: str
    seed: int = 7
    threads: int = 1
    loses_at_most: float = 0.005
    description: str = ""
    texts: TextsRecipe = field(default_factory=TextsRecipe)
    shape: ShapeRecipe = field(default_factory=ShapeRecipe)
    fit: StudentFit = field(default_factory=StudentFit)

    def to_dict(self) -> dict[str, Any]:
        """The resolved recipe as plain tables."""
        table: dict[str, Any] = json.loads(json.dumps(dataclasses.asdict(self)))
        return table


def load_student_recipe(path: Path) -> StudentRecipe:
    """Read and check a recipe.

    Raises
    ------
    RecipeError
        If the file is missing or no TOML, a key is unknown or missing, or a value is out of range.
    """
    recipe = from_table(StudentRecipe, read_toml(path), path.name)
    shape, fit = recipe.shape, recipe.fit
    ranges = {
        **{f"texts.draw.{name}": (count, 0, 10**7) for name, count in recipe.texts.draw.counts().items()},
        "texts.without_context": (recipe.texts.without_context, 0.0, 1.0),
        "texts.held_out": (recipe.texts.held_out, 0.01, 0.9),
        "shape.width": (shape.width, 1, 256),
        "shape.hidden": (shape.hidden, 0, 1024),
        **{f"shape.filters[{i}]": (count, 0, 1024) for i, count in enumerate(shape.filters)},
        "fit.epochs": (fit.epochs, 1, 1000),
        "fit.whole": (fit.whole, 1, fit.epochs),
        "fit.batch_size": (fit.batch_size, 1, 4096),
        "fit.learning_rate": (fit.learning_rate, 1e-8, 1.0),
        "fit.warmup": (fit.warmup, 0.0, 0.9),
        "fit.weight_decay": (fit.weight_decay, 0.0, 1.0),
        "fit.dropout": (fit.dropout, 0.0, 0.9),
        "fit.drop_pieces": (fit.drop_pieces, 0.0, 0.9),
        "loses_at_most": (recipe.loses_at_most, 0.0, 1.0),
        "seed": (recipe.seed, 0, 2**32 - 1),
        "threads": (recipe.threads, 1, 256),
    }
    check_ranges(ranges, path.name)
    return recipe
