"""A report as schema.org JSON-LD: the document's own, with ``keywords`` and ``description`` filled.

Of a document that came as JSON-LD (or as a page that holds some) everything is kept as it came, and only these
two properties of the posting and of the updates that were read are touched: the names of the topics are added to
``keywords``, and ``description`` is written where there was none. Of any other document a ``LiveBlogPosting`` is made.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from standfirst.errors import DocumentError, InputError
from standfirst.labels import LabelSet
from standfirst.parse import html, jsonld
from standfirst.parse.encoding import accept, decode
from standfirst.parse.jsontext import is_json, loads
from standfirst.parse.markup import flatten
from standfirst.render import tally
from standfirst.render.addresses import is_uri, uris_of_updates
from standfirst.render.tables import Json, time
from standfirst.schema import Report, Update

Document = str | bytes | Mapping[str, Any] | list[Any]


def report_jsonld(report: Report, labels: LabelSet, document: Document | None = None) -> Any:
    """Write a report as JSON-LD; ``document`` is what it was read from.

    Raises
    ------
    InputError
        If the report is of another document.
    """
    value = None if document is None else _value_of(document)
    posting: Any
    updates: Sequence[Any]
    if value is None:
        value = _posting(report)
        posting, updates = value, value["liveBlogUpdate"]
    else:
        found = jsonld.find(value)
        posting, updates = found.posting, found.updates
    if len(updates) != len(report.updates):
        raise InputError(
            f"The document has {len(updates)} updates, the report {len(report.updates)}. Send the document that the "
            "report was made of.",
            where="document",
        )
    # Headlines have no full stop that would keep them apart.
    points = " • ".join(point.line.text for point in report.digest.points)
    _fill(posting, (t.label.name for t in tally.of_report(report, labels)), points)
    for node, read in zip(updates, report.updates, strict=True):
        # Of an update without a body the description is read as one: a line of ours must not become reporting.
        line = read.standfirst.text if read.standfirst and read.update.paragraphs else ""
        _fill(node, (t.label.name for t in tally.of_update(read, labels)), line)
    return value


def _value_of(document: Document) -> Any:
    """Return the JSON-LD that a document is or holds, as a copy of its own; ``None`` if there is none."""
    if isinstance(document, Mapping | list):
        value = _copy_of(document)
        return value if jsonld.is_jsonld(value) else None
    text = (decode(document) if isinstance(document, bytes) else accept(document)).text
    if is_json(text):
        value = loads(text)
        return value if jsonld.is_jsonld(value) else None
    return _of_page(text) if html.is_html(text) else None


def _copy_of(document: Mapping[str, Any] | list[Any]) -> Any:
    try:
        return loads(json.dumps(document, allow_nan=False))
    except (TypeError, ValueError, RecursionError):
        raise InputError(
            "The document is no JSON: it holds NaN, other values, itself or too many levels. Send what JSON can hold.",
            where="document",
        ) from None


def _of_page(text: str) -> Any:
    """Return the first JSON-LD of a page that holds a live blog, as reading the page does."""
    for script in flatten(text).scripts:
        try:
            value = loads(script)
            jsonld.find(value)
        except DocumentError:
            continue
        return value
    return None


def _fill(node: Any, names: Iterable[str], description: str) -> None:
    """Fill the two properties of an object, under the spelling that it uses itself."""
    keywords, said = jsonld.key_of(node, "keywords"), jsonld.key_of(node, "description")
    filled = _with_keywords(node.get(keywords), list(names))
    if filled:
        node[keywords] = filled
    if description and node.get(said) in (None, "", []):
        node[said] = description


def _with_keywords(old: Any, names: list[str]) -> Any:
    """Add names to keywords in the form that these have: a string with commas, or a list."""
    if isinstance(old, str) and old.strip():
        known = {word.strip().casefold() for word in old.split(",")}
        return ", ".join([old, *(name for name in names if name.casefold() not in known)])
    listed = old if isinstance(old, list) else [] if old in (None, "") else [old]
    known = {word.casefold() for word in listed if isinstance(word, str)}
    return [*listed, *(name for name in names if name.casefold() not in known)]


def _posting(report: Report) -> Json:
    blog = report.blog
    update = _shared(blog.opening) | {
        "headline": blog.title,
        "articleBody": "\n".join(p.text for p in blog.opening.paragraphs),
    }
    return {
        "@context": "https://schema.org",
        "@type": "LiveBlogPosting",
        **_filled(
            update
            | {
                "@id": blog.source_id if is_uri(blog.source_id) else None,
                "identifier": blog.source_id,
                "url": blog.url,
                "inLanguage": blog.language,
                "datePublished": time(blog.published),
                "dateModified": time(blog.modified),
            }
        ),
        "liveBlogUpdate": [_update(u, uri) for u, uri in zip(blog.updates, uris_of_updates(blog), strict=True)],
    }


def _update(update: Update, uri: str) -> Json:
    # Objects with one @id would be versions of one update.
    id_ = uri if is_uri(update.source_id) else None
    return {"@type": "BlogPosting", **_filled(_shared(update) | {"@id": id_})}


def _shared(update: Update) -> Json:
    return {
        "@id": update.source_id if is_uri(update.source_id) else None,
        "headline": update.headline.text if update.headline else None,
        "articleBody": "\n".join(p.text for p in update.paragraphs),
        "identifier": update.source_id,
        "url": update.url,
        "datePublished": time(update.published),
        "dateModified": time(update.modified),
        "author": [{"@type": "Person", "name": name} for name in update.authors],
    }


def _filled(table: Json) -> Json:
    return {name: value for name, value in table.items() if value not in (None, "", [])}
