import asyncio
import json
import re
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.body import parse_body
from serving.errors import Refusal
from serving.gate import Gate
from serving.settings import Settings
from serving.wire import REQUESTS, SCOPE_KEY


def ask(
    app: Any, chunks: list[bytes], path: str = "/v1/label", headers: dict[str, str] | None = None
) -> tuple[int, bytes, int]:
    """Send one POST by hand; gives status, body and how many chunks were read."""
    waiting = list(chunks)
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        if not waiting:
            return {"type": "http.disconnect"}
        chunk = waiting.pop(0)
        return {"type": "http.request", "body": chunk, "more_body": bool(waiting)}

    async def send(message: Any) -> None:
        sent.append(message)

    pairs = {"content-type": "application/json", **(headers or {})}
    scope = {
        "type": "http",
        "method": "POST",
        "path": path,
        "headers": [(k.encode(), v.encode()) for k, v in pairs.items()],
    }
    asyncio.run(app(scope, receive, send))
    body = b"".join(m.get("body", b"") for m in sent[1:])
    return sent[0]["status"], body, len(chunks) - len(waiting)


SENT = "".join(("CAN", "ARY"))  # tracebacks show the lines of the code, which must not hold it whole


async def broken(scope: Any, receive: Any, send: Any) -> None:
    raise ValueError(SENT)


async def half_broken(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    raise ValueError(SENT)


async def others_error(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 500, "headers": [(b"content-type", b"text/plain")]})
    await send({"type": "http.response.body", "body": SENT.encode(), "more_body": True})
    await send({"type": "http.response.body", "body": SENT.encode()})


def test_a_body_without_length_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STANDFIRST_MAX_BODY_BYTES", "10")
    status, body, n_read = ask(Gate(broken), [b"12345"] * 100)
    assert status == 413
    assert b'"too_large"' in body
    assert n_read == 3 + 8, "what is refused is read on, four times the limit, and no further"


def test_one_who_asks_first_is_answered_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STANDFIRST_MAX_BODY_BYTES", "10")
    headers = {"content-length": "500", "expect": "100-continue"}
    assert ask(Gate(broken), [b"12345"] * 100, headers=headers)[::2] == (413, 0)


def test_a_body_that_breaks_off_is_refused() -> None:
    assert ask(Gate(broken), [])[0] == 400


@pytest.mark.parametrize("app", [broken, others_error])
def test_a_bug_is_answered_in_our_form_and_tells_nothing(app: Any, caplog: pytest.LogCaptureFixture) -> None:
    status, body, _ = ask(Gate(app), [b"{}"], path="/livez")
    assert status == 500
    assert b'{"error":{"code":"internal"' in body
    assert SENT.encode() not in body
    assert SENT not in caplog.text + str([vars(record) for record in caplog.records])


def test_an_answer_on_its_way_is_left_alone(caplog: pytest.LogCaptureFixture) -> None:
    assert ask(Gate(half_broken), [b"{}"], path="/livez")[0] == 200
    assert [r.fields["error"] for r in caplog.records if r.getMessage() == "a bug"] == ["ValueError"]  # type: ignore[attr-defined]
    assert SENT not in caplog.text


async def fine(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"{}"})


def call(gate: Gate, path: str, headers: dict[str, str] | None = None) -> dict[str, Any]:
    """Send a GET by hand; gives status, headers and JSON."""
    sent: list[dict[str, Any]] = []

    async def send(message: Any) -> None:
        sent.append(message)

    pairs = [(k.encode(), v.encode()) for k, v in (headers or {}).items()]
    scope = {"type": "http", "method": "GET", "path": path, "headers": pairs, "client": ("10.0.0.7", 1)}
    asyncio.run(gate(scope, None, send))  # type: ignore[arg-type]
    found = {k.decode().lower(): v.decode() for k, v in sent[0]["headers"]}
    return {"status": sent[0]["status"], "headers": found, "json": json.loads(sent[1]["body"])}


def test_a_route_that_nobody_knows_does_not_reach_the_service() -> None:
    found = call(Gate(broken), "/v1/lable")
    assert (found["status"], found["json"]["error"]["code"]) == (404, "not_found")
    assert "did you mean /v1/label" in found["json"]["error"]["message"]


