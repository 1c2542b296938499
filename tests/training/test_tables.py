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
    with pytest.raises(DataError, match=r"t\.csv:4: the row has not 2 cells"):
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
