from pathlib import Path

import pytest

from standfirst.errors import RecipeError
from standfirst.labels import LabelSet, load_labels, parse_labels

TWO = """
name = "weather"
version = "3"
multi_label = false

[[label]]
name = "rain"
definition = "Water from above."
excludes = "Snow."
examples = ["It poured.", "Rain stopped play."]
medtop = "20000001"
medtop_name = "moisture"
medtop_note = "near enough"

[[label]]
name = "wind"
"""


@pytest.fixture
def write(tmp_path: Path):
    def write(text: str | bytes) -> Path:
        path = tmp_path / "labels.toml"
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    return write


def test_every_field_is_read(write) -> None:
    labels = load_labels(write(TWO))
    assert (labels.names, len(labels), labels.tag) == (("rain", "wind"), 2, "weather-3")
    assert labels.index == {"rain": 0, "wind": 1}
    assert labels.multi_label is False
    rain, wind = labels.labels
    assert rain.examples == ("It poured.", "Rain stopped play.")
    assert (rain.definition, rain.excludes) == ("Water from above.", "Snow.")
    assert (rain.medtop, rain.medtop_name, rain.medtop_note) == ("20000001", "moisture", "near enough")
    assert rain.medtop_uri == "http://cv.iptc.org/newscodes/mediatopic/20000001"
    assert (wind.medtop_uri, wind.medtop_name) == (None, "")
    assert (wind.definition, wind.excludes, wind.examples, wind.medtop) == ("", "", (), None)


def test_defaults() -> None:
    assert parse_labels({"label": [{"name": "a"}]}) == LabelSet(
        "labels", "1", parse_labels({"label": [{"name": "a"}]}).labels, multi_label=True
    )


def test_the_order_of_the_file_is_kept() -> None:
    names = ["wind", "rain", "ash", "hail"]
    assert parse_labels({"label": [{"name": n} for n in names]}).names == tuple(names)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('name = "x', "no TOML"),
        (b"name = '\xff'", "no TOML"),
        ("", "at least one"),
        ("label = []", "at least one"),
        ("label = 3", "at least one"),
        ("label = [3]", "is a table"),
        ('[[label]]\nname = ""', "needs a name"),
        ("[[label]]\nname = 3", "needs a name"),
        ('[[label]]\ndefinition = "x"', "needs a name"),
        ('[[label]]\nname = "a"\n[[label]]\nname = "a"', "'a' is named 2 times"),
        ('[[lable]]\nname = "a"', "unknown key 'lable'; did you mean 'label'?"),
        ('[[label]]\nname = "a"\ndefinitoin = "b"', "did you mean 'definition'?"),
        ('[[label]]\nname = "a"\nexamples = "one string"', "examples"),
        ('[[label]]\nname = "a"\nmedtop = "medtop:20000643"', "eight digits"),
        ('[[label]]\nname = "a"\nmedtop = 643', "eight digits"),
        ('multi_label = "no"\n[[label]]\nname = "a"', "multi_label"),
    ],
)
def test_a_wrong_file_is_refused_with_its_place(write, text: str | bytes, words: str) -> None:
    path = write(text)
    with pytest.raises(RecipeError) as caught:
        load_labels(path)
    assert words in caught.value.message
    assert str(path) in caught.value.where


def test_the_wrong_label_is_named_by_its_place() -> None:
    with pytest.raises(RecipeError) as caught:
        parse_labels({"label": [{"name": "a"}, {"nam": "b"}]}, where="w.toml")
    assert caught.value.where == "w.toml: label 2"


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="no such label set"):
        load_labels(tmp_path / "none.toml")


def test_the_topics_name_their_media_topics() -> None:
    """A topic that is only the nearest one says so."""
    labels = load_labels(Path(__file__).parents[2] / "training" / "labels" / "topics.toml")
    found = {label.name: (label.medtop, label.medtop_name, bool(label.medtop_note)) for label in labels.labels}
    assert found == {
        "diplomacy": ("20000639", "diplomacy", False),
        "strikes": ("20000056", "armed conflict", True),
        "aid": ("20000643", "foreign aid", True),
        "personnel": ("20000596", "public officials", True),
    }
