import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from transformers import AutoTokenizer

from training import fit, pipeline
from training.__main__ import main
from training.commands.places import HOME, data_dir
from training.folders import alone_in

Toy = Callable[..., Path]


@pytest.fixture(autouse=True)
def no_data_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("STANDFIRST_DATA", str(tmp_path))


def said(capsys: pytest.CaptureFixture[str], *argv: str | Path) -> tuple[int, str, str]:
    code = main([str(a) for a in argv])
    out, err = capsys.readouterr()
    return code, out, err


@pytest.mark.slow
def test_all_steps_and_a_second_model_only_with_replace(toy: Toy, capsys: pytest.CaptureFixture[str]):
    recipe = toy()
    run = recipe.parent / "run"
    code, out, _ = said(capsys, "all", recipe, "--output", run)
    assert code == 0
    figures = json.loads((run / "metrics.json").read_text(encoding="utf-8"))
    first = out.splitlines()[0]
    assert first.startswith("dev ")
    assert f"macro-F1 {figures['dev']['macro_f1']:.4f}" in first
    assert len(out.splitlines()) == len(figures) == 3
    manifest = run / "model" / "manifest.json"
    before, stamp = manifest.read_bytes(), manifest.stat().st_mtime_ns

    code, out, err = said(capsys, "export", recipe, "--output", run)
    assert (code, out) == (1, "")
    assert f"error: {run / 'model'}: the folder exists; name another or pass --replace" in err
    assert manifest.stat().st_mtime_ns == stamp
    code, _, _ = said(capsys, "export", recipe, "--output", run, "--replace")
    assert code == 0
    assert manifest.stat().st_mtime_ns != stamp
    assert json.loads(manifest.read_bytes())["version"] == json.loads(before)["version"]
    assert not [p.name for p in run.iterdir() if p.name.startswith(".")]


def test_an_export_that_would_be_refused_is_refused_before_the_work(toy: Toy, capsys: pytest.CaptureFixture[str]):
    recipe = toy()
    (recipe.parent / "model").mkdir()
    code, _, err = said(capsys, "all", recipe, "--output", recipe.parent / "run", "--model", recipe.parent / "model")
    assert code == 1
    assert "the folder exists" in err
    assert not (recipe.parent / "run").exists()


@pytest.mark.slow
@pytest.mark.parametrize("quiet", [False, True])
def test_quiet_silences_all_but_warnings(toy: Toy, caplog: pytest.LogCaptureFixture, quiet: bool):
    recipe = toy(epochs=1)
    assert main(["fit", str(recipe), "--output", str(recipe.parent / "run"), *(["--quiet"] if quiet else [])]) == 0
    said = [r.levelname for r in caplog.records if r.name.startswith("training.")]
    assert said == (["WARNING"] if quiet else ["WARNING", "INFO"])  # rare labels; and the epoch


