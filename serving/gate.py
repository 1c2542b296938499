"""The gate: the first to see a request and the last to see its answer, outside of all that BentoML does.

It knows the routes, asks for a token if there are any, reads and limits bodies (BentoML sets no limit), watches for
callers that hang up, gives every error the same form, numbers requests, counts them and writes a line about each.
What it turns away never reaches BentoML, whose metrics and logs would keep whatever path was asked for.
"""

import asyncio
import logging
import re
import time
import uuid
from contextlib import suppress

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.body import check_headers, too_large
from serving.door import Door
from serving.errors import MARK, Refusal, of_error, of_status
from serving.metrics import metrics
from serving.settings import Settings
from serving.ticket import GONE, Ticket
from serving.tokens import Tokens
from serving.wire import REQUESTS, ROUTES, SCOPE_KEY

REQUEST_ID = "x-request-id"
_OPEN = frozenset({"/", "/livez", "/readyz", "/healthz", "/docs.json"})
"""What needs no token: it tells nothing that the public source does not."""
_PAGE = "/static_content/"
_QUIET = frozenset({"/livez", "/readyz", "/healthz", "/metrics"})
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_GIVEN_ID = re.compile(rb"[\w.:-]{1,64}", re.ASCII)

_DRAINED = 4
"""Times the body limit: so much of a refused body is read and dropped before the answer, since many clients
send all of it before they look, and would find a reset connection.
"""
_DRAIN_S = 5.0
_log = logging.getLogger("standfirst.access")


class Gate:
    """ASGI middleware around the whole service."""

    def __init__(self, app: ASGIApp, settings: Settings | None = None) -> None:
        self.app = app
        self.settings = settings or Settings.from_environment()
        self.door = Door(self.settings)
        self._tokens = Tokens(self.settings.tokens_file) if self.settings.tokens_file else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = time.monotonic()
        headers = dict(scope["headers"])
        client = scope.get("client") or ("",)
        ticket = Ticket(client[0], self.settings.timeout_s, request_id=_request_id(headers))
        answer = _Answer(scope, receive, send, ticket)
        try:
            _check_route(scope["path"])
            self._check_caller(scope["path"], headers, ticket)
            if scope["method"] == "POST" and scope["path"] in REQUESTS:
                await self._work(scope, receive, answer, ticket)
            else:
                await self.app(scope, receive, answer.send)
        except Exception as error:  # noqa: BLE001 - the last place where one can become an answer
            await answer.refuse(of_error(error))
        finally:
            _tell(scope, answer, ticket, time.monotonic() - started)

    def _check_caller(self, path: str, headers: dict[bytes, bytes], ticket: Ticket) -> None:
        if self._tokens is not None and path not in _OPEN and not path.startswith(_PAGE):
            ticket.caller = self._tokens.caller(headers)

    async def _work(self, scope: Scope, receive: Receive, answer: "_Answer", ticket: Ticket) -> None:
        """Take in the body, then let the endpoint work while somebody watches the caller."""
        headers = dict(scope["headers"])
        body = _Body(receive)
        try:
            check_headers(headers, self.settings)
            entered = self.door.enter()
        except Refusal as refusal:
            await self._drain(body, headers, refusal)
            raise
        try:
            scope[SCOPE_KEY] = (await self._read(body, headers, ticket), ticket)
            watch = asyncio.create_task(_watch(receive, ticket))
            try:
                await self.app(scope, receive, answer.send)
            finally:
                watch.cancel()
        finally:
            self.door.leave(ticket, entered)

    async def _read(self, body: "_Body", headers: dict[bytes, bytes], ticket: Ticket) -> bytes:
        try:
            return await asyncio.wait_for(body.read(self.settings, self.door, ticket), ticket.timeout_s)
        except TimeoutError:
            message = f"the body did not arrive in {ticket.timeout_s:g} s"
            raise Refusal(408, "timeout", message, "body", {"Connection": "close"}) from None
        except Refusal as refusal:
            await self._drain(body, headers, refusal)
            raise

    async def _drain(self, body: "_Body", headers: dict[bytes, bytes], refusal: Refusal) -> None:
        """Let a caller finish who would not hear the refusal otherwise; hang up on one who has still more."""
        if b"expect" not in headers:
            with suppress(TimeoutError, Refusal):
                await asyncio.wait_for(body.drop(_DRAINED * self.settings.max_body_bytes), _DRAIN_S)
        if body.has_more:
            refusal.headers = {**refusal.headers, "Connection": "close"}


