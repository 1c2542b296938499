import numpy as np
import pytest

from training.distill.handing import bands_for, f1_by_label, line_to, loss, not_sure
from training.platt import sigmoid


@pytest.fixture
def scores():
    """Probabilities of a teacher (N, 2), and a student's that agree with them the better the surer they are."""
    rng = np.random.default_rng(1)
    logits = rng.normal(-1.5, 2.5, (4000, 2))
    return sigmoid(logits + rng.normal(0, 0.8, logits.shape)), sigmoid(logits)


THRESHOLDS = np.array([0.4, 0.5])


def test_f1_worked_out_by_hand() -> None:
    gold = np.array([[True, False], [True, True], [False, False]])
    pred = np.array([[True, True], [False, True], [False, False]])
    # label 0: one of two found, nothing wrong: 2/3; label 1: one found, one wrong: 2/3
    assert f1_by_label(gold, pred).tolist() == pytest.approx([2 / 3, 2 / 3])
    assert f1_by_label(np.zeros((2, 1), bool), np.zeros((2, 1), bool)).tolist() == [0]


def test_a_text_is_handed_on_if_any_label_is_in_its_band() -> None:
    probs = np.array([[0.1, 0.5], [0.3, 0.9], [0.1, 0.9], [0.39996, 0.0]])
    assert not_sure(probs, [(0.2, 0.4), (0.5, 0.6)]).tolist() == [True, True, False, True]  # 0.39996 is written 0.4
    assert not_sure(probs, [None, (0.5, 0.6)]).tolist() == [True, False, False, False]
    assert not_sure(probs, [None, None]).tolist() == [False] * 4


def test_nothing_is_lost_where_all_is_handed_on(scores) -> None:
    student, teacher = scores
    assert loss(student, teacher, THRESHOLDS, np.ones(len(student), bool)) == 0
    assert loss(student, teacher, THRESHOLDS, np.zeros(len(student), bool)) > 0.005


@pytest.mark.parametrize("allowed", [0.001, 0.005, 0.02])
def test_bands_lose_no_more_than_is_allowed(scores, allowed: float) -> None:
    student, teacher = scores
    handed_on = not_sure(student, bands_for(student, teacher, THRESHOLDS, allowed))
    assert loss(student, teacher, THRESHOLDS, handed_on) <= allowed


def test_the_more_may_be_lost_the_less_is_handed_on(scores) -> None:
    student, teacher = scores
    shares = [not_sure(student, bands_for(student, teacher, THRESHOLDS, a)).mean() for a in (0.0005, 0.005, 0.02, 1.0)]
    assert shares == sorted(shares, reverse=True)
    assert shares[0] > shares[-1] == 0


def test_a_band_holds_its_threshold(scores) -> None:
    student, teacher = scores
    for band, threshold in zip(bands_for(student, teacher, THRESHOLDS, 0.002), THRESHOLDS, strict=True):
        assert band is not None
        assert 0 < band[0] < threshold < band[1] < 1


def test_a_student_that_agrees_hands_nothing_on(scores) -> None:
    _, teacher = scores
    assert bands_for(teacher, teacher, THRESHOLDS, 0.005) == [None, None]


def test_the_line_finds_its_way_back() -> None:
    logits = np.random.default_rng(2).normal(0, 2, (5000, 2))
    line = line_to(logits, sigmoid(logits * [0.5, 2.0] + [1.0, -1.0]))
    assert line.scale.tolist() == pytest.approx([0.5, 2.0], abs=0.02)
    assert line.shift.tolist() == pytest.approx([1.0, -1.0], abs=0.02)
