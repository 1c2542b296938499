from collections.abc import Callable
from pathlib import Path

import pytest

from standfirst.labels import LabelSet
from standfirst.pieces import Pieces
from training.check import Finding, check_splits
from training.data import Example, Splits

Make = Callable[..., Example]
LONG = "forty two tents left the port by night for the city in the storm"


@pytest.fixture
def pieces(tiny_encoder: Path) -> Pieces:
    return Pieces(tiny_encoder / "tokenizer.json", 48, 8)


def row(text: str, *names: str, where: str, group: str = "") -> Example:
    return Example(text, frozenset(names), where=where, group=group or where)


def kinds(found: list[Finding], kind: str) -> list[Finding]:
    return [f for f in found if f.kind == kind]


def checked(pieces: Pieces, labels: LabelSet, **splits: list[Example]) -> list[Finding]:
    train, dev, test = (tuple(splits.get(name, ())) for name in ("train", "dev", "test"))
    return check_splits(Splits(train, dev, test, {}), labels, pieces)


def test_nothing_doubtful_gives_nothing(labels: LabelSet, pieces: Pieces):
    train = [row(f"envoy {i}", *labels.names, where=f"a:{i}") for i in range(16)]
    assert checked(pieces, labels, train=train, dev=[row("port", *labels.names, where="b:1")]) == []


def test_rows_that_a_quotation_mark_took_in(labels: LabelSet, pieces: Pieces):
    taken = row("He said it,aid\nTents came,aid\nand left", "aid", where="a:3")
    first = row("aid,Tents came\naid,Flour came", "aid", where="a:4")
    between = row("He said it\n7,aid,Tents came\nand left", "aid", where="a:6")
    prose = row("Flour, water,\nfood, aid\naid, they say", "aid", where="a:5")
    (found,) = kinds(checked(pieces, labels, train=[taken, first, prose, between]), "rows")
    assert found.examples == ("a:3", "a:4", "a:6")


def test_what_repeats_within_a_split(labels: LabelSet, pieces: Pieces):
    train = [
        row("Tents arrive.", "aid", where="a:1"),
        row("tents  arrive", "aid", where="a:2"),
        row("TENTS arrive!", "strikes", where="a:3"),
        row("...", where="a:4"),
        row("?", where="a:5"),
        Example("Tents arrive.", frozenset(), context="Rain", where="a:6", group="a:6"),  # another context may decide
    ]
    train += [row(text, where=f"a:{n}") for n, text in ((7, r"\N"), (8, "NaN"), (9, "\N{PARTY POPPER}"))]
    found = checked(pieces, labels, train=train)
    [same], [other], [empty] = (kinds(found, k) for k in ("duplicate", "contradiction", "empty"))
    assert (same.count, same.examples) == (1, ("a:2 = a:1",))
    assert (other.count, other.examples) == (1, ("a:3 = a:1",))
    assert (empty.count, empty.examples) == (5, ("a:4", "a:5", "a:7", "a:8", "a:9"))
    assert str(other) == "train: 1 texts stand there twice with different labels (first: a:3 = a:1)"


def test_copies_and_near_copies_across_splits(labels: LabelSet, pieces: Pieces):
    train = [row(LONG + " again", where="a:1"), row("rain in the port and the market by night", where="a:2")]
    dev = [row(LONG, where="b:1"), row("rain", where="b:2")]
    test = [row(LONG.upper() + ".", where="c:1"), row("a market", where="c:2")]
    found = checked(pieces, labels, train=train, dev=dev, test=test)
    assert [f.examples for f in kinds(found, "copy")] == [("c:1 = b:1",)]
    assert [(f.count, f.examples) for f in kinds(found, "near-duplicate")] == [(1, ("a:1 ~ c:1",))]


def test_near_copies_are_looked_for_in_other_splits_only_and_not_by_boilerplate(labels: LabelSet, pieces: Pieces):
    train = [row(f"{LONG} {i}", where=f"a:{i}") for i in range(60)]
    dev = [row("storm power ferry monday night army forty two three", where="b:1")]
    assert not kinds(checked(pieces, labels, train=train, dev=dev), "near-duplicate")


def test_a_document_in_two_splits(labels: LabelSet, pieces: Pieces):
    train = [row("a", where="a:1", group="blog"), row("b", where="a:2", group="blog"), row("c", where="a:3")]
    dev = [row("d", where="b:1", group="blog"), row("e", where="a:3")]
    [leak] = kinds(checked(pieces, labels, train=train, dev=dev), "leak")
    assert (leak.count, leak.examples) == (1, ("a:1 and b:1",))


def test_rare_labels_and_labels_that_never_occur(labels: LabelSet, pieces: Pieces):
    train = [row(f"envoy {i}", "diplomacy", *(["aid"] if i < 15 else []), where=f"a:{i}") for i in range(16)]
    found = checked(pieces, labels, train=train, dev=[row("tents", "aid", where="b:1")])
    [rare] = kinds(found, "rare")
    assert (rare.message, rare.examples) == ("train: 1 labels have fewer than 16 examples: aid (15)", ("a:0",))
    assert [f.message for f in kinds(found, "absent")] == [
        "train: 2 labels of the set never occur: strikes, personnel",
        "dev: 3 labels of the set never occur: diplomacy, strikes, personnel",
    ]


def test_texts_longer_than_the_encoder_reads(labels: LabelSet, pieces: Pieces):
    found = checked(pieces, labels, train=[row("rain " * 46, where="a:1"), row("rain " * 47, where="a:2")])
    assert [f.examples for f in kinds(found, "long")] == [("a:2",)]


def test_at_most_five_places_are_named_and_all_are_counted(labels: LabelSet, pieces: Pieces):
    [empty] = kinds(checked(pieces, labels, dev=[row("-", where=f"b:{i}") for i in range(9)]), "empty")
    assert (empty.count, len(empty.examples)) == (9, 5)
