"""Checkpoints of a fit: one after every epoch, from which a killed run goes on to the same bytes."""

import json
import logging
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from training.folders import new_file

logger = logging.getLogger(__name__)


def save(
    folder: Path,
    epoch: int,
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
    schedule: torch.optim.lr_scheduler.LambdaLR,
    *,
    record: Mapping[str, Any],
) -> None:
    """Write one checkpoint; its JSON comes last and makes it count."""
    stem = folder / f"epoch-{epoch:03d}"
    state = optimizer.state_dict()
    moments = {f"{key}.{name}": value for key, entry in state["state"].items() for name, value in entry.items()}
    write_tensors(stem.with_suffix(".safetensors"), model.state_dict())
    write_tensors(folder / f"optimizer-{epoch:03d}.safetensors", moments)
    with new_file(stem.with_suffix(".json")) as part:
        part.write_text(json.dumps({**record, "last_step": schedule.last_epoch}), encoding="utf-8")
    for old in folder.glob("optimizer-*.safetensors"):
        if old.name < f"optimizer-{epoch:03d}.safetensors":
            old.unlink()


def write_tensors(path: Path, tensors: Mapping[str, Tensor]) -> None:
    """Write safetensors so that the file is whole or not there; a full disk is an ``OSError`` as elsewhere."""
    with new_file(path) as part:
        try:
            save_file({k: v.contiguous() for k, v in tensors.items()}, str(part))
        except SafetensorError as error:  # what the system said is in its text alone
            number = re.search(r"os error (\d+)", str(error))
            if number is None:
                raise
            raise OSError(int(number[1]), os.strerror(int(number[1])), str(path)) from None


def finished(folder: Path, epochs: int) -> bool:
    """Whether a fit of so many epochs ended here."""
    return (folder / f"epoch-{epochs:03d}.json").is_file()


def resume(
    folder: Path,
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
    schedule: torch.optim.lr_scheduler.LambdaLR,
) -> int:
    """Load the last whole checkpoint into all three; return how many epochs are done."""
    marks = sorted(folder.glob("epoch-*.json"))
    if not marks:
        return 0
    record = json.loads(marks[-1].read_text(encoding="utf-8"))
    epoch = int(record["epoch"])
    model.load_state_dict(load_file(str(marks[-1].with_suffix(".safetensors"))))
    state = optimizer.state_dict()
    entries: dict[int, dict[str, Tensor]] = {}
    for key, value in load_file(str(folder / f"optimizer-{epoch:03d}.safetensors")).items():
        number, name = key.split(".", 1)
        entries.setdefault(int(number), {})[name] = value
    optimizer.load_state_dict({"state": entries, "param_groups": state["param_groups"]})
    schedule.last_epoch = int(record["last_step"])
    for group, rate, factor in zip(optimizer.param_groups, schedule.base_lrs, schedule.lr_lambdas, strict=True):
        group["lr"] = rate * factor(schedule.last_epoch)
    logger.info("resuming after epoch %d", epoch)
    return epoch


def average(folder: Path, model: nn.Module, epochs: Iterable[int]) -> None:
    """Replace the weights by the mean of these epochs' weights."""
    load_mean(model, [load_file(str(folder / f"epoch-{epoch:03d}.safetensors")) for epoch in epochs])


def load_mean(model: nn.Module, states: Sequence[Mapping[str, Tensor]]) -> None:
    """Replace the weights by the mean of these."""
    model.load_state_dict({k: torch.stack([s[k] for s in states]).mean(0) for k in states[0]})
