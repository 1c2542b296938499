"""The OpenAPI document, made of the wire types.

BentoML's own generator keeps only the first type of a union, and promises errors in another form than ours.
"""

import json
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

import standfirst
from serving import wire
from serving.settings import Settings

Json = dict[str, Any]

_REF = "#/components/schemas/{model}"
_ROUTES: tuple[tuple[str, str, type[BaseModel], str], ...] = (
    ("/v1/label", "label", wire.LabelAnswer, "Label loose paragraphs"),
    ("/v1/summarize", "summarize", wire.SummarizeAnswer, "Make one line of loose paragraphs or a text"),
    ("/v1/read", "read", wire.ReadAnswer, "Read a live blog: labels, a line per update, a digest"),
    ("/api/ai", "ai", wire.AiAnswer, "Tag an article, as Superdesk asks for it"),
)
_ERRORS = {
    "400": "The body is no JSON",
    "401": "No token, or one that is not known; only where tokens are asked for",
    "408": "The body did not arrive in time",
    "413": "The body, the number of paragraphs or a paragraph is above its limit",
    "415": "The body is not JSON in UTF-8",
    "422": "A field is wrong, or the document cannot be read",
    "429": "Too many requests wait; come again after Retry-After seconds",
    "500": "A bug of ours",
    "503": "Not done in time, or not ready",
}


def document(settings: Settings) -> Json:
    """The document, with the limits that hold here."""
    models: list[tuple[type[BaseModel], JsonSchemaMode]] = [(m, "validation") for m in wire.REQUESTS.values()]
    models += [(answer, "serialization") for _, _, answer, _ in _ROUTES]
    models += [
        (wire.LabelsAnswer, "serialization"),
        (wire.InfoAnswer, "serialization"),
        (wire.ErrorAnswer, "serialization"),
    ]
    _, definitions = models_json_schema(models, ref_template=_REF)
    schemas = definitions["$defs"]
    _state_limits(schemas, settings)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Standfirst",
            "version": standfirst.__version__,
            "description": "Reads live blogs: what each paragraph is about, a line per update, a digest.",
        },
        "servers": [{"url": "."}],
        "paths": {
            **_posts(),
            "/v1/labels": {"get": _get("labels", "The label set", wire.LabelsAnswer)},
            "/v1/info": {"get": _get("info", "What answers here: models, limits, versions", wire.InfoAnswer)},
            "/livez": {"get": _get("livez", "Whether the process answers", open_=True)},
            "/readyz": {"get": _get("readyz", "Whether the models are loaded", open_=True)},
            "/metrics": {"get": _get("metrics", "Prometheus metrics")},
        },
        "components": {"schemas": schemas},
    }


def _state_limits(schemas: Json, settings: Settings) -> None:
    for name in ("LabelRequest", "SummarizeRequest"):
        for schema in _alternatives(schemas[name]["properties"]["paragraphs"]):
            if schema.get("type") == "array":
                schema["maxItems"] = settings.max_paragraphs
    for name in ("LabelParagraph", "LooseParagraph"):
        for schema in _alternatives(schemas[name]):
            fields = schema.get("properties", {"text": schema})  # an id has no limit of its own
            for text in (fields[field] for field in ("text", "context") if field in fields):
                for alternative in _alternatives(text):
                    if alternative.get("type") == "string":
                        alternative["maxLength"] = settings.max_paragraph_chars


def _alternatives(schema: Json) -> list[Json]:
    found: list[Json] = schema.get("anyOf", [schema])
    return found


def _posts() -> Json:
    posts = {path: {"post": _post(name, wire.REQUESTS[path], answer, text)} for path, name, answer, text in _ROUTES}
    read = posts["/v1/read"]["post"]["responses"]["200"]["content"]
    # not one schema with two types: tools of OpenAPI 3.1 stumble over such a list
    others = [{"type": kind, "description": "With `output` ninjs, jsonld or superdesk"} for kind in ("object", "array")]
    read["application/json"]["schema"] = {"anyOf": [read["application/json"]["schema"], *others]}
    read["text/markdown"] = {"schema": {"type": "string", "description": "With `output` markdown"}}
    return posts


def _post(name: str, request: type[BaseModel], answer: type[BaseModel], summary: str) -> Json:
    return {
        "operationId": name,
        "summary": summary,
        "description": (request.__doc__ or "").strip(),
        "requestBody": {"required": True, "content": _content(request)},
        "responses": {
            "200": {"description": "Done", "content": _content(answer)},
            **{status: _error(status, text) for status, text in _ERRORS.items()},
        },
    }


def _get(name: str, summary: str, answer: type[BaseModel] | None = None, *, open_: bool = False) -> Json:
    """``open_`` routes need no token."""
    done: Json = {"description": "Done"}
    if answer is not None:
        done["content"] = _content(answer)
    statuses = ("500", "503") if open_ else ("401", "500", "503")
    responses = {"200": done, **{status: _error(status, _ERRORS[status]) for status in statuses}}
    return {"operationId": name, "summary": summary, "responses": responses}


def _error(status: str, description: str) -> Json:
    error: Json = {"description": description, "content": _content(wire.ErrorAnswer)}
    if status == "429":
        error["headers"] = {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds"}}
    return error


def _content(model: type[BaseModel]) -> Json:
    return {"application/json": {"schema": {"$ref": _REF.format(model=model.__name__)}}}


class Document(Json):
    """The document as BentoML wants it: for ``/docs.json``, and as YAML in a Bento."""

    def asdict(self) -> Json:
        """A plain copy."""
        plain: Json = json.loads(json.dumps(self))
        return plain
