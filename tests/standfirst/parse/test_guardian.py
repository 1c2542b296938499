import json
from datetime import UTC, datetime

import pytest

from standfirst.errors import NotALiveBlog, Withheld
from standfirst.parse import parse


def block(key="b1", body="<p>Rain fell.</p>", **fields):
    return {"id": key, "bodyHtml": body, "attributes": {}, "published": True, "contributors": [], **fields}


def answer(*blocks, **fields):
    return {
        "response": {"status": "ok", "content": {"webTitle": "Rain live", "blocks": {"body": list(blocks)}, **fields}}
    }


def test_a_live_blog(document, kinds):
    blog = parse(document("guardian.json"))
    assert (blog.title, blog.language) == ("Ferry strike live: minister walks out", "en")
    assert blog.url == "https://news.example/world/live/2031/mar/04/ferry-strike-live"
    assert blog.source_id == "world/live/2031/mar/04/ferry-strike-live"
    assert blog.published == datetime(2031, 3, 4, 6, 12, tzinfo=UTC)
    assert blog.modified == datetime(2031, 3, 4, 18, tzinfo=UTC)
    assert [p.text for p in blog.lead] == ["Four islands are cut off for a ninth day."]
    first, second = blog.updates
    assert kinds(first) == [
        ("headline", "Minister walks out of talks"),
        ("text", "Ada Kell left the building before four."),
        ("text", "She said the union had “moved the goalposts”."),
    ]
    assert (first.source_id, first.authors, first.key_event) == ("67c0d3", ("Mara Venn",), True)
    assert first.url == f"{blog.url}#block-67c0d3"
    assert first.published == datetime(2031, 3, 4, 16, 2, tzinfo=UTC)
    assert first.modified == datetime(2031, 3, 4, 16, 31, tzinfo=UTC)
    assert kinds(second)[0] == ("headline", "Bread queues grow")
    assert (second.authors, second.key_event) == (("Tom Oake",), False)
    assert blog.notes == (
        "Posts not read, as they are not published: 1.",
        "Older or repeated versions of posts not read: 1.",
        "Blocks that the answer does not hold: 2.",
    )


@pytest.mark.parametrize(
    "value",
    [
        answer(block())["response"],
        answer(block())["response"]["content"],
        {"response": {"results": [answer(block())["response"]["content"], {"webTitle": "Other", "blocks": {}}]}},
        {"response": {"content": {"blocks": {"requestedBodyBlocks": {"body:latest:1": [block()]}}}}},
    ],
)
def test_where_the_content_may_stand(value):
    blog = parse(value)
    assert blog.format == "guardian"
    assert [p.text for u in blog.updates for p in u] == ["Rain fell."]


def test_the_elements_or_the_summary_stand_in_for_a_body():
    elements = [{"type": "text", "textTypeData": {"html": "<p>One.</p><p>Two.</p>"}}, {"type": "image"}]
    for fields in ({"elements": elements, "bodyTextSummary": "Other."}, {"bodyTextSummary": "One.\nTwo."}):
        (update,) = parse(answer(block(body="", **fields))).updates
        assert [p.text for p in update] == ["One.", "Two."]


def test_content_without_blocks_says_how_to_ask_for_them():
    content = {"webTitle": "Rain", "apiUrl": "https://api.news.example/1", "webPublicationDate": "2031-03-04T00:00:00Z"}
    with pytest.raises(NotALiveBlog, match="show-blocks=all"):
        parse({"response": {"content": content}})


def test_several_articles_are_not_mixed():
    contents = [answer(block())["response"]["content"]] * 2
    with pytest.raises(NotALiveBlog, match="2 articles"):
        parse({"response": {"results": contents}})


@pytest.mark.parametrize("field", ["isGone", "isExpired"])
def test_content_that_is_gone_is_not_read(field):
    with pytest.raises(Withheld, match=field):
        parse(answer(block(), **{field: True}))
    assert parse(answer(block(), **{field: False})).updates


@pytest.mark.parametrize("published", [False, "false", 0])
def test_nothing_published_is_nothing_read(published):
    with pytest.raises(Withheld):
        parse(json.dumps(answer(block(published=published))))
