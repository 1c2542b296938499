from typing import Any

import numpy as np
import pytest

from standfirst.labels import Label, LabelSet
from training.card import encoder_card, model_card
from training.data import Example
from training.evaluate import metrics
from training.recipe import DataRecipe, EncoderRecipe, Recipe

RECIPE = Recipe("wire", "l", DataRecipe(train=("x",)), encoder="norra/tiny", sha256="ab" * 32, seed=11)


@pytest.fixture
def facts(labels: LabelSet) -> dict[str, Any]:
    examples = [Example("a", frozenset({"aid"})), Example("b", frozenset({"aid", "strikes"}))]
    probs = np.array([[0.1, 0.9, 0.9, 0.2], [0.1, 0.7, 0.2, 0.3]])
    figures = metrics(examples, probs, labels, np.array([0.5, 0.45, 0.5, 0.5]))
    return {
        "n_train": 1234,
        "n_dev": 56,
        "data": {"../corpus/wars.jsonl": "cd" * 32},
        "rows": {"wars.jsonl": 543},
        "notes": ["3 training rows dropped: their text stands in dev or test"],
        "metrics": {"dev": figures, "history": {"n": 1}},
        "commit": "0123456789ab+",
    }


def test_the_card_says_what_was_measured(labels: LabelSet, facts: dict[str, Any]):
    card = model_card(RECIPE, labels, facts)
    lines = card.splitlines()
    assert lines[0] == "# wire"
    assert "A topic model for paragraphs of live blogs." in card
    assert "Label set `topics-1`, several labels or none per paragraph." in card
    assert f"Encoder: `norra/tiny` (sha256 `{'ab' * 32}`)." in lines
    assert "1234 training examples; dev 56, which chose calibration and thresholds." in lines
    assert f"| ../corpus/wars.jsonl | 543 | `{'cd' * 8}` |" in lines
    assert "> 3 training rows dropped: their text stands in dev or test" in lines
    assert "| strikes | 0.500 | 1.000 | 0.667 | 0.45 | 1 |" in lines
    assert "| aid | 1.000 | 0.500 | 0.667 | 0.50 | 2 |" in lines
    assert "**dev** (2 examples): macro-F1 0.333, exact match 0.000" in card
    assert "history" not in card  # a table without labels is no quality
    assert "Made from commit `0123456789ab+` with seed 11" in card
    assert "In brackets" not in card
    assert all(f"## {title}" not in card for title in ("Slices", "Held out", "Behaviour", "Data"))


def test_intervals_stand_beside_their_figures(labels: LabelSet, facts: dict[str, Any]):
    dev = facts["metrics"]["dev"]
    dev["intervals"] = {
        "macro_f1": [0.2, 0.45],
        "exact_match": [0.0, 0.5],
        "labels": {name: [0.6, 0.75] for name in labels.names},
    }
    dev["labels"]["aid"]["threshold_interval"] = [0.4, 0.55]
    dev["cross_validated"] = {"mean": 0.31, "low": 0.3, "high": 0.32, "repeats": 20}
    card = model_card(RECIPE, labels, facts)
    assert "macro-F1 0.333 [0.200, 0.450], exact match 0.000 [0.000, 0.500]" in card
    assert "| aid | 1.000 | 0.500 | 0.667 [0.600, 0.750] | 0.50 [0.40, 0.55] | 2 |" in card
    assert "macro-F1 is 0.310 (the mean of 20 ways to fold, 95 % of which lie within 0.300 to 0.320)" in card
    assert "a bootstrap by document" in card


def test_other_views_take_a_line_each(labels: LabelSet, facts: dict[str, Any]):
    dev = facts["metrics"]["dev"]
    facts["metrics"] |= {"dev without context": dev, "test held out by time": dev}
    lines = model_card(RECIPE, labels, facts).splitlines()
    # calibration errors by hand: .1, (.9 + .3) / 2, (.1 + .8) / 2, (.2 + .3) / 2
    assert "| dev without context | 2 | 0.333 | 0.000 | 0.350 |" in lines
    assert lines.index("## Held out") < next(i for i, line in enumerate(lines) if "held out by time" in line)


