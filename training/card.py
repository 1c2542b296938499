"""The model card, written from what was measured."""

from collections.abc import Mapping
from typing import Any

from standfirst.labels import LabelSet
from training.recipe import EncoderRecipe, Recipe


def model_card(recipe: Recipe, labels: LabelSet, facts: Mapping[str, Any]) -> str:
    """The card of one model as Markdown: what it does, from which data, how well, and its limits."""
    parts = [
        f"# {recipe.name}\n\n{recipe.description or 'A topic model for paragraphs of live blogs.'}\n",
        "## Labels\n",
        "\n".join(f"- `{label.name}`: {' '.join(label.definition.split())}" for label in labels.labels),
        f"\nLabel set `{labels.tag}`, "
        + ("several labels or none per paragraph." if labels.multi_label else "exactly one label per paragraph."),
        "\n## Made from\n",
        f"Encoder: `{recipe.encoder}`" + (f" (sha256 `{recipe.sha256}`)" if recipe.sha256 else "") + ".",
        f"{facts['n_train']} training examples; dev {facts['n_dev']}, which chose calibration and thresholds.\n",
        "| file | sha256 |\n|---|---|",
        "\n".join(f"| {name} | `{digest[:16]}` |" for name, digest in facts["data"].items()),
        *(f"\n> {note}" for note in facts["notes"]),
        "\n## Quality\n",
        *(_table(name, figures) for name, figures in facts["metrics"].items() if "labels" in figures),
        "\n## Limits\n",
        "- English. The encoder is uncased: it cannot tell *Turkey* from *turkey* by its capital.\n"
        "- Probabilities are calibrated on the dev split; on text of another kind they may be off.\n"
        "- A context (the update's headline) may help to resolve what a paragraph refers to; "
        "it is never labelled.\n"
        "- A label is what a paragraph reports, not whether it is true.",
        f"\nMade from commit `{facts['commit']}` with seed {recipe.seed}; versions and recipe in `manifest.json`.",
    ]
    return "\n".join(parts) + "\n"


def _table(name: str, figures: Mapping[str, Any]) -> str:
    rows = [
        f"| {label} | {f['precision']:.3f} | {f['recall']:.3f} | {f['f1']:.3f} "
        f"| {f['threshold']:.2f} | {f['support']} |"
        for label, f in figures["labels"].items()
    ]
    head = (
        f"**{name}** ({figures['n']} examples): macro-F1 {figures['macro_f1']:.3f}, exact match "
        f"{figures['exact_match']:.3f}, calibration error {figures['ece']:.3f}\n\n"
        "| label | precision | recall | F1 | threshold | support |\n|---|---|---|---|---|---|"
    )
    return "\n".join([head, *rows]) + "\n"


def encoder_card(recipe: EncoderRecipe, commit: str) -> str:
    """The card of an encoder that is exported as it is."""
    return (
        f"# {recipe.name}\n\n{recipe.description}\n\n"
        f"Encoder: `{recipe.encoder}`" + (f" (sha256 `{recipe.sha256}`)" if recipe.sha256 else "") + ", int8 ONNX, "
        "the mean over a text's word pieces; nothing was trained here. "
        "Its licence is the base model's: see NOTICE.\n\n"
        f"Exported at commit `{commit}`.\n"
    )
