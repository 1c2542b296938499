import itertools
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from standfirst.english.view import Cut, View, tokenize
from standfirst.summarize.compress import best_cuts, compress
from standfirst.summarize.faithful import cuts

ROWS = [
    line
    for line in Path(__file__).with_name("adversarial.txt").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]
_MARKS = re.compile(r"[\[\]{}]")


def plain(row: str) -> str:
    return _MARKS.sub("", row)


def marked(row: str, pattern: str) -> list[tuple[int, int]]:
    """Where the marked words stand in the plain sentence."""
    found = []
    for match in re.finditer(pattern, row):
        start = len(plain(row[: match.start()]))
        found.append((start, start + len(match[1])))
    return found


def must_stay(row: str) -> list[tuple[int, int]]:
    """The same of the bracketed words."""
    return marked(row, r"\[([^\]]*)\]")


def shortest(sentence: str) -> str:
    found = compress(sentence, [-1.0] * len(tokenize(sentence)), 1)
    return " ".join(sentence[a:b] for a, b in found.spans)


def test_there_are_enough_of_them() -> None:
    assert len(set(ROWS)) == len(ROWS) >= 460


@pytest.mark.parametrize("row", ROWS)
def test_what_must_stay_stays(row: str) -> None:
    """Whatever the scores: all against, guarded words most of all, and at random."""
    sentence = plain(row)
    tokens = tokenize(sentence)
    rng = np.random.default_rng(len(row))
    against = [-9.0 if guarded else -1.0 for guarded in View(tokens).guarded]
    for scores in ([-1.0] * len(tokens), against, *(rng.normal(-1, 2, len(tokens)).tolist() for _ in range(4))):
        kept = compress(sentence, scores, 1).spans
        for a, b in must_stay(row):
            assert any(s <= a and b <= e for s, e in kept), f"{sentence[a:b]!r} went: {shortest(sentence)}"


@pytest.mark.parametrize("row", [row for row in ROWS if "{" in row])
def test_what_may_go_goes(row: str) -> None:
    """Where every word is against it, the words in braces are left out."""
    sentence = plain(row)
    kept = compress(sentence, [-1.0] * len(tokenize(sentence)), 1).spans
    for a, b in marked(row, r"\{([^}]*)\}"):
        assert not any(s < b and a < e and sentence[max(s, a) : min(e, b)].strip() for s, e in kept), shortest(sentence)


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("Mr Oake, who leads the harbour board, left.", "Mr Oake left."),
        ("Venn, a dentist from Veld, opened the bridge.", "Venn opened the bridge."),
        ("On Sunday, Orrin closed the strait.", "Orrin closed the strait."),
        ("On Sunday, the army closed the strait.", "On Sunday, the army closed the strait."),  # no small letter first
        ("However, Orrin closed the strait.", "Orrin closed the strait."),
        ("Orrin closed the strait, amid talk of a famine.", "Orrin closed the strait ."),
        (
            "Orrin closed the strait, forcing tankers into port, officials said.",
            "Orrin closed the strait , officials said.",
        ),
        ("The dam (built by the old regent) broke.", "The dam (built by the old regent) broke."),
        ("The dam broke at dawn (see earlier).", "The dam broke at dawn ."),
        ("The dam (details here) broke.", "The dam broke."),
        ("The dam (more than ten years old) broke.", "The dam (more than ten years old) broke."),
        ("The dam – built by the old regent – broke.", "The dam – built by the old regent – broke."),
        ("Dana Orsk (D-Texas) opened the bridge.", "Dana Orsk opened the bridge."),
        ("Dana Orsk (Lab, Pelm and Veld) opened the bridge.", "Dana Orsk (Lab, Pelm and Veld) opened the bridge."),
        ("The World Harbour Office (WHO) opened the bridge.", "The World Harbour Office opened the bridge."),
        ("The WFO (World Flour Office) opened the bridge.", "The WFO opened the bridge."),
        ("Crews cleared the tracks on Monday near the dam.", "Crews cleared the tracks ."),
        ("The parade is also on Saturday, organisers said.", "The parade is on Saturday, organisers said."),
        ("The crews left on Monday night.", "The crews left ."),
        ("The board's plan, published today, runs to 9 pages.", "The board's plan, published today, runs to 9 pages."),
        ("Recently opened this morning, the bridge fell.", "Recently opened this morning, the bridge fell."),
        ("Trucks carried grain to the camp in the hills near Pelm.", "Trucks carried grain to the camp ."),
        ("The bridge fell, and it took the road with it.", "The bridge fell, and it took the road with it."),
        ("The bridge fell; no train has run since.", "The bridge fell; no train has run since."),
        ("The regent, the head of the clan, who fell ill, rested.", "The regent rested."),
        ("Troops, after days of rain, left.", "Troops, after days of rain, left."),  # the verb comes after the aside
        ("The army left the town.", "The army left the town."),
        ("The envoy is for the truce in Osk: it is the way.", "The envoy is for the truce in Osk: it is the way."),
        ("The crews have left Osk for good: Dana Orsk (@dorsk) bye!", "The crews have left Osk for good !"),
        ("Crews say that the port of Osk is shut: Dana Orsk (@dorsk) no!", "Crews say that the port of Osk is shut !"),
        (
            "Gales of 90 miles are due: stay away @dorsk till the 25th?",
            "Gales of 90 miles are due: stay away @dorsk till the 25th?",
        ),
        (
            "The vote in Osk was clear: 80%; no: 20% Dana (@dorsk).",
            "The vote in Osk was clear: 80%; no: 20% Dana (@dorsk).",
        ),
        ("Incidentally, Orrin closed the strait.", "Orrin closed the strait."),
        ("The crews said it again: Dana Orsk (@dorsk) bye!", "The crews said it again: Dana Orsk (@dorsk) bye!"),
        ("Heavy showers in the hills today.", "Heavy showers in the hills today."),  # no verb: the day is the news
        ("Crews left the port yesterday.", "Crews left the port yesterday."),  # else it seems to be today
        ("The crews are very tired, the union said.", "The crews are very tired, the union said."),
        ("The photo (it is mine.) the dam broke.", "The photo (it is mine.) the dam broke."),
    ],
)
def test_all_that_may_go_worked_out_by_hand(sentence: str, expected: str) -> None:
    assert shortest(sentence) == expected


