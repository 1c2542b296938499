import json
from datetime import UTC, datetime

import pytest

from standfirst.errors import InvalidDocument, NotALiveBlog
from standfirst.parse import parse
from standfirst.parse.jsonld import split_body


def posting(*updates, **fields):
    return {"@type": "LiveBlogPosting", "headline": "Ferry strike live", "liveBlogUpdate": list(updates), **fields}


def update(headline="One", **fields):
    return {"@type": "BlogPosting", "headline": headline, **fields}


def test_a_posting_in_a_graph(document, kinds):
    blog = parse(document("posting.jsonld"))
    assert blog.title == "Ferry strike live"
    assert blog.url == "https://news.example/ferries"
    assert blog.language == "en-GB"
    assert blog.published == datetime(2031, 3, 4, 6, 12, tzinfo=UTC)
    assert blog.modified == datetime(2031, 3, 4, 17, 4, 30, 250_000, tzinfo=UTC)
    assert blog.opening.authors == ("Mara Venn", "Tom Oake")
    assert [p.text for p in blog.lead] == ["Four islands are cut off for a ninth day."]
    first, second, third, _ = blog.updates
    assert kinds(first) == [
        ("headline", "Minister walks out of talks"),
        ("text", "Ada Kell left the building before four."),
        ("text", "She said the union had “moved the goalposts”."),
        ("text", "Talks go on tomorrow."),
        ("text", "Nine days"),
        ("text", "Four islands"),
        ("pointer", "Read more:"),
    ]
    assert first.published == datetime(2031, 3, 4, 16, 2, tzinfo=UTC)
    assert first.modified == datetime(2031, 3, 4, 16, 31, tzinfo=UTC)
    assert first.url == "https://news.example/ferries#u3"
    assert second.headline is None
    assert second.url == "https://news.example/ferries#u2"
    assert second.published is None
    assert second.authors == ("Mara Venn",)
    assert third.headline.text == "Bread queues grow & shops close"


def test_what_was_left_out_is_noted_by_place(document):
    notes = parse(document("posting.jsonld")).notes
    assert "liveBlogUpdate[1]: missing or of the wrong type, left out (and 2 more like it)." in notes
    assert "liveBlogUpdate[2].datePublished: missing or of the wrong type, left out." in notes
    assert "author: missing or of the wrong type, left out." in notes


@pytest.mark.parametrize(
    "value",
    [
        posting(update()),
        [posting(update())],
        {"@graph": [{"@type": "WebPage"}, posting(update())]},
        {"@type": "WebPage", "mainEntity": posting(update())},
        posting(update(), **{"@type": ["NewsArticle", "https://schema.org/LiveBlogPosting"]}),
        posting(liveBlogUpdate=update()),
        {"@type": "schema:LiveBlogPosting", "schema:liveBlogUpdate": [{"schema:headline": {"@value": "One"}}]},
        [posting(liveBlogUpdate=[]), posting(update())],
    ],
)
def test_where_a_posting_may_stand(value):
    for document in (value, json.dumps(value)):
        if isinstance(document, str | dict):
            assert [u.headline.text for u in parse(document).updates] == ["One"]


@pytest.mark.parametrize(
    "value",
    [
        {},
        [],
        [1, 2, 3],
        {"@type": "NewsArticle", "articleBody": "x"},
        posting(),
        posting(None, 3, {}),
        {"@graph": None},
    ],
)
def test_json_without_updates_is_refused(value):
    with pytest.raises(NotALiveBlog, match="liveBlogUpdate"):
        parse(json.dumps(value))


def test_broken_json_names_the_place_and_not_the_text():
    with pytest.raises(InvalidDocument) as caught:
        parse('{"@type": "LiveBlogPosting",\n "headline": "secret" "x"}')
    assert caught.value.where == "line 2, column 23"
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("text", ["[" * 200_000, '{"a":' * 200_000 + "1" + "}" * 200_000])
def test_deep_nesting_is_refused(text):
    with pytest.raises(InvalidDocument, match="nested too deep"):
        parse(text)


def test_a_deep_mapping_and_a_circle_are_walked():
    deep: dict = posting(update())
    for _ in range(5000):
        deep = {"a": deep}
    assert len(parse(deep).updates) == 1
    circle: dict = posting(update())
    circle["self"] = circle
    assert len(parse(circle).updates) == 1


def test_one_hostile_body_costs_no_more_than_itself():
    blog = parse(posting(update("One", articleBody="<div>" * 5000), update("Two")))
    assert [u.headline.text for u in blog.updates] == ["One", "Two"]
    assert blog.notes == ("liveBlogUpdate[0].articleBody: missing or of the wrong type, left out.",)


@pytest.mark.parametrize("wrapping", ["<!-- {} -->", "//<![CDATA[\n{}\n//]]>", "\ufeff{};", "\n\n {} \n"])
def test_wrapped_scripts(wrapping):
    script = wrapping.replace("{}", json.dumps(posting(update())))
    page = f'<script type="application/ld+json">{script}</script><p>x</p>'
    assert [u.headline.text for u in parse(page).updates] == ["One"]


def test_huge_numbers_are_refused_clearly():
    with pytest.raises(InvalidDocument, match="too many digits"):
        parse('{"a": ' + "9" * 5000 + "}")


def test_a_lead_that_repeats_the_updates_is_dropped():
    body = "Two helicopters landed on Skerra."
    blog = parse(posting(update(articleBody=body), articleBody=body + "\nNine days."))
    assert [p.text for p in blog.lead] == ["Nine days."]


def test_updates_that_share_the_blogs_url_get_ids_of_their_own():
    url = "https://news.example/ferries"
    blog = parse(posting(update("One", url=url), update("Two", url=url), url=url))
    assert len({u.id for u in blog.updates}) == 2


def test_escaped_mojibake_is_repaired():
    assert parse(posting(update("Skerra\u00e2\u20ac\u2122s mayor"))).updates[0].headline.text == "Skerra’s mayor"


def test_lone_surrogates_do_not_get_through():
    blog = parse('{"@type": "LiveBlogPosting", "liveBlogUpdate": [{"headline": "One \\ud800 two"}]}')
    assert blog.updates[0].headline.text == "One \ufffd two"


def test_bodies():
    assert split_body("One.\n\n Two.\r\nThree.") == ["One.", "Two.", "Three."]
    assert split_body("a < b & c > d") == ["a < b & c > d"]
    assert split_body('One <a href="/x">link</a>.\n\nTwo &amp; three.') == ["One link.", "Two & three."]
    assert split_body("<script>alert(1)</script><p>One</p>") == ["One"]
    assert split_body("") == []
