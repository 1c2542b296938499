import errno
import gzip
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from standfirst.archive import job as jobs
from standfirst.archive import storage
from standfirst.archive.models import ModelChoice
from standfirst.archive.rows import Columns
from standfirst.archive.storage import Counts
from standfirst.errors import ArchiveError, InputError, Withheld
from standfirst.reader import Reader
from tests.standfirst.archive.conftest import invented, read_parts, read_quarantine, write_jsonl

pytestmark = pytest.mark.slow
FIXTURES = Path(__file__).resolve().parents[2] / "fixtures" / "documents"


@pytest.mark.parametrize("written", ["parquet", "jsonl"])
def test_every_row_is_answered_as_the_reader_answers(job, tmp_path: Path, fresh_reader: Reader, written: str) -> None:
    rows = invented(70)
    rows[5]["context"] = "  "  # a context without words is none
    rows[6]["text"] = " "
    report = job(write_jsonl(tmp_path / "in.jsonl", rows), format=written)
    found = read_parts(tmp_path / "out")
    expected = fresh_reader.label([r["text"] for r in rows], [r.get("context") for r in rows])
    assert [f["id"] for f in found] == [r["id"] for r in rows]
    assert [f["row"] for f in found] == list(range(1, 71))
    for answer, topics in zip(found, expected, strict=True):
        assert answer["labels"] == list(topics.names)
        assert {n: answer[f"score_{n}"] for n in topics.scores} == dict(topics.scores)
        assert answer["windows"] == topics.n_windows
    assert report.counts == Counts(read=70, scored=63, repeated=7, quarantined=0)
    assert sum(f["repeat"] for f in found) == 7
    assert {f["topics_model"] for f in found} == {fresh_reader.topics.version}


def test_documents_are_answered_as_the_reader_reads_them(
    job, both: ModelChoice, tmp_path: Path, fresh_reader: Reader
) -> None:
    import standfirst

    job(FIXTURES, models=both)
    found = read_parts(tmp_path / "out")
    expected = []
    for path in sorted(FIXTURES.iterdir()):
        try:
            report = fresh_reader.read(standfirst.parse(path.read_bytes()))
        except Withheld:  # deleted, drafts, under embargo: into quarantine
            continue
        for update in (report.opening, *report.updates):
            for place, labelled in enumerate(update.paragraphs):
                expected.append((str(path), report.blog.id, update, labelled, update.standfirst if not place else None))
    assert len(found) == len(expected) > 50
    for answer, (name, blog, update, labelled, line) in zip(found, expected, strict=True):
        paragraph, topics = labelled.paragraph, labelled.topics
        assert (answer["input"], answer["document"], answer["update"]) == (name, blog, update.update.id)
        assert (answer["paragraph"], answer["start"], answer["end"]) == (paragraph.id, paragraph.start, paragraph.end)
        assert answer["labels"] == list(topics.names)
        assert {n: answer[f"score_{n}"] for n in topics.scores} == dict(topics.scores)
        assert (answer["standfirst"] or {}).get("text") == (line and line.text)
        if line is not None:
            assert [p["source_start"] for p in answer["standfirst"]["pieces"]] == [p.source_start for p in line.pieces]


def test_a_text_is_scored_once_wherever_it_stands(job, tmp_path: Path) -> None:
    rows = [{"text": f"the drone hit port {n % 7}"} for n in range(100)]
    report = job(write_jsonl(tmp_path / "in.jsonl", rows), shard_rows=10)
    assert report.counts == Counts(read=100, scored=7, repeated=93, quarantined=0)
    assert [f["repeat"] for f in read_parts(tmp_path / "out")] == [False] * 7 + [True] * 93


