import pytest

from standfirst.parse.bodies import pointers, read_body, split_body


def read(body, headline=""):
    head, drafts = read_body(body, headline)
    return head and head.text, [(d.kind, d.text) for d in drafts]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("<h2>Bread queues grow</h2><p>One.</p>", ("Bread queues grow", [("text", "One.")])),
        ("<p>One.</p><h2>Bread queues grow</h2>", (None, [("text", "One."), ("text", "Bread queues grow")])),
        ("One.\nTwo.", (None, [("text", "One."), ("text", "Two.")])),
        ("One.<br>Two.", (None, [("text", "One."), ("text", "Two.")])),
        ("<p>Polls close at <time>10pm</time> today.</p>", (None, [("text", "Polls close at 10pm today.")])),
        (
            "&lt;p&gt;One.&lt;/p&gt;&lt;p&gt;Two &amp;amp; three.&lt;/p&gt;",
            (None, [("text", "One."), ("text", "Two & three.")]),
        ),
        ("Write &lt;p&gt; for a paragraph.", (None, [("text", "Write <p> for a paragraph.")])),
        ("<p>Write &lt;b&gt;so&lt;/b&gt;.</p>", (None, [("text", "Write <b>so</b>.")])),
        ("3 < 4 and 5 > 4", (None, [("text", "3 < 4 and 5 > 4")])),
        (
            "<p class='byline'>Tom Oake</p><p>Read more:</p>",
            (None, [("byline", "Tom Oake"), ("pointer", "Read more:")]),
        ),
        ("", (None, [])),
        ("<p> </p>", (None, [])),
    ],
)
def test_bodies(body, expected):
    assert read(body) == expected


def test_a_headline_that_is_given_leaves_the_body_alone():
    assert read("<h2>Two</h2><p>Three.</p>", "One &amp; <b>a half</b>") == (
        "One & a half",
        [("text", "Two"), ("text", "Three.")],
    )


@pytest.mark.parametrize("tag", ["del", "s", "strike"])
def test_what_is_struck_out_is_not_read(tag):
    body = f"<p>Six boats <{tag}>sank</{tag}> are missing.</p><{tag}><p>All of them.</p></{tag}><p>One came back.</p>"
    assert split_body(body) == ["Six boats are missing.", "One came back."]
    assert split_body(f"Six <{tag}>sank</{tag}> are missing.") == ["Six are missing."]


def test_an_open_tag_strikes_out_no_more_than_its_paragraph():
    assert split_body("<div><p>Six <s>boats</p><p>One came back.</p></div>")[-1] == "One came back."


@pytest.mark.parametrize(
    "hidden", ["<!-- gone -->", "<template>gone</template>", "<p hidden>gone</p>", "<script>gone</script>"]
)
def test_what_no_reader_sees_is_not_read(hidden):
    assert split_body(f"Here.{hidden}") == ["Here."]


def test_a_body_nested_too_deep_costs_itself():
    assert read("<div>" * 5000 + "x", "One") == (None, [])


def test_pointers():
    assert [(d.kind, d.text) for d in pointers("<p>By Tom Oake</p>x")] == [("pointer", "By Tom Oake"), ("pointer", "x")]
