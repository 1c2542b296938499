"""Tokenised text back to text as it is printed: ``did n't``, ```` `` ````, `` ,`` and the like."""

import re

_RULES = tuple(
    (re.compile(pattern), to)
    for pattern, to in (
        (r"\s*''", "”"),
        (r"``\s*", "“"),
        (r"(?<=\w) (n't)\b", r"\1"),
        (r" ('(?:s|re|ve|ll|d|m))\b", r"\1"),
        (r" ([.,:;!?%)\]])", r"\1"),
        (r"([(\[]) ", r"\1"),
        (r"([£$€#@]) (?=\w)", r"\1"),
        (r"\s+' (?=s\b)", "'"),
        (r"-lrb-\s*", "("),
        (r"\s*-rrb-", ")"),
        (r"\s{2,}", " "),
    )
)


def detokenize(text: str) -> str:
    """The text without the white space and marks that a tokeniser put into it; idempotent.

    >>> detokenize("it 's `` n't '' what he did n't say , he said .")
    "it's “n't” what he didn't say, he said."
    """
    for pattern, to in _RULES:
        text = pattern.sub(to, text)
    return text.strip()
