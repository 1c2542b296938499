"""The card of a summary model, written from what was measured."""

from collections.abc import Mapping
from typing import Any

from training.summary.recipe import SummaryRecipe


def summary_card(recipe: SummaryRecipe, facts: Mapping[str, Any]) -> str:
    """The card as Markdown: what the model does, from which data, how well, and its limits."""
    parts = [
        f"# {recipe.name}\n\n{recipe.description}\n",
        "One pass over an update gives, for each sentence, how likely it is to make the update's line and to belong in "
        "a digest, and for each word how much it deserves to stay. What may be struck out at all is decided by rules "
        "(`standfirst/summarize/faithful.py`), never by this model. Boosted trees over these scores and a sentence's "
        "form may overrule the first of them.\n",
        "## Made from\n",
        f"Encoder: `{recipe.encoder}`" + (f" (sha256 `{recipe.sha256}`)" if recipe.sha256 else "") + f". Its lowest "
        f"{recipe.fit.shared_layers} layers are shared and frozen; the upper ones stand twice: as they were, "
        "for sentence vectors, and tuned, for the heads.",
        "Trained on live blogs of the BBC and the Guardian (2014-2018) with their headlines and bullets, and on public "
        "sentence compressions; none of their text is part of the model folder.\n",
        "| file | sha256 |\n|---|---|",
        "\n".join(f"| {name} | `{digest[:16]}` |" for name, digest in facts.get("data", {}).items()),
        "\n## Quality\n",
        "ROUGE is recall at the bullets' length in words, on Porter-stemmed words, in brackets 95 % bootstrap "
        "intervals over blogs. Words: F1 of the words kept.\n",
        *(_row(name, figures) for name, figures in facts.get("metrics", {}).items()),
        "\n## Limits\n",
        "- English; trained on lower-cased text of 2014 to 2018, and uncased.\n"
        "- The rules know no grammar beyond their lists: they cut little, and a line may be as long as its sentence.\n"
        "- The blog-level score was fitted on two newsrooms' habits; another's may differ.",
        f"\nMade from commit `{facts.get('commit', 'unknown')}` with seed {recipe.seed}; versions and recipe in "
        "`manifest.json`.",
    ]
    return "\n".join(parts) + "\n"


def _row(name: str, figures: Mapping[str, Any]) -> str:
    if "r1" in figures:
        cells = ", ".join(f"{k.upper()} {_with_interval(f)}" for k, f in figures.items() if isinstance(f, dict))
        return f"- **{name}** ({figures['n']}): {cells}"
    ways = (f"{k} {f['f1']:.3f} at rate {f['rate']:.2f}" for k, f in figures.items() if isinstance(f, dict))
    return f"- **{name}** ({figures['n']}; references keep {figures['reference_rate']:.2f}): {', '.join(ways)}"


def _with_interval(figure: Mapping[str, Any]) -> str:
    low, high = figure["interval"]
    return f"{figure['mean']:.3f} [{low:.3f}, {high:.3f}]"
