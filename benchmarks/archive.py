"""Archive jobs beside a plain ``datasets.map``: rows a second, growth, memory, and the encoder's own rate.

``python -m benchmarks.archive [--rows N] [--growth 1,3,10] [--fast N] [--peer-rows N] [--data-dir DIR] [--checkpoint
FILE]``. The rows are paragraphs of our corpus and, where ``--data-dir`` has them, of public news (``topics/pool``) and
live blogs (a sentence each), shuffled, none twice; a corpus that is too small is taken again with a number behind
each text. First the encoder alone, then the peer, then the jobs, one after the other, each in processes of its own.

The encoder alone is the fastest that we know how to run it: a process of one thread on every core, word pieces ready,
rows sorted by length. The peer is ``datasets.map`` over ``transformers.pipeline("feature-extraction")`` and a
head in float32, row by row and in batches; with ``--checkpoint`` it has the very weights that the shipped model was
quantised from. CPU seconds compare even where something else runs on the machine; rows a second only where nothing
does. ``--fast N`` runs a job of N rows once more in the fast tier, with the shipped student or ``--fast-model DIR``.
"""

import argparse
import json
import random
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

import psutil

from benchmarks.speed import ROOT, paragraphs, plain_pipeline
from standfirst.cores import cores
from training.commands.places import data_dir

_PEER_BATCH = 32
_RAW_ROWS = 10
"""The encoder alone is given so many times the peer's rows: it is so much faster, and a rate of few rows is a guess."""

_SAMPLED_EVERY_S = 1.0
"""Memory is sampled so seldom because a sample costs 9 ms of CPU time: five a second took 2 % of two cores."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run all and print one Markdown table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.archive", description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000, metavar="N", help="rows of one job (default 10,000)")
    parser.add_argument("--growth", default="1", metavar="N,N", help="jobs of so many times the rows (1,3,10)")
    parser.add_argument("--fast", type=int, default=0, metavar="N", help="rows of a job in the fast tier")
    parser.add_argument("--peer-rows", type=int, default=300, metavar="N", help="rows of the peer (default 300)")
    parser.add_argument("--data-dir", metavar="DIR", help="folder with more texts (default: that of training)")
    parser.add_argument("--checkpoint", default="", metavar="FILE", help="weights for the peer (safetensors)")
    parser.add_argument("--fast-model", type=Path, default=ROOT / "standfirst" / "models" / "fast", metavar="DIR")
    parser.add_argument("--part", choices=sorted(PARTS), help=argparse.SUPPRESS)
    args = parser.parse_args(argv)
    if args.part:
        print(json.dumps(PARTS[args.part](json.load(sys.stdin), args.checkpoint)))
        return 0
    sizes = [args.rows * times for times in map(int, args.growth.split(","))]
    rows = texts(max(*sizes, args.fast, _RAW_ROWS * args.peer_rows), data_dir(args.data_dir))
    n_chars = sum(map(len, rows)) / len(rows)
    print(f"{cores()} cores, {len(rows):,} different texts of {n_chars:.0f} characters\n")
    print(
        "| | rows | seconds | rows/s | of the encoder's rate | of the peer's | CPU s per 1,000 | memory | bytes a row |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    raw = _encoder_rate(rows[: _RAW_ROWS * args.peer_rows])
    peer = _peers(rows[: args.peer_rows], args.checkpoint)
    for size in sizes:
        _job(rows[:size], raw, peer)
    if args.fast:
        _job(rows[: args.fast], raw, peer, args.fast_model)
    return 0


def texts(count: int, data: Path | None) -> list[str]:
    """So many different texts of the corpus and, if it is there, of the folder of public data."""
    found = list(dict.fromkeys(islice(chain(paragraphs(10_000), _public(data) if data else ()), 2 * count)))
    if len(found) < count:
        found = [f"{found[n % len(found)]} {n // len(found)}" for n in range(count)]
    random.Random(1).shuffle(found)
    return found[:count]


def _public(data: Path) -> Iterator[str]:
    from training.summary.blogs import read_raw

    for name in ("cnn_headlines", "ukraine_articles", "current_events"):
        path = data / "topics" / "pool" / f"{name}.jsonl"
        for row in map(json.loads, path.open(encoding="utf-8") if path.exists() else ()):
            yield from row.get("paragraphs") or [row["text"]]
    path = data / "liveblogs" / "bbc_valid.jsonl.gz"
    for blog in read_raw(path) if path.exists() else ():
        for update in blog.updates:
            yield from update.sentences


def _encoder_rate(rows: list[str]) -> float:
    """Print and give the rows a second of as many processes as cores."""
    share = [rows[n :: cores()] for n in range(cores())]
    found = [_end(process) for process in [_begin("raw", part) for part in share]]
    rate, cpu = sum(rate for rate, _ in found), sum(cpu for _, cpu in found) / len(found)
    print(f"| encoder alone | {len(rows):,} | | {rate:.0f} | | | {cpu:.1f} | | |", flush=True)
    return rate


def _peers(rows: list[str], checkpoint: str) -> float:
    """Print the peers' rows a second, and give that of the plain one."""
    plain = 0.0
    for name, words in (("peer", "row by row"), ("peer_in_batches", f"in batches of {_PEER_BATCH}")):
        rate, cpu = _end(_begin(name, rows, checkpoint))
        plain = plain or rate
        title = f"`datasets.map` over a transformers pipeline, {words}"
        print(f"| {title} | {len(rows):,} | | {rate:.0f} | | {rate / plain:.1f}x | {cpu:.1f} | | |", flush=True)
    return plain


