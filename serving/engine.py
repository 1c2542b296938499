"""Checked requests to the tables that answer them: the only place where the service meets the reader."""

import platform
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import standfirst
from serving.body import text_lines
from serving.errors import INTERNAL, Refusal, log_crash
from serving.metrics import metrics
from serving.models import Models
from serving.settings import MAX_JSON_DEPTH, Settings
from serving.ticket import current
from serving.wire import AiRequest, LabelParagraph, LabelRequest, LooseParagraph, ReadRequest, SummarizeRequest
from standfirst import render
from standfirst.errors import DocumentTooLarge, InputError, NotALiveBlog, StandfirstError, Withheld
from standfirst.parse import parse
from standfirst.reader import Reader
from standfirst.schema import Line, LiveBlog, Paragraph, Report, Topics

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Text:
    """An answer that is no JSON."""

    text: str
    media_type: str


class Engine:
    """A reader, asked in the words of the wire. Its methods take long and belong in a thread."""

    def __init__(self, models: Models, settings: Settings) -> None:
        self._models = models
        self._settings = settings

    @property
    def reader(self) -> Reader:
        """The reader in use now; one request keeps to one."""
        return self._models.reader

    def label(self, request: LabelRequest) -> Json:
        """Label loose paragraphs; those that are wrong are answered with their errors."""
        reader, rows = self.reader, request.paragraphs
        found = _each_labelled(reader, rows, request.threshold)
        answers = [
            request.wrong.get(i)
            or {"id": row.id, **(render.topics_json(one) if isinstance(one, Topics) else {"error": one.table()})}
            for i, (row, one) in enumerate(zip(rows, found, strict=True))
        ]
        _count(reader, [one for i, one in enumerate(found) if isinstance(one, Topics) and i not in request.wrong])
        ticket = current()
        ticket.n_paragraphs, ticket.n_errors = len(rows), sum("error" in answer for answer in answers)
        return {"paragraphs": answers, "models": reader.models}

    def summarize(self, request: SummarizeRequest) -> Json:
        """Make one line of loose paragraphs, or of a text whose lines are its paragraphs."""
        if request.text is not None:
            paragraphs = [
                Paragraph(str(i), line, "text", start, start + len(line))
                for i, (start, line) in enumerate(text_lines(request.text))
            ]
            places: list[str | int | None] = [None] * len(paragraphs)
        else:
            rows = request.paragraphs or []
            paragraphs = [Paragraph(str(i), row.text, "text", 0, len(row.text)) for i, row in enumerate(rows)]
            places = _names(rows)
        reader = self.reader
        current().n_paragraphs = len(paragraphs)
        line = reader.summarize(paragraphs, max_words=request.max_words)
        return {**_summary(line, places), "models": reader.models}

    def read(self, request: ReadRequest) -> Json | Text:
        """Read a live blog; the same answer as ``standfirst read`` gives with this ``output``."""
        blog = parse(request.document, format=request.format, max_bytes=self._settings.max_body_bytes)
        self._check_size(blog)
        ticket, reader = current(), self.reader
        ticket.check()
        report = reader.read(
            blog,
            max_words=request.max_words,
            topics=request.topics,
            since=request.since,
            per_topic=request.per_topic,
            lines=request.lines,
        )
        _count_report(reader, report)
        if request.output == render.MARKDOWN:
            return Text(render.report_markdown(report), "text/markdown; charset=utf-8")
        answer: Json = render.OUTPUTS[request.output](report, reader.labels, request.document)
        return answer

    def _check_size(self, blog: LiveBlog) -> None:
        """Hold a document's paragraphs to the limits of loose ones; one of megabytes would take minutes."""
        sizes = [len(paragraph.text) for paragraph in blog.paragraphs()]
        max_paragraphs, max_chars = self._settings.max_paragraphs, self._settings.max_paragraph_chars
        if len(sizes) > max_paragraphs:
            raise DocumentTooLarge(
                f"the document has {len(sizes):,} paragraphs, expected at most {max_paragraphs:,}; split it"
            )
        if max(sizes, default=0) > max_chars:
            raise DocumentTooLarge(
                f"a paragraph of the document has {max(sizes):,} characters, expected at most {max_chars:,}"
            )

    def ai(self, request: AiRequest) -> Json:
        """Tag an article of Superdesk; one without text, as every article begins, has no tags."""
        document = {"service": request.service, "item": request.article.model_dump()}
        try:
            blog = parse(document, format="superdesk", max_bytes=self._settings.max_body_bytes)
        except NotALiveBlog as error:
            if isinstance(error, Withheld):
                raise
            return render.superdesk_json([], "")
        self._check_size(blog)
        ticket, reader = current(), self.reader
        ticket.check()
        report = reader.read(blog)
        _count_report(reader, report)
        return render.report_superdesk(report, reader.labels)

    def labels(self) -> Json:
        """The label set of the topic model."""
        reader = self.reader
        labels = reader.labels
        return {
            "name": labels.name,
            "version": labels.version,
            "multi_label": labels.multi_label,
            "labels": [
                {
                    "name": label.name,
                    "definition": label.definition,
                    "excludes": label.excludes,
                    "examples": list(label.examples),
                    "media_topic": label.medtop
                    and {
                        "code": label.medtop,
                        "uri": label.medtop_uri,
                        "name": label.medtop_name,
                        "note": label.medtop_note,
                    },
                    "threshold": float(threshold),
                }
                for label, threshold in zip(labels.labels, reader.topics.thresholds, strict=True)
            ],
            "models": reader.models,
        }

    def info(self) -> Json:
        """What answers: models and their hashes, limits, versions."""
        settings, folders = self._settings, self._models.folders
        limits = {
            "body_bytes": settings.max_body_bytes,
            "paragraphs": settings.max_paragraphs,
            "paragraph_chars": settings.max_paragraph_chars,
            "json_values": settings.max_json_values,
            "json_depth": MAX_JSON_DEPTH,
            "timeout_s": settings.timeout_s,
            "waiting": settings.max_waiting,
        }
        versions = {name: version(name) for name in ("bentoml", "onnxruntime")}
        return {
            "models": {
                kind: {"version": self.reader.models[kind], "files": dict(self._models.files[kind])} for kind in folders
            },
            "labels": self.reader.models["labels"],
            "refused": self._models.refused or None,
            "limits": limits,
            "versions": {
                "standfirst": standfirst.__version__,
                **versions,
                "python": platform.python_version(),
            },
            "tokens": settings.tokens_file is not None,
        }


