"""Checked requests to the tables that answer them: the only place where the service meets the reader."""

from typing import Any

from serving.settings import Settings
from serving.wire import LabelRequest, ReadRequest, SummarizeRequest
from standfirst import render
from standfirst.errors import DocumentTooLarge
from standfirst.parse import parse
from standfirst.reader import Reader
from standfirst.schema import Line, LiveBlog, Paragraph

Json = dict[str, Any]

_MEDIA_TOPIC = "http://cv.iptc.org/newscodes/mediatopic/"


class Engine:
    """A reader, asked in the words of the wire. Its methods take long and belong in a thread."""

    def __init__(self, reader: Reader, settings: Settings) -> None:
        self.reader = reader
        self._settings = settings

    def label(self, request: LabelRequest) -> Json:
        """Label loose paragraphs."""
        rows = request.paragraphs
        found = self.reader.label(
            [row.text for row in rows], [row.context for row in rows], threshold=request.threshold
        )
        answers = [{"id": row.id, **render.topics_json(topics)} for row, topics in zip(rows, found, strict=True)]
        return {"paragraphs": answers, "models": self.reader.models}

    def summarize(self, request: SummarizeRequest) -> Json:
        """Make one line of loose paragraphs, or of a text whose lines are its paragraphs."""
        if request.text is not None:
            paragraphs = _lines(request.text)
            places: list[str | int | None] = [None] * len(paragraphs)
        else:
            rows = request.paragraphs or []
            paragraphs = [Paragraph(str(i), row.text, "text", 0, len(row.text)) for i, row in enumerate(rows)]
            places = [i if row.id is None else row.id for i, row in enumerate(rows)]
        line = self.reader.summarize(paragraphs, max_words=request.max_words)
        return {**_summary(line, places), "models": self.reader.models}

    def read(self, request: ReadRequest) -> Json:
        """Read a live blog; the same table as ``standfirst read --output json``."""
        blog = parse(request.document, format=request.format, max_bytes=self._settings.max_body_bytes)
        self._check_size(blog)
        report = self.reader.read(
            blog,
            max_words=request.max_words,
            topics=request.topics,
            since=request.since,
            per_topic=request.per_topic,
        )
        return render.report_json(report)

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

    def labels(self) -> Json:
        """The label set of the topic model."""
        labels = self.reader.labels
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
                    and {"code": label.medtop, "uri": _MEDIA_TOPIC + label.medtop, "note": label.medtop_note},
                    "threshold": float(threshold),
                }
                for label, threshold in zip(labels.labels, self.reader.topics.thresholds, strict=True)
            ],
            "models": self.reader.models,
        }


def _lines(text: str) -> list[Paragraph]:
    """The lines of a text that hold words, each with its place in the text."""
    paragraphs: list[Paragraph] = []
    start = 0
    for line in text.splitlines(keepends=True):
        if line.strip():
            paragraphs.append(Paragraph(str(len(paragraphs)), line, "text", start, start + len(line)))
        start += len(line)
    return paragraphs


def _summary(line: Line | None, places: list[str | int | None]) -> Json:
    """``places`` are the names of the paragraphs; pieces of one without a name count in the whole text."""
    pieces = []
    for piece in line.pieces if line else ():
        place = places[int(piece.paragraph_id)]
        start = piece.source_start if place is None else piece.start
        end = start + len(piece.text)
        pieces.append({"paragraph": place, "start": start, "end": end, "text": piece.text})
    return {"summary": line and line.text, "words": line.n_words if line else 0, "pieces": pieces}
