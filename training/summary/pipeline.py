"""The steps of a summary model's run, in order: prepare, fit, score blogs, export."""

import dataclasses
import json
import logging
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import onnx

from standfirst.cache import Cache
from standfirst.errors import DataError, RecipeError
from standfirst.manifest import write_manifest
from standfirst.pieces import Pieces
from standfirst.summarize import Summarizer
from standfirst.summarize.heads import Heads
from training.export import int8_graph
from training.folders import new_folder
from training.model import encoder_folder
from training.pipeline import claim_files, facts_of
from training.recipe import EncoderRecipe
from training.summary.blogscore import fit_blog_score
from training.summary.card import summary_card
from training.summary.choose import fit_choice
from training.summary.evaluate import quick_figures
from training.summary.examples import SOURCES, Example, training_blogs, training_examples
from training.summary.fit import fit
from training.summary.model import ExportSummary, SummaryModel
from training.summary.recipe import SummaryRecipe, load_summary_recipe

logger = logging.getLogger(__name__)

_FILES = (
    "liveblogs/bbc_train.jsonl.gz",
    "liveblogs/guardian_train.jsonl.gz",
    "liveblogs/headline_sentence_pairs.jsonl",
    "liveblogs/bullet_compressions.jsonl",
    "compression/news_pairs.jsonl",
    "compression/bnc.jsonl",
)
_CACHE_BYTES = 2**29
"""A blog is read with its headlines and without; most of its sentences are the same."""


@dataclass(frozen=True)
class SummaryPlan:
    """A recipe with its data folder, its tokenizer, and the folder of its run."""

    recipe: SummaryRecipe
    data: Path
    tokenizer: Path
    run: Path

    def examples(self) -> list[Example]:
        """The training examples."""
        return training_examples(self.recipe.data, self.data, self.recipe.seed)


def prepare(recipe_path: Path, run: Path, data_dir: Path | None) -> SummaryPlan:
    """Read and check recipe and data; write their hashes to ``run/data.json``.

    Raises
    ------
    RecipeError
        If the recipe is wrong, or its encoder or tokenizer is not there.
    DataError
        If there is no data folder, a file is missing, or the run folder holds another recipe's or other data's run.
    """
    recipe = load_summary_recipe(recipe_path)
    if data_dir is None:
        raise DataError(
            "a summary model is trained on live blogs; name their folder with --data-dir", where=recipe.name
        )
    base = EncoderRecipe(recipe.name, recipe.encoder, recipe.revision, recipe.sha256)
    tokenizer = Path(encoder_folder(base)) / "tokenizer.json"
    if not tokenizer.is_file():
        raise RecipeError("the encoder's folder has no tokenizer.json", where=recipe.encoder)
    claim_files(run, recipe.to_dict(), data_dir, _FILES)
    return SummaryPlan(recipe, data_dir, tokenizer, run)


def fit_plan(plan: SummaryPlan) -> SummaryModel:
    """Fit, or load what is done."""
    pieces = Pieces(plan.tokenizer, plan.recipe.fit.row_tokens, 0)
    return fit(plan.recipe, plan.examples(), pieces, plan.run)


def heads_of(model: SummaryModel, recipe: SummaryRecipe) -> Heads:
    """The model's small tables as serving wants them; words are dropped as readily as in headlines."""
    places = model.places.detach().numpy().astype(float).round(5)
    rate = float(model.rates.detach()[SOURCES.index("headline")])
    return Heads(recipe.fit.max_tokens, tuple(places[:, 0].tolist()), tuple(places[:, 1].tolist()), round(rate, 5))


def export_plan(plan: SummaryPlan, model: SummaryModel, output: Path, *, replace: bool = False) -> dict[str, Any]:
    """Write the model folder: first without trees, from whose heads the trees are fitted, then whole."""
    graph = plan.run / "model.onnx"
    onnx.save(int8_graph(ExportSummary(model), ("output", "pieces")), str(graph))
    heads = heads_of(model, plan.recipe)
    draft = plan.run / "draft"
    _write(plan, graph, heads, {}, draft, replace=True)
    _, chosen = training_blogs(plan.data, plan.recipe.data)
    reading = Summarizer.load(draft, threads=plan.recipe.threads, cache=Cache(_CACHE_BYTES))
    score, counted = fit_blog_score(chosen, reading, plan.recipe.blog, plan.recipe.seed)
    choice, drawn = fit_choice(plan.data, reading, plan.recipe)
    heads = dataclasses.replace(heads, blog=score, choice=choice)
    _write(plan, graph, heads, {}, draft, replace=True)
    figures = dict(
        quick_figures(
            Summarizer.load(draft, threads=plan.recipe.threads, cache=Cache(_CACHE_BYTES)),
            plan.data,
            plan.recipe.data.n_measured,
        )
    )
    facts = facts_of(plan.run, plan.recipe.to_dict(), plan.recipe.seed) | {"blog_score": counted, "choice": drawn}
    _write(plan, graph, heads, facts | {"metrics": figures}, output, replace=replace)
    shutil.rmtree(draft)
    return figures


def _write(plan: SummaryPlan, graph: Path, heads: Heads, facts: dict[str, Any], output: Path, *, replace: bool) -> None:
    with new_folder(output, replace=replace) as folder:
        shutil.copyfile(graph, folder / "model.onnx")
        shutil.copyfile(plan.tokenizer, folder / "tokenizer.json")
        (folder / "config.json").write_text(_settings(heads), encoding="utf-8")
        (folder / "README.md").write_text(summary_card(plan.recipe, facts), encoding="utf-8")
        write_manifest(folder, kind="summary", facts=facts)


def _settings(heads: Heads) -> str:
    """``config.json``: indented, with every row of numbers on one line."""
    rows = re.compile(r"\[[^\[\]]*\]")
    return rows.sub(lambda row: re.sub(r"\s+", " ", row[0]), json.dumps(heads.to_dict(), indent=1)) + "\n"
