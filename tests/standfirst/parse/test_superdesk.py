import pytest

from standfirst.errors import NotALiveBlog, Withheld
from standfirst.parse import parse


def request(**fields):
    return {
        "service": "standfirst",
        "item": {"guid": "g", "language": "en", "body_html": "<p>Rain fell.</p>", **fields},
    }


def test_an_item(document, kinds):
    blog = parse(document("superdesk.json"))
    (update,) = blog.updates
    assert kinds(update) == [
        ("headline", "Minister walks out of talks"),
        ("text", "The talks on the ferry strike ended on Tuesday."),
        ("text", "Ada Kell left the building before four."),
        ("text", "She said the union had “moved the goalposts”."),
    ]
    assert blog.language == "en-GB"
    assert blog.source_id == update.source_id == "urn:newsml:desk.example:2031-03-04T16:02:00:a1"


def test_an_abstract_that_the_body_repeats_is_read_once():
    (update,) = parse(request(abstract="Rain fell")).updates
    assert [p.text for p in update] == ["Rain fell."]


@pytest.mark.parametrize("state", ["draft", "in_progress", "submitted", "published", None])
def test_an_editor_asks_while_writing(state):
    assert parse(request(state=state)).updates


@pytest.mark.parametrize(
    "fields", [{"state": "killed"}, {"state": "recalled"}, {"state": "spiked"}, {"pubstatus": "canceled"}]
)
def test_what_was_taken_back_is_not_read(fields):
    with pytest.raises(Withheld, match="taken back"):
        parse(request(**fields))


def test_an_item_without_text():
    with pytest.raises(NotALiveBlog, match="no post that can be read"):
        parse(request(body_html="<p></p>"))
