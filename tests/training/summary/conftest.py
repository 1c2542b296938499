"""A data folder of invented live blogs, in the form of the public ones, in the tiny encoder's vocabulary."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from training.summary.pipeline import SummaryPlan, prepare

RECIPE = """\
name = "tiny"
task = "summary"
encoder = "{encoder}"
[data]
n_paired = 12
n_headlined = 6
n_digested = 12
n_compressed = 12
n_blogs = 4
n_scored = 2
[fit]
epochs = {epochs}
batch_tokens = 256
learning_rate = 3e-3
head_learning_rate = 3e-2
shared_layers = 1
row_tokens = 48
precision = "bfloat16"
max_tokens = 64
"""
FILLERS = "port city power storm market rain two three forty monday night army".split()
NEWS = "drone missile minister envoy convoy sanctions".split()


def sentence(rng: np.random.Generator, subject: str) -> str:
    words = rng.choice(FILLERS, size=6, replace=False).tolist()
    return f"the {subject} hit the {words[0]} , in the {words[1]} of {words[2]} , on {words[3]} ."


def blog(number: int) -> dict:
    """Four updates of two sentences; the one with news in it is told by the bullet."""
    rng = np.random.default_rng(number)
    updates, bullets = [], []
    for k in range(6):
        subject = str(rng.choice(NEWS)) if k < 2 else "ferry"
        first, second = sentence(rng, subject), sentence(rng, "leader")
        place = first.split()[4]
        headline = f"{subject} hit the {place}"
        if k < 2:
            bullets.append(f"{headline} .")
        updates.append({"block_id": f"b{number}-{k}", "title": headline if k % 2 else "", "text": [first, second]})
    return {"blog_id": f"blog{number}", "title": "storm in the city", "summary": bullets, "documents": updates}


def write_blogs(path: Path, numbers: range) -> None:
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(blog(n)) + "\n" for n in numbers)


def write_rows(path: Path, rows: list[dict]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


@pytest.fixture(scope="session")
def data_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    blogs, pairs = folder / "liveblogs", []
    blogs.mkdir()
    (folder / "compression").mkdir()
    for part, numbers in (("bbc_train", range(4)), ("guardian_train", range(10, 14))):
        write_blogs(blogs / f"{part}.jsonl.gz", numbers)
        for number in numbers:
            made = blog(number)
            for update in made["documents"]:
                if update["title"]:
                    row = {"split": "train", "blog_id": made["blog_id"], "block_id": update["block_id"]}
                    pairs.append(row | {"headline": update["title"], "sentence": update["text"][0]})
    write_blogs(blogs / "bbc_valid.jsonl.gz", range(20, 22))
    write_blogs(blogs / "guardian_valid.jsonl.gz", range(30, 32))
    write_rows(blogs / "headline_sentence_pairs.jsonl", pairs)
    rng = np.random.default_rng(1)
    texts = [sentence(rng, "drone") for _ in range(160)]
    shorts = [" ".join(t.split()[:5]) + " ." for t in texts]
    short = [{"split": "train", "sentence": t, "compression": s} for t, s in zip(texts, shorts, strict=True)]
    write_rows(blogs / "bullet_compressions.jsonl", short[:10])
    write_rows(
        folder / "compression" / "news_pairs.jsonl",
        [{"text": t, "compression": s} for t, s in zip(texts, shorts, strict=True)],
    )
    write_rows(
        folder / "compression" / "bnc.jsonl",
        [{"text": t, "compressions": [s, s]} for t, s in zip(texts[:10], shorts, strict=False)],
    )
    return folder


@pytest.fixture
def plan(data_folder: Path, tiny_encoder: Path, tmp_path: Path) -> Callable[..., SummaryPlan]:
    """Prepare a run of the tiny recipe."""

    def make(name: str = "run", *, epochs: int = 1) -> SummaryPlan:
        recipe = tmp_path / "tiny.toml"
        recipe.write_text(RECIPE.format(encoder=tiny_encoder.as_posix(), epochs=epochs), encoding="utf-8")
        return prepare(recipe, tmp_path / name, data_folder)

    return make