@pytest.mark.parametrize(
    ("sentence", "struck"),
    [
        ("And Orrin closed the strait, cutting the road to Pelm.", ["And"]),
        ("The crews are also tired, the head of the union said.", ["also"]),
        ("Dana Orsk (Con, Pelm) closed the dam on Monday.", ["(Con, Pelm)", "on Monday"]),
        ("The dam, which had leaked, broke.", []),
        ("the dam, the pride of the town, broke.", []),
        ("Trucks carried grain to the camp in the hills near Pelm.", []),
    ],
)
def test_what_a_reader_misses_goes_only_for_want_of_room(sentence: str, struck: list[str]) -> None:
    scores = [-1.0] * len(tokenize(sentence))
    found = compress(sentence, scores, 40)
    assert [sentence[a:b] for a, b in found.struck] == struck
    assert compress(sentence, scores, 1).n_words <= found.n_words


def test_lower_cased_text_may_begin_anywhere() -> None:
    assert shortest("on sunday , the army closed the strait .") == "the army closed the strait ."


def test_tokens_hold_every_character() -> None:
    text = "The U.S.-led force’s £2.5m plan (which didn't work), “he said”… ended – at 3.40am."
    tokens = tokenize(text)
    assert "".join(t.text for t in tokens) == "".join(text.split())
    assert all(text[t.start : t.end] == t.text for t in tokens)


def test_an_empty_sentence_has_no_cuts() -> None:
    assert cuts(tokenize("")) == []
    assert compress("", [], 5).spans == ()


@pytest.mark.parametrize("text", ["On Monday, Ina Venn left", "On Monday night, Ina Venn said"])
def test_a_verb_that_ends_a_text_without_a_stop_is_read(text: str) -> None:
    assert {text[: tokenize(text)[c.end].start] for c in cuts(tokenize(text))} <= {text[: text.index("Ina")]}


def test_nothing_is_cut_in_a_text_without_stops() -> None:
    sentence = "Oake, who leads the crew, left the port of Osk" + " and Pelm" * 140
    assert cuts(tokenize(sentence))
    assert cuts(tokenize(sentence + " and Pelm" * 5)) == []


def test_scores_are_one_per_token() -> None:
    with pytest.raises(ValueError, match="2 scores came for 3 tokens"):
        compress("Two words.", [1.0, 1.0], 5)


@given(st.sampled_from(ROWS), st.integers(1, 30), st.data())
@settings(deadline=None, database=None, max_examples=120)
@pytest.mark.slow
def test_a_compression_is_a_subsequence_and_the_best(row: str, max_words: int, data: st.DataObject) -> None:
    """The decoder against all sets of cuts, tried one by one."""
    sentence = plain(row)
    tokens = tokenize(sentence)
    scores = data.draw(st.lists(st.floats(-3, 3), min_size=len(tokens), max_size=len(tokens)))
    allowed = cuts(tokens)[:10]
    chosen = best_cuts(tokens, scores, allowed, max_words)
    assert all(a.end <= b.start for a, b in itertools.pairwise(chosen))

    def worth(some: list[Cut]) -> tuple[int, float]:
        kept = [i for i in range(len(tokens)) if not any(c.start <= i < c.end for c in some)]
        return sum(tokens[i].opens for i in kept), sum(scores[i] for i in kept)

    sets: list[list[Cut]] = [[]]
    for cut in allowed:
        sets += [[*s, cut] for s in sets if all(cut.start >= c.end or c.start >= cut.end for c in s)]
    options = [worth(s) for s in sets]
    fitting = [value for n, value in options if n <= max_words]
    n_words, value = worth(chosen)
    if fitting:
        assert n_words <= max_words
        assert value == pytest.approx(max(fitting))
    else:
        assert n_words == min(n for n, _ in options)


_PARTS = 'Orrin the who which , . ; ( ) [ – “ ” " and in on Monday is was left said that including 12 also Mr'.split()


@given(st.lists(st.sampled_from(_PARTS), max_size=24))
@settings(deadline=None, database=None, max_examples=600)
def test_any_row_of_words_and_marks_is_read(parts: list[str]) -> None:
    tokens = tokenize(" ".join(parts))
    for cut in cuts(tokens):
        assert 0 <= cut.start < cut.end <= len(tokens)
    compress(" ".join(parts), [-1.0] * len(tokens), 1)
