import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tomli_w

from standfirst.classify import TopicClassifier
from standfirst.errors import DataError, InputError, ModelNotFound
from standfirst.labels import Label, LabelSet
from standfirst.manifest import file_sha256, read_manifest, write_manifest
from training import bootstrap
from training.__main__ import main
from training.bootstrap import Difference, differences, intervals
from training.compare import Comparison, compare, labels_differ, model_folder
from training.data import Example
from training.evaluate import metrics, sliced
from training.promote import promote
from training.recipe import recorded_folder

NOUNS = "minister army drone missile talks convoy port city leader envoy flour tents council storm ferry market".split()
ABC = LabelSet("abc", "1", tuple(Label(n) for n in "abc"))
LABELS = ("diplomacy", "strikes", "aid", "personnel")


def toy_texts(n: int) -> list[str]:
    rng = np.random.default_rng(5)
    return [" ".join(rng.choice(NOUNS, size=6, replace=False)) for _ in range(n)]


def changed(source: Path, folder: Path, facts: dict[str, Any] | None = None, **thresholds: float) -> Path:
    """A copy of a model folder with other thresholds, and a manifest that vouches for them."""
    shutil.copytree(source, folder)
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    for name, threshold in thresholds.items():
        config["labels"][name]["threshold"] = threshold
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    write_manifest(folder, kind="topics", facts=facts or {"made": folder.name})
    return folder


@pytest.fixture
def model(tiny_models: dict[str, Path], tmp_path: Path) -> Path:
    """A model that gives each label to about half of the toy texts."""
    answers = TopicClassifier.load(tiny_models["topics"], threads=1).classify(toy_texts(60), [None] * 60)
    middle = {name: float(np.median([a.scores[name] for a in answers])) for name in LABELS}
    return changed(tiny_models["topics"], tmp_path / "good", **middle)


@pytest.fixture
def data(model: Path, tmp_path: Path, write_rows: Callable[..., Path]) -> Path:
    """Rows whose labels are that model's own answers, three to a document."""
    answers = TopicClassifier.load(model, threads=1).classify(toy_texts(60), [None] * 60)
    rows = [
        {"text": text, "labels": list(answer.names), "document": f"blog {i // 3}"}
        for i, (text, answer) in enumerate(zip(toy_texts(60), answers, strict=True))
    ]
    return write_rows(tmp_path / "rows.jsonl", *rows)


def bad(model: Path) -> Path:
    """The same model, but it never gives ``aid``."""
    return changed(model, model.with_name("bad"), aid=2.0)


def content(folder: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in folder.iterdir()}


def drawn_example(n: int, seed: int, rows_per_document: int) -> tuple[list[Example], np.ndarray, np.ndarray]:
    """Random gold and two predictions, of which the second is right more often."""
    rng = np.random.default_rng(seed)
    gold = rng.random((n, 3)) < 0.4
    a, b = (gold ^ (rng.random((n, 3)) < wrong) for wrong in (0.3, 0.15))
    examples = [
        Example(
            text="x" * int(rng.integers(20, 300)),
            labels=frozenset(name for name, given in zip("abc", row, strict=True) if given),
            context="c" if rng.random() < 0.5 else "",
            source=str(rng.choice(["one", "two"])),
            group=f"d{i // rows_per_document}",
        )
        for i, row in enumerate(gold)
    ]
    return examples, a, b


def slow_f1(gold: Sequence[bool], pred: Sequence[bool]) -> float:
    both = sum(g and p for g, p in zip(gold, pred, strict=True))
    every = sum(gold) + sum(pred)
    return 2 * both / every if every else 0.0


