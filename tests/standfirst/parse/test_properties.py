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
finite = st.floats(allow_nan=False, allow_infinity=False)
leaves = st.none() | st.booleans() | st.integers() | finite | anything | st.sampled_from(
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


FIELDS = {
    "guardian": "response content results blocks body requestedBodyBlocks id bodyHtml title attributes keyEvent "
    "published lastModifiedDate contributors elements fields standfirst webTitle webUrl tags totalBodyBlocks isGone",
    "automattic": "entries id type render content headline status timestamp entry_time authors name share_link "
    "key_event css_classes latest_timestamp",
    "sourcefabric": "_items _id _meta post_status deleted items groups refs item item_type text meta published_date "
    "unpublished_date _updated publisher display_name lb_highlight flags blog",
    "ninjs": "uri type version versionCreated pubStatus pubstatus embargoedUntil embargoed headlines headline bodies "
    "value role contentType body_html associations language by descriptions",
    "superdesk": "service item guid headline body_html abstract state language versioncreated",
}
SHELLS = {
    "guardian": lambda v: {
        "response": {"content": {"webTitle": v, "blocks": {"body": [v, {"id": "1", "bodyHtml": v}]}}}
    },
    "automattic": lambda v: {"entries": [v, {"id": 1, "type": "new", "render": v}, {"id": 1, "type": v}], "pages": v},
    "sourcefabric": lambda v: {"_items": [v, {"_id": v, "post_status": "open", "items": [v, {"text": v}]}], "_meta": v},
    "ninjs": lambda v: {"uri": "urn:x:1", "bodies": [v, {"value": v}], "associations": [v, {"uri": v, "bodies": v}]},
    "superdesk": lambda v: {
        "service": v,
        "item": {"guid": v, "body_html": "<p>Rain</p>", "headline": v, "abstract": v},
    },
}


def values_of(format_name):
    """Values with the fields of a format, in and out of place, of right types and of wrong ones."""
    own = st.sampled_from(FIELDS[format_name].split())
    texts = leaves | st.sampled_from(["new", "update", "delete", "open", "usable", "text", "2031-03-04", "1930579320"])
    return st.recursive(texts, lambda v: st.lists(v, max_size=4) | st.dictionaries(own, v, max_size=5), max_leaves=15)


@pytest.mark.slow
@pytest.mark.parametrize("format_name", FIELDS)
@patient
@given(st.data())
def test_any_json_of_a_newsroom_is_read_or_refused(format_name, data):
    value = data.draw(values_of(format_name))
    read(json.dumps(value))
    read(json.dumps(value), format=format_name)
    shell = SHELLS[format_name](value)
    assert read(shell) == read(json.dumps(shell), format=format_name)


XML = """\
<rss>
</rss>
<rss><channel>
<feed xmlns='http://www.w3.org/2005/Atom'>
</feed>
<item>
</item>
<entry>
</entry>
<id>1</id>
<guid>1</guid>
<title>Rain
</title>
<content type='xhtml'>
<content type='html'><![CDATA[<p>
]]></content>
</content>
<description>Rain.</description>
<updated>2031-03-04T10:42:00Z</updated>
<deleted-entry ref='1' when='2031-03-04'/>
<link href='https://news.example/1'/>
<!DOCTYPE rss [<!ENTITY a 'b'>]>
&a;
&nbsp;
<!-- -->
<?xml version='1.0' encoding='latin-1'?>
""".splitlines()


@pytest.mark.slow
@patient
@given(st.lists(st.sampled_from(XML) | anything, max_size=20).map("".join), st.sampled_from(["auto", "feed"]))
def test_any_xml_is_read_or_refused(soup, format_name):
    read(soup, format=format_name)
    item = f"<item><title>Rain</title><description>{soup}</description></item>"
    read(f"<rss><channel>{item}</channel></rss>", format=format_name)


GONE = {
    "guardian": lambda p, gone: {"id": p, "bodyHtml": p, "published": not gone},
    "automattic": lambda p, gone: {"id": p, "type": "delete" if gone else "new", "render": p},
    "sourcefabric": lambda p, gone: {"_id": p, "post_status": "open", "deleted": gone, "items": [{"text": p}]},
    "ninjs": lambda p, gone: {"uri": p, "bodies": [{"value": p}], "pubStatus": "canceled" if gone else "usable"},
    "jsonld": lambda p, gone: {"@id": p, "headline": p, "creativeWorkStatus": "Deleted" if gone else "Published"},
}
ENVELOPES = {
    "guardian": lambda posts: {"content": {"webTitle": "Live", "blocks": {"body": posts}}},
    "automattic": lambda posts: {"entries": posts, "pages": 1},
    "sourcefabric": lambda posts: {"_items": posts, "_meta": {}},
    "ninjs": lambda posts: posts,
    "jsonld": lambda posts: {"@type": "LiveBlogPosting", "liveBlogUpdate": posts},
}
POSTS = [f"{word} came to the quay today." for word in ("Anna", "Bela", "Cora", "Dora", "Else")]


@pytest.mark.slow
@pytest.mark.parametrize("format_name", GONE)
@patient
@given(st.data())
def test_a_deleted_post_is_never_read_wherever_its_versions_stand(format_name, data):
    posts = data.draw(st.lists(st.tuples(st.sampled_from(POSTS), st.booleans()), min_size=1, max_size=8))
    value = ENVELOPES[format_name]([GONE[format_name](text, gone) for text, gone in posts])
    blog = read(json.dumps(value), format=format_name)
    gone = {text for text, is_gone in posts if is_gone}
    kept = {text for text, _ in posts} - gone
    assert (blog is None) == (not kept)
    if blog is not None:
        assert {p.text for p in blog.paragraphs()} - {"Live"} == kept
        assert not any(text in repr(blog) for text in gone)


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
