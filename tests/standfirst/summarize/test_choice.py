import numpy as np
import pytest

from standfirst.summarize.choice import choice_features
from standfirst.summarize.reading import Scores

TEXTS = [
    "The port of Osk was shut on Monday.",
    "He said the port would open, in 2 days.",
    "“We wait!” we told you.",
]
READ = [Scores(1.0, 0.5, (1.0, 3.0)), Scores(0.0, 2.0, (0.0,) * 20), Scores(-1.0, -1.0, ())]


def test_features_by_hand() -> None:
    columns = choice_features(TEXTS, TEXTS, READ)
    assert {len(values) for values in columns.values()} == {3}
    for name, wanted in {
        "line": [1, 0, -1],
        "line_here": [0, -1, -2],
        "news_here": [-1.5, 0, -3],
        "news_mean": [0, 1.5, -1.5],
        "keep_5": [2, 0, 0],
        "keep_here": [0, -2, -2],
        "place": [0, 1, 2],
        "after": [2, 1, 0],
        "among": [3, 3, 3],
        "words": [8, 9, 5],
        "leans": [0, 1, 0],
        "numbers": [0, 1, 0],
        "numbers_first": [0, 1, 0],
        "we": [0, 0, 1],
        "you": [0, 0, 1],
        "says": [0, 1, 1],
        "opens_quoted": [0, 0, 1],
        "exclaims": [0, 0, 1],
        "before_comma": [30, 6, 30],
        "opens_small": [1, 1, 1],
        "shared": [0.25, 0.2, 0],  # "port", of port, osk, shut, monday; of said, port, open, 2, days
        "shared_by": [0.125, 0.1, 0],
    }.items():
        np.testing.assert_allclose(columns[name], wanted, atol=1e-12, err_msg=name)


def test_of_a_long_sentence_the_first_words_are_looked_at_apart() -> None:
    text = "One two three four five six seven eight nine ten 11, said we"
    columns = choice_features([text], [text], [Scores(0, 0, ())])
    found = {name: columns[name].tolist() for name in ("numbers", "numbers_first", "says_first", "we", "we_first")}
    assert found == {"numbers": [1], "numbers_first": [0], "says_first": [0], "we": [1], "we_first": [0]}


@pytest.mark.parametrize("n", [1, 40])
def test_any_number_of_sentences(n: int) -> None:
    columns = choice_features(["…"] * n, ["…"] * n, [Scores(0, 0, ())] * n)
    assert all(np.isfinite(values).all() and len(values) == n for values in columns.values())
    assert columns["place"].max() <= 11
    assert columns["after"].min() >= 0
