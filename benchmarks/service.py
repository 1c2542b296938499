"""The service as its callers meet it, beside other ways to serve the same classifier on the same machine.

``python -m benchmarks.service [--peers infinity litserve batchable] [--seconds S]``. Every server runs as a child on
127.0.0.1, one at a time, on the same paragraphs (our corpus), no two of which are the same text, so that no cache
answers; each peer is installed into an environment of its own under ``--environments`` when it is first asked for.
Ratios are of one run; a machine that does other work at the same time hurts all of them, but not by the same factor.
"""

import argparse
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import psutil

from benchmarks.speed import ROOT, paragraphs
from serving.demo import SAMPLE, serving

PEERS = {
    "infinity": ("infinity-emb[server]", "torch", "transformers<4.49", "optimum<2", "click<8.2"),
    "litserve": ("litserve", "torch", "transformers"),
    "batchable": (),
}
"""What each needs beside Python; the last runs in our own environment."""
_START_S = 300
_fresh = count()


@dataclass
class Target:
    """A server under test: how to ask it for labels."""

    url: str
    path: str
    body: Callable[[list[str]], dict[str, Any]]
    pid: int

    def connect(self) -> HTTPConnection:
        """A connection that stays open; the plainest client, since it works on the cores of the server."""
        return HTTPConnection(self.url.removeprefix("http://"), timeout=120)

    def ask(self, connection: HTTPConnection, texts: list[str]) -> None:
        body = json.dumps(self.body(texts)).encode()
        connection.request("POST", self.path, body, {"Content-Type": "application/json"})
        response = connection.getresponse()
        answer = response.read()
        if response.status != 200:
            raise RuntimeError(f"{self.url}{self.path}: {response.status} {answer[:200]!r}")


