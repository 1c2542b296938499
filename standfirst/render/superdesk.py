"""A report as Superdesk's AI services answer: ``{"analysis": {"subject": [...], ...}}``.

A tag with a Media Topic has its code as ``qcode``, its name as ``name`` and ``mediatopic`` as ``scheme``, so that it
can stand beside the tags that editors choose from the same vocabulary. ``description`` says where the topic is
only the nearest one to our label. Best score first, as Superdesk shows them.

References
----------
https://github.com/superdesk/superdesk-core, superdesk/text_checkers/ai/imatrics.py
"""

from collections.abc import Sequence

from standfirst.labels import LabelSet
from standfirst.render import tally
from standfirst.render.tables import Json
from standfirst.render.tally import Tally
from standfirst.schema import Report

SOURCE = "standfirst"


def report_superdesk(report: Report, labels: LabelSet) -> Json:
    """Write the topics of a report as an analysis; the kinds of tags that we do not make are empty."""
    return superdesk_json(tally.of_report(report, labels), report.models.get("topics", SOURCE))


def superdesk_json(tallies: Sequence[Tally], creator: str) -> Json:
    """Write tallies as an analysis, best score first."""
    best = sorted(tallies, key=lambda t: -t.score)
    empty: Json = {kind: [] for kind in ("organisation", "person", "place", "event", "object")}
    return {"analysis": {"subject": [_tag(t, creator) for t in best], **empty}}


def _tag(found: Tally, creator: str) -> Json:
    label = found.label
    name, code = label.medtop_name or label.name, label.medtop
    note = f"{label.name}: {label.medtop_note}" if label.medtop_note else label.definition
    return {
        "name": name,
        "qcode": code or f"{SOURCE}:{label.name}",
        "parent": None,
        "source": SOURCE,
        "aliases": [label.name] if label.name != name else [],
        "original_source": creator,
        "altids": {SOURCE: label.name, **({"medtop": code} if code else {})},
        "description": note,
        "scheme": "mediatopic" if code else SOURCE,
    }
