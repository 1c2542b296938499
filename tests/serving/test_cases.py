"""The check of the OpenAPI document with thousands of requests (``python -m benchmarks.cases``), with a few."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from benchmarks import cases
from serving import openapi
from serving.settings import Settings

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server(start_server: Callable[..., AbstractContextManager[Any]]) -> Iterator[Any]:
    with start_server() as found:
        yield found


@pytest.mark.parametrize("good", [True, False], ids=["good", "wrong"])
@pytest.mark.parametrize("route", ["/v1/label", "/v1/read", "/v1/summarize", "/api/ai"])
def test_answers_are_as_the_document_says(server: Any, route: str, good: bool) -> None:
    found = cases.ask(server.url, route, good, cases=25, until=time.time() + 120, seed=7)
    assert found.failures == {}
    assert found.n_cases == 25
    assert not found.late
    assert (200 if good else 422) in {status for _, status in found.statuses}


def test_when_the_time_is_over_it_ends_and_says_so(server: Any) -> None:
    found = cases.ask(server.url, "/v1/label", True, cases=25, until=time.time() - 1, seed=7)
    assert (found.late, found.n_cases) == (True, 0)


@contextmanager
def answering(status: int, answer: Any) -> Iterator[str]:
    """A server with our document that answers every request the same."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.reply(200, openapi.document(Settings()))

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.reply(status, answer)

        def reply(self, status: int, table: Any) -> None:
            body = json.dumps(table).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


_ERROR = {"error": {"code": "internal", "message": "a bug", "where": ""}}
_MODELS = {"topics": "t", "summary": "s", "labels": "l"}


@pytest.mark.parametrize(
    ("status", "answer", "good", "way"),
    [
        (500, _ERROR, True, "Server error"),
        (200, {"paragraphs": []}, True, "Response violates schema"),
        (422, _ERROR, True, "Schema-valid request rejected"),
        (418, _ERROR, True, "Undocumented status code"),
        (200, {"paragraphs": [], "models": _MODELS}, False, "What is wrong was taken for right"),
    ],
)
def test_a_service_that_does_not_keep_to_it_is_found_out(status: int, answer: Any, good: bool, way: str) -> None:
    with answering(status, answer) as url:
        found = cases.ask(url, "/v1/label", good, cases=10, until=time.time() + 60, seed=7)
    assert found.n_failures > 0
    assert any(way in message for message in found.failures), list(found.failures)