def test_one_archive_in_every_form_gives_the_same_answers(job, tmp_path: Path) -> None:
    import fsspec
    import pandas as pd
    import zstandard

    rows = invented(60)
    plain = write_jsonl(tmp_path / "in.jsonl", rows)
    table = pd.DataFrame(rows)
    for name, separator in (("csv", ","), ("tsv", "\t")):
        table.to_csv(tmp_path / f"in.{name}", sep=separator, index=False)
    table.to_parquet(tmp_path / "in.parquet", index=False)
    (tmp_path / "in.jsonl.gz").write_bytes(gzip.compress(plain.read_bytes()))
    (tmp_path / "in.csv.zst").write_bytes(zstandard.compress((tmp_path / "in.csv").read_bytes()))
    system = fsspec.filesystem("memory")
    for name in ("in.parquet", "in.tsv", "in.jsonl.gz"):
        system.pipe(f"/forms/{name}", (tmp_path / name).read_bytes())
    given = [*sorted(tmp_path.glob("in.*")), *(f"memory://forms/{n}" for n in ("in.parquet", "in.tsv", "in.jsonl.gz"))]
    assert len(given) == 9
    expected: list[dict] = []
    for number, source in enumerate(given):
        output = tmp_path / f"out{number}"
        assert job(source, output=output).counts == Counts(read=60, scored=54, repeated=6, quarantined=0)
        same = [{k: v for k, v in row.items() if k not in ("input", "row")} for row in read_parts(output)]
        expected = expected or same
        assert same == expected, source
    assert [row["id"] for row in expected] == [row["id"] for row in rows]


def test_what_cannot_be_read_is_kept_with_its_place(job, tmp_path: Path) -> None:
    path = tmp_path / "in.jsonl"
    path.write_bytes(
        b'{"text": "rain"}\n\n{"text": 5}\nnot json\n\xff\xfe\n[1]\n{"text": "x", "context": 1}\n{"text":"aid"}'
    )
    report = job(path)
    assert report.counts == Counts(read=7, scored=2, repeated=0, quarantined=5)
    bad = read_quarantine(tmp_path / "out")
    assert [(b["row"], b["reason"]) for b in bad] == [
        (3, "expected a string under 'text', got int"),
        (4, "broken JSON; expected one object per line"),
        (5, "not UTF-8"),
        (6, "expected an object, got list"),
        (7, "expected a string under 'context', got int"),
    ]
    assert bad[1]["raw"] == "not json\n"
    assert bad[2]["raw_base64"] == "//4K"
    assert [f["row"] for f in read_parts(tmp_path / "out")] == [1, 8]


def test_too_many_errors_stop_the_job_and_more_may_be_allowed(job, tmp_path: Path) -> None:
    path = tmp_path / "in.jsonl"
    path.write_text("\n".join(["no"] * 30 + ['{"text": "rain"}'] * 10))
    with pytest.raises(ArchiveError, match="rows are in quarantine, 5 are allowed"):
        job(path, max_errors=5, shard_rows=10)
    with pytest.raises(ArchiveError, match="5 are allowed"):
        job(path, max_errors=5, shard_rows=10, resume=True)
    report = job(path, max_errors=30, shard_rows=10, resume=True)
    assert report.counts == Counts(read=40, scored=1, repeated=9, quarantined=30)


def test_a_folder_in_use_is_refused_unless_resume_is_asked_for(job, tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "in.jsonl", invented(30))
    first = job(path)
    with pytest.raises(ArchiveError, match="holds a job; go on with it"):
        job(path)
    again = job(path, resume=True)
    assert (again.counts, again.new_rows) == (first.counts, 0)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").touch()
    with pytest.raises(ArchiveError, match="not empty and holds no job"):
        job(path, output=tmp_path / "mine", resume=True)


def test_resume_begins_where_there_is_nothing_to_go_on_with(job, tmp_path: Path) -> None:
    assert job(write_jsonl(tmp_path / "in.jsonl", invented(10)), resume=True).counts.read == 10


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"format": "jsonl"}, "format: 'parquet', now 'jsonl'"),
        ({"with_text": True}, "text: False, now True"),
        ({"shard_rows": 5}, "shard rows: 20, now 5"),
        ({"columns": Columns(id="guid")}, "columns: "),
    ],
)
def test_another_job_is_not_gone_on_with(job, tmp_path: Path, change: dict, words: str) -> None:
    path = write_jsonl(tmp_path / "in.jsonl", invented(30))
    job(path)
    with pytest.raises(ArchiveError, match=words):
        job(path, resume=True, **change)


