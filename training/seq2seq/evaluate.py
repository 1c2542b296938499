"""How a model that writes lines does on held-out updates: beside the lead sentence, and before the guard."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from standfirst.schema import Paragraph, Update
from standfirst.summarize import MAX_WORDS, Summarizer
from standfirst.summarize.seq2seq import Writer, WritingSummarizer
from training.seq2seq.recipe import WriterRecipe
from training.summary.evaluate import headlined, mean_rouge
from training.summary.rouge import rouge

_COMMONEST = 8


def figures(writer: Writer, base: Summarizer, data: Path, recipe: WriterRecipe) -> dict[str, Any]:
    """ROUGE-F1 against the headlines at their length: written, shown, extracted, the lead; and what the guard said."""
    found: dict[str, Any] = {}
    for source in ("bbc", "guardian"):
        path = data / "liveblogs" / f"{source}_valid.jsonl.gz"
        rows = list(headlined(path, recipe.data.n_measured, recipe.seed))
        if rows:
            found[source] = _measured(writer, base, rows)
    return found


def _measured(writer: Writer, base: Summarizer, rows: Sequence[tuple[str, tuple[str, ...]]]) -> dict[str, Any]:
    updates = [_update(i, sentences) for i, (_, sentences) in enumerate(rows)]
    own = WritingSummarizer(base, writer)
    own._cache = type(own._cache)(64 * 2**20)
    own.prepare(updates, None)
    shown = [own.standfirst(u) for u in updates]
    extracted = [base.standfirst(u) for u in updates]
    written = [d.text for d in writer.write([s for _, s in rows], MAX_WORDS)]
    texts = {
        "as written": written,
        "as shown": ["" if line is None else line.text for line in shown],
        "extracted": ["" if line is None else line.text for line in extracted],
        "lead sentence": [s[0] for _, s in rows],
    }
    table: dict[str, Any] = {
        name: mean_rouge([rouge(text, headline, cut=True).f1 for text, (headline, _) in zip(made, rows, strict=True)])
        for name, made in texts.items()
    }
    passed = sum(line is not None and line.origin == "generated" for line in shown)
    reasons = Counter(r.partition(":")[0] for line in shown if line and line.reason for r in line.reason.split("; "))
    return table | {
        "guard": {"n": len(rows), "passed": passed / len(rows), "reasons": dict(reasons.most_common(_COMMONEST))}
    }


def _update(number: int, sentences: Sequence[str]) -> Update:
    text = " ".join(sentences)
    return Update(str(number), None, (Paragraph(f"p{number}", text, "text", 0, len(text)),))
