"""A real ``bentoml serve``: bad input, many callers, and its end."""

import json
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from typing import Any

import httpx
import pytest

from serving import demo

pytestmark = pytest.mark.slow

MIB = 2**20


@pytest.fixture(scope="module")
def server(start_server: Callable[..., AbstractContextManager[Any]]) -> Iterator[Any]:
    with start_server() as found:
        yield found


@pytest.mark.parametrize(
    ("path", "body", "kind", "status", "code"),
    [
        ("/v1/read", b'{"document": ""}', "application/json", 422, "empty_document"),
        ("/v1/read", b'{"document": {"@type": "CANARY"}}', "application/json", 422, "not_a_live_blog"),
        (
            "/v1/read",
            b'{"document": "' + b"CANARY " * (8 * MIB) + b'"}',
            "application/json",
            413,
            "too_large",
        ),
        ("/v1/read", b'{"document": "CANARY', "application/json", 400, "invalid_json"),
        ("/v1/read", b'{"document": "CANARY", "max_word": 3}', "application/json", 422, "invalid_input"),
        ("/v1/reed", b'{"document": "CANARY"}', "application/json", 404, "not_found"),
        ("/v1/label", b'{"paragraphs": [{"text": ["CANARY"]}]}', "application/json", 422, "invalid_input"),
        ("/v1/label", b"CANARY", "text/plain", 415, "unsupported_media_type"),
        ("/v1/label", b"\x89PNG\r\n\x1a\n\x00CANARY", "application/json", 400, "invalid_json"),
        ("/v1/label", b"\x80\x04\x95CANARY", "application/vnd.bentoml+pickle", 415, "unsupported_media_type"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_bad_input_is_answered_and_the_service_stays_up(
    server: Any, path: str, body: bytes, kind: str, status: int, code: str
) -> None:
    found, answer = server.post(path, body, kind)
    assert found == status
    error = answer["error"]
    assert isinstance(error, dict)
    assert set(error) == {"code", "message", "where"}
    assert error["code"] == code
    assert "CANARY" not in str(answer)
    assert server.is_ready()
    assert "CANARY" not in server.log.read_text()


def test_callers_get_their_own_answers(server: Any) -> None:
    words = ["drones", "talks", "flour", "resigned"]
    expected = {"drones": "strikes", "talks": "diplomacy", "flour": "aid", "resigned": "personnel"}

    def ask(caller: int) -> None:
        with httpx.Client(base_url=f"http://127.0.0.1:{server.port}", trust_env=False) as client:
            for turn in range(10):
                word = words[(caller + turn) % 4]
                paragraph = {"id": f"{caller}-{turn}", "text": word, "context": f"port {caller} {turn}"}
                found = client.post("/v1/label", json={"paragraphs": [paragraph], "threshold": 0.3})
                (answer,) = found.json()["paragraphs"]
                assert answer["id"] == paragraph["id"]
                assert answer["labels"][0]["label"] == expected[word]

    with ThreadPoolExecutor(16) as callers:
        list(callers.map(ask, range(16)))


def test_a_whole_blog_is_read(server: Any) -> None:
    table = demo.read(f"http://127.0.0.1:{server.port}", demo.SAMPLE.read_text(encoding="utf-8"))
    assert len(table["updates"]) == 10


def test_metrics_count_what_was_asked(server: Any) -> None:
    found = server.metrics()
    assert found['standfirst_requests_total{outcome="ok",route="/v1/label"}'] == 160
    assert found['standfirst_requests_total{outcome="not_found",route="unknown"}'] == 1
    assert found['standfirst_paragraphs_total{outcome="ok",route="/v1/label"}'] == 160
    assert found['standfirst_labels_total{label="aid"}'] >= 40
    assert found["standfirst_cache_misses_total"] >= 160
    assert found["standfirst_encoder_seconds_count"] == found["standfirst_batch_tokens_count"] > 0
    assert found["standfirst_queue_seconds_count"] > 0
    assert not [name for name in found if "CANARY" in name or "reed" in name], "what was asked for is no label"


def test_no_torch_in_the_process(server: Any) -> None:
    workers = server.workers()
    assert workers
    for worker in workers:
        maps = [region.path for region in worker.memory_maps()]
        assert any("onnxruntime" in path for path in maps) or "service" not in " ".join(worker.cmdline())
        assert not [path for path in maps if "torch" in path]


def test_sigterm_finishes_and_ends_in_order(server: Any) -> None:
    workers = server.workers()
    body = json.dumps({"paragraphs": [{"text": f"drones hit the port {i}"} for i in range(5000)]}).encode()
    with ThreadPoolExecutor(1) as caller:
        answer = caller.submit(server.post, "/v1/label", body)
        time.sleep(0.1)
        server.process.send_signal(signal.SIGTERM)
        assert answer.result(timeout=60)[0] == 200
    assert server.process.wait(30) == 0
    assert not [worker for worker in workers if worker.is_running()]
    assert "Traceback" not in server.log.read_text()
