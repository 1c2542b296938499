import copy
import json
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from standfirst.errors import InputError, StandfirstError
from standfirst.parse import parse
from standfirst.render import OUTPUTS, report_jsonld
from standfirst.render.addresses import is_uri


def emptied(value):
    """A value without the two properties that may be filled."""
    if isinstance(value, dict):
        return {k: emptied(v) for k, v in value.items() if k.split(":")[-1] not in ("keywords", "description")}
    return [emptied(v) for v in value] if isinstance(value, list) else value


def test_the_document_comes_back_filled(report, labels, document) -> None:
    data = document("edited.jsonld")
    made = report_jsonld(report(data), labels, data)
    old = json.loads(data)
    assert emptied(made) == emptied(old)
    assert made["keywords"] == "ferries, islands, aid, diplomacy"
    assert made["description"] == "Minister walks out of talks"
    outdated, first, deleted, draft, last = made["liveBlogUpdate"]
    assert first["keywords"] == ["diplomacy"]
    assert first["description"] == "Minister walks out of talks"
    assert last["keywords"] == ["bread", "aid"]
    assert last["description"] == "Written by hand."
    assert [outdated, deleted, draft] == [old["liveBlogUpdate"][i] for i in (0, 2, 3)]


@pytest.mark.parametrize("name", ["posting.jsonld", "edited.jsonld", "page-with-jsonld.html"])
@pytest.mark.parametrize("form", ["bytes", "str", "mapping"])
def test_all_else_is_kept_whatever_the_document_came_as(report, labels, document, name, form) -> None:
    data = document(name)
    if form == "mapping" and name.endswith("html"):
        return
    given_as = {"bytes": data, "str": data.decode(), "mapping": None}[form] or json.loads(data)
    before = copy.deepcopy(given_as)
    made = report_jsonld(report(data), labels, given_as)
    assert given_as == before
    if name.endswith("jsonld"):
        assert emptied(made) == emptied(json.loads(data))
    assert parse(made).updates == parse(data if name.endswith("jsonld") else made).updates


def test_a_graph_is_filled_where_its_objects_stand(report, labels, document) -> None:
    data = document("posting.jsonld")
    made = report_jsonld(report(data), labels, data)
    _page, posting, update = made["@graph"]
    assert posting["keywords"] == ["aid", "diplomacy"]
    assert posting["description"] == "Four islands are cut off for a ninth day."
    assert update["keywords"] == ["aid"]
    assert posting["liveBlogUpdate"][3] == {"@id": "https://news.example/ferries#u1"}


def test_an_update_without_a_body_gets_no_description(report, labels) -> None:
    value = {"@type": "LiveBlogPosting", "liveBlogUpdate": [{"headline": "Ada leaves the talks"}]}
    made = report_jsonld(report(value), labels, value)
    assert made["liveBlogUpdate"] == [{"headline": "Ada leaves the talks", "keywords": ["diplomacy"]}]


def test_the_points_of_the_digest_are_kept_apart(report, labels) -> None:
    value = {"@type": "LiveBlogPosting", "liveBlogUpdate": [{"headline": "Ada leaves the talks"}]}
    made = report(value)
    (group,) = made.digest.groups
    twice = replace(made, digest=replace(made.digest, groups=(replace(group, points=group.points * 2),)))
    assert report_jsonld(twice, labels, value)["description"] == "Ada leaves the talks • Ada leaves the talks"


def test_prefixed_properties_keep_their_prefix(report, labels) -> None:
    update = {"schema:headline": "Ada leaves the talks", "schema:articleBody": "She left."}
    value = {"@type": "schema:LiveBlogPosting", "schema:liveBlogUpdate": [update]}
    made = report_jsonld(report(value), labels, value)
    assert made["schema:keywords"] == ["diplomacy"]
    assert made["schema:liveBlogUpdate"][0]["schema:description"] == "Ada leaves the talks"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("", ["diplomacy"]),
        (None, ["diplomacy"]),
        ("ferries", "ferries, diplomacy"),
        ("ferries, Diplomacy", "ferries, Diplomacy"),
        (["ferries"], ["ferries", "diplomacy"]),
        (["DIPLOMACY"], ["DIPLOMACY"]),
        ({"@type": "DefinedTerm", "name": "x"}, [{"@type": "DefinedTerm", "name": "x"}, "diplomacy"]),
    ],
)
def test_keywords_keep_their_form(report, labels, old, new) -> None:
    value = {"@type": "LiveBlogPosting", "keywords": old, "liveBlogUpdate": {"headline": "Ada leaves the talks"}}
    assert report_jsonld(report(value), labels, value)["keywords"] == new


