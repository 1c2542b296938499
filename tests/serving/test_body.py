import json
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.body import check_headers, parse_body, text_lines
from serving.errors import Refusal
from serving.settings import Settings
from serving.wire import LabelParagraph, LabelRequest, ReadRequest, Request, SummarizeRequest

SETTINGS = Settings(max_body_bytes=1000, max_paragraphs=3, max_paragraph_chars=50, max_json_values=20)


def refused(body: bytes | str, model: type[Request] = LabelRequest) -> Refusal:
    with pytest.raises(Refusal) as caught:
        parse_body(body if isinstance(body, bytes) else body.encode(), model, SETTINGS)
    return caught.value


@pytest.mark.parametrize(
    ("body", "reason", "where"),
    [
        (b"", "an empty body came", "body"),
        (b" \n", "an empty body came", "body"),
        (b'{"paragraphs":\n [,]}', "expected value", "line 2 column 3"),
        (b'{"paragraphs": [], "threshold": NaN}', "expected value", "line 1 column 33"),
        (b'{"paragraphs": [], "threshold": Infinity}', "expected value", "line 1 column 33"),
        (b'{"a": "\xff\xfe"}', "not UTF-8", "line 1 column 8"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "expected value", "line 1 column 1"),
        (b"[" * 300, "more than 200 levels", "line 1 column 202"),
        (b'{"a": ' + b"9" * 5000 + b"}", "number out of range", "line 1 column 4308"),
    ],
)
def test_what_is_no_json_is_told_with_its_place(body: bytes, reason: str, where: str) -> None:
    refusal = refused(body)
    assert (refusal.status, refusal.code) == (400, "invalid_json")
    assert reason in refusal.message
    assert refusal.where == where


@pytest.mark.parametrize(
    ("model", "body", "where", "message"),
    [
        (LabelRequest, "[]", "body", "expected an object, got a list"),
        (LabelRequest, "{}", "paragraphs", "this field is missing"),
        (LabelRequest, '{"paragraphs": {}}', "paragraphs", "expected a list, got an object"),
        (LabelRequest, '{"paragraphs": ["x"]}', "paragraphs[0]", "expected an object, got a string"),
        (LabelRequest, '{"paragraphs": [{"text": 3}]}', "paragraphs[0].text", "got a number"),
        (LabelRequest, '{"paragraphs": [{"text": null}]}', "paragraphs[0].text", "got null"),
        (LabelRequest, '{"paragraphs": [{}]}', "paragraphs[0].text", "this field is missing"),
        (LabelRequest, '{"paragraphs": [{"txt": "a"}]}', "paragraphs[0].txt", "mean 'text'? (1 more wrong)"),
        (
            LabelRequest,
            '{"paragraphs": [{"id": [], "text": "a"}]}',
            "paragraphs[0].id",
            "a string or a whole",
        ),
        (LabelRequest, '{"paragraphs": [], "thresold": 1}', "thresold", "did you mean 'threshold'?"),
        (LabelRequest, '{"paragraphs": [], "zzz": 1}', "zzz", "known fields: paragraphs, threshold"),
        (LabelRequest, '{"paragraphs": [], "threshold": 1.5}', "threshold", "less than or equal to 1"),
        (LabelRequest, '{"paragraphs": [], "threshold": true}', "threshold", "expected a number, got a bool"),
        (SummarizeRequest, "{}", "body", 'either "text" or "paragraphs"'),
        (SummarizeRequest, '{"text": "a", "paragraphs": []}', "body", 'either "text" or "paragraphs"'),
        (SummarizeRequest, '{"paragraphs": [3]}', "paragraphs[0]", "expected a string, or an object"),
        (SummarizeRequest, '{"text": "a", "max_words": 0}', "max_words", "greater than or equal to 1"),
        (SummarizeRequest, '{"text": "a", "max_words": 1.5}', "max_words", "expected a whole number, got a fraction"),
        (ReadRequest, '{"response": {}, "rain": 1}', "document", 'put the live blog under "document"'),
        (ReadRequest, '{"documents": "a"}', "documents", "did you mean 'document'? (1 more wrong)"),
        (ReadRequest, '{"document": 3}', "document", "expected a string or an object or a list, got a number"),
        (ReadRequest, '{"document": "a", "since": "noon"}', "since", "expected an ISO time such as"),
        (ReadRequest, '{"document": "a", "since": 3}', "since", "expected an ISO time as a string"),
        (ReadRequest, '{"document": "a", "topics": "aid"}', "topics", "expected a list, got a string"),
    ],
)
def test_a_wrong_field_is_named(model: type[Request], body: str, where: str, message: str) -> None:
    refusal = refused(body, model)
    assert (refusal.status, refusal.code, refusal.where) == (422, "invalid_input", where)
    assert message in refusal.message


