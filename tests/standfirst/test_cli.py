import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

import standfirst
from standfirst import cli
from standfirst.cli import main

ROOT = Path(__file__).resolve().parents[2]
SECRET = "zyzzogeton"  # a word of the user's text: no message may repeat it
BLOG = """Ferry strike live: four islands wait for bread

The crews walked out on Monday, and the zyzzogeton sank.

Minister leaves the talks in the city

The minister left before four. “We came here to sign,” the envoy said.

Army sends flour to the port

Two hundred sacks of flour were sent to the port by the army on Tuesday.
"""
Run = Callable[..., SimpleNamespace]


@pytest.fixture
def run(tiny_models: dict[str, Path], capsys, monkeypatch) -> Run:
    """Run a command with the tiny models: exit code, output, errors."""

    def run(*args: str | Path, stdin: str | bytes = b"", models: bool = True) -> SimpleNamespace:
        data = stdin if isinstance(stdin, bytes) else stdin.encode()
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
        chosen = [f"--{kind}={folder}" for kind, folder in tiny_models.items()] if models else []
        try:
            code = main([*map(str, args), *chosen])
        except SystemExit as stop:
            code = stop.code
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        assert SECRET not in err
        return SimpleNamespace(code=code, out=out, err=err)

    return run


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "blog.txt"
    path.write_text(BLOG, encoding="utf-8")
    return path


def test_read_a_file_as_text(run: Run, file: Path) -> None:
    done = run("read", file)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("Ferry strike live")
    assert "1. Minister leaves the talks in the city" in done.out
    assert "“We came here to sign,”" in done.out


@pytest.mark.parametrize("output", ["text", "json", "ninjs", "jsonld", "superdesk", "markdown"])
def test_stdin_and_file_give_the_same(run: Run, file: Path, output: str) -> None:
    from_file, from_stdin = run("read", file, "--output", output), run("read", "-", "--output", output, stdin=BLOG)
    assert (from_file.code, from_stdin.code) == (0, 0)
    assert from_file.out == from_stdin.out != ""


def test_json_is_the_readers_report(run: Run, file: Path, tiny_reader) -> None:
    from standfirst.render import report_json

    done = run("read", file, "--output", "json", "--max-words", "30")
    assert json.loads(done.out) == report_json(tiny_reader.read(standfirst.parse(BLOG), max_words=30))


def test_a_document_of_a_newsroom_comes_back_in_its_form(run: Run) -> None:
    documents = ROOT / "tests" / "fixtures" / "documents"
    posting = json.loads(run("read", documents / "edited.jsonld", "--output", "jsonld").out)
    assert posting["publisher"] == json.loads((documents / "edited.jsonld").read_text())["publisher"]
    ninjs = json.loads(run("read", documents / "guardian.json", "--format", "guardian", "--output", "ninjs").out)
    assert ninjs["associations"][0]["uri"].endswith("#block-67c0d3")
    assert "analysis" in json.loads(run("read", documents / "superdesk.json", "--output", "superdesk").out)


def test_no_text_ends_the_script_that_json_stands_in(run: Run) -> None:
    headline = "Café <!--<script> shut</script><script>rain()"
    update = {"@type": "BlogPosting", "headline": headline, "articleBody": "Rain fell on the port."}
    posting = {"@type": "LiveBlogPosting", "headline": "Ferry strike live", "liveBlogUpdate": [update]}
    done = run("read", "-", "--output", "jsonld", stdin=json.dumps(posting))
    assert json.loads(done.out)["liveBlogUpdate"][0]["headline"] == headline
    assert "<" not in done.out


def test_options_reach_the_digest(run: Run, file: Path) -> None:
    none = json.loads(run("read", file, "--output", "json", "--since", "2031-03-04").out)
    assert none["digest"]["groups"] == []
    short = json.loads(run("read", file, "--output", "json", "--max-words", "7").out)
    assert short["digest"]["max_words"] == 7 >= short["digest"]["words"]
    topics = run("read", file, "--output", "json", "--topic", "aid", "--topic", "strikes")
    assert {t for g in json.loads(topics.out)["digest"]["groups"] for t in (g["topic"],)} <= {"top", "aid", "strikes"}


