import json
from pathlib import Path

import pytest

from standfirst.archive import command as commands
from standfirst.archive.rows import Columns
from standfirst.cli import main
from tests.standfirst.archive.conftest import inline, invented, read_parts, write_jsonl


@pytest.fixture
def score(tiny_models: dict[str, Path], tmp_path: Path, monkeypatch, capsys):
    """Run ``standfirst score`` in this process: exit code, stdout, stderr."""
    monkeypatch.setattr(commands, "_engine", lambda args: inline)

    def score(*args: str | Path) -> tuple[int, str, str]:
        models = [f"--topics={tiny_models['topics']}", f"--summary={tiny_models['summary']}"]
        code = main(["score", *map(str, args), "--output", str(tmp_path / "out"), *models])
        return (code, *capsys.readouterr())

    return score


def test_the_report_accounts_for_every_row(score, tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "in.jsonl", invented(30))
    path.write_text(path.read_text() + "no\n")
    code, out, err = score(path)
    assert (code, err) == (0, "")
    first, second, third, models = out.splitlines()
    assert first == "31 rows read = 27 scored + 3 repeated + 1 quarantined"
    assert second.startswith("1 shards, ")
    assert third.startswith("this run: 31 rows in ")
    assert models.startswith("topics-")
    code, out, err = score(path)
    assert (code, out) == (1, "")
    assert (
        err
        == f"standfirst: {tmp_path / 'out'}: the folder holds a job; go on with it (--resume) or name another folder\n"
    )
    code, out, _ = score(path, "--resume")
    assert (code, "this run" in out) == (0, False)


def test_options_reach_the_job(score, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("guid;x,body,head\n7,The army sent flour.,aid\n8,hail,\n")
    code, _, err = score(
        tmp_path / "in.csv", "--format", "jsonl", "--text", "--standfirsts", "--threshold", "0",
        "--column", "text=body", "--column", "context=head", "--column", "id=guid;x", "--shard-rows", "1",
    )  # fmt: skip
    assert (code, err) == (0, "")
    first, second = read_parts(tmp_path / "out")
    assert (first["id"], first["text"], second["text"]) == ("7", "The army sent flour.", "hail")
    assert len(first["labels"]) == 4
    assert first["standfirst"]["text"] == "The army sent flour."
    assert first["standfirst"]["pieces"] == [
        {"paragraph": "7", "start": 0, "end": 20, "source_start": 0, "text": "The army sent flour."}
    ]
    assert first["summary_model"].startswith("summary-")


def test_the_fast_tier_says_what_was_handed_on(score, tiny_student: Path, tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "in.jsonl", invented(30))
    code, out, err = score(path, "--tier", "fast", "--fast-model", tiny_student, "--progress", "json")
    assert code == 0
    n = sum(row["tier"] == "full" and not row["repeat"] for row in read_parts(tmp_path / "out"))
    assert out.splitlines()[1].startswith(f"{n} of 27 scored rows handed on to the full model ({n / 27:.1%})")
    assert json.loads(err.splitlines()[-1])["handed_on"] == n
    assert "student-" in out.splitlines()[-1]


def test_a_student_is_for_the_fast_tier(score, tiny_student: Path, tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "in.jsonl", invented(3))
    code, out, err = score(path, "--fast-model", tiny_student)
    assert (code, out) == (1, "")
    assert "--fast-model: a student answers in --tier fast alone" in err


def test_progress_is_for_machines_when_asked_for(score, tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "in.jsonl", invented(30))
    _, _, err = score(path, "--progress", "json")
    last = json.loads(err.splitlines()[-1])
    assert (last["rows"], last["share"], last["left_s"]) == (30, 1.0, 0)


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["x", "--column", "body"], "expected FIELD=NAME with one of text, context, id, document, update"),
        (["x", "--column", "words=body"], "expected FIELD=NAME"),
        (["x", "--shard-rows", "0"], "expected a whole number of at least 1"),
        (["x", "--max-errors", "-1"], "expected a whole number"),
        (["x", "--engine", "spark"], "invalid choice"),
        ([], "the following arguments are required: INPUT"),
    ],
)
def test_wrong_usage_exits_2(args: list[str], words: str, capsys) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["score", *args, "--output", "out"])
    assert stop.value.code == 2
    assert words in capsys.readouterr().err


def test_fields_are_those_of_a_table() -> None:
    assert commands._column("text=a=b") == ("text", "a=b")
    assert Columns(**dict([commands._column("id=guid")])).id == "guid"
