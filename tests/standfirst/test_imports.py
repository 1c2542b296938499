import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HEAVY = ("torch", "transformers", "sklearn", "datasets", "bentoml", "ray", "onnx", "training", "serving")


def modules_after(code: str) -> set[str]:
    """The top-level modules that are loaded in a new interpreter once ``code`` has run."""
    code += "\nimport sys; print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120, check=True
    )
    return set(done.stdout.split())


@pytest.mark.slow
@pytest.mark.parametrize(
    "code",
    [
        "import standfirst",
        "import standfirst.reader",
        "import standfirst.cli",
        "import standfirst; standfirst.load({topics!r}, {summary!r}).label(['rain'])",
    ],
)
def test_nothing_heavy_is_imported(tiny_models: dict[str, Path], code: str) -> None:
    loaded = modules_after(code.format(**{k: str(v) for k, v in tiny_models.items()}))
    assert "standfirst" in loaded
    assert loaded.isdisjoint(HEAVY)


@pytest.mark.slow
def test_the_models_runtime_waits_until_it_is_asked_for() -> None:
    assert modules_after("import standfirst, standfirst.cli").isdisjoint({"onnxruntime", "tokenizers", "sentencex"})
    assert "onnxruntime" in modules_after("import standfirst; standfirst.Reader")


def test_an_unknown_name_is_no_attribute() -> None:
    import standfirst

    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = standfirst.nothing
