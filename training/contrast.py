"""For few examples: the encoder first learns which texts share labels, and the head starts from what it learnt.

A head of random numbers needs hundreds of steps before it says anything; pairs are many even where texts are few.
The stage draws texts with the same labels together and others apart, and changes the encoder alone. Then each label's
row of the head is a logistic regression on the texts' embeddings. What comes out is an ordinary ``TopicModel``.

References
----------
Khosla et al. 2020, "Supervised Contrastive Learning", section 3.2 (the loss that sums outside the logarithm).
Tunstall et al. 2022, "Efficient Few-Shot Learning Without Prompts", section 3 (the two stages).
"""

import logging
import math
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from sklearn.linear_model import LogisticRegression
from torch import Tensor, nn

from standfirst.classify import together
from standfirst.pieces import Pieces, as_arrays
from training import checkpoints
from training.batches import read_windows, shown_contexts, shown_windows
from training.data import Example
from training.model import TopicModel, mean_of_paragraph
from training.progress import Progress
from training.recipe import Recipe
from training.schedule import up_and_down

Floats = npt.NDArray[np.floating[Any]]
Bools = npt.NDArray[np.bool_]
Inputs = dict[str, Tensor]

logger = logging.getLogger(__name__)

_STRENGTH = 10.0
"""Inverse of the ridge on a head's row, for embeddings of mean length 1. With 16 texts a label on `cameo_class`, frozen
and one draw, 10 gave test macro-F1 .430 and 1 gave .404 (2026-11-23, one regression for all labels together)."""


def likeness(gold: Tensor) -> Tensor:
    """How alike the labels of two texts are, in [0, 1]: (B, L) -> (B, B).

    The share of their labels that they have in common (Jaccard): 1 or 0 where every text has one label. A text without
    labels is like no other: "none of these" is no topic. Nothing is paired with itself.

    >>> likeness(torch.tensor([[1, 1], [1, 0], [0, 0]])).tolist()
    [[0.0, 0.5, 0.0], [0.5, 0.0, 0.0], [0.0, 0.0, 0.0]]
    """
    gold = gold.float()
    both = gold @ gold.T  # (B, B)
    counts = gold.sum(1)
    either = counts[:, None] + counts[None, :] - both
    return (both / either.clamp(min=1)).fill_diagonal_(0.0)


def contrastive_loss(embeddings: Tensor, alike: Tensor, temperature: float) -> Tensor:
    """Mean over texts of -log softmax(cosine / temperature) at the texts like it, weighed by how alike they are.

    ``embeddings`` (B, H), ``alike`` (B, B). Texts like no other in the batch only push others away; if all are such,
    the loss is 0.
    """
    unit = nn.functional.normalize(embeddings, dim=1)
    itself = torch.eye(len(unit), dtype=torch.bool)
    logits = (unit @ unit.T / temperature).masked_fill(itself, -torch.inf)  # (B, B)
    log_probs = torch.log_softmax(logits, dim=1).masked_fill(itself, 0.0)
    weight = alike.sum(1)
    anchors = weight > 0
    if not bool(anchors.any()):
        return (embeddings * 0).sum()
    return -((alike * log_probs).sum(1)[anchors] / weight[anchors]).mean()


def draw_together(  # noqa: PLR0917
    model: TopicModel,
    recipe: Recipe,
    examples: Sequence[Example],
    gold: Bools,
    pieces: Pieces,
    folder: Path,
) -> None:
    """Train the encoder of ``model`` by ``recipe.contrast``, with a checkpoint in ``folder`` after every epoch.

    A killed stage goes on to the same bytes.
    """
    stage = recipe.contrast
    optimizer = torch.optim.AdamW(model.encoder.parameters(), lr=stage.learning_rate, weight_decay=0.01, fused=True)
    steps = n_batches(len(examples), stage.batch_size)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, up_and_down(steps * stage.epochs, 0.1))
    folder.mkdir(parents=True, exist_ok=True)
    done = checkpoints.resume(folder, model, optimizer, schedule)
    progress = Progress(stage.epochs, steps, done, stage="contrast")
    for epoch in range(done, stage.epochs):
        torch.manual_seed(recipe.seed * 1000 + 500 + epoch)  # other numbers than the epochs of `fit`
        rng = np.random.default_rng((recipe.seed, 1, epoch))
        batches = contrast_batches(examples, gold, pieces, recipe, rng)
        started = time.monotonic()
        shown, half = progress.epoch(epoch + 1, batches), recipe.fit.precision == "bfloat16"
        loss = _one_epoch(model, shown, optimizer, schedule, stage.temperature, progress.loss, half=half)
        record = {"epoch": epoch + 1, "loss": loss, "seconds": time.monotonic() - started}
        logger.info("contrast %(epoch)d: loss %(loss).4f, %(seconds).0f s", record)
        checkpoints.save(folder, epoch + 1, model, optimizer, schedule, record=record)
        _drop_weights_before(folder, epoch + 1)


