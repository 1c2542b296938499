import copy
import dataclasses
import json
import pickle
import shutil
from pathlib import Path

import numpy as np
import pytest

from standfirst.classify import TopicClassifier, together, window_logits
from standfirst.encoder import Encoder
from standfirst.errors import InputError, ModelCorrupt, ModelNotFound
from standfirst.labels import parse_labels
from standfirst.manifest import write_manifest
from standfirst.pieces import Pieces, Window

TEXTS = ["the drone hit the port", "aid for the city", "the minister resigned", "rain on monday night"]
LONG = " ".join(["the drone hit the port and the market was shut down"] * 20)


class Fixed:
    """An encoder that answers with the logits it was given, row by row."""

    def __init__(self, *logits: list[float]) -> None:
        self.logits = np.array(logits, dtype=np.float32)

    def run(self, rows: list[Window]) -> np.ndarray:
        return self.logits[: len(rows)]


@pytest.fixture(scope="module")
def pieces(tiny_models: dict[str, Path]) -> Pieces:
    return Pieces(tiny_models["topics"] / "tokenizer.json", 64, 16)


@pytest.fixture(scope="module")
def classifier(tiny_models: dict[str, Path]) -> TopicClassifier:
    return TopicClassifier.load(tiny_models["topics"])


def made(pieces: Pieces, *logits: list[float], multi_label: bool = True) -> TopicClassifier:
    labels = parse_labels({"label": [{"name": "a"}, {"name": "b"}, {"name": "c"}], "multi_label": multi_label})
    scale, shift, thresholds = np.array([1.0, 2.0, 1.0]), np.array([0.0, 1.0, 0.0]), np.array([0.5, 0.5, 0.9])
    return TopicClassifier(
        labels,
        pieces,
        Fixed(*logits),
        version="topics-x",
        scale=scale,
        shift=shift,
        thresholds=thresholds,
    )


def test_probabilities_worked_out_by_hand(pieces: Pieces) -> None:
    (topics,) = made(pieces, [0.0, 0.5, 2.0]).classify(["rain"], [None])
    assert topics.scores == {"a": 0.5, "b": 0.8808, "c": 0.8808}  # 1 / (1 + e^-2) = 0.8808
    assert topics.names == ("b", "a")  # best first; c is below its own 0.9, a stands at its threshold
    assert [t.score for t in topics.labels] == [0.8808, 0.5]
    assert topics.n_windows == 1


@pytest.mark.parametrize(
    ("threshold", "names"), [(0.0, ("b", "c", "a")), (0.5, ("b", "c", "a")), (0.51, ("b", "c")), (1.0, ())]
)
def test_a_threshold_replaces_every_labels_own(pieces: Pieces, threshold: float, names: tuple[str, ...]) -> None:
    (topics,) = made(pieces, [0.0, 0.5, 2.0]).classify(["rain"], [None], threshold=threshold)
    assert topics.names == names


def test_one_label_exactly_where_the_set_says_so(pieces: Pieces) -> None:
    found = made(pieces, [-9.0, -9.0, -8.0], [3.0, 0.0, 2.0], multi_label=False).classify(["rain", "aid"], [None] * 2)
    assert [topics.names for topics in found] == [("c",), ("a",)]


@pytest.mark.parametrize("text", ["", "  \n\t"])
@pytest.mark.parametrize("threshold", [None, 0.0])
@pytest.mark.parametrize("multi_label", [True, False])
def test_an_empty_text_has_no_topics(pieces: Pieces, text: str, threshold: float | None, multi_label: bool) -> None:
    classifier = made(pieces, [9.0, 9.0, 9.0], multi_label=multi_label)
    (topics,) = classifier.classify([text], [None], threshold=threshold)
    assert (topics.names, topics.scores) == ((), {"a": 0.0, "b": 0.0, "c": 0.0})


@pytest.mark.parametrize("threshold", [-0.1, 1.1, float("nan"), float("inf")])
@pytest.mark.parametrize("texts", [[], ["rain"]])
def test_a_threshold_outside_0_to_1_is_refused(pieces: Pieces, threshold: float, texts: list[str]) -> None:
    with pytest.raises(InputError, match="expected 0 to 1") as caught:
        made(pieces, [0.0] * 3).classify(texts, [None] * len(texts), threshold=threshold)
    assert caught.value.where == "threshold"


def test_no_texts_give_no_topics(classifier: TopicClassifier) -> None:
    assert classifier.classify([], []) == []


def test_highest_of_windows_worked_out_by_hand() -> None:
    windows = [Window(owner, (2, 3), 2) for owner in (0, 1, 1, 2)]
    logits = np.array([[1, -1], [2, 5], [3, 4], [-9, -8]], dtype=np.float32)
    assert together(windows, logits, 3, "highest").tolist() == [[1, -1], [3, 5], [-9, -8]]


def test_mean_of_windows_worked_out_by_hand() -> None:
    """A window weighs as much as it has word pieces of the text; its context weighs nothing."""
    windows = [Window(0, (2, 3, 9), 2), Window(1, (2,) * 30, 30), Window(1, (2,) * 20, 10)]
    logits = np.array([[0.1, -1], [2, 5], [6, 1]], dtype=np.float32)
    found = together(windows, logits, 2, "mean")
    assert found.dtype == np.float32
    assert found[0].tolist() == logits[0].tolist()  # one window: its own bits
    assert found[1].tolist() == [3, 4]  # (30 * 2 + 10 * 6) / 40, (30 * 5 + 10 * 1) / 40


