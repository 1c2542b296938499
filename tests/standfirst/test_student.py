import json
import math
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import save

from standfirst.classify import TopicClassifier
from standfirst.errors import ModelCorrupt, ModelNotFound
from standfirst.manifest import write_manifest
from standfirst.student import KIND, Network, Student, Weights, read_tables, student_version
from tests.conftest import WORDS, write_student


def weights(**changes) -> Weights:
    """Three pieces of two numbers; one filter of one piece, one of two; one dense layer, one label."""
    tables = {
        "embeddings": np.array([[1, 0], [0, 2], [-3, 1]], dtype=np.int8),
        "filters": np.array([[[1, 1], [0, 0]], [[1, 0], [0, 2]]], dtype=np.int8),
        "filter_scale": np.array([0.5, 0.25], dtype=np.float32),
        "filter_shift": np.array([0.0, -1.0], dtype=np.float32),
        "mean_scale": 0.125,
        "dense": ((np.array([[4096, 8192, 4096, 0, 0, 2048]], dtype=np.int16), np.array([0.5], dtype=np.float32)),),
    }
    return Weights(**{**tables, **changes})


def test_logits_worked_out_by_hand() -> None:
    # pieces 0, 1, 2. The first filter: 1, 2, -2; highest 2, times .5 = 1.
    # The second over (0,1), (1,2), (2,padding): 1 + 4, 0 + 2, -3; highest 5, times .25, less 1 = .25.
    # The mean of the embeddings is (-2/3, 1); times .125, in 256ths: (-21, 32). The context's, piece 1: (0, .25).
    (logit,) = Network(weights()).logits([[0, 1, 2]], [[1]])[0]
    assert logit == 1 * 1 + 2 * 0.25 + 1 * -21 / 256 + 0.5 * 0.25 + 0.5


def test_a_text_without_pieces_gives_what_the_biases_say() -> None:
    assert Network(weights()).logits([[]], [[]]).tolist() == [[0.5]]
    assert Network(weights()).logits([], []).shape == (0, 1)


@pytest.mark.parametrize(
    "changes",
    [
        {"embeddings": np.zeros((3, 2), dtype=np.float32)},
        {"embeddings": np.zeros((3, 3), dtype=np.int8)},
        {"filters": np.zeros((2, 600, 2), dtype=np.int8)},
        {"dense": ((np.zeros((1, 5), dtype=np.int16), np.zeros(1, dtype=np.float32)),)},
    ],
)
def test_tables_that_do_not_fit_are_refused(changes: dict) -> None:
    with pytest.raises(ValueError, match="expected|than a student's|summed exactly"):
        weights(**changes).check()


rng = np.random.default_rng(1)
WIDE = Weights(
    embeddings=rng.integers(-127, 128, (500, 64), dtype=np.int8),
    filters=rng.integers(-127, 128, (40, 3, 64), dtype=np.int8),
    filter_scale=np.full(40, 1e-5, dtype=np.float32),
    filter_shift=rng.normal(size=40).astype(np.float32),
    mean_scale=0.01,
    dense=tuple(
        (rng.integers(-9000, 9000, (n, m), dtype=np.int16), rng.normal(size=n).astype(np.float32))
        for n, m in ((64, 168), (4, 64))
    ),
)
ids = st.lists(st.integers(0, 499), max_size=40)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(ids, ids), min_size=1, max_size=40))
def test_batch_mates_change_no_bit(rows) -> None:
    network = Network(WIDE)
    together = network.logits([t for t, _ in rows], [c for _, c in rows])
    alone = np.concatenate([network.logits([t], [c]) for t, c in rows])
    assert together.tobytes() == alone.tobytes()


def plain(weights: Weights, text: list[int], context: list[int]) -> list[float]:
    """The same, number by number, in Python's own whole numbers."""
    run, width = weights.filters.shape[1:]
    table = [[int(x) for x in row] for row in weights.embeddings] + [[0] * width]
    rows = [table[i] for i in text] + [[0] * width] * (run + 8)
    inputs = []
    for f, scale, shift in zip(weights.filters, weights.filter_scale, weights.filter_shift, strict=True):
        at = [
            sum(int(f[j][w]) * rows[i + j][w] for j in range(run) for w in range(width)) for i in range(len(text) + 1)
        ]
        inputs.append(max(np.float32(max(0, *at)) * scale + shift, np.float32(0)))
    for own in (text, context):
        for w in range(width):
            total = np.float32(sum(table[i][w] for i in own))
            inputs.append(total / np.float32(max(len(own), 1)) * np.float32(weights.mean_scale))
    for number, (weight, bias) in enumerate(weights.dense):
        inputs = [max(x, 0) for x in inputs] if number else inputs
        steps = [round(float(x) * 256) for x in inputs]
        inputs = [
            sum(s * int(w) for s, w in zip(steps, row, strict=True)) / (256 * 4096) + float(b)
            for row, b in zip(weight, bias, strict=True)
        ]
    return inputs


