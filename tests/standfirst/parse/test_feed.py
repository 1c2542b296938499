from datetime import UTC, datetime

import pytest

from standfirst.errors import InvalidDocument, NotALiveBlog, Withheld
from standfirst.parse import parse
from standfirst.parse.feed import is_feed, xml_root


def rss(*items, head=""):
    return f'{head}<rss version="2.0"><channel><title>Rain live</title>{"".join(items)}</channel></rss>'


def atom(*entries):
    spaces = 'xmlns="http://www.w3.org/2005/Atom" xmlns:at="http://purl.org/atompub/tombstones/1.0"'
    return f"<feed {spaces}><title>Rain live</title>{''.join(entries)}</feed>"


def entry(updated, text):
    return f"<entry><id>a</id><updated>{updated}</updated><content>{text}</content></entry>"


ITEM = "<item><description>Rain fell.</description></item>"
MORNING, NOON, EVENING = ("2031-03-04T06:00:00Z", "2031-03-04T12:00:00Z", "2031-03-04T18:00:00Z")


def test_times_that_cannot_be_read_are_noted():
    item = "<item><pubDate>{}</pubDate><description>Rain fell on {}.</description></item>"
    blog = parse(rss(item.format("04/03/2031 10:00", 1), item.format("Tue, 04 Mar 2031 10:00:00 GMT", 2)))
    assert [u.published is None for u in blog.updates] == [True, False]
    assert blog.notes == ("Times left out, as they cannot be read: 1.",)


def test_rss(document, kinds):
    blog = parse(document("rss.xml"))
    first, second = blog.updates
    assert (blog.title, blog.language, blog.url) == ("Ferry strike live", "en-gb", "https://news.example/ferries")
    assert blog.published == datetime(2031, 3, 4, 6, 12, tzinfo=UTC)
    assert blog.modified == datetime(2031, 3, 4, 18, tzinfo=UTC)
    assert [p.text for p in blog.lead] == ["Four islands are cut off for a ninth day."]
    assert kinds(first) == [
        ("headline", "Minister walks out of talks"),
        ("text", "Ada Kell left the building before four."),
        ("text", "She said the union had “moved the goalposts”."),
    ]
    assert (first.source_id, first.url) == ("ferries-u3", "https://news.example/ferries#u3")
    assert first.authors == ("Mara Venn",)
    assert kinds(second)[0] == ("headline", "Bread queues grow & shops close")
    assert (second.url, second.authors) == ("https://news.example/ferries#u1", ("Tom Oake",))


def test_atom(document, kinds):
    blog = parse(document("atom.xml"))
    first, second = blog.updates
    assert (blog.title, blog.language, blog.url) == ("Ferry strike live", "en-GB", "https://news.example/ferries")
    assert blog.source_id == "tag:news.example,2031:ferries"
    assert kinds(first) == [
        ("headline", "Minister walks out of talks"),
        ("text", "Ada Kell left the building before four."),
        ("text", "She said the union had “moved the goalposts”."),
    ]
    assert first.published == datetime(2031, 3, 4, 16, 2, tzinfo=UTC)
    assert first.modified == datetime(2031, 3, 4, 16, 31, tzinfo=UTC)
    assert [p.text for p in second] == ["Bread queues grow", "Hundreds of islanders stood in line before dawn."]


def test_rss_1_has_its_items_beside_the_channel():
    document = (
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">'
        "<channel><title>Rain live</title></channel><item><title>Rain at last</title></item></rdf:RDF>"
    )
    blog = parse(document)
    assert (blog.format, blog.title) == ("feed", "Rain live")
    assert [u.headline.text for u in blog.updates] == ["Rain at last"]


@pytest.mark.parametrize(("updated", "when", "is_read"), [
    (MORNING, NOON, False), (NOON, NOON, False), (EVENING, NOON, True), (EVENING, "", False), ("", NOON, False),
])  # fmt: skip
def test_a_tombstone_holds_for_what_is_not_newer(updated, when, is_read):
    tombstone = f'<at:deleted-entry ref="a" when="{when}"/>'
    for parts in ((tombstone, entry(updated, "Rain fell.")), (entry(updated, "Rain fell."), tombstone)):
        if is_read:
            assert [p.text for u in parse(atom(*parts)).updates for p in u] == ["Rain fell."]
        else:
            with pytest.raises(Withheld):
                parse(atom(*parts))


def test_a_guid_that_is_the_blogs_own_address_names_nothing():
    item = "<item><guid>https://news.example/rain</guid><title>{}</title></item>"
    feed = rss("<link>https://news.example/rain</link>", item.format("One"), item.format("Two"))
    assert [u.headline.text for u in parse(feed).updates] == ["One", "Two"]