def _drop_weights_before(folder: Path, epoch: int) -> None:
    """Delete the weights of earlier epochs: nothing averages them, and twenty would fill gigabytes. Records stay."""
    for old in folder.glob("epoch-*.safetensors"):
        if old.name < f"epoch-{epoch:03d}.safetensors":
            old.unlink()


def n_batches(n_examples: int, batch_size: int) -> int:
    """Batches in an epoch: none is smaller than ``batch_size`` unless there are fewer examples."""
    return max(n_examples // batch_size, 1)


def contrast_batches(
    examples: Sequence[Example], gold: Bools, pieces: Pieces, recipe: Recipe, rng: np.random.Generator
) -> Iterator[tuple[Inputs, Tensor]]:
    """Yield every example once, with its labels (B, L), in batches at random.

    Not by length, as ``epoch_batches`` does it: in a small set a text would meet the same few others in every epoch.
    """
    rows = shown_windows(pieces, examples, shown_contexts(examples, recipe.context, rng), recipe.fit.windows, rng)
    order = rng.permutation(len(rows))
    for chosen in np.array_split(order, n_batches(len(rows), recipe.contrast.batch_size)):
        inputs = {name: torch.from_numpy(a) for name, a in as_arrays([rows[k] for k in chosen]).items()}
        yield inputs, torch.from_numpy(gold[chosen])


def start_head(
    model: TopicModel, examples: Sequence[Example], gold: Bools, pieces: Pieces, reads: str = "highest"
) -> None:
    """Make each row of the head the logistic regression of its label on the embeddings of ``examples``.

    The embeddings are divided by their mean length for the fit, and the head's rows after it, so that the ridge means
    the same for every encoder. A label that all examples have, or none, gets a row of zeros and its share's log-odds.
    """
    found = embeddings(model, pieces, examples, reads)
    length = float(np.linalg.norm(found, axis=1).mean())
    for row, truth in enumerate(gold.T):
        if 0 < truth.sum() < len(truth):
            line = LogisticRegression(C=_STRENGTH, max_iter=2000).fit(found / length, truth)
            weight, bias = line.coef_[0] / length, float(line.intercept_[0])
        else:
            weight, bias = np.zeros(found.shape[1]), math.log((truth.sum() + 0.5) / (len(truth) - truth.sum() + 0.5))
        with torch.no_grad():
            model.head.weight[row] = torch.from_numpy(weight.astype(np.float32))
            model.head.bias[row] = bias


def embeddings(model: TopicModel, pieces: Pieces, examples: Sequence[Example], reads: str = "highest") -> Floats:
    """What the head reads (N, H), for each example under its own context; of a long text as ``read_windows`` says."""
    rows = read_windows(pieces, examples, [e.context for e in examples], reads)
    order = sorted(range(len(rows)), key=lambda i: len(rows[i].ids))
    out = np.zeros((len(rows), model.head.in_features), dtype=np.float32)
    model.eval()
    with torch.inference_mode():
        for start in range(0, len(order), 32):
            part = order[start : start + 32]
            inputs = {name: torch.from_numpy(a) for name, a in as_arrays([rows[i] for i in part]).items()}
            out[part] = _pooled(model, inputs).numpy()
    return together(rows, out, len(examples), reads).astype(np.float64)


def _pooled(model: TopicModel, inputs: Inputs) -> Tensor:
    hidden = model.encoder(**inputs).last_hidden_state  # (B, S, H)
    return mean_of_paragraph(hidden, inputs["attention_mask"], inputs["token_type_ids"])  # (B, H)


def _one_epoch(  # noqa: PLR0917
    model: TopicModel,
    batches: Iterable[tuple[Inputs, Tensor]],
    optimizer: torch.optim.Optimizer,
    schedule: torch.optim.lr_scheduler.LambdaLR,
    temperature: float,
    tell: Callable[[float], None],
    *,
    half: bool,
) -> float:
    model.train()
    losses = []
    for inputs, gold in batches:
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=half):
            found = _pooled(model, inputs)  # (B, H)
        loss = contrastive_loss(found.float(), likeness(gold), temperature)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(model.encoder.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        losses.append(loss.item())
        tell(losses[-1])
    return float(np.mean(losses))
