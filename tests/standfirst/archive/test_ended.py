"""Jobs that are ended from outside: killed at any moment, told to stop, out of disk, two at once."""

import json
import random
import resource
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from tests.standfirst.archive.conftest import ROOT, invented, read_parts, write_jsonl

pytestmark = pytest.mark.slow
ROWS = 1500


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return write_jsonl(tmp_path / "in.jsonl", invented(ROWS))


def shards_done(output: Path) -> int:
    manifest = output / "manifest.jsonl"
    return manifest.read_bytes().count(b"\n") if manifest.exists() else 0


def wait_for_shards(output: Path, count: int) -> None:
    limit = time.monotonic() + 120
    while shards_done(output) < count:
        assert time.monotonic() < limit, "the job does not move"
        time.sleep(0.01)


def assert_whole(output: Path) -> None:
    """Every row once, in order, and the report adds up."""
    rows = read_parts(output)
    assert [row["id"] for row in rows] == [f"r{n}" for n in range(ROWS)]
    counts = json.loads((output / "report.json").read_text())["counts"]
    assert counts == {
        "read": ROWS,
        "scored": ROWS - ROWS // 10,
        "repeated": ROWS // 10,
        "quarantined": 0,
        "handed_on": 0,
    }
    assert not list(output.rglob(".*.tmp"))


def killed_until_done(command, archive: Path, output: Path, kills: int, seed: int) -> int:
    """Kill a job ``kills`` times at random moments, before and after its first shards; then let it end."""
    draw = random.Random(seed)
    done = 0
    for _ in range(kills):
        process = command(archive, "--output", output, "--resume", "--shard-rows", "25")
        done = shards_done(output)
        if draw.random() < 0.7:
            wait_for_shards(output, min(done + draw.randint(1, 2), ROWS // 25))
        time.sleep(draw.random() * 0.1)
        children = psutil.Process(process.pid).children() if process.poll() is None else []
        process.send_signal(signal.SIGKILL)
        process.wait()
        _, alive = psutil.wait_procs(children, timeout=20)
        assert not alive, "a worker outlives its job"
    process = command(archive, "--output", output, "--resume", "--shard-rows", "25")
    out, err = process.communicate(timeout=240)
    assert process.returncode == 0, err
    assert f"{ROWS:,} rows read" in out
    return done


def test_killed_at_random_moments_no_row_is_lost_or_doubled(command, archive: Path, tmp_path: Path) -> None:
    done = killed_until_done(command, archive, tmp_path / "out", kills=3, seed=5)
    assert 0 < done < ROWS // 25
    assert_whole(tmp_path / "out")


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(4))
def test_killed_ten_times_over_and_over(command, archive: Path, tmp_path: Path, seed: int) -> None:
    killed_until_done(command, archive, tmp_path / "out", kills=10, seed=seed)
    killed_until_done(command, archive, tmp_path / "clean", kills=0, seed=0)
    assert_whole(tmp_path / "out")
    assert read_parts(tmp_path / "out") == read_parts(tmp_path / "clean")


def test_sigterm_stops_cleanly_and_the_job_goes_on(command, archive: Path, tmp_path: Path) -> None:
    output = tmp_path / "out"
    process = command(archive, "--output", output, "--shard-rows", "25")
    wait_for_shards(output, 2)
    process.terminate()
    _, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (
        1,
        "standfirst: stopped by SIGTERM; what is done is safe, go on with --resume\n",
    )
    assert not [p for p in (output / "parts").iterdir() if p.name.startswith(".")]
    assert 2 <= shards_done(output) < ROWS // 25
    killed_until_done(command, archive, output, kills=0, seed=0)
    assert_whole(output)


def test_the_second_job_on_a_folder_is_refused(command, archive: Path, tmp_path: Path) -> None:
    output = tmp_path / "out"
    first = command(archive, "--output", output, "--shard-rows", "25")
    wait_for_shards(output, 1)
    first.send_signal(signal.SIGSTOP)  # it must not be done before the second one looks
    second = command(archive, "--output", output, "--shard-rows", "25", "--resume")
    _, err = second.communicate(timeout=120)
    first.send_signal(signal.SIGCONT)
    assert second.returncode == 1
    assert f"another job works on this folder (process {first.pid} on " in err
    assert first.wait(timeout=240) == 0
    assert_whole(output)


def test_a_full_disk_ends_the_job_and_room_lets_it_go_on(command, archive: Path, tmp_path: Path) -> None:
    """A limit on the size of files stands for a disk: writing fails in the middle of a file."""
    output = tmp_path / "out"

    def no_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (90_000, 90_000))

    process = command(archive, "--output", output, "--format", "jsonl", "--shard-rows", "400", preexec_fn=no_room)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 1
    assert err.startswith("standfirst: ")
    assert "go on with --resume" in err
    assert not list((output / "parts").glob("part-*"))
    again = command(archive, "--output", output, "--format", "jsonl", "--shard-rows", "400", "--resume")
    _, err = again.communicate(timeout=240)
    assert again.returncode == 0, err
    assert_whole(output)


ON_A_SMALL_DISK = """
mount -t tmpfs -o size=300k none "$1" || exit 77
{score} > "$2/first" 2>&1; echo $? > "$2/code"
df --output=avail "$1" | tail -1 > "$2/free"
mount -o remount,size=64m "$1"
{score} --resume > "$2/second" 2>&1 || exit 1
cp -r "$1" "$2/copy"
"""


def test_a_disk_that_is_really_full(archive: Path, tmp_path: Path, tiny_models: dict[str, Path]) -> None:
    """A file system of 300 kB, in a name space of its own; then it is given room."""
    disk, told = tmp_path / "disk", tmp_path / "told"
    disk.mkdir()
    told.mkdir()
    score = [sys.executable, "-m", "standfirst", "score", archive, "--output", disk, "--topics", tiny_models["topics"]]
    score += ["--processes", "1", "--format", "jsonl", "--shard-rows", "100"]
    script = ON_A_SMALL_DISK.format(score=shlex.join(map(str, score)))
    alone = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script, "sh", str(disk), str(told)]
    try:
        done = subprocess.run(alone, check=False, cwd=ROOT, capture_output=True, text=True, timeout=240)
    except FileNotFoundError:
        pytest.skip("no `unshare` here, with which a small disk could be made")
    if not (told / "code").exists():
        pytest.skip(f"no disk of one's own may be mounted here: {done.stderr.strip()}")
    assert (told / "code").read_text().strip() == "1"
    message = (told / "first").read_text()
    assert message.startswith("standfirst: ")
    assert "go on with --resume" in message
    assert "Traceback" not in message
    assert int((told / "free").read_text()) < 100, "kB: the disk was not full"
    assert done.returncode == 0, (told / "second").read_text()
    assert_whole(told / "copy")
