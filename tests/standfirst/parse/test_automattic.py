import itertools
import json
from datetime import UTC, datetime

import pytest

from standfirst.errors import NotALiveBlog, Withheld
from standfirst.parse import parse


def entry(key, text="Rain fell.", kind="new", **fields):
    return {"id": key, "type": kind, "render": f"<p>{text}</p>", "timestamp": "1930579320", **fields}


def answer(*entries):
    return {"entries": list(entries), "latest_timestamp": 1930579400}


def texts(value):
    blog = parse(json.dumps(value))
    assert blog.format == "automattic"
    return [[p.text for p in update] for update in blog.updates]


def test_entries(document, kinds):
    blog = parse(document("automattic.json"))
    first, second = blog.updates
    assert blog.url == blog.source_id == "https://news.example/ferries/"
    assert blog.modified == datetime(2031, 3, 6, 16, 3, 20, tzinfo=UTC)
    assert kinds(first) == [
        ("headline", "Minister walks out of talks"),
        ("text", "Ada Kell left the building before four."),
        ("text", "She said the union had “moved the goalposts”."),
    ]
    assert (first.source_id, first.authors, first.key_event) == ("812", ("Mara Venn",), True)
    assert first.published == datetime(2031, 3, 6, 16, 2, tzinfo=UTC)
    assert first.url == "https://news.example/ferries/?lbup=812"
    assert kinds(second) == [
        ("text", "Two helicopters landed on Skerra."),
        ("text", "They brought flour and insulin."),
    ]
    assert second.key_event is False


def test_a_deletion_holds_wherever_it_stands():
    versions = [entry(1, "One."), entry(1, "One, mended.", "update"), entry(1, "Gone.", "delete")]
    for order in itertools.permutations(versions):
        assert texts(answer(*order, entry(2))) == [["Rain fell."]]
        assert texts([answer(*order[:1]), answer(*order[1:], entry(2))]) == [["Rain fell."]]
        with pytest.raises(Withheld):
            parse(answer(*order))


def test_an_update_replaces_its_entry_whatever_their_order():
    versions = [
        entry(1, "One."),
        entry(1, "Two.", "update", timestamp="1930579321"),
        entry(1, "Three.", "update", timestamp="1930579322"),
    ]
    for order in itertools.permutations(versions):
        assert texts(answer(*order)) == [["Three."]]


def test_ids_are_the_same_as_numbers_and_as_strings():
    assert texts(answer(entry(1, "One."), entry("1", "Two.", "update"))) == [["Two."]]


@pytest.mark.parametrize(
    ("status", "is_read"),
    [
        ("publish", True),
        ("", True),
        (None, True),
        ("draft", False),
        ("private", False),
        ("future", False),
        ("trash", False),
    ],
)
def test_only_what_is_published_is_read(status, is_read):
    found = texts(answer(entry(1, status=status), entry(2, "Snow fell.")))
    assert found == ([["Rain fell."]] if is_read else []) + [["Snow fell."]]


@pytest.mark.parametrize(("raw", "expected"), [
    ("/key Rain fell.", "Rain fell."),
    ("Rain fell. /key", "Rain fell."),
    ("<p>/key Rain fell.</p>", "Rain fell."),
    ("The file is in a/key and /keys.", "The file is in a/key and /keys."),
])  # fmt: skip
def test_the_key_command_is_no_text(raw, expected):
    assert texts(answer({"id": 1, "type": "new", "content": raw})) == [[expected]]


@pytest.mark.parametrize(
    "value", [{"entries": []}, {"entries": [{"id": 1}]}, {"entries": [{"type": "new"}]}, {"entries": "x", "pages": 1}]
)
def test_other_entries_are_not_taken_for_a_live_blog(value):
    with pytest.raises(NotALiveBlog, match="known format"):
        parse(value)


def test_no_entry_yet():
    with pytest.raises(NotALiveBlog, match="no post that can be read"):
        parse(answer())
