import csv
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from standfirst.errors import DataError
from standfirst.labels import Label, LabelSet
from training.data import Example, load_splits, read_examples, text_key
from training.fit import _lesson
from training.recipe import DataRecipe, Recipe
from training.sources import text_sha256

Write = Callable[..., Path]
ROW = {"text": "Norra sends tents.", "labels": ["aid"]}


def recipe_of(**keys: Any) -> Recipe:
    return Recipe(name="r", labels="l", data=DataRecipe(**{"train": ("train.jsonl",)} | keys))


def read(path: Path, names: LabelSet, /, **keys: Any) -> list[Example]:
    return read_examples(path, recipe_of(**keys).data, names)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"text": "a", }', r"rows\.jsonl:3: broken JSON at column \d+: "),
        ("[1, 2]", r"rows\.jsonl:3: expected an object, got list"),
        ('{"txt": "a", "labels": []}', r"rows\.jsonl:3: no column 'text'; there are: txt, labels"),
        ('{"text": "a"}', r"rows\.jsonl:3: no column 'labels'; there are: text"),
        ('{"text": "a", "labels": ["ads"]}', r"rows\.jsonl:3: unknown label 'ads'; expected diplomacy, strikes"),
        ('{"text": "a", "labels": "aid|ads"}', r"rows\.jsonl:3: unknown label 'aid\|ads'"),
        ('{"text": "a", "labels": 3}', r"rows\.jsonl:3: labels are a list or a string, got int"),
        ('{"text": "a", "labels": {"aid": 1}}', r"rows\.jsonl:3: labels are a list or a string, got dict"),
        ('{"text": "a", "labels": [], "labels_second": ["x"]}', r"rows\.jsonl:3: unknown label 'x'"),
        ('{"text": "  ", "labels": []}', r"rows\.jsonl:3: column 'text' is empty"),
        ('{"text": null, "labels": []}', r"rows\.jsonl:3: column 'text' is empty"),
        ('{"headline": "H", "paragraphs": [{"text": "a"}]}', r"rows\.jsonl:3: no column 'labels'"),
        ('{"headline": "H", "paragraphs": [{"text": "", "labels": []}]}', r"rows\.jsonl:3: column 'text' is"),
        ('{"headline": "H", "paragraphs": ["a"]}', r"rows\.jsonl:3: expected a paragraph as an object, got str"),
    ],
)
def test_an_error_names_file_and_line(tmp_path: Path, labels: LabelSet, line: str, message: str):
    path = tmp_path / "rows.jsonl"
    path.write_text(f"{json.dumps(ROW)}\n\n{line}\n", encoding="utf-8")
    with pytest.raises(DataError, match=message):
        read(path, labels)


def test_a_byte_that_is_no_utf8_is_found_however_far_down(tmp_path: Path, labels: LabelSet):
    path = tmp_path / "rows.jsonl"
    path.write_bytes((json.dumps(ROW) + "\n").encode() * 3000 + b'{"text": "caf\xe9", "labels": []}\n')
    with pytest.raises(DataError, match=r"rows\.jsonl:3001: the line is not UTF-8"):
        read(path, labels)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("rows.jsonl", "", r"rows\.jsonl: the file holds no rows"),
        ("rows.csv", "text,labels\n", r"rows\.csv: the file holds no rows"),
        ("rows.tsv", "", r"rows\.tsv: the file holds no rows"),
        ("rows.xlsx", "PK", r"rows\.xlsx: expected \.jsonl, \.csv, \.tsv or \.parquet"),
    ],
)
def test_an_empty_file_and_one_of_another_kind(tmp_path: Path, labels: LabelSet, name: str, content: str, message: str):
    (tmp_path / name).write_text(content, encoding="utf-8")
    with pytest.raises(DataError, match=message):
        read(tmp_path / name, labels)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("Tents, and flour,aid,\n", "4 cells, .* has 3; write a cell with ',' in it between quotation marks"),
        ("Tents\n", "1 cells, .* has 3; a cell is missing, or a line break"),
    ],
)
def test_a_row_with_another_number_of_cells_than_the_header(tmp_path: Path, labels: LabelSet, row: str, message: str):
    path = tmp_path / "rows.csv"
    path.write_text(f"text,labels,context\nFlour,aid,\n{row}", encoding="utf-8")
    with pytest.raises(DataError, match=rf"rows\.csv:3: the row has {message}"):
        read(path, labels)


