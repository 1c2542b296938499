import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from standfirst.errors import DataError
from standfirst.labels import LabelSet
from training.data import read_examples
from training.recipe import DataRecipe
from training.sources import resolve, text_sha256

Write = Callable[..., Path]
BLOG = {
    "blog_id": "b1",
    "title": "Storm at Dunmere – as it happened | Weather",
    "documents": [
        {"block_id": "k1", "title": " Ferries stop ", "text": ["Rain fell.", "Two ferries turned back."]},
        {"block_id": "k2", "title": None, "text": ["The port is shut."]},
    ],
}
TEXTS = {
    ("guardian", "b1", "k1:1"): ("Storm at Dunmere – as it happened > Ferries stop", "Two ferries turned back."),
    ("bbc", "b1", "k2:0"): ("Storm at Dunmere – as it happened", "The port is shut."),
    ("cnn", "2031-05-04", "17"): (
        "Russia's war in Ukraine, live updates 2031-05-04", "Envoys meet in Holm",
    ),
    ("wiki", "2031-05-04", "w3"): ("World news in brief, 2031-05-04", "Norra leaves the pact."),
    ("gdelt", "g1", "0"): ("", "A" * 250),
    ("gdelt", "g1", "1"): ("A" * 200, "Flour came by rail."),
}  # fmt: skip


@pytest.fixture
def data(tmp_path: Path, write_rows: Write) -> Path:
    """A made-up data folder with one document of every source."""
    pool = tmp_path / "topics" / "pool"
    pool.mkdir(parents=True)
    (tmp_path / "liveblogs").mkdir()
    for name in ("guardian", "bbc"):
        with gzip.open(tmp_path / "liveblogs" / f"{name}_train.jsonl.gz", "wt", encoding="utf-8") as file:
            file.write(json.dumps(BLOG) + "\n")
    headline = {"first_seen": "2031-05-04T10:00:00Z", "ref": 17, "text": "Envoys meet in Holm"}
    write_rows(pool / "cnn_headlines.jsonl", headline)
    event = {"date": "2031-05-04", "ref": "w3", "text": "Norra leaves the pact."}
    write_rows(pool / "current_events.jsonl", event)
    article = {"ref": "g1", "paragraphs": ["A" * 250, "Flour came by rail."]}
    write_rows(pool / "ukraine_articles.jsonl", article)
    return tmp_path


def annotation(key: tuple[str, str, str], **other: Any) -> dict[str, Any]:
    source, document, ref = key
    row = {"source": source, "document": document, "ref": ref, "sha256": text_sha256(TEXTS[key][1])}
    return row | {"labels": []} | other


@pytest.mark.parametrize("key", TEXTS)
def test_a_reference_is_resolved(data: Path, key: tuple[str, str, str]):
    [(place, row)] = resolve([("a.jsonl:9", annotation(key))], data)
    assert place == "a.jsonl:9"
    assert (row["context"], row["text"]) == TEXTS[key]


TOKENS = {
    "title": "Storm at Dunmere â\x80\x93 as it happened | Weather",
    "headline": "minister : `` we ca n't sail ''",
    "text": "the harbour 's cranes ( all four ) cost £ 5m , she said .",
}


def test_the_joined_form_is_plain_prose(data: Path, write_rows: Write):
    update = {"block_id": "k1", "title": TOKENS["headline"], "text": [TOKENS["text"]]}
    with gzip.open(data / "liveblogs" / "guardian_valid.jsonl.gz", "wt", encoding="utf-8") as file:
        file.write(json.dumps({"blog_id": "b7", "title": TOKENS["title"], "documents": [update]}) + "\n")
    write_rows(
        data / "topics" / "pool" / "ukraine_articles.jsonl",
        {"ref": "g2", "paragraphs": ["B  " * 100, "Flour\xa0came  by rail."]},
    )
    texts = {
        ("guardian", "b7", "k1:0"): "the harbour's cranes (all four) cost £5m, she said.",
        ("gdelt", "g2", "1"): "Flour came by rail.",
    }
    rows = [
        {"source": s, "document": d, "ref": r, "sha256": text_sha256(text), "labels": [], "form": "joined"}
        for (s, d, r), text in texts.items()
    ]
    found = [row for _, row in resolve([(f"a.jsonl:{i}", row) for i, row in enumerate(rows)], data)]
    assert [row["text"] for row in found] == list(texts.values())
    assert found[0]["context"] == """Storm at Dunmere as it happened > minister: "we can't sail\""""
    assert found[1]["context"] == ("B " * 100)[:160]
    with pytest.raises(DataError, match=r"a\.jsonl:1: unknown form 'sung'; expected published or joined"):
        list(resolve([("a.jsonl:1", rows[0] | {"form": "sung"})], data))


