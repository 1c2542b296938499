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


def test_a_second_live_blog_of_a_page_is_noted():
    script = (
        '<script type="application/ld+json">{{"@type": "{}", "liveBlogUpdate": {{"headline": "Rain on {}"}}}}</script>'
    )
    blog = parse("<html>" + "".join(script.format("LiveBlogPosting", i) for i in range(3)) + "</html>")
    assert [u.headline.text for u in blog.updates] == ["Rain on 0"]
    assert blog.notes[1:] == ("Further JSON-LD scripts with a live blog, not read: 2.",)


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


def articles(*starts):
    return "<main><h1>Rain live</h1>" + "".join(f"{start}<p>It rains.</p></div></article>" for start in starts)


@pytest.mark.parametrize(
    "start",
    [
        '<article class="post-{0} post"><h2>Rain on island {0}</h2><div class="entry-content"><h3>Sub</h3>',
        '<article class="number-{0}"><h2>Rain on island {0}</h2><div class="entry-content entry-{0}"><h3>Sub</h3>',
        '<article class="{1} rain"><div><h2>Rain on island {0}</h2>',
    ],
)
def test_a_class_of_its_own_parts_no_update_from_the_others(start):
    starts = [start.format(i, kind) for i, kind in enumerate(("rain", "rain", "breaking", "sport"))]
    assert [u.headline.text for u in parse(articles(*starts)).updates] == [f"Rain on island {i}" for i in range(4)]


@pytest.mark.parametrize(
    ("name", "is_dropped"),
    [
        ("paywall", False),
        ("share-price", False),
        ("social-care", False),
        ("related-text", False),
        ("ad-hoc", False),
        ("ad-slot--top", True),
        ("shareButtons", True),
        ("social-media-links", True),
        ("related__list", True),
        ("newsletter", True),
    ],
)
def test_a_class_that_says_furniture_is_dropped_and_noted(name, is_dropped):
    blog = parse(f"<main><h1>Rain live</h1>{FERRIES}<div class='x {name}'><p>It <b>rains</b>.</p></div></main>")
    note = "Parts left out, as their class says advertising, sharing or the like: 1."
    assert (note in blog.notes) == is_dropped
    assert ("Pieces of text left out between and after the updates: 1." in blog.notes) != is_dropped


LOGO = """<div itemprop="publisher" itemscope><p itemprop="name">The Example</p><div itemprop="logo" itemscope>
<meta itemprop="url" content="https://news.example/logo.png"><time itemprop="uploadDate" datetime="2030-01-01"></time>
</div></div>"""


def test_microdata_of_an_item_inside_an_update_are_not_the_updates():
    update = '<div itemprop="liveBlogUpdate" itemscope>{}<link itemprop="url" href="/rain#{}">{}<p>It rains.</p></div>'
    author = '<span itemprop="author" itemscope><span itemprop="name">Mara Venn</span></span>'
    date = '<meta itemprop="datePublished" content="2031-03-04T16:02:00Z">'
    blog = parse("<h1>Rain live</h1>" + "".join(update.format(LOGO, i, author + date) for i in range(2)))
    assert [(u.source_id, u.url) for u in blog.updates] == [("/rain#0", "/rain#0"), ("/rain#1", "/rain#1")]
    assert {u.published for u in blog.updates} == {datetime(2031, 3, 4, 16, 2, tzinfo=UTC)}
    assert {u.authors for u in blog.updates} == {("Mara Venn",)}


def test_microdata_of_a_picture_are_no_updates_even_if_the_container_is_no_item():
    item = (
        '<article id="u{}">{}<div itemscope itemtype="https://schema.org/BlogPosting">{}'
        '<link itemprop="url" href="/{}"><h2 itemprop="headline">Rain {}</h2><p>It rains.</p></div></article>'
    )
    blog = parse("<h1>Rain live</h1>" + "".join(item.format(i, LOGO, LOGO, i, i) for i in range(2)))
    assert [(u.source_id, u.url) for u in blog.updates] == [("u0", "/0"), ("u1", "/1")]


def test_the_containers_id_comes_before_its_url(document):
    assert [u.source_id for u in parse(document("microdata.html")).updates] == ["https://news.example/ferries#2", None]


@pytest.mark.parametrize(
    ("attribute", "is_edit"),
    [
        ("class=liveblog-update__time", False),
        ("class=update-time", False),
        ("class=editorial", False),
        ("class=updated", True),
        ("class=post-modified", True),
        ("class=last-update", True),
        ("itemprop=dateModified", True),
        ("itemprop=datePublished", False),
    ],
)
def test_only_words_of_an_edit_make_a_time_one_of_an_edit(attribute, is_edit):
    time = f"<time {attribute} datetime='2031-03-04T16:02:00Z'>4.02pm</time>"
    update = f"<div itemprop=liveBlogUpdate itemscope>{time}<p>It rains.</p></div>"
    (first, _) = parse(f"<h1>Rain live</h1>{update}{update}").updates
    assert (first.published is None, first.modified is not None) == (is_edit, is_edit)


