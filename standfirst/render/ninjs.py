"""A report as IPTC ninjs 3.1: a composite item whose associations are the updates.

Labels are ``subjects`` with the URI of their IPTC Media Topic, the model as their ``creator``, the best score as
``confidence`` and the share of paragraphs as ``relevance``, both in per cent. ``name`` is the Media Topic's own
name; ``literal`` is the label's.

References
----------
https://github.com/iptc/newsinjson, specification/ninjs-schema_3.1.json
"""

from html import escape

from standfirst.labels import LabelSet
from standfirst.render import tally
from standfirst.render.addresses import uri_of_blog, uris_of_updates
from standfirst.render.tables import Json, time
from standfirst.render.tally import Tally
from standfirst.schema import LiveBlog, ReadUpdate, Report, Update

DIGEST, LINE = "x-standfirst-digest", "x-standfirst-line"
"""Roles of our descriptions; the reader of ninjs passes over them, as they are nobody's reporting."""

STANDARD = {
    "name": "ninjs",
    "version": "3.1",
    "schema": "http://www.iptc.org/std/ninjs/ninjs-schema_3.1.json#",
}


def report_ninjs(report: Report, labels: LabelSet) -> Json:
    """Write a report as ninjs 3.1; the digest stands in ``descriptions``, a line per update in the update's own."""
    blog, creator = report.blog, report.models.get("topics", "standfirst")
    digest = [point.line.text for point in report.digest.points]
    parts = zip(report.updates, uris_of_updates(blog), strict=True)
    return _filled(
        {
            "uri": uri_of_blog(blog),
            "standard": dict(STANDARD),
            "type": "composite",
            "language": blog.language,
            "firstCreated": time(blog.published),
            "versionCreated": time(blog.modified),
            "pubStatus": "usable",
            "headlines": [{"value": blog.title}] if blog.title else [],
            "bodies": _bodies(report.opening),
            "descriptions": [_description(DIGEST, "\n".join(digest))] if digest else [],
            "subjects": _subjects(tally.of_report(report, labels), creator),
            "altIds": _alt_ids("blog", blog),
            "associations": [_association(read, uri, labels, creator) for read, uri in parts],
        }
    )


def _association(read: ReadUpdate, uri: str, labels: LabelSet, creator: str) -> Json:
    update, line = read.update, read.standfirst
    headline = update.headline.text if update.headline else None
    return _filled(
        {
            "name": headline or (line.text if line else update.id),
            "uri": uri,
            "type": "text",
            "firstCreated": time(update.published),
            "versionCreated": time(update.modified),
            "pubStatus": "usable",
            "by": ", ".join(update.authors),
            "headlines": [{"value": headline}] if headline else [],
            "bodies": _bodies(read),
            "descriptions": [_description(LINE, line.text)] if line else [],
            "subjects": _subjects(tally.of_update(read, labels), creator),
            "altIds": _alt_ids("update", update),
        }
    )


def _subjects(tallies: list[Tally], creator: str) -> list[Json]:
    return [
        _filled(
            {
                "name": t.label.medtop_name or t.label.name,
                "rel": "about",
                "uri": t.label.medtop_uri,
                "literal": t.label.name,
                "creator": creator,
                "relevance": t.relevance,
                "confidence": t.confidence,
            }
        )
        for t in tallies
    ]


def _bodies(read: ReadUpdate) -> list[Json]:
    texts = [p.text for p in read.update.paragraphs]
    if not texts:
        return []
    return [
        {
            "contentType": "text/html",
            "charCount": sum(map(len, texts)),
            "wordCount": sum(len(text.split()) for text in texts),
            "value": "".join(f"<p>{escape(text, quote=False)}</p>" for text in texts),
        }
    ]


def _description(role: str, text: str) -> Json:
    return {"role": role, "contentType": "text/plain", "value": text}


def _alt_ids(kind: str, item: LiveBlog | Update) -> list[Json]:
    """Return our id, and the one that the document gave."""
    found = [{"role": f"standfirst-{kind}", "value": item.id}]
    if item.source_id:
        found.append({"role": "source", "value": item.source_id})
    return found


def _filled(table: Json) -> Json:
    """Return a table without its empty fields: ninjs has no ``null``."""
    return {name: value for name, value in table.items() if value not in (None, "", [])}