def _check_route(path: str) -> None:
    if path not in ROUTES and path not in _OPEN and not path.startswith(_PAGE):
        raise of_status(404, {}, path, ROUTES)


def _request_id(headers: dict[bytes, bytes]) -> str:
    given = headers.get(REQUEST_ID.encode(), b"")
    return given.decode() if _GIVEN_ID.fullmatch(given) else uuid.uuid4().hex


async def _watch(receive: Receive, ticket: Ticket) -> None:
    """Wait for the caller to hang up; then nobody needs the work."""
    while (await receive())["type"] != "http.disconnect":
        pass
    ticket.withdraw(GONE)


def _tell(scope: Scope, answer: "_Answer", ticket: Ticket, seconds: float) -> None:
    path: str = scope["path"]
    route = path if path in ROUTES or path in _OPEN else "page" if path.startswith(_PAGE) else "unknown"
    metrics().answered(route, answer.outcome, seconds, ticket.n_paragraphs, ticket.n_errors)
    level = logging.DEBUG if path in _QUIET and answer.status < 400 else logging.INFO
    if _log.isEnabledFor(level):
        fields = {
            "request_id": ticket.request_id,
            "caller": ticket.caller,
            "method": scope["method"] if scope["method"] in _METHODS else "other",
            "route": route,
            "status": answer.status,
            "outcome": answer.outcome,
            "ms": round(seconds * 1000, 1),
            "bytes": ticket.n_bytes,
            "paragraphs": ticket.n_paragraphs,
        }
        _log.log(level, "request", extra={"fields": fields})


class _Body:
    """The body of a request as it arrives."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._more = True

    @property
    def has_more(self) -> bool:
        """Whether some of it was not read."""
        return self._more

    async def read(self, settings: Settings, door: Door, ticket: Ticket) -> bytes:
        """All of it; raises ``Refusal`` above the limit, or where there is no room."""
        chunks: list[bytes] = []
        n_bytes = 0
        while self._more:
            chunks.append(await self._next())
            n_bytes += len(chunks[-1])
            if n_bytes > settings.max_body_bytes:
                raise too_large(n_bytes, settings)
            door.carry(ticket, len(chunks[-1]))
        return b"".join(chunks)

    async def drop(self, max_bytes: int) -> None:
        """Read on, up to ``max_bytes``, and keep nothing."""
        while self._more and max_bytes > 0:
            max_bytes -= len(await self._next())

    async def _next(self) -> bytes:
        message = await self._receive()
        self._more = message.get("more_body", False)
        if message["type"] == "http.disconnect":
            raise Refusal(400, "invalid_json", "the body broke off", "body")
        chunk: bytes = message.get("body", b"")
        return chunk


class _Answer:
    """Passes an answer on, or replaces it if it is an error in another form than ours."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, ticket: Ticket) -> None:
        self._scope = scope
        self._receive = receive
        self._send = send
        self._id = ticket.request_id
        self._started = False
        self._replaced = False
        self.status = 0
        self.outcome = "cancelled"

    async def send(self, message: Message) -> None:
        """Pass one message on."""
        if self._replaced:
            return
        if message["type"] == "http.response.start":
            headers = MutableHeaders(raw=list(message["headers"]))
            status, code = message["status"], headers.get(MARK)
            if status >= 400 and code is None:
                await self.refuse(of_status(status, headers, self._scope["path"], ROUTES))
                return
            del headers[MARK]
            message["headers"] = headers.raw
            await self._start(message, code or "ok")
            return
        await self._send(message)

    async def refuse(self, refusal: Refusal) -> None:
        """Answer with a refusal, unless an answer is on its way."""
        if self._started:
            return
        self._replaced = True

        async def send(message: Message) -> None:
            if message["type"] == "http.response.start":
                await self._start(message, refusal.code)
            else:
                await self._send(message)

        await refusal.response()(self._scope, self._receive, send)

    async def _start(self, message: Message, outcome: str) -> None:
        self._started = True
        self.status, self.outcome = message["status"], outcome
        message["headers"].append((REQUEST_ID.encode(), self._id.encode()))
        await self._send(message)
