"""The long checks of the service: ten minutes at 70 % of what it can do, and 10,000 requests made of its OpenAPI page.

``python -m benchmarks.soak [--minutes M] [--load SHARE] [--cases N]``; ends with 1 if memory grew by 3 % or more, if a
request failed, or if schemathesis found an answer that the document does not allow.
"""

import argparse
import os
import sys
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import httpx
import psutil

from benchmarks import cases
from benchmarks.service import Target, latencies, new_texts
from serving.demo import SAMPLE, serving

GROWTH = 0.03
_CLIENTS = 4
_SIZE = 8
_CACHE_MIB = 2


def main(argv: Sequence[str] | None = None) -> int:
    """Run both checks; 0 if both are passed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description=__doc__)
    parser.add_argument("--port", type=int, default=3100)
    parser.add_argument("--minutes", type=float, default=10, help="of load; 0 leaves it out (default 10)")
    parser.add_argument("--load", type=float, default=0.7, metavar="SHARE", help="of the measured most (default 0.7)")
    parser.add_argument("--cases", type=int, default=cases.CASES, help="random requests; 0 leaves them out")
    args = parser.parse_args(argv)
    # caches of the usual size would fill for ten minutes, and hide a leak or look like one; these are full at once
    os.environ.setdefault("STANDFIRST_CACHE_MIB", str(_CACHE_MIB))
    with serving(args.port) as (url, process):
        passed = not args.minutes or _soak(url, process.pid, args.minutes * 60, args.load)
        if args.cases:
            passed = cases.check(url, args.cases, cases.MINUTES * 60) and passed
    return 0 if passed else 1


def _soak(url: str, pid: int, seconds: float, share: float) -> bool:
    target = Target(url, "/v1/label", lambda texts: {"paragraphs": [{"text": t} for t in texts]}, pid)
    with httpx.Client(timeout=60, trust_env=False) as client:
        client.post(f"{url}/v1/read", json={"document": SAMPLE.read_text(encoding="utf-8")})
    most = len(latencies(target, _CLIENTS, _SIZE, 10)) / 10
    pause = _CLIENTS / (most * share)
    print(f"{most * _SIZE:.0f} paragraphs/s at most; {share:.0%} of it for {seconds / 60:.0f} minutes", flush=True)
    start = time.monotonic()
    statuses: Counter[int] = Counter()
    sizes: list[float] = []

    def ask(number: int) -> None:
        due = start + number * pause / _CLIENTS
        with httpx.Client(timeout=60, trust_env=False) as client:
            while time.monotonic() - start < seconds:
                body = target.body(new_texts(_SIZE))
                statuses[client.post(url + target.path, json=body).status_code] += 1
                due += pause
                time.sleep(max(due - time.monotonic(), 0))

    with ThreadPoolExecutor(_CLIENTS) as pool:
        for number in range(_CLIENTS):
            pool.submit(ask, number)
        while time.monotonic() - start < seconds:
            time.sleep(min(5, seconds / 20))
            sizes.append(_resident_mib(pid))
    fifth = max(len(sizes) // 5, 1)
    early, late = sum(sizes[fifth : 2 * fifth]) / fifth, sum(sizes[-fifth:]) / fifth
    growth = late / early - 1
    print(f"answers by status: {dict(statuses)}")
    print(f"memory, second fifth {early:.0f} MiB, last {late:.0f} MiB: {growth:+.1%}, expected under {GROWTH:.0%}")
    return growth < GROWTH and set(statuses) == {200}


def _resident_mib(pid: int) -> float:
    family = (psutil.Process(pid), *psutil.Process(pid).children(recursive=True))
    return max(process.memory_info().rss for process in family) / 2**20


if __name__ == "__main__":
    sys.exit(main())
