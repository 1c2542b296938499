import json
from pathlib import Path

import numpy as np
import pytest

from benchmarks import baselines
from benchmarks.labels import (
    TABLES,
    Bench,
    Rows,
    Store,
    Table,
    cell,
    draw,
    few_shot_lines,
    full_lines,
    main,
    read_rows,
    write_rows,
)

PAIR = Table("pair", ("a", "b"))
ONE = Table("one", ("label",))


def one_hot(classes: list[int], n: int) -> np.ndarray:
    return np.eye(n, dtype=bool)[classes]


def test_a_draw_has_as_many_of_each_label_as_asked():
    gold = one_hot([0] * 50 + [1] * 20 + [2] * 9, 3)
    chosen = draw(gold, 8, 0)
    assert gold[chosen].sum(0).tolist() == [8, 8, 8]
    assert chosen == sorted(set(chosen))
    assert chosen == draw(gold, 8, 0) != draw(gold, 8, 1)
    assert gold[draw(gold, 16, 0)].sum(0).tolist() == [16, 16, 9]  # no more than there are


def test_a_draw_of_several_labels_counts_each_and_brings_rows_without_any():
    gold = np.array([[1, 1]] * 4 + [[1, 0]] * 20 + [[0, 1]] * 6 + [[0, 0]] * 10, dtype=bool)
    chosen = gold[draw(gold, 6, 3)]
    assert (chosen.sum(0) >= 6).all()
    labelled = int(chosen.any(1).sum())
    assert (~chosen.any(1)).sum() == round(labelled / 3)  # 10 of 40 rows carry none: one for three that do


def test_rows_are_written_as_they_are_read(tmp_path: Path):
    path = tmp_path / "rows.tsv"
    cells = [['He said "no".', "1", "0"], ["two\twords", "0", "0"], ["ünder way", "1", "1"]]
    write_rows(path, Rows(cells, np.zeros((3, 2), dtype=bool)))
    found = read_rows(path, PAIR)
    assert found.cells == cells
    assert found.gold.tolist() == [[True, False], [False, False], [True, True]]
    assert found.take([2]).texts == ["ünder way"]


def test_a_missing_table_says_what_is_expected(tmp_path: Path):
    with pytest.raises(SystemExit, match=r"there is no .*train\.tsv; --data-dir names the folder with cameo_class"):
        read_rows(tmp_path / "train.tsv", ONE)


def test_texts_of_the_test_rows_are_not_trained_on(tmp_path: Path):
    (tmp_path / "train.tsv").write_text("a flood\t0\nA vote!\t1\na storm\t0\n", encoding="utf-8")
    (tmp_path / "dev.tsv").write_text("a ferry\t1\na  vote\t1\n", encoding="utf-8")
    (tmp_path / "test.tsv").write_text("a vote\t1\n", encoding="utf-8")
    bench = Bench(ONE, tmp_path, tmp_path / "out", 1)
    assert bench.train.texts == ["a flood", "a storm"]
    assert bench._all_labelled().texts == ["a flood", "a storm", "a ferry"]


def test_a_finished_cell_is_not_measured_again(tmp_path: Path):
    name = cell("one", 0, 0, "ours")
    Store(tmp_path / "deep" / "labels.json").measure(name, lambda: {"macro_f1": 0.5})
    again = Store(tmp_path / "deep" / "labels.json")
    again.measure(name, lambda: pytest.fail("measured twice"))
    assert again.cells[name]["macro_f1"] == 0.5
    assert [p.name for p in (tmp_path / "deep").iterdir()] == ["labels.json"]


def test_tables(tmp_path: Path):
    store = Store(tmp_path / "labels.json")
    figures = {"macro_f1": 0.8, "exact_match": 0.75, "ece": 0.0312, "minutes": 1.26}
    store.cells[cell("one", 0, 0, "ours")] = figures
    for seed, f1 in enumerate((0.4, 0.5, 0.6)):
        store.cells[cell("one", 8, seed, "tfidf")] = {**figures, "macro_f1": f1}
    store.cells[cell("one", 16, 0, "tfidf")] = figures
    assert list(full_lines(store, [ONE]))[1:] == ["| one | ours, int8 | 0.800 | 0.750 | 0.031 | 1.3 |"]
    few = list(few_shot_lines(store, [ONE], (8, 16)))
    assert few[0].splitlines()[0] == "| label set | method | 8 per label | 16 per label |"
    assert few[1] == "| one | TF-IDF (words and pairs) + logistic regression | 0.500 ± 0.100 (3) | 0.800 (1) |"


def test_what_is_there_is_printed_without_any_data(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    figures = {"macro_f1": 0.81, "exact_match": 0.82, "ece": 0.03, "minutes": 4.5}
    (tmp_path / "labels.json").write_text(json.dumps({"bbc_news/all/ours": figures}), encoding="utf-8")
    assert main(["--show", "--output", str(tmp_path), "--data-dir", str(tmp_path / "none")]) == 0
    assert "| bbc_news | ours, int8 | 0.810 | 0.820 | 0.030 | 4.5 |" in capsys.readouterr().out


def test_init_is_told_how_a_table_is_built_and_nothing_else():
    told = {table.name: table.options for table in TABLES}
    assert told["bbc_news"] == ["--columns", "text,label"]
    assert told["insightcrime"][2:] == ["--labels", ",".join(f"label_{i}" for i in range(7))]


def test_frozen_learns_what_a_line_can_tell():
    rng = np.random.default_rng(0)
    gold = one_hot([i % 3 for i in range(90)], 3)
    found = rng.normal(0, 0.1, (90, 4))
    found[:, :3] += gold
    figures = baselines.frozen(found[:60], gold[:60], found[60:], gold[60:], multi_label=False)
    assert (figures.macro_f1, figures.exact_match) == (1.0, 1.0)
    assert 0 <= figures.ece < 0.35  # C is the least that decides right: unsure, and right


def test_tfidf_finds_words_of_several_labels():
    texts = [f"{'flood ' * (i % 2)}{'vote ' * (i % 3 == 0)}in town {i}" for i in range(60)]
    gold = np.array([[i % 2 == 1, i % 3 == 0] for i in range(60)])
    figures = baselines.tfidf(texts[:42], gold[:42], texts[42:], gold[42:], multi_label=True)
    assert figures.macro_f1 == 1.0
    assert figures.exact_match == 1.0
