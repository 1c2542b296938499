import errno
import gzip
import json
import logging
from dataclasses import asdict
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from standfirst.archive import plan
from standfirst.archive.inputs import as_input, find
from standfirst.archive.plan import Shard, Slices
from standfirst.archive.records import Record
from standfirst.archive.rows import Bad, Columns, Row, rows_of
from standfirst.errors import ArchiveError

COLUMNS = Columns()
FIXTURES = Path(__file__).resolve().parents[2] / "fixtures" / "documents"


def shards_of(*paths: Path, shard_rows: int = 10) -> list[Shard]:
    return list(plan.shards(find([str(p) for p in paths]), COLUMNS, shard_rows))


def read(shards: list[Shard], slices: Slices | None = None) -> list[tuple[str, int, bytes]]:
    slices = slices or Slices(COLUMNS)
    return [(p.input.name, r.row, r.raw) for s in shards for p in s.slices for r in slices.read(p)]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.lists(st.sampled_from([b"", b"  ", b'{"text": "rain"}', b"no", b"\xff"]), max_size=30), max_size=4),
    st.integers(1, 12),
)
def test_every_record_is_in_one_shard_and_in_order(tmp_path_factory, files: list[list[bytes]], shard_rows: int) -> None:
    folder = tmp_path_factory.mktemp("in")
    for number, lines in enumerate(files):
        (folder / f"{number}.jsonl").write_bytes(b"\n".join(lines))
    if not files:
        return
    shards = shards_of(folder, shard_rows=shard_rows)
    expected = [
        (str(folder / f"{number}.jsonl"), row, line)
        for number, lines in enumerate(files)
        for row, line in enumerate(lines, 1)
        if line.strip()
    ]
    assert [(n, r, raw.removesuffix(b"\n")) for n, r, raw in read(shards)] == expected
    one_by_one = [found for shard in shards for found in read([shard])]  # as the nodes of a cluster read
    assert one_by_one == read(shards)
    assert read(shards[1::2]) == [found for shard in shards[1::2] for found in read([shard])]  # as a resumed job
    assert [s.number for s in shards] == list(range(len(shards)))
    assert all(sum(p.rows for p in s.slices) <= shard_rows for s in shards)


def test_small_files_share_a_shard_and_large_ones_are_cut(tmp_path: Path) -> None:
    for name, count in (("a", 3), ("b", 4), ("c", 25), ("d", 1)):
        (tmp_path / f"{name}.jsonl").write_text('{"text": "rain"}\n' * count)
    found = [[(Path(p.input.name).stem, p.row, p.rows) for p in s.slices] for s in shards_of(tmp_path)]
    assert found == [[("a", 1, 3), ("b", 1, 4)], [("c", 1, 10)], [("c", 11, 10)], [("c", 21, 5), ("d", 1, 1)]]


