"""What goes into a Bento."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]


def test_its_requirements_are_the_projects_own() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    packages = yaml.safe_load((ROOT / "bentofile.yaml").read_text(encoding="utf-8"))["python"]["packages"]
    assert sorted(packages) == sorted(project["dependencies"] + project["optional-dependencies"]["serve"])


@pytest.mark.slow
def test_it_holds_the_service_and_nothing_that_trains_or_tests(tmp_path: Path) -> None:
    environment = {**os.environ, "BENTOML_HOME": str(tmp_path)}
    command = [sys.executable, "-m", "bentoml", "build", "--output", "tag"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (source,) = tmp_path.glob("bentos/standfirst/*/src")
    assert {path.name for path in source.iterdir()} <= {"bentofile.yaml", "serving", "standfirst"}
    files = {str(path.relative_to(source)) for path in source.rglob("*") if path.is_file()}
    assert {"serving/service.py", "serving/samples/harbour.txt", "standfirst/reader.py"} <= files
    models = {str(path.relative_to(ROOT)) for path in (ROOT / "standfirst/models").glob("[!.]*/*")}
    assert models <= files
    assert not [name for name in files if "torch" in name or name.endswith(".pyc") or "/." in name]