@pytest.mark.parametrize(
    "space",
    ["http://search.yahoo.com/mrss/", "http://search.yahoo.com/mrss", "http://www.itunes.com/dtds/podcast-1.0.dtd"],
)
def test_names_of_other_namespaces_are_no_text_author_link_or_time(space):
    foreign = (
        "<m:title>Quay at dawn</m:title><m:content><m:credit>Photograph: Lena Holt</m:credit></m:content>"
        "<m:description>A picture.</m:description><m:author>Lena Holt</m:author><m:link>https://news.example/p</m:link>"
        "<m:pubDate>Tue, 04 Mar 2031 05:00:00 GMT</m:pubDate>"
    )
    own = "<title>Rain at last</title><description>It fell on Skerra.</description>"
    feed = rss(foreign, f"<item>{foreign}{own}</item>").replace("<rss", f'<rss xmlns:m="{space}"')
    blog = parse(feed)
    (update,) = blog.updates
    assert [p.text for p in blog.paragraphs()] == ["Rain live", "Rain at last", "It fell on Skerra."]
    assert (update.authors, update.url, update.published) == ((), None, None)
    assert (blog.opening.authors, blog.url, blog.published) == ((), None, None)


@pytest.mark.parametrize(
    "space", ["http://purl.org/rss/1.0/modules/content/", "http://purl.org/rss/1.0/modules/content"]
)
def test_content_is_read_however_its_namespace_ends(space):
    item = "<item><description>Rain.</description><c:encoded>Rain fell on Skerra.</c:encoded></item>"
    blog = parse(rss(item).replace("<rss", f'<rss xmlns:c="{space}"'))
    assert [p.text for p in blog.updates[0]] == ["Rain fell on Skerra."]


def test_a_draft_is_one_in_any_namespace():
    kept = "<entry><id>b</id><content>Rain fell.</content></entry>"
    draft = (
        '<entry><id>a</id><content>Snow.</content><x:control xmlns:x="urn:x"><x:draft>yes</x:draft></x:control></entry>'
    )
    assert [p.text for u in parse(atom(draft, kept)).updates for p in u] == ["Rain fell."]


BOMB = '<!DOCTYPE rss [<!ENTITY a "boom"><!ENTITY b "' + "&a;" * 10 + '"><!ENTITY c "' + "&b;" * 10 + '">]>'
FETCH = '<!DOCTYPE rss [<!ENTITY a SYSTEM "file:///etc/hostname">]>'
PARAMETER = '<!DOCTYPE rss SYSTEM "http://news.example/x.dtd" [ <!ENTITY % a SYSTEM "http://news.example/a"> %a; ]>'


@pytest.mark.parametrize(
    "head", [BOMB, FETCH, PARAMETER, f"<!-- {'x' * 9000} -->{BOMB}", f"<?xml version='1.0'?>\n{BOMB}"]
)
def test_entities_are_refused_before_they_are_read(head):
    feed = rss("<item><title>&c;&a;</title></item>", head=head)
    for options in ({}, {"format": "feed"}):
        if options or is_feed(feed):
            with pytest.raises(InvalidDocument, match="declares entities"):
                parse(feed, **options)
        else:
            assert "boom" not in repr(parse(feed))


def test_a_document_type_without_declarations_is_harmless():
    head = '<!DOCTYPE rss PUBLIC "-//Netscape//DTD RSS 0.91//EN" "http://news.example/rss-0.91.dtd">'
    assert parse(rss(ITEM, head=head)).updates


def test_html_entities_and_forbidden_characters():
    feed = rss("<item><title>Skerra&rsquo;s mayor\x01 &amp; &unknown;</title></item>".replace("&unknown;", "crew"))
    assert parse(feed).updates[0].headline.text == "Skerra’s mayor\ufffd & crew"


@pytest.mark.parametrize(
    "feed",
    [rss("<item>"), "<rss>", "<feed><entry></feed>", rss("<item>&unknown;</item>"), rss("<a>" * 500 + "</a>" * 500)],
)
def test_broken_xml_names_the_place(feed):
    with pytest.raises(InvalidDocument, match="broken") as caught:
        parse(feed)
    assert caught.value.where.startswith("line 1, column ")


def test_no_feed():
    with pytest.raises(NotALiveBlog, match="is no feed"):
        parse("<opml><body/></opml>", format="feed")
    with pytest.raises(NotALiveBlog, match="no post that can be read"):
        parse(rss())


@pytest.mark.parametrize(
    "text", ["<!doctype html><html><body><p>rss</p></body></html>", "<rsss>", "rss", "<!-- <rss> --><p>x</p>"]
)
def test_what_is_no_feed(text):
    assert not is_feed(text)


def test_the_root_is_told_of_declared_xml_alone():
    assert xml_root('<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x "y">]><n:newsItem/>') == "newsItem"
    assert xml_root('\ufeff \n<?xml version="1.0"?><!-- <a> --><html>') == "html"
    assert xml_root("<newsItem/>") == ""


@pytest.mark.parametrize(
    "piece",
    [
        "<!-- a -->",
        "<!--",
        "<?a?>",
        "<!DOCTYPE a>",
        "<!DOCTYPE a [",
        " ",
        "-->",
        "<!DOCTYPE",
        "<item>",
        "&a;",
        "&nbsp;",
    ],
)
def test_a_hostile_prolog_costs_linear_time(cpu_seconds, piece):
    text = piece * 20_000
    assert cpu_seconds(lambda: (is_feed(text), xml_root("<?xml?>" + text))) < 1


def test_latin_1_is_declared_in_the_xml():
    text = '<?xml version="1.0" encoding="ISO-8859-1"?>' + rss("<item><title>Zoë kam</title></item>")
    assert parse(text.encode("latin-1")).updates[0].headline.text == "Zoë kam"
