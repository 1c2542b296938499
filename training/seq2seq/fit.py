"""Fine-tuning: the checkpoint's own loss on pairs, the same weights from the same seed."""

import logging
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tqdm import tqdm

from training.checkpoints import write_tensors
from training.pipeline import write_json
from training.schedule import up_and_down
from training.seq2seq.pairs import Pair
from training.seq2seq.recipe import WriterRecipe

logger = logging.getLogger(__name__)

_WEIGHTS = "weights.safetensors"
_IGNORED = -100


def fit(model: Any, tokenizer: Any, pairs: Sequence[Pair], recipe: WriterRecipe, run: Path) -> Any:
    """Fit in place, or load what a run has fitted; write weights and ``history.json`` into ``run``."""
    history = run / "history.json"
    if history.is_file():
        from safetensors.torch import load_file

        model.load_state_dict(load_file(str(run / _WEIGHTS)), strict=False)
        model.tie_weights()
        return model.eval()
    torch.set_num_threads(recipe.threads)
    torch.use_deterministic_algorithms(True)
    started = time.monotonic()
    losses = list(_epochs(model, tokenizer, pairs, recipe))
    write_tensors(run / _WEIGHTS, _untied(model))
    seconds = round(time.monotonic() - started, 1)
    write_json(history, {"n_pairs": len(pairs), "losses": losses, "seconds": seconds})  # last: it makes the run count
    return model.eval()


def _epochs(model: Any, tokenizer: Any, pairs: Sequence[Pair], recipe: WriterRecipe) -> Iterator[float]:
    """The mean loss of each epoch."""
    f = recipe.fit
    n_steps = f.epochs * -(-len(pairs) // f.batch_size)
    optimizer = torch.optim.AdamW(model.parameters(), lr=f.learning_rate, weight_decay=f.weight_decay)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, up_and_down(n_steps, f.warmup))
    for epoch in range(f.epochs):
        torch.manual_seed(recipe.seed * 1000 + epoch)
        model.train()
        found = []
        for batch in tqdm(list(batches(pairs, recipe, epoch)), desc=f"epoch {epoch + 1}", disable=None):
            loss = model(**tensors(tokenizer, batch, recipe)).loss
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            found.append(float(loss.detach()))
        mean = round(float(np.mean(found)), 4)
        logger.info("epoch %d of %d: loss %.4f", epoch + 1, f.epochs, mean)
        yield mean


def batches(pairs: Sequence[Pair], recipe: WriterRecipe, epoch: int) -> Iterator[list[Pair]]:
    """Every pair once, near-equal lengths together, in an order of the seed and the epoch."""
    rng = np.random.default_rng((recipe.seed, epoch))
    size = recipe.fit.batch_size
    order = rng.permutation(len(pairs))
    made: list[list[Pair]] = []
    for start in range(0, len(order), 64 * size):
        part = sorted(order[start : start + 64 * size], key=lambda i: len(pairs[i].source))
        made += [[pairs[i] for i in part[k : k + size]] for k in range(0, len(part), size)]
    return (made[i] for i in rng.permutation(len(made)))


def tensors(tokenizer: Any, batch: Sequence[Pair], recipe: WriterRecipe) -> dict[str, torch.Tensor]:
    """The model's inputs for some pairs: (B, S) ids and mask of the sources, (B, T) ids of the lines."""
    f = recipe.fit
    common = {"padding": True, "truncation": True, "return_tensors": "pt"}
    sources = tokenizer([f.prefix + p.source for p in batch], max_length=f.max_source_tokens, **common)
    lines = tokenizer(text_target=[p.line for p in batch], max_length=f.max_target_tokens, **common)
    labels = lines["input_ids"].masked_fill(lines["attention_mask"] == 0, _IGNORED)
    return {"input_ids": sources["input_ids"], "attention_mask": sources["attention_mask"], "labels": labels}


def _untied(model: Any) -> dict[str, torch.Tensor]:
    """The weights, each once: those that share their memory with another are left to ``tie_weights``."""
    seen: set[int] = set()
    found = {}
    for name, value in model.state_dict().items():
        if value.data_ptr() not in seen:
            seen.add(value.data_ptr())
            found[name] = value
    return found
