import json
import re

import pytest

from standfirst.parse import parse
from standfirst.render import report_ninjs

ITEM = set(
    "uri type representationType profile version firstCreated versionCreated contentCreated embargoedUntil pubStatus "
    "urgency copyrightHolder copyrightNotice usageTerms edNote language descriptions bodies headlines people "
    "organisations places subjects events objects infoSources title by slugline located renditions associations altIds "
    "trustIndicators standard genres expires rightsInfo digitalSourceType".split()
)
"""Properties of ninjs 3.1; it allows no others."""

PARTS = {
    "headlines": {"role", "contentType", "value"},
    "descriptions": {"role", "contentType", "value"},
    "bodies": {"role", "contentType", "charCount", "wordCount", "value"},
    "subjects": {"name", "rel", "uri", "literal", "creator", "relevance", "confidence"},
    "altIds": {"role", "value"},
}
FIXTURES = [
    "guardian.json",
    "automattic.json",
    "sourcefabric.json",
    "ninjs-3.json",
    "rss.xml",
    "posting.jsonld",
    "ferry-strike.txt",
]


def test_an_item_worked_out_by_hand(report, labels, document) -> None:
    made = report_ninjs(report(document("guardian.json")), labels)
    blog = parse(document("guardian.json"))
    url = "https://news.example/world/live/2031/mar/04/ferry-strike-live"
    diplomacy = {
        "name": "diplomacy",
        "rel": "about",
        "uri": "http://cv.iptc.org/newscodes/mediatopic/20000639",
        "literal": "diplomacy",
        "creator": "topics-1",
        "relevance": 33,
        "confidence": 91,
    }
    associations = made.pop("associations")
    assert made.pop("subjects")[1] == diplomacy | {"relevance": 14}
    assert made == {
        "uri": url,
        "standard": {
            "name": "ninjs",
            "version": "3.1",
            "schema": "http://www.iptc.org/std/ninjs/ninjs-schema_3.1.json#",
        },
        "type": "composite",
        "language": "en",
        "firstCreated": "2031-03-04T06:12:00Z",
        "versionCreated": "2031-03-04T18:00:00Z",
        "pubStatus": "usable",
        "headlines": [{"value": "Ferry strike live: minister walks out"}],
        "bodies": [
            {
                "contentType": "text/html",
                "charCount": 41,
                "wordCount": 9,
                "value": "<p>Four islands are cut off for a ninth day.</p>",
            }
        ],
        "descriptions": [
            {"role": "x-standfirst-digest", "contentType": "text/plain", "value": "Minister walks out of talks"}
        ],
        "altIds": [
            {"role": "standfirst-blog", "value": blog.id},
            {"role": "source", "value": "world/live/2031/mar/04/ferry-strike-live"},
        ],
    }
    assert associations[0] == {
        "name": "Minister walks out of talks",
        "uri": f"{url}#block-67c0d3",
        "type": "text",
        "firstCreated": "2031-03-04T16:02:00Z",
        "versionCreated": "2031-03-04T16:31:00Z",
        "pubStatus": "usable",
        "by": "Mara Venn",
        "headlines": [{"value": "Minister walks out of talks"}],
        "bodies": [
            {
                "contentType": "text/html",
                "charCount": 84,
                "wordCount": 15,
                "value": "<p>Ada Kell left the building before four.</p>"
                "<p>She said the union had “moved the goalposts”.</p>",
            }
        ],
        "descriptions": [
            {"role": "x-standfirst-line", "contentType": "text/plain", "value": "Minister walks out of talks"}
        ],
        "subjects": [diplomacy],
        "altIds": [
            {"role": "standfirst-update", "value": blog.updates[0].id},
            {"role": "source", "value": "67c0d3"},
        ],
    }


@pytest.mark.parametrize("name", FIXTURES)
def test_it_has_the_properties_of_ninjs_and_no_others(report, labels, document, name) -> None:
    made = report_ninjs(report(document(name)), labels)
    items = [made, *made["associations"]]
    assert len({item["uri"] for item in items}) == len(items)
    for item in items:
        assert set(item) <= ITEM | ({"name", "rel"} if item is not made else set())
        assert re.match(r"[a-z]+:\S+$", item["uri"])
        assert item is made or item["name"]
        for part, known in PARTS.items():
            assert all(set(row) <= known for row in item.get(part, []))
        assert all(
            isinstance(s[n], int) and 0 <= s[n] <= 100
            for s in item.get("subjects", [])
            for n in ("confidence", "relevance")
        )
    assert json.loads(json.dumps(made, allow_nan=False)) == made


@pytest.mark.parametrize("name", FIXTURES)
def test_what_is_written_is_read_again(report, labels, document, name) -> None:
    made = report(document(name))
    again = parse(report_ninjs(made, labels))
    assert again.format == "ninjs"

    def texts(blog):
        return [[" ".join(p.text.split()) for p in u] for u in (blog.opening, *blog.updates)]

    assert texts(again) == texts(made.blog)


def test_a_label_without_a_media_topic_is_a_literal(report, document) -> None:
    from standfirst.labels import parse_labels

    made = report_ninjs(report(document("guardian.json")), parse_labels({"label": [{"name": "diplomacy"}]}))
    (subject,) = made["subjects"]
    assert (subject["name"], subject["literal"], "uri" in subject) == ("diplomacy", "diplomacy", False)


def test_markup_in_a_text_stays_text(report, labels) -> None:
    (update,) = report_ninjs(report({"uri": "urn:example:1", "body_text": "5 < 6 & 7 > 3, they said."}), labels)[
        "associations"
    ]
    assert update["bodies"][0]["value"] == "<p>5 &lt; 6 &amp; 7 &gt; 3, they said.</p>"