def test_sums_are_exact() -> None:
    draw = np.random.default_rng(2)
    small = Weights(
        draw.integers(-127, 128, (9, 4), dtype=np.int8), draw.integers(-127, 128, (5, 2, 4), dtype=np.int8),
        np.full(5, 1e-4, dtype=np.float32), np.full(5, 0.1, dtype=np.float32), 0.02,
        ((draw.integers(-4000, 4000, (3, 13), dtype=np.int16), np.array([0.1, 0, 0], dtype=np.float32)),
         (draw.integers(-4000, 4000, (2, 3), dtype=np.int16), np.array([0, 0.3], dtype=np.float32))),
    )  # fmt: skip
    texts = [[1, 2, 3], [4], [8, 8, 0, 1, 2, 3, 4, 5, 6, 7]]
    found = Network(small).logits(texts, [[], [1], [2, 3]])
    for row, text, context in zip(found, texts, ([], [1], [2, 3]), strict=True):
        assert row.tolist() == plain(small, text, context)


@pytest.fixture(scope="module")
def teacher(tiny_models: dict[str, Path]) -> TopicClassifier:
    return TopicClassifier.load(tiny_models["topics"], threads=1)


@pytest.fixture(scope="module")
def student(tiny_student: Path, teacher: TopicClassifier) -> Student:
    return Student.load(tiny_student, teacher)


def test_it_answers_in_its_teachers_words(student: Student, teacher: TopicClassifier) -> None:
    draw = np.random.default_rng(4)
    texts = [" ".join(draw.choice(WORDS[:40], size=n)) for n in (1, 5, 30, 200, 7, 9, 12, 3)]
    contexts = [None, "aid for the city", None, "talks", None, None, "storm", " "]
    found = student.answer(texts, contexts)
    expected = teacher.classify(texts, contexts)
    for answered, own in zip(found, expected, strict=True):
        scores = answered.topics.scores
        assert tuple(scores) == tuple(own.scores)
        assert answered.topics.n_windows == own.n_windows
        assert set(answered.topics.names) == {n for n, score in scores.items() if score >= 0.5}
        assert answered.is_sure == (not any(0.45 <= score <= 0.55 for score in scores.values()))
    assert [a.is_sure for a in found].count(True) in range(1, 8)


def test_a_text_without_words_has_no_topics(student: Student) -> None:
    empty, rain = student.answer([" \n", "rain"], [None, None])
    assert (empty.topics.names, set(empty.topics.scores.values()), empty.is_sure) == ((), {0.0}, True)
    assert rain.topics.scores != empty.topics.scores


@pytest.mark.parametrize(("band", "sure"), [((), True), ((0.0, 1.0), False)])
def test_bands_decide_what_is_sure(tiny_models, teacher, tmp_path: Path, band: tuple, sure: bool) -> None:
    write_student(tmp_path / "s", tiny_models["topics"], band=band)
    found = Student.load(tmp_path / "s", teacher).answer(["rain", "aid for the city"], [None, None])
    assert [a.is_sure for a in found] == [sure, sure]


def test_there_is_none_until_it_is_made(tmp_path: Path) -> None:
    with pytest.raises(ModelNotFound, match="no student is installed .* python -m training distill"):
        student_version(tmp_path / "fast", "topics-1")


def test_it_answers_for_no_other_model(tiny_student: Path) -> None:
    with pytest.raises(ModelCorrupt, match=r"was distilled from topics-\w+, the topic model is topics-other"):
        student_version(tiny_student, "topics-other")


@pytest.mark.parametrize("spoiled", ["model.safetensors", "config.json"])
def test_a_file_that_is_not_whole_is_named(tiny_student: Path, teacher, tmp_path: Path, spoiled: str) -> None:
    shutil.copytree(tiny_student, tmp_path / "s")
    path = tmp_path / "s" / spoiled
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(ModelCorrupt, match=f"{spoiled} has sha256"):
        Student.load(tmp_path / "s", teacher)
    write_manifest(tmp_path / "s", kind=KIND, facts={"teacher": teacher.version})  # someone vouches for it
    with pytest.raises(ModelCorrupt, match="the student cannot be read; make one with"):
        Student.load(tmp_path / "s", teacher)


def test_tables_are_read_as_the_library_writes_them(tmp_path: Path) -> None:
    tables = {
        "a": np.arange(-6, 6, dtype=np.int8).reshape(3, 4),
        "b": np.array([[math.pi]], dtype=np.float32),
        "c": np.array([-300, 300], dtype=np.int16),
    }
    (tmp_path / "t").write_bytes(save(tables, metadata={"x": "y"}))
    found = read_tables(tmp_path / "t")
    assert found.keys() == tables.keys()
    assert all((found[k] == tables[k]).all() and found[k].dtype == tables[k].dtype for k in tables)
    (tmp_path / "t").write_bytes(save({"a": np.zeros(2, dtype=np.float64)}))
    with pytest.raises(KeyError):
        read_tables(tmp_path / "t")


def test_the_config_names_its_teacher(tiny_student: Path, teacher: TopicClassifier) -> None:
    assert json.loads((tiny_student / "config.json").read_text())["teacher"] == teacher.version
