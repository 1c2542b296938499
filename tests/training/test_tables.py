"""Tables as spreadsheets, databases and libraries write them."""

from pathlib import Path

import pytest

from standfirst.errors import DataError
from training.tables import rows_of

TWO = [{"text": "Flour, and tents", "label": "aid"}, {"text": "Rain.", "label": "none"}]


def read(path: Path, **how: str) -> list[dict[str, str]]:
    return [dict(row) for _, row in rows_of(path, **how)]


@pytest.mark.parametrize(
    "content",
    [
        'text,label\n"Flour, and tents",aid\n\nRain.,none\n',
        "text;label\nFlour, and tents;aid\nRain.;none\n;\n;\n",
        "text\tlabel\nFlour, and tents\taid\nRain.\tnone\n",
        "text|label\nFlour, and tents|aid\nRain.|none\n",
        'sep=,\ntext,label\n"Flour, and tents",aid\nRain.,none\n',
        '"sep=;"\r\ntext;label\r\nFlour, and tents;aid\r\nRain.;none\r\n',
        "\n\ntext;label\nFlour, and tents;aid\nRain.;none\n",
        "text;label;;\nFlour, and tents;aid;;\nRain.;none\n;;;\n",
        '" text\n";label \nFlour, and tents;aid\nRain.;none\n',
    ],
)
def test_what_a_spreadsheet_writes(tmp_path: Path, content: str) -> None:
    path = tmp_path / "t.csv"
    path.write_text(content, encoding="utf-8", newline="")
    assert read(path) == TWO


def test_places_count_the_lines_above_the_header(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("sep=;\n\ntext;label\na;b\n\nc;d\n", encoding="utf-8")
    assert [where for where, _ in rows_of(path)] == ["t.csv:4", "t.csv:6"]
    path.write_text("sep=;\ntext;label\na;b\nc;d;e\n", encoding="utf-8")
    with pytest.raises(
        DataError, match=r"t\.csv:4: the row has 3 cells, the header \(line 2\) has 2; write a cell with ';'"
    ):
        read(path)


def test_named_columns_tell_what_parts_the_cells(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("Flour, tents, oil;aid\n", encoding="utf-8")
    assert list(rows_of(path, ("text", "label"))) == [("t.csv:1", {"text": "Flour, tents, oil", "label": "aid"})]


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16", "utf-8"])
def test_another_encoding(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "t.csv"
    path.write_text("text,label\nDer Fährhafen,hafen\n", encoding=encoding)
    assert read(path, encoding=encoding) == [{"text": "Der Fährhafen", "label": "hafen"}]
    if encoding != "utf-8":
        with pytest.raises(DataError, match=r"t\.csv:\d: the line is not UTF-8.*tell init its --encoding"):
            read(path)


@pytest.mark.parametrize(
    ("encoding", "message"),
    [("utf-17", "utf-17: no encoding has this name"), ("utf-16", r"t\.csv: the file is not UTF-16 throughout")],
)
def test_a_wrong_encoding(tmp_path: Path, encoding: str, message: str) -> None:
    (tmp_path / "t.csv").write_text("text,label\na,b\n", encoding="utf-8")
    with pytest.raises(DataError, match=message):
        read(tmp_path / "t.csv", encoding=encoding)


def test_classes_that_a_library_wrote_as_numbers_get_their_names_back(tmp_path: Path) -> None:
    from datasets import ClassLabel, Dataset, Features, Sequence, Value

    names = ClassLabel(names=["aid", "vote"])
    features = Features({"text": Value("string"), "label": names, "tags": Sequence(names)})
    rows = {"text": ["a", "b", "c"], "label": [1, 0, -1], "tags": [[0, 1], [], [1]]}
    Dataset.from_dict(rows, features=features).to_parquet(tmp_path / "t.parquet")
    found = read(tmp_path / "t.parquet")
    assert [row["label"] for row in found] == ["vote", "aid", None]
    assert [row["tags"] for row in found] == [["aid", "vote"], [], ["vote"]]


def test_a_tsv_without_quoting_keeps_the_rows_between_two_marks(tmp_path: Path) -> None:
    path = tmp_path / "t.tsv"
    path.write_text(
        'label\ttext\naid\t"Never again, he said\ntalks\tThe envoy left\naid\tHe said so too"\n', encoding="utf-8"
    )
    assert [row["label"] for row in read(path)] == ["aid", "talks", "aid"]
    path.write_text('label\ttext\naid\t"Never again,\the said\nand left"\ntalks\tThe envoy left\n', encoding="utf-8")
    assert [row["text"] for row in read(path)] == ["Never again,\the said\nand left", "The envoy left"]


def test_text_that_is_stored_as_bytes(tmp_path: Path) -> None:
    from datasets import Dataset

    rows = {"text": ["a"], "label": [b"aid"], "tags": [[b"aid", b"vote"]], "picture": [b"\xff\xd8"]}
    Dataset.from_dict(rows).to_parquet(tmp_path / "t.parquet")
    assert read(tmp_path / "t.parquet") == [
        {"text": "a", "label": "aid", "tags": ["aid", "vote"], "picture": b"\xff\xd8"}
    ]


@pytest.mark.parametrize("encoding", ["base64", "rot13"])
def test_an_encoding_that_is_none_of_texts(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "t.csv").write_text("text,label\na,b\n", encoding="utf-8")
    with pytest.raises(DataError, match=f"{encoding}: no encoding has this name"):
        read(tmp_path / "t.csv", encoding=encoding)


@pytest.mark.parametrize("value", ["[" * 100_000 + "]" * 100_000, "1" * 5000], ids=["nested", "long"])
def test_json_that_no_program_means(tmp_path: Path, value: str) -> None:
    (tmp_path / "t.jsonl").write_text(f'{{"text": {value}}}\n', encoding="utf-8")
    with pytest.raises(DataError, match=r"t\.jsonl:1: the row is nested too deep, or holds too long a number"):
        read(tmp_path / "t.jsonl")


@pytest.mark.parametrize(
    ("name", "content", "remedy"),
    [
        ("t.csv", b"PK\x03\x04\x14\x00\xff", "save its sheet as CSV"),
        ("t.csv", b"\x1f\x8b\x08\x00\xff", "unpack it: gunzip"),
        ("t.xlsx", b"", "save the sheet as CSV"),
        ("t.csv.gz", b"", "unpack it: gunzip"),
        ("t.txt", b"", "rename it"),
        ("t.json", b"[]", "JSON with one object on each line is .jsonl"),
        ("t.jsonl", b'[\n{"text": "a"}\n]', "write one object on each line, and no array"),
        ("t.jsonl", b'[{"text": "a"}]', "expected an object, got list; one object on each line"),
    ],
)
def test_what_to_do_with_a_file_that_is_refused(tmp_path: Path, name: str, content: bytes, remedy: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match=remedy):
        read(tmp_path / name)
