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
    assert f"| ../corpus/wars.jsonl | `{'cd' * 8}` |" in lines
    assert "> 3 training rows dropped: their text stands in dev or test" in lines
    assert "| strikes | 0.500 | 1.000 | 0.667 | 0.45 | 1 |" in lines
    assert "| aid | 1.000 | 0.500 | 0.667 | 0.50 | 2 |" in lines
    assert "**dev** (2 examples): macro-F1 0.333, exact match 0.000" in card
    assert "history" not in card  # a table without labels is no quality
    assert "Made from commit `0123456789ab+` with seed 11" in card


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
    assert "Encoder: `norra/tiny`." in card
    assert "\n> " not in card


def test_the_card_of_an_encoder():
    card = encoder_card(EncoderRecipe("summary", "norra/tiny", description="Vectors."), "c0")
    assert card.startswith("# summary\n\nVectors.\n\nEncoder: `norra/tiny`, int8 ONNX")
    assert "nothing was trained here" in card
    assert "commit `c0`" in card
