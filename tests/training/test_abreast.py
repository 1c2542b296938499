import functools
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from training.abreast import room, run_abreast


def note(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def meet(mine: Path, other: Path) -> None:
    """Come back only if somebody else is at work at the same time."""
    mine.touch()
    deadline = time.monotonic() + 60
    while not other.exists():
        assert time.monotonic() < deadline, "alone"
        time.sleep(0.01)


def fail(after: Path) -> None:
    while not after.exists():
        time.sleep(0.01)
    raise OSError(28, "No space left on device")


def linger(sign: Path) -> None:
    note(sign, str(os.getpid()))
    time.sleep(600)


def gone(pid: int, within: float = 20) -> bool:
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        if Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] == "Z":
            return True
        time.sleep(0.05)
    return False


def test_there_is_room_for_one_at_least():
    assert room(10**6) == 1
    assert room(1) >= room(2)


@pytest.mark.slow
def test_work_is_done_at_once_in_other_processes(tmp_path: Path):
    a, b = tmp_path / "a", tmp_path / "b"
    run_abreast([functools.partial(meet, a, b), functools.partial(meet, b, a)], 2)
    assert a.exists()


@pytest.mark.slow
def test_an_error_stops_the_others_and_is_raised(tmp_path: Path):
    sign = tmp_path / "pid"
    with pytest.raises(OSError, match="No space left"):
        run_abreast([functools.partial(linger, sign), functools.partial(fail, sign)], 2)
    assert gone(int(sign.read_text(encoding="utf-8")))


@pytest.mark.slow
def test_nobody_goes_on_when_the_parent_is_killed(tmp_path: Path):
    code = (
        "import functools, pathlib, sys\n"
        "from tests.training.test_abreast import linger\n"
        "from training.abreast import run_abreast\n"
        "run_abreast([functools.partial(linger, pathlib.Path(p)) for p in sys.argv[1:]], 2)"
    )
    signs = [tmp_path / "a", tmp_path / "b"]
    command = [sys.executable, "-c", code, *map(str, signs)]
    with subprocess.Popen(command, cwd=Path(__file__).resolve().parents[2]) as process:
        deadline = time.monotonic() + 60
        while not all(s.exists() and s.read_text(encoding="utf-8") for s in signs) and time.monotonic() < deadline:
            time.sleep(0.05)
        process.send_signal(signal.SIGKILL)
    assert all(gone(int(s.read_text(encoding="utf-8"))) for s in signs)