@pytest.mark.parametrize(
    ("body", "where"),
    [
        (json.dumps({"paragraphs": [{"text": "a"}] * 4}), "paragraphs"),
        (json.dumps({"paragraphs": [{"text": "b" * 51}, {"text": "b" * 51}]}), "paragraphs[0].text"),
        (json.dumps({"paragraphs": [{"text": "a", "context": "b" * 51}]}), "paragraphs[0].context"),
        (json.dumps({"paragraphs": [0] * 22}), "body"),
    ],
)
def test_what_is_above_a_limit_is_too_large(body: str, where: str) -> None:
    refusal = refused(body)
    assert (refusal.status, refusal.code, refusal.where) == (413, "too_large", where)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("rain\n" * 4, "more than 3 lines came"),
        ("rain\n" + "b" * 51, "a line of 51 characters came, expected at most 50"),
    ],
)
def test_the_lines_of_a_text_are_held_to_the_limits_of_paragraphs(text: str, message: str) -> None:
    refusal = refused(json.dumps({"text": text}), SummarizeRequest)
    assert (refusal.status, refusal.code, refusal.where) == (413, "too_large", "text")
    assert message in refusal.message


def test_a_text_within_the_limits_passes() -> None:
    text = "\n".join(["b" * 50, " " * 60, "rain", "", "hail"])
    assert parse_body(json.dumps({"text": text}).encode(), SummarizeRequest, SETTINGS).text == text


@given(st.text("a \t\n\r\v\f\x1c\x1e\x1f\x85\xa0\u2028\u2029"))
def test_lines_are_those_of_python(text: str) -> None:
    found = list(text_lines(text))
    expected = [line.lstrip() for line in text.splitlines() if line.strip()]
    assert [line for _, line in found] == expected
    assert all(text.startswith(line, start) for start, line in found)


@pytest.mark.parametrize("model", [LabelRequest, SummarizeRequest, ReadRequest])
def test_values_that_were_sent_are_not_repeated(model: type[Request]) -> None:
    canary = "CANARY the minister will resign"
    for value in (canary, [canary], {canary: canary}, {"text": {"x": canary}, canary: 1}):
        for name in ("paragraphs", "text", "document", "since", "max_words", "threshold", "topics", canary):
            refusal = refused(json.dumps({name: value, "format": [canary]}), model)
            assert "CANARY" not in refusal.message + refusal.where


@pytest.mark.parametrize(
    ("since", "year"), [("0001-01-01T00:00+14:00", 1), ("9999-12-31T23:59-14:00", 9999), ("2026-01-01T00:00", 2026)]
)
def test_any_moment_of_any_zone_may_be_named(since: str, year: int) -> None:
    found = parse_body(f'{{"document": "a", "since": "{since}"}}'.encode(), ReadRequest, Settings()).since
    assert found is not None
    assert (found.year, found.utcoffset()) == (year, timedelta(0))


