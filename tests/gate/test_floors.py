import pytest

TODAY = "2026-01-01"


def table(floors, **more):
    return {"a": {"floor": 0.8, "data": "d", "date": TODAY, **more}}


@pytest.fixture
def floors(monkeypatch, tmp_path):
    import importlib.util
    from pathlib import Path

    spec = importlib.util.spec_from_file_location("floors", Path(__file__).with_name("floors.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "PATH", tmp_path / "floors.toml")
    return module


def test_a_floor_goes_down_only_with_a_reason(floors):
    before = table(floors)
    assert floors.moved(before, "a", 0.9, "")["a"]["floor"] == 0.9
    with pytest.raises(ValueError, match="lower-floors"):
        floors.moved(before, "a", 0.7, "")
    assert floors.moved(before, "a", 0.7, "the data were wrong")["a"]["reason"] == "the data were wrong"
    with pytest.raises(ValueError, match="unknown floor 'b'; known: a"):
        floors.moved(before, "b", 0.7, "")


def test_a_floor_that_goes_up_again_loses_its_reason(floors):
    assert "reason" not in floors.moved(table(floors, reason="then"), "a", 0.9, "now")["a"]


@pytest.mark.parametrize(("measured", "floor"), [(0.87654, 0.866), (0.866, 0.856), (1.0, 0.99), (0.005, 0.0)])
def test_a_new_floor_stands_a_margin_under_the_figure(floors, measured, floor):
    assert floors.updated({}, "a", measured, 0.01, "d", "")["a"]["floor"] == floor


def test_update_moves_what_is_there(floors):
    before = table(floors)
    assert floors.updated(before, "a", 0.81, 0.01, "d", "") is before  # no new date
    assert floors.updated(before, "a", 0.92, 0.01, "d", "")["a"]["floor"] == 0.91
    with pytest.raises(ValueError, match="lowering it needs"):
        floors.updated(before, "a", 0.8, 0.01, "d", "")
    with pytest.raises(ValueError, match="the data of a changed"):
        floors.updated(before, "a", 0.92, 0.01, "e", "")
    assert floors.updated(before, "a", 0.5, 0.01, "e", "why")["a"] | {"date": ""} == {
        "floor": 0.49, "data": "e", "date": "", "reason": "why",
    }  # fmt: skip


def test_what_was_saved_is_read_again(floors):
    floors.save(table(floors))
    assert floors.load() == table(floors)
    assert floors.PATH.read_text(encoding="utf-8").startswith("# Floors under")
