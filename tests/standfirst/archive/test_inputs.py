import gzip
import random
from pathlib import Path

import pytest
import zstandard

from standfirst.archive.inputs import Form, Input, as_input, find
from standfirst.archive.records import Record, Start, is_quoted, records
from standfirst.archive.rows import Columns, rows_of
from standfirst.archive.streams import Damaged, opened
from standfirst.errors import InputError

PACK = {"gz": gzip.compress, "zst": zstandard.compress}


@pytest.mark.parametrize(
    ("name", "form", "compression"),
    [
        ("a.jsonl", "jsonl", ""),
        ("A.JSONL.GZ", "jsonl", "gzip"),
        ("b.tsv.zst", "tsv", "zstd"),
        ("c.parquet", "parquet", ""),
        ("live.html", "document", ""),
        ("live.json.gz", "document", "gzip"),
        ("notes", "document", ""),
        ("s3://bucket/2031/a.ndjson", "jsonl", ""),
    ],
)
def test_a_name_says_how_its_file_is_read(name: str, form: str, compression: str) -> None:
    assert as_input(name) == Input(name, form, compression)


@pytest.mark.parametrize(("name", "form"), [("a/x.parquet.gz", None), ("x.PARQUET.ZST", None), ("x.gz", "parquet")])
def test_parquet_in_a_compressed_file_is_refused_by_name(name: str, form: Form | None) -> None:
    with pytest.raises(InputError, match="compressed inside and is not read from .*; unpack the file") as caught:
        as_input(name, form)
    assert caught.value.where == name


def test_folders_globs_and_names_give_every_file_once_and_in_order(tmp_path: Path) -> None:
    for name in ("b/2.csv", "b/1.txt", "a.jsonl", ".hidden/x.txt", "b/.x.txt", "out/parts/p.parquet"):
        (tmp_path / name).parent.mkdir(exist_ok=True, parents=True)
        (tmp_path / name).touch()
    found = find([str(tmp_path / "b" / "*.csv"), str(tmp_path)], skip=tmp_path / "out")
    assert [Path(f.name).relative_to(tmp_path).as_posix() for f in found] == ["b/2.csv", "a.jsonl", "b/1.txt"]
    with pytest.raises(InputError, match="no such file"):
        list(find([str(tmp_path / "*.xml")]))


def test_urls_go_through_fsspec() -> None:
    import fsspec

    system = fsspec.filesystem("memory")
    for name in ("/wire/b.jsonl", "/wire/a.txt", "/wire/.c"):
        system.pipe(name, b'{"text": "rain"}\n')
    assert [f.name for f in find(["memory://wire"])] == ["memory:///wire/a.txt", "memory:///wire/b.jsonl"]
    (found,) = find(["memory://wire/*.jsonl"])
    assert [r.raw for r in records(found)] == [b'{"text": "rain"}\n']


@pytest.mark.parametrize("kind", ["gz", "zst"])
def test_packed_files_are_read_member_after_member(tmp_path: Path, kind: str) -> None:
    data = random.Random(1).randbytes(100_000)
    path = tmp_path / f"x.{kind}"
    path.write_bytes(PACK[kind](data) + PACK[kind](data))
    with opened(as_input(str(path))) as file:
        assert file.read() == data + data


