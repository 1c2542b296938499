import json
from datetime import UTC, datetime

import pytest

from standfirst.errors import NotALiveBlog, Withheld
from standfirst.parse import parse

NOW = datetime(2031, 3, 4, 18, tzinfo=UTC)


def post(key="p1", text="Rain fell.", **fields):
    items = [{"item_type": "text", "text": text}]
    return {"_id": key, "post_status": "open", "deleted": False, "items": items, **fields}


def answer(*posts):
    return {"_items": list(posts), "_meta": {"page": 1, "total": len(posts), "max_results": 25}}


def texts(value):
    return [[p.text for p in update] for update in parse(json.dumps(value), now=NOW).updates]


def test_version_2(document, kinds):
    blog = parse(document("sourcefabric.json"), now=NOW)
    first, second = blog.updates
    assert blog.source_id == "5f0000000000000000000001"
    assert kinds(first) == [
        ("headline", "Minister walks out of talks"),
        ("text", "Ada Kell left the building before four."),
        ("text", "“We came here to sign.”"),
        ("pointer", "Ada Kell on the quay"),
        ("pointer", "A post by @annabrae"),
    ]
    assert (first.authors, first.key_event) == (("Mara Venn",), True)
    assert first.published == datetime(2031, 3, 4, 16, 2, tzinfo=UTC)
    assert first.modified == datetime(2031, 3, 4, 16, 31, tzinfo=UTC)
    assert [p.text for p in second] == ["Hundreds of islanders stood in line before dawn.", "Shops are empty."]


def test_version_1(document, kinds):
    (update,) = parse(document("sourcefabric-v1.json"), now=NOW).updates
    assert kinds(update) == [("text", "Ada Kell left the building before four.")]
    assert (update.authors, update.source_id) == (("Mara Venn",), "urn:newsml:blog.example:p7")


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"deleted": True}, "deleted"),
        ({"deleted": "true"}, "deleted"),
        ({"post_status": "draft"}, "drafts"),
        ({"post_status": "submitted"}, "submitted"),
        ({"post_status": "comment"}, "comments"),
        ({"post_status": "ai_generated"}, "not open"),
        ({"published_date": "2031-03-04T18:00:01Z"}, "scheduled"),
        ({"post_status": None, "unpublished_date": "2031-03-04T17:00:00Z"}, "unpublished"),
        ({"pubstatus": "canceled"}, "withheld"),
        ({"flags": {"marked_for_not_publication": True}}, "withheld"),
    ],
)
def test_what_is_not_to_be_read(fields, reason):
    assert texts(answer(post(**fields), post("p2", "Snow fell."))) == [["Snow fell."]]
    with pytest.raises(Withheld, match=reason):
        parse(answer(post(**fields)), now=NOW)


@pytest.mark.parametrize(
    "fields",
    [
        {"published_date": "2031-03-04T18:00:00Z"},
        {"unpublished_date": "2031-03-04T10:00:00Z", "published_date": "2031-03-04T11:00:00Z"},
        {"unpublished_date": "2031-03-04T10:00:00Z", "published_date": "2031-03-04T09:00:00Z"},
        {"pubstatus": "usable"},
        {"post_status": None},
    ],
)
def test_what_is_open_is_read(fields):
    assert texts(answer(post(**fields))) == [["Rain fell."]]


def test_a_post_that_was_restored_is_read_as_it_is_now():
    deleted = post(text="Old.", deleted=True, _updated="2031-03-04T10:00:00Z")
    assert texts(answer(deleted, post(_updated="2031-03-04T11:00:00Z"))) == [["Rain fell."]]


def test_pages_are_one_blog():
    pages = [
        answer(post("p3", _updated="2031-03-04T11:00:00Z")),
        answer(post("p3", "Old.", _updated="2031-03-04T10:00:00Z")),
    ]
    assert texts(pages) == [["Rain fell."]]


def test_a_quote_without_text_is_put_together():
    items = [{"item_type": "quote", "text": "", "meta": {"quote": "“We stay.”", "credit": "Ada Kell"}}]
    assert texts(answer(post(items=items))) == [["“We stay.”", "Ada Kell"]]


def test_a_blog_without_posts():
    with pytest.raises(NotALiveBlog, match="no post that can be read"):
        parse(answer())
