import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from standfirst.errors import DataError, no_room
from training.folders import new_file, new_folder, refuse_existing

ROOT = Path(__file__).resolve().parents[2]
HALF = """\
import os, signal, sys, time
from pathlib import Path
from training.folders import new_folder
place, rename = Path(sys.argv[1]), Path.rename
def killing(self, target):
    if target == place:
        os.kill(os.getpid(), signal.SIGKILL)
    return rename(self, target)
"""
IN_THE_MIDDLE = """\
with new_folder(place, replace=True) as folder:
    (folder / "a").write_text("half")
    os.kill(os.getpid(), signal.SIGKILL)
"""
BETWEEN_THE_MOVES = """\
Path.rename = killing
with new_folder(place, replace=True) as folder:
    (folder / "a").write_text("new")
"""
AS_A_COMMAND = """\
import argparse
from training import __main__ as program
def work(args):
    with new_folder(place, replace=True) as folder:
        (folder / "a").write_text("half")
        print("at work", flush=True)
        time.sleep(60)
parser = argparse.ArgumentParser()
parser.set_defaults(run=work)
program._parser = lambda: parser
sys.exit(program.main([]))
"""
full_device = pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")


def names(folder: Path) -> list[str]:
    return sorted(p.name for p in folder.iterdir())


def run(code: str, place: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", HALF + code, str(place)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def killed(code: str, place: Path) -> None:
    with run(code, place) as process:
        assert process.wait(timeout=60) == -signal.SIGKILL


@pytest.fixture
def place(tmp_path: Path) -> Path:
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "a").write_text("old", encoding="utf-8")
    (folder / "manifest.json").write_text("{}", encoding="utf-8")
    return folder


@pytest.mark.slow
def test_a_process_killed_in_the_middle_leaves_the_old_folder_and_its_litter_goes_next_time(place: Path):
    killed(IN_THE_MIDDLE, place)
    assert (place / "a").read_text(encoding="utf-8") == "old"
    assert len(names(place.parent)) == 2
    with new_folder(place, replace=True) as folder:
        (folder / "a").write_text("new", encoding="utf-8")
    assert (place / "a").read_text(encoding="utf-8") == "new"
    assert names(place.parent) == ["model"]


@pytest.mark.slow
def test_a_process_killed_between_the_two_moves_gets_the_old_folder_back(place: Path):
    killed(BETWEEN_THE_MOVES, place)
    assert not place.exists()
    with pytest.raises(DataError, match="the folder exists"):
        refuse_existing(place, replace=False)
    assert (place / "a").read_text(encoding="utf-8") == "old"
    assert names(place.parent) == ["model"]


@pytest.mark.slow
def test_a_command_that_is_terminated_removes_what_it_began(place: Path):
    with run(AS_A_COMMAND, place) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "at work\n"
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 128 + signal.SIGTERM
    assert (place / "a").read_text(encoding="utf-8") == "old"
    assert names(place.parent) == ["model"]


def test_the_work_of_a_living_process_is_left_alone(place: Path):
    with new_folder(place, replace=True) as folder:
        (folder / "a").write_text("new", encoding="utf-8")
        refuse_existing(place, replace=True)
        assert folder.is_dir()
    assert (place / "a").read_text(encoding="utf-8") == "new"


@pytest.mark.parametrize("kept", ["recipe.toml", "run/recipe.json"])
def test_only_a_model_folder_is_replaced(tmp_path: Path, kept: str):
    """``--model`` may name the folder of somebody's recipe, and an error may have told them to pass ``--replace``."""
    file = tmp_path / "mine" / kept
    file.parent.mkdir(parents=True)
    file.write_text("hours of work", encoding="utf-8")
    for place in (tmp_path / "mine", file):
        for replace in (True, False):
            with (
                pytest.raises(DataError, match="is no model folder, and would be lost"),
                new_folder(place, replace=replace),
            ):
                raise AssertionError
    assert file.read_text(encoding="utf-8") == "hours of work"
    (tmp_path / "empty").mkdir()
    with new_folder(tmp_path / "empty", replace=True) as folder:
        (folder / "a").write_text("new", encoding="utf-8")
    assert names(tmp_path / "empty") == ["a"]


def test_hidden_folders_of_others_are_left_alone(place: Path):
    other = place.parent / ".model-old"
    other.mkdir()
    refuse_existing(place, replace=True)
    assert names(place.parent) == [".model-old", "model"]


def test_a_file_is_whole_or_as_it_was(tmp_path: Path):
    path = tmp_path / "figures.json"
    with new_file(path) as part:
        part.write_text("one", encoding="utf-8")
    with pytest.raises(TypeError), new_file(path) as part:
        part.write_text(("tw", "o"))  # type: ignore[arg-type]
    with pytest.raises(UnicodeEncodeError), new_file(path) as part:
        part.write_text("tw\ud800", encoding="utf-8")
    assert path.read_text(encoding="utf-8") == "one"
    assert names(tmp_path) == ["figures.json"]


@full_device
def test_a_full_disk_is_said_with_the_name_of_the_file(tmp_path: Path):
    path = tmp_path / "figures.json"
    path.write_text("one", encoding="utf-8")
    path.with_name("figures.json.part").symlink_to("/dev/full")
    with pytest.raises(OSError) as failing, new_file(path) as part:
        part.write_text("two", encoding="utf-8")
    assert no_room(failing.value)
    assert failing.value.filename == str(path)
    assert path.read_text(encoding="utf-8") == "one"
    assert names(tmp_path) == ["figures.json"]


def test_no_room_in_a_folder_names_the_folder(tmp_path: Path):
    place = tmp_path / "model"
    with pytest.raises(OSError) as failing, new_folder(place, replace=False) as folder:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(folder / "a"))
    assert failing.value.filename == str(place)
    assert names(tmp_path) == []


@pytest.mark.parametrize(
    ("number", "expected"), [(errno.ENOSPC, True), (errno.EDQUOT, True), (errno.EFBIG, True), (errno.EACCES, False)]
)
def test_what_counts_as_no_room(number: int, expected: bool):
    assert no_room(OSError(number, os.strerror(number))) is expected