@pytest.mark.slow
def test_every_format_gives_the_same_examples(tmp_path: Path, labels: LabelSet, write_rows: Write):
    import pyarrow as pa
    from pyarrow import parquet

    rows = [
        {"text": "Tents, “flour”\nand aid", "labels": "aid|diplomacy", "context": "Storm", "document": "d1"},
        {"text": "Rain.", "labels": "", "context": "", "document": "d2"},
    ]
    for suffix, delimiter in ((".csv", ","), (".tsv", "\t")):
        with (tmp_path / f"rows{suffix}").open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.DictWriter(file, rows[0], delimiter=delimiter)
            writer.writeheader()
            writer.writerows(rows)
    write_rows(tmp_path / "rows.jsonl", *rows)
    parquet.write_table(pa.Table.from_pylist(rows), tmp_path / "rows.parquet")
    found = [read(tmp_path / f"rows{s}", labels) for s in (".jsonl", ".csv", ".tsv", ".parquet")]
    plain = [[(e.text, e.labels, e.context, e.group, e.source) for e in examples] for examples in found]
    assert plain[0] == plain[1] == plain[2] == plain[3]
    assert plain[0][0] == (rows[0]["text"], {"aid", "diplomacy"}, "Storm", "d1", "rows")
    parquet.write_table(pa.Table.from_pylist(rows).slice(0, 0), tmp_path / "none.parquet")
    (tmp_path / "broken.parquet").write_bytes(b"PAR1 and no more")
    for name in ("none", "broken"):
        with pytest.raises(DataError, match=rf"{name}\.parquet: the file is no Parquet, or holds no rows"):
            read(tmp_path / f"{name}.parquet", labels)


@pytest.mark.parametrize("cell", ["aid|strikes", "aid;strikes", "aid, strikes", "strikes | aid", " aid,strikes, "])
def test_labels_in_one_cell(labels: LabelSet, tmp_path: Path, write_rows: Write, cell: str):
    path = write_rows(tmp_path / "rows.jsonl", {"text": "a", "labels": cell})
    assert read(path, labels)[0].labels == {"aid", "strikes"}


def test_a_named_separator_and_a_label_that_holds_one(tmp_path: Path, write_rows: Write):
    names = LabelSet("l", "1", (Label("food, water"), Label("rain")))
    path = write_rows(tmp_path / "rows.jsonl", {"text": "a", "labels": "rain / food, water"})
    assert read(path, names, separator="/")[0].labels == {"rain", "food, water"}


def test_labels_that_exclude_each_other(tmp_path: Path, write_rows: Write):
    one = LabelSet("l", "1", (Label("a"), Label("b")), multi_label=False)
    path = write_rows(tmp_path / "rows.jsonl", {"text": "x", "labels": "a"}, {"text": "y", "labels": []})
    with pytest.raises(DataError, match=r"rows\.jsonl:2: 0 labels; this label set takes exactly one"):
        read(path, one)


def test_other_column_names(tmp_path: Path, labels: LabelSet, write_rows: Write):
    path = write_rows(tmp_path / "r.jsonl", {"body": " Rain. ", "tags": "aid", "over": "Storm", "doc": 7})
    found = read(path, labels, text="body", labels="tags", context="over", group="doc")
    assert found == [Example("Rain.", frozenset({"aid"}), "Storm", "r", "7", "r.jsonl:1")]