def test_slices_of_few_rows_are_left_out(labels: LabelSet, facts: dict[str, Any]):
    row = {"macro_f1": 0.5, "exact_match": 0.25, "ece": 0.125}
    facts["metrics"]["dev"]["slices"] = {
        "source": {"wire": {"n": 40, **row}, "blog": {"n": 19, **row}},
        "context": {"without": {"n": 20, **row, "macro_f1": None}},
    }
    card = model_card(RECIPE, labels, facts)
    assert "| source: wire | 40 | 0.500 | 0.250 | 0.125 |" in card
    assert "| context: without | 20 |  | 0.250 | 0.125 |" in card
    assert "source: blog" not in card


def test_held_out_figures_of_other_runs(labels: LabelSet, facts: dict[str, Any]):
    facts["held_out"] = {"trained without gdelt": {"n": 949, "macro_f1": 0.81, "intervals": {"macro_f1": [0.79, 0.83]}}}
    card = model_card(RECIPE, labels, facts)
    assert "| trained without gdelt | 949 | 0.810 [0.790, 0.830] |  |  |" in card


def test_behaviour_and_pairs(labels: LabelSet, facts: dict[str, Any]):
    facts["metrics"]["checks"] = {
        "behaviour": {"minimum: aid": {"n": 6, "rate": 5 / 6, "failed": ["m3"]}},
        "pairs": {"needed": {"n": 210, "exact_match": 0.69, "exact_match_without_context": 0.319}},
    }
    card = model_card(RECIPE, labels, facts)
    assert "| minimum: aid | 6 | 0.833 |" in card
    assert "| needed | 210 | 0.690 | 0.319 |" in card


def test_rows_that_are_measured_for_themselves(labels: LabelSet, facts: dict[str, Any]):
    figures = facts["metrics"]["dev"] | {"n": 700, "macro_f1": 0.741, "intervals": {"macro_f1": [0.7, 0.78]}}
    facts["metrics"]["checks"] = {"rows": {"paragraphs": figures}}
    card = model_card(RECIPE, labels, facts)
    heads = " | ".join(["rows", "n", "macro-F1", "exact match", "calibration error", *labels.names])
    assert f"| {heads} |" in card
    assert "| paragraphs | 700 | 0.741 [0.700, 0.780] | 0.000 |" in card


def test_what_is_said_of_the_data_is_the_recipes(labels: LabelSet, facts: dict[str, Any]):
    """A card made from somebody else's labels speaks of no annotator and no source that it was not told of."""
    card = model_card(RECIPE, labels, facts)
    assert not any(word in card.lower() for word in ("annotat", "cnn", "gdelt", "guardian"))
    assert "\n\n## Data\n\nRead by two.\n\n## Quality" in model_card(
        RECIPE, labels, facts | {"card": "## Data\n\nRead by two.\n"}
    )


def test_every_label_is_defined_on_one_line(labels: LabelSet, facts: dict[str, Any]):
    lines = model_card(RECIPE, labels, facts).splitlines()
    for label in labels.labels:
        assert f"- `{label.name}`: {' '.join(label.definition.split())}" in lines


def test_a_set_of_exclusive_labels_and_a_description_of_ones_own(facts: dict[str, Any]):
    names = LabelSet("mood", "2", (Label("a"), Label("b")), multi_label=False)
    recipe = Recipe("wire", "l", DataRecipe(train=("x",)), description="Moods.", encoder="norra/tiny")
    card = model_card(recipe, names, facts | {"metrics": {}, "notes": []})
    assert card.startswith("# wire\n\nMoods.\n")
    assert "Label set `mood-2`, exactly one label per paragraph." in card
    assert "The likeliest label is given." in card
    assert "Encoder: `norra/tiny`." in card
    assert "\n> " not in card
    assert "## Quality" not in card


def test_the_card_of_an_encoder():
    card = encoder_card(EncoderRecipe("summary", "norra/tiny", description="Vectors."), "c0")
    assert card.startswith("# summary\n\nVectors.\n\nEncoder: `norra/tiny`, int8 ONNX")
    assert "nothing was trained here" in card
    assert "commit `c0`" in card
