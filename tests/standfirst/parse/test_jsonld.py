import json
from datetime import UTC, datetime

import pytest

from standfirst.errors import InvalidDocument, NotALiveBlog, Withheld
from standfirst.parse import parse
from standfirst.parse.jsonld import split_body
from standfirst.parse.jsontext import loads


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


def test_entities_and_tags_of_a_title_are_no_text():
    assert parse({**posting(update()), "headline": "Ferries &amp; <b>trains</b>"}).title == "Ferries & trains"


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


@pytest.mark.parametrize("form", ["text", "mapping"])
def test_lone_surrogates_in_ids_urls_and_names_become_replacement_characters(form):
    value = posting(update(**{"@id": "#1\ud83d"}, url="/1\udea2", author={"name": "Ada \ud83d"}), url="/\ud83d")
    blog = parse(json.dumps(value) if form == "text" else value)
    (first,) = blog.updates
    assert (blog.url, first.source_id, first.url, first.authors) == ("/\ufffd", "#1\ufffd", "/1\ufffd", ("Ada \ufffd",))


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (r"\ud83d\udea2", "\U0001f6a2"),
        (r"\uD83D\uDEA2 \ud83d", "\U0001f6a2 \ufffd"),
        (r"\ud83d\ud83d\udea2", "\ufffd\U0001f6a2"),
        (r"\udea2\ud83d", "\ufffd\ufffd"),
        (r"\\ud83d", r"\ud83d"),
        (r"\\\ud83d\n", "\\\ufffd\n"),
    ],
)
def test_escaped_halves_of_characters(written, read):
    assert loads(f'{{"{written}": ["{written}"]}}') == {read: [read]}


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_numbers_that_no_json_can_be_written_with_are_refused(number):
    text = json.dumps(posting(update(), position=[0.5])).replace("0.5", number)
    with pytest.raises(InvalidDocument, match="NaN, Infinity or a number as large.*Send null"):
        parse(text)
    assert loads(text.replace(number, "0.25"))["position"] == [0.25]


def test_bodies():
    assert split_body("One.\n\n Two.\r\nThree.") == ["One.", "Two.", "Three."]
    assert split_body("a < b & c > d") == ["a < b & c > d"]
    assert split_body('One <a href="/x">link</a>.\n\nTwo &amp; three.') == ["One link.", "Two & three."]
    assert split_body("<script>alert(1)</script><p>One</p>") == ["One"]
    assert split_body("") == []


def test_the_latest_version_of_an_update_is_read_and_what_is_taken_back_is_not(document):
    blog = parse(document("edited.jsonld"))
    assert [[p.text for p in u] for u in blog.updates] == [
        ["Minister walks out of talks", "Ada Kell left the building before four."],
        ["Bread queues grow", "Hundreds of islanders stood in line before dawn."],
    ]
    assert blog.notes == (
        "Posts not read, as they are deleted: 1.",
        "Posts not read, as they are drafts: 1.",
        "Older or repeated versions of posts not read: 1.",
    )


@pytest.mark.parametrize(
    "status", ["Deleted", "draft", "https://schema.org/Withheld", {"name": "Draft"}, ["Published", "Retracted"]]
)
def test_a_posting_or_an_update_that_was_taken_back_is_refused(status):
    for value in (posting(update(), creativeWorkStatus=status), posting(update(creativeWorkStatus=status))):
        with pytest.raises(Withheld):
            parse(value)
        page = f'<script type="application/ld+json">{json.dumps(value)}</script><p>The page has its text.</p>'
        with pytest.raises(Withheld):
            parse(page)


@pytest.mark.parametrize("status", ["Published", "", None, 3, {"name": 3}, "Live"])
def test_other_statuses_take_nothing_back(status):
    assert parse(posting(update(creativeWorkStatus=status), creativeWorkStatus=status)).updates


def test_a_tombstone_elsewhere_in_the_graph_takes_an_update_back():
    one, two = update("One", **{"@id": "#1"}, dateModified="2031-03-04T10:00:00Z"), update("Two", **{"@id": "#2"})
    gone = {
        "@type": "BlogPosting",
        "@id": "#1",
        "creativeWorkStatus": "Deleted",
        "dateModified": "2031-03-04T11:00:00Z",
    }
    page = {"@type": "WebPage", "@id": "#2", "name": "Page of two"}
    for listed in ([one, two], [{"@id": "#1"}, two], ["#1", two], [one, one, two]):
        graph = {"@graph": [posting(*listed), gone, page, one]}
        assert [u.headline.text for u in parse(json.dumps(graph)).updates] == ["Two"]


def test_a_body_of_the_whole_is_not_read_where_an_update_was_taken_back():
    body = "Rain fell.\nThe boat sank."
    gone = update("Boat sinks", articleBody="The boat sank.", creativeWorkStatus="Deleted")
    assert [p.text for p in parse(posting(update(), articleBody=body)).lead] == ["Rain fell.", "The boat sank."]
    assert "sank" not in repr(parse(posting(update(), gone, articleBody=body)))


def test_many_updates_of_one_id_take_linear_time(cpu_seconds):
    def read():
        assert len(parse(posting(*(update(str(n), **{"@id": "#1"}) for n in range(20_000)))).updates) == 1

    assert cpu_seconds(read) < 3


def test_what_the_latest_version_of_a_posting_no_longer_holds_is_not_read():
    old = posting(
        update("One"), update("Boat sinks"), url="https://news.example/1", dateModified="2031-03-04T10:00:00Z"
    )
    new = posting(update("One"), url="https://news.example/1", dateModified="2031-03-04T11:00:00Z")
    mention = {"@type": "LiveBlogPosting", "url": "https://news.example/1", "dateModified": "2031-03-04T12:00:00Z"}
    for order in ([old, new, mention], [mention, new, old]):
        assert [u.headline.text for u in parse(json.dumps(order)).updates] == ["One"]
    with pytest.raises(Withheld):
        parse(json.dumps([old, new | {"creativeWorkStatus": "Deleted"}]))
