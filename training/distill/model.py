"""The student in torch, and the way from its floats to the whole numbers of ``standfirst.student``."""

from itertools import pairwise
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from standfirst.student import STEP, WEIGHT_STEP, Weights
from training.distill.recipe import ShapeRecipe

_MOST = 127


class StudentModel(nn.Module):
    """``logits`` (B, L) of pieces (B, S) and contexts' pieces (B, C), padded with ``pad``.

    ``start`` (V, W) is where the embeddings begin. Once ``whole`` is set, every number is rounded as it will be when
    it is stored, and the gradient passes through.
    """

    def __init__(self, start: Tensor, shape: ShapeRecipe, n_labels: int, dropout: float) -> None:
        super().__init__()
        self.pad = len(start)
        self.whole = False
        self.run = len(shape.filters)
        self.embeddings = nn.Parameter(start.clone())
        width = start.shape[1]
        n_filters = sum(shape.filters)
        self.filters = nn.Parameter(torch.randn(n_filters, self.run, width) * (2 / (self.run * width)) ** 0.5)
        self.filter_shift = nn.Parameter(torch.zeros(n_filters))
        reach = torch.tensor([length for length, n in enumerate(shape.filters, 1) for _ in range(n)])
        mask = (torch.arange(self.run)[None] < reach[:, None]).float()[:, :, None]
        self.mask = nn.Buffer(mask, persistent=False)
        inputs = n_filters + 2 * width
        sizes = [inputs, *([shape.hidden] if shape.hidden else []), n_labels]
        layers = [nn.Linear(a, b) for a, b in pairwise(sizes)]
        self.dense = nn.ModuleList(layers)
        self.dropout = nn.Dropout(dropout)

    def forward(self, pieces: Tensor, contexts: Tensor) -> Tensor:
        step = _scale(self.embeddings) if self.whole else 1.0
        found = self._embedded(pieces, step)  # (B, S, W)
        padded = functional.pad(found, (0, 0, 0, self.run - 1))  # (B, S + R - 1, W)
        runs = torch.cat([padded[:, j : j + pieces.shape[1]] for j in range(self.run)], dim=2)  # (B, S, R * W)
        filters = self.filters * self.mask
        filters = self._rounded(filters, _scale(filters, each=True))
        values = runs @ filters.flatten(1).T  # (B, S, F)
        maxima = functional.relu(functional.relu(values.amax(1)) + self.filter_shift)
        above = self._embedded(contexts, step)
        hidden = torch.cat([maxima, self._mean(found, pieces), self._mean(above, contexts)], dim=1)
        for number, layer in enumerate(self._layers()):
            if number:
                hidden = functional.relu(hidden)
            hidden = self._rounded(self.dropout(hidden), 1 / STEP)
            weight = self._rounded(layer.weight, 1 / WEIGHT_STEP)
            hidden = functional.linear(hidden, weight, layer.bias)
        return hidden

    def _embedded(self, pieces: Tensor, step: Tensor | float) -> Tensor:
        """The embeddings of pieces, those of the padding 0; rounded here, where they are few, and not as a table."""
        there = (pieces != self.pad).unsqueeze(-1)
        return self._rounded(functional.embedding(pieces.clamp(max=self.pad - 1), self.embeddings), step) * there

    def _mean(self, found: Tensor, pieces: Tensor) -> Tensor:
        return found.sum(1) / (pieces != self.pad).sum(1, keepdim=True).clamp(min=1)

    def _rounded(self, values: Tensor, step: Tensor | float) -> Tensor:
        return values + (torch.round(values / step) * step - values).detach() if self.whole else values

    def weights(self) -> Weights:
        """The student's tables as they are stored."""
        with torch.no_grad():
            scale = _scale(self.embeddings)
            filters = self.filters * self.mask
            each = _scale(filters, each=True)
            return Weights(
                embeddings=_int8(self.embeddings / scale),
                filters=_int8(filters / each),
                filter_scale=(each.flatten() * scale).numpy().astype(np.float32),
                filter_shift=self.filter_shift.numpy().astype(np.float32),
                mean_scale=float(scale),
                dense=tuple((_int16(layer.weight), layer.bias.numpy().astype(np.float32)) for layer in self._layers()),
            )

    def _layers(self) -> list[nn.Linear]:
        return [layer for layer in self.dense if isinstance(layer, nn.Linear)]


def _scale(values: Tensor, *, each: bool = False) -> Tensor:
    """What one whole number is worth: the largest value, of all or of each row, is ``_MOST`` of them."""
    largest = values.detach().abs()
    top = largest.amax(dim=tuple(range(1, values.dim())), keepdim=True) if each else largest.amax()
    return top.clamp(min=1e-6) / _MOST


def _int8(values: Tensor) -> np.ndarray[Any, np.dtype[np.int8]]:
    return torch.round(values).clamp(-_MOST, _MOST).to(torch.int8).numpy()


def _int16(values: Tensor) -> np.ndarray[Any, np.dtype[np.int16]]:
    return torch.round(values * WEIGHT_STEP).clamp(-(2**15) + 1, 2**15 - 1).to(torch.int16).numpy()
