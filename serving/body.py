"""A request's bytes to a checked request, or a refusal that says what came and what was expected.

Nothing here quotes a value that was sent; names of unknown fields are repeated if they look like names.
"""

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails, from_json

from serving.errors import Refusal
from serving.settings import MAX_JSON_DEPTH, Settings
from serving.wire import LabelParagraph, LabelRequest, Request
from standfirst.parse.jsontext import without_lone_escapes

Model = TypeVar("Model", bound=BaseModel)

_NOTHING = LabelParagraph(text="")
_JSON_TYPE = re.compile(r"application/(?:[\w.!#$&^-]+\+)?json\s*(?:;(?P<parameters>.*))?", re.I | re.S)
_CHARSET = re.compile(r"charset\s*=\s*\"?([\w-]+)", re.I)
_LINE = re.compile(r" at (line \d+ column \d+)$")
_NAME = re.compile(r"[A-Za-z_][\w-]{0,39}")
_TEXT_LINE = re.compile(r"\S[^\n\r\v\f\x1c-\x1e\x85\u2028\u2029]*")
"""A line as ``str.splitlines`` has it, without the white space before it."""

_EXPECTED = {
    "string_type": "a string",
    "dict_type": "an object",
    "model_type": "an object",
    "model_attributes_type": "an object",
    "list_type": "a list",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "datetime_type": "an ISO time as a string",
}
_GOT = {
    str: "a string",
    bool: "a boolean",
    int: "a number",
    float: "a number",
    list: "a list",
    dict: "an object",
}


def text_lines(text: str) -> Iterator[tuple[int, str]]:
    """The lines of a text that hold words, one by one: they are its paragraphs. Each after its place in the text."""
    return ((line.start(), line[0]) for line in _TEXT_LINE.finditer(text))


def check_headers(headers: Mapping[bytes, bytes], settings: Settings) -> None:
    """Refuse what can be refused before the body is read: its type, its encoding, its announced length."""
    encoding = headers.get(b"content-encoding", b"identity").decode("latin-1").strip().lower()
    if encoding not in ("", "identity"):
        raise Refusal(415, "unsupported_media_type", "send the body without a content encoding", "Content-Encoding")
    kind = headers.get(b"content-type", b"application/json").decode("latin-1").strip()
    match = _JSON_TYPE.fullmatch(kind)
    charset = _CHARSET.search(match["parameters"] or "") if match else None
    if match is None or (charset and charset[1].lower() not in ("utf-8", "utf8", "us-ascii")):
        message = "expected Content-Type: application/json (in UTF-8)"
        raise Refusal(415, "unsupported_media_type", message, "Content-Type")
    length = headers.get(b"content-length", b"0")
    if length.isdigit() and int(length) > settings.max_body_bytes:
        raise too_large(int(length), settings)


def too_large(n_bytes: int, settings: Settings) -> Refusal:
    """The refusal of a body of at least ``n_bytes``."""
    message = f"{n_bytes:,} bytes or more came, expected at most {settings.max_body_bytes:,}; send less at once"
    return Refusal(413, "too_large", message, "body")


def parse_body(body: bytes, model: type[Request], settings: Settings) -> Request:
    """Parse and check a body.

    Raises
    ------
    Refusal
        400 for what is no JSON, 413 above a limit, 422 for a field that is wrong.

    """
    table = _table(body, settings)
    _check_counts(table, settings)
    if model is LabelRequest and isinstance(table.get("paragraphs"), list):
        return _each(table, settings)
    request = _validated(table, model)
    _check_lengths(table, settings)
    return request


def _validated(table: Any, model: type[Model], name: str = "") -> Model:
    try:
        return model.model_validate(table)
    except ValidationError as error:
        raise _refusal(error, table, model, name) from None


def _each(table: dict[str, Any], settings: Settings) -> Request:
    """A request to label: a paragraph that is wrong does not spoil the others, unless all of them are."""
    rows = table["paragraphs"]
    request = _validated({**table, "paragraphs": []}, LabelRequest)
    found = [_paragraph(row, f"paragraphs[{i}]", settings) for i, row in enumerate(rows)]
    refusals = {i: one for i, one in enumerate(found) if isinstance(one, Refusal)}
    if refusals and len(refusals) == len(rows):
        raise refusals[0]
    request.paragraphs = [_NOTHING if isinstance(one, Refusal) else one for one in found]
    request.wrong.update({i: {"id": _id(rows[i]), "error": one.table()} for i, one in refusals.items()})
    return request


def _paragraph(row: Any, where: str, settings: Settings) -> LabelParagraph | Refusal:
    try:
        paragraph = _validated(row, LabelParagraph, where)
        _check_length(row, where, settings)
    except Refusal as refusal:
        return refusal
    return paragraph


def _id(row: Any) -> str | int | None:
    found = row.get("id") if isinstance(row, dict) else None
    return found if type(found) in (str, int) else None


def _table(body: bytes, settings: Settings) -> dict[str, Any]:
    if not body.strip():
        raise Refusal(400, "invalid_json", "an empty body came; expected a JSON object", "body")
    if body.count(b",") > settings.max_json_values:
        raise Refusal(413, "too_large", f"expected at most {settings.max_json_values:,} values in one body", "body")
    try:
        table = _parsed(body.removeprefix(b"\xef\xbb\xbf"))
    except ValueError as error:
        raise _syntax(str(error)) from None
    if not isinstance(table, dict):
        raise Refusal(422, "invalid_input", f"expected an object, got {_got(table)}", "body")
    return table


