import json
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from standfirst.errors import StandfirstError
from standfirst.parse import FORMATS, parse

LINES = """\
Minister walks out of talks
Army flies food to the islands
Why did the talks fail?
ICYMI: Ferry boss quits
Summary
Key events
Show key events only
She left before four.
“We came here to sign,” he said.
It goes on for a ninth day, and nobody knows why:
Mara Venn reports:
Mara Venn
Read more:
Share
10:42
10.42am GMT
2h ago
Updated at 14.03 BST
Tue 4 Mar 2031 18.04 BST
10:42 GMT - Sirens on Skerra
# Ferry strike live
## Reaction
**Bold words here**
- Nine days
• Four islands
* * *
— Anna Brae (@annabrae) March 4, 2031
""".splitlines()
BLANKS = ["", "\u00a0", "\u200b", "    "]

TAGS = """\
<p>
</p>
<article class=block>
</article>
<h2>
<li>
<time datetime='x'>
<!--
-->
<script type='application/ld+json'>
</script>
<div itemprop=liveBlogUpdate>
<nav>
<b
&amp;
""".splitlines()

anything = st.text(st.characters(exclude_characters="\x00"), max_size=60)
lines = st.lists(st.sampled_from(LINES) | st.sampled_from(BLANKS) | anything, max_size=30)
newlines = st.sampled_from(["\n", "\r\n", "\n\n"])
markup = st.lists(
    st.sampled_from(TAGS) | anything,
    max_size=25,
).map("".join)
names = st.sampled_from(
    ["@type", "@id", "@graph", "headline", "articleBody", "liveBlogUpdate", "datePublished", "url", "author", "name"]
)
leaves = st.none() | st.booleans() | st.integers() | st.floats() | anything | st.sampled_from(
    ["LiveBlogPosting", "BlogPosting", "2031-03-04T10:42:00Z", "<p>One</p><p>Two</p>", "https://news.example/1"]
)  # fmt: skip
values = st.recursive(leaves, lambda v: st.lists(v, max_size=4) | st.dictionaries(names, v, max_size=5), max_leaves=20)
postings = st.fixed_dictionaries({"@type": st.just("LiveBlogPosting"), "liveBlogUpdate": values, "headline": values})
patient = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])


def check(blog):
    """Offsets hold, ids are unique, repeats point backwards, times are aware."""
    seen = set()
    for p in blog.paragraphs():
        assert blog.source[p.start : p.end] == p.text != ""
        assert p.id not in seen
        assert p.repeat_of is None or p.repeat_of in seen
        seen.add(p.id)
    assert len({u.id for u in blog.updates}) == len(blog.updates)
    assert all(t.tzinfo for u in blog.updates for t in (u.published, u.modified) if t)
    blog.source.encode()


def read(document, **options):
    """Parse; a refusal is fine, any other exception is not."""
    try:
        blog = parse(document, **options)
    except StandfirstError:
        return None
    check(blog)
    return blog


@pytest.mark.slow
@patient
@given(lines, newlines)
def test_every_line_of_a_text_is_in_exactly_one_paragraph(lines, newline):
    blog = read(newline.join(lines), format="text")
    if blog is None:
        return
    covered = [0] * len(blog.source)
    for p in blog.paragraphs():
        for i in range(p.start, p.end):
            covered[i] += 1
    assert max(covered) <= 1
    left = "".join(c if not n else " " for c, n in zip(blog.source, covered, strict=True))
    # Only the date before a title is metadata; marks of lists, headings and times hold no words.
    assert not re.search(r"\w", re.sub(r"^\s*(date:?\s+)?\d{4}-\d\d-\d\d", "", left.replace("__", "  "), flags=re.I))


@pytest.mark.slow
@patient
@given(st.text() | markup | lines.map("\n".join), st.sampled_from(["auto", *FORMATS]))
def test_any_text_is_read_or_refused(document, format_name):
    read(document, format=format_name)


@pytest.mark.slow
@patient
@given(
    st.binary()
    | st.text().map(lambda t: t.encode("utf-16", "surrogatepass"))
    | st.text().map(lambda t: t.encode("cp1252", "ignore"))
)
def test_any_bytes_are_read_or_refused(document):
    read(document)


@pytest.mark.slow
@patient
@given(postings | values.map(lambda v: {"@graph": v}))
def test_any_json_is_read_or_refused(value):
    blog = read(value)
    text = read(json.dumps(value))
    assert (blog is None) == (text is None)


words = st.sampled_from(["bridge", "ferry", "harbour", "island", "minister", "mayor", "strike", "bread", "army"])
sentence = st.lists(words, min_size=7, max_size=12).map(lambda w: " ".join(w).capitalize())
update = st.tuples(sentence, st.lists(sentence.map(lambda s: s + "."), min_size=1, max_size=3, unique=True))


@pytest.mark.slow
@patient
@given(st.lists(update, min_size=2, max_size=6, unique_by=lambda u: u[0]), st.data())
def test_ids_stay_when_updates_are_added_anywhere(updates, data):
    def text(parts):
        head = ["Ferry strike live", "The strike goes on."]
        return "\n".join(head + [line for headline, body in parts for line in (headline, *body)])

    added = data.draw(st.integers(0, len(updates) - 1))
    old = parse(text(updates[:added] + updates[added + 1 :]))
    new = parse(text(updates))
    assert len(new.updates) == len(updates)
    assert {p.id: p.text for p in old.paragraphs()}.items() <= {p.id: p.text for p in new.paragraphs()}.items()
