"""The service: one class, async endpoints, models loaded once per worker, no torch.

The :class:`~serving.gate.Gate` lets in what may come and gives errors one form; :class:`~serving.engine.Engine`
does the work in threads, whose calls of the models meet in the :class:`~serving.batcher.Batcher`; BentoML starts
workers, routes, and gives /livez, /readyz and /metrics.
"""

# BentoML loads its public names lazily, so that they are Any to a type checker.
# mypy: disable-error-code="misc, untyped-decorator, attr-defined"

import json
from collections.abc import Callable
from typing import Any, TypeVar

import bentoml
import yaml  # type: ignore[import-untyped, unused-ignore]
from _bentoml_impl.server.app import ContextMiddleware, ServiceAppFactory
from bentoml.exceptions import BentoMLConfigException
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request as HttpRequest
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from serving import logs, openapi, wire
from serving.batcher import Batcher
from serving.body import parse_body
from serving.engine import Engine, Json, Text
from serving.errors import of_error
from serving.gate import Gate
from serving.metrics import metrics
from serving.models import Models, files_of
from serving.settings import Settings, workers
from serving.tokens import Tokens
from serving.workers import Workers
from standfirst.errors import StandfirstError
from standfirst.manifest import read_manifest
from standfirst.reader import MODELS
from standfirst.render import for_script

T = TypeVar("T")

_PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Standfirst</title>
<link rel="stylesheet" href="./static_content/swagger-ui.css"></head>
<body><div id="swagger-ui"></div><script src="./static_content/swagger-ui-bundle.js"></script>
<script>SwaggerUIBundle({url: "./docs.json", dom_id: "#swagger-ui", validatorUrl: null})</script>
</body></html>
"""
"""BentoML's own page with its own Swagger UI, less the tracker that it loads from Google."""


class _App(ServiceAppFactory):
    """BentoML's application with the layers of :class:`_Service` alone."""

    @property
    def middlewares(self) -> list[Middleware]:
        return [Middleware(ContextMiddleware, context=self.service.context)]


class _Service(bentoml.Service[T]):
    """BentoML's service with the gate around it and a true OpenAPI document, at /docs.json and in a built Bento."""

    def to_asgi(self, is_main: bool = True) -> Any:
        settings = Settings.from_environment()
        if bentoml.server_context.worker_index is not None:  # a worker of its own, and nobody's test
            logs.install(settings.log_level)
        self.inject_config()
        # Of BentoML's own layers none has anything to add to the gate. Its timeout keeps a timer per request for as
        # long as it allows, its metrics and access log keep whatever path was asked for, its tracing goes nowhere.
        app: Any = Gate(_App(self, is_main=is_main)(), settings)
        if settings.cors_origins:
            app = CORSMiddleware(
                app,
                allow_origins=settings.cors_origins,
                allow_methods=["GET", "POST"],
                allow_headers=["Authorization", "Content-Type", "X-Request-ID"],
                expose_headers=["X-Request-ID", "Retry-After"],
            )
        return app

    @property
    def openapi_spec(self) -> Any:
        return openapi.Document(openapi.document(Settings.from_environment()))


yaml.add_representer(openapi.Document, lambda dumper, spec: dumper.represent_dict(spec.asdict()))


async def _labels(_request: HttpRequest) -> Response:
    service: Any = bentoml.get_current_service()
    return _json(service.engine.labels())


async def _info(_request: HttpRequest) -> Response:
    service: Any = bentoml.get_current_service()
    return _json(service.engine.info())


async def _page(_request: HttpRequest) -> Response:
    return HTMLResponse(_PAGE)


# BentoML's APIs are POST only.
_GET = Starlette(routes=[Route("/v1/labels", _labels), Route("/v1/info", _info), Route("/", _page)])


@bentoml.service(name="standfirst", service_class=_Service, workers=workers(), logging={"access": {"enabled": False}})
@bentoml.asgi_app(_GET)
class Standfirst:
    """Reads live blogs: labels paragraphs, writes standfirsts, makes digests."""

    def __init__(self) -> None:
        settings = Settings.from_environment()
        self.settings = settings
        self.batcher = Batcher(settings.batch_tokens, metrics(), calls=settings.calls)
        self.models = Models(settings, self.batcher)
        self.engine = Engine(self.models, settings)
        self.workers = Workers(settings)
        metrics().expect(wire.REQUESTS, self.engine.reader.labels.names)

    @bentoml.api(route="/v1/label", output_spec=wire.LabelAnswer)
    async def label(self, request: wire.LabelRequest, /) -> Response:
        """Label loose paragraphs."""
        return await self._answer(self.engine.label, wire.LabelRequest, request)

    @bentoml.api(route="/v1/summarize", output_spec=wire.SummarizeAnswer)
    async def summarize(self, request: wire.SummarizeRequest, /) -> Response:
        """Make one line of loose paragraphs or a text."""
        return await self._answer(self.engine.summarize, wire.SummarizeRequest, request)

    @bentoml.api(route="/v1/read", output_spec=wire.ReadAnswer)
    async def read(self, request: wire.ReadRequest, /) -> Response:
        """Read a live blog: labels, a line per update, a digest."""
        return await self._answer(self.engine.read, wire.ReadRequest, request)

    @bentoml.api(route="/api/ai", output_spec=wire.AiAnswer)
    async def ai(self, request: wire.AiRequest, /) -> Response:
        """Tag an article, as Superdesk asks for it."""
        return await self._answer(self.engine.ai, wire.AiRequest, request)

    @bentoml.on_deployment
    @staticmethod
    def check() -> None:
        """Refuse to start, once and with the reason; a worker that fails would be started again for ever."""
        try:
            settings = Settings.from_environment()
            if settings.tokens_file is not None:
                Tokens(settings.tokens_file)
            read_manifest(settings.topics or MODELS / "topics", kind="topics")
            files_of("summary", settings.summary or MODELS / "summary")
        except StandfirstError as error:
            raise BentoMLConfigException(str(error)) from None

    @bentoml.on_shutdown
    def close(self) -> None:
        """Stop the threads."""
        self.workers.close()
        self.models.close()
        self.batcher.close()

    async def _answer(self, work: Callable[[Any], Json | Text], kind: type[wire.Request], sent: wire.Sent) -> Response:
        """Parse, work and write the answer in a thread. Errors end here: BentoML would log their texts."""

        def whole() -> Response:
            request = parse_body(sent.body, kind, self.settings)
            sent.ticket.check()
            answer = work(request)
            if isinstance(answer, Text):
                return Response(answer.text.encode(), media_type=answer.media_type)
            return _json(answer)

        try:
            return await self.workers.run(whole, sent.ticket)
        except Exception as error:  # noqa: BLE001 - all become answers, ours and bugs
            return of_error(error).response(marked=True)


def _json(table: Json) -> Response:
    text = json.dumps(table, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return Response(for_script(text).encode(), media_type="application/json")
