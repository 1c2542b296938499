"""How far a long fit is, and how long the rest will take: a bar in a terminal, a log line now and then elsewhere.

The time left covers all epochs. It comes from the steps of this process alone, so that a run which goes on after a
kill is not measured by the machine it was killed on.
"""

import logging
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from tqdm import tqdm

T = TypeVar("T")

logger = logging.getLogger(__name__)

EVERY = 30.0
"""Seconds between two log lines."""


class Progress:
    """Follows the batches of a fit; says nothing at all where log lines of level INFO are not wanted.

    Parameters
    ----------
    epochs, steps
        How many epochs the whole fit has, and how many batches each of them.
    done
        Epochs that an earlier process finished.
    stage
        What an epoch is called in bars and lines, if the fit has several kinds of them.
    """

    def __init__(
        self,
        epochs: int,
        steps: int,
        done: int = 0,
        *,
        stage: str = "epoch",
        terminal: bool | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.epochs, self.steps, self.stage = epochs, steps, stage
        self._terminal = sys.stderr.isatty() if terminal is None else terminal
        self._clock = clock
        self._first = done * steps  # of this process
        self._step = self._first
        self._started = self._said = clock()
        self._loss = float("nan")

    def epoch(self, number: int, batches: Iterable[T]) -> Iterator[T]:
        """Yield the batches of the epoch ``number``, counted from 1."""
        wanted = logger.isEnabledFor(logging.INFO)
        bar = tqdm(batches, total=self.steps, desc=self._name(number), disable=not (wanted and self._terminal))
        for batch in bar:
            yield batch
            self._step += 1
            if self._terminal:
                bar.set_postfix_str(f"loss {self._loss:.3f}, {self._left()}", refresh=False)
            elif self._clock() - self._said >= EVERY:
                share = (self._step - (number - 1) * self.steps) / self.steps
                logger.info("%s, %.0f %%, loss %.3f, %s", self._name(number), 100 * share, self._loss, self._left())
                self._said = self._clock()

    def loss(self, value: float) -> None:
        """Tell the loss of the batch that was yielded last; a moving mean of it is shown."""
        self._loss = value if self._loss != self._loss else 0.95 * self._loss + 0.05 * value

    def _name(self, number: int) -> str:
        return f"{self.stage} {number}/{self.epochs}"

    def _left(self) -> str:
        per_step = (self._clock() - self._started) / max(self._step - self._first, 1)
        left = duration(per_step * (self.epochs * self.steps - self._step))
        return f"{left} left (all epochs)" if self.epochs > 1 else f"{left} left"


def duration(seconds: float) -> str:
    """A time for reading, in its two largest units.

    >>> [duration(s) for s in (0.4, 59, 250, 7260)]
    ['0 s', '59 s', '4 min 10 s', '2 h 1 min']
    """
    whole = round(seconds)
    minutes, rest = divmod(whole, 60)
    hours, minutes_of_hour = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes_of_hour} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
