from contextlib import suppress

import pytest

from standfirst.errors import StandfirstError
from standfirst.parse.markup import flatten, paragraphs


def test_inline_elements_do_not_break_and_blocks_do():
    assert paragraphs("<p>One <b>t</b>wo</p>three<br>four<ul><li>five<li>six</ul>") == [
        "One two",
        "three",
        "four",
        "five",
        "six",
    ]


def test_a_line_break_parts_no_heading_and_a_row_is_one_block():
    assert paragraphs("<h2>Port of Skerra<br>shut</h2>One<br>two") == ["Port of Skerra shut", "One", "two"]
    rows = "<tr><th>Holm</th><td>2 hurt</td></tr><tr><td>Skerra<td><b>3</b> hurt"
    assert paragraphs(f"<table>{rows}</table>") == ["Holm 2 hurt", "Skerra 3 hurt"]


def test_a_time_in_a_sentence_is_one_of_its_words():
    page = flatten("<p>Polls close at <time datetime='2031-03-04T22:00Z'>10pm</time> on <time>4 March</time>.</p>")
    assert [(b.tag, b.text) for b in page.blocks] == [("p", "Polls close at 10pm on 4 March.")]
    assert page.boxes[0].properties == {}


def test_what_an_open_time_is_cut_by_is_read():
    page = flatten("<time datetime='2031-03-04'><div>4 March</div></time><p>It rains.</p>")
    assert [b.text for b in page.blocks] == ["4 March", "It rains."]
    assert page.boxes[0].properties == {"datePublished": "2031-03-04"}


@pytest.mark.parametrize(
    ("html", "blocks"),
    [
        ("<p>Updated <time>10:42</time> GMT</p>", [("time", "Updated 10:42 GMT")]),
        ("<p><time>10:42</time> It rains.</p>", [("time", "10:42"), ("p", "It rains.")]),
        ("<p>By Mara Venn <time>10:42</time></p>", [("p", "By Mara Venn"), ("time", "10:42")]),
        ("<p>Holm <time>10:42</time> <a>Share</a></p>", [("p", "Holm"), ("time", "10:42"), ("p", "Share")]),
        ("<h2><time>10:42</time> Rain on Holm</h2>", [("time", "10:42"), ("h2", "Rain on Holm")]),
    ],
)
def test_a_time_that_dates_something_stands_alone(html, blocks):
    assert [(b.tag, b.text) for b in flatten(html).blocks] == blocks


def test_characters():
    assert paragraphs("<meta charset=latin-1><p>“é” &ldquo;&eacute;&#8221; \U0001f6a2 \ud800") == [
        "“é” “é” \U0001f6a2 ?"
    ]
    assert paragraphs("") == []


def test_scripts_titles_and_metadata():
    page = flatten(
        '<html lang="en"><title>A &amp; B</title><link rel="canonical" href="/x"><meta property="og:title" content="C">'
        '<script type="application/ld+json">{"a": "</p>"}</script><script>var x</script><p>text</p>'
    )
    assert page.title == "A & B"
    assert page.scripts == ['{"a": "</p>"}']
    assert page.metadata == {"lang": "en", "canonical": "/x", "og:title": "C"}
    assert [b.text for b in page.blocks] == ["text"]


def test_a_byline_is_one_only_if_all_of_it_is():
    blocks = flatten('<p class="byline">By <a>Mara Venn</a></p><p><a class="author">Mara Venn</a> saw it.</p>').blocks
    assert [b.is_byline for b in blocks] == [True, False]


def test_a_page_in_one_form_is_read_and_a_small_form_is_not():
    assert paragraphs("<body><form><p>One</p><div><form><p>Two</p></form></div></form></body>") == ["One"]


@pytest.mark.slow
@pytest.mark.parametrize(
    "piece",
    [
        "<!--",
        "<p>",
        "</p x",
        '<p a="',
        "<![CDATA[",
        "&amp",
        "<b><p>",
        "<table><td>",
        "<a b=c ",
        "<p class='a b' id=c>x",
        "<time>x",
        "a <time>1</time> at ",
        "<td>",
    ],
)
def test_hostile_pages_take_linear_time(cpu_seconds, piece):
    def attempt(n):
        with suppress(StandfirstError):
            flatten(piece * n)

    def seconds(n):
        return cpu_seconds(lambda: attempt(n))

    # Quadratic time would be 64 times as much.
    assert seconds(80_000) < 24 * seconds(10_000) + 0.5