@pytest.mark.parametrize("kind", ["gz", "zst"])
def test_a_file_that_breaks_off_says_so(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"x.{kind}"
    path.write_bytes(PACK[kind](random.Random(1).randbytes(100_000))[:-50])
    with pytest.raises(Damaged), opened(as_input(str(path))) as file:
        file.read()


@pytest.mark.parametrize("kind", ["gz", "zst"])
def test_what_stands_before_the_damage_is_read(tmp_path: Path, kind: str) -> None:
    draw = random.Random(2)
    lines = [draw.randbytes(300).hex().encode() + b"\n" for _ in range(2000)]
    path = tmp_path / f"x.jsonl.{kind}"
    path.write_bytes(PACK[kind](b"".join(lines))[:300_000])
    *whole, last = records(as_input(str(path)))
    assert [r.raw for r in whole] == lines[: len(whole)]
    assert len(whole) > 500
    assert (last.row, last.raw) == (len(whole) + 1, b"")
    assert last.problem.startswith("the file is damaged from here on: ")


def test_bytes_that_are_no_gzip_are_one_bad_record(tmp_path: Path) -> None:
    (tmp_path / "x.jsonl.gz").write_bytes(b'{"text": "rain"}\n')
    (record,) = records(as_input(str(tmp_path / "x.jsonl.gz")))
    assert "damaged" in record.problem


@pytest.mark.parametrize("suffix", ["jsonl", "jsonl.gz", "csv", "csv.zst"])
def test_reading_from_the_middle_gives_what_reading_all_gives(tmp_path: Path, suffix: str) -> None:
    if suffix.startswith("csv"):
        text = "id,text\n" + "".join(f'{n},"two\nlines, {n}"\n\n' for n in range(30))
    else:
        text = "".join(f'{{"text": "x{n}"}}\n' + "\n" * (n % 3 == 0) for n in range(30))
    data = text.encode()
    for end in ("gz", "zst"):
        data = PACK[end](data) if suffix.endswith(end) else data
    source = as_input(str(tmp_path / f"x.{suffix}"))
    Path(source.name).write_bytes(data)
    whole = list(records(source))
    assert len(whole) == 30
    for place in (1, 7, 29):
        assert list(records(source, Start(whole[place].row, whole[place].begin))) == whole[place:]


def test_csv_keeps_its_raw_lines_and_says_what_is_wrong(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(
        b'\xef\xbb\xbfid,text\r\n1,rain\r\n2\r\n3,\xff\r\n4,"a\r\nb"\r\n5,' + b"x" * 140_000 + b"\r\n6,aid\r\n"
    )
    found = list(records(as_input(str(path))))
    assert [(r.row, r.problem) for r in found] == [
        (1, ""),
        (2, "1 fields, the header has 2"),
        (3, "not UTF-8"),
        (4, ""),
        (5, ""),
        (6, ""),
    ]
    assert [r.value for r in found if not r.problem] == [
        {"id": "1", "text": "rain"},
        {"id": "4", "text": "a\r\nb"},
        {"id": "5", "text": "x" * 140_000},
        {"id": "6", "text": "aid"},
    ]
    assert found[2].raw == b"3,\xff\r\n"


def test_a_long_cell_of_many_lines_is_one_bad_row(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text('id,text\n1,"' + "The crews walked out.\n" * 7000 + '"\n2,hail\n')
    source = as_input(str(path))
    bad, good = (row for record in records(source) for row in rows_of(source, record, Columns()))
    assert (bad.row, bad.reason) == (1, "154,000 characters under 'text', at most 100,000 are scored")
    assert (good.row, good.text) == (2, "hail")


def test_what_is_too_long_is_kept_in_part(monkeypatch) -> None:
    monkeypatch.setattr("standfirst.archive.rows.MAX_RECORD_BYTES", 30)
    for record in (Record(1, b"x" * 99, value=["x" * 99]), Record(1, value={"text": ["x" * 99]})):
        (bad,) = rows_of(as_input("x.parquet"), record, Columns())
        assert len(bad.raw) == 30


def test_a_csv_line_too_long_takes_no_other_with_it(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("standfirst.archive.records.MAX_RECORD_BYTES", 20)
    (tmp_path / "x.csv").write_text('id,text\n1,"' + "ä" * 15 + '"\n2,rain\n3,hail\n')
    first, *others = records(as_input(str(tmp_path / "x.csv")))
    assert first.problem == "broken CSV: a line of more than 20 bytes"
    assert [(r.row, r.value["text"]) for r in others] == [(2, "rain"), (3, "hail")]


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("1\train\n2\thail\n", True),  # nothing says it
        ('1\t"Rain fell."\n', True),
        ('1\t"We will rebuild," he said.\n', False),
        ('1\t"We will rebuild it.\n2\tHe sat.\n3\tAnd we will go on."\n', False),
        ('1\t"We will rebuild it.\n2\tHe sat.\n', False),
        ('1\t"Rain\nfell."\n2\t"We will rebuild," he said.\n', True),
        ('1\t"Rain\n\nfell."\n', True),
        ('1\t"He said ""no""."\n2\t"We will rebuild," he said.\n', True),
        ('1\t"Rain\tfell."\n2\t"We will rebuild," he said.\n', True),
        ('1\tHe said "no".\n2\t"We will rebuild," he said.\n', False),
        ('"1\tand no"\n', False),
        ('1\t"We", he\tsaid.\n2\t"Rain\nfell."\n', True),  # a row that is broken says nothing
    ],
)
def test_the_first_record_in_which_it_matters_says_whether_a_tsv_is_quoted(
    tmp_path: Path, text: str, quoted: bool
) -> None:
    (tmp_path / "x.tsv").write_text("id\ttext\n" + text)
    assert is_quoted(as_input(str(tmp_path / "x.tsv"))) == quoted


def test_a_table_of_one_column_may_be_a_quoted_one(tmp_path: Path) -> None:
    (tmp_path / "x.tsv").write_text('text\n"Rain\nfell."\n')
    assert is_quoted(as_input(str(tmp_path / "x.tsv")))
    (tmp_path / "x.tsv").write_text('text\n"We will rebuild it.\nHe sat."\n"And we go," he said.\n')
    assert not is_quoted(as_input(str(tmp_path / "x.tsv")))


def test_no_more_of_a_tsv_is_read_than_says_it(tmp_path: Path) -> None:
    data = ("id\ttext\n" + '1\t"We will rebuild," he said.\n' * 5000).encode()
    (tmp_path / "x.tsv.gz").write_bytes(gzip.compress(data, mtime=0)[:-100])  # broken further down
    source = as_input(str(tmp_path / "x.tsv.gz"))
    assert not is_quoted(source)
    assert "damaged" in list(records(source))[-1].problem


def test_a_line_without_end_is_cut(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("standfirst.archive.records.MAX_RECORD_BYTES", 20)
    (tmp_path / "x.jsonl").write_bytes(b'{"text": "rain"}\n' + b"z" * 100 + b'\n{"text": "aid"}\n')
    first, second, third = records(as_input(str(tmp_path / "x.jsonl")))
    assert (first.problem, third.problem, third.row) == ("", "", 3)
    assert (second.problem, len(second.raw)) == ("a line of more than 20 bytes", 21)


@pytest.mark.parametrize("first", [1, 4, 10, 11, 25])
def test_parquet_rows_from_any_place(tmp_path: Path, first: int) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = tmp_path / "x.parquet"
    table = pa.table({"text": [f"t{n}" for n in range(25)], "id": range(25), "other": [None] * 25})
    pq.write_table(table, path, row_group_size=10)
    found = list(records(as_input(str(path)), Start(first), ("text", "id", "absent")))
    assert [(r.row, r.value) for r in found] == [(n + 1, {"text": f"t{n}", "id": n}) for n in range(first - 1, 25)]


def test_what_is_no_parquet_is_one_bad_record(tmp_path: Path) -> None:
    (tmp_path / "x.parquet").write_bytes(b"PAR1 no")
    (record,) = records(as_input(str(tmp_path / "x.parquet")))
    assert record.problem.startswith("no Parquet from here on")
