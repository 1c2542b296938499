import numpy as np
import pytest

from standfirst.features import KINDS, features, kind_of
from standfirst.offers import Candidate
from standfirst.schema import Line, Paragraph


def candidate(place: int, written: bool = True, text: str = "Boats wait", news: float = 0.0) -> Candidate:
    paragraph = Paragraph("p", text, "text", 0, len(text))
    return Candidate(Line(text, "headline", ()), paragraph, f"u{place}", None, (), place / 9, 20, written, place, news)


@pytest.mark.parametrize(
    ("written", "kind"),
    [([False] * 4, KINDS[0]), ([True, False, False, False], KINDS[1]), ([True, True, False, False], KINDS[2])],
)
def test_the_kind_of_a_blog_is_how_many_updates_have_a_headline(written: list[bool], kind: str) -> None:
    opening = [candidate(0, written=True)] * 3  # key points of the opening do not count
    assert kind_of([*opening, *(candidate(i + 1, w) for i, w in enumerate(written))]) == kind
    assert kind_of(opening) == KINDS[0]


def test_features_by_hand() -> None:
    found = [candidate(1, news=2.0), candidate(2, False, "We count 3: more"), candidate(3, news=1.0)]
    vectors = np.array([[1.0, 0.0], [0.0, 1.0], [0.8, 0.6]])
    columns = features(found, vectors, np.array([0.0, 1.0]))
    assert {len(values) for values in columns.values()} == {3}
    for name, wanted in {
        "likeness": [0, 1, 0.6],
        "likeness_here": np.array([0, 1, 0.6]) - 1.6 / 3,
        "news_here": [1, -1, 0],
        "repeated": [0.8, 0.6, 0.8],
        "told_later": [0, 0, 0.8],  # the third is oldest: the first tells it again
        "told_before": [0.8, 0.6, 0],
        "alike": np.log1p([1, 0, 1]),
        "marked_rank": [0, 0, np.log(2)],
        "marked_age": [0, 0, 0.5],
        "late": np.log1p([2, 1, 0]),
        "short": [1, 1, 1],
        "numbers": [0, 1, 0],
        "colon": [0, 1, 0],
        "addressed": [0, 1, 0],
    }.items():
        np.testing.assert_allclose(columns[name], wanted, atol=1e-12, err_msg=name)


def test_one_candidate_and_no_title() -> None:
    columns = features([candidate(1)], np.array([[1.0, 0.0]]), None)
    assert columns["repeated"].tolist() == columns["likeness"].tolist() == columns["told_before"].tolist() == [0]