@pytest.mark.parametrize("rows_per_document", [1, 4])
def test_the_bootstrap_is_the_slow_loop(monkeypatch: pytest.MonkeyPatch, rows_per_document: int):
    examples, a, b = drawn_example(80, 1, rows_per_document)
    monkeypatch.setattr(bootstrap, "_CELLS", 1000)  # several blocks
    found = {(r.part, r.measure): r for r in differences(examples, ABC, a, b, resamples=150, seed=3)}
    documents = sorted({e.group for e in examples})
    rng = np.random.default_rng(3)
    macro, exact, label_c = [], [], []
    for _ in range(150):
        chosen = [documents[i] for i in rng.integers(len(documents), size=len(documents))]
        rows = [i for d in chosen for i, e in enumerate(examples) if e.group == d]
        f1, hits = [], []
        for pred in (a, b):
            gold = [[n in examples[i].labels for i in rows] for n in "abc"]
            f1.append([slow_f1(gold[j], [bool(pred[i, j]) for i in rows]) for j in range(3)])
            right = [frozenset(np.array(list("abc"))[pred[i]].tolist()) == examples[i].labels for i in rows]
            hits.append(sum(right) / len(rows))
        macro.append(sum(f1[1]) / 3 - sum(f1[0]) / 3)
        exact.append(hits[1] - hits[0])
        label_c.append(f1[1][2] - f1[0][2])
    for key, values in ((("all", "macro_f1"), macro), (("all", "exact_match"), exact), (("c", "f1"), label_c)):
        wanted = np.quantile(values, [0.025, 0.975])
        np.testing.assert_allclose([found[key].low, found[key].high], wanted, atol=1e-12)
        assert found[key].n_documents == len(documents)


def test_intervals_of_one_prediction_are_the_slow_loop():
    examples, a, _ = drawn_example(80, 1, 4)
    found = intervals(examples, ABC, a, seed=3, resamples=150)
    documents = sorted({e.group for e in examples})
    rng = np.random.default_rng(3)
    drawn = []
    for _ in range(150):
        chosen = [documents[i] for i in rng.integers(len(documents), size=len(documents))]
        rows = [i for d in chosen for i, e in enumerate(examples) if e.group == d]
        drawn.append([slow_f1([n in examples[i].labels for i in rows], a[rows, j]) for j, n in enumerate("abc")])
    wanted = np.quantile(drawn, [0.025, 0.975], axis=0).T
    np.testing.assert_allclose([found["labels"][n] for n in "abc"], wanted, atol=1e-12)
    np.testing.assert_allclose(found["macro_f1"], np.quantile(np.mean(drawn, axis=1), [0.025, 0.975]), atol=1e-12)
    assert found["level"] == 0.95


def test_the_figures_are_those_of_evaluate():
    examples, a, b = drawn_example(200, 2, 1)
    found = {(r.part, r.measure): r for r in differences(examples, ABC, a, b, resamples=100, seed=1)}
    for side, pred in (("a", a), ("b", b)):
        probs, half = pred.astype(float), np.full(3, 0.5)
        whole = metrics(examples, probs, ABC, half)
        assert getattr(found["all", "macro_f1"], side) == pytest.approx(whole["macro_f1"])
        assert getattr(found["all", "exact_match"], side) == pytest.approx(whole["exact_match"])
        for name in "abc":
            assert getattr(found[name, "f1"], side) == pytest.approx(whole["labels"][name]["f1"])
            assert found[name, "f1"].n == whole["labels"][name]["support"]
        for kind, values in sliced(examples, probs, ABC, half).items():
            for value, row in values.items():
                part = f"{kind} {value}"
                assert found[part, "exact_match"].n == row["n"]
                assert getattr(found[part, "exact_match"], side) == pytest.approx(row["exact_match"])
                if row["macro_f1"] is None:
                    assert (part, "macro_f1") not in found
                else:
                    assert getattr(found[part, "macro_f1"], side) == pytest.approx(row["macro_f1"])


