"""The summary model in torch: a frozen encoder, a tuned copy of its upper layers, and a linear head of three columns.

The lower layers are shared. The encoder's own upper layers stay as they are and give sentence vectors, by which
likeness and repetition are told; the tuned copy reads the same hidden states and gives salience and keep/drop. One
pass gives both, and what is frozen is computed once in training.
"""

import copy
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from standfirst.summarize.reading import N_PLACES
from training.model import mean_of_paragraph
from training.summary.examples import SOURCES


class SummaryModel(nn.Module):
    """Logits (B, S, 3) of word pieces from the shared layers' hidden states, and the small tables that go with them.

    ``places`` (N_PLACES, 2) is added to a sentence's ``line`` and ``news``, ``rates`` (number of sources) to its
    words' ``keep``: how readily words are dropped is a habit of the source and not of the sentence.
    """

    def __init__(self, encoder: nn.Module, shared_layers: int, dropout: float) -> None:
        super().__init__()
        self.encoder = encoder.requires_grad_(False).eval()
        self.shared_layers = shared_layers
        layers: Any = encoder.encoder
        self.tuned = copy.deepcopy(layers.layer[shared_layers:]).requires_grad_(True)
        self.dropout = nn.Dropout(dropout)
        config: Any = encoder.config
        self.head = nn.Linear(config.hidden_size, 3)
        self.places = nn.Parameter(torch.zeros(N_PLACES, 2))
        self.rates = nn.Parameter(torch.zeros(len(SOURCES)))
        nn.init.normal_(self.head.weight, std=0.02)
        nn.init.zeros_(self.head.bias)
        for module in self.tuned.modules():
            if isinstance(module, nn.Dropout):
                module.p = dropout

    def shared(self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor) -> Tensor:
        """The hidden states behind the shared layers (B, S, H)."""
        base: Any = self.encoder.eval()
        hidden: Tensor = base.embeddings(input_ids=input_ids, token_type_ids=token_type_ids)
        return _through(base.encoder.layer[: self.shared_layers], hidden, attention_mask)

    def own(self, hidden: Tensor, attention_mask: Tensor) -> Tensor:
        """The encoder's own upper layers on shared hidden states (B, S, H)."""
        base: Any = self.encoder.eval()
        return _through(base.encoder.layer[self.shared_layers :], hidden, attention_mask)

    def upper(self, hidden: Tensor, attention_mask: Tensor) -> Tensor:
        """The tuned layers on shared hidden states (B, S, H)."""
        return _through(self.tuned, hidden, attention_mask)

    def forward(self, hidden: Tensor, attention_mask: Tensor) -> Tensor:
        logits: Tensor = self.head(self.dropout(self.upper(hidden, attention_mask)))
        return logits  # (B, S, 3)


def _through(layers: Any, hidden: Tensor, attention_mask: Tensor) -> Tensor:
    """Hidden states (B, S, H) behind some layers."""
    mask = (1.0 - attention_mask[:, None, None, :].to(hidden.dtype)) * -1e4  # (B, 1, 1, S)
    for layer in layers:
        out = layer(hidden, mask)
        hidden = out[0] if isinstance(out, tuple) else out
    return hidden


class ExportSummary(nn.Module):
    """What is served: the mean over a text's pieces (B, H), and the head's columns for each piece (B, S, 3).

    Written row by row, as in ``training.model.ExportModel``, so that no text depends on its batch-mates.
    """

    def __init__(self, model: SummaryModel) -> None:
        super().__init__()
        self.model = model
        self.encoder = model.encoder

    def forward(self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor) -> tuple[Tensor, Tensor]:
        shared = self.model.shared(input_ids, attention_mask, token_type_ids)
        last = self.model.own(shared, attention_mask)
        hidden = self.model.upper(shared, attention_mask)
        weight, bias = self.model.head.weight, self.model.head.bias
        columns = [(hidden * weight[i]).sum(-1, keepdim=True) + bias[i] for i in range(3)]  # (B, S, 1) each
        return mean_of_paragraph(last, attention_mask, token_type_ids), torch.cat(columns, dim=-1)


@dataclass(frozen=True)
class Targets:
    """What a batch of R rows should say; sentences (N) and words (W) are counted over the whole batch.

    ``sentences`` (N, R * S) and ``words`` (W, R * S) average pieces (sparse); -1 is unknown.
    """

    sentences: Tensor
    words: Tensor
    places: Tensor  # (N,)
    groups: Tensor  # (N,) the row's number: line is a choice within it
    line: Tensor  # (N,)
    news: Tensor  # (N,)
    keep: Tensor  # (W,)
    sources: Tensor  # (W,)


def losses(model: SummaryModel, logits: Tensor, targets: Targets, n_rows: int) -> dict[str, Tensor]:
    """The mean loss of each task in a batch; a task that nobody knows a target for is left out."""
    flat = logits.reshape(-1, 3)  # (R * S, 3)
    found: dict[str, Tensor] = {}
    by_sentence = torch.sparse.mm(targets.sentences, flat)[:, :2] + model.places[targets.places]  # (N, 2)
    known = targets.line >= 0
    if known.any():
        logs = by_sentence[known, 0]
        groups = targets.groups[known]
        top = torch.full((n_rows,), -1e9).scatter_reduce(0, groups, logs.detach(), "amax")
        total = torch.zeros(n_rows).index_add(0, groups, (logs - top[groups]).exp())
        log_probs = logs - top[groups] - total[groups].log()
        found["line"] = -(targets.line[known] * log_probs).sum() / len(set(groups.tolist()))
    known = targets.news >= 0
    if known.any():
        found["news"] = nn.functional.binary_cross_entropy_with_logits(by_sentence[known, 1], targets.news[known])
    known = targets.keep >= 0
    if known.any():
        by_word = torch.sparse.mm(targets.words, flat)[:, 2] + model.rates[targets.sources]  # (W,)
        found["keep"] = nn.functional.binary_cross_entropy_with_logits(by_word[known], targets.keep[known])
    return found