@pytest.mark.parametrize("given", ["desk-42", "a.b:c_d"])
def test_a_request_keeps_its_id(given: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    for path in ("/v1/labels", "/nothing"):
        assert call(Gate(fine), path, {"x-request-id": given})["headers"]["x-request-id"] == given
    ids = [record.fields["request_id"] for record in caplog.records]  # type: ignore[attr-defined]
    assert ids == [given, given]


@pytest.mark.parametrize("given", ["", "two words", "x" * 65, "l\u00e4ngs"])
def test_a_request_without_a_fit_id_gets_one(given: str) -> None:
    found = [call(Gate(fine), "/v1/labels", {"x-request-id": given})["headers"]["x-request-id"] for _ in range(2)]
    assert all(re.fullmatch("[0-9a-f]{32}", one) for one in found)
    assert found[0] != found[1]


def test_tokens_are_asked_for_where_something_is_told(tmp_path: Path) -> None:
    token = "t" * 20
    path = tmp_path / "tokens"
    path.write_text(token, encoding="utf-8")
    gate = Gate(fine, Settings(tokens_file=path))
    for route in ("/v1/labels", "/v1/info", "/metrics", "/v1/label"):
        refused = call(gate, route)
        assert refused["status"] == 401
        assert refused["headers"]["www-authenticate"] == "Bearer"
        assert call(gate, route, {"authorization": f"Bearer {token}"})["status"] == 200
    for route in ("/livez", "/readyz", "/", "/docs.json"):
        assert call(gate, route)["status"] == 200


def test_a_full_house_says_when_to_come_again() -> None:
    gate = Gate(fine, Settings(jobs=1, max_waiting=0))
    gate.door.enter()
    status, body, _ = ask(gate, [b"{}"])
    assert status == 429
    assert json.loads(body)["error"]["code"] == "busy"


def test_a_body_that_trickles_in_is_not_waited_for() -> None:
    async def trickle() -> dict[str, Any]:
        await asyncio.sleep(0.02)
        return {"type": "http.request", "body": b" ", "more_body": True}

    sent: list[dict[str, Any]] = []

    async def send(message: Any) -> None:
        sent.append(message)

    gate = Gate(broken, Settings(timeout_s=0.1))
    scope = {"type": "http", "method": "POST", "path": "/v1/label", "headers": [], "client": ("10.0.0.7", 1)}
    asyncio.run(gate(scope, trickle, send))
    assert (sent[0]["status"], json.loads(sent[1]["body"])["error"]["code"]) == (408, "timeout")
    assert gate.door.n_inside == gate.door.n_bytes == 0


def test_who_hangs_up_is_noticed_while_the_work_goes_on() -> None:
    withdrawn: list[bool] = []

    async def slow(scope: Any, receive: Any, send: Any) -> None:
        _, ticket = scope[SCOPE_KEY]
        for _ in range(200):
            if not ticket.is_open:
                break
            await asyncio.sleep(0.01)
        withdrawn.append(not ticket.is_open)

    gate = Gate(slow)
    scope = {"type": "http", "method": "POST", "path": "/v1/label", "headers": [], "client": ("10.0.0.7", 1)}
    messages = [{"type": "http.request", "body": b"{}"}, {"type": "http.disconnect"}]

    async def receive() -> dict[str, Any]:
        return messages.pop(0)

    asyncio.run(gate(scope, receive, fine))  # type: ignore[arg-type]
    assert withdrawn == [True]
    assert gate.door.n_inside == 0


@pytest.mark.slow
@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode), st.lists(st.integers(0, 300), max_size=4))
@hypothesis.settings(max_examples=60, deadline=None)
def test_no_bytes_break_the_parser(data: bytes, cuts: list[int]) -> None:
    statuses: set[int] = set()
    for model in REQUESTS.values():
        try:
            parse_body(data, model, Settings(max_paragraphs=3))
        except Refusal as refusal:
            statuses.add(refusal.status)
    assert statuses <= {400, 413, 422}


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["id", "text", "context", "x"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@pytest.mark.slow
@given(st.dictionaries(st.sampled_from(["paragraphs", "text", "document", "threshold", "since"]), _JSON, max_size=3))
@hypothesis.settings(max_examples=60, deadline=None)
def test_no_json_breaks_the_parser(table: dict[str, Any]) -> None:
    statuses: set[int] = set()
    for model in REQUESTS.values():
        try:
            parse_body(json.dumps(table).encode(), model, Settings(max_paragraphs=3))
        except Refusal as refusal:
            statuses.add(refusal.status)
    assert statuses <= {400, 413, 422}