@pytest.mark.parametrize(
    "name", ["guardian.json", "automattic.json", "ninjs-3.json", "atom.xml", "page.html", "ferry-strike.txt"]
)
def test_of_other_documents_a_posting_is_made(report, labels, document, name) -> None:
    made = report(document(name))
    posting = report_jsonld(made, labels, document(name))
    assert (posting["@context"], posting["@type"]) == ("https://schema.org", "LiveBlogPosting")
    again = parse(posting)

    def texts(blog):
        return [[" ".join(p.text.split()) for p in u] for u in blog.updates]

    assert texts(again) == texts(made.blog)
    assert [u.published for u in again.updates] == [u.published for u in made.blog.updates]
    assert [u.source_id for u in again.updates] == [
        u.source_id if is_uri(u.source_id) else u.url or u.source_id for u in made.blog.updates
    ]
    assert again.title == made.blog.title


def test_updates_that_share_an_id_are_no_versions_of_one(report, labels) -> None:
    update = '<div itemprop="liveBlogUpdate" itemscope itemid="https://news.example/{}"><p>{} came.</p></div>'
    parts = [("1", "Ada"), ("1", "Bela"), ("2", "Cora")]
    page = "<h1>Live</h1>" + "".join(update.format(*part) for part in parts)
    posting = report_jsonld(report(page), labels, page)
    first, second, third = (u["@id"] for u in posting["liveBlogUpdate"])
    assert first != second
    assert third == "https://news.example/2"
    assert [p.text for u in parse(posting).updates for p in u] == ["Ada came.", "Bela came.", "Cora came."]


def test_a_text_without_updates_is_a_posting_without_them(report, labels) -> None:
    posting = report_jsonld(
        report("Rain fell on Skerra all night long."), labels, "Rain fell on Skerra all night long."
    )
    assert posting["liveBlogUpdate"] == []


def test_another_document_is_refused(report, labels, document) -> None:
    with pytest.raises(InputError, match="2 updates, the report 4"):
        report_jsonld(report(document("posting.jsonld")), labels, document("edited.jsonld"))


def test_a_mapping_that_is_no_json_is_refused(report, labels) -> None:
    value = {"@type": "LiveBlogPosting", "liveBlogUpdate": {"headline": "Ada leaves the talks"}}
    for wrong in (value | {"x": object()}, value | {"x": float("nan")}, value | {"x": value}):
        wrong["x"] = wrong if isinstance(wrong["x"], dict) else wrong["x"]
        with pytest.raises(InputError, match="is no JSON"):
            report_jsonld(report(value), labels, wrong)


@pytest.mark.parametrize("form", ["text", "page", "mapping"])
def test_halves_of_characters_do_not_get_into_any_output(report, labels, form) -> None:
    update = {"headline": "Ada leaves the talks", "author": "Ada \ud83d", "image": {"name \ud83d": "\udea2"}}
    value = {"@type": "LiveBlogPosting", "@id": "#\ud83d", "liveBlogUpdate": update}
    text = json.dumps(value)
    page = f'<script type="application/ld+json">{text}</script>'
    document = {"text": text, "page": page, "mapping": value}[form]
    made = report(document)
    for output in OUTPUTS.values():
        json.dumps(output(made, labels, document), ensure_ascii=False).encode()
    assert report_jsonld(made, labels, document)["liveBlogUpdate"]["image"] == {"name \ufffd": "\ufffd"}


names = st.sampled_from(
    ["@id", "@type", "headline", "articleBody", "keywords", "description", "x", "creativeWorkStatus"]
)
leaves = (
    st.none()
    | st.booleans()
    | st.integers(-9, 9)
    | st.sampled_from(["Ada left.", "Deleted", "<p>Rain</p>", "#1", "BlogPosting", ""])
)
values = st.recursive(leaves, lambda v: st.lists(v, max_size=3) | st.dictionaries(names, v, max_size=5), max_leaves=12)
postings = st.fixed_dictionaries(
    {"@type": st.just("LiveBlogPosting"), "liveBlogUpdate": st.lists(values, max_size=4)},
    optional={"keywords": values, "description": values, "x": values, "@id": st.just("#1")},
)


@pytest.mark.slow
@settings(
    deadline=None, max_examples=80, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
@given(postings)
def test_any_posting_comes_back_with_all_else_kept(report, labels, value) -> None:
    try:
        made = report(value)
    except StandfirstError:
        return
    filled = report_jsonld(made, labels, value)
    assert emptied(filled) == emptied(value)
    assert [[p.text for p in u] for u in parse(filled).updates] == [[p.text for p in u] for u in made.blog.updates]
