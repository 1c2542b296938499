"""Whether a ``<time>`` of a page dates what it stands in, or is a word of a sentence.

``<p>Updated <time>12:00</time></p>`` says when, ``<p>Polls close at <time>10pm</time>.</p>`` tells the news.
"""

import re
from collections.abc import Sequence

from standfirst.parse.pointers import is_byline, is_pointer
from standfirst.parse.times import parse_time_line

MIN_SENTENCE_WORDS = 3
"""Fewer beside a time are a place, a kicker or a button."""

_STAMP = re.compile(
    r"[\W_]*(?:(?:first|last|updated|modified|edited|published|posted|created|at|on|date|time)\b[\W_]*)*$",
    re.IGNORECASE,
)
_CREDIT = re.compile(
    r"\W{0,3}(?:(?:first|last) )?(?:updated|modified|edited|published|posted|written|by)\b", re.IGNORECASE
)
_LEADS_TO_TIME = re.compile(r"\b(?:at|by|on|from|until|till|since|before|after|around|about|to)$", re.IGNORECASE)
_DATES = re.compile(r"\b(updated|modified|edited|published|posted|created)\b", re.IGNORECASE)
_EDITS = frozenset({"updated", "modified", "edited"})


def is_stamp(words: str) -> bool:
    """Tell if words in front of a time only say what it dates: "Last updated:"; no words do, too."""
    return _STAMP.match(words) is not None


def is_edit(words: str) -> bool:
    """Tell if words in front of a time say that it dates an edit."""
    found = _DATES.findall(words)
    return bool(found) and found[-1].casefold() in _EDITS


def is_time_line(text: str) -> bool:
    """Tell if a text holds times and nothing else."""
    return parse_time_line(" ".join(text.split()), None) is not None


def in_sentence(parts: Sequence[str], *, in_heading: bool = False) -> list[bool]:
    """Tell of each time of a block if it is a word of a sentence.

    ``parts`` are the block's text before the first time, the first time, what follows it, and so on: an odd number.

    >>> in_sentence(["Polls close at", "10pm", "on Thursday."]), in_sentence(["Last updated:", "10pm", "GMT"])
    ([True], [False])
    """
    words = " ".join(parts[::2]).split()
    if not words or is_time_line(" ".join(parts)):
        return [False] * (len(parts) // 2)
    found: list[bool] = []
    for i in range(1, len(parts), 2):
        before, after = parts[i - 1].strip(), parts[i + 1].strip()
        goes_on = bool(found) and found[-1] and is_stamp(before) and not _DATES.search(before)  # "at 7am on 4 March"
        is_long = in_heading or len(words) >= MIN_SENTENCE_WORDS
        found.append(is_long and (goes_on or _is_word(before, after, in_heading)))
    return found


def _is_word(before: str, after: str, in_heading: bool) -> bool:
    if not before:
        return after[:1].islower() and not after.startswith(("by ", "ago"))  # "10pm is the deadline"
    if is_stamp(before) or is_byline(before) or is_pointer(before):
        return False
    if _CREDIT.match(before) and not any(map(str.isalnum, after)):
        return False
    return bool(after) or in_heading or _LEADS_TO_TIME.search(before) is not None
