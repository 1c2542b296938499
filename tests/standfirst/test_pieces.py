from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, pre_tokenizers

from standfirst.errors import ModelCorrupt, ModelNotFound
from standfirst.pieces import PAD_TO, Pieces, Window, as_arrays

PAD, UNK, CLS, SEP, PORT, STRIKE, AID = range(7)
WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "port", "strike", "aid"]


@pytest.fixture(scope="session")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tokenizer of three words, whose special tokens are marked as such, as in the shipped one."""
    tokenizer = Tokenizer(models.WordPiece({w: i for i, w in enumerate(WORDS)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.add_special_tokens(WORDS[:4])
    tokenizer.enable_truncation(3)  # must be turned off on loading
    tokenizer.enable_padding(length=9)
    file = tmp_path_factory.mktemp("words") / "tokenizer.json"
    tokenizer.save(str(file))
    return file


def pieces(path: Path, max_tokens: int = 10, max_context: int = 2) -> Pieces:
    return Pieces(path, max_tokens, max_context)


def test_ids_without_special_tokens_padding_or_truncation(path: Path) -> None:
    assert pieces(path).ids(["port strike aid port what", ""]) == [[PORT, STRIKE, AID, PORT, UNK], []]
    assert pieces(path).ids([]) == []


def test_a_special_token_spelled_out_in_a_text_is_none(path: Path) -> None:
    """Nobody can put a separator into a paragraph by writing one."""
    assert not {PAD, CLS, SEP} & set(pieces(path).ids(["port [SEP] aid [CLS] [PAD]"])[0])


def test_half_a_character_is_read_as_an_unknown_one(path: Path) -> None:
    assert pieces(path).ids(["port \ud800 aid"]) == pieces(path).ids(["port \ufffd aid"]) == [[PORT, UNK, AID]]


@pytest.mark.parametrize("context", [None, ""])
def test_a_row_without_context(path: Path, context: str | None) -> None:
    assert pieces(path).windows(["port aid"], [context]) == [Window(0, (CLS, PORT, AID, SEP), 4)]


def test_a_row_with_context_which_is_cut(path: Path) -> None:
    rows = pieces(path).windows(["port", "aid"], ["strike aid port", None])
    assert rows == [Window(0, (CLS, PORT, SEP, STRIKE, AID, SEP), 3), Window(1, (CLS, AID, SEP), 3)]


def test_an_empty_text_is_a_row(path: Path) -> None:
    assert pieces(path).windows([""], [None]) == [Window(0, (CLS, SEP), 2)]
    assert pieces(path).windows([], []) == []


def test_a_long_text_is_read_in_windows_that_overlap_by_a_quarter(path: Path) -> None:
    ids = [4 + i % 3 for i in range(15)]
    text = " ".join(WORDS[i] for i in ids)
    rows = pieces(path).windows([text], [None])  # room for 8, so steps of 6
    assert [row.ids[1:-1] for row in rows] == [tuple(ids[0:8]), tuple(ids[6:14]), tuple(ids[12:15])]


@given(st.integers(0, 60), st.integers(5, 40), st.integers(0, 4))
@settings(deadline=None, database=None, max_examples=80)
def test_windows_cover_a_text_and_keep_to_the_limit(path: Path, n: int, max_tokens: int, n_context: int) -> None:
    made = pieces(path, max_tokens, min(2, max_tokens - 4))
    ids = [4 + (i * i) % 3 for i in range(n)]
    rows = made.windows([" ".join(WORDS[i] for i in ids)], [" ".join(["aid"] * n_context)])
    room = max(row.n_text - 2 for row in rows)
    step = room - room // 4
    covered = {}
    for number, row in enumerate(rows):
        assert len(row.ids) <= max_tokens
        covered |= {number * step + i: piece for i, piece in enumerate(row.ids[1 : row.n_text - 1])}
    assert [covered[i] for i in sorted(covered)] == ids
    assert sorted(covered) == list(range(n))


@pytest.mark.parametrize(("n", "padded"), [(1, PAD_TO), (PAD_TO, PAD_TO), (PAD_TO + 1, 2 * PAD_TO)])
def test_padded_length(n: int, padded: int) -> None:
    assert Window(0, (CLS,) * n, n).padded == padded


def test_arrays_worked_out_by_hand() -> None:
    rows = [Window(0, (CLS, PORT, SEP, AID, SEP), 3), Window(1, (CLS, SEP), 2)]
    arrays = as_arrays(rows)
    assert list(arrays) == ["input_ids", "attention_mask", "token_type_ids"]
    assert all(a.shape == (2, PAD_TO) and a.dtype == np.int64 for a in arrays.values())
    rest = [0] * (PAD_TO - 5)
    assert arrays["input_ids"].tolist() == [[CLS, PORT, SEP, AID, SEP, *rest], [CLS, SEP, 0, 0, 0, *rest]]
    assert arrays["attention_mask"].tolist() == [[1] * 5 + rest, [1, 1, 0, 0, 0, *rest]]
    assert arrays["token_type_ids"].tolist() == [[0, 0, 0, 1, 1, *rest], [0] * PAD_TO]


def test_a_folder_without_tokenizer_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelNotFound, match=r"no tokenizer\.json"):
        pieces(tmp_path / "tokenizer.json")


@pytest.mark.parametrize("text", ["", "{}", "no JSON"])
def test_a_broken_tokenizer_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "tokenizer.json").write_text(text, encoding="utf-8")
    with pytest.raises(ModelCorrupt, match="cannot be read"):
        pieces(tmp_path / "tokenizer.json")


def test_a_tokenizer_without_separator_is_refused(tmp_path: Path) -> None:
    tokenizer = Tokenizer(models.WordPiece({"[UNK]": 0, "[CLS]": 1}, unk_token="[UNK]"))
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    with pytest.raises(ModelCorrupt, match=r"no \[SEP\] token"):
        pieces(tmp_path / "tokenizer.json")
