import gzip
import random
from pathlib import Path

import pytest
import zstandard

from standfirst.archive.inputs import Input, as_input, find
from standfirst.archive.records import Start, records
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
        (5, "broken CSV: field larger than field limit (131072)"),
        (6, ""),
    ]
    assert [r.value for r in found if not r.problem] == [
        {"id": "1", "text": "rain"},
        {"id": "4", "text": "a\r\nb"},
        {"id": "6", "text": "aid"},
    ]
    assert found[2].raw == b"3,\xff\r\n"


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