def test_an_update_becomes_one_example_per_paragraph(tmp_path: Path, labels: LabelSet, write_rows: Write):
    paragraphs = [{"text": "Tents came.", "labels": ["aid"]}, {"text": "It rained.", "labels": []}]
    update = {"blog": "Storm", "headline": "Tents", "headline_labels": ["aid"], "paragraphs": paragraphs}
    head, first, second = read(write_rows(tmp_path / "u.jsonl", update), labels)
    assert (head.text, head.context, head.labels) == ("Tents", "", {"aid"})
    assert (first.text, first.context, first.labels) == ("Tents came.", "Tents", {"aid"})
    assert (second.labels, second.group, second.where) == (frozenset(), "Storm", "u.jsonl:1")


def rows_of(n: int, n_documents: int) -> list[dict[str, Any]]:
    names = ["diplomacy", "strikes", "aid", "personnel"]
    return [{"text": f"t {i}", "labels": [names[i % 4]], "document": f"d{i % n_documents}"} for i in range(n)]


def test_rows_that_stand_in_dev_are_not_trained_on(tmp_path: Path, labels: LabelSet, write_rows: Write):
    write_rows(tmp_path / "train.jsonl", *rows_of(20, 5), {"text": "T 19!", "labels": []})
    write_rows(tmp_path / "dev.jsonl", {"text": "“t 19”", "labels": ["aid"]})
    found = load_splits(recipe_of(dev=("dev.jsonl",)), tmp_path, None, labels)
    assert [e.text for e in found.train] == [f"t {i}" for i in range(19)]
    assert text_key("  “Two  DRONES” were shot-down!") == text_key("two drones were shot down")
    assert found.notes == ("2 training rows dropped: their text stands in dev or test",)
    assert set(found.files) == {"train.jsonl", "dev.jsonl"}


def test_dev_is_not_set_aside_from_rows_that_stand_in_test(tmp_path: Path, labels: LabelSet, write_rows: Write):
    rows = rows_of(40, 40)
    write_rows(tmp_path / "train.jsonl", *rows)
    write_rows(tmp_path / "test.jsonl", *rows[:20])
    found = load_splits(recipe_of(test=("test.jsonl",)), tmp_path, None, labels)
    assert {e.text for e in (*found.train, *found.dev)} == {row["text"] for row in rows[20:]}
    assert "20 training rows dropped: their text stands in dev or test" in found.notes


def test_a_label_whose_examples_went_to_test_says_so(tmp_path: Path, labels: LabelSet, write_rows: Write):
    rows = rows_of(20, 20)
    write_rows(tmp_path / "train.jsonl", *rows)
    write_rows(tmp_path / "test.jsonl", *rows[2:19:4])
    with pytest.raises(DataError, match=r"train\.jsonl:3: label 'aid' has 0 training examples of 5 in the files, the"):
        load_splits(recipe_of(test=("test.jsonl",)), tmp_path, None, labels)


def test_dev_is_set_aside_by_document(tmp_path: Path, labels: LabelSet, write_rows: Write):
    write_rows(tmp_path / "train.jsonl", *rows_of(200, 20))
    first, again = (load_splits(recipe_of(dev_share=0.2), tmp_path, None, labels) for _ in range(2))
    assert first == again
    assert {e.group for e in first.train}.isdisjoint(e.group for e in first.dev)
    assert len(first.train) + len(first.dev) == 200
    assert len(first.dev) == 40
    other = Recipe(name="r", labels="l", data=recipe_of(dev_share=0.2).data, seed=8)
    assert load_splits(other, tmp_path, None, labels).dev != first.dev


def test_settled_labels_replace_both_annotators(tmp_path: Path, labels: LabelSet, write_rows: Write):
    write_rows(tmp_path / "train.jsonl", *rows_of(20, 5), ROW | {"labels_second": ["strikes"]})
    write_rows(tmp_path / "settled.jsonl", {"sha256": text_sha256(ROW["text"]), "labels": ["personnel"]})
    write_rows(tmp_path / "dev.jsonl", {"text": "x", "labels": []})
    recipe = recipe_of(settled=("settled.jsonl",), dev=("dev.jsonl",))
    last = load_splits(recipe, tmp_path, None, labels).train[-1]
    assert (last.labels, last.labels_second) == ({"personnel"}, None)
    write_rows(tmp_path / "settled.jsonl", {"labels": ["aid"]})
    with pytest.raises(DataError, match=r"settled\.jsonl:1: no column 'sha256'"):
        load_splits(recipe, tmp_path, None, labels)