def test_long_records_end_a_shard_earlier(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(plan, "SHARD_BYTES", 1000)
    (tmp_path / "a.jsonl").write_text(("x" * 299 + "\n") * 10)
    shards = shards_of(tmp_path, shard_rows=100)
    assert [s.n_bytes for s in shards] == [900, 900, 900, 300]
    assert len(read(shards)) == 10


def test_a_parquet_file_is_cut_by_its_rows(tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = tmp_path / "x.parquet"
    pq.write_table(pa.table({"text": [f"t{n}" for n in range(25)]}), path, row_group_size=7)
    (tmp_path / "y.parquet").write_bytes(b"none")
    shards = shards_of(tmp_path)
    assert [[(p.row, p.rows) for p in s.slices] for s in shards] == [[(1, 10)], [(11, 10)], [(21, 5), (1, 1)]]
    slices = Slices(COLUMNS)
    rows = [r for s in shards for p in s.slices for c in slices.read(p) for r in rows_of(p.input, c, COLUMNS)]
    assert [r.text for r in rows if isinstance(r, Row)] == [f"t{n}" for n in range(25)]
    assert sum(isinstance(r, Bad) for r in rows) == 1


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_the_header_of_a_csv_tells_what_parts_its_cells(tmp_path: Path, mark: str) -> None:
    path = tmp_path / "x.csv"
    path.write_text(f'\ufeffid{mark}text\n1{mark}Rain fell.\n2{mark}"It{mark} rained"\n', encoding="utf-8")
    (shard,) = shards_of(path)
    rows = [r.value for p in shard.slices for r in Slices(COLUMNS).read(p)]
    assert rows == [{"id": "1", "text": "Rain fell."}, {"id": "2", "text": f"It{mark} rained"}]


@pytest.mark.parametrize("packed", [False, True])
def test_a_tsv_of_a_database_is_read_without_quoting(tmp_path: Path, packed: bool) -> None:
    lines = [f'{n}\t"We will rebuild it.' if n % 7 == 2 else f'{n}\tHe sat, he said. "{n}"' for n in range(1, 26)]
    data = "\n".join(["id\ttext", *lines, ""]).encode()
    path = tmp_path / ("x.tsv.gz" if packed else "x.tsv")
    path.write_bytes(gzip.compress(data) if packed else data)
    shards = [plan.as_shard(json.loads(json.dumps(asdict(s)))) for s in shards_of(path)]
    expected = [line.partition("\t")[2] for line in lines]
    for some in (shards, shards[1:]):  # as a cluster, or a resumed job, reads them
        slices = Slices(COLUMNS)
        rows = [r for s in some for p in s.slices for c in slices.read(p) for r in rows_of(p.input, c, COLUMNS)]
        assert [r.text for r in rows if isinstance(r, Row)] == expected[-len(rows) :]
        assert len(rows) == sum(p.rows for s in some for p in s.slices)


def write_parquet(path: Path, texts: list[str], rows: int = 10, **options) -> Path:
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.table({"text": texts, "text_html": ["x" * 500] * len(texts)}), path, rows, **options)
    return path


def rows_by_slice(shards: list[Shard]) -> list[list[Row | Bad]]:
    slices = Slices(COLUMNS)
    return [
        [row for record in slices.read(part) for row in rows_of(part.input, record, COLUMNS)]
        for shard in shards
        for part in shard.slices
    ]


def test_a_damaged_page_costs_what_is_left_of_its_slice_in_its_row_group(tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    path = write_parquet(tmp_path / "a.parquet", [f"t{n}" for n in range(1, 31)], use_dictionary=False)
    write_parquet(tmp_path / "b.parquet", ["rain"])
    data = bytearray(path.read_bytes())
    place = pq.read_metadata(path).row_group(1).column(0).data_page_offset
    data[place : place + 20] = b"\xff" * 20
    path.write_bytes(data)
    shards = shards_of(tmp_path, shard_rows=6)
    assert [(p.row, p.rows) for s in shards for p in s.slices][:5] == [(n, 6) for n in (1, 7, 13, 19, 25)]
    found = rows_by_slice(shards)
    texts = [[row.text for row in part if isinstance(row, Row)] for part in found]
    assert texts[:2] == [[f"t{n}" for n in range(1, 7)], [f"t{n}" for n in range(7, 11)]]
    assert texts[2:4] == [[], []]
    assert texts[4:] == [[f"t{n}" for n in range(25, 31)], ["rain"]]
    bad = [row for part in found for row in part if isinstance(row, Bad)]
    assert [row.row for row in bad] == [11, 13, 19]
    assert [row.reason.partition(";")[2] for row in bad] == [f" it stands for all rows up to {n}" for n in (12, 18, 24)]
    assert rows_by_slice(shards[2:]) == found[2:]  # as a resumed job reads


@pytest.mark.parametrize("damage", [b"\xff" * 40, b"\0" * 40])
def test_a_damaged_footer_is_one_bad_row(tmp_path: Path, damage: bytes) -> None:
    path = write_parquet(tmp_path / "a.parquet", ["rain"] * 30)
    data = path.read_bytes()
    begin = len(data) - 8 - int.from_bytes(data[-8:-4], "little")
    path.write_bytes(data[:begin] + damage + data[begin + len(damage) :])
    write_parquet(tmp_path / "b.parquet", ["hail"])
    (bad,), (good,) = rows_by_slice(shards_of(tmp_path))
    assert isinstance(bad, Bad)
    assert bad.reason.startswith("no Parquet from here on: ")
    assert isinstance(good, Row)


def test_a_disk_that_fails_is_no_damage(tmp_path: Path, monkeypatch) -> None:
    path = write_parquet(tmp_path / "a.parquet", ["rain"] * 30)
    for error in (OSError(errno.EIO, "input/output error"), FileNotFoundError(str(path))):

        def fails(*_: object, error: OSError = error) -> None:
            raise error

        monkeypatch.setattr("pyarrow.parquet.read_metadata", fails)
        with pytest.raises(type(error)):
            shards_of(path)


def test_a_parquet_file_that_is_replaced_is_noticed(tmp_path: Path) -> None:
    path = write_parquet(tmp_path / "a.parquet", [f"t{n}" for n in range(30)], compression="none")
    first, second, third = shards_of(path)
    slices = Slices(COLUMNS)
    assert len(read([first], slices)) == 10
    other = write_parquet(tmp_path / "other", [f"u{n}" for n in range(30)], compression="none")
    assert other.stat().st_size == path.stat().st_size
    other.replace(path)
    for reader in (slices, Slices(COLUMNS)):  # the file is still open, or opened again
        for shard in (second, third):
            with pytest.raises(ArchiveError, match="changed since the job was planned"):
                read([shard], reader)


def test_long_rows_end_a_parquet_slice_earlier(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(plan, "SHARD_BYTES", 10_000)
    texts = [f"{n:02}" + "x" * (998 if n < 20 else 8) for n in range(80)]
    path = write_parquet(tmp_path / "a.parquet", texts, rows=20, use_dictionary=False, write_statistics=False)
    assert path.stat().st_size < 10_000
    shards = shards_of(path, shard_rows=50)
    assert [p.rows for s in shards for p in s.slices] == [9, 9, 50, 12]
    assert all(s.n_bytes <= 10_000 for s in shards)
    assert [row.text for part in rows_by_slice(shards) for row in part if isinstance(row, Row)] == texts
    monkeypatch.setattr(plan, "SHARD_BYTES", 10)
    assert [p.rows for s in shards_of(path) for p in s.slices][:20] == [1] * 20


def test_what_a_parquet_file_holds_once_is_held_once(tmp_path: Path) -> None:
    path = write_parquet(tmp_path / "a.parquet", ["The crews walked out."] * 100, rows=100)
    (found,) = rows_by_slice(shards_of(path, shard_rows=100))
    assert len({id(row.text) for row in found if isinstance(row, Row)}) == 1


def test_a_plan_survives_its_file(tmp_path: Path) -> None:
    (tmp_path / "ä.jsonl").write_text('{"text": "rain"}\n' * 25)
    shards = shards_of(tmp_path)
    with (tmp_path / "plan").open("wb") as file:
        plan.save(iter(shards), file)
    assert list(plan.load(tmp_path / "plan")) == shards
    assert plan.as_shard(json.loads(json.dumps(asdict(shards[0])))) == shards[0]
    assert all(a.slices[-1].row < b.slices[0].row for a, b in pairwise(shards))


@pytest.mark.parametrize("data", [b'{"text": "rain"}\n', b'{"text": "rain"}\n' * 2 + b'{"text": "hail"}\n'])
def test_other_records_than_planned_are_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"text": "rain"}\n' * 3)
    shards = shards_of(path)
    path.write_bytes(data)
    with pytest.raises(ArchiveError, match="changed since the job was planned"):
        read(shards)


def test_a_document_gives_its_paragraphs_or_one_bad_row(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(
        "Ferry strike live\n\nThe crews walked out.\n\nMara Venn reports:\n\nThey came back."
    )
    (tmp_path / "b.html").write_text(" \n")
    shards = shards_of(tmp_path)
    slices = Slices(COLUMNS)
    rows = [
        r for s in shards for p in s.slices for c in slices.read(p) for r in rows_of(p.input, c, COLUMNS, lines=True)
    ]
    good = [r for r in rows if isinstance(r, Row)]
    assert [r.row for r in good] == list(range(1, len(good) + 1))
    assert good[0].kind == "title"
    assert [r.silent for r in good] == [r.kind == "byline" for r in good]
    updates = [r.update for r in good]
    assert [r.line is not None for r in good] == [updates.index(u) == i for i, u in enumerate(updates)]
    (bad,) = (r for r in rows if isinstance(r, Bad))
    assert bad.raw == b" \n"
    assert bad.reason.startswith("empty_document: ")


def test_a_document_of_two_formats_is_one_bad_row() -> None:
    both = [json.loads((FIXTURES / f"{name}.json").read_text()) for name in ("guardian", "automattic")]
    raw = json.dumps(both[0] | both[1]).encode()
    (bad,) = rows_of(as_input("a.json"), Record(1, raw), COLUMNS)
    assert isinstance(bad, Bad)
    assert bad.reason.startswith("invalid_input: format: The JSON fits several formats")
    assert (bad.row, bad.raw) == (1, raw)


def test_a_document_that_breaks_the_parser_is_one_bad_row(monkeypatch, caplog) -> None:
    def broken(raw: bytes) -> None:
        raise KeyError(raw.decode())

    monkeypatch.setattr("standfirst.archive.rows.parse", broken)
    with caplog.at_level(logging.ERROR):
        found = list(rows_of(as_input("a.json"), Record(1, b"CANARY the minister will resign"), COLUMNS))
    assert found == [Bad("a.json", 1, "internal: KeyError", b"CANARY the minister will resign")]
    assert "in broken" in caplog.text
    assert "CANARY" not in caplog.text


def test_what_has_no_time_of_its_own_has_its_blogs() -> None:
    update = {"@type": "BlogPosting", "articleBody": "The crews walked out."}
    later = update | {"datePublished": "2031-03-05T07:30:00Z"}
    blog = {"@type": "LiveBlogPosting", "datePublished": "2031-03-04T06:00:00Z", "liveBlogUpdate": [update, later]}
    rows = rows_of(as_input("a.json"), Record(1, json.dumps(blog).encode()), COLUMNS)
    found = [row.published for row in rows if isinstance(row, Row)]
    assert sorted(filter(None, found)) == [datetime(2031, 3, 4, 6, tzinfo=UTC), datetime(2031, 3, 5, 7, 30, tzinfo=UTC)]


def test_ids_of_any_type_become_strings_and_columns_have_any_name() -> None:
    columns = Columns(text="body", id="guid", context="head")
    source = as_input("x.jsonl")

    def row(**fields: object) -> Row | Bad:
        (found,) = rows_of(source, Record(1, json.dumps(fields).encode()), columns)
        return found

    assert row(body="x", guid=5).id == "5"
    assert row(body="x", guid="5").id == "5"
    assert row(body="x").id is None
    assert row(body="x", guid=[1]).id == "[1]"
    assert row(body="x", head=" ").context is None
    assert row(text="x").reason == "expected a string under 'body', got NoneType"
    assert row(body="x" * 100_001).reason == "100,001 characters under 'body', at most 100,000 are scored"
    assert row(body="a", head="b").key != row(body="ba").key != row(body="a").key
    assert row(body="\ud800").key != row(body="\ud801").key