def test_a_whole_number_may_be_written_with_a_point() -> None:
    """As JSON Schema has it: 3.0 is an integer."""
    assert parse_body(b'{"text": "a", "max_words": 3.0}', SummarizeRequest, Settings()).max_words == 3
    read = parse_body(b'{"document": "a", "per_topic": 2.0, "max_words": 1e2}', ReadRequest, Settings())
    assert (read.per_topic, read.max_words) == (2, 100)
    labelled = parse_body(b'{"paragraphs": [{"id": 7.0, "text": "a"}]}', LabelRequest, Settings())
    assert (labelled.paragraphs[0].id, type(labelled.paragraphs[0].id)) == (7, int)


def test_good_requests_pass() -> None:
    label = parse_body(b'\xef\xbb\xbf{"paragraphs": [{"id": 7, "text": ""}]}', LabelRequest, SETTINGS)
    assert isinstance(label, LabelRequest)
    assert label.paragraphs[0].id == 7
    pages = parse_body(b'{"document": [{"a": 1}]}', ReadRequest, SETTINGS)
    assert isinstance(pages, ReadRequest)
    assert pages.document == [{"a": 1}]
    read = parse_body(b'{"document": {"a": [1]}, "since": "2026-03-04T07:30", "topics": null}', ReadRequest, SETTINGS)
    assert isinstance(read, ReadRequest)
    assert read.since is not None
    assert read.since.isoformat() == "2026-03-04T07:30:00+00:00"


@pytest.mark.parametrize(
    "kind",
    [
        b"application/json",
        b"Application/JSON; charset=UTF-8",
        b"application/ld+json",
        b"application/json ;x=1",
    ],
)
def test_json_in_utf8_is_taken(kind: bytes) -> None:
    check_headers({b"content-type": kind, b"content-length": b"1000"}, SETTINGS)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({b"content-type": b"text/plain"}, 415),
        ({b"content-type": b"application/x-www-form-urlencoded"}, 415),
        ({b"content-type": b"application/vnd.bentoml+pickle"}, 415),
        ({b"content-type": b"application/json; charset=latin-1"}, 415),
        ({b"content-encoding": b"gzip"}, 415),
        ({b"content-length": b"1001"}, 413),
    ],
)
def test_headers_are_refused_before_the_body_is_read(headers: dict[bytes, bytes], status: int) -> None:
    with pytest.raises(Refusal) as caught:
        check_headers(headers, SETTINGS)
    assert caught.value.status == status


def test_a_wrong_paragraph_is_answered_alone() -> None:
    rows = [{"text": "a"}, {"id": "p2", "txt": "b"}, {"id": 3, "text": "c" * 101}, "d", {"id": [], "text": "e"}]
    request = parse_body(json.dumps({"paragraphs": rows}).encode(), LabelRequest, Settings(max_paragraph_chars=100))
    assert isinstance(request, LabelRequest)
    assert [row.text for row in request.paragraphs] == ["a", "", "", "", ""]
    assert {i: (wrong["id"], wrong["error"]["code"]) for i, wrong in request.wrong.items()} == {
        1: ("p2", "invalid_input"),
        2: (3, "too_large"),
        3: (None, "invalid_input"),
        4: (None, "invalid_input"),
    }
    assert [wrong["error"]["where"] for wrong in request.wrong.values()] == [
        "paragraphs[1].txt",
        "paragraphs[2].text",
        "paragraphs[3]",
        "paragraphs[4].id",
    ]


@pytest.mark.parametrize(
    ("sent", "text"),
    [
        (rb"cut \ud83d", "cut \ufffd"),
        (rb"cut \uDE00 off", "cut \ufffd off"),
        (rb"\ud83d\ude00 whole, \ud83d cut", "\U0001f600 whole, \ufffd cut"),
        (rb"a path: \\ud83d and \udc00", r"a path: \ud83d" + " and \ufffd"),
    ],
)
def test_half_a_character_refuses_nobody(sent: bytes, text: str) -> None:
    body = b'{"paragraphs": [{"id": "a", "text": "Two drones hit."}, {"id": "b", "text": "' + sent + b'"}]}'
    paragraphs = parse_body(body, LabelRequest, SETTINGS).paragraphs
    assert [p.text for p in paragraphs if isinstance(p, LabelParagraph)] == ["Two drones hit.", text]
