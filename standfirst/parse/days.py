"""Which day a time of day is of, where the page names it once and goes on over midnight."""

import itertools
from collections.abc import Sequence
from datetime import datetime, timedelta

from standfirst.parse.build import DraftUpdate
from standfirst.parse.times import TimeLine

_DAY = timedelta(days=1)
_MIN_TURN = timedelta(hours=6)
"""Updates stand out of order by minutes, or by an hour or two; nights are longer."""


def turn_days(dated: Sequence[tuple[DraftUpdate, TimeLine]]) -> int:
    """Put updates back by a day where the newest come first and a time of day rises; return how many.

    The second update must be later than the first by half a day: the first may be an old one that is pinned.
    A day that the page names is never left.
    """
    known = [(update, time, time.moment) for update, time in dated if time.moment is not None]
    if not _are_newest_first([moment for _, _, moment in known]):
        return 0
    n_days = n_turned = 0
    for i, ((_, above, before), (update, time, moment)) in enumerate(itertools.pairwise(known)):
        if time.is_dated or time.day != above.day:
            n_days = 0
        elif moment - before > (_MIN_TURN if i else 2 * _MIN_TURN):
            n_days += 1
        if n_days:
            update.published = moment - n_days * _DAY
            n_turned += 1
    return n_turned


def _are_newest_first(moments: Sequence[datetime]) -> bool:
    steps = [b - a for a, b in itertools.pairwise(moments)]
    n_later = sum(timedelta(0) < step <= _MIN_TURN for step in steps)
    return sum(-_MIN_TURN <= step < timedelta(0) for step in steps) > 2 * n_later