def test_files_are_found_by_pattern_even_in_a_folder_with_brackets(tmp_path: Path, labels: LabelSet, write_rows: Write):
    home, data = tmp_path / "a[1]", tmp_path / "b[2]"
    home.mkdir()
    data.mkdir()
    for i in range(4):
        write_rows(home / f"part-{i}.jsonl", *rows_of(20, 5)[i * 5 : i * 5 + 5])
    write_rows(data / "dev.jsonl", {"text": "x", "labels": []})
    recipe = recipe_of(train=("part-*.jsonl",), dev=("{data}/dev.jsonl",), exclude_sources=("part-3",))
    found = load_splits(recipe, home, data, labels)
    assert list(found.files) == [*(f"part-{i}.jsonl" for i in range(4)), "{data}/dev.jsonl"]
    assert (len(found.train), len(found.dev)) == (15, 1)
    without = load_splits(recipe, home, None, labels)
    assert without.notes[0] == "{data}/dev.jsonl was left out: there is no data folder (--data-dir)"


def test_files_of_one_name_are_told_apart(tmp_path: Path, labels: LabelSet, write_rows: Write):
    """Their rows, their hashes, and where a message points."""
    names = ["diplomacy", "strikes", "aid", "personnel"]
    for folder, first in (("train", 0), ("more", 40), ("dev", 80)):
        (tmp_path / folder).mkdir()
        found = [{"text": f"t {first + i}", "labels": [names[i % 4]], "date": "2031-01-01"} for i in range(40)]
        found[3]["date"] = "2032-01-01" if folder == "train" else "2031-01-01"
        write_rows(tmp_path / folder / "rows.jsonl", *found)
    recipe = recipe_of(train=("[tm]*/rows.jsonl",), dev=("dev/rows.jsonl",), date="date", hold_out_from="2032-01-01")
    splits = load_splits(recipe, tmp_path, None, labels)
    assert list(splits.files) == ["more/rows.jsonl", "train/rows.jsonl", "dev/rows.jsonl"]
    assert len(set(splits.files.values())) == 3
    assert [(e.where, e.text) for e in splits.test] == [("train/rows.jsonl:4", "t 3")]  # and not the fourth of dev
    assert (len(splits.train), len(splits.dev)) == (79, 40)
    assert len({e.group for e in (*splits.train, *splits.dev)}) == 119


def test_half_a_character_is_read_as_a_replacement(tmp_path: Path, labels: LabelSet):
    path = tmp_path / "rows.jsonl"
    path.write_text(
        '{"text": "The port burns \\ud83d", "labels": ["strikes"], "context": "x\\ud83d"}\n', encoding="utf-8"
    )
    [example] = read(path, labels)
    assert (example.text, example.context) == ("The port burns \ufffd", "x\ufffd")


def test_an_empty_cell_is_no_second_annotator(tmp_path: Path, labels: LabelSet, write_rows: Write):
    path = tmp_path / "rows.csv"
    path.write_text("text,labels,labels_second\na,aid,\nb,aid,strikes\n", encoding="utf-8")
    assert [e.labels_second for e in read(path, labels)] == [None, frozenset({"strikes"})]
    rows = [{"text": "a", "labels": ["aid"], "labels_second": second} for second in ([], None)]
    assert [e.labels_second for e in read(write_rows(tmp_path / "r.jsonl", *rows), labels)] == [frozenset(), None]


def held_out_rows() -> list[dict[str, Any]]:
    names = ["diplomacy", "strikes", "aid", "personnel"]
    return [
        {"text": f"t {i}", "labels": [names[i % 4]], "source": "abc"[i % 3], "document": f"d{i // 6}"}
        | ({"date": f"2031-0{1 + i // 12}-15"} if i % 2 else {})
        for i in range(60)
    ]


