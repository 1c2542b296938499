import os
import signal
import subprocess
import sys

import psutil
import pytest

from standfirst.archive import models as archive_models
from standfirst.archive.models import ModelChoice, Models
from standfirst.archive.pool import Answered, Pool, Task, _again
from standfirst.archive.work import Failed
from standfirst.errors import ModelNotFound

TEXTS = [(f"the drone hit port {n}", None) for n in range(40)]


def collected(pool: Pool, count: int) -> list[Answered]:
    found: list[Answered] = []
    while sum(len(a.answers) for a in found) < count:
        found += pool.collect(60)
    return found


@pytest.mark.slow
def test_answers_are_those_of_the_models(choice: ModelChoice) -> None:
    with Pool(choice, 2) as pool:
        for start in range(0, 40, 10):
            pool.submit(Task("topics", 0, range(start, start + 10), TEXTS[start : start + 10]))
        pids = pool.pids
        answers = {k: a for done in collected(pool, 40) for k, a in zip(done.task.keys, done.answers, strict=True)}
    assert [answers[n] for n in range(40)] == Models(choice).topics(TEXTS)
    assert not any(psutil.pid_exists(pid) for pid in pids)


@pytest.mark.slow
def test_a_process_that_is_killed_is_replaced_and_nothing_is_lost(choice: ModelChoice) -> None:
    with Pool(choice, 1) as pool:
        pool.submit(Task("topics", 0, range(3), TEXTS[:3]))
        collected(pool, 3)
        (before,) = pool.pids
        pool.submit(Task("topics", 0, range(40), TEXTS))
        os.kill(before, signal.SIGKILL)
        keys = [key for done in collected(pool, 40) for key in done.task.keys]
        assert sorted(keys) == list(range(40))
        assert pool.pids != [before]


@pytest.mark.slow
def test_models_that_cannot_be_loaded_end_the_job() -> None:
    with Pool(ModelChoice(topics="none"), 1) as pool, pytest.raises(ModelNotFound):
        collected(pool, 1)


def test_the_item_that_kills_is_found_by_halving_and_given_up_the_second_time() -> None:
    task = Task("topics", 3, "abcd", ["a", "b", "c", "d"])
    (left, right), none = _again(task)
    assert (left.keys, right.items, none) == ("ab", ["c", "d"], [])
    (one, _), _ = _again(left)
    (once,), none = _again(one)
    assert (once.deaths, none) == (1, [])
    again, (given_up,) = _again(once)
    assert again == []
    assert given_up.task.keys == "a"
    assert isinstance(given_up.answers[0], Failed)


def test_one_text_that_cannot_be_scored_does_not_cost_the_others(choice: ModelChoice, monkeypatch) -> None:
    models = Models(choice)
    classify = models._topics.classify

    def fails(texts, contexts, *, threshold):
        if "poison" in texts:
            raise MemoryError
        return classify(texts, contexts, threshold=threshold)

    monkeypatch.setattr(models._topics, "classify", fails)
    answers = models.topics([("rain", None), ("poison", None), ("aid", None)])
    assert answers[1] == Failed("could not be scored: MemoryError")
    assert [answers[0], answers[2]] == Models(choice).topics([("rain", None), ("aid", None)])


@pytest.mark.slow
def test_a_worker_needs_no_torch(choice: ModelChoice) -> None:
    code = f"import {archive_models.__name__} as m, sys; m.Models(m.ModelChoice({choice.topics!r}))"
    code += "; print(*{n.partition('.')[0] for n in sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert {"torch", "transformers", "ray", "pyarrow", "bentoml"}.isdisjoint(done.stdout.split())
