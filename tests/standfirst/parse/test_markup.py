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