def test_a_reference_may_span_sentences(data: Path):
    update = {"block_id": "k-1", "title": "", "text": ["it rained .", "the ferry", "sailed ."]}
    with gzip.open(data / "liveblogs" / "guardian_valid.jsonl.gz", "wt", encoding="utf-8") as file:
        file.write(json.dumps({"blog_id": "b7", "title": "Storm", "documents": [update]}) + "\n")
    where = {"source": "guardian", "document": "b7", "labels": [], "form": "joined"}
    row = where | {"ref": "k-1:1-2", "sha256": text_sha256("the ferry sailed.")}
    [(_, found)] = resolve([("a.jsonl:1", row)], data)
    assert (found["text"], found["context"]) == ("the ferry sailed.", "Storm")
    with pytest.raises(DataError, match="no text at guardian b7 k-1:2-3"):
        list(resolve([("a.jsonl:1", row | {"ref": "k-1:2-3"})], data))
    with pytest.raises(DataError, match="no text at guardian b7 k-1:2-1"):
        list(resolve([("a.jsonl:1", row | {"ref": "k-1:2-1"})], data))


def test_a_file_that_is_missing_is_named_with_the_way_to_bring_it(tmp_path: Path):
    for key, name in ((("guardian", "b1", "k1:1"), "guardian_train.jsonl.gz"), (("gdelt", "g1", "0"), "articles")):
        with pytest.raises(DataError, match=rf"{name}.*bring it with: python -m training fetch"):
            list(resolve([("a.jsonl:1", annotation(key))], tmp_path))


def test_a_file_that_was_cut_off_is_named(data: Path):
    path = data / "liveblogs" / "guardian_train.jsonl.gz"
    path.write_bytes(path.read_bytes()[:-12])
    with pytest.raises(DataError, match=r"guardian_train\.jsonl\.gz: the file is broken or cut off"):
        list(resolve([("a.jsonl:1", annotation(("guardian", "b1", "k1:1")) | {"ref": "k9:9"})], data))
    path = data / "topics" / "pool" / "current_events.jsonl"
    path.write_text('{"date": "2031-05', encoding="utf-8")
    with pytest.raises(DataError, match=r"current_events\.jsonl: the file is broken or cut off"):
        list(resolve([("a.jsonl:1", annotation(("wiki", "2031-05-04", "w3")))], data))


def test_rows_keep_their_order_and_their_lines(data: Path, labels: LabelSet):
    path = data / "pool.jsonl"
    rows = [json.dumps(annotation(key, labels_second=["aid"])) for key in TEXTS]
    path.write_text("\n\n".join(rows), encoding="utf-8")
    found = read_examples(path, DataRecipe(train=("x",)), labels, data)
    assert [(e.source, e.group, e.context, e.text) for e in found] == [
        (source, document, *texts) for (source, document, _), texts in TEXTS.items()
    ]
    assert [e.where for e in found] == [f"pool.jsonl:{1 + 2 * i}" for i in range(len(TEXTS))]
    assert {e.labels_second for e in found} == {frozenset({"aid"})}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"sha256": "0" * 64}, r"a\.jsonl:2: the text differs from the one that was annotated"),
        ({"ref": "k9:0"}, r"a\.jsonl:2: no text at guardian b1 k9:0"),
        ({"source": "radio"}, r"a\.jsonl:2: unknown source 'radio'; expected guardian, bbc, cnn, wiki, gdelt"),
    ],
)
def test_a_reference_that_leads_nowhere_is_refused(data: Path, change: dict[str, str], message: str):
    key = next(iter(TEXTS))
    rows = [("a.jsonl:1", annotation(key)), ("a.jsonl:2", annotation(key, **change))]
    with pytest.raises(DataError, match=message):
        list(resolve(rows, data))


@pytest.mark.parametrize("key", ["source", "document", "ref", "sha256"])
def test_a_reference_without_a_key_is_refused(data: Path, key: str):
    row = annotation(next(iter(TEXTS)))
    del row[key]
    with pytest.raises(DataError, match=rf"a\.jsonl:1: no key '{key}'; an annotation by reference needs source"):
        list(resolve([("a.jsonl:1", row)], data))


def test_without_a_data_folder_references_are_left_out(
    data: Path, labels: LabelSet, write_rows: Write, caplog: pytest.LogCaptureFixture
):
    path = write_rows(data / "pool.jsonl", annotation(next(iter(TEXTS))))
    assert read_examples(path, DataRecipe(train=("x",)), labels) == []
    assert "pool.jsonl was left out: its texts are in the data folder" in caplog.text
