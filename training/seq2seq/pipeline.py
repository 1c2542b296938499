"""The steps of a run: prepare, fit, measure, export."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import transformers

from standfirst.errors import DataError, RecipeError
from standfirst.manifest import write_manifest
from standfirst.reader import MODELS
from standfirst.summarize import Summarizer
from standfirst.summarize.seq2seq import KIND, load_writer
from training.folders import new_folder
from training.pipeline import claim_files, facts_of
from training.seq2seq.card import writer_card
from training.seq2seq.evaluate import figures
from training.seq2seq.fit import fit
from training.seq2seq.pairs import FILES, training_pairs
from training.seq2seq.recipe import WriterRecipe, load_writer_recipe


@dataclass(frozen=True)
class WriterPlan:
    """A recipe with its data folder and the folder of its run."""

    recipe: WriterRecipe
    data: Path
    run: Path


def prepare(recipe_path: Path, run: Path, data_dir: Path | None) -> WriterPlan:
    """Read and check recipe and data; write their hashes to ``run/data.json``.

    Raises
    ------
    RecipeError
        If the recipe is wrong.
    DataError
        If there is no data folder, a file is missing, or the run folder holds another recipe's or other data's run.
    """
    recipe = load_writer_recipe(recipe_path)
    if data_dir is None:
        raise DataError("lines are learnt from live blogs; name their folder with --data-dir", where=recipe.name)
    claim_files(run, recipe.to_dict(), data_dir, FILES)
    return WriterPlan(recipe, data_dir, run)


def fit_plan(plan: WriterPlan) -> tuple[Any, Any]:
    """Fine-tune, or load what is done; the model and its tokenizer.

    Raises
    ------
    RecipeError
        If the checkpoint cannot be had, or is no encoder-decoder in safetensors.
    DataError
        If the data hold no pair.
    """
    model, tokenizer = _checkpoint(plan.recipe)
    pairs = training_pairs(plan.recipe.data, plan.data, plan.recipe.seed)
    if not pairs:
        raise DataError("the data hold no headline to learn from", where=plan.recipe.name)
    return fit(model, tokenizer, pairs, plan.recipe, plan.run), tokenizer


def _checkpoint(recipe: WriterRecipe) -> tuple[Any, Any]:
    options = {"revision": recipe.revision or "main", "trust_remote_code": False}
    try:
        tokenizer = transformers.AutoTokenizer.from_pretrained(recipe.checkpoint, **options)
        model = transformers.AutoModelForSeq2SeqLM.from_pretrained(recipe.checkpoint, use_safetensors=True, **options)
    except (OSError, ValueError) as error:
        first = str(error).strip().partition("\n")[0]
        raise RecipeError(
            f"no encoder-decoder in safetensors could be read: {first}", where=recipe.checkpoint
        ) from None
    return model, tokenizer


def export_plan(plan: WriterPlan, fitted: tuple[Any, Any], output: Path, *, replace: bool = False) -> dict[str, Any]:
    """Write the model folder, once to be measured as it will be loaded, and then with card and manifest."""
    model, tokenizer = fitted
    draft = plan.run / "draft"
    with new_folder(draft, replace=True) as folder:
        _save(model, tokenizer, folder)
        write_manifest(folder, kind=KIND, facts={"recipe": plan.recipe.to_dict()})
    base = Summarizer.load(MODELS / "summary", threads=plan.recipe.threads)
    found = figures(load_writer(draft), base, plan.data, plan.recipe)
    facts = facts_of(plan.run, plan.recipe.to_dict(), plan.recipe.seed) | {"metrics": found}
    with new_folder(output, replace=replace) as folder:
        _save(model, tokenizer, folder)
        (folder / "README.md").write_text(writer_card(plan.recipe, facts), encoding="utf-8")
        write_manifest(folder, kind=KIND, facts=facts)
    return found


def _save(model: Any, tokenizer: Any, folder: Path) -> None:
    model.save_pretrained(folder, max_shard_size="100GB")
    tokenizer.save_pretrained(folder)
