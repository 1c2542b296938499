"""What goes into a Bento, and that it works alone."""

import os
import shutil
import subprocess
import sys
import tomllib
import venv
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]


def test_its_requirements_are_the_projects_own() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    packages = yaml.safe_load((ROOT / "bentofile.yaml").read_text(encoding="utf-8"))["python"]["packages"]
    assert sorted(packages) == sorted(project["dependencies"] + project["optional-dependencies"]["serve"])


def built(home: Path) -> Path:
    """Build the Bento in a store of its own; give the folder of its sources."""
    environment = {**os.environ, "BENTOML_HOME": str(home)}
    command = [sys.executable, "-m", "bentoml", "build", "--output", "tag"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (source,) = home.glob("bentos/standfirst/*/src")
    return source


@pytest.mark.slow
def test_it_holds_the_service_and_nothing_that_trains_or_tests(tmp_path: Path) -> None:
    source = built(tmp_path)
    assert {path.name for path in source.iterdir()} <= {"bentofile.yaml", "serving", "standfirst"}
    files = {str(path.relative_to(source)) for path in source.rglob("*") if path.is_file()}
    assert {"serving/service.py", "serving/samples/harbour.txt", "standfirst/reader.py"} <= files
    models = {str(path.relative_to(ROOT)) for path in (ROOT / "standfirst/models").glob("[!.]*/*")}
    assert models <= files
    assert not [name for name in files if "torch" in name or name.endswith(".pyc") or "/." in name]


_ALONE = """
import fcntl, importlib.util, socket, struct, sys
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:  # a new network has its loopback down
    fcntl.ioctl(any_socket, 0x8914, struct.pack("16sH14s", b"lo", 0x1 | 0x40, b""))
try:
    socket.create_connection(("192.0.2.1", 80), timeout=2)
except OSError as error:
    print("no network:", error)
else:
    sys.exit("there is a network")
for module in ("torch", "transformers", "sklearn", "datasets", "training", "pytest"):
    if importlib.util.find_spec(module):
        sys.exit(f"{module} is there")
from serving import demo
sys.exit(demo.main(["--once", "--port", "38917"]))
"""


@pytest.mark.soak
@pytest.mark.skipif(shutil.which("unshare") is None, reason="there is no unshare to take the network away")
def test_it_answers_in_a_fresh_environment_without_a_network(tmp_path: Path) -> None:
    """Its own requirements are all it needs: no cache, no project folder, no network, no torch."""
    source = tmp_path / "elsewhere"
    shutil.copytree(built(tmp_path / "store"), source)
    venv.create(tmp_path / "env", with_pip=True)
    python = tmp_path / "env" / "bin" / "python"
    requirements = source.parent / "requirements.txt"
    packages = yaml.safe_load((ROOT / "bentofile.yaml").read_text(encoding="utf-8"))["python"]["packages"]
    requirements.write_text("\n".join(packages), encoding="utf-8")
    constraints = ["--constraint", str(ROOT / "constraints.txt")]
    install = [str(python), "-m", "pip", "install", "--quiet", *constraints, "-r", str(requirements)]
    subprocess.run(install, check=True, timeout=600)
    environment = {"PATH": f"{python.parent}:/usr/bin:/bin", "HOME": str(tmp_path), "BENTOML_DO_NOT_TRACK": "1"}
    alone = ["unshare", "--map-root-user", "--net", str(python), "-c", _ALONE]
    done = subprocess.run(alone, cwd=source, env=environment, capture_output=True, text=True, timeout=180, check=False)
    if "unshare failed" in done.stderr:
        pytest.skip("this machine lets nobody take the network away")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "no network" in done.stdout
    assert "Standfirst answers on" in done.stdout
