"""Requests made of the OpenAPI document, thousands of them, and whether every answer is one that it allows.

``python -m benchmarks.cases URL [--cases N] [--minutes M] [--seed S]``: what schemathesis thinks of for each route at
the edges of its schema, then random requests, half of them good and half with something wrong, for the four routes
that take a body. Ends with 1 if a check failed, or if the time was over before all cases were asked.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from itertools import product
from multiprocessing import get_context
from os import cpu_count
from typing import Any

import hypothesis
import requests
import schemathesis
from hypothesis import strategies
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.generation import GenerationMode

from benchmarks.speed import ROOT
from serving.demo import SAMPLE
from serving.wire import REQUESTS

CONFIG = ROOT / "benchmarks" / "schemathesis.toml"
CASES = 10_000
MINUTES = 30.0
_DOCUMENTS = ROOT / "tests" / "fixtures" / "documents"
_READ = "/v1/read"
_LABEL = "/v1/label"
_SUMMARIZE = "/v1/summarize"
_NO_BLOG = ("empty_document", "not_a_live_blog", "invalid_document", "wrong_encoding", "withheld")


@dataclass
class Tally:
    """What came of the cases: answers by route and status, and each kind of failure once, with how to see it again."""

    statuses: Counter[tuple[str, int]] = field(default_factory=Counter)
    failures: dict[str, str] = field(default_factory=dict)
    n_failures: int = 0
    late: bool = False

    @property
    def n_cases(self) -> int:
        return sum(self.statuses.values())

    def add(self, other: "Tally") -> None:
        self.statuses += other.statuses
        self.failures |= other.failures
        self.n_failures += other.n_failures
        self.late |= other.late


class _TimeIsOver(Exception):
    pass


def main(argv: Sequence[str] | None = None) -> int:
    """Ask, print the verdict; 0 if it is good."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cases", description=__doc__)
    parser.add_argument("url")
    parser.add_argument("--cases", type=int, default=CASES, help=f"random requests (default {CASES})")
    parser.add_argument("--minutes", type=float, default=MINUTES, help=f"the most they may take (default {MINUTES:g})")
    parser.add_argument("--seed", type=int, default=0, help="the same requests again (default 0)")
    args = parser.parse_args(argv)
    return 0 if check(args.url, args.cases, args.minutes * 60, args.seed) else 1


