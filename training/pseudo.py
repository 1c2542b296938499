"""Pseudo-labels: what trained models say, together, of texts that nobody labelled; a recipe may learn from them.

The mean of several models errs less than each of them, and a model that learns it from many texts comes near it. The
file holds no text: as our annotations it points at where one was published. It is data like any other once it
is written: the models that answered need not be there when a recipe is trained.

References
----------
Hinton, Vinyals and Dean 2015, "Distilling the Knowledge in a Neural Network", section 2 (soft targets, an ensemble).
Xie et al. 2020, "Self-training with Noisy Student improves ImageNet classification", section 2.
"""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from standfirst.classify import TopicClassifier
from standfirst.errors import DataError, RecipeError
from standfirst.settings import from_table
from training.batches import headline_of
from training.data import Example, load_splits
from training.distill.recipe import DrawRecipe
from training.distill.texts import FORM, draw
from training.examples import text_key
from training.folders import new_file
from training.platt import sigmoid
from training.recipe import check_ranges, load_recipe, read_toml
from training.sources import Passage, text_sha256

logger = logging.getLogger(__name__)

Floats = npt.NDArray[np.floating[Any]]

_LIVELY = 0.1
"""Calibrated probability from which on a text has something to teach about a label."""
_BLOCK = 500


@dataclass(frozen=True)
class PseudoRecipe:
    """What is drawn and what of it is kept.

    ``rows`` names the topic recipe whose training and dev texts are left out, the latter with their documents. Of what
    is drawn all texts are kept of which the models think some label at least 10 % likely, and for each of these
    ``plain`` others.
    """

    name: str
    rows: str
    seed: int = 7
    threads: int = 1
    plain: float = 0.5
    draw: DrawRecipe = field(default_factory=DrawRecipe)


@dataclass(frozen=True, slots=True)
class _Drawn:
    """A passage, and the source that it was drawn from."""

    source: str
    passage: Passage


def load_pseudo_recipe(path: Path) -> PseudoRecipe:
    """Read and check a recipe; raises ``RecipeError`` as ``load_recipe``."""
    recipe = from_table(PseudoRecipe, read_toml(path), path.name)
    ranges = {
        **{f"draw.{name}": (count, 0, 10**7) for name, count in recipe.draw.counts().items()},
        "plain": (recipe.plain, 0.0, 1e6),
        "seed": (recipe.seed, 0, 2**32 - 1),
        "threads": (recipe.threads, 1, 256),
    }
    check_ranges(ranges, path.name)
    return recipe


def pseudo_label(recipe_path: Path, teachers: Sequence[Path], data_dir: Path | None, output: Path) -> dict[str, int]:
    """Draw texts, ask the ``teachers``, write ``output`` (Parquet); how many texts were kept of each source.

    A row has ``source``, ``document``, ``ref``, ``form`` and ``sha256`` as an annotation by reference, and ``probs``:
    for each label the mean over the teachers of the calibrated log-odds, as a probability to two decimals.

    Raises
    ------
    RecipeError
        If the recipe is wrong, or no teacher is named.
    DataError
        If there is no data folder, the teachers have other labels than each other, or no text is worth keeping.
    ModelError
        If a teacher cannot be used.
    """
    recipe = load_pseudo_recipe(recipe_path)
    if not teachers:
        raise RecipeError("no model is named that could answer; expected --teacher DIR, once or more")
    if data_dir is None:
        raise DataError("pseudo-labels are for texts of the data folder; name it with --data-dir", where=recipe.name)
    models = [TopicClassifier.load(folder, threads=recipe.threads) for folder in teachers]
    labels = models[0].labels
    for folder, model in zip(teachers, models, strict=True):
        if model.labels.names != labels.names or not labels.multi_label:
            raise DataError(f"expected the labels {', '.join(labels.names)}, each for itself", where=str(folder))
    rows_path = recipe_path.parent / recipe.rows
    splits = load_splits(load_recipe(rows_path), rows_path.parent, data_dir, labels)
    drawn = list(_draw(recipe, splits.train, splits.dev, data_dir))
    probs = _asked(models, drawn)
    kept = _kept(probs, recipe)
    if not len(kept):
        raise DataError(f"of {len(drawn)} texts none is worth learning from: no label is likely", where=recipe.name)
    _write([drawn[i] for i in kept], probs[kept], labels.names, output)
    sources = [drawn[i].source for i in kept]
    return {source: sources.count(source) for source in recipe.draw.counts()}


def _draw(recipe: PseudoRecipe, train: Sequence[Example], dev: Sequence[Example], data_dir: Path) -> Iterator[_Drawn]:
    """Passages that nobody labelled, each text once."""
    known = {text_key(e.text) for e in (*train, *dev)}
    for number, (source, count) in enumerate(recipe.draw.counts().items()):
        rng = np.random.default_rng((recipe.seed, number))
        apart = {e.group for e in dev if e.source == source}
        for passage in draw(source, count, apart, data_dir, rng):
            key = text_key(passage.text)
            if key not in known:
                known.add(key)
                yield _Drawn(source, passage)


def _asked(models: Sequence[TopicClassifier], drawn: Sequence[_Drawn]) -> Floats:
    """Probabilities (N, L): the mean of the models' calibrated log-odds, each text under what stands over it."""
    found = []
    for start in tqdm(range(0, len(drawn), _BLOCK), desc="asking", unit=f" x {_BLOCK} texts", mininterval=30.0,
                      disable=not logger.isEnabledFor(logging.INFO)):  # fmt: skip
        block = [d.passage for d in drawn[start : start + _BLOCK]]
        texts, contexts = [p.text for p in block], [headline_of(p.context).strip() or None for p in block]
        odds = np.mean([m.log_odds(m.logits(texts, contexts)) for m in models], axis=0)
        found.append(sigmoid(odds))
    return np.concatenate(found)


def _kept(probs: Floats, recipe: PseudoRecipe) -> npt.NDArray[np.intp]:
    """Positions of what is worth learning from, and of some of the rest, in their order."""
    lively = (probs >= _LIVELY).any(1)
    rest = np.flatnonzero(~lively)
    n_plain = min(len(rest), round(recipe.plain * int(lively.sum())))
    plain = np.random.default_rng((recipe.seed, 99)).permutation(rest)[:n_plain]
    return np.sort(np.concatenate([np.flatnonzero(lively), plain]))


def _write(drawn: Sequence[_Drawn], probs: Floats, names: Sequence[str], output: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.Table.from_pylist(
        [
            {
                "source": d.source,
                "document": d.passage.document,
                "ref": d.passage.ref,
                "form": FORM,
                "sha256": text_sha256(d.passage.text),
                "probs": dict(zip(names, (round(float(p), 2) for p in row), strict=True)),
            }
            for d, row in zip(drawn, probs, strict=True)
        ]
    )
    with new_file(output) as part:
        pq.write_table(table, part, compression="zstd", compression_level=19)