def test_other_models_are_refused(job, both: ModelChoice, choice: ModelChoice, tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "in.jsonl", invented(30))
    job(path)
    with pytest.raises(ArchiveError, match="summary model: None, now 'summary-"):
        job(path, resume=True, models=both)
    with pytest.raises(ArchiveError, match=r"threshold: None, now 0\.9"):
        job(path, resume=True, models=replace(choice, threshold=0.9))


def test_a_changed_input_is_refused_by_name(job, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for name in ("a", "b", "c"):
        write_jsonl(folder / f"{name}.jsonl", invented(30, seed=ord(name)))
    job(folder)
    write_jsonl(folder / "b.jsonl", invented(30, seed=7))
    with pytest.raises(ArchiveError, match=r"not what it was when the job began: .*b\.jsonl"):
        job(folder, resume=True)
    write_jsonl(folder / "b.jsonl", invented(30, seed=ord("b")))
    assert job(folder, resume=True).new_rows == 0
    write_jsonl(folder / "d.jsonl", invented(1))
    with pytest.raises(ArchiveError, match=r"d\.jsonl|added or removed"):
        job(folder, resume=True)


def test_an_input_that_changes_under_the_job_ends_it(job, tmp_path: Path, monkeypatch) -> None:
    path = write_jsonl(tmp_path / "in.jsonl", invented(60))
    write = jobs.write_json

    def then_changed(folder: Path, name: str, table: dict) -> None:
        write(folder, name, table)
        write_jsonl(path, invented(60, seed=2))

    monkeypatch.setattr(jobs, "write_json", then_changed)
    with pytest.raises(ArchiveError, match="has changed since the job was planned"):
        job(path)


@pytest.mark.parametrize("written", ["parquet", "jsonl"])
@pytest.mark.parametrize("damage", ["truncated", "emptied", "gone"])
def test_a_part_that_is_damaged_is_made_again(job, tmp_path: Path, written: str, damage: str) -> None:
    """What a disk without power may do to a file that was not synced; the store is gone too, as after every job."""
    path = write_jsonl(tmp_path / "in.jsonl", invented(60))
    first = job(path, format=written)
    before = {p.name: p.read_bytes() for p in (tmp_path / "out" / "parts").iterdir()}
    part = sorted((tmp_path / "out" / "parts").iterdir())[1]
    if damage == "gone":
        part.unlink()
    else:
        part.write_bytes(part.read_bytes()[: 100 if damage == "truncated" else 0])
    again = job(path, format=written, resume=True)
    assert again.new_rows == 20
    assert again.counts == first.counts
    assert {p.name: p.read_bytes() for p in (tmp_path / "out" / "parts").iterdir()} == before


def test_power_lost_between_write_and_rename(job, tmp_path: Path, monkeypatch) -> None:
    """The third file of a shard is written and synced, and never gets its name."""
    path = write_jsonl(tmp_path / "in.jsonl", invented(60))
    replace_file = Path.replace
    renamed: list[str] = []

    def fails(self: Path, target: Path) -> Path:
        renamed.append(target.name)
        if renamed.count("part-000002.parquet"):
            raise KeyboardInterrupt
        return replace_file(self, target)

    monkeypatch.setattr(Path, "replace", fails)
    monkeypatch.setattr(Path, "unlink", lambda self, missing_ok=False: None)  # nobody is left to clean up
    with pytest.raises(KeyboardInterrupt):
        job(path)
    monkeypatch.undo()
    out = tmp_path / "out"
    assert list((out / "parts").glob(".part-000002.parquet.*.tmp"))
    assert not (out / "parts" / "part-000002.parquet").exists()
    assert job(path, resume=True).counts.read == 60
    assert sorted(p.name for p in (out / "parts").iterdir()) == [f"part-00000{n}.parquet" for n in range(3)]
    assert [r["id"] for r in read_parts(out)] == [f"r{n}" for n in range(60)]


def test_a_torn_line_of_the_manifest_is_done_again(job, tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "in.jsonl", invented(60))
    first = job(path)
    manifest = tmp_path / "out" / "manifest.jsonl"
    manifest.write_bytes(manifest.read_bytes()[:-30])
    again = job(path, resume=True)
    assert (again.new_rows, again.counts) == (20, first.counts)
    assert len(manifest.read_text().splitlines()) == 3


def test_a_name_is_given_after_its_bytes_are_on_the_disk(tmp_path: Path, monkeypatch) -> None:
    steps: list[str] = []
    real = {"fsync": storage.os.fsync, "replace": Path.replace}

    def fsync(handle: int) -> None:
        name = Path(f"/proc/self/fd/{handle}").readlink().name
        steps.append(f"fsync {name}" if not name.endswith(".tmp") else "fsync temporary")
        real["fsync"](handle)

    def rename(self: Path, target: Path) -> Path:
        steps.append(f"rename {target.name}")
        return real["replace"](self, target)

    monkeypatch.setattr(storage.os, "fsync", fsync)
    monkeypatch.setattr(Path, "replace", rename)
    storage.write_whole(tmp_path, "parts/a", lambda file: file.write(b"x"))
    storage.Manifest(tmp_path).append(storage.Done(0, Counts(), 0))
    name = tmp_path.name
    assert steps == ["fsync temporary", "rename a", "fsync parts", "fsync manifest.jsonl", f"fsync {name}"]


@pytest.mark.parametrize("spoil", [lambda p: p.write_bytes(b"torn" * 2000), lambda p: p.unlink()])
def test_the_store_may_be_lost(job, tmp_path: Path, monkeypatch, spoil: Callable[[Path], object]) -> None:
    rows = [{"text": f"the drone hit port {n % 30}"} for n in range(100)]
    path = write_jsonl(tmp_path / "in.jsonl", rows)
    append = storage.Manifest.append
    appended: list[int] = []

    def stops(self, done: storage.Done) -> None:
        append(self, done)
        appended.append(done.shard)
        if len(appended) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(storage.Manifest, "append", stops)
    with pytest.raises(KeyboardInterrupt):
        job(path)
    monkeypatch.undo()
    for file in (tmp_path / "out" / ".store").iterdir():
        spoil(file)
    assert job(path, resume=True).counts == Counts(read=100, scored=30, repeated=70, quarantined=0)


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("in.csv", "id,body\n1,rain\n", "no column 'text' for the text; the file has 'id', 'body'"),
        (None, "", "no such"),
    ],
)
def test_a_mistake_in_the_call_is_no_bad_row(job, tmp_path: Path, name: str | None, text: str, words: str) -> None:
    path = tmp_path / (name or "none.jsonl")
    if name:
        path.write_text(text)
    with pytest.raises(InputError, match=words):
        job(path)