def test_a_folder_says_how_windows_answer_together(tmp_path: Path, tiny_models: dict[str, Path]) -> None:
    folder = shutil.copytree(tiny_models["topics"], tmp_path / "topics")
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    (folder / "config.json").write_text(json.dumps(config | {"windows": "mean"}), encoding="utf-8")
    write_manifest(folder, kind="topics", facts={})
    classifier = TopicClassifier.load(folder)
    encoder = Encoder(folder / "model.onnx")
    rows = classifier.pieces.windows([LONG], [None])
    each = np.stack([encoder.run([row])[0] for row in rows])
    expected = np.average(each, axis=0, weights=[len(row.ids) for row in rows])
    np.testing.assert_allclose(classifier.logits([LONG], [None])[0], expected, rtol=1e-5)
    assert not np.array_equal(classifier.logits([LONG], [None])[0], each.max(0))
    (topics,) = classifier.classify([LONG], [None])
    odds = classifier.log_odds(classifier.logits([LONG], [None]))[0]
    assert list(topics.scores.values()) == pytest.approx(1 / (1 + np.exp(-odds)), abs=1e-4)


def test_a_long_text_is_read_to_its_end(classifier: TopicClassifier, tiny_models: dict[str, Path]) -> None:
    """Its logits are the highest of its windows', read one by one."""
    pieces = Pieces(tiny_models["topics"] / "tokenizer.json", 64, 32)
    encoder = Encoder(tiny_models["topics"] / "model.onnx")
    rows = pieces.windows([LONG], ["strike"])
    each = np.stack([encoder.run([row])[0] for row in rows])
    assert len(rows) > 3
    assert np.array_equal(window_logits(pieces, encoder, [LONG], ["strike"])[0], each.max(0))
    assert classifier.classify([LONG, "rain"], ["strike", None])[0].n_windows == len(rows)


def test_answers_do_not_depend_on_company(classifier: TopicClassifier) -> None:
    texts, contexts = [*TEXTS, LONG, ""], [None, "strike", "talks", None, "aid", None]
    together = classifier.classify(texts, contexts)
    assert together == [classifier.classify([t], [c])[0] for t, c in zip(texts, contexts, strict=True)]
    assert together[::-1] == classifier.classify(texts[::-1], contexts[::-1])


def test_context_is_an_input(classifier: TopicClassifier) -> None:
    bare, under = (classifier.classify(TEXTS[:1], [context])[0] for context in (None, "aid for the city"))
    assert bare.scores != under.scores


def test_scores_hold_every_label_in_order(classifier: TopicClassifier) -> None:
    for topics in classifier.classify(TEXTS, [None] * 4):
        assert tuple(topics.scores) == classifier.labels.names
        assert all(0 <= score <= 1 for score in topics.scores.values())
        given = {name for name, score in topics.scores.items() if score >= 0.5}
        assert set(topics.names) == given


def test_the_version_names_the_weights(classifier: TopicClassifier, tiny_models: dict[str, Path]) -> None:
    manifest = json.loads((tiny_models["topics"] / "manifest.json").read_text(encoding="utf-8"))
    assert classifier.version == manifest["version"]


@pytest.mark.parametrize("edit", ["labels", "max_tokens", "threshold", "windows"])
def test_a_config_that_lacks_a_key_or_holds_an_unknown_way_is_refused(
    tiny_models: dict[str, Path], tmp_path: Path, edit: str
) -> None:
    folder = shutil.copytree(tiny_models["topics"], tmp_path / "topics")
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    if edit == "threshold":
        del config["labels"]["aid"]["threshold"]
    elif edit == "windows":
        config["windows"] = "median"
    else:
        del config[edit]
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    with pytest.raises(ModelCorrupt, match="sha256"):
        TopicClassifier.load(folder)
    write_manifest(folder, kind="topics", facts={})
    with pytest.raises(ModelCorrupt, match="lacks a key"):
        TopicClassifier.load(folder)


def test_the_other_model_is_refused(tiny_models: dict[str, Path], tmp_path: Path) -> None:
    with pytest.raises(ModelCorrupt, match="'summary' came where one for 'topics'"):
        TopicClassifier.load(tiny_models["summary"])
    with pytest.raises(ModelNotFound):
        TopicClassifier.load(tmp_path / "none")


def test_an_answer_cannot_be_changed_under_the_next_one_who_asks(classifier: TopicClassifier) -> None:
    for topics in (classifier.classify(TEXTS[:1], [None])[0], classifier.nothing()):
        before = dict(topics.scores)
        for change in (
            lambda s: s.__setitem__("a", 2.0),
            lambda s: s.update(a=2.0),
            lambda s: s.__delitem__("a"),
            lambda s: s.clear(),
            lambda s: s.__ior__({"a": 2.0}),
        ):
            with pytest.raises(TypeError, match="copy them with dict"):
                change(topics.scores)
        assert topics.scores == before == json.loads(json.dumps(topics.scores))
        for again in (pickle.loads(pickle.dumps(topics)), copy.deepcopy(topics)):
            assert again == topics
            assert type(again.scores) is type(topics.scores)
        assert dataclasses.asdict(topics)["scores"] == before