def test_prepare_prints_the_counts(toy: Toy, capsys: pytest.CaptureFixture[str]):
    recipe = toy()
    code, out, _ = said(capsys, "prepare", recipe, "--output", recipe.parent / "run")
    assert code == 0
    assert json.loads(out)["dev"]["n"] == 40
    assert not (recipe.parent / "run" / "checkpoints").exists()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("batch_size", "batchsize", "recipe.toml.fit: unknown key 'batchsize'; did you mean 'batch_size'?"),
        ("batch_size = 8", "batch_size = 0", "fit.batch_size = 0; expected 1 to 4096"),
        ("train.jsonl", "trane.jsonl", "trane.jsonl: no file matches; expected a path or pattern relative to"),
        ('"topics.toml"', '"topix.toml"', "topix.toml: there is no such label set"),
        ("[data]", "[data", "recipe.toml: the recipe is no TOML"),
    ],
)
def test_a_wrong_recipe_is_one_clean_line(
    toy: Toy, capsys: pytest.CaptureFixture[str], old: str, new: str, message: str
):
    recipe = toy()
    recipe.write_text(recipe.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    code, out, err = said(capsys, "fit", recipe, "--output", recipe.parent / "run")
    assert (code, out) == (1, "")
    assert message in err
    assert err.count("\n") == 1
    assert not (recipe.parent / "run").exists()


def test_a_missing_recipe(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    code, _, err = said(capsys, "prepare", tmp_path / "none.toml")
    assert (code, err) == (1, f"error: {tmp_path / 'none.toml'}: there is no such recipe\n")
    code, _, err = said(capsys, "encoder", tmp_path / "none.toml", "--model", tmp_path / "m")
    assert code == 1


@pytest.mark.parametrize("encoder", ["/no/such/folder", "norra/no-such-encoder"])
def test_an_encoder_that_is_not_there_is_one_clean_error(
    toy: Toy,
    tiny_encoder: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    encoder: str,
):
    def offline(name: str, **_: object) -> None:
        raise OSError("We could not connect to the hub.\nSee the manual.")

    monkeypatch.setattr(AutoTokenizer, "from_pretrained", offline)
    recipe = toy()
    text = recipe.read_text(encoding="utf-8").replace(tiny_encoder.as_posix(), encoder)
    recipe.write_text(text, encoding="utf-8")
    code, _, err = said(capsys, "prepare", recipe, "--output", recipe.parent / "run")
    assert code == 1
    assert err.startswith("error: there is no ")
    assert encoder in err
    assert err.count("\n") == 1
    assert not (recipe.parent / "run").exists()


def test_an_os_error_that_is_a_sentence_alone_is_said(
    toy: Toy, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    def failing(*_: object) -> None:
        raise OSError("the weights cannot be fetched")

    monkeypatch.setattr(pipeline, "prepare", failing)
    assert said(capsys, "fit", toy()) == (1, "", "error: the weights cannot be fetched\n")


def test_a_file_that_may_not_be_read_is_named(toy: Toy, capsys: pytest.CaptureFixture[str]):
    recipe = toy()
    (recipe.parent / "train.jsonl").unlink()
    (recipe.parent / "train.jsonl").mkdir()
    code, _, err = said(capsys, "prepare", recipe, "--output", recipe.parent / "run")
    assert code == 1
    assert err.startswith("error: Is a directory: ")


@pytest.mark.slow
def test_a_disk_without_room_is_one_clean_line_and_the_next_run_goes_on(
    toy: Toy,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    file_limit: Callable[[int], None],
):
    recipe = toy(epochs=2)
    whole, run = recipe.parent / "whole", recipe.parent / "run"
    assert said(capsys, "fit", recipe, "--output", whole)[0] == 0
    original, epochs = fit._one_epoch, []

    def filling(*args: Any, **more: Any) -> float:
        epochs.append(1)
        if len(epochs) == 2:
            file_limit(50_000)  # a checkpoint is larger
        return original(*args, **more)

    with monkeypatch.context() as patch:
        patch.setattr(fit, "_one_epoch", filling)
        code, _, err = said(capsys, "fit", recipe, "--output", run)
    assert code == 1
    assert "Traceback" not in err
    place = run / "checkpoints" / "epoch-002.safetensors"
    last = err.splitlines()[-1]
    assert last.startswith(f"error: {place}: could not be written (File too large); free some space and run the same")
    names = ["epoch-001.json", "epoch-001.safetensors", "optimizer-001.safetensors"]
    assert sorted(p.name for p in place.parent.iterdir()) == names

    file_limit(10**9)
    assert said(capsys, "fit", recipe, "--output", run)[0] == 0
    assert len(epochs) == 2  # the first two alone: `filling` was taken out again
    assert place.read_bytes() == (whole / "checkpoints" / place.name).read_bytes()


def test_a_run_that_could_not_even_be_claimed_can_be_run_again(toy: Toy, capsys: pytest.CaptureFixture[str]):
    recipe = toy()
    run = recipe.parent / "run"
    run.mkdir()
    (run / "recipe.json.part").write_text("{", encoding="utf-8")  # a process was killed while it wrote
    assert said(capsys, "prepare", recipe, "--output", run)[0] == 0
    assert json.loads((run / "recipe.json").read_text(encoding="utf-8"))["recipe"]["name"] == "toy"
    assert not (run / "recipe.json.part").exists()


def test_a_run_that_another_process_works_on_is_left_to_it(toy: Toy, capsys: pytest.CaptureFixture[str]):
    recipe = toy()
    run = recipe.parent / "run"
    assert said(capsys, "prepare", recipe, "--output", run)[0] == 0
    with alone_in(run):
        code, _, err = said(capsys, "all", recipe, "--output", run)
    assert code == 1
    assert f"error: {run}: another process works in this folder; wait for it, or name another folder" in err
    assert not (run / "checkpoints").exists()


def test_a_run_folder_that_is_somebody_elses_is_refused(toy: Toy, capsys: pytest.CaptureFixture[str]):
    recipe = toy()
    run = recipe.parent / "run"
    run.mkdir()
    (run / "mine.txt").write_text("keep", encoding="utf-8")
    code, out, err = said(capsys, "all", recipe, "--output", run)
    assert (code, out) == (1, "")
    assert err == f"error: {run}: the folder exists and is no run; name another with --output\n"
    assert [p.name for p in run.iterdir()] == ["mine.txt"]


@pytest.mark.parametrize("argv", [[], ["fitt", "r.toml"], ["fit"], ["fit", "r.toml", "--replace"]])
def test_usage_errors_leave_with_2(argv: list[str], capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit) as leaving:
        main(argv)
    assert leaving.value.code == 2
    assert "usage: python -m training" in capsys.readouterr().err


def test_the_data_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    assert data_dir(None) == tmp_path.resolve()
    assert data_dir(str(tmp_path / "named")) == (tmp_path / "named").resolve()
    monkeypatch.delenv("STANDFIRST_DATA")
    beside = HOME.parent.parent / "shared" / "data"
    assert data_dir(None) == (beside if beside.is_dir() else None)


@pytest.mark.slow
def test_help_does_not_wait_for_torch():
    code = "import sys; from training.__main__ import main\ntry: main(['--help'])\nexcept SystemExit: pass\n"
    check = code + "sys.exit('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", check], cwd=HOME.parent, capture_output=True, check=False)
    assert done.returncode == 0