def _each_labelled(
    reader: Reader, rows: Sequence[LabelParagraph], threshold: float | None
) -> Sequence[Topics | Refusal]:
    """Label all at once; where that breaks, each alone, so that one that cannot be read is the only one to fail."""
    try:
        return reader.label([row.text for row in rows], [row.context for row in rows], threshold=threshold)
    except (Refusal, StandfirstError):
        raise
    except Exception as error:
        if len(rows) < 2:
            raise
        log_crash(error)
    found: list[Topics | Refusal] = []
    for row in rows:
        try:
            found += reader.label([row.text], [row.context], threshold=threshold)
        except (Refusal, StandfirstError):
            raise
        except Exception:  # noqa: BLE001 - the same one as above, which is in the log
            found.append(Refusal(500, *INTERNAL))
    return found


def _count_report(reader: Reader, report: Report) -> None:
    topics = [paragraph.topics for update in (report.opening, *report.updates) for paragraph in update.paragraphs]
    _count(reader, topics)
    current().n_paragraphs = len(topics)


def _count(reader: Reader, found: Sequence[Topics]) -> None:
    metrics().labelled(Counter(name for topics in found for name in topics.names))
    metrics().cached(reader.cache)


def _names(rows: Sequence[LooseParagraph]) -> list[str | int | None]:
    """What each paragraph is called in the answer: its id, or its place; two of one name could not be told apart."""
    names: list[str | int | None] = [i if row.id is None else row.id for i, row in enumerate(rows)]
    seen: set[str | int | None] = set()
    for i, name in enumerate(names):
        if name in seen:
            message = "an earlier paragraph has this id (without one it is the place, from 0); give each its own"
            raise InputError(message, where=f"paragraphs[{i}].id")
        seen.add(name)
    return names


def _summary(line: Line | None, places: list[str | int | None]) -> Json:
    """``places`` are the names of the paragraphs; pieces of one without a name count in the whole text."""
    pieces = []
    for piece in line.pieces if line else ():
        place = places[int(piece.paragraph_id)]
        start = piece.source_start if place is None else piece.start
        end = start + len(piece.text)
        pieces.append({"paragraph": place, "start": start, "end": end, "text": piece.text})
    table: Json = {"summary": line and line.text, "words": line.n_words if line else 0, "pieces": pieces}
    if line is not None and line.reason is not None:
        table["reason"] = line.reason
    return table
