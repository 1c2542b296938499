"""Archive jobs beside a plain ``datasets.map``: rows a second, growth, memory, and the encoder's own rate.

``python -m benchmarks.archive [--rows N] [--growth 1,3,10] [--peer-rows N] [--checkpoint FILE]``. The rows are our
corpus again and again, each made different by a number, so that none is a repeat. First the encoder alone (word pieces
ready, full batches, as many threads as cores), then the peer, then the jobs: one after the other, each in a process of
its own. The peer is ``datasets.map`` over ``transformers.pipeline("feature-extraction")`` and a head, in float32; with
``--checkpoint`` it has the very weights that the shipped model was quantised from. Where a student is shipped, or
named with ``--fast-model DIR``, the last job is run once more in the fast tier. CPU seconds compare even where
something else runs on the machine; rows a second only where nothing does.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.speed import ROOT, paragraphs, plain_pipeline


def main(argv: Sequence[str] | None = None) -> int:
    """Run all and print one Markdown table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.archive", description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000, metavar="N", help="rows of one job (default 10,000)")
    parser.add_argument("--growth", default="1", metavar="N,N", help="jobs of so many times the rows (1,3,10)")
    parser.add_argument("--peer-rows", type=int, default=500, metavar="N", help="rows of the peer (default 500)")
    parser.add_argument("--checkpoint", default="", metavar="FILE", help="weights for the peer (safetensors)")
    parser.add_argument("--fast-model", type=Path, default=ROOT / "standfirst" / "models" / "fast", metavar="DIR")
    parser.add_argument("--part", choices=("raw", "peer"), help=argparse.SUPPRESS)
    args = parser.parse_args(argv)
    if args.part:
        print(json.dumps(_raw(args.peer_rows) if args.part == "raw" else _peer(args.peer_rows, args.checkpoint)))
        return 0
    (raw, raw_cpu), (peer, peer_cpu) = (_part(name, args.peer_rows, args.checkpoint) for name in ("raw", "peer"))
    print(
        f"{os.cpu_count()} cores\n\n"
        "| | rows | rows/s | of the encoder's rate | of the peer's | CPU s per 1,000 | memory |"
    )
    print("|---|---|---|---|---|---|---|")
    print(f"| encoder alone | {args.peer_rows:,} | {raw:.0f} | | | {raw_cpu:.1f} | |")
    print(f"| datasets.map, transformers pipeline | {args.peer_rows:,} | {peer:.0f} | | 1 | {peer_cpu:.1f} | |")
    sizes = [args.rows * times for times in map(int, args.growth.split(","))]
    jobs = [("full", size) for size in sizes]
    if args.fast_model.is_dir():
        jobs.append(("fast", sizes[-1]))
    for tier, size in jobs:
        before = _cpu_s()
        found = _job(size, tier, args.fast_model)
        cpu = (_cpu_s() - before) / size * 1000
        rate = size / found.seconds
        name = "standfirst score" if tier == "full" else f"--tier fast, {found.share_handed_on:.1%} handed on"
        print(
            f"| {name} | {size:,} | {rate:.0f} | {rate / raw:.0%} | {rate / peer:.1f}x "
            f"| {cpu:.1f} | {found.peak / 2**20:.0f} MiB |"
        )
    return 0


def texts(count: int) -> list[str]:
    """The corpus over and over, each text made a new one by a number."""
    corpus = paragraphs(10_000)
    return [f"{corpus[n % len(corpus)]} {n // len(corpus)}" for n in range(count)]


@dataclass(frozen=True)
class Found:
    """Seconds of a job, its start included; the peak of all its processes' memory; what the student handed on."""

    seconds: float
    peak: int
    share_handed_on: float


def _job(count: int, tier: str, student: Path) -> Found:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "in.jsonl")
        path.write_text("".join(json.dumps({"id": n, "text": t}) + "\n" for n, t in enumerate(texts(count))))
        command = [sys.executable, "-m", "standfirst", "score", str(path), "--output", f"{folder}/out"]
        command += ["--tier", "fast", "--fast-model", str(student)] if tier == "fast" else []
        began = time.perf_counter()
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
        peak = [0]
        watch = threading.Thread(target=_watch, args=(process.pid, peak), daemon=True)
        watch.start()
        if process.wait():
            raise SystemExit("standfirst score failed")
        seconds = time.perf_counter() - began
        report = json.loads(Path(folder, "out", "report.json").read_text())
        return Found(seconds, peak[0], report.get("share_handed_on", 1.0))


def _watch(pid: int, peak: list[int]) -> None:
    """Sample the memory of a process and its children; a page that they share counts once."""
    try:
        while True:
            family = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
            peak[0] = max(peak[0], sum(p.memory_full_info().pss for p in family))
            time.sleep(0.5)
    except psutil.Error:
        return


def _cpu_s() -> float:
    """CPU seconds of the processes that this one has waited for, and of theirs."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _part(name: str, count: int, checkpoint: str) -> list[float]:
    command = [sys.executable, "-m", "benchmarks.archive", "--part", name, "--peer-rows", str(count)]
    command += ["--checkpoint", checkpoint] if checkpoint else []
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{name} failed:\n{done.stderr[-2000:]}")
    figures: list[float] = json.loads(done.stdout.splitlines()[-1])
    return figures


def _timed(work: Callable[[], object], count: int) -> list[float]:
    """Rows a second of ``work`` on so many rows, and CPU seconds of 1,000."""
    began, cpu = time.perf_counter(), time.process_time()
    work()
    return [count / (time.perf_counter() - began), (time.process_time() - cpu) / count * 1000]


def _raw(count: int) -> list[float]:
    import standfirst

    topics = standfirst.load(cache_bytes=0).topics
    windows = topics.pieces.windows(texts(count), [None] * count)
    topics._encoder.run(windows[:64])
    return _timed(lambda: topics._encoder.run(windows), count)


def _peer(count: int, checkpoint: str) -> list[float]:
    import datasets
    import torch

    datasets.disable_progress_bars()
    datasets.disable_caching()
    encode, head = plain_pipeline(checkpoint)

    def score(row: dict[str, str]) -> dict[str, list[float]]:
        with torch.inference_mode():
            hidden = encode(row["text"], return_tensors="pt", truncation=True)
            return {"scores": torch.sigmoid(head(hidden[0].mean(0))).tolist()}

    rows = datasets.Dataset.from_dict({"text": texts(count)})
    score(rows[0])
    return _timed(lambda: rows.map(score), count)


if __name__ == "__main__":
    sys.exit(main())