def test_words_in_front_of_a_time_say_whether_it_is_one_of_an_edit():
    times = (
        "<p>Updated <time datetime=2031-03-04T12:00Z>12:00</time></p><p>Posted <time datetime=2031-03-04T10:00Z></p>"
    )
    update = f"<div itemprop=liveBlogUpdate itemscope>{times}<p>It rains.</p></div>"
    (first, _) = parse(f"<h1>Rain live</h1>{update}{update}").updates
    assert first.published == datetime(2031, 3, 4, 10, tzinfo=UTC)
    assert first.modified == datetime(2031, 3, 4, 12, tzinfo=UTC)
    assert [p.text for p in first] == ["It rains."]


def test_a_time_line_of_an_edit_is_no_time_of_publication():
    update = "<div itemprop=liveBlogUpdate itemscope><p>Updated 4 March 2031, 12:00</p><p>It rains.</p></div>"
    (first, _) = parse(f"<h1>Rain live</h1>{update}{update}").updates
    assert (first.published, first.modified) == (None, datetime(2031, 3, 4, 12, tzinfo=UTC))


@pytest.mark.parametrize("time", ['<p class="time">12.0{}</p>', "<time>12:0{}</time>", "<span>12.0{}pm</span><br>"])
def test_containers_of_a_time_alone_are_updates_where_a_few_have_a_heading(time):
    heads = [f"<h2>Fuel duty up {n}p</h2>" if n in (1, 4) else "" for n in range(6)]
    blocks = [f'<div class="block">{h}{time.format(n)}<p>Cole speaks, {n}.</p></div>' for n, h in enumerate(heads)]
    blog = parse(f"<h1>Budget live</h1>{''.join(blocks)}")
    assert [u.headline and u.headline.text for u in blog.updates] == [
        None, "Fuel duty up 1p", None, None, "Fuel duty up 4p", None,
    ]  # fmt: skip


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


def test_a_title_that_stands_below_prose_keeps_its_place():
    prose = "The ferries stayed in port for a ninth day, and nobody knows why they did."
    blog = parse(f"<html><title>Ferry strike live</title><p>{prose}</p><p>Ferry strike live</p><p>{prose}</p></html>")
    assert blog.title == "Ferry strike live"
    assert all(blog.source[p.start : p.end] == p.text for p in blog.paragraphs())


FERRIES = "".join(f"<article><h2>Ferry {i} sinks</h2><p>It sank.</p></article>" for i in range(3))


def test_text_outside_the_updates_is_noted():
    blog = parse(f"<h1>Live</h1><p>Lead.</p>{FERRIES}<article></article><main><p>Tail.</p></main>")
    assert blog.notes == ("Pieces of text left out between and after the updates: 1.",)


def test_headings_labels_and_times_of_an_opening_are_no_text(kinds):
    labels = "<h2>Live Coverage</h2><h2>Ferries on Holm</h2><p>Summary</p><p><time>10:42</time></p>"
    points = "<h2>What we’re covering</h2><ul><li><h3>No ferries before noon</h3></li></ul>"
    blog = parse(f"<main><h1>Live</h1>{labels}<h2>Four islands are cut off.</h2>{points}{FERRIES}</main>")
    assert kinds(blog.opening)[1:] == [
        ("pointer", "Live Coverage"),
        ("pointer", "Ferries on Holm"),
        ("pointer", "Summary"),
        ("pointer", "10:42"),
        ("text", "Four islands are cut off."),
        ("pointer", "What we’re covering"),
        ("key_point", "No ferries before noon"),
    ]


def test_an_opening_beside_articles_is_read_and_one_outside_the_main_element_noted():
    opening = "<h1>Live</h1><p>Lead.</p><ul><li>No ferries before noon.</li></ul>"
    beside = parse(f"<div>{opening}{FERRIES}</div>")
    assert [p.text for p in beside.opening] == ["Live", "Lead.", "No ferries before noon."]
    assert beside.notes == ()
    inside = parse(f"<p>Menu</p><main>{opening}{FERRIES}</main><p>Tail.</p>")
    assert [p.text for p in inside.opening] == ["Live", "Lead.", "No ferries before noon."]
    assert inside.notes == ("Pieces of text left out before the title and outside the page's main part: 2.",)


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