def _parsed(body: bytes) -> Any:
    """Parse JSON; halves of characters, which the parser refuses, become U+FFFD. Errors keep their place."""
    try:
        return from_json(body, allow_inf_nan=False)
    except ValueError as error:
        if "hex escape" not in str(error):
            raise
    text = without_lone_escapes(body.decode(errors="surrogateescape"))
    return from_json(text.encode(errors="surrogateescape"), allow_inf_nan=False)


def _syntax(message: str) -> Refusal:
    """The parser's messages name a rule and a place, never what stands there."""
    line = _LINE.search(message)
    reason = _LINE.sub("", message)
    if "unicode" in reason:
        reason = "the body is not UTF-8"
    elif "recursion" in reason:
        reason = f"more than {MAX_JSON_DEPTH} levels of nesting"
    return Refusal(400, "invalid_json", f"broken JSON: {reason}", line[1] if line else "body")


def _check_counts(table: Mapping[str, Any], settings: Settings) -> None:
    """Before any paragraph is looked at: a million of them would be a million objects."""
    paragraphs = table.get("paragraphs")
    if isinstance(paragraphs, list) and len(paragraphs) > settings.max_paragraphs:
        message = f"{len(paragraphs):,} paragraphs came, expected at most {settings.max_paragraphs:,}"
        raise Refusal(413, "too_large", message, "paragraphs")


def _check_lengths(table: Mapping[str, Any], settings: Settings) -> None:
    if isinstance(table.get("text"), str):
        _check_text(table["text"], settings)
    for i, paragraph in enumerate(table.get("paragraphs") or ()):
        _check_length(paragraph if isinstance(paragraph, dict) else {"text": paragraph}, f"paragraphs[{i}]", settings)


def _check_text(text: str, settings: Settings) -> None:
    """Before any line is kept: a text of megabytes may have millions."""
    limit = settings.max_paragraph_chars
    for n_lines, (_, line) in enumerate(text_lines(text), 1):
        if n_lines > settings.max_paragraphs:
            message = f"more than {settings.max_paragraphs:,} lines came, expected at most so many; split the text"
            raise Refusal(413, "too_large", message, "text")
        if len(line) > limit:
            message = f"a line of {len(line):,} characters came, expected at most {limit:,}; split it"
            raise Refusal(413, "too_large", message, "text")


def _check_length(row: Mapping[str, Any], where: str, settings: Settings) -> None:
    limit = settings.max_paragraph_chars
    for name in ("text", "context"):
        n_chars = len(row.get(name) or "")
        if n_chars > limit:
            message = f"{n_chars:,} characters came, expected at most {limit:,}; split the paragraph"
            raise Refusal(413, "too_large", message, f"{where}.{name}")


def _refusal(error: ValidationError, table: Any, model: type[BaseModel], name: str) -> Refusal:
    """The first thing that is wrong; how many more there are.

    An unknown field explains a missing one of a like name; else the missing one does: a document that was posted bare
    is nothing but unknown fields.
    """
    details = sorted(error.errors(include_url=False), key=lambda d: _rank(d, model))
    places = [_place(d, table) for d in details]
    here = [d for d, place in zip(details, places, strict=True) if place == places[0]]
    message = _message(here, model)
    n_others = len(set(places)) - 1
    if n_others:
        message += f" ({n_others} more wrong)"
    return Refusal(422, "invalid_input", message, _path(places[0], name))


def _rank(detail: ErrorDetails, model: type[BaseModel]) -> int:
    if detail["type"] == "extra_forbidden":
        return 0 if _near(detail["loc"], model) else 2
    return 1 if detail["type"] == "missing" else 3


def _message(details: Sequence[ErrorDetails], model: type[BaseModel]) -> str:
    first = details[0]
    expected = list(dict.fromkeys(_EXPECTED[d["type"]] for d in details if d["type"] in _EXPECTED))
    if first["type"] == "missing":
        field = _known(first["loc"], model).get(str(first["loc"][-1]))
        return "this field is missing" + (f"; {field.description}" if field and field.description else "")
    if first["type"] == "extra_forbidden":
        return f"unknown field; {_hint(first['loc'], model)}"
    if expected:
        return f"expected {' or '.join(expected)}, got {_got(first['input'])}"
    if first["type"] == "value_error":
        return str(first["ctx"]["error"])
    return first["msg"].replace("Input should", "should").replace("Value error, ", "")


def _hint(loc: Sequence[int | str], model: type[BaseModel]) -> str:
    near = _near(loc, model)
    return f"did you mean {near[0]!r}?" if near else f"known fields: {', '.join(_known(loc, model))}"


def _near(loc: Sequence[int | str], model: type[BaseModel]) -> list[str]:
    return difflib.get_close_matches(str(loc[-1]), _known(loc, model), n=1)


def _known(loc: Sequence[int | str], model: type[BaseModel]) -> Mapping[str, FieldInfo]:
    item = getattr(model, "item", None)
    owner = model if len(loc) == 1 or item is None else item
    return owner.model_fields


def _place(detail: ErrorDetails, table: Any) -> tuple[int | str, ...]:
    """Where an error is: the part of its location that leads somewhere, and the name of what is missing.

    A union adds parts of its own to a location, which lead nowhere in the input.
    """
    place: list[int | str] = []
    for part in detail["loc"]:
        try:
            table = table[part]
        except (KeyError, IndexError, TypeError):
            if detail["type"] == "missing":
                place.append(part)
            break
        place.append(part)
    return tuple(place)


def _path(place: Sequence[int | str], path: str = "") -> str:
    for part in place:
        if isinstance(part, int):
            path += f"[{part}]"
        else:
            path += ("." if path else "") + (part if _NAME.fullmatch(part) else "?")
    return path or "body"


def _got(value: object) -> str:
    if isinstance(value, float) and not value.is_integer():
        return "a fraction"
    return "null" if value is None else _GOT.get(type(value), type(value).__name__)
