import io
import logging
import sys

import pytest

from training.progress import Progress, duration

NAME = "training.progress"


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def fit(progress: Progress, clock: Clock, first: int, *, seconds: float) -> None:
    for number in range(first, progress.epochs + 1):
        for loss in progress.epoch(number, [0.5] * progress.steps):
            clock.now += seconds
            progress.loss(loss)


def test_a_line_every_half_minute_with_the_time_left_of_all_epochs(caplog: pytest.LogCaptureFixture):
    clock = Clock()
    with caplog.at_level(logging.INFO, NAME):
        fit(Progress(2, 4, terminal=False, clock=clock), clock, 1, seconds=20)
    # 8 steps of 20 s: a line after 40, 80, 120 and 160 s
    assert caplog.messages == [
        "epoch 1/2, 50 %, loss 0.500, 2 min 0 s left (all epochs)",
        "epoch 1/2, 100 %, loss 0.500, 1 min 20 s left (all epochs)",
        "epoch 2/2, 50 %, loss 0.500, 40 s left (all epochs)",
        "epoch 2/2, 100 %, loss 0.500, 0 s left (all epochs)",
    ]


def test_a_run_that_goes_on_measures_its_own_steps_alone(caplog: pytest.LogCaptureFixture):
    clock = Clock()
    with caplog.at_level(logging.INFO, NAME):
        fit(Progress(3, 2, done=2, terminal=False, clock=clock), clock, 3, seconds=40)
    assert caplog.messages[0] == "epoch 3/3, 50 %, loss 0.500, 40 s left (all epochs)"


def test_what_happens_between_epochs_counts_too(caplog: pytest.LogCaptureFixture):
    clock = Clock()
    progress = Progress(2, 1, terminal=False, clock=clock)
    with caplog.at_level(logging.INFO, NAME):
        for number in (1, 2):
            for _ in progress.epoch(number, [None]):
                clock.now += 10
            clock.now += 30  # the dev split is measured
    # one line alone: 10 s after the start it is too early, 50 s after the start both steps are done
    assert caplog.messages == ["epoch 2/2, 100 %, loss nan, 0 s left (all epochs)"]


def test_nothing_is_said_where_only_warnings_are_wanted(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
):
    screen = io.StringIO()
    monkeypatch.setattr(sys, "stderr", screen)
    clock = Clock()
    with caplog.at_level(logging.WARNING, NAME):
        fit(Progress(1, 4, terminal=True, clock=clock), clock, 1, seconds=60)
        fit(Progress(1, 4, terminal=False, clock=clock), clock, 1, seconds=60)
    assert (caplog.messages, screen.getvalue()) == ([], "")


def test_a_terminal_gets_a_bar_and_no_lines(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch):
    screen = io.StringIO()
    monkeypatch.setattr(sys, "stderr", screen)
    clock = Clock()
    with caplog.at_level(logging.INFO, NAME):
        fit(Progress(1, 4, stage="round", terminal=True, clock=clock), clock, 1, seconds=60)
    assert caplog.messages == []
    assert "round 1/1" in screen.getvalue()


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0 s"), (59.6, "1 min 0 s"), (3599, "59 min 59 s"), (90061, "25 h 1 min")]
)
def test_durations(seconds: float, text: str):
    assert duration(seconds) == text