def test_a_source_is_held_out_of_train_and_dev(tmp_path: Path, labels: LabelSet, write_rows: Write):
    rows = held_out_rows()
    write_rows(tmp_path / "train.jsonl", *rows[:48])
    write_rows(tmp_path / "dev.jsonl", *rows[48:])
    write_rows(tmp_path / "test.jsonl", {"text": "x", "labels": [], "source": "a"})
    recipe = recipe_of(dev=("dev.jsonl",), test=("test.jsonl",), hold_out_sources=("b",))
    found = load_splits(recipe, tmp_path, None, labels)
    assert {e.source for e in (*found.train, *found.dev)} == {"a", "c"}
    assert Counter((e.source, e.held_out) for e in found.test) == {("a", ""): 1, ("b", "source"): 20}
    assert found.notes == ("20 rows held out as test by source: b",)
    with pytest.raises(DataError, match=r"hold_out_sources: no row has the source 'd'; there are: a, b, c"):
        load_splits(recipe_of(dev=("dev.jsonl",), hold_out_sources=("d",)), tmp_path, None, labels)


def test_a_source_is_shown_twice_in_each_epoch(tmp_path: Path, labels: LabelSet, write_rows: Write):
    write_rows(tmp_path / "train.jsonl", *held_out_rows())
    write_rows(tmp_path / "dev.jsonl", {"text": "x", "labels": [], "source": "a"})
    recipe = recipe_of(dev=("dev.jsonl",), twice_sources=("b",))
    splits = load_splits(recipe, tmp_path, None, labels)
    shown = Counter(_lesson(splits, recipe, 0))
    assert Counter((e.source, n) for e, n in shown.items()) == {("a", 1): 20, ("b", 2): 20, ("c", 1): 20}
    with pytest.raises(DataError, match=r"twice_sources: no row has the source 'd'; there are: a, b, c"):
        load_splits(recipe_of(dev=("dev.jsonl",), twice_sources=("d",)), tmp_path, None, labels)


def test_later_documents_are_held_out_whole(tmp_path: Path, labels: LabelSet, write_rows: Write):
    rows = held_out_rows()  # of each document every second row has a date
    write_rows(tmp_path / "train.jsonl", *rows)
    found = load_splits(recipe_of(hold_out_from="2031-04-15", dev_by="document"), tmp_path, None, labels)
    assert [e.text for e in found.test if e.source == "a"] == [f"t {i}" for i in range(36, 60, 3)]
    assert {e.held_out for e in found.test} == {"time"}
    assert {e.date for e in found.test} == {"", "2031-04-15", "2031-05-15"}
    assert max(e.date for e in (*found.train, *found.dev)) == "2031-03-15"
    kept = {(e.source, e.group) for e in (*found.train, *found.dev)}
    assert kept.isdisjoint((e.source, e.group) for e in found.test)
    assert found.notes[0] == f"{len(found.test)} rows held out as test by time: dated 2031-04-15 or later"
    both = recipe_of(hold_out_from="2031-04-15", hold_out_sources=("a",), dev_by="document")
    reasons = Counter((e.source, e.held_out) for e in load_splits(both, tmp_path, None, labels).test)
    assert set(reasons) == {("a", "source"), ("b", "time"), ("c", "time")}


def test_a_row_is_dated_by_its_column_or_its_document(tmp_path: Path, labels: LabelSet, write_rows: Write):
    common = {"text": "a", "labels": [], "document": "20310504T090000Z_x.txt"}
    rows = [common, common | {"when": "2031-06-01"}, common | {"when": " "}, {"text": "b", "labels": []}]
    path = write_rows(tmp_path / "rows.jsonl", *rows)
    dates = [e.date for e in read(path, labels, date="when")]
    assert dates == ["2031-05-04T09:00:00", "2031-06-01", "2031-05-04T09:00:00", ""]
    path = write_rows(tmp_path / "rows.jsonl", common | {"date": "4 May"})
    assert [e.date for e in read(path, labels)] == [""]
    with pytest.raises(DataError, match=r"rows\.jsonl:1: column 'date' holds no date; expected the form 2023-01-31"):
        read(path, labels, hold_out_from="2031")


