"""The gate in front of BentoML's routes.

It reads and checks the bodies of our routes (BentoML sets no limit, ignores unknown fields and writes
rejected values into its log), and gives every error that leaves the service the same form.
"""

from anyio import to_thread
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.body import check_headers, parse_body, too_large
from serving.errors import MARK, Refusal, of_error, of_status
from serving.settings import Settings
from serving.wire import REQUESTS, ROUTES, SCOPE_KEY, Request

_DRAINED = 4
"""Times the body limit: so much of a refused body is read and dropped before the answer, since many clients
send all of it before they look, and would find a reset connection.
"""


class Gate:
    """ASGI middleware; inside BentoML's own, so that its access log and metrics see what is refused here."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.settings = Settings.from_environment()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        answer = _Answer(scope, receive, send)
        try:
            model = REQUESTS.get(scope["path"])
            if model is not None and scope["method"] == "POST":
                scope[SCOPE_KEY] = await self._read(model, scope, receive)
            await self.app(scope, receive, answer.send)
        except Exception as error:  # noqa: BLE001 - the last place where one can become an answer
            # BentoML's timeout would wait in vain for an answer that an exception has swallowed.
            await answer.refuse(of_error(error))

    async def _read(self, model: type[Request], scope: Scope, receive: Receive) -> Request:
        headers = dict(scope["headers"])
        body = _Body(receive)
        try:
            check_headers(headers, self.settings)
            data = await body.read(self.settings)
        except Refusal:
            if b"expect" not in headers:
                await body.drop(_DRAINED * self.settings.max_body_bytes)
            raise
        return await to_thread.run_sync(parse_body, data, model, self.settings)


class _Body:
    """The body of a request as it arrives."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._more = True

    async def read(self, settings: Settings) -> bytes:
        """All of it; raises ``Refusal`` above the limit."""
        chunks: list[bytes] = []
        n_bytes = 0
        while self._more:
            chunks.append(await self._next())
            n_bytes += len(chunks[-1])
            if n_bytes > settings.max_body_bytes:
                raise too_large(n_bytes, settings)
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

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._scope = scope
        self._receive = receive
        self._send = send
        self._started = False
        self._replaced = False

    async def send(self, message: Message) -> None:
        """Pass one message on."""
        if self._replaced:
            return
        if message["type"] == "http.response.start":
            headers = MutableHeaders(raw=list(message["headers"]))
            ours = MARK in headers
            if message["status"] >= 400 and not ours:
                await self.refuse(of_status(message["status"], headers, self._scope["path"], ROUTES))
                return
            del headers[MARK]
            message["headers"] = headers.raw
        self._started = True
        await self._send(message)

    async def refuse(self, refusal: Refusal) -> None:
        """Answer with a refusal, unless an answer is on its way."""
        if not self._started:
            self._started = self._replaced = True
            await refusal.response()(self._scope, self._receive, self._send)
