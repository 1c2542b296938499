import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from standfirst.errors import ModelCorrupt, ModelNotFound
from standfirst.manifest import FORMAT, NAME, read_manifest, write_manifest

FACTS = {"seed": 7, "data": {"train": "abc"}}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "model.onnx").write_bytes(bytes(range(200)))
    (tmp_path / "tokenizer.json").write_text("{}", encoding="utf-8")
    (tmp_path / "README.md").write_text("A card.", encoding="utf-8")
    write_manifest(tmp_path, kind="topics", facts=FACTS)
    return tmp_path


def edit(folder: Path, **changes: Any) -> None:
    table = json.loads((folder / NAME).read_text(encoding="utf-8"))
    (folder / NAME).write_text(json.dumps(table | changes), encoding="utf-8")


def test_what_was_written_is_read(folder: Path) -> None:
    manifest = read_manifest(folder, kind="topics")
    assert (manifest.kind, manifest.facts) == ("topics", FACTS)
    assert manifest.files == {
        p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in folder.iterdir() if p.name != NAME
    }


def test_writing_again_changes_nothing(folder: Path) -> None:
    before = (folder / NAME).read_bytes()
    write_manifest(folder, kind="topics", facts=FACTS)
    assert (folder / NAME).read_bytes() == before


@pytest.mark.parametrize(("name", "same"), [("README.md", True), ("model.onnx", False), ("tokenizer.json", False)])
def test_the_version_names_what_decides_answers(folder: Path, name: str, same: bool) -> None:
    before = read_manifest(folder, kind="topics").version
    (folder / name).write_bytes(b"other")
    write_manifest(folder, kind="topics", facts=FACTS)
    after = read_manifest(folder, kind="topics").version
    assert (before == after) is same
    assert after.startswith("topics-")


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json", "README.md"])
@pytest.mark.parametrize("place", [0, -1])
def test_a_flipped_bit_is_found(folder: Path, name: str, place: int) -> None:
    data = bytearray((folder / name).read_bytes())
    data[place] ^= 1
    (folder / name).write_bytes(data)
    with pytest.raises(ModelCorrupt, match=f"{name} has sha256") as caught:
        read_manifest(folder, kind="topics")
    assert caught.value.where == str(folder)


@pytest.mark.parametrize("change", [b"", b"longer than it was " * 20])
def test_another_length_is_found(folder: Path, change: bytes) -> None:
    (folder / "model.onnx").write_bytes(change)
    with pytest.raises(ModelCorrupt, match="sha256"):
        read_manifest(folder, kind="topics")


def test_a_missing_file_is_found(folder: Path) -> None:
    (folder / "tokenizer.json").unlink()
    with pytest.raises(ModelCorrupt, match=r"tokenizer\.json is missing"):
        read_manifest(folder, kind="topics")


def test_another_kind_is_refused(folder: Path) -> None:
    with pytest.raises(ModelCorrupt, match="'topics' came where one for 'summary'"):
        read_manifest(folder, kind="summary")


def test_a_newer_format_is_refused(folder: Path) -> None:
    edit(folder, format=FORMAT + 1)
    with pytest.raises(ModelCorrupt, match=f"format {FORMAT + 1}; this version reads format {FORMAT}"):
        read_manifest(folder, kind="topics")


@pytest.mark.parametrize("files", [[], None, "model.onnx"])
def test_files_that_are_no_table_are_refused(folder: Path, files: Any) -> None:
    edit(folder, files=files)
    with pytest.raises(ModelCorrupt, match="cannot be read"):
        read_manifest(folder, kind="topics")


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"3", b"{}", b"\xff\xfe", b'{"kind": "topics"}'])
def test_a_broken_manifest_is_refused(folder: Path, data: bytes) -> None:
    (folder / NAME).write_bytes(data)
    with pytest.raises(ModelCorrupt, match="cannot be read"):
        read_manifest(folder, kind="topics")


def test_what_is_not_there_is_not_found(folder: Path) -> None:
    with pytest.raises(ModelNotFound, match="no such model folder"):
        read_manifest(folder / "none", kind="topics")
    (folder / NAME).unlink()
    with pytest.raises(ModelNotFound, match="expected an exported model"):
        read_manifest(folder, kind="topics")