def test_without_the_data_folder_the_notes_say_what_to_expect(tmp_path: Path, labels: LabelSet, write_rows: Write):
    write_rows(tmp_path / "train.jsonl", *rows_of(40, 20))
    reference = {"source": "cnn", "document": "2031-01-01", "ref": "1", "sha256": "0" * 64, "labels": []}
    write_rows(tmp_path / "dev.jsonl", reference)
    recipe = recipe_of(dev=("dev.jsonl",), without_data="expect little", hold_out_sources=("cnn",))
    found = load_splits(recipe, tmp_path, None, labels)
    assert found.notes[:2] == (
        "dev.jsonl was left out: its texts are in the data folder (--data-dir)",
        "without the data folder: expect little",
    )
    assert set(found.files) == {"train.jsonl"}
    assert (len(found.train) + len(found.dev), bool(found.dev)) == (40, True)
    write_rows(tmp_path / "dev.jsonl", ROW)
    whole = load_splits(recipe_of(dev=("dev.jsonl",), without_data="expect little"), tmp_path, None, labels)
    assert whole.notes == ()


def test_what_is_too_little_is_refused(tmp_path: Path, labels: LabelSet, write_rows: Write):
    with pytest.raises(DataError, match=r"train\.jsonl: no file matches"):
        load_splits(recipe_of(), tmp_path, None, labels)
    write_rows(tmp_path / "train.jsonl", *rows_of(5, 5))
    write_rows(tmp_path / "dev.jsonl", {"text": "x", "labels": []})
    with pytest.raises(DataError, match=r"train\.jsonl:2: label 'strikes' has 1 training example; at least 2 are"):
        load_splits(recipe_of(dev=("dev.jsonl",)), tmp_path, None, labels)
    with pytest.raises(DataError, match=r"r: the train split is empty \(5 training rows dropped: .*\); name"):
        load_splits(recipe_of(dev=("train.jsonl",)), tmp_path, None, labels)
    with pytest.raises(DataError, match="gone.jsonl: there is no such file of settled labels"):
        load_splits(recipe_of(settled=("gone.jsonl",)), tmp_path, None, labels)


def test_a_text_without_words_is_itself(tmp_path: Path, labels: LabelSet, write_rows: Write):
    assert text_key(" \N{PARTY POPPER} ") == "\N{PARTY POPPER}" != text_key("\N{FIRE}")


def test_an_excluded_source_that_no_row_has(tmp_path: Path, labels: LabelSet, write_rows: Write):
    write_rows(tmp_path / "train.jsonl", *held_out_rows())
    with pytest.raises(DataError, match=r"exclude_sources: no row has the source 'd'; there are: a, b, c"):
        load_splits(recipe_of(exclude_sources=("d",)), tmp_path, None, labels)


def test_labelled_rows_are_no_pseudo_labels(tmp_path: Path, labels: LabelSet, write_rows: Write):
    write_rows(tmp_path / "train.jsonl", *held_out_rows())
    write_rows(tmp_path / "more.jsonl", ROW)
    with pytest.raises(DataError, match=r"more\.jsonl:1: data\.pseudo names labelled rows; expected probs"):
        load_splits(recipe_of(pseudo=("more.jsonl",)), tmp_path, None, labels)


def test_one_document_leaves_nothing_for_dev_and_the_remedy_is_said(
    tmp_path: Path, labels: LabelSet, write_rows: Write
):
    write_rows(tmp_path / "train.jsonl", *rows_of(40, 1))
    with pytest.raises(DataError, match=r"the dev split is empty .* name a dev file .init --dev., or .* --group ''"):
        load_splits(recipe_of(), tmp_path, None, labels)
