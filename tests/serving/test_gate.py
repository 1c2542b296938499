import asyncio
from typing import Any

import pytest

from serving.gate import Gate


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