def test_a_hand_count():
    """Of 20 rows with label a, the second model finds all and the first every other."""
    examples = [Example("x", frozenset("a"), group=str(i)) for i in range(20)]
    b = np.tile([True, False, False], (20, 1))
    a = b & (np.arange(20) % 2 == 0)[:, None]
    rows = {(r.part, r.measure): r for r in differences(examples, ABC, a, b, resamples=500, seed=1)}
    row = rows["a", "f1"]
    assert (row.a, row.b, row.n, row.verdict) == (pytest.approx(2 * 10 / 30), 1.0, 20, "better")
    assert rows["all", "macro_f1"].difference == pytest.approx(1 / 9)
    assert rows["all", "exact_match"].difference == 0.5
    assert (rows["b", "f1"].difference, rows["b", "f1"].verdict) == (0.0, "no difference seen")


def test_rows_of_one_document_are_one_observation():
    """Forty rows in which one document of twenty rows is better: by rows that would look certain."""
    n = 40
    right, wrong = np.tile([True, False, False], (n, 1)), np.zeros((n, 3), bool)
    big = (np.arange(n) < 20)[:, None]
    together = [Example("x", frozenset("a"), group="big" if i < 20 else str(i)) for i in range(n)]
    apart = [Example("x", frozenset("a"), group=str(i)) for i in range(n)]
    a, b = np.where(big, wrong, right), right
    [by_document] = [r for r in differences(together, ABC, a, b, resamples=500, seed=1) if r.part == "a"]
    [by_row] = [r for r in differences(apart, ABC, a, b, resamples=500, seed=1) if r.part == "a"]
    assert (by_document.n_documents, by_document.verdict) == (21, "no difference seen")
    assert (by_row.n_documents, by_row.verdict) == (40, "better")
    assert by_document.difference == by_row.difference


def test_too_few_documents_fall_back_to_rows_and_too_few_rows_give_no_verdict():
    def label_a(n: int) -> Difference:
        examples = [Example("x", frozenset("a"), group=str(i % 3)) for i in range(n)]
        right = np.tile([True, False, False], (n, 1))
        rows = differences(examples, ABC, np.zeros((n, 3), bool), right, resamples=100, seed=1)
        return next(r for r in rows if r.part == "a")

    assert (label_a(30).n_documents, label_a(30).verdict) == (30, "better")
    assert (label_a(9).low, label_a(9).verdict) == (1.0, "no difference seen")


def test_a_thousand_resamples_take_less_than_two_seconds(cpu_seconds: Callable[[Callable[[], object]], float]):
    examples, a, b = drawn_example(617, 4, 1)
    assert cpu_seconds(lambda: differences(examples, ABC, a, b, resamples=1000, seed=1)) < 2


def test_identical_models_differ_by_exactly_nothing(model: Path, data: Path):
    found = compare(model, model, [data], None, resamples=200, seed=7)
    assert (found.n, found.n_documents, found.a) == (60, 20, found.b)
    assert {(r.difference, r.low, r.high, r.verdict) for r in found.rows} == {(0.0, 0.0, 0.0, "no difference seen")}


def test_a_worse_model_is_found_worse_and_the_other_way_better(model: Path, data: Path):
    found = compare(model, bad(model), [data], None, resamples=200, seed=7)
    assert {name: row.verdict for name, row in found.labels().items()} == {
        "diplomacy": "no difference seen", "strikes": "no difference seen", "aid": "worse",
        "personnel": "no difference seen",
    }  # fmt: skip
    assert (found.labels()["aid"].a, found.labels()["aid"].b) == (1.0, 0.0)
    back = compare(model.with_name("bad"), model, [data], None, resamples=200, seed=7)
    assert back.labels()["aid"].verdict == "better"
    assert compare(model, model.with_name("bad"), [data], None, resamples=200, seed=7) == found