def test_the_report_is_kept(job, tmp_path: Path) -> None:
    report = job(write_jsonl(tmp_path / "in.jsonl", invented(30)))
    kept = json.loads((tmp_path / "out" / "report.json").read_text())
    assert kept["counts"] == {"read": 30, "scored": 27, "repeated": 3, "quarantined": 0, "handed_on": 0}
    assert kept["shards"] == report.shards == 2
    assert not list((tmp_path / "out").glob(".store"))


def test_a_disk_that_fills_while_a_part_is_written(job, tmp_path: Path, monkeypatch) -> None:
    path = write_jsonl(tmp_path / "in.jsonl", invented(60))
    fsync = storage.os.fsync

    def full(handle: int) -> None:
        if Path(f"/proc/self/fd/{handle}").readlink().name.startswith(".part-000001.parquet."):
            raise OSError(errno.ENOSPC, "No space left on device")
        fsync(handle)

    monkeypatch.setattr(storage.os, "fsync", full)
    with pytest.raises(ArchiveError, match="No space left on device: what is done is safe; make room and go on"):
        job(path)
    monkeypatch.undo()
    assert [p.name for p in (tmp_path / "out" / "parts").iterdir()] == ["part-000000.parquet"]
    assert job(path, resume=True).counts.read == 60
    assert [r["id"] for r in read_parts(tmp_path / "out")] == [f"r{n}" for n in range(60)]
