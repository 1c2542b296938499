"""``fetch`` against a web server in this process; the repositories are made up here."""

import errno
import gzip
import io
import json
import os
import subprocess
import tarfile
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from standfirst.errors import DataError, RecipeError
from training import fetch as fetch_module
from training.__main__ import main
from training.fetch import ANNOTATIONS, fetch, load_sources
from training.harvest import article_lines, event_lines, headline_lines
from training.sources import READERS, resolve, text_sha256

Write = Callable[..., Path]
COMMIT = "c0ffee"
BLOG = {"blog_id": "b1", "title": "Storm", "documents": [{"block_id": "k1", "title": "", "text": ["Rain fell."]}]}
ARTICLE = """\
Byline

The ferry to Skerra turned back at noon with forty aboard.
 \n\
Flour came by rail to Holm after  six days."""
DAY = """\
date: '2031-05-04'
portal:
  categories:
    Uncategorized:
    - Norra leaves the pact.
      (Norra Post) (Holm Radio)
    - Vell votes (again). (Vell Mail)
"""
FILES = {
    "label_data/guardian_label/train/b1.json": json.dumps(BLOG, indent=4),
    "label_data/guardian_label/train/.DS_Store": "\0",
    "data/articles/g1.txt": ARTICLE,
    "2031/05/2031-05-04.yaml": DAY,
    "2031/05/2031-05-05.yaml": "not: [read",
}
ROWS = {
    "guardian": ("b1", "k1:0", "Rain fell."),
    "gdelt": ("g1.txt", "1", "Flour came by rail to Holm after six days."),
    "wiki": ("2031-05-04", "u7", "Vell votes (again)."),
}


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def web(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A folder and the address under which it is served."""
    folder = tmp_path / "web"
    folder.mkdir()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield folder, f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


def publish(folder: Path, files: dict[str, str]) -> Path:
    """Put an archive of these files where GitHub would have it."""
    path = folder / "own" / "texts" / "archive" / f"{COMMIT}.tar.gz"
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, "w:gz") as archive:
        for name, text in files.items():
            member = tarfile.TarInfo(f"texts-{COMMIT}/{name}")
            member.size = len(text.encode())
            archive.addfile(member, io.BytesIO(text.encode()))
    return path


@pytest.fixture
def home(web: tuple[Path, str], tmp_path: Path, write_rows: Write) -> Path:
    """Annotations of one text of every source, and the table of sources; the archive is published."""
    publish(web[0], FILES)
    folder = tmp_path / "annotations"
    folder.mkdir()
    rows = [
        {"source": source, "document": document, "ref": ref, "sha256": text_sha256(text), "labels": []}
        for source, (document, ref, text) in ROWS.items()
    ]
    write_rows(folder / "own.jsonl", *rows, rows[0])
    write_rows(folder / "settled.jsonl", {"source": "guardian", "sha256": "0" * 64, "labels": []})
    places = {
        "guardian": ("liveblogs/guardian_train.jsonl.gz", "label_data/guardian_label/train"),
        "gdelt": ("topics/pool/ukraine_articles.jsonl", "data/articles"),
        "wiki": ("topics/pool/current_events.jsonl", "20"),
    }
    table = "".join(
        f'[{source}]\nrepo = "{web[1]}/own/texts"\ncommit = "{COMMIT}"\n'
        f'[[{source}.files]]\nname = "{name}"\npath = "{path}"\n'
        for source, (name, path) in places.items()
    )
    (folder / "sources.toml").write_text(table, encoding="utf-8")
    return folder


def test_what_is_fetched_is_what_was_annotated(home: Path, tmp_path: Path):
    to = tmp_path / "data"
    lines = list(fetch(to, annotations=home))
    assert lines == [
        "fetched: liveblogs/guardian_train.jsonl.gz",
        "fetched: topics/pool/ukraine_articles.jsonl",
        "fetched: topics/pool/current_events.jsonl",
    ]
    rows = [("own.jsonl:1", json.loads(line)) for line in (home / "own.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [row["text"] for _, row in resolve(rows, to)][:3] == [text for _, _, text in ROWS.values()]
    assert sorted(p.name for p in to.iterdir()) == ["liveblogs", "topics"]
    assert gzip.decompress((to / "liveblogs" / "guardian_train.jsonl.gz").read_bytes()).count(b"\n") == 1


def test_what_is_there_is_kept_and_what_was_changed_is_brought_again(home: Path, web: tuple[Path, str], tmp_path: Path):
    to = tmp_path / "data"
    assert all(line.startswith("to fetch: ") for line in fetch(to, annotations=home, dry_run=True))
    assert not to.exists()
    list(fetch(to, annotations=home))
    before = {p: p.read_bytes() for p in to.rglob("*.*l*") if p.is_file()}
    article = to / "topics" / "pool" / "ukraine_articles.jsonl"
    article.write_text(article.read_text(encoding="utf-8").replace("Flour", "Sugar"), encoding="utf-8")
    (to / "liveblogs" / "guardian_train.jsonl.gz").write_bytes(b"\x1f\x8b cut off")
    states = [line.split(":")[0] for line in fetch(to, annotations=home, dry_run=True)]
    assert states == ["to fetch", "to fetch", "kept"]
    assert [line.split(":")[0] for line in fetch(to, annotations=home)] == ["kept", "fetched", "fetched"]
    assert {p: p.read_bytes() for p in before} == before
    for path in web[0].rglob("*.gz"):
        path.unlink()  # nothing needs the network now
    assert {line.split(":")[0] for line in fetch(to, annotations=home)} == {"kept"}


def test_one_source_alone(home: Path, tmp_path: Path):
    assert list(fetch(tmp_path / "data", ["gdelt"], annotations=home)) == [
        "fetched: topics/pool/ukraine_articles.jsonl"
    ]
    with pytest.raises(DataError, match="--source: unknown source 'radio'; expected guardian, gdelt, wiki"):
        list(fetch(tmp_path / "data", ["radio"], annotations=home))


def test_a_file_with_another_sha256_is_refused(home: Path, tmp_path: Path):
    table = home / "sources.toml"
    text = table.read_text(encoding="utf-8").replace('label/train"\n', f'label/train"\nsha256 = "{"0" * 64}"\n')
    table.write_text(text, encoding="utf-8")
    with pytest.raises(
        DataError, match=r"not what was annotated: liveblogs/guardian_train\.jsonl\.gz has sha256 \w{64}"
    ):
        list(fetch(tmp_path / "data", annotations=home))
    assert list((tmp_path / "data").iterdir()) == []


def test_a_text_that_was_changed_is_counted_and_named(home: Path, web: tuple[Path, str], tmp_path: Path):
    publish(web[0], FILES | {"data/articles/g1.txt": ARTICLE.replace("Flour", "Sugar")})
    message = r"own/texts c0ffee: .* 1 of 1 annotated texts are missing or differ \(first own\.jsonl:2\)"
    with pytest.raises(DataError, match=message):
        list(fetch(tmp_path / "data", ["gdelt"], annotations=home))
    assert list((tmp_path / "data").iterdir()) == []


def test_no_network_no_such_commit_and_an_archive_that_was_cut_off(home: Path, web: tuple[Path, str], tmp_path: Path):
    archive = next(web[0].rglob("*.gz"))
    whole = archive.read_bytes()
    for content in (whole[: len(whole) // 2], b"no archive"):
        archive.write_bytes(content)
        with pytest.raises(DataError, match=r"c0ffee\.tar\.gz: the archive is broken or was cut off"):
            list(fetch(tmp_path / "data", annotations=home))
    archive.unlink()
    with pytest.raises(DataError, match=r"the server says 404 .*; is the commit still there\?"):
        list(fetch(tmp_path / "data", annotations=home))
    table = (home / "sources.toml").read_text(encoding="utf-8")
    (home / "sources.toml").write_text(table.replace(web[1], "http://127.0.0.1:9"), encoding="utf-8")
    with pytest.raises(DataError, match=r"no connection: .*; check the network and run it again"):
        list(fetch(tmp_path / "data", annotations=home))
    (home / "sources.toml").write_text(table.replace(web[1], "file:///etc"), encoding="utf-8")
    with pytest.raises(DataError, match="expected an address that begins with https://"):
        list(fetch(tmp_path / "data", annotations=home))
    assert list((tmp_path / "data").iterdir()) == []


def test_a_full_disk_leaves_nothing_half_written(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(fetch_module, "_put", full)
    with pytest.raises(DataError, match="the disk is full; make room"):
        list(fetch(tmp_path / "data", annotations=home))
    assert list((tmp_path / "data").iterdir()) == []


def git(folder: Path, *arguments: str, at: int = 0) -> None:
    day = f"{at} +0000"
    who = {
        f"GIT_{w}_{k}": v for w in ("AUTHOR", "COMMITTER") for k, v in (("NAME", "n"), ("EMAIL", "e"), ("DATE", day))
    }
    quiet = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True, env={**os.environ, **who, **quiet})


@pytest.mark.slow
def test_headlines_come_from_the_history_of_a_file(
    home: Path, web: tuple[Path, str], tmp_path: Path, write_rows: Write
):
    work = tmp_path / "work"
    work.mkdir()
    git(work, "init", "-q")
    versions = [
        "Ferry late\nRain in Holm \n",
        "Envoys meet\nFerry late",
        None,
        "Envoys meet\n\nRain in Holm\nFlour arrives",
    ]
    for day, text in enumerate(versions):
        if text is None:
            (work / "data.data").unlink()
        else:
            (work / "data.data").write_text(text, encoding="utf-8")
        git(work, "add", "-A")
        git(work, "commit", "-qm", "x", at=1935741600 + day * 86_400)
    bare = web[0] / "own" / "texts.git"
    git(tmp_path, "clone", "-q", "--bare", str(work), str(bare))
    git(bare, "update-server-info")
    row = {"source": "cnn", "document": "2031-05-08", "ref": "3", "sha256": text_sha256("Flour arrives"), "labels": []}
    write_rows(home / "cnn.jsonl", row)
    table = home / "sources.toml"
    files = '[[cnn.files]]\nname = "topics/pool/cnn_headlines.jsonl"\npath = "data.data"\n'
    own = f'[cnn]\nrepo = "{web[1]}/own/texts"\ncommit = "HEAD"\n{files}'
    table.write_text(table.read_text(encoding="utf-8") + own, encoding="utf-8")
    to = tmp_path / "data"
    assert list(fetch(to, ["cnn"], annotations=home)) == ["fetched: topics/pool/cnn_headlines.jsonl"]
    lines = (to / "topics" / "pool" / "cnn_headlines.jsonl").read_text(encoding="utf-8").splitlines()
    assert [(r["ref"], r["text"], r["first_seen"][:10]) for r in map(json.loads, lines)] == [
        (0, "Ferry late", "2031-05-05"),
        (1, "Rain in Holm", "2031-05-05"),
        (2, "Envoys meet", "2031-05-06"),
        (3, "Flour arrives", "2031-05-08"),
    ]
    table.write_text(table.read_text(encoding="utf-8").replace("own/texts", "own/none"), encoding="utf-8")
    with pytest.raises(DataError, match="git clone failed: .*; check the network"):
        list(fetch(tmp_path / "other", ["cnn"], annotations=home))


def test_a_headline_is_numbered_once_and_dated_in_utc():
    lines = list(headline_lines([(0, "A\n b \n"), (60, "\nb\nC")]))
    assert [json.loads(line)["text"] for line in lines] == ["A", "b", "C"]
    assert json.loads(lines[2]) == {"ref": 2, "first_seen": "1970-01-01T00:01:00+00:00", "text": "C"}


def test_an_article_is_its_paragraphs_but_for_the_shortest():
    [line] = article_lines("data/articles/g1.txt", ARTICLE.encode(), {})
    assert json.loads(line) == {
        "ref": "g1.txt",
        "paragraphs": [
            "The ferry to Skerra turned back at noon with forty aboard.",
            "Flour came by rail to Holm after six days.",
        ],
    }
    assert not list(article_lines("data/articles/g2.txt", b"Too short.", {}))
    assert not list(article_lines("data/articles/g2.json", ARTICLE.encode(), {}))


def test_a_sentence_of_the_day_is_found_with_or_without_its_credits():
    texts = ("Norra leaves the pact.", "Norra leaves the pact. (Norra Post)", "Vell votes (again). (Vell Mail)")
    wanted = {"2031-05-04": {text_sha256(text): (f"u{i}",) for i, text in enumerate(texts)}}
    found = [json.loads(line) for line in event_lines("2031/05/2031-05-04.yaml", DAY.encode(), wanted)]
    assert {row["ref"]: row["text"] for row in found} == {f"u{i}": text for i, text in enumerate(texts)}
    assert {row["date"] for row in found} == {"2031-05-04"}


def test_the_table_of_sources_covers_every_reader():
    sources = load_sources(ANNOTATIONS / "sources.toml")
    assert sources.keys() == READERS.keys()
    for name, source in sources.items():
        assert source.repo.startswith("https://github.com/")
        assert len(source.commit) == 40 or (name, source.commit) == ("cnn", "HEAD")
        assert all(len(made.sha256) in (0, 64) for made in source.files)


def test_a_wrong_table_is_refused(tmp_path: Path):
    (tmp_path / "sources.toml").write_text('[wiki]\nrepo = "r"\ncommit = "c"\nfiles = [3]\n', encoding="utf-8")
    with pytest.raises(RecipeError, match=r"sources\.toml: wiki\.files\[0\]: expected a table, got int"):
        load_sources(tmp_path / "sources.toml")


def test_the_command(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    monkeypatch.setattr(fetch_module.fetch, "__kwdefaults__", {"annotations": home, "dry_run": False})
    to = str(tmp_path / "my data")
    assert main(["fetch", "--to", to, "--source", "wiki", "--dry-run"]) == 0
    assert capsys.readouterr().out.startswith("to fetch: topics/pool/current_events.jsonl from http://127.0.0.1:")
    assert main(["fetch", "--to", to, "--source", "wiki"]) == 0
    out = capsys.readouterr().out.splitlines()
    assert out == [
        "fetched: topics/pool/current_events.jsonl",
        f"next: python -m training all RECIPE.toml --data-dir '{to}'",
    ]
    assert main(["fetch", "--to", to, "--source", "radio"]) == 1
    assert "unknown source 'radio'" in capsys.readouterr().err
