"""The model card, written from what was measured; what is to be said of the data comes from the recipe's ``card``."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from standfirst.labels import LabelSet
from training.recipe import EncoderRecipe, Recipe

_FEWEST = 20
"""Slices with fewer rows are in ``metrics.json`` and not in the card: their figures jump with single rows."""

_USE = """\
Meant for sorting, searching and routing paragraphs of the kind that it was trained on, where an editor or a reader \
can see the text beside the label. Not meant to decide anything about a person, to count events or casualties, to say \
what is true, or to act with nobody looking: some labels are wrong, as often as the figures below say."""

_LIMITS = """\
- English. The encoder is uncased: it cannot tell *Turkey* from *turkey* by its capital.
- Probabilities are calibrated on the dev split; on text of another kind they may be off.
- A context (the update's headline) may help to resolve what a paragraph refers to; it is never labelled.
- A label is what a paragraph reports, not whether it is true."""


def model_card(recipe: Recipe, labels: LabelSet, facts: Mapping[str, Any]) -> str:
    """The card of one model as Markdown: what it does, from which data, how well, where not, and its limits."""
    figures = facts["metrics"]
    sections = [
        f"# {recipe.name}\n\n{recipe.description or 'A topic model for paragraphs of live blogs.'}\n\n{_USE}",
        "## Labels\n\n" + _labels(labels),
        "## Made from\n\n" + _made_from(recipe, facts),
        str(facts.get("card", "")).strip(),
        "## Quality\n\n" + "\n\n".join(_quality(figures)) if figures else "",
        _section("## Slices", _slices(figures)),
        _section("## Rows measured for themselves", _rows(figures.get("checks", {}).get("rows", {}))),
        _section("## Held out", _held_out(figures, facts.get("held_out", {}))),
        _section("## Behaviour", _behaviour(figures.get("checks", {}))),
        "## Calibration and thresholds\n\n" + _calibration(labels, figures),
        "## Limits\n\n" + _LIMITS,
        "## Made again\n\n"
        f"Made from commit `{facts['commit']}` with seed {recipe.seed}; versions and recipe stand in `manifest.json`, "
        "and `python -m training reproduce DIR`, with this folder for DIR, trains it again and compares.",
    ]
    return "\n\n".join(section for section in sections if section) + "\n"


def _section(title: str, text: str) -> str:
    return f"{title}\n\n{text}" if text else ""


def _labels(labels: LabelSet) -> str:
    rows = [f"- `{label.name}`: {' '.join(label.definition.split())}" for label in labels.labels]
    kind = "several labels or none per paragraph" if labels.multi_label else "exactly one label per paragraph"
    return "\n".join([*rows, "", f"Label set `{labels.tag}`, {kind}."])


def _made_from(recipe: Recipe, facts: Mapping[str, Any]) -> str:
    rows = facts.get("rows", {})
    files = [
        [name, rows.get(PurePosixPath(name).name, ""), f"`{digest[:16]}`"] for name, digest in facts["data"].items()
    ]
    encoder = f"Encoder: `{recipe.encoder}`" + (f" (sha256 `{recipe.sha256}`)" if recipe.sha256 else "") + "."
    counted = f"{facts['n_train']} training examples; dev {facts['n_dev']}, which chose calibration and thresholds."
    notes = [f"> {note}" for note in facts["notes"]]
    return "\n\n".join([f"{encoder}\n{counted}", _table(["file", "rows", "sha256"], files), *notes])


def _quality(figures: Mapping[str, Any]) -> Iterator[str]:
    """A table for dev and one for test, and one with the other views of both in a line each."""
    others = []
    for name, found in figures.items():
        if name in ("dev", "test"):
            yield _split(name, found)
        elif "labels" in found and "held out" not in name:
            others.append([name, found["n"], *(_number(found[k]) for k in ("macro_f1", "exact_match", "ece"))])
    if others:
        yield _table(["beside", "n", "macro-F1", "exact match", "calibration error"], others)


def _split(name: str, found: Mapping[str, Any]) -> str:
    between = found.get("intervals", {})
    head = (
        f"**{name}** ({found['n']} examples): macro-F1 {_number(found['macro_f1'])}{_range(between.get('macro_f1'))}, "
        f"exact match {_number(found['exact_match'])}{_range(between.get('exact_match'))}, "
        f"calibration error {_number(found['ece'])}."
    )
    if honest := found.get("cross_validated"):
        head += (
            f" With calibration and thresholds always from other folds macro-F1 is {_number(honest['mean'])} "
            f"(the mean of {honest['repeats']} ways to fold, 95 % of which lie within "
            f"{_number(honest['low'])} to {_number(honest['high'])})."
        )
    if between:
        head += " In brackets: 95 % intervals from a bootstrap by document."
    rows = [
        [
            label,
            _number(f["precision"]),
            _number(f["recall"]),
            _number(f["f1"]) + _range(between.get("labels", {}).get(label)),
            f"{f['threshold']:.2f}" + _range(f.get("threshold_interval"), 2),
            f["support"],
        ]
        for label, f in found["labels"].items()
    ]
    return head + "\n\n" + _table(["label", "precision", "recall", "F1", "threshold", "support"], rows)


def _slices(figures: Mapping[str, Any]) -> str:
    tables = []
    for name in ("dev", "test"):
        rows = [
            [f"{kind}: {value}", f["n"], _number(f["macro_f1"]), _number(f["exact_match"]), _number(f["ece"])]
            for kind, table in figures.get(name, {}).get("slices", {}).items()
            for value, f in table.items()
            if f["n"] >= _FEWEST and kind != "held_out"
        ]
        if rows:
            tables.append(_table([name, "n", "macro-F1", "exact match", "calibration error"], rows))
    note = (
        f"Macro-F1 over the labels that occur in a slice; slices of fewer than {_FEWEST} rows are left out, and the "
        "calibration error of a small slice is high by chance alone. `context: taken away` are the rows of "
        "`context: with`, labelled without it."
    )
    return "\n\n".join([note, *tables]) if tables else ""


def _held_out(figures: Mapping[str, Any], elsewhere: Mapping[str, Any]) -> str:
    rows = [(name, f) for name, f in figures.items() if "held out" in name] + list(elsewhere.items())
    if not rows:
        return ""
    table = [_whole(name, f) for name, f in rows]
    return "Measured on sources and times that the model it was measured with had not seen in training.\n\n" + _table(
        ["held out", "n", "macro-F1", "exact match", "calibration error"], table
    )


def _rows(files: Mapping[str, Any]) -> str:
    if not files:
        return ""
    labels = next(iter(files.values()))["labels"]
    rows = [[*_whole(name, f), *(_number(of["f1"]) for of in f["labels"].values())] for name, f in files.items()]
    return "Rows that nothing was trained or chosen on, under the headlines of their updates.\n\n" + _table(
        ["rows", "n", "macro-F1", "exact match", "calibration error", *labels], rows
    )


def _whole(name: str, found: Mapping[str, Any]) -> list[Any]:
    """A line of a table: what was measured over all labels, as far as it is known."""
    return [
        name,
        found.get("n", ""),
        _number(found["macro_f1"]) + _range(found.get("intervals", {}).get("macro_f1")),
        _number(found.get("exact_match")),
        _number(found.get("ece")),
    ]


def _behaviour(checks: Mapping[str, Any]) -> str:
    tables = []
    if cases := checks.get("behaviour"):
        rows = [[name, f["n"], _number(f["rate"])] for name, f in cases.items()]
        tables.append(
            "Cases written for one thing each. `minimum`: exactly these labels; `invariance`: the same labels "
            "whichever name stands in a sentence; `direction`: the label goes when the event is denied or replaced.\n\n"
            + _table(["cases", "n", "pass"], rows)
        )
    if pairs := checks.get("pairs"):
        rows = [
            [name, f["n"], _number(f["exact_match"]), _number(f["exact_match_without_context"])]
            for name, f in pairs.items()
        ]
        tables.append(_table(["pairs of context and paragraph", "n", "exact match", "without the context"], rows))
    return "\n\n".join(tables)


def _calibration(labels: LabelSet, figures: Mapping[str, Any]) -> str:
    text = "Platt scaling of each label on dev, from the int8 graph that is served"
    if "dev" in figures:
        text += f"; calibration error {_number(figures['dev']['ece'])} (10 bins, the mean over labels)"
    if not labels.multi_label:
        return text + ". The likeliest label is given."
    return text + (
        ". A label is given at or above its own threshold: the one with the best F1 in expectation under the "
        "calibrated probabilities, the median over folds of dev. Where a wrong label costs more than a missed one, "
        "ask for a higher threshold."
    )


def _table(head: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


def _range(pair: Sequence[float] | None, digits: int = 3) -> str:
    return "" if pair is None else f" [{pair[0]:.{digits}f}, {pair[1]:.{digits}f}]"


def encoder_card(recipe: EncoderRecipe, commit: str) -> str:
    """The card of an encoder that is exported as it is."""
    return (
        f"# {recipe.name}\n\n{recipe.description}\n\n"
        f"Encoder: `{recipe.encoder}`" + (f" (sha256 `{recipe.sha256}`)" if recipe.sha256 else "") + ", int8 ONNX, "
        "the mean over a text's word pieces; nothing was trained here. "
        "Its licence is the base model's: see NOTICE.\n\n"
        f"Exported at commit `{commit}`.\n"
    )