def main(argv: Sequence[str] | None = None) -> int:
    """Run all and print Markdown tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.service", description=__doc__)
    parser.add_argument("--port", type=int, default=3100)
    parser.add_argument("--seconds", type=float, default=8, metavar="S", help="of each measurement (default 8)")
    parser.add_argument("--peers", nargs="*", choices=sorted(PEERS), default=sorted(PEERS))
    parser.add_argument("--environments", type=Path, default=ROOT / "runs" / "peers", metavar="DIR")
    args = parser.parse_args(argv)
    model = args.environments.resolve() / "model"
    if args.peers and not model.exists():
        subprocess.run([sys.executable, "-m", "benchmarks.peers.weights", str(model)], cwd=ROOT, check=True)
    rows, extra = {}, {}
    started = time.perf_counter()
    with serving(args.port) as (url, process):
        ready = time.perf_counter() - started
        target = Target(url, "/v1/label", lambda texts: {"paragraphs": [{"text": t} for t in texts]}, process.pid)
        extra = _blog(url)
        rows["standfirst"] = {"start to ready, s": ready, **_measured(target, args.seconds)}
    extra |= _without_http(args.seconds)
    for number, name in enumerate(args.peers, 1):
        started = time.perf_counter()
        with _peer(name, args.environments.resolve(), model, args.port + number) as target:
            rows[name] = {"start to ready, s": time.perf_counter() - started, **_measured(target, args.seconds)}
    _print(rows, extra)
    return 0


def _measured(target: Target, seconds: float) -> dict[str, float]:
    with closing(target.connect()) as connection:
        for _ in range(5):
            target.ask(connection, new_texts(1))
        single = latencies(target, 1, 1, seconds)
    many = latencies(target, 16, 1, seconds)
    began = time.perf_counter()
    bulk = latencies(target, 4, 32, seconds)
    rate = 32 * len(bulk) / (time.perf_counter() - began)
    family = [psutil.Process(target.pid), *psutil.Process(target.pid).children(recursive=True)]
    return {
        "paragraphs/s, 4 clients x 32": rate,
        "one paragraph, p50, ms": float(np.percentile(single, 50)) * 1000,
        "one paragraph, p99, ms": float(np.percentile(single, 99)) * 1000,
        "16 clients x 1, p50, ms": float(np.percentile(many, 50)) * 1000,
        "16 clients x 1, p99, ms": float(np.percentile(many, 99)) * 1000,
        "16 clients x 1, requests/s": len(many) / sum(many) * 16,
        "peak memory of a process, MiB": max(_peak_mib(process.pid) for process in family),
        "torch in a process": float(any("libtorch" in _maps(process.pid) for process in family)),
    }


def latencies(target: Target, clients: int, size: int, seconds: float) -> list[float]:
    """Seconds of each request of ``clients`` that ask all the time, ``size`` new paragraphs at once."""
    end = time.perf_counter() + seconds

    def ask(_number: int) -> list[float]:
        found = []
        with closing(target.connect()) as connection:
            while time.perf_counter() < end:
                texts = new_texts(size)
                began = time.perf_counter()
                target.ask(connection, texts)
                found.append(time.perf_counter() - began)
        return found

    with ThreadPoolExecutor(clients) as pool:
        return [one for found in pool.map(ask, range(clients)) for one in found]


def new_texts(size: int) -> list[str]:
    """Paragraphs of the corpus in turn, each with a number of its own in front."""
    corpus = _corpus()
    numbers = [next(_fresh) for _ in range(size)]
    return [f"{number}. {corpus[number % len(corpus)]}" for number in numbers]


def _corpus(found: list[str] = []) -> list[str]:  # noqa: B006 - read once, on purpose
    if not found:
        found += paragraphs(10_000)
    return found


def _blog(url: str) -> dict[str, float]:
    """A blog of 60 paragraphs: first, again, and with one update more; the median of five blogs each."""
    figures: dict[str, list[float]] = {"first": [], "again": [], "one update more": []}
    source = SAMPLE.read_text(encoding="utf-8")
    with httpx.Client(base_url=url, timeout=120, trust_env=False) as client:
        client.post("/v1/read", json={"document": source}).raise_for_status()
        for turn in range(5):
            document = re.sub(r"\b(the|The)\b", rf"\1 {turn}", source)
            more = f"{document}\nThe harbour opens again\nNumber {turn} left at noon, the mayor said on Tuesday.\n"
            for name, text in (("first", document), ("again", document), ("one update more", more)):
                began = time.perf_counter()
                client.post("/v1/read", json={"document": text}).raise_for_status()
                figures[name].append((time.perf_counter() - began) * 1000)
    return {f"`/v1/read`, {name}, ms": float(np.median(values)) for name, values in figures.items()}


def _without_http(seconds: float) -> dict[str, float]:
    """The same encoder on the same texts in a process of its own, without HTTP, and what the cores could do."""
    command = [sys.executable, "-m", "benchmarks.rate", "--seconds", str(seconds)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    best, texts, pieces, share = map(float, done.stdout.split())
    return {
        "paragraphs/s of the encoder without HTTP, 128 at once": texts,
        "word pieces/s of it": pieces,
        "bare int8 products on all cores, GOPS": best,
        "of which the encoder reaches, %": 100 * share,
    }


@contextmanager
def _peer(name: str, environments: Path, model: Path, port: int) -> Iterator[Target]:
    python = _environment(name, environments)
    url = f"http://127.0.0.1:{port}"
    commands = {
        "infinity": [
            *(str(python.with_name("infinity_emb")), "v2", "--model-id", str(model), "--served-model-name", "m"),
            *("--engine", "torch", "--device", "cpu", "--port", str(port), "--host", "127.0.0.1"),
            *("--no-model-warmup", "--no-bettertransformer"),
        ],
        "litserve": [str(python), str(ROOT / "benchmarks/peers/litserve_app.py"), str(model), str(port)],
        "batchable": [
            *(str(python), "-m", "bentoml", "serve", "benchmarks.peers.batchable:Batchable"),
            *("--host", "127.0.0.1", "--port", str(port)),
        ],
    }
    asked = {
        "infinity": ("/classify", lambda texts: {"model": "m", "input": texts, "raw_scores": False}),
        "litserve": ("/predict", lambda texts: {"texts": texts}),
        "batchable": ("/label", lambda texts: {"texts": texts}),
    }
    path, body = asked[name]
    environment = {**os.environ, "MODEL": str(model), "BENTOML_DO_NOT_TRACK": "1", "HF_HUB_OFFLINE": "1"}
    environment |= {"DO_NOT_TRACK": "1", "INFINITY_ANONYMOUS_USAGE_STATS": "0"}
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            commands[name], cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
        )
        target = Target(url, path, body, process.pid)
        try:
            _wait(target, process)
            yield target
        except RuntimeError:
            log.seek(0)
            raise SystemExit(f"{name} did not start:\n{log.read().decode(errors='replace')[-3000:]}") from None
        finally:
            with suppress(ProcessLookupError):  # it has ended by itself
                os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)


def _wait(target: Target, process: "subprocess.Popen[bytes]") -> None:
    """Until it gives a first answer."""
    end = time.monotonic() + _START_S
    while time.monotonic() < end and process.poll() is None:
        with closing(target.connect()) as connection:
            try:
                target.ask(connection, new_texts(1))
            except (OSError, HTTPException, RuntimeError):
                time.sleep(0.2)
            else:
                return
    raise RuntimeError


def _environment(name: str, environments: Path) -> Path:
    """The interpreter of a peer's own environment, which is made if it is not there."""
    if not PEERS[name]:
        return Path(sys.executable)
    folder = environments / name
    python = folder / "bin" / "python"
    if not (folder / "done").exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", *PEERS[name]], check=True)
        (folder / "done").touch()
    return python


def _maps(pid: int) -> str:
    return Path(f"/proc/{pid}/maps").read_text("utf-8")


def _peak_mib(pid: int) -> float:
    """The kernel's own high-water mark (Linux)."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text("utf-8"))
    return int(found.group(1)) / 1024 if found else 0.0


def _print(rows: dict[str, dict[str, float]], extra: dict[str, float]) -> None:
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    print(f"{time.strftime('%Y-%m-%d %H:%M')}, {os.cpu_count()} cores, load averages {load}\n")
    print(f"| | {' | '.join(rows)} |\n|---|{'---|' * len(rows)}")
    for name in next(iter(rows.values())):
        print(f"| {name} | {' | '.join(_shown(name, row[name]) for row in rows.values())} |")
    print("\n| | |\n|---|---|")
    for name, value in extra.items():
        print(f"| {name} | {value:.0f} |")
    print(f"\n{json.dumps({'servers': rows, 'standfirst': extra})}", file=sys.stderr)


def _shown(name: str, value: float) -> str:
    if name.startswith("torch"):
        return "yes" if value else "no"
    return f"{value:.1f}" if value < 100 else f"{value:.0f}"


if __name__ == "__main__":
    sys.exit(main())
