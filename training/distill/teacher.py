"""What the teacher says of each text, asked once: its logits are kept in parts, so that a killed run goes on."""

import logging
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors.numpy import load_file, save

from standfirst.classify import TopicClassifier
from training.distill.texts import Text
from training.folders import new_file

logger = logging.getLogger(__name__)

Floats = npt.NDArray[np.floating[Any]]

_PART = 1000
_EVERY_S = 30.0


def teacher_logits(teacher: TopicClassifier, texts: Sequence[Text], folder: Path) -> Floats:
    """Logits (N, L) of each text under its context; ``folder`` belongs to these texts and this teacher alone."""
    folder.mkdir(parents=True, exist_ok=True)
    parts: list[Floats] = []
    began = said = time.monotonic()
    n_new = 0
    for start in range(0, len(texts), _PART):
        path = folder / f"part-{start // _PART:05d}.safetensors"
        some = texts[start : start + _PART]
        if not path.is_file():
            logits = teacher.logits([t.text for t in some], [t.context or None for t in some])
            with new_file(path) as part:
                part.write_bytes(save({"logits": logits}))
            n_new += len(some)
            now = time.monotonic()
            if now - said > _EVERY_S:
                said = now
                left_s = (len(texts) - start - len(some)) * (now - began) / n_new
                logger.info("the teacher: %d of %d texts, %.0f s left", start + len(some), len(texts), left_s)
        parts.append(load_file(path)["logits"])
    return np.concatenate(parts)
