"""The service as a client meets it: start to ready, one paragraph, a blog, the same blog again, peak memory.

``python -m benchmarks.service [--port PORT] [--requests N]``; the service runs as a child on 127.0.0.1.
"""

import argparse
import re
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import httpx
import numpy as np
import psutil

from benchmarks.speed import paragraphs
from serving.demo import SAMPLE, serving


def main(argv: Sequence[str] | None = None) -> int:
    """Start the service, ask it, and print one Markdown table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.service", description=__doc__)
    parser.add_argument("--port", type=int, default=3100)
    parser.add_argument("--requests", type=int, default=300, metavar="N", help="single paragraphs (default 300)")
    args = parser.parse_args(argv)
    rows: list[tuple[str, str]] = []
    started = time.perf_counter()
    with serving(args.port) as (url, process), httpx.Client(base_url=url, timeout=60, trust_env=False) as client:
        rows.append(("start to ready", f"{time.perf_counter() - started:.1f} s"))
        document = SAMPLE.read_text(encoding="utf-8")
        rows.append(("`/v1/read`, the sample blog, first", _milliseconds(lambda: _read(client, document))))
        rows.append(("the same blog again", _milliseconds(lambda: _read(client, document))))
        longer = document + "\nA new update that nobody has read\nThe harbour opened at noon, the mayor said.\n"
        rows.append(("the same blog with one update more", _milliseconds(lambda: _read(client, longer))))
        single = [_seconds(lambda t=t: _label(client, [t])) * 1000 for t in paragraphs(args.requests)]  # type: ignore[misc]
        p50, p99 = np.percentile(single, [50, 99])
        rows.append(("one new paragraph, p50 / p99", f"{p50:.1f} / {p99:.1f} ms"))
        worker = (psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True))
        peaks = [_peak_mib(p.pid) for p in worker]
        rows.append(("peak memory, worker / all processes", f"{max(peaks):.0f} / {sum(peaks):.0f} MiB"))
        torch = any("libtorch" in Path(f"/proc/{p.pid}/maps").read_text("utf-8") for p in worker)
        rows.append(("torch in a process", "yes" if torch else "no"))
    print("| | |\n|---|---|")
    for name, value in rows:
        print(f"| {name} | {value} |")
    return 0


def _read(client: httpx.Client, document: str) -> None:
    client.post("/v1/read", json={"document": document}).raise_for_status()


def _label(client: httpx.Client, texts: list[str]) -> None:
    client.post("/v1/label", json={"paragraphs": [{"text": t} for t in texts]}).raise_for_status()


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _milliseconds(work: Callable[[], object]) -> str:
    return f"{_seconds(work) * 1000:.0f} ms"


def _peak_mib(pid: int) -> float:
    """The kernel's own high-water mark (Linux)."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text("utf-8"))
    return int(found.group(1)) / 1024 if found else 0.0


if __name__ == "__main__":
    sys.exit(main())
