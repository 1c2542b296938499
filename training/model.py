"""The topic model: an encoder, one linear layer, a mean over the paragraph's own word pieces.

The paragraph comes first and its context second, and the mean leaves the context's word pieces out: the
context can change what the paragraph's words mean and has no vote of its own.

``pooling`` says of what the mean is taken: of the hidden states (``mean``), or of the exponentials of each word piece's
logits (``log_mean_exp``, between a mean and a maximum; Pinheiro and Collobert 2015, "From image-level to pixel-level
labeling with convolutional networks", section 3.2), where one sentence of four is heard nearly as well as one alone.
"""

import importlib.util
import re
from pathlib import Path
from typing import Any

import torch
import transformers
from torch import Tensor, nn
from transformers import AutoConfig, AutoModel

from standfirst.errors import RecipeError
from standfirst.manifest import file_sha256
from training.recipe import EncoderRecipe, Recipe

_FAR = 10_000.0
"""How far below the others the logits of other word pieces are put: their exponentials are 0 in float32."""


class TopicModel(nn.Module):
    """``logits`` (B, L) of the texts in a batch of word pieces (B, S)."""

    def __init__(self, encoder: nn.Module, n_labels: int, dropout: float, pooling: str = "mean") -> None:
        super().__init__()
        self.encoder = encoder
        self.pooling = pooling
        self.dropout = nn.Dropout(dropout)
        config: Any = encoder.config
        self.head = nn.Linear(config.hidden_size, n_labels)
        nn.init.normal_(self.head.weight, std=0.02)
        nn.init.zeros_(self.head.bias)

    def forward(self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor) -> Tensor:
        hidden = self.encoder(
            input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids
        ).last_hidden_state  # (B, S, H)
        logits: Tensor  # (B, L)
        if self.pooling == "mean":
            pooled = mean_of_paragraph(hidden, attention_mask, token_type_ids)  # (B, H)
            logits = self.head(self.dropout(pooled))
            return logits
        with torch.autocast("cpu", enabled=False):
            pieces = self.head(self.dropout(hidden.float()))  # (B, S, L)
            logits = log_mean_exp(pieces, attention_mask, token_type_ids)
        return logits


class ExportModel(nn.Module):
    """The same function, written so that no text's logits depend on how many texts stand in the batch.

    A matrix product may sum in another order for another number of rows; a product and a sum per row do not.
    """

    def __init__(self, model: TopicModel) -> None:
        super().__init__()
        self.encoder = model.encoder
        self.weight = model.head.weight
        self.bias = model.head.bias
        self.pooling = model.pooling

    def forward(self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor) -> Tensor:
        hidden = self.encoder(
            input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids
        ).last_hidden_state
        if self.pooling == "mean":
            pooled = mean_of_paragraph(hidden, attention_mask, token_type_ids)  # (B, H)
            return (pooled.unsqueeze(1) * self.weight).sum(-1) + self.bias  # (B, 1, H) * (L, H) -> (B, L)
        columns = [(hidden * row).sum(-1, keepdim=True) for row in self.weight]  # (B, S, 1) each
        return log_mean_exp(torch.cat(columns, -1) + self.bias, attention_mask, token_type_ids)


def mean_of_paragraph(hidden: Tensor, attention_mask: Tensor, token_type_ids: Tensor) -> Tensor:
    """Mean of the hidden states of the first segment: (B, S, H) -> (B, H)."""
    mask = (attention_mask * (1 - token_type_ids)).to(hidden.dtype)  # (B, S)
    total = torch.bmm(mask.unsqueeze(1), hidden).squeeze(1)  # (B, 1, S) @ (B, S, H) -> (B, H)
    return total / mask.sum(1, keepdim=True)


