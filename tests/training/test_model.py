import hashlib
import math
import shutil
from pathlib import Path

import pytest
import torch

from standfirst.errors import RecipeError
from standfirst.pieces import as_arrays
from training import model as model_module
from training.model import (
    EmbeddingModel,
    ExportModel,
    TopicModel,
    build_encoder,
    build_model,
    encoder_folder,
    log_mean_exp,
    mean_of_paragraph,
)
from training.recipe import DataRecipe, EncoderRecipe, FitRecipe, Recipe


def recipe_of(encoder: Path | str, sha256: str = "", dropout: float = 0.1) -> Recipe:
    fit = FitRecipe(dropout=dropout)
    return Recipe("r", "l", DataRecipe(train=("x",)), encoder=str(encoder), sha256=sha256, fit=fit)


def inputs(graphs, texts: list[str], contexts: list[str | None]) -> dict[str, torch.Tensor]:
    arrays = as_arrays(graphs.pieces.windows(texts, contexts))
    return {name: torch.from_numpy(array) for name, array in arrays.items()}


def test_the_mean_is_over_the_paragraph_alone():
    hidden = torch.tensor([[[1.0, 0], [3, 2], [100, 100], [-50, 7]], [[2.0, 2], [9, 9], [9, 9], [9, 9]]])
    mask = torch.tensor([[1, 1, 1, 0], [1, 0, 0, 0]])  # the last of row one is padding
    types = torch.tensor([[0, 0, 1, 0], [0, 0, 0, 0]])  # its third is context
    assert mean_of_paragraph(hidden, mask, types).tolist() == [[2, 1], [2, 2]]


def test_the_log_mean_exp_is_over_the_paragraph_alone():
    pieces = torch.tensor([[[1.0, 0], [3, 0], [100, 0], [-50, 7]], [[2.0, 900], [9, 9], [9, 9], [9, 9]]])
    mask = torch.tensor([[1, 1, 1, 0], [1, 0, 0, 0]])
    types = torch.tensor([[0, 0, 1, 0], [0, 0, 0, 0]])
    wanted = torch.tensor([[math.log((math.e + math.e**3) / 2), 0], [2, 900]])
    torch.testing.assert_close(log_mean_exp(pieces, mask, types), wanted)


@torch.inference_mode()
def test_one_word_piece_of_many_is_heard_by_log_mean_exp():
    """A label's piece among 19 that say no: the mean of logits is far below zero, this one is not."""
    pieces = torch.full((1, 20, 1), -6.0)
    pieces[0, 3] = 6.0
    mask = torch.ones(1, 20, dtype=torch.long)
    assert log_mean_exp(pieces, mask, mask * 0).item() == pytest.approx(6 - math.log(20), abs=1e-3)
    assert pieces.mean().item() < -5


@torch.inference_mode()
def test_the_exported_form_is_the_same_function(pooled):
    batch = inputs(pooled, ["two missile strike", "rain " * 30], ["storm in the city", None])
    wanted = pooled.model(**batch)
    assert wanted.shape == (2, 4)
    torch.testing.assert_close(ExportModel(pooled.model).eval()(**batch), wanted, atol=1e-5, rtol=1e-5)


@torch.inference_mode()
def test_the_plain_mean_by_hand(graphs):
    batch = inputs(graphs, ["two missile strike", "rain " * 30], ["storm in the city", None])
    wanted = graphs.model(**batch)
    by_hand = EmbeddingModel(graphs.model.encoder).eval()(**batch) @ graphs.model.head.weight.T
    torch.testing.assert_close(by_hand + graphs.model.head.bias, wanted, atol=1e-5, rtol=1e-5)


@torch.inference_mode()
def test_padding_changes_nothing_and_a_context_something(pooled):
    alone = pooled.model(**inputs(pooled, ["two missile strike"], [None]))
    padded = pooled.model(**inputs(pooled, ["two missile strike", "rain " * 40], [None, None]))
    torch.testing.assert_close(padded[:1], alone, atol=1e-5, rtol=1e-5)
    under = pooled.model(**inputs(pooled, ["two missile strike"], ["storm in the city"]))
    assert (under - alone).abs().max() > 1e-4


def test_build_model_takes_dropout_and_weights_from_where_it_is_told(tiny_encoder: Path):
    model = build_model(recipe_of(tiny_encoder, dropout=0.3), 5)
    config = model.encoder.config
    assert (config.hidden_dropout_prob, config.attention_probs_dropout_prob) == (0.3, 0.3)
    assert model.head.weight.shape == (5, 32)
    assert model.head.bias.abs().sum() == 0
    assert getattr(model.encoder, "pooler", None) is None
    name = "embeddings.word_embeddings.weight"
    stored = build_encoder(EncoderRecipe("e", str(tiny_encoder))).state_dict()[name]
    assert torch.equal(model.encoder.state_dict()[name], stored)
    torch.manual_seed(9)
    bare = build_model(recipe_of(tiny_encoder), 5, pretrained=False)
    assert isinstance(bare, TopicModel)
    assert not torch.equal(bare.encoder.state_dict()[name], stored)


def test_the_pinned_sha256_is_checked(tiny_encoder: Path, tmp_path: Path):
    digest = hashlib.sha256((tiny_encoder / "model.safetensors").read_bytes()).hexdigest()
    assert encoder_folder(recipe_of(tiny_encoder, digest)) == str(tiny_encoder)
    with pytest.raises(RecipeError, match=f"sha256 {digest}, the recipe says {'0' * 64}"):
        encoder_folder(recipe_of(tiny_encoder, "0" * 64))
    shutil.copyfile(tiny_encoder / "config.json", tmp_path / "config.json")
    with pytest.raises(RecipeError, match="pins model.safetensors, and there is none"):
        encoder_folder(recipe_of(tmp_path, digest))


def test_the_pin_holds_for_a_hub_id_too(tiny_encoder: Path, monkeypatch: pytest.MonkeyPatch):
    asked = []

    def fetched(name: str, revision: str) -> Path:
        asked.append((name, revision))
        return tiny_encoder / "model.safetensors"

    monkeypatch.setattr(model_module, "_fetched_weights", fetched)
    with pytest.raises(RecipeError, match="the recipe says"):
        encoder_folder(recipe_of("norra/tiny", "0" * 64))
    assert asked == [("norra/tiny", "")]
    assert encoder_folder(recipe_of("norra/tiny")) == "norra/tiny"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("package:no_such_package_here", r"not installed: pip install '\.\[train\]'"),
        ("/no/such/folder", "there is no encoder at /no/such/folder; expected a folder .relative to the recipe"),
        ("./encoder", "there is no encoder at"),
        ("package:json", "there is no encoder at"),
    ],
)
def test_an_encoder_that_is_not_there(name: str, message: str):
    with pytest.raises(RecipeError, match=message):
        encoder_folder(recipe_of(name))
