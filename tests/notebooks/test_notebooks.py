"""The notebooks run from top to bottom, and hold no outputs."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

NOTEBOOKS = sorted((Path(__file__).resolve().parents[2] / "notebooks").glob("*.ipynb"))


@pytest.fixture
def clean(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No window for a plot, no data folder of this machine, and torch and matplotlib left as they were."""
    for name in [n for n in os.environ if n.startswith("STANDFIRST_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("MPLBACKEND", "Agg")
    import matplotlib.pyplot as plt
    import torch

    threads, strict = torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()
    yield
    plt.close("all")
    torch.set_num_threads(threads)
    torch.use_deterministic_algorithms(strict)


@pytest.mark.slow
@pytest.mark.usefixtures("clean")
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
