"""The card of a model that writes lines, from what was measured."""

from collections.abc import Mapping
from typing import Any

from training.seq2seq.recipe import WriterRecipe


def writer_card(recipe: WriterRecipe, facts: Mapping[str, Any]) -> str:
    """The card as Markdown: what it does, from what, how well, and its limits."""
    revision = f" at `{recipe.revision}`" if recipe.revision else ""
    parts = [
        f"# {recipe.name}\n\n{recipe.description}\n",
        "An encoder-decoder that writes the line of an update. Standfirst shows a line of it only if every number, "
        "name, negation and quotation is found in the source (`standfirst/summarize/guard.py`), and the extractive "
        "line otherwise.\n",
        f"## Made from\n\nCheckpoint `{recipe.checkpoint.rpartition('/')[2]}`{revision}, whose licence and limits go "
        f"with it; fine-tuned on {facts['history']['n_pairs']:,} headlines of live blogs of the BBC and the Guardian "
        "(2014-2018), which are lower-cased.\n",
        "## Quality\n\nF1 of ROUGE on Porter-stemmed words at the headline's length, with 95 % bootstrap intervals "
        "over updates.\n",
        *(_table(name, table) for name, table in facts["metrics"].items()),
        "## Limits\n\nEnglish. It writes freely, and what the guard cannot see (a wrong verb that is a common word, a "
        'wrong reading of "he") can stand.\n',
        f"Made from commit `{facts.get('commit', 'unknown')}` with seed {recipe.seed}; more in `manifest.json`.",
    ]
    return "\n".join(parts) + "\n"


def _table(name: str, table: Mapping[str, Any]) -> str:
    rows = [f"| {name} | n | R1 | R2 | RL |", "|---|---|---|---|---|"]
    rows += [
        f"| {kind} | {f['n']} | {' | '.join(_cell(f[r]) for r in ('r1', 'r2', 'rl'))} |"
        for kind, f in table.items()
        if kind != "guard"
    ]
    return "\n".join(rows) + f"\n\nPassed the guard: {table['guard']['passed']:.1%} of {table['guard']['n']}.\n"


def _cell(figure: Mapping[str, Any]) -> str:
    low, high = figure["interval"]
    return f"{figure['mean']:.3f} [{low:.3f}, {high:.3f}]"
