"""Jobs of the fast tier: a random student of the tiny topic model is not sure of a part of what it reads."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from standfirst.archive import run as runs
from standfirst.archive.models import ModelChoice
from standfirst.archive.storage import Counts
from standfirst.classify import TopicClassifier
from standfirst.errors import ArchiveError, InputError, ModelCorrupt, ModelNotFound
from standfirst.student import Student
from tests.conftest import write_student
from tests.standfirst.archive.conftest import invented, read_parts, write_jsonl

pytestmark = pytest.mark.slow


@pytest.fixture(scope="session")
def fast(choice: ModelChoice, tiny_student: Path) -> ModelChoice:
    return replace(choice, student=str(tiny_student))


@pytest.mark.parametrize("written", ["parquet", "jsonl"])
def test_each_row_says_who_answered_it(job, fast: ModelChoice, tmp_path: Path, written: str) -> None:
    rows = invented(70)
    rows[6]["text"] = " "
    report = job(write_jsonl(tmp_path / "in.jsonl", rows), models=fast, format=written)
    found = read_parts(tmp_path / "out")
    teacher = TopicClassifier.load(Path(fast.topics), threads=1)
    texts, contexts = [r["text"] for r in rows], [r.get("context") for r in rows]
    full = teacher.classify(texts, contexts)
    own = Student.load(Path(fast.student), teacher).answer(texts, contexts)
    for row, answered, topics, said in zip(found, own, full, rows, strict=True):
        expected = answered.topics if answered.is_sure else topics
        assert row["tier"] == ("fast" if answered.is_sure else "full") or not said["text"].strip()
        assert row["labels"] == list(expected.names)
        assert {n: row[f"score_{n}"] for n in expected.scores} == dict(expected.scores)
    assert found[6]["tier"] is None
    handed_on = sum(r["tier"] == "full" and not r["repeat"] for r in found)
    assert 0 < handed_on < 60
    assert report.counts == Counts(read=70, scored=63, repeated=7, quarantined=0, handed_on=handed_on)
    kept = json.loads((tmp_path / "out" / "report.json").read_text())
    assert (kept["tier"], kept["counts"]["handed_on"]) == ("fast", handed_on)
    assert kept["share_handed_on"] == round(handed_on / 63, 4)
    assert {r["student_model"] for r in found} == {report.models["student"]}


def test_the_full_tier_hands_nothing_on(job, tmp_path: Path) -> None:
    report = job(write_jsonl(tmp_path / "in.jsonl", invented(20)))
    found = read_parts(tmp_path / "out")
    assert {(r["tier"], r["student_model"]) for r in found} == {("full", None)}
    assert (report.tier, report.counts.handed_on) == ("full", 0)
    assert "share_handed_on" not in json.loads((tmp_path / "out" / "report.json").read_text())


def test_a_job_that_was_ended_goes_on_to_the_same_rows(job, fast: ModelChoice, tmp_path: Path, monkeypatch) -> None:
    path = write_jsonl(tmp_path / "in.jsonl", invented(80))
    whole = job(path, models=fast, output=tmp_path / "whole")
    commit, left = runs._Run._commit, iter([True, True])

    def some(run, done) -> None:
        commit(run, done)
        if not next(left, False):
            raise ArchiveError("the power is gone")

    monkeypatch.setattr(runs._Run, "_commit", some)
    with pytest.raises(ArchiveError, match="power"):
        job(path, models=fast)
    monkeypatch.undo()
    (tmp_path / "out" / ".store" / "answers.sqlite").unlink()  # it is filled again from the parts
    again = job(path, models=fast, resume=True)
    assert again.counts == whole.counts
    assert read_parts(tmp_path / "out") == read_parts(tmp_path / "whole")


def test_the_tier_belongs_to_the_job(
    job, choice: ModelChoice, fast: ModelChoice, tiny_models: dict[str, Path], tmp_path: Path
) -> None:
    path = write_jsonl(tmp_path / "in.jsonl", invented(20))
    job(path, models=fast)
    with pytest.raises(ArchiveError, match="tier: 'fast', now 'full'; student: 'student-"):
        job(path, models=choice, resume=True)
    write_student(tmp_path / "other", tiny_models["topics"], seed=9)
    with pytest.raises(ArchiveError, match=r"here; student: 'student-\w+', now 'student-\w+'$"):
        job(path, models=replace(fast, student=str(tmp_path / "other")), resume=True)


def test_a_student_of_another_model_is_refused(job, fast: ModelChoice, tmp_path: Path) -> None:
    import shutil

    path = write_jsonl(tmp_path / "in.jsonl", invented(5))
    student = tmp_path / "s"
    shutil.copytree(fast.student, student)
    table = json.loads((student / "manifest.json").read_text())
    table["facts"]["teacher"] = "topics-other"
    (student / "manifest.json").write_text(json.dumps(table))
    with pytest.raises(ModelCorrupt, match="was distilled from topics-other, the topic model is topics-"):
        job(path, models=replace(fast, student=str(student)))
    assert not (tmp_path / "out" / "job.json").exists()


def test_without_a_student_it_says_how_to_make_one(job, fast: ModelChoice, tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "in.jsonl", invented(5))
    with pytest.raises(ModelNotFound, match="no student is installed for the fast tier; make one with: python -m"):
        job(path, models=replace(fast, student=str(tmp_path / "none")))


def test_a_threshold_goes_with_the_full_tier_alone(job, fast: ModelChoice, tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "in.jsonl", invented(5))
    with pytest.raises(InputError, match="--tier full alone"):
        job(path, models=replace(fast, threshold=0.5))
