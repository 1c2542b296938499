"""The shipped summary model, measured from its ONNX file through the code that serves it."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import standfirst
from standfirst.manifest import file_sha256
from standfirst.reader import MODELS
from standfirst.summarize import Summarizer
from training.check_lines import violations
from training.summary import evaluate

pytestmark = [pytest.mark.gate, pytest.mark.slow]

BLOGS = 15


@pytest.fixture(scope="module")
def summarizer() -> Summarizer:
    found = Summarizer.load(MODELS / "summary")
    if found.heads is None:
        pytest.skip("the shipped summary model is an encoder alone")
    return found


@pytest.mark.parametrize(
    ("floor", "name", "headlines"),
    [
        ("summary_digest_bbc_sentences_r1", "bbc_valid", False),
        ("summary_digest_bbc_headlines_r1", "bbc_valid", True),
        ("summary_digest_guardian_headlines_r1", "guardian_valid", True),
    ],
)
def test_digests(
    summarizer: Summarizer, shared: Path, hold: Callable[..., None], floor: str, name: str, headlines: bool
) -> None:
    path = shared / "data" / "liveblogs" / f"{name}.jsonl.gz"
    found = evaluate.digests(path, summarizer, headlines=headlines, limit=BLOGS)
    hold(floor, float(np.mean([r.recall[0] for r in found])), data=file_sha256(path), margin=0.01)


def test_words(summarizer: Summarizer, shared: Path, hold: Callable[..., None]) -> None:
    path = shared / "data" / "compression" / "news_pairs.jsonl"
    _, held_out = evaluate.news_split(shared / "data")
    figures = evaluate.words(summarizer, [(t, [s]) for t, s in held_out])
    assert figures["heads"]["f1"] > figures["lead"]["f1"] + 0.05
    hold("summary_news_words_f1", figures["heads"]["f1"], data=file_sha256(path))


def test_every_line_of_the_sample_is_faithful(shared: Path) -> None:
    blog = standfirst.parse((shared / "samples" / "ukraine-2023-09-05.txt").read_bytes())
    reader = standfirst.load()
    for update in (blog.opening, *blog.updates):
        line = reader.summary.standfirst(update, lines="generated")
        if line is not None:
            named = {p.paragraph_id for p in line.pieces}
            assert violations(line, [p for p in update if p.id in named]) == []
