import json
from datetime import UTC, datetime

import pytest

from standfirst.errors import NotALiveBlog, Withheld
from standfirst.parse import parse

NOW = datetime(2031, 3, 4, 18, tzinfo=UTC)


def item(uri="urn:example:1", text="Rain fell.", **fields):
    return {"uri": uri, "type": "text", "bodies": [{"value": text}], **fields}


def texts(value):
    return [[p.text for p in update] for update in parse(json.dumps(value), now=NOW).updates]


@pytest.mark.parametrize(
    ("by", "authors"),
    [("By Mara Venn", ("Mara Venn",)), ("Venn, Mara", ("Venn, Mara",)), ("by Reuters", ("Reuters",)), ("", ())],
)
def test_a_byline_is_its_authors(by, authors):
    assert parse(item(by=by), now=NOW).updates[0].authors == authors


def test_version_3(document, kinds):
    blog = parse(document("ninjs-3.json"), now=NOW)
    first, second = blog.updates
    assert (blog.title, blog.language) == ("Ferry strike live", "en-GB")
    assert blog.url == blog.source_id == "https://news.example/ferries"
    assert blog.published == datetime(2031, 3, 4, 6, 12, tzinfo=UTC)
    assert [p.text for p in blog.lead] == ["Four islands are cut off for a ninth day."]
    assert kinds(first) == [
        ("headline", "Minister walks out of talks"),
        ("text", "Ada Kell left the building before four."),
        ("text", "She said the union had “moved the goalposts”."),
    ]
    assert (first.authors, first.source_id) == (("Mara Venn",), "https://news.example/ferries#u3")
    assert first.published == datetime(2031, 3, 4, 16, 2, tzinfo=UTC)
    assert first.modified == datetime(2031, 3, 4, 16, 31, tzinfo=UTC)
    assert [p.text for p in second] == ["Hundreds of islanders stood in line before dawn.", "Shops are empty."]


def test_versions_1_and_2(document, kinds):
    blog = parse(document("ninjs-2.json"), now=NOW)
    assert [kinds(u)[0] for u in blog.updates] == [
        ("headline", "Minister walks out of talks"),
        ("headline", "Bread queues grow"),
    ]
    assert [u.source_id for u in blog.updates] == ["urn:example:ferries:u3", "urn:example:ferries:u1"]
    assert blog.updates[0].url is None


def test_associations_of_version_1_have_names():
    part = {"uri": "urn:example:2", "type": "text", "body_text": "Rain fell.\nSnow fell."}
    root = {"uri": "urn:example:1", "headline": "Weather live", "body_html": "", "associations": {"a": part}}
    blog = parse(root)
    assert blog.title == "Weather live"
    assert [p.text for p in blog.updates[0]] == ["Rain fell.", "Snow fell."]


def test_an_article_is_one_update_under_its_headline():
    (update,) = parse(item(headlines=[{"value": "Rain at last"}])).updates
    assert [p.text for p in update] == ["Rain at last", "Rain fell."]


@pytest.mark.parametrize(
    "fields",
    [
        {"pubStatus": "withheld"},
        {"pubStatus": "canceled"},
        {"pubstatus": "canceled"},
        {"pubStatus": "draft"},
        {"pubStatus": 3},
        {"embargoedUntil": "2031-03-04T18:00:01Z"},
        {"embargoed": "2031-03-05T00:00:00Z"},
        {"embargoedUntil": "the morning"},
    ],
)
def test_what_is_not_to_be_read(fields):
    assert texts([item("urn:example:2", **fields), item()]) == [["Rain fell."]]
    root = {"uri": "urn:example:0", "type": "composite"}
    assert texts(root | {"associations": [item("urn:example:2", "Gone.", **fields), item()]}) == [["Rain fell."]]
    for value in (item(**fields), root | fields | {"associations": [item()]}):
        with pytest.raises(Withheld):
            parse(value, now=NOW)
    with pytest.raises(Withheld):
        parse(json.dumps([root | fields | {"associations": [item()]}, item("urn:example:9", **fields)]), now=NOW)


@pytest.mark.parametrize(
    "fields",
    [{"pubStatus": "usable"}, {"pubStatus": None}, {"embargoedUntil": "2031-03-04T18:00:00Z"}, {"embargoed": None}],
)
def test_what_may_be_read(fields):
    assert texts(item(**fields)) == [["Rain fell."]]


def test_versions_are_ordered_by_time_or_by_number():
    later, earlier = "2031-03-04T11:00:00Z", "2031-03-04T10:00:00Z"
    assert texts([item(text="New.", versionCreated=later), item(text="Old.", versionCreated=earlier)]) == [["New."]]
    assert texts([item(text="New.", version="10"), item(text="Old.", version="9")]) == [["New."]]
    assert texts([item(version="10", pubStatus="withheld"), item(version="9"), item("urn:example:2", "B.")]) == [["B."]]


def test_a_body_of_the_whole_is_not_read_where_a_part_was_taken_back():
    root = {"uri": "urn:example:0", "bodies": [{"value": "It rained.\nThe boat sank."}]}
    gone = item("urn:example:2", "The boat sank.", pubStatus="canceled")
    assert [p.text for p in parse(root | {"associations": [item()]}).lead] == ["It rained.", "The boat sank."]
    assert "sank" not in repr(parse(root | {"associations": [item(), gone]}))


def test_html_is_read_rather_than_plain_text_and_the_main_body_rather_than_others():
    bodies = [
        {"role": "caption", "contentType": "text/html", "value": "A picture."},
        {"role": "main", "contentType": "application/xml", "value": "XML."},
        {"role": "main", "contentType": "text/plain", "value": "Plain."},
        {"role": "main", "contentType": "text/html", "value": "<p>Web.</p>"},
    ]
    for n, expected in ((4, "Web."), (3, "Plain."), (2, "XML."), (1, "A picture.")):
        assert texts(item(bodies=bodies[:n])) == [[expected]]


def test_items_without_text():
    with pytest.raises(NotALiveBlog, match="no post that can be read"):
        parse({"uri": "urn:example:1", "type": "picture", "headlines": [{"value": "A quay"}]})


def test_what_the_latest_version_of_the_whole_no_longer_holds_is_not_read():
    old = {"uri": "urn:example:0", "version": "1", "associations": [item(), item("urn:example:2", "The boat sank.")]}
    new = {"uri": "urn:example:0", "version": "2", "associations": [item()]}
    for order in ([old, new], [new, old]):
        assert texts(order) == [["Rain fell."]]
    with pytest.raises(Withheld):
        parse(json.dumps([old, new | {"pubStatus": "canceled"}]))
