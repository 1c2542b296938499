"""A real server with two workers, tokens and the most talkative log: counts, swaps, a killed worker, a canary."""

import json
import os
import shutil
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from standfirst.manifest import write_manifest

pytestmark = pytest.mark.slow

TOKENS = ("first-token-" + "1" * 12, "second-token-" + "2" * 12)
SENT = "CAN" + "ARY"


@pytest.fixture(scope="module")
def folders(model_folders: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    root = tmp_path_factory.mktemp("served")
    (root / "tokens").write_text(TOKENS[0], encoding="utf-8")
    return {"root": root, "topics": Path(shutil.copytree(model_folders["topics"], root / "topics"))}


@pytest.fixture(scope="module")
def server(start_server: Callable[..., AbstractContextManager[Any]], folders: dict[str, Path]) -> Iterator[Any]:
    settings = {"topics": str(folders["topics"]), "tokens_file": str(folders["root"] / "tokens")}
    with start_server(workers="2", log_level="debug", reload_s="0.3", **settings) as found:
        until(lambda: len(service_workers(found)) == 2)
        yield found


def until(condition: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def service_workers(server: Any) -> list[Any]:
    found = []
    for worker in server.workers():
        with suppress(psutil.Error):  # one that ends just now
            if "_bentoml_impl.worker.service" in worker.cmdline():
                found.append(worker)
    return found


def label(server: Any, text: str, token: str = TOKENS[0]) -> httpx.Response:
    headers = {"Authorization": f"Bearer {token}", "Connection": "close"}
    body = {"paragraphs": [{"text": text}]}
    return httpx.post(f"{server.url}/v1/label", json=body, headers=headers, timeout=30, trust_env=False)


def authorized(token: str = TOKENS[0]) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture
def load(server: Any) -> Iterator[Counter[str]]:
    """Four callers who ask all the time; what they got."""
    found: Counter[str] = Counter()
    stop = threading.Event()

    def ask() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            try:
                response = label(server, f"drones {number} {threading.get_ident()}")
                found[str(response.status_code)] += 1
                if response.is_success:
                    found[response.json()["models"]["topics"]] += 1
            except httpx.HTTPError:
                found["broken"] += 1

    with ThreadPoolExecutor(4) as pool:
        for _ in range(4):
            pool.submit(ask)
        yield found
        stop.set()


def test_counts_of_both_workers_are_one_count(server: Any) -> None:
    before = server.metrics(**authorized())
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda i: label(server, f"flour {i}"), range(200)))
    after = server.metrics(**authorized())

    def grown(name: str) -> float:
        return float(after[name] - before.get(name, 0))

    assert grown('standfirst_requests_total{outcome="ok",route="/v1/label"}') == 200
    assert grown('standfirst_request_seconds_count{route="/v1/label"}') == 200
    assert grown('standfirst_request_seconds_bucket{le="+Inf",route="/v1/label"}') == 200
    assert grown('standfirst_paragraphs_total{outcome="ok",route="/v1/label"}') == 200
    assert grown('standfirst_labels_total{label="aid"}') == 200
    assert grown("standfirst_cache_misses_total") == 200
    assert grown("standfirst_queue_seconds_count") == 200
    for _ in range(6):  # whichever worker is asked says the same
        again = server.metrics(**authorized())
        assert {name for name in after if again[name] != after[name]} <= {name for name in after if "/metrics" in name}


