"""Find the weights of a summary model. Two runs of one recipe on one machine end in the same bytes."""

import json
import logging
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from tqdm import tqdm

from standfirst.pieces import Pieces, as_arrays
from standfirst.summarize.reading import HEADLINE, Row, place_of, rows_of
from training.fit import make_deterministic
from training.model import build_encoder
from training.recipe import EncoderRecipe
from training.schedule import up_and_down
from training.summary.examples import SOURCES, UNKNOWN, Example
from training.summary.model import SummaryModel, Targets, losses
from training.summary.recipe import SummaryRecipe

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Chosen:
    """A row of training: its pieces, its example, and the shared layers' hidden states (S, H) in half precision."""

    row: Row
    example: Example
    hidden: npt.NDArray[np.float16]


def build(recipe: SummaryRecipe) -> SummaryModel:
    """The model of a recipe, before any training."""
    base = EncoderRecipe(recipe.name, recipe.encoder, recipe.revision, recipe.sha256)
    return SummaryModel(build_encoder(base), recipe.fit.shared_layers, recipe.fit.dropout)


def fit(recipe: SummaryRecipe, examples: Sequence[Example], pieces: Pieces, run: Path) -> SummaryModel:
    """Train, or load what a finished run left in ``run/weights.safetensors``; the losses go to ``run/history.json``.

    A run that was killed finds its hidden states again and trains anew.
    """
    make_deterministic(recipe.seed, recipe.threads)
    model = build(recipe)
    weights = run / "weights.safetensors"
    if weights.is_file():
        model.load_state_dict(load_file(str(weights)))
        return model
    half = recipe.fit.precision == "bfloat16"
    rows = with_hidden(model, examples, pieces, run, half=half)
    n_steps = sum(len(list(_batches(rows, recipe, epoch))) for epoch in range(recipe.fit.epochs))
    optimizer = torch.optim.AdamW(_groups(model, recipe), weight_decay=recipe.fit.weight_decay, fused=True)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, up_and_down(n_steps, recipe.fit.warmup))
    records: list[dict[str, float]] = []
    started = time.monotonic()
    for epoch in range(recipe.fit.epochs):
        torch.manual_seed(recipe.seed * 1000 + epoch)
        for batch in tqdm(_batches(rows, recipe, epoch), desc=f"epoch {epoch + 1}", disable=None):
            records.append(_step(model, batch, optimizer, half=half))
            schedule.step()
            if len(records) % 50 == 0:
                logger.info("step %d of %d: %s, %.0f s", len(records), n_steps, _mean(records[-50:]), _since(started))
    run.mkdir(parents=True, exist_ok=True)
    save_file({k: v.contiguous() for k, v in model.state_dict().items()}, str(weights))
    marks = [_mean(records[i : i + 50]) for i in range(0, len(records), 50)]
    (run / "history.json").write_text(json.dumps({"losses": marks, "seconds": _since(started)}), encoding="utf-8")
    return model


def with_hidden(
    model: SummaryModel, examples: Sequence[Example], pieces: Pieces, run: Path, *, half: bool = False
) -> list[Chosen]:
    """The first row of each example with its hidden states, which are kept in ``run/hidden`` in parts."""
    found: list[Chosen] = []
    folder = run / "hidden"
    folder.mkdir(parents=True, exist_ok=True)
    pairs = [(row, e) for e in examples for row in rows_of(pieces, e.sentences)[:1]]
    for number in tqdm(range(0, len(pairs), _PART), desc="hidden states", disable=None):
        part = pairs[number : number + _PART]
        path = folder / f"{number:06d}.npy"
        if not path.is_file():
            flat = np.concatenate(_hidden(model, [row for row, _ in part], half=half))
            np.save(path.with_suffix(".part.npy"), flat)
            path.with_suffix(".part.npy").replace(path)
        flat = np.load(path)
        edges = np.cumsum([len(row.window.ids) for row, _ in part])[:-1]
        states = np.split(flat, edges)
        found += [Chosen(row, example, state) for (row, example), state in zip(part, states, strict=True)]
    return found


_PART = 256


def _hidden(model: SummaryModel, rows: Sequence[Row], *, half: bool) -> list[npt.NDArray[np.float16]]:
    found: list[npt.NDArray[np.float16]] = [np.zeros((0, 0), dtype=np.float16)] * len(rows)
    order = sorted(range(len(rows)), key=lambda i: rows[i].window.padded)
    with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16, enabled=half):
        for start in range(0, len(order), 16):
            part = order[start : start + 16]
            inputs = {k: torch.from_numpy(v) for k, v in as_arrays([rows[i].window for i in part]).items()}
            for i, states in zip(part, model.shared(**inputs).float().numpy(), strict=True):
                found[i] = states[: len(rows[i].window.ids)].astype(np.float16)
    return found


