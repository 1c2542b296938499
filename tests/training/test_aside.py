from collections import Counter
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from standfirst.errors import DataError
from training.aside import Aside, set_aside
from training.examples import Example
from training.recipe import DataRecipe


def example(i: int, label: str = "", document: str = "", date: str = "") -> Example:
    where = f"rows.jsonl:{i}"
    return Example(f"t {i}", frozenset({label} if label else ()), group=document or where, where=where, date=date)


def aside(examples: Sequence[Example], seed: int = 7, **keys: object) -> Aside:
    return set_aside(examples, DataRecipe(train=("x",), **keys), seed)  # type: ignore[arg-type]


def counts(examples: Sequence[Example]) -> Counter[str]:
    return Counter(name for e in examples for name in e.labels)


def test_a_rare_label_stands_on_both_sides():
    rows = [example(i, "common") for i in range(200)] + [example(200 + i, "rare") for i in range(4)]
    for seed in range(20):
        found = aside(rows, seed)
        assert counts(found.dev)["rare"] in (1, 2)
        assert len(found.dev) == 31  # 15 % of 204
    assert found.notes == ("no dev file: 31 of the training rows were set aside as dev, by document",)


def test_every_label_gives_its_share():
    rows = [example(i, "abc"[i % 3] if i % 10 else "") for i in range(400)]
    found = aside(rows, dev_share=0.2)
    for name, n in counts(rows).items():
        assert abs(counts(found.dev)[name] - 0.2 * n) <= 3


def test_a_label_in_too_few_documents_is_left_to_train_and_named():
    rows = [example(i, "common") for i in range(40)] + [example(40 + i, "rare") for i in range(3)]
    found = aside(rows)
    # three documents are too few to promise one to dev, and two examples always stay in train
    assert counts(found.train)["rare"] >= 2
    whole = [example(i, "common") for i in range(40)] + [example(40 + i, "rare", "d") for i in range(9)]
    assert counts(aside(whole).dev)["rare"] == 0
    assert aside(whole).notes[1] == "labels in too few documents to be in that dev too: rare"


def test_the_latest_documents_are_taken_if_most_rows_have_a_date():
    rows = [example(i, "ab"[i % 2], f"d{i // 5}", f"2031-{1 + i // 10:02d}-{1 + i % 10:02d}") for i in range(100)]
    found = aside(rows, dev_share=0.2)
    assert [e.group for e in found.dev] == [e.group for e in rows[80:]]
    assert found.notes == (
        "no dev file: 20 of the training rows were set aside as dev, the latest documents, from 2031-09-01 on",
    )
    assert {e.group for e in aside(rows, dev_share=0.2, dev_by="document").dev} != {e.group for e in rows[80:]}
    undated = [example(100 + i, "a") for i in range(26)]  # 79 % have a date
    assert "by document" in aside([*rows, *undated]).notes[0]
    assert "the latest" in aside([*rows, *undated[1:]]).notes[0]
    assert not {e.where for e in undated} & {e.where for e in aside([*rows, *undated], dev_by="time").dev}


def test_a_label_of_the_past_is_represented_in_the_dev_of_the_latest():
    rows = [example(i, "rare" if i < 6 else "common", date=f"2031-01-{1 + i // 4:02d}") for i in range(100)]
    found = aside(rows, dev_share=0.1)
    assert counts(found.dev) == {"common": 10, "rare": 1}
    assert found.notes[0].endswith("from 2031-01-23 on, and 1 earlier ones with rare labels")
    early = [example(i, "new" if i > 96 else "old", date=f"2031-01-{1 + i // 4:02d}") for i in range(100)]
    assert counts(aside(early).train)["new"] == 2


def test_splitting_by_time_needs_dates_that_differ():
    for date in ("", "2031-01-01"):
        rows = [example(i, "a", date=date) for i in range(20)]
        assert "by document" in aside(rows).notes[0]
        with pytest.raises(DataError, match="dev_by is 'time', and column 'date' does not tell documents apart"):
            aside(rows, dev_by="time")


def test_a_document_that_is_most_of_the_data_is_never_dev():
    rows = [example(i, "a", "big" if i < 60 else f"d{i}", f"2031-01-0{9 if i < 60 else 1}") for i in range(100)]
    for by in ("time", "document"):
        found = aside(rows, dev_by=by)
        assert "big" not in {e.group for e in found.dev}
        assert 10 <= len(found.dev) <= 20


def test_the_same_text_without_a_document_stays_together():
    rows = [Example(f"T {i // 2}!", frozenset("a"), group=f"w:{i}", where=f"w:{i}") for i in range(60)]
    found = aside(rows)
    assert not {e.text for e in found.train} & {e.text for e in found.dev}


@given(
    st.lists(st.tuples(st.sampled_from("abcd "), st.integers(0, 12), st.integers(0, 9)), min_size=1, max_size=120),
    st.sampled_from(["auto", "document"]),
    st.integers(0, 3),
)
def test_what_always_holds(rows: list[tuple[str, int, int]], by: str, seed: int):
    examples = [
        example(i, label.strip(), f"d{document}", f"2031-01-0{day}" if day else "")
        for i, (label, document, day) in enumerate(rows)
    ]
    found = aside(examples, seed, dev_by=by)
    assert sorted(e.where for e in (*found.train, *found.dev)) == sorted(e.where for e in examples)
    assert not {e.group for e in found.train} & {e.group for e in found.dev}
    before, after = counts(examples), counts(found.train)
    assert all(after[name] >= min(2, n) for name, n in before.items())
    assert aside(examples, seed, dev_by=by) == found