def test_no_text_is_in_the_log_at_the_most_talkative_level(server: Any) -> None:
    with httpx.Client(base_url=server.url, headers=authorized(), trust_env=False) as client:
        for body in (SENT, f'{{"{SENT}": 1}}', f'{{"paragraphs": [{{"text": "{SENT}", "{SENT}": 2}}]}}'):
            client.post("/v1/label", content=body, headers={"Content-Type": "application/json"})
        client.post("/v1/label", json={"paragraphs": [{"text": SENT, "context": SENT, "id": SENT}]})
        client.post("/v1/label", content=SENT, headers={"Content-Type": SENT})
        client.post("/v1/read", json={"document": f"{SENT} live\n\n10:00 {SENT}\n\nThe {SENT} was hit."})
        client.post("/v1/read", json={"document": f"<html><script>{SENT}", "format": SENT})
        client.post("/v1/summarize", json={"text": f"{SENT} {SENT}.", "max_words": SENT})
        client.get(f"/{SENT}?{SENT}={SENT}")
        client.request(SENT, "/v1/label")
        client.get("/v1/labels", headers={"Authorization": f"Bearer {SENT}", "Cookie": SENT, "User-Agent": SENT})
    time.sleep(0.5)
    log = server.log.read_text()
    assert SENT not in log
    lines = [line for line in log.splitlines() if line.startswith("{")]
    assert sum(json.loads(line)["message"] == "request" for line in lines) >= 10


def test_a_request_can_be_followed_by_its_id(server: Any) -> None:
    found = httpx.get(f"{server.url}/v1/info", headers={**authorized(), "X-Request-ID": "desk-7"}, trust_env=False)
    assert found.headers["x-request-id"] == "desk-7"
    until(lambda: '"request_id": "desk-7"' in server.log.read_text(), 5)


def test_tokens_are_rotated_without_a_restart(server: Any, folders: dict[str, Path]) -> None:
    assert label(server, "flour", TOKENS[1]).status_code == 401
    (folders["root"] / "tokens").write_text("\n".join(TOKENS), encoding="utf-8")
    until(lambda: all(label(server, "flour", TOKENS[1]).status_code == 200 for _ in range(10)), 15)
    assert label(server, "flour", TOKENS[0]).status_code == 200


def test_a_new_model_is_taken_without_a_dropped_request(
    server: Any, folders: dict[str, Path], load: Counter[str]
) -> None:
    old = label(server, "flour").json()["models"]["topics"]
    topics = folders["topics"]
    fresh = Path(shutil.copytree(topics, topics.with_name("fresh")))
    config = (fresh / "config.json").read_text(encoding="utf-8").replace('"scale": 1.0', '"scale": 1.5')
    (fresh / "config.json").write_text(config, encoding="utf-8")
    write_manifest(fresh, kind="topics", facts={})
    topics.rename(topics.with_name("old"))
    fresh.rename(topics)
    until(lambda: all(label(server, "flour").json()["models"]["topics"] != old for _ in range(10)))
    assert set(load) <= {"200", old, label(server, "flour").json()["models"]["topics"]}, load
    assert load["200"] > 10


def test_a_damaged_new_model_is_refused_and_the_old_one_goes_on(server: Any, folders: dict[str, Path]) -> None:
    now = label(server, "flour").json()["models"]["topics"]
    manifest = folders["topics"] / "manifest.json"
    whole = manifest.read_text(encoding="utf-8")
    table = json.loads(whole)
    table["files"]["model.onnx"] = "0" * 64
    manifest.write_text(json.dumps(table), encoding="utf-8")

    def refused() -> bool:
        found = httpx.get(f"{server.url}/v1/info", headers=authorized(), trust_env=False).json()["refused"]
        return bool(found and "sha256" in found)

    until(refused)
    assert label(server, "flour").json()["models"]["topics"] == now
    manifest.write_text(whole, encoding="utf-8")


def test_a_killed_worker_is_replaced_and_the_other_goes_on(server: Any, load: Counter[str]) -> None:
    victim = service_workers(server)[0]
    until(lambda: load["200"] > 10)
    os.kill(victim.pid, signal.SIGKILL)
    until(lambda: len([w for w in service_workers(server) if w.pid != victim.pid]) == 2)
    before = load["200"]
    until(lambda: load["200"] > before + 20)
    assert load["broken"] <= 4, "only what the killed one had in hand is lost"
    assert not [status for status in load if status.startswith("5")]