def test_other_labels_are_refused_and_named(model: Path, data: Path):
    other = changed(model, model.with_name("other"))
    rows = [{"name": n} for n in ("diplomacy", "strikes", "relief", "personnel")]
    (other / "labels.toml").write_text(tomli_w.dumps({"name": "l", "label": rows}), encoding="utf-8")
    config = (other / "config.json").read_text(encoding="utf-8").replace('"aid"', '"relief"')
    (other / "config.json").write_text(config, encoding="utf-8")
    write_manifest(other, kind="topics", facts={})
    with pytest.raises(DataError, match="labels differ .aid only in the first; relief only in the second"):
        compare(model, other, [data], None, resamples=200, seed=7)
    assert main(["promote", str(other), "--to", str(model), "--data", str(data)]) == 1
    assert main(["promote", str(other), "--to", str(model), "--force", "aid is now relief"]) == 0
    promoted = read_manifest(model, kind="topics").facts["promoted"]
    assert (promoted["reason"], promoted["differences"]) == ("aid is now relief", {})


def test_the_order_of_labels_is_no_matter_and_whether_they_exclude_is():
    back = LabelSet("abc", "2", ABC.labels[::-1])
    assert labels_differ(ABC, back) == ""
    assert "multi_label" in labels_differ(ABC, LabelSet("abc", "1", ABC.labels, multi_label=False))


def test_wrong_arguments(model: Path, data: Path, tmp_path: Path, write_rows: Callable[..., Path]):
    with pytest.raises(InputError, match="5 resamples; expected 100 or more"):
        compare(model, model, [data], None, resamples=5, seed=7)
    with pytest.raises(InputError, match="-1; expected 0 or more"):
        compare(model, model, [data], None, resamples=100, seed=-1)
    with pytest.raises(DataError, match="the file holds no rows"):
        compare(model, model, [write_rows(tmp_path / "empty.jsonl")], None, resamples=100, seed=7)
    reference = write_rows(tmp_path / "reference.jsonl", {"sha256": "ab", "labels": []})
    with pytest.raises(DataError, match="there are no rows to compare on"):
        compare(model, model, [reference], None, resamples=100, seed=7)
    with pytest.raises(DataError, match="names no test or dev file; name files with --data"):
        compare(model, model, [], None, resamples=100, seed=7)
    with pytest.raises(ModelNotFound, match="neither an exported model nor a run folder that holds model/$"):
        model_folder(tmp_path)
    (tmp_path / "recipe.json").write_text("{}", encoding="utf-8")
    with pytest.raises(ModelNotFound, match="finish the run with python -m training export"):
        model_folder(tmp_path)


@pytest.mark.slow
def test_the_dev_file_of_the_recipe_is_found_if_it_is_as_it_was(model: Path, data: Path, tmp_path: Path):
    sha256 = compare(model, model, [data], None, resamples=100, seed=7).files["rows.jsonl"]
    recipe = {"data": {"train": ["x.jsonl"], "dev": ["rows.jsonl"], "text": "text", "group": "document"}}
    run = tmp_path / "run"
    run.mkdir()
    facts = {"recipe": recipe, "data": {"rows.jsonl": sha256, "x.jsonl": "00"}}
    changed(model, run / "model", facts)
    assert compare(model_folder(run), model, [], None, resamples=100, seed=7).n == 60
    facts["recipe"]["data"]["dev"] = ["{data}/rows.jsonl"]
    facts["data"] = {"{data}/rows.jsonl": sha256}
    other = changed(model, tmp_path / "by-data-dir", facts)
    assert compare(other, model, [], tmp_path, resamples=100, seed=7).n == 60
    facts["recipe"]["data"] |= {"test": ["set/held.jsonl"]}  # fairer than dev, and found where the recipe lay
    facts |= {"data": {"{data}/rows.jsonl": "00", "set/held.jsonl": sha256}, "recipe_folder": "../far"}
    (tmp_path / "far" / "set").mkdir(parents=True)
    shutil.copy(data, tmp_path / "far" / "set" / "held.jsonl")
    assert compare(changed(model, tmp_path / "with-test", facts), model, [], None, resamples=100, seed=7).n == 60
    with data.open("a", encoding="utf-8") as file:
        file.write("\n")
    for folder, data_dir in ((run / "model", None), (other, tmp_path), (other, None)):
        with pytest.raises(DataError, match="was not found as it was"):
            compare(folder, model, [], data_dir, resamples=100, seed=7)


