"""What holds for every format of a newsroom's systems: it is told apart, and what was taken back is not read."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from standfirst.errors import InputError, NotALiveBlog, StandfirstError
from standfirst.parse import FORMATS, parse
from standfirst.schema import LiveBlog

NOW = datetime(2031, 3, 4, 18, tzinfo=UTC)
TAKEN_BACK = "zanzibarquark"  # stands in every deleted, withheld, embargoed, draft and outdated part of the fixtures
LEFT = "Ada Kell left the building before four."
QUEUE = "Hundreds of islanders stood in line before dawn."
FIXTURES = {
    "guardian.json": "guardian",
    "automattic.json": "automattic",
    "sourcefabric.json": "sourcefabric",
    "sourcefabric-v1.json": "sourcefabric",
    "ninjs-3.json": "ninjs",
    "ninjs-2.json": "ninjs",
    "superdesk.json": "superdesk",
    "rss.xml": "feed",
    "atom.xml": "feed",
    "edited.jsonld": "jsonld",
}
EVERY = pytest.mark.parametrize(("name", "format_name"), FIXTURES.items())


def words_of(blog: LiveBlog) -> str:
    """Everything that anybody could read out of a blog."""
    return repr(blog).casefold()


@EVERY
def test_the_format_is_told_from_its_fields(document, name, format_name):
    blog = parse(document(name), now=NOW)
    assert blog.format == format_name
    assert parse(document(name), format=format_name, now=NOW) == blog
    if FORMATS[format_name].is_json and isinstance(json.loads(document(name)), dict):
        assert parse(json.loads(document(name)), now=NOW) == blog


@EVERY
def test_one_format_and_no_other_says_yes(document, name, format_name):
    if FORMATS[format_name].is_json:
        value = json.loads(document(name))
        assert [n for n, known in FORMATS.items() if known.is_json and known.detect(value)] == [format_name]


@EVERY
def test_what_was_taken_back_is_not_read(document, name, format_name):
    assert name == "superdesk.json" or TAKEN_BACK in document(name).decode().casefold()
    blog = parse(document(name), now=NOW)
    assert TAKEN_BACK not in words_of(blog)
    assert any(p.text == LEFT for p in blog.paragraphs())
    assert name in ("superdesk.json",) or any("not read" in note for note in blog.notes)


@EVERY
def test_offsets_ids_and_times_hold(document, name, format_name):
    blog = parse(document(name), now=NOW)
    assert all(blog.source[p.start : p.end] == p.text for p in blog.paragraphs())
    ids = [p.id for p in blog.paragraphs()]
    assert len(set(ids)) == len(ids)
    assert all(update.source_id for update in blog.updates)
    assert all(t.tzinfo for u in blog.updates for t in (u.published, u.modified) if t)


@EVERY
@pytest.mark.parametrize("format_name2", [n for n, known in FORMATS.items() if known.is_json])
def test_a_wrong_name_is_refused_and_never_read_as_something_else(document, name, format_name, format_name2):
    if format_name == format_name2:
        return
    with pytest.raises(StandfirstError) as caught:
        parse(document(name), format=format_name2, now=NOW)
    assert "kell" not in str(caught.value).casefold()
    assert "end" in str(caught.value)  # "Send ...", or "Ask ... and send": each says what to do


def test_json_that_fits_two_formats_has_to_be_named(document):
    both = json.loads(document("ninjs-3.json")) | {"_items": json.loads(document("sourcefabric.json"))["_items"]}
    with pytest.raises(InputError, match="several formats: sourcefabric, ninjs") as caught:
        parse(both, now=NOW)
    assert caught.value.where == "format"
    assert parse(both, format="ninjs", now=NOW).title == "Ferry strike live"
    assert parse(both, format="sourcefabric", now=NOW).title is None


@pytest.mark.parametrize("value", [{}, {"entries": 3}, {"_items": {}}, {"uri": "x"}, {"response": {}}, {"item": {}}])
def test_json_of_no_format_names_those_there_are(value):
    with pytest.raises(NotALiveBlog) as caught:
        parse(value)
    for field in ("liveBlogUpdate", "blocks", "entries", "_items", "uri", "item"):
        assert f"`{field}`" in str(caught.value)


@pytest.mark.parametrize("root", ["newsItem", "n:newsMessage", "opml"])
def test_xml_of_no_known_kind_is_refused(root):
    document = f'<?xml version="1.0"?>\n<!-- x --><{root} xmlns:n="urn:n"><p>The boat sank.</p></{root}>'
    with pytest.raises(NotALiveBlog, match="no known kind"):
        parse(document)


def test_xhtml_is_html():
    page = '<?xml version="1.0" encoding="utf-8"?><!DOCTYPE html><html><body><h1>A</h1><p>One two.</p></body></html>'
    assert parse(page).format == "html"


def test_the_moment_must_have_a_zone():
    with pytest.raises(InputError, match="time zone"):
        parse("One.", now=datetime(2031, 3, 4))


@EVERY
def test_the_clock_alone_decides_over_embargoes(document, name, format_name):
    early, late = parse(document(name), now=NOW), parse(document(name), now=datetime(2032, 1, 1, tzinfo=UTC))
    held_back = len(late.updates) - len(early.updates)
    assert held_back == (1 if name in ("ninjs-3.json", "sourcefabric.json") else 0)


def test_every_format_has_its_page():
    pages = Path(__file__).parents[3] / "docs" / "formats"
    assert {page.stem for page in pages.glob("*.md")} == {*FORMATS, "README"}
    table = (pages / "README.md").read_text(encoding="utf-8")
    assert all(f"[`{name}`]({name}.md)" in table for name in FORMATS)
