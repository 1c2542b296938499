"""What a reader said, in the forms that systems and editors take.

The command line and the service both answer with these, so that they cannot differ.
"""

from collections.abc import Callable, Mapping
from typing import Any

from standfirst.labels import LabelSet
from standfirst.render.jsonld import Document, report_jsonld
from standfirst.render.markdown import report_markdown
from standfirst.render.ninjs import report_ninjs
from standfirst.render.superdesk import report_superdesk, superdesk_json
from standfirst.render.tables import (
    Json,
    digest_json,
    for_script,
    line_json,
    paragraph_json,
    report_json,
    topics_json,
    update_json,
)
from standfirst.schema import Report

__all__ = [
    "MARKDOWN",
    "OUTPUTS",
    "Json",
    "digest_json",
    "for_script",
    "line_json",
    "paragraph_json",
    "report_json",
    "report_jsonld",
    "report_markdown",
    "report_ninjs",
    "report_superdesk",
    "superdesk_json",
    "topics_json",
    "update_json",
]

OUTPUTS: Mapping[str, Callable[[Report, LabelSet, Document], Any]] = {
    "json": lambda report, _labels, _document: report_json(report),
    "ninjs": lambda report, labels, _document: report_ninjs(report, labels),
    "jsonld": report_jsonld,
    "superdesk": lambda report, labels, _document: report_superdesk(report, labels),
}
"""Forms of a report in JSON, by name; each is made of the report, the label set, and the document that was read."""

MARKDOWN = "markdown"
"""The name of the form that is no JSON; see ``report_markdown``."""