@pytest.mark.parametrize(
    ("args", "stdin", "words"),
    [
        (["read", "none.txt"], b"", "none.txt: No such file"),
        (["read", "."], b"", ".: Is a directory"),
        (["label", "none.jsonl"], b"", "none.jsonl: No such file"),
        (["read", "-"], b"", "-: The document is empty"),
        (["read", "-"], b" \n\t ", "-: The document is empty"),
        (["read", "-", "--format", "jsonld"], BLOG.encode(), "The JSON is broken"),
        (["read", "-"], b'{"entries": [{"id": 1, "type": "delete"}]}', "Nothing may be read"),
        (["read", "-"], b'{"rain": 1}', "Expected schema.org JSON-LD"),
        (["read", "-"], bytes(range(256)) * 8, "-: "),
        (["read", "-", "--topic", "aids"], BLOG.encode(), "unknown topic; expected some of diplomacy"),
        (["label", "-", "--topics", "none"], b"", "none: there is no such model folder"),
    ],
)
def test_what_fails_says_why_and_exits_1(run: Run, args: list[str], stdin: bytes, words: str) -> None:
    done = run(*args, stdin=stdin, models="--topics" not in args)
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("standfirst: ")
    assert words in done.err
    assert len(done.err.splitlines()) == 1


@pytest.mark.parametrize(
    "args",
    [
        [],
        ["write"],
        ["read"],
        ["read", "-", "--colour"],
        ["read", "-", "--output", "pdf"],
        ["read", "-", "--format", "jsonl"],
        ["read", "-", "--max-words", "many"],
        ["read", "-", "--max-words", "0"],
        ["read", "-", "--threads", "-1"],
        ["read", "-", "--since", "yesterday"],
        ["read", "-", "--since", "0001-01-01T00:00+05:00"],
        ["label", "-", "--threshold", "high"],
        ["label", "-", "--threshold", "3"],
        ["label", "-", "--threshold", "nan"],
    ],
)
def test_wrong_usage_exits_2(run: Run, args: list[str]) -> None:
    done = run(*args, models=False)
    assert (done.code, done.out) == (2, "")
    assert "usage: standfirst" in done.err


@pytest.mark.parametrize("option", ["--version", "--help"])
def test_what_is_asked_for_goes_to_stdout(run: Run, option: str) -> None:
    done = run(option, models=False)
    assert (done.code, done.err) == (0, "")
    assert (standfirst.__version__ if option == "--version" else "read a live blog") in done.out


@pytest.mark.parametrize("named", [True, False])
def test_label_answers_line_by_line(run: Run, tmp_path: Path, tiny_reader, named: bool) -> None:
    rows = [{"id": i, "text": f"the drone hit port {i}"} | ({"context": "aid"} if i % 2 else {}) for i in range(5)]
    text = "\n\n".join(json.dumps(row) for row in rows)
    (tmp_path / "in.jsonl").write_text("\ufeff" + text, encoding="utf-8")
    done = run("label", tmp_path / "in.jsonl") if named else run("label", "-", stdin=text)
    found = tiny_reader.label([r["text"] for r in rows], [r.get("context") for r in rows])
    assert (done.code, done.err) == (0, "")
    assert [json.loads(line) for line in done.out.splitlines()] == [
        {"id": i, "labels": list(topics.names), "scores": topics.scores} for i, topics in enumerate(found)
    ]