def log_mean_exp(pieces: Tensor, attention_mask: Tensor, token_type_ids: Tensor) -> Tensor:
    """Logarithm of the mean exponential of the first segment's logits: (B, S, L) -> (B, L)."""
    mask = (attention_mask * (1 - token_type_ids)).to(pieces.dtype).unsqueeze(1)  # (B, 1, S)
    logits = pieces.transpose(1, 2) - (1 - mask) * _FAR  # (B, L, S)
    highest = logits.amax(-1, keepdim=True)
    # Summed by a product, whose sums go one after another: padding then adds zeros and changes no bit.
    total = torch.bmm((logits - highest).exp(), torch.ones_like(mask).transpose(1, 2))  # (B, L, S) @ (B, S, 1)
    mean = total / mask.sum(-1, keepdim=True)
    return (mean.log() + highest).squeeze(-1)


def encoder_folder(recipe: Recipe | EncoderRecipe) -> str:
    """Where the encoder that a recipe names lies: a folder, or a Hugging Face id to be fetched.

    Raises
    ------
    RecipeError
        If the package is not installed, the name is neither a folder nor an id, or the weights file has
        another sha256 than the recipe says.
    """
    name = recipe.encoder
    if name.startswith("package:"):
        spec = importlib.util.find_spec(name.removeprefix("package:"))
        if spec is None or spec.origin is None:
            raise RecipeError(f"the encoder's package is not installed: pip install '.[train]' ({name})")
        name = str(Path(spec.origin).parent / "model")
    local = Path(name).is_absolute() and Path(name).is_dir()  # a recipe's folders were made whole when it was read
    if not local and not re.fullmatch(r"\w[\w.-]*(/\w[\w.-]*)?", name):
        raise RecipeError(
            f"there is no encoder at {name}; expected a folder (relative to the recipe), package:NAME or "
            "a Hugging Face id"
        )
    if recipe.sha256:
        weights = Path(name) / "model.safetensors" if local else _fetched_weights(name, recipe.revision)
        if not weights.is_file():
            raise RecipeError(f"sha256 pins model.safetensors, and there is none in {name}")
        found = file_sha256(weights)
        if found != recipe.sha256:
            raise RecipeError(f"the encoder's weights have sha256 {found}, the recipe says {recipe.sha256}")
    return name


def _fetched_weights(name: str, revision: str) -> Path:
    from huggingface_hub import hf_hub_download

    return Path(hf_hub_download(name, "model.safetensors", revision=revision or "main"))


def build_model(recipe: Recipe, n_labels: int, *, pretrained: bool = True) -> TopicModel:
    """Make the model of a recipe: with the encoder's weights, or, to load others into it, without."""
    encoder = build_encoder(recipe, recipe.fit.dropout, pretrained=pretrained)
    return TopicModel(encoder, n_labels, recipe.fit.dropout, recipe.fit.pooling)


def build_encoder(recipe: Recipe | EncoderRecipe, dropout: float = 0.0, *, pretrained: bool = True) -> nn.Module:
    """The encoder that a recipe names, without its pooler."""
    folder = encoder_folder(recipe)
    revision = recipe.revision or "main"
    config = AutoConfig.from_pretrained(folder, revision=revision)
    config.hidden_dropout_prob = config.attention_probs_dropout_prob = dropout
    # "eager" is plain matrix products: the same in training and in the exported graph.
    options: dict[str, Any] = {"attn_implementation": "eager"}
    if config.model_type == "bert":
        options["add_pooling_layer"] = False
    if not pretrained:
        bare: nn.Module = AutoModel.from_config(config, **options)  # type: ignore[no-untyped-call]
        return bare
    level = transformers.logging.get_verbosity()
    # It would report the pooler, which is left out on purpose, and draw a bar for a tenth of a second's work.
    transformers.logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    transformers.logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        encoder: nn.Module = AutoModel.from_pretrained(folder, revision=revision, config=config, **options)
    finally:
        transformers.logging.set_verbosity(level)
    return encoder


class EmbeddingModel(nn.Module):
    """The encoder alone: the mean over a text's word pieces, (B, S) -> (B, H)."""

    def __init__(self, encoder: nn.Module) -> None:
        super().__init__()
        self.encoder = encoder

    def forward(self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor) -> Tensor:
        hidden = self.encoder(
            input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids
        ).last_hidden_state
        return mean_of_paragraph(hidden, attention_mask, token_type_ids)
