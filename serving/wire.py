"""What goes over the wire.

Requests are strict: no unknown field, no conversion. Answers are documentation: they state what
``standfirst.render`` and ``engine`` give, and the tests hold both to it.
"""

# BentoML loads its public names lazily, so that they are Any to a type checker.
# mypy: disable-error-code="misc"

from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar, Literal, NamedTuple

import bentoml
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PrivateAttr, model_validator
from starlette.requests import Request as HttpRequest

from serving.ticket import Ticket
from standfirst.digest import MAX_WORDS as DIGEST_WORDS
from standfirst.parse import FORMATS
from standfirst.render import MARKDOWN, OUTPUTS
from standfirst.schema import Lines
from standfirst.summarize import MAX_WORDS as LINE_WORDS

READ_OUTPUTS = (*OUTPUTS, MARKDOWN)
"""The forms that a report may be asked for."""

SCOPE_KEY = "standfirst.request"
"""Where the gate leaves a request's body, and its ticket, for the endpoint."""


def _moment(value: object) -> object:
    """An ISO time as an aware UTC moment; one without a zone is UTC, as on the command line.

    One that its zone takes out of the years 1 to 9999 is the first or the last moment of them.
    """
    if not isinstance(value, str):
        return value
    try:
        moment = datetime.fromisoformat(value)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError:
        first, last = (edge.replace(tzinfo=UTC) for edge in (datetime.min, datetime.max))
        return first if moment.year == 1 else last
    except ValueError:
        raise ValueError("expected an ISO time such as 2026-03-04T07:30Z") from None


