"""How fast student, teacher and both together are: one thread each, word pieces included, by CPU time."""

import time
from collections.abc import Callable, Sequence
from typing import Any

from standfirst.classify import TopicClassifier
from standfirst.student import Student
from training.distill.texts import Text

_MOST_FULL = 400
_MOST_FAST = 4000


def rates(student: Student, teacher: TopicClassifier, texts: Sequence[Text]) -> dict[str, Any]:
    """Texts a second; the teacher reads as many of them as take some seconds.

    What both together come to is computed: every text costs the student's time, and the share handed on the teacher's.
    """
    texts = sorted(texts, key=lambda t: len(t.text) + len(t.context))
    many, few = _every(texts, _MOST_FAST), _every(texts, _MOST_FULL)
    student.answer(*_columns(few[:32]))
    teacher.classify(*_columns(few[:8]))
    fast_s, answered = _timed(lambda: student.answer(*_columns(many)))
    full_s, _ = _timed(lambda: teacher.classify(*_columns(few)))
    per_fast, per_full = fast_s / len(many), full_s / len(few)
    share = sum(not a.is_sure for a in answered) / len(many)
    together = per_fast + share * per_full
    return {
        "student_per_s": round(1 / per_fast),
        "full_per_s": round(1 / per_full, 1),
        "student_times_full": round(per_full / per_fast, 1),
        "handed_on": round(share, 4),
        "fast_tier_times_full": round(per_full / together, 2),
    }


def _every(texts: Sequence[Text], most: int) -> Sequence[Text]:
    return texts[:: max(-(-len(texts) // most), 1)]


def _columns(texts: Sequence[Text]) -> tuple[list[str], list[str | None]]:
    return [t.text for t in texts], [t.context or None for t in texts]


def _timed(work: Callable[[], Any]) -> tuple[float, Any]:
    began = time.process_time()
    found = work()
    return max(time.process_time() - began, 1e-9), found
