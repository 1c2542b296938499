import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.lexrank import lexrank
from benchmarks.summaries import _line_rows, _oracle, _random, _ranked, show
from training.summary.blogs import RawBlog, RawUpdate
from training.summary.rouge import Rouge, rouge

BLOG = RawBlog(
    "b1",
    "Ferry strike",
    ("the crews walked out on monday", "flour came by air"),
    (
        RawUpdate("u1", "", ("the crews walked out on monday .", "a gull sat on the quay .")),
        RawUpdate("u2", "flour came by air", ("flour came by air .", "the quay was cold .")),
    ),
)


def test_the_text_that_shares_most_is_the_most_central() -> None:
    found = lexrank(["crews left port", "crews left early", "crews left the port early", "a gull sat"])
    assert int(found.argmax()) == 2
    assert found.sum() == pytest.approx(1)


def test_two_linked_texts_by_hand() -> None:
    # a and b are alike, c stands alone: the walk stays where it is, so each keeps the share of its group
    assert lexrank(["flour came", "flour came", "gull"]).tolist() == pytest.approx([1 / 3] * 3)


def test_a_star_by_hand() -> None:
    # cosines of the hub with its two leaves are c, and 0 between the leaves; the stationary walk solved by hand
    texts = ["alpha beta", "alpha", "beta"]
    found = lexrank(texts)
    c = 1 / np.sqrt(2)
    hub, leaf = 1 / (1 + 2 * c), 1 / (1 + c)  # the chance to stay
    out = (1 - hub) / 2
    x = np.linalg.solve(
        np.array([[1 - 0.85 * hub, -0.85 * 2 * (1 - leaf)], [-0.85 * out, 1 - 0.85 * leaf]]), np.full(2, 0.05)
    )
    assert found.tolist() == pytest.approx([x[0], x[1], x[1]], abs=1e-6)


@given(st.lists(st.text(max_size=30), max_size=6))
def test_centralities_are_a_distribution(texts: list[str]) -> None:
    found = lexrank(texts)
    assert found.shape == (len(texts),)
    assert (found >= 0).all()
    assert not texts or found.sum() == pytest.approx(1)


def test_the_oracle_is_no_worse_than_what_it_is_the_anchor_for() -> None:
    reference = " ".join(BLOG.bullets)
    assert _oracle(BLOG, headlines=True).startswith(("the crews walked out", "flour came by air"))
    best = rouge(_oracle(BLOG, headlines=False), reference, cut=True).recall[0]
    assert best == 1.0
    for other in (_ranked, _random):
        assert rouge(other(BLOG, headlines=False), reference, cut=True).recall[0] <= best
    assert _random(BLOG, headlines=False) == _random(BLOG, headlines=False)


def test_the_table_has_the_anchors(capsys: pytest.CaptureFixture[str]) -> None:
    import inspect

    source = inspect.getsource(_line_rows)
    for name in ("lead sentence, cut", "LexRank, cut", "random sentence, cut", "best single sentence (oracle), cut"):
        assert f'"{name}"' in source
    show("Title", "f1", iter([("a", [Rouge((1.0, 1.0, 1.0), (0.5, 0.25, 0.5))])]))
    assert "| a | 1 | 0.500 [0.500, 0.500] | 0.250" in capsys.readouterr().out