def _whole(value: object) -> object:
    """A number without a fraction, 3.0, is the whole number 3: JSON and its schemas make no difference."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _output(value: str) -> str:
    if value not in READ_OUTPUTS:
        raise ValueError(f"expected one of {', '.join(READ_OUTPUTS)}")
    return value


def _string_or_object(schema: dict[str, Any]) -> None:
    whole = dict(schema)
    schema.clear()
    schema["anyOf"] = [{"type": "string"}, whole]


def _text_or_paragraphs(schema: dict[str, Any]) -> None:
    kinds = {"text": "string", "paragraphs": "array"}
    schema["oneOf"] = [{"required": [name], "properties": {name: {"type": kind}}} for name, kind in kinds.items()]


_DOCUMENT = 'put the live blog under "document", as a string or, where it is JSON, as it is'

Positive = Annotated[int, Field(ge=1), BeforeValidator(_whole)]
Id = Annotated[str | int | None, BeforeValidator(_whole)]

_STRICT = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)


class LabelParagraph(BaseModel):
    """A paragraph and what stands over it (its update's headline)."""

    model_config = _STRICT

    id: Id = None
    text: str
    context: str | None = None


class LooseParagraph(BaseModel):
    """A paragraph to summarise; a plain string will do."""

    model_config = ConfigDict(**_STRICT, json_schema_extra=_string_or_object)

    id: Id = None
    text: str

    @model_validator(mode="before")
    @classmethod
    def _from_string(cls, value: object) -> object:
        if isinstance(value, str):
            return {"text": value}
        if not isinstance(value, dict):
            raise ValueError('expected a string, or an object with "text"')
        return value


class Sent(NamedTuple):
    """A request as the gate left it: bytes, limited but not yet looked at, and who waits for the answer."""

    body: bytes
    ticket: Ticket


class Request(bentoml.IODescriptor):
    """A request's body; what endpoints get of it is what was :class:`Sent`, to be parsed in a thread."""

    model_config = _STRICT
    item: ClassVar[type[BaseModel] | None] = None

    @classmethod
    async def from_http_request(cls, request: HttpRequest, _serde: Any) -> Sent:
        """What the gate left; BentoML's own reading has no limits and ignores unknown fields."""
        return Sent(*request.scope[SCOPE_KEY])


class LabelRequest(Request):
    """Loose paragraphs to label; ``threshold`` replaces every label's own.

    A paragraph that is wrong is answered with its error in its place, and the others with their labels.
    """

    item = LabelParagraph

    paragraphs: list[LabelParagraph]
    threshold: Annotated[float | None, Field(ge=0, le=1)] = None
    _wrong: dict[int, dict[str, Any]] = PrivateAttr(default_factory=dict)

    @property
    def wrong(self) -> dict[int, dict[str, Any]]:
        """By their place, the answers of paragraphs that cannot be read; an empty one stands in for each."""
        return self._wrong


class SummarizeRequest(Request):
    """Paragraphs, or one text, to make a line of at most ``max_words`` words of."""

    model_config = ConfigDict(json_schema_extra=_text_or_paragraphs)
    item = LooseParagraph

    text: str | None = None
    paragraphs: Annotated[list[LooseParagraph], Field(fail_fast=True)] | None = None
    max_words: Positive = LINE_WORDS

    @model_validator(mode="after")
    def _one_of_two(self) -> "SummarizeRequest":
        if (self.text is None) == (self.paragraphs is None):
            raise ValueError('expected either "text" or "paragraphs"')
        return self


class ReadRequest(Request):
    """A live blog to read; ``max_words``, ``since``, ``topics`` and ``per_topic`` shape its digest.

    ``lines`` asks for a line of the model's even where an update has a headline.

    ``output`` is the form of the answer: ``json`` as documented here, the newsroom's own ``ninjs``, ``jsonld`` or
    ``superdesk``, or ``markdown`` for an editor, which comes as text.
    """

    document: Annotated[str | dict[str, Any] | list[Any], Field(description=_DOCUMENT)]
    format: Annotated[str, Field(json_schema_extra={"enum": ["auto", *FORMATS]})] = "auto"
    max_words: Positive = DIGEST_WORDS
    since: Annotated[datetime | None, BeforeValidator(_moment)] = None
    topics: Annotated[list[str] | None, Field(json_schema_extra={"minItems": 1})] = None
    per_topic: Positive | None = None
    lines: Lines = "headline"
    output: Annotated[str, AfterValidator(_output), Field(json_schema_extra={"enum": list(READ_OUTPUTS)})] = "json"


class AiItem(BaseModel):
    """An article of Superdesk. It has many more fields, of which those that say that it was taken back are read."""

    model_config = ConfigDict(extra="allow", strict=True, hide_input_in_errors=True)

    guid: str
    body_html: str
    language: str | None = None
    headline: str | None = None
    abstract: str | None = None


class AiRequest(Request):
    """What Superdesk posts to an AI service: an article of which it wants the tags."""

    model_config = ConfigDict(extra="ignore", strict=True, hide_input_in_errors=True)

    service: str
    article: Annotated[AiItem, Field(alias="item")]
    tags: dict[str, Any] | None = None


class _Answer(bentoml.IODescriptor):
    model_config = ConfigDict(extra="forbid")


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Models(_Part):
    """The versions that answered."""

    topics: str
    summary: str
    labels: str


class LabelScore(_Part):
    """A topic that was given, and its calibrated probability."""

    label: str
    score: float


class Labelled(_Part):
    """``labels`` best first, maybe none; ``scores`` for every label; ``windows`` where several were read."""

    labels: list[LabelScore]
    scores: dict[str, float]
    windows: int = 1


class LabelledParagraph(Labelled):
    """The topics of a paragraph, under the id that came with it."""

    id: str | int | None


class ErrorDetail(_Part):
    """A code for programs, a message for people, and the place in the request."""

    code: str
    message: str
    where: str


class WrongParagraph(_Part):
    """A paragraph that could not be labelled, and why; ``id`` if one could be read."""

    id: str | int | None
    error: ErrorDetail


class LabelAnswer(_Answer):
    """One answer per paragraph, in the order they came."""

    paragraphs: list[LabelledParagraph | WrongParagraph]
    models: Models


class SummaryPiece(_Part):
    """Words of the summary: ``[start:end]`` of a paragraph (its id, or its place from 0) or of ``text``."""

    paragraph: str | int | None
    start: int
    end: int
    text: str


class SummarizeAnswer(_Answer):
    """The line, or ``null`` if there were no words, and where each piece of it came from.

    ``reason`` says why the line of a seq2seq model was not used; it is there only then.
    """

    summary: str | None
    words: int
    pieces: list[SummaryPiece]
    models: Models
    reason: str | None = None


class Piece(_Part):
    """Words of a line: ``[start:end]`` of a paragraph; ``source_start`` counts in the whole document."""

    paragraph: str
    start: int
    end: int
    source_start: int
    text: str


class Line(_Part):
    """A line: ``headline`` as a journalist wrote it, ``extracted`` from the text, or ``generated`` by a seq2seq model.

    The pieces of a generated line are the sentences that it rests on. ``reason`` says why a generated line was not
    used; it is there only then.
    """

    text: str
    origin: Literal["headline", "extracted", "generated"]
    words: int
    pieces: list[Piece]
    reason: str | None = None


class Point(Line):
    """A key point; ``also`` are other updates that tell the same event."""

    update: str
    published: datetime | None
    topics: list[str]
    score: float
    also: list[str]


class Group(_Part):
    """The points of a topic; ``top`` is the first group, ``other`` has no topic."""

    topic: str
    points: list[Point]


class Digest(_Part):
    """Key points by topic, at most ``max_words`` words together."""

    max_words: int
    words: int
    groups: list[Group]


class BlogParagraph(Labelled):
    """A paragraph of the blog, its characters in the source, and its topics."""

    id: str
    kind: Literal["title", "key_point", "headline", "text", "byline", "pointer"]
    text: str
    start: int
    end: int
    repeat_of: str | None


class Update(_Part):
    """An update: its headline, its standfirst and its paragraphs with their topics.

    ``source_id`` is the id or URL by which the document itself knows the update.
    """

    id: str
    headline: str | None
    published: datetime | None
    modified: datetime | None
    url: str | None
    authors: list[str]
    key_event: bool
    source_id: str | None
    topics: list[str]
    standfirst: Line | None
    paragraphs: list[BlogParagraph]


class Blog(_Part):
    """What the blog says about itself; ``notes`` say what was repaired or left out."""

    id: str
    title: str | None
    url: str | None
    published: datetime | None
    modified: datetime | None
    language: str | None
    source_id: str | None
    format: str
    notes: list[str]


class ReadAnswer(_Answer):
    """The whole report, the same as ``standfirst read --output json``."""

    blog: Blog
    opening: Update
    updates: list[Update]
    digest: Digest
    models: Models


class Tag(_Part):
    """A tag as Superdesk has them; with a Media Topic its code is the ``qcode`` and ``scheme`` is ``mediatopic``."""

    name: str
    qcode: str
    parent: None
    source: str
    aliases: list[str]
    original_source: str
    altids: dict[str, str]
    description: str
    scheme: str


class Analysis(_Part):
    """The tags of an article by kind, best first; we make only subjects."""

    subject: list[Tag]
    organisation: list[Tag]
    person: list[Tag]
    place: list[Tag]
    event: list[Tag]
    object: list[Tag]


class AiAnswer(_Answer):
    """What Superdesk's AI services answer."""

    analysis: Analysis


class MediaTopic(_Part):
    """The nearest IPTC Media Topic; ``note`` says where it does not quite fit."""

    code: str
    uri: str
    name: str
    note: str


class LabelInfo(_Part):
    """A label, what it means and what it does not, and the probability from which it is given."""

    name: str
    definition: str
    excludes: str
    examples: list[str]
    media_topic: MediaTopic | None
    threshold: float


class LabelsAnswer(_Part):
    """The label set of the topic model."""

    name: str
    version: str
    multi_label: bool
    labels: list[LabelInfo]
    models: Models


class Versions(_Part):
    """What runs."""

    standfirst: str
    bentoml: str
    onnxruntime: str
    python: str


class ModelInfo(_Part):
    """A model: its version and the sha256 of each of its files."""

    version: str
    files: dict[str, str]


class Limits(_Part):
    """What is refused above."""

    body_bytes: int
    paragraphs: int
    paragraph_chars: int
    json_values: int
    json_depth: int
    timeout_s: float
    waiting: int


class InfoAnswer(_Part):
    """What answers here; ``refused`` says why a newer model is not in use."""

    models: dict[str, ModelInfo]
    labels: str
    refused: str | None
    limits: Limits
    versions: Versions
    tokens: bool


class ErrorAnswer(_Part):
    """The form of every error."""

    error: ErrorDetail


REQUESTS: dict[str, type[Request]] = {
    "/v1/label": LabelRequest,
    "/v1/summarize": SummarizeRequest,
    "/v1/read": ReadRequest,
    "/api/ai": AiRequest,
}
"""What each ``POST`` route takes."""

ROUTES = (*REQUESTS, "/v1/labels", "/v1/info", "/livez", "/readyz", "/metrics", "/docs.json")
"""All that a caller may want."""