def check(url: str, cases: int, seconds: float, seed: int = 0) -> bool:
    """Whether the service at ``url`` answers as its document says."""
    began = time.monotonic()
    edges = _edges(url, seconds)
    kinds = list(product(REQUESTS, (True, False)))
    whole = Tally()
    with ProcessPoolExecutor(cpu_count(), mp_context=get_context("spawn")) as pool:
        left = seconds - (time.monotonic() - began)
        each = -(-cases // len(kinds))
        found = [
            pool.submit(ask, url, route, good, cases=each, until=time.time() + left, seed=seed) for route, good in kinds
        ]
        for (route, good), one in zip(kinds, found, strict=True):
            whole.add(one.result())
            print(f"{whole.n_cases:6,} asked, {route} with {'good' if good else 'wrong'} ones is done", flush=True)
    for message in whole.failures.values():
        print(message, end="\n\n")
    spent = time.monotonic() - began
    print(f"random requests: {whole.n_cases:,} of {len(kinds) * each:,} in {spent:.0f} s, seed {seed}")
    for (route, status), count in sorted(whole.statuses.items()):
        print(f"  {route:14} {status} {count:6,}")
    if whole.late:
        print(f"the {seconds / 60:g} minutes were over; allow more or ask for fewer cases")
    print(f"failed: {whole.n_failures:,} of these, in {len(whole.failures)} ways")
    print(f"at the edges: {'passed' if edges else 'failed'}")
    return edges and not whole.failures and not whole.late


def ask(url: str, route: str, good: bool, *, cases: int, until: float, seed: int) -> Tally:
    """Ask one route ``cases`` times, ending at the moment ``until``; good requests, or ones with something wrong."""
    # seconds since the epoch, since a process of its own does not share the other's clock
    config = SchemathesisConfig.from_path(str(CONFIG))
    operation = schemathesis.openapi.from_url(f"{url}/docs.json", config=config)[route]["POST"]
    mode = GenerationMode.POSITIVE if good else GenerationMode.NEGATIVE
    tally = Tally()
    session = requests.Session()
    session.trust_env = False

    def one(case: schemathesis.Case) -> None:
        if time.time() > until:
            raise _TimeIsOver
        response = case.call(base_url=url, session=session, timeout=60)
        tally.statuses[route, response.status_code] += 1
        try:
            case.validate_response(response, additional_checks=[_excused], transport_kwargs={"base_url": url})
        except (Failure, FailureGroup) as failure:
            tally.n_failures += 1
            ways = failure.exceptions if isinstance(failure, FailureGroup) else (failure,)
            for way in ways:
                place = f"{route} {response.status_code} {way.title} {way.message[:200]}"
                tally.failures.setdefault(place, f"{place}\n{case.as_curl_command()[:2000]}\n{response.text[:500]}")

    # Without the phase that looks for better scores (schemathesis scores what is accepted), whose bookkeeping grows
    # with the square of the cases, and without making failures smaller.
    phases = (hypothesis.Phase.generate,)
    checks = list(hypothesis.HealthCheck)
    settings = hypothesis.settings(
        max_examples=cases, phases=phases, database=None, deadline=None, suppress_health_check=checks
    )
    test = hypothesis.seed(seed)(settings(hypothesis.given(case=_cases(operation, mode))(one)))
    try:
        test()
    except _TimeIsOver:
        tally.late = True
    return tally


def _cases(operation: Any, mode: GenerationMode) -> "strategies.SearchStrategy[Any]":
    made = operation.as_strategy(generation_mode=mode)
    if operation.path != _READ or mode is GenerationMode.NEGATIVE:
        return made

    def with_document(case: Any, document: str | None, told: bool) -> Any:
        if document is not None and isinstance(case.body, dict):
            case.body |= {"document": document, "format": case.body.get("format", "auto") if told else "auto"}
        return case

    return strategies.builds(with_document, made, strategies.none() | _documents(), strategies.booleans())


def _documents() -> "strategies.SearchStrategy[str]":
    """Live blogs of all formats, most of them with a piece cut out or put in: what is random is hardly ever one."""
    sources = [path.read_text(encoding="utf-8") for path in sorted(_DOCUMENTS.iterdir())]
    sources.append(SAMPLE.read_text(encoding="utf-8"))

    @strategies.composite
    def document(draw: Callable[[Any], Any]) -> str:
        source = draw(strategies.sampled_from(sources))
        start = draw(strategies.integers(0, len(source)))
        end = draw(strategies.integers(start, min(len(source), start + 200)))
        return source[:start] + draw(strategies.text(max_size=20)) + source[end:]

    return strategies.sampled_from(sources) | document()


def _excused(_context: Any, response: Any, case: Any) -> None:
    """Look closer at what the configuration lets pass.

    ``/v1/label`` may answer what is wrong with 200 if it says in its place which paragraph is; ``/v1/read`` may refuse
    what is well formed if its document is no live blog, or not in the format that is named, or a topic not the model's;
    ``/v1/summarize`` two paragraphs of one id.
    """
    path, good = case.operation.path, case.meta.generation.mode.is_positive
    title = ""
    if path == _LABEL and not good and response.status_code == 200:
        right = not any("error" in one for one in response.json()["paragraphs"])
        title = "What is wrong was taken for right" if right else ""
    if path in (_READ, _SUMMARIZE) and good and response.status_code == 422:
        error = response.json()["error"]
        if path == _READ:
            told = error["code"] in _NO_BLOG or error["where"].startswith(("topics", "format"))
        else:
            told = error["where"].endswith("].id")
        title = "" if told else "A good request was refused"
    if title:
        raise Failure(operation=case.operation.label, title=title, message="")


def _edges(url: str, seconds: float) -> bool:
    """Schemathesis's own pass over the edges of every schema, wrong methods and missing headers."""
    schemathesis_ = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(CONFIG)]
    with tempfile.TemporaryDirectory() as folder:
        command = [*schemathesis_, "run", f"{url}/docs.json", "--url", url, "--phases", "examples,coverage"]
        command += ["--continue-on-failure", "--no-color", "--generation-database", "none"]
        try:
            done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=seconds)
        except subprocess.TimeoutExpired:
            print("the edges took all the time")
            return False
    print(done.stdout[-8000:] if done.returncode else done.stdout[done.stdout.rfind("Test cases:") :], flush=True)
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
