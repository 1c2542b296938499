from datetime import UTC, datetime

import pytest

from standfirst.errors import InvalidDocument, NotALiveBlog
from standfirst.parse import parse


def test_the_pages_own_jsonld_comes_first(document):
    blog = parse(document("page-with-jsonld.html"))
    assert blog.format == "html"
    assert [u.headline.text for u in blog.updates] == ["Army flies food"]
    assert "stands only in the page" not in blog.source
    assert blog.url == "https://news.example/ferries"
    assert blog.language == "en"
    assert blog.notes[0].startswith("A JSON-LD script of the page was left out: line 1, column")
    assert blog.notes[1] == "The page's JSON-LD was read, not its text."


def test_containers_that_look_alike(document, kinds):
    blog = parse(document("page.html"))
    assert blog.title == "Ferry strike live: minister walks out"
    assert [p.text for p in blog.key_points] == ["Army flies flour to Skerra", "Minister leaves talks"]
    assert [p.text for p in blog.lead] == ["By Mara Venn", "Four islands are cut off for a ninth day."]
    assert blog.published == datetime(2031, 3, 4, 6, 12, tzinfo=UTC)
    first, second, third = blog.updates
    assert kinds(first) == [
        ("headline", "Minister walks out of talks"),
        ("text", "Ada Kell left the building before four."),
        ("text", "She said the union had “moved the goalposts”."),
        ("text", "“We came here to sign.”"),
    ]
    assert first.key_event
    assert first.published == datetime(2031, 3, 4, 16, 2, tzinfo=UTC)
    assert kinds(second)[2:] == [("pointer", "Read more: How the strike began"), ("byline", "Tom Oake")]
    assert second.authors == ("Tom Oake",)
    assert kinds(third) == [("text", "Good morning."), ("text", "Ferries have been in port for nine days.")]


def test_what_is_no_story_is_dropped(document):
    source = parse(document("page.html")).source
    for text in ("News", "Buy a boat", "Share", "Photograph", "Another story", "Your email", "©", "script", "color"):
        assert text not in source


def test_microdata(document, kinds):
    blog = parse(document("microdata.html"))
    assert kinds(blog.updates[0]) == [
        ("headline", "Minister walks out"),
        ("byline", "Mara Venn"),
        ("text", "She left before four."),
    ]
    assert blog.updates[0].published == datetime(2031, 3, 4, 16, 2, tzinfo=UTC)
    assert blog.updates[0].authors == ("Mara Venn",)
    assert blog.updates[1].modified == datetime(2031, 3, 4, 15, 0, tzinfo=UTC)


def test_headings(document, kinds):
    blog = parse(document("headings.html"))
    assert [p.text for p in blog.lead] == ["Four islands are cut off."]
    assert kinds(blog.updates[0]) == [
        ("headline", "Minister walks out"),
        ("text", "She left before four."),
        ("text", "Reaction"),
        ("text", "The union said it was ready."),
    ]


def test_a_page_without_structure_is_read_like_text():
    lines = ["Ferry strike live", "It goes on.", "Army flies food", "It landed.", "Mayor speaks up", "She spoke."]
    blog = parse("<html><body>" + "<br>".join(lines) + "</body></html>")
    assert blog.title == "Ferry strike live"
    assert [u.headline.text for u in blog.updates] == ["Army flies food", "Mayor speaks up"]


def test_text_outside_the_updates_is_noted():
    boxes = "".join(f"<article><h2>Ferry {i} sinks</h2><p>It sank.</p></article>" for i in range(3))
    blog = parse(f"<h1>Live</h1><p>Lead.</p>{boxes}<article></article><main><p>Tail.</p></main>")
    assert blog.notes == ("Pieces of text left out between and after the updates: 1.",)


@pytest.mark.parametrize("page", ["<html></html>", "<!-- -->", "<script>x</script>", "<p> </p>", "<nav>x</nav>"])
def test_a_page_without_text_is_refused(page):
    with pytest.raises(NotALiveBlog, match="no text"):
        parse(page)


def test_deep_nesting_is_refused():
    with pytest.raises(InvalidDocument, match="deeper than 2000"):
        parse("<div>" * 100_000 + "x")


def test_entities_are_not_expanded():
    bomb = '<!DOCTYPE html [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;">]><html><p>&b;&b; laughs</p></html>'
    assert len(parse(bomb).source) < 100


@pytest.mark.parametrize(
    "page",
    ["<p>One<p>Two</div></b><li>Three", "<p>One <b>two<p>three", "<table><p>x</table>", "<p>a</p></html><p>after"],
)
def test_broken_markup_is_read(page):
    assert parse(page, format="html").source
