"""The service: one class, async endpoints, models loaded once per worker, no torch.

The :class:`~serving.gate.Gate` checks what comes and gives errors one form; :class:`~serving.engine.Engine`
does the work in threads; BentoML starts workers, routes, and gives /livez, /readyz, /metrics and access logs.
"""

# BentoML loads its public names lazily, so that they are Any to a type checker.
# mypy: disable-error-code="misc, untyped-decorator, attr-defined"

import json
from collections.abc import Callable
from typing import Any, TypeVar

import bentoml
import yaml  # type: ignore[import-untyped, unused-ignore]
from bentoml.exceptions import BentoMLConfigException
from starlette.applications import Starlette
from starlette.requests import Request as HttpRequest
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

import standfirst
from serving import openapi, wire
from serving.engine import Engine, Json
from serving.errors import of_error
from serving.gate import Gate
from serving.settings import Settings
from serving.workers import Workers
from standfirst.errors import StandfirstError
from standfirst.manifest import read_manifest
from standfirst.reader import MODELS

T = TypeVar("T")

_BENTOML_TIMEOUT_S = 3600
"""BentoML's own timeout, which leaves the work running; ``Settings.timeout_s`` comes first."""

_PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Standfirst</title>
<link rel="stylesheet" href="./static_content/swagger-ui.css"></head>
<body><div id="swagger-ui"></div><script src="./static_content/swagger-ui-bundle.js"></script>
<script>SwaggerUIBundle({url: "./docs.json", dom_id: "#swagger-ui", validatorUrl: null})</script>
</body></html>
"""
"""BentoML's own page with its own Swagger UI, less the tracker that it loads from Google."""


class _Service(bentoml.Service[T]):
    """BentoML's service with a true OpenAPI document, at /docs.json and in a built Bento."""

    @property
    def openapi_spec(self) -> Any:
        return openapi.Document(openapi.document(Settings.from_environment()))


yaml.add_representer(openapi.Document, lambda dumper, spec: dumper.represent_dict(spec.asdict()))


async def _labels(_request: HttpRequest) -> Response:
    service: Any = bentoml.get_current_service()
    return _json(service.engine.labels())


async def _page(_request: HttpRequest) -> Response:
    return HTMLResponse(_PAGE)


# BentoML's APIs are POST only.
_GET = Starlette(routes=[Route("/v1/labels", _labels), Route("/", _page)])


@bentoml.service(name="standfirst", service_class=_Service, traffic={"timeout": _BENTOML_TIMEOUT_S})
@bentoml.asgi_app(_GET)
class Standfirst:
    """Reads live blogs: labels paragraphs, writes standfirsts, makes digests."""

    def __init__(self) -> None:
        settings = Settings.from_environment()
        reader = standfirst.load(
            settings.topics,
            settings.summary,
            threads=settings.threads,
            cache_bytes=settings.cache_mib * 2**20,
        )
        reader.label(["The first call of a model is slow."])
        reader.summarize(["The first call of a model is slow."])
        self.engine = Engine(reader, settings)
        self.workers = Workers(settings)

    @bentoml.api(route="/v1/label", output_spec=wire.LabelAnswer)
    async def label(self, request: wire.LabelRequest, /) -> Response:
        """Label loose paragraphs."""
        return await self._answer(self.engine.label, request)

    @bentoml.api(route="/v1/summarize", output_spec=wire.SummarizeAnswer)
    async def summarize(self, request: wire.SummarizeRequest, /) -> Response:
        """Make one line of loose paragraphs or a text."""
        return await self._answer(self.engine.summarize, request)

    @bentoml.api(route="/v1/read", output_spec=wire.ReadAnswer)
    async def read(self, request: wire.ReadRequest, /) -> Response:
        """Read a live blog: labels, a line per update, a digest."""
        return await self._answer(self.engine.read, request)

    @bentoml.on_deployment
    @staticmethod
    def check() -> None:
        """Refuse to start, once and with the reason; a worker that fails would be started again for ever."""
        try:
            settings = Settings.from_environment()
            read_manifest(settings.topics or MODELS / "topics", kind="topics")
            read_manifest(settings.summary or MODELS / "summary", kind="summary")
        except StandfirstError as error:
            raise BentoMLConfigException(str(error)) from None

    @bentoml.on_shutdown
    def close(self) -> None:
        """Stop the threads."""
        self.workers.close()

    async def _answer(self, work: Callable[[T], Json], request: T) -> Response:
        """Work in a thread, writing the JSON included. Errors end here: BentoML would log their texts."""
        try:
            body = await self.workers.run(lambda: _encoded(work(request)))
        except Exception as error:  # noqa: BLE001 - all become answers, ours and bugs
            return of_error(error).response(marked=True)
        return Response(body, media_type="application/json")


Standfirst.add_asgi_middleware(Gate)


def _encoded(table: Json) -> bytes:
    return json.dumps(table, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def _json(table: Json) -> Response:
    return Response(_encoded(table), media_type="application/json")
