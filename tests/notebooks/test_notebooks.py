"""The notebooks run from top to bottom, and hold no outputs."""

import json
from pathlib import Path

import pytest

NOTEBOOKS = sorted((Path(__file__).resolve().parents[2] / "notebooks").glob("*.ipynb"))


@pytest.mark.slow
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_notebook_runs(path, monkeypatch, capsys):
    monkeypatch.chdir(path.parent)
    cells = [c for c in json.loads(path.read_text("utf-8"))["cells"] if c["cell_type"] == "code"]
    assert cells
    space: dict[str, object] = {"__name__": "__main__"}
    for cell in cells:
        assert not cell["outputs"], "clear the outputs before committing"
        exec(compile("".join(cell["source"]), path.name, "exec"), space)
    assert capsys.readouterr().out
