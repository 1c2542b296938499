"""The sample and the article pool, read where they are at hand; nothing of them is copied here."""

import json
from collections import Counter

import pytest

from standfirst.parse import parse


@pytest.fixture
def sample(shared):
    return parse((shared / "samples" / "ukraine-2023-09-05.txt").read_bytes())


def test_the_sample(sample):
    assert sample.title.startswith("Ukraine-Russia war live")
    assert sample.published.date().isoformat() == "2023-09-05"
    assert len(sample.key_points) == 2
    assert len(sample.lead) == 14
    assert [u.headline.text.split()[0] for u in sample.updates] == [
        "Russia", "Luton", "What", "ICYMI:", "Why", "Seoul's", "ICYMI:", "Dodging",
    ]  # fmt: skip
    assert [len(u.paragraphs) for u in sample.updates] == [5, 4, 4, 4, 4, 4, 4, 4]
    assert Counter(p.kind for p in sample.paragraphs()) == {
        "title": 1, "key_point": 2, "headline": 8, "text": 42, "byline": 3, "pointer": 2,
    }  # fmt: skip
    assert sample.updates[-1].paragraphs[-1].kind == "text"
    assert sample.notes == ()


def test_every_line_of_the_sample_is_one_paragraph(sample):
    lines = [line for line in sample.source.splitlines() if line.strip()]
    texts = [p.text for p in sample.paragraphs()]
    assert len(texts) == len(lines) == 58
    assert texts[1:] == lines[1:]
    assert lines[0] == f" date 2023-09-05 {texts[0]}"


def test_only_exact_repeats_of_the_sample_are_marked(sample):
    assert [p for p in sample.paragraphs() if p.repeat_of] == []


@pytest.mark.slow
def test_the_headlines_of_live_updates_have_the_form(shared):
    from standfirst.parse.forms import form_of

    with (shared / "data" / "topics" / "pool" / "cnn_headlines.jsonl").open() as file:
        headlines = [" ".join(json.loads(line)["text"].split()) for line in file]
    found = sum(form_of(headline) == "headline" for headline in headlines)
    assert found / len(headlines) > 0.995
