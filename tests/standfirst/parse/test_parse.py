import json
from importlib import import_module

import pytest

from standfirst.errors import (
    DocumentTooLarge,
    EmptyDocument,
    InputError,
    InvalidDocument,
    NotALiveBlog,
    WrongEncoding,
)
from standfirst.parse import FORMATS, parse

SECRET = "Zanzibarquark"


def test_the_format_is_told_from_the_document(document):
    assert parse(document("ferry-strike.txt")).format == "text"
    assert parse(document("headings.md")).format == "text"
    assert parse(document("posting.jsonld")).format == "jsonld"
    assert parse(document("page.html")).format == "html"
    assert parse(json.loads(document("posting.jsonld"))).format == "jsonld"


@pytest.mark.parametrize("text", ['[Update] The bridge is "closed".', "{sic} said the mayor.", "<3 wrote the mayor."])
def test_prose_may_start_with_a_bracket(text):
    assert parse(text).format == "text"


def test_a_named_format_is_not_guessed(document):
    assert parse("<p>One.</p><p>Two.</p>").format == "html"
    assert parse("<p>One.</p><p>Two.</p>", format="text").format == "text"
    with pytest.raises(InvalidDocument):
        parse(document("ferry-strike.txt"), format="jsonld")


def test_text_bytes_and_parsed_json_give_the_same_blog(document):
    data = document("posting.jsonld")
    blog = parse(data)
    assert parse(data.decode()) == blog
    assert parse(json.loads(data)) == blog


def test_a_list_of_pages_may_come_parsed():
    pages = [{"uri": f"urn:{i}", "bodies": [{"value": f"It rains on {i}."}]} for i in range(2)]
    for value in (pages, [posting("It rains.")]):
        assert parse(value) == parse(json.dumps(value))
    with pytest.raises(DocumentTooLarge):
        parse(["x" * 100], max_bytes=99)
    with pytest.raises(NotALiveBlog):
        parse(["text"])


@pytest.mark.parametrize("document", ["", " \n\t\r\n", "\ufeff", b"", b"\xef\xbb\xbf \n", "\xa0\u200b"])
def test_an_empty_document_is_refused(document):
    with pytest.raises(EmptyDocument):
        parse(document)


def test_the_limit_counts_bytes():
    assert parse("Zoë came.", max_bytes=10)
    with pytest.raises(DocumentTooLarge, match="10 bytes"):
        parse("Zoë came.", max_bytes=9)
    with pytest.raises(DocumentTooLarge):
        parse("Zoë came.".encode(), max_bytes=9)
    with pytest.raises(DocumentTooLarge):
        parse({"headline": "x" * 100}, max_bytes=99)


def test_fifty_megabytes_are_refused_unread():
    with pytest.raises(DocumentTooLarge, match="Send the newest updates only"):
        parse(b"\x00" * 50_000_000)


def test_a_file_of_one_letter_lines_is_refused(monkeypatch):
    monkeypatch.setattr(import_module("standfirst.parse.build"), "MAX_PARAGRAPHS", 100)
    for text in ("a\n" * 200, "<p>a" * 200, json.dumps(posting("a\n" * 200))):
        with pytest.raises(DocumentTooLarge, match="more than 100 paragraphs"):
            parse(text)


@pytest.mark.parametrize("value", [None, 3, ("text",), object(), bytearray(b"text")])
def test_a_wrong_type_is_named(value):
    with pytest.raises(InputError, match=type(value).__name__):
        parse(value)


def test_an_unknown_format_names_the_known_and_the_nearest():
    with pytest.raises(InputError, match=r"'jsnold'; known are auto, jsonld, .*, text\. Did you mean 'jsonld'"):
        parse("x", format="jsnold")
    with pytest.raises(InputError, match="Parsed JSON came with format 'html', which is none"):
        parse({}, format="html")


@pytest.mark.parametrize(
    ("document", "error"),
    [
        (f"{SECRET},2,3\n{SECRET},3,4\n{SECRET},4,5", NotALiveBlog),
        (f"import {SECRET}\n\ndef f(x):\n    return {SECRET}(x)", NotALiveBlog),
        (f'{{"a": "{SECRET}" "b"}}', InvalidDocument),
        (f'{{"a": "{SECRET}"}}', NotALiveBlog),
        (f'<script>var x = "{SECRET}"</script>', NotALiveBlog),
        (b"\x00\x01" + SECRET.encode(), WrongEncoding),
        ("[1, 2, 3]", NotALiveBlog),
        ("12 34\n...", NotALiveBlog),
    ],
)
def test_no_message_repeats_the_document(document, error):
    with pytest.raises(error) as caught:
        parse(document)
    assert SECRET not in str(caught.value)
    assert "end" in str(caught.value)  # "Send ...": each says what to do


def test_formats_are_a_table():
    assert list(FORMATS)[-3:] == ["feed", "html", "text"]
    assert [name for name, known in FORMATS.items() if known.is_json] == list(FORMATS)[:-3]


def posting(body):
    return {"@type": "LiveBlogPosting", "liveBlogUpdate": [{"headline": "One", "articleBody": body}]}
