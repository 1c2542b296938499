"""Callers that mean harm, or behave as if they did, against a real server: it answers each of them and all others."""

import http.client
import json
import socket
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, suppress
from typing import Any

import pytest

pytestmark = pytest.mark.slow

MIB = 2**20
SMALL = json.dumps({"paragraphs": [{"text": "drones hit the port"}]}).encode()


@pytest.fixture(scope="module")
def server(start_server: Callable[..., AbstractContextManager[Any]]) -> Iterator[Any]:
    with start_server(timeout_s="4") as found:
        yield found


def memory(server: Any) -> int:
    return max(worker.memory_info().rss for worker in server.workers())


def raw(server: Any, head: str, body: bytes = b"") -> socket.socket:
    found = socket.create_connection(("127.0.0.1", server.port), timeout=30)
    found.sendall(head.replace("\n", "\r\n").encode() + body)
    return found


def status_of(connection: socket.socket) -> int:
    answer = http.client.HTTPResponse(connection)
    answer.begin()
    return answer.status


def answers(server: Any) -> bool:
    """Whether a decent caller is answered, within two seconds."""
    started = time.monotonic()
    status, _ = server.post("/v1/label", SMALL)
    return bool(status == 200 and time.monotonic() - started < 2)


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"[" * 100_000, {}, 400),
        (b'{"a":' * 50_000, {}, 400),
        (b'{"paragraphs": [{"text": "\xff\xfe\xfa"}]}', {}, 400),
        (b'{"paragraphs": [' + b"{}," * 600_000 + b"{}]}", {}, 413),
        (zlib.compress(b" " * (50 * MIB)), {"Content-Encoding": "gzip"}, 415),
        (zlib.compress(b" " * (50 * MIB)), {"Content-Encoding": "deflate, br"}, 415),
        (SMALL.decode().encode("utf-16"), {}, 400),
    ],
    ids=["lists in lists", "objects in objects", "no UTF-8", "many objects", "gzip", "br", "UTF-16"],
)
def test_bodies_that_grow_when_read(server: Any, body: bytes, headers: dict[str, str], status: int) -> None:
    before = memory(server)
    found, answer = server.post("/v1/label", body, **headers)
    assert found == status
    assert set(answer["error"]) == {"code", "message", "where"}
    assert memory(server) - before < 64 * MIB
    assert answers(server)


@pytest.mark.parametrize("length", ["Content-Length: 1073741824", "Transfer-Encoding: chunked"])
def test_a_gigabyte_is_refused_before_it_has_come(server: Any, length: str) -> None:
    before = memory(server)
    head = f"POST /v1/label HTTP/1.1\nHost: x\nContent-Type: application/json\n{length}\n\n"
    connection = raw(server, head)
    chunk = b" " * MIB
    framed = chunk if "Length" in length else b"100000\r\n" + chunk + b"\r\n"
    sent = 0
    with suppress(OSError):
        for _ in range(1024):
            connection.sendall(framed)
            sent += 1
    assert sent < 300, "the server stopped reading"
    with suppress(OSError, http.client.HTTPException):
        assert status_of(connection) == 413
    connection.close()
    assert memory(server) - before < 100 * MIB
    assert answers(server)


def test_a_slow_caller_is_told_so_and_keeps_nobody_waiting(server: Any) -> None:
    head = f"POST /v1/label HTTP/1.1\nHost: x\nContent-Type: application/json\nContent-Length: {len(SMALL)}\n\n"
    slow = [raw(server, head, SMALL[:1]) for _ in range(20)]
    started = time.monotonic()
    assert answers(server)
    assert {status_of(connection) for connection in slow} == {408}
    assert time.monotonic() - started > 2
    for connection in slow:
        connection.close()


def test_work_ends_for_one_who_hangs_up(server: Any) -> None:
    body = json.dumps({"paragraphs": [{"text": f"drones {i} hit " * 900} for i in range(200)]}).encode()
    head = f"POST /v1/label HTTP/1.1\nHost: x\nContent-Type: application/json\nContent-Length: {len(body)}\n\n"
    name = 'standfirst_requests_total{outcome="cancelled",route="/v1/label"}'
    for _ in range(4):
        connection = raw(server, head, body)
        time.sleep(0.05)
        connection.close()
    deadline = time.monotonic() + 20
    while server.metrics().get(name, 0) < 1:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert answers(server)


def test_two_hundred_connections_at_once(server: Any) -> None:
    start = threading.Barrier(200)

    def ask(number: int) -> int:
        body = json.dumps({"paragraphs": [{"text": f"flour for {number}"}]}).encode()
        start.wait(30)
        status, _ = server.post("/v1/label", body)
        return int(status)

    with ThreadPoolExecutor(200) as callers:
        statuses = list(callers.map(ask, range(200)))
    assert set(statuses) <= {200, 429}
    assert statuses.count(200) >= 150
    assert answers(server)


def test_no_request_ended_in_a_bug(server: Any) -> None:
    bugs = {name: value for name, value in server.metrics().items() if 'outcome="internal"' in name and value}
    assert bugs == {}
    for line in server.log.read_text().splitlines():
        assert '"error": ' not in line, line
