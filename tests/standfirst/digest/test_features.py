import numpy as np
import pytest

from standfirst.digest.features import KINDS, at_moments, features, kind_of, newness
from standfirst.digest.offers import Candidate
from standfirst.schema import Line, Paragraph


def candidate(place: int, written: bool = True, text: str = "Boats wait", news: float = 0.0) -> Candidate:
    paragraph = Paragraph("p", text, "text", 0, len(text))
    return Candidate(Line(text, "headline", ()), paragraph, f"u{place}", None, (), place / 9, 20, written, place, news)


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ([False] * 4, KINDS[0]),
        ([True, False, False, False], KINDS[1]),
        ([True] * 3 + [False], KINDS[1]),
        ([True] * 4 + [False], KINDS[2]),
    ],
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


def test_newness_counts_written_lines_alone() -> None:
    found = [candidate(1), candidate(2, False), candidate(3), candidate(5), candidate(4, False)]
    assert newness(found).tolist() == [1, 0, 0.5, 0, 0]
    assert newness([candidate(1)]).tolist() == [1]
    assert newness([candidate(1, False)] * 2).tolist() == [0, 0]


def test_moments_stand_evenly_around_the_blog_as_it_is() -> None:
    found = [candidate(1, news=2.0), candidate(2, False), candidate(3)]
    columns = features(found, np.eye(3), None)
    moments = list(at_moments(columns))
    assert {frozenset(m) for m in moments} == {frozenset(columns)}
    for name in ("recency", "late", "news_here"):
        np.testing.assert_allclose(np.mean([m[name] for m in moments], axis=0), columns[name], atol=1e-12)
    middle = moments[len(moments) // 2]
    assert all(middle[name].tolist() == columns[name].tolist() for name in columns)
    assert all(m["news"].tolist() == [2, 0, 0] for m in moments)  # what does not move with the blog
    assert all(m["marked_rank"][1] == 0 for m in moments)  # no headline: no rank, ever
    assert all(m["age"].min() >= 0 and m["age"].max() <= 1 for m in moments)