def _job(rows: list[str], raw: float, peer: float, student: Path | None = None) -> None:
    """Run ``standfirst score`` on the rows and print what it took, its start included."""
    before = _cpu_s()
    found = _scored(rows, student)
    cpu = (_cpu_s() - before) / len(rows) * 1000
    rate = len(rows) / found.seconds
    name = "`standfirst score`"
    if student is not None:
        name = f"`standfirst score --tier fast`, {found.share_handed_on:.1%} handed on"
    print(
        f"| {name} | {len(rows):,} | {found.seconds:.0f} | {rate:.0f} | {rate / raw:.0%} | {rate / peer:.1f}x "
        f"| {cpu:.1f} | {found.peak / 2**20:.0f} MiB ({found.peak_first / 2**20:.0f} in the first process) "
        f"| {found.n_bytes / len(rows):.0f} bytes a row |",
        flush=True,
    )


@dataclass(frozen=True)
class Found:
    """Seconds of a job, its start included; peaks of memory, of all its processes and of the one that was started.

    ``n_bytes`` are what it wrote; the peak of the one process need not be of the same moment as that of all.
    """

    seconds: float
    peak: int
    peak_first: int
    n_bytes: int
    share_handed_on: float


def _scored(rows: list[str], student: Path | None) -> Found:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "in.jsonl")
        path.write_text("".join(json.dumps({"id": n, "text": t}) + "\n" for n, t in enumerate(rows)))
        command = [sys.executable, "-m", "standfirst", "score", str(path), "--output", f"{folder}/out"]
        command += ["--tier", "fast", "--fast-model", str(student)] if student else []
        began = time.perf_counter()
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
        peaks = [0, 0]
        threading.Thread(target=_watch, args=(process.pid, peaks), daemon=True).start()
        if process.wait():
            raise SystemExit("standfirst score failed")
        seconds = time.perf_counter() - began
        report = json.loads(Path(folder, "out", "report.json").read_text())
        return Found(seconds, peaks[0], peaks[1], report["n_bytes"], report.get("share_handed_on", 1.0))


def _watch(pid: int, peaks: list[int]) -> None:
    """Sample the memory of a process and its children; a page that they share counts once."""
    try:
        while True:
            family = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
            taken = [p.memory_full_info().pss for p in family]
            peaks[:] = max(peaks[0], sum(taken)), max(peaks[1], taken[0])
            time.sleep(_SAMPLED_EVERY_S)
    except psutil.Error:
        return


def _cpu_s() -> float:
    """CPU seconds of the processes that this one has waited for, and of theirs."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _begin(part: str, rows: list[str], checkpoint: str = "") -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "benchmarks.archive", "--part", part]
    command += ["--checkpoint", checkpoint] if checkpoint else []
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None
    json.dump(rows, process.stdin)
    process.stdin.close()
    return process


def _end(process: "subprocess.Popen[str]") -> tuple[float, float]:
    assert process.stdout is not None
    out = process.stdout.read()
    if process.wait():
        raise SystemExit("a part failed; see above")
    rate, cpu = json.loads(out.splitlines()[-1])
    return rate, cpu


def _timed(work: Callable[[], object], count: int) -> list[float]:
    """Rows a second of ``work`` on so many rows, and CPU seconds of 1,000."""
    began, cpu = time.perf_counter(), time.process_time()
    work()
    return [count / (time.perf_counter() - began), (time.process_time() - cpu) / count * 1000]


def _raw(rows: list[str], _checkpoint: str) -> list[float]:
    from standfirst.classify import TopicClassifier
    from standfirst.reader import MODELS

    topics = TopicClassifier.load(MODELS / "topics", threads=1)
    windows = topics.pieces.windows(rows, [None] * len(rows))
    topics._encoder.run(windows[:64])
    return _timed(lambda: topics._encoder.run(windows), len(rows))


def _peer(rows: list[str], checkpoint: str, batch_size: int = 1) -> list[float]:
    import datasets
    import torch

    datasets.disable_progress_bars()
    datasets.disable_caching()
    encode, head = plain_pipeline(checkpoint)

    def score(batch: dict[str, list[str]]) -> dict[str, list[list[float]]]:
        with torch.inference_mode():
            found = encode(batch["text"], batch_size=batch_size, return_tensors="pt", truncation=True)
            return {"scores": [torch.sigmoid(head(hidden[0].mean(0))).tolist() for hidden in found]}

    table = datasets.Dataset.from_dict({"text": rows})
    score(table[:1])
    return _timed(lambda: table.map(score, batched=True, batch_size=batch_size), len(rows))


PARTS: dict[str, Callable[[list[str], str], list[float]]] = {
    "raw": _raw,
    "peer": _peer,
    "peer_in_batches": lambda rows, checkpoint: _peer(rows, checkpoint, _PEER_BATCH),
}


if __name__ == "__main__":
    sys.exit(main())