@pytest.mark.parametrize("batch_rows", [1, 2, 512])
def test_broken_lines_are_named_and_the_others_labelled(run: Run, monkeypatch, batch_rows: int) -> None:
    monkeypatch.setattr(cli, "_BATCH_ROWS", batch_rows)
    lines = [
        (b'{"id": "a", "text": "rain"}', None),
        (b'{"id": "b", "text": "zyzzogeton', "broken JSON"),
        (b"", None),
        (b'["zyzzogeton"]', "expected an object, got list"),
        (b'{"id": "c"}', 'expected a string under "text"'),
        (b'{"id": "d", "text": ["zyzzogeton"]}', 'expected a string under "text"'),
        (b'{"id": "e", "text": "x", "context": 3}', 'expected a string under "context"'),
        (b'{"id": "f", "text": "zyzzogeton \xff"}', "not UTF-8"),
        (b"[" * 100_000, "broken JSON"),
        (b'{"text": "", "context": null}', None),
    ]
    done = run("label", "-", stdin=b"\n".join(line for line, _ in lines))
    assert done.code == 1
    assert [json.loads(line)["id"] for line in done.out.splitlines()] == ["a", None]
    *messages, total = done.err.splitlines()
    expected = [f"standfirst: line {i}: {why}" for i, (_, why) in enumerate(lines, 1) if why]
    assert len(messages) == len(expected)
    assert all(m.startswith(e) for m, e in zip(messages, expected, strict=True))
    assert total == "standfirst: 7 line(s) could not be read; the others were labelled"


def test_a_table_for_lines_labels_none_and_says_so(run: Run) -> None:
    done = run("label", "-", stdin="id,text\n1,the zyzzogeton sank\n")
    assert (done.code, done.out) == (1, "")
    assert done.err.splitlines()[-1] == "standfirst: 2 line(s) could not be read; none was labelled"


def test_no_lines_give_no_answers(run: Run) -> None:
    assert vars(run("label", "-", stdin=b"\n \n")) == {"code": 0, "out": "", "err": ""}


def test_half_a_character_comes_back_as_it_came(run: Run) -> None:
    row = b'{"id": "\\ud800", "text": "port \\ud800"}'
    done = run("label", "-", stdin=row)
    assert done.code == 0
    assert json.loads(done.out)["id"] == "\ud800"


def command(models: dict[str, Path], *args: str, **options) -> subprocess.Popen:
    chosen = [f"--{kind}={folder}" for kind, folder in models.items()]
    return subprocess.Popen(
        [sys.executable, "-m", "standfirst", *args, *chosen],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        **options,
    )


@pytest.mark.slow
@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_the_command_in_any_locale(tiny_models, file: Path, encoding: str) -> None:
    env = os.environ | {"PYTHONIOENCODING": encoding}
    with command(tiny_models, "read", "-", "--output", "json", env=env) as process:
        out, err = process.communicate(BLOG.encode(), timeout=120)
    assert (process.returncode, err) == (0, b"")
    assert "“We came here to sign,”" in json.loads(out)["updates"][0]["paragraphs"][1]["text"]
    with command(tiny_models, "read", str(file), env=env) as process:
        out, err = process.communicate(timeout=120)
    assert (process.returncode, err) == (0, b"")
    assert ("“" if encoding == "utf-8" else "?") + "We came here to sign" in out.decode(encoding)


@pytest.mark.slow
def test_a_full_disk_is_no_trouble_of_the_input(tiny_models, file: Path) -> None:
    chosen = [f"--{kind}={folder}" for kind, folder in tiny_models.items()]
    with Path("/dev/full").open("wb") as full:
        args = [sys.executable, "-m", "standfirst", "read", str(file), *chosen]
        done = subprocess.run(args, cwd=ROOT, stdout=full, stderr=subprocess.PIPE, check=False)
    assert (done.returncode, done.stderr) == (1, b"standfirst: output: No space left on device\n")


@pytest.mark.slow
@pytest.mark.parametrize("n_rows", [3, 3000])
def test_a_reader_who_goes_away_is_no_trouble(tiny_models, monkeypatch, n_rows: int) -> None:
    monkeypatch.delenv("PYTHONUNBUFFERED", raising=False)  # a few rows are written at the very end then
    with command(tiny_models, "label", "-") as process:
        process.stdout.close()
        process.stdin.write(b'{"text": "rain"}\n' * n_rows)
        process.stdin.close()
        assert process.stderr.read() == b""
        assert process.wait(timeout=120) == 1