def _since(started: float) -> float:
    return round(time.monotonic() - started, 1)


def _step(
    model: SummaryModel, batch: Sequence[Chosen], optimizer: torch.optim.Optimizer, *, half: bool
) -> dict[str, float]:
    model.train()
    mask = torch.from_numpy(as_arrays([c.row.window for c in batch])["attention_mask"])
    hidden = torch.zeros(*mask.shape, batch[0].hidden.shape[1])
    for i, chosen in enumerate(batch):
        hidden[i, : len(chosen.hidden)] = torch.from_numpy(chosen.hidden.astype(np.float32))
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=half):
        logits = model(hidden, mask)
    parts = losses(model, logits.float(), targets_of(batch, mask.shape[1]), len(batch))
    if parts:
        optimizer.zero_grad()
        torch.stack(list(parts.values())).sum().backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
    return {name: float(value.detach()) for name, value in parts.items()}


def targets_of(batch: Sequence[Chosen], width: int) -> Targets:
    """What the rows of a batch should say; ``width`` is their padded length."""
    sentences, words = _Means(width), _Means(width)
    places, groups, line, news, sources = [], [], [], [], []
    keep: list[Any] = []
    for number, chosen in enumerate(batch):
        example = chosen.example
        for part in chosen.row.parts:
            sentences.add(number, range(part.start, part.end), [sentences.n] * (part.end - part.start))
            places.append(_place(part.sentence, example))
            groups.append(number)
            line.append(UNKNOWN if example.line is None else example.line[part.sentence])
            news.append(UNKNOWN if example.news is None else example.news[part.sentence])
            wanted = example.keep.get(part.sentence)
            if wanted is not None:
                words.add(number, range(part.start, part.end), [words.n + k for k in part.owners], len(wanted))
                keep += wanted
                sources += [SOURCES.index(example.source)] * len(wanted)
    rows = len(batch)
    return Targets(
        sentences.matrix(rows),
        words.matrix(rows),
        torch.tensor(places),
        torch.tensor(groups),
        torch.tensor(line),
        torch.tensor(news),
        torch.tensor(keep),
        torch.tensor(sources, dtype=torch.long),
    )


def _place(number: int, example: Example) -> int:
    if example.headed:
        return HEADLINE if number == 0 else place_of(number - 1)
    return place_of(number)


class _Means:
    """A sparse matrix that averages pieces: one row per sentence or word, one column per piece of the batch."""

    def __init__(self, width: int) -> None:
        self.width = width
        self.n = 0
        self.rows: list[int] = []
        self.columns: list[int] = []

    def add(self, row: int, pieces: range, owners: Sequence[int], count: int = 1) -> None:
        self.rows += owners
        self.columns += [row * self.width + piece for piece in pieces]
        self.n += count

    def matrix(self, n_rows: int) -> Tensor:
        counts = np.bincount(self.rows, minlength=self.n) if self.rows else np.zeros(self.n)
        values = [1 / counts[i] for i in self.rows]
        places = torch.tensor([self.rows, self.columns], dtype=torch.long).reshape(2, -1)
        size = (self.n, n_rows * self.width)
        return torch.sparse_coo_tensor(places, torch.tensor(values, dtype=torch.float32), size, check_invariants=False)


def _batches(rows: Sequence[Chosen], recipe: SummaryRecipe, epoch: int) -> Iterator[list[Chosen]]:
    """Every row once, in batches of near-equal length and a limited number of pieces, in random order."""
    rng = np.random.default_rng((recipe.seed, epoch))
    order = rng.permutation(len(rows))
    batches: list[list[int]] = []
    for start in range(0, len(order), 512):
        batch: list[int] = []
        for index in sorted(order[start : start + 512], key=lambda k: rows[k].row.window.padded):
            if batch and (len(batch) + 1) * rows[index].row.window.padded > recipe.fit.batch_tokens:
                batches.append(batch)
                batch = []
            batch.append(index)
        batches.append(batch)
    for number in rng.permutation(len(batches)):
        yield [rows[i] for i in batches[number]]


def _groups(model: SummaryModel, recipe: SummaryRecipe) -> list[dict[str, object]]:
    return [
        {"params": list(model.tuned.parameters()), "lr": recipe.fit.learning_rate},
        {"params": list(model.head.parameters()), "lr": recipe.fit.head_learning_rate},
        {"params": [model.places, model.rates], "lr": recipe.fit.head_learning_rate * 5, "weight_decay": 0.0},
    ]


def _mean(records: Sequence[dict[str, float]]) -> dict[str, float]:
    names = sorted({name for record in records for name in record})
    return {n: round(float(np.mean([r[n] for r in records if n in r])), 4) for n in names}