@pytest.mark.parametrize("flattered", ["first", "second"])
def test_either_model_may_have_learnt_the_rows(
    model: Path, data: Path, tmp_path: Path, flattered: str, caplog: pytest.LogCaptureFixture
):
    facts = {
        "recipe": {"data": {"train": ["rows.jsonl"], "text": "text", "group": "document"}},
        "data": {"rows.jsonl": file_sha256(data)},
    }
    learnt = changed(model, tmp_path / "learnt", facts)
    pair = (learnt, model) if flattered == "first" else (model, learnt)
    compare(*pair, [data], None, resamples=100, seed=7)
    assert [r.message for r in caplog.records if "was trained on" in r.message] == [
        f"warning: rows.jsonl: the {flattered} model was trained on this file"
    ]


def test_a_promoted_model_still_knows_where_its_recipe_lay(model: Path, tmp_path: Path):
    (tmp_path / "mine").mkdir()
    made = changed(model, tmp_path / "run" / "model", {"recipe": {}, "recipe_folder": "../../mine"})
    place = tmp_path / "live" / "deeper" / "topics"
    promote(made, place, None, None)
    found = recorded_folder(place, read_manifest(place, kind="topics").facts)
    assert found is not None
    assert found.resolve() == tmp_path / "mine"


def test_rows_that_a_fit_had_set_aside_are_compared_on(tiny_models: dict[str, Path], tmp_path: Path, toy: Any):
    recipe = toy(epochs=1)
    text = recipe.read_text(encoding="utf-8").replace('dev = ["dev.jsonl"]', "dev_share = 0.25")
    recipe.write_text(text, encoding="utf-8")
    assert main(["all", str(recipe), "--output", str(tmp_path / "run")]) == 0
    found = compare(tmp_path / "run/model", tmp_path / "run/model", (), None, resamples=200, seed=1)
    metrics_of_run = json.loads((tmp_path / "run/metrics.json").read_text(encoding="utf-8"))
    assert found.n == metrics_of_run["dev"]["n"]
    assert found.rows[0].a == pytest.approx(metrics_of_run["dev"]["macro_f1"], abs=1e-4)
    train = recipe.parent / "train.jsonl"
    train.write_text(train.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    with pytest.raises(DataError, match="not what the first model was trained on"):
        compare(tmp_path / "run/model", tmp_path / "run/model", (), None, resamples=200, seed=1)


def test_the_command_prints_a_table_or_json(model: Path, data: Path, capsys: pytest.CaptureFixture[str]):
    command = ["compare", str(model), str(bad(model)), "--data", str(data), "--resamples", "200"]
    assert main(command) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[2] == "60 rows in 20 documents; 200 resamples of documents, 95% intervals of B - A"
    [aid] = [line for line in lines if line.startswith("aid, F1")]
    assert aid.split() == ["aid,", "F1", "30", "1.0000", "0.0000", "-1.0000", "[-1.0000,", "-1.0000]", "worse"]
    assert main([*command, "--output", "json"]) == 0
    table = json.loads(capsys.readouterr().out)
    assert [r["verdict"] for r in table["rows"] if r["part"] == "aid"] == ["worse"]
    assert main(["compare", str(model), str(model.parent), "--data", str(data)]) == 1
    assert "neither an exported model" in capsys.readouterr().err


def test_promote_installs_where_nothing_stands(model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    (model / "notes.txt").write_text("not the manifest's", encoding="utf-8")
    place = tmp_path / "models" / "topics"
    assert main(["promote", str(model), "--to", str(place)]) == 0
    version = read_manifest(model, kind="topics").version
    assert capsys.readouterr().out == f"{place}: nothing -> {version}\n"
    (model / "notes.txt").unlink()
    assert content(place) == content(model)
    assert [p.name for p in place.parent.iterdir()] == ["topics"]


def test_promote_replaces_a_model_by_a_better_one(model: Path, data: Path, capsys: pytest.CaptureFixture[str]):
    place = bad(model)
    before = read_manifest(place, kind="topics").version
    assert main(["promote", str(model), "--to", str(place), "--data", str(data)]) == 0
    after = read_manifest(place, kind="topics").version
    assert capsys.readouterr().out.endswith(f"{place}: {before} -> {after}\n")
    assert content(place) == content(model)
    TopicClassifier.load(place, threads=1)


@pytest.mark.slow
def test_promote_refuses_a_worse_model_unless_there_is_a_reason(
    model: Path, data: Path, capsys: pytest.CaptureFixture[str]
):
    worse, before = bad(model), content(model)
    version = read_manifest(model, kind="topics").version
    command = ["promote", str(worse), "--to", str(model), "--data", str(data), "--resamples", "200"]
    assert main(command) == 1
    err = capsys.readouterr().err
    assert "not promoted: worse beyond noise on aid -1.0000 [-1.0000, -1.0000]; improve it, or give a reason" in err
    assert content(model) == before
    assert main([*command, "--force", " "]) == 1
    assert "--force: a reason is needed" in capsys.readouterr().err
    assert content(model) == before

    assert main([*command, "--force", "aid is read by hand now"]) == 0
    manifest = read_manifest(model, kind="topics")
    promoted = manifest.facts["promoted"]
    assert (promoted["reason"], promoted["against"]) == ("aid is read by hand now", version)
    assert promoted["differences"]["aid"]["verdict"] == "worse"
    assert list(promoted["data"]) == ["rows.jsonl"]
    assert manifest.facts["made"] == "bad"
    assert manifest.version == read_manifest(worse, kind="topics").version
    TopicClassifier.load(model, threads=1)
    assert not [p.name for p in model.parent.iterdir() if p.name.startswith(".")]


def test_promote_refuses_the_same_folder_and_what_is_no_model(
    model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    assert main(["promote", str(model), "--to", str(model)]) == 1
    assert "the model stands there already" in capsys.readouterr().err
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("keep", encoding="utf-8")
    assert main(["promote", str(model), "--to", str(tmp_path / "mine"), "--force", "because"]) == 1
    assert content(tmp_path / "mine") == {"letter.txt": b"keep"}
    (model / "config.json").write_text("{}", encoding="utf-8")
    assert main(["promote", str(model), "--to", str(tmp_path / "new")]) == 1
    assert "config.json has sha256" in capsys.readouterr().err
    assert not (tmp_path / "new").exists()


def test_nothing_is_replaced_without_a_comparison(model: Path, tmp_path: Path):
    place = bad(model)
    with pytest.raises(DataError, match="was not compared"):
        promote(model, place, read_manifest(place, kind="topics"), None)


@pytest.mark.parametrize("error", [PermissionError, KeyboardInterrupt])
def test_a_swap_that_fails_leaves_the_old_model_whole(
    model: Path, monkeypatch: pytest.MonkeyPatch, error: type[BaseException]
):
    place = bad(model)
    before, manifest = content(place), read_manifest(place, kind="topics")
    none = Comparison("a", "b", 0, 0, 0, 0, (), {})
    rename = Path.rename

    def failing(self: Path, target: Path) -> Path:
        if target == place and self.name == place.name:
            raise error("no")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", failing)
    with pytest.raises(error):
        promote(model, place, manifest, none)
    assert content(place) == before
    assert sorted(p.name for p in place.parent.iterdir()) == ["bad", "good"]
