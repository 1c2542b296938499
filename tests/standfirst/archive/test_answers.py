from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from standfirst.archive.answers import TIERS, Answer, Store, pack, unpack
from standfirst.labels import Label, LabelSet
from standfirst.schema import Topics, TopicScore

LABELS = LabelSet("t", "1", tuple(map(Label, ("diplomacy", "strikes", "aid"))))
KEY = [bytes([n]) * 16 for n in range(4)]
scores = st.floats(0, 1).map(lambda x: round(x, 4))


@given(
    st.tuples(scores, scores, scores),
    st.lists(st.sampled_from(LABELS.names), unique=True),
    st.integers(1, 60_000),
    st.sampled_from(TIERS),
)
def test_an_answer_comes_back_to_the_last_bit(values, given_names, n_windows, tier) -> None:
    table = dict(zip(LABELS.names, values, strict=True))
    topics = Topics(tuple(TopicScore(n, table[n]) for n in given_names), table, n_windows)
    assert unpack(pack(Answer(topics, tier), LABELS), LABELS) == Answer(topics, tier)


def test_the_first_answer_stays_with_its_shard(tmp_path: Path) -> None:
    store = Store(tmp_path / "a" / "s.sqlite")
    store.add(3, [(KEY[0], b"x"), (KEY[1], b"y")])
    store.add(4, [(KEY[1], b"y"), (KEY[2], b"z")], complete=True)
    assert store.known(KEY) == {KEY[0]: (3, b"x"), KEY[1]: (3, b"y"), KEY[2]: (4, b"z")}
    assert store.complete() == {4}
    store.close()
    again = Store(tmp_path / "a" / "s.sqlite")
    assert again.known(KEY[:1]) == {KEY[0]: (3, b"x")}
    again.remove()
    assert list((tmp_path / "a").iterdir()) == []


def test_more_keys_than_one_query_takes(tmp_path: Path) -> None:
    keys = [n.to_bytes(16, "big") for n in range(1234)]
    store = Store(tmp_path / "s.sqlite")
    store.add(0, [(key, b"x") for key in keys[::2]])
    assert set(store.known(keys)) == set(keys[::2])
    store.close()


@pytest.mark.parametrize("spoiled", [b"no database" * 1000, b""])
def test_a_store_that_is_spoiled_is_begun_again(tmp_path: Path, spoiled: bytes) -> None:
    (tmp_path / "s.sqlite").write_bytes(spoiled)
    store = Store(tmp_path / "s.sqlite")
    assert store.known(KEY) == {}
    store.close()
