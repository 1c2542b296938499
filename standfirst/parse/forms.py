"""The headline rule, part one: what a line is by its own form, without its neighbours.

Plain text has no markup, so a headline is known by how headlines are written. A line has the form of
a headline when all of this holds (``headlines`` then looks at the lines before and after it):

1. It has 3 to 25 words and at most 220 characters. Two words are enough if the second is no name
   ("Sanctions widen"), and the usual labels always do ("Summary", "What we know so far:").
2. It does not end like a sentence: no full stop, exclamation mark, ellipsis, colon, semicolon or
   comma before or after closing quotation marks. A dotted abbreviation ("the U.S.") is no full stop.
3. A question mark ends a headline only if the question starts like one, with a question word or an
   auxiliary, at the start of the line, after a colon ("Analysis: Can ...?") or after a first sentence,
   and then the whole has at most 20 words.
4. "... Here's what you need to know." and "... Catch up here." are headlines in spite of their stop;
   "Here's what she told us." is none.
5. It starts with a capital, a digit or an opening quotation mark, not with a word that carries a
   story on ("He", "They", "But", "However"), and does not end in "said" or "added".
6. At most one sentence ends inside it, it holds no URL, hashtag or @name, and it is neither a quotation
   from end to end in double marks nor ends with one that follows a sentence or "said:".
7. It is no part of a conversation ("Q: ...") and no reader's signature ("Petra M, Hull").
"""

import re
from typing import Literal

from standfirst.parse.pointers import is_byline, is_pointer, label_of, phrases

Form = Literal["headline", "prose", "byline", "pointer"]

MIN_HEADLINE_WORDS = 3
MAX_HEADLINE_WORDS = 25
MAX_HEADLINE_CHARS = 220
"""Measured on 9261 headlines of live updates (CNN, 2022-23): 3 to 23 words."""

LABELS = phrases(
    """summary|opening summary|closing summary|morning summary|midday summary|afternoon summary
    evening summary|interim summary|in summary|recap|daily recap|round-up|roundup|analysis|explainer
    what we know|what we know so far|here's what we know so far|here is what we know so far
    what we know so far today|the latest|what happened today|key developments so far|the story so far
    good morning|good afternoon|good evening|welcome|hello and welcome|opening post|closing post
    thank you for following"""
)
"""Short headlines that come back in every blog; they may end with a colon."""

_CLOSERS = "\"'”’»)]* "
_STOPS = tuple(".!…:;,。！")
_SENTENCE_END = re.compile(r"[.!?…]['\"”’)\]]{0,3}\s(?=[\"'“‘(\[]?[^\W\d_a-z])")
_ABBREVIATION = re.compile(
    r"\b(?:Mr|Mrs|Ms|Dr|Prof|St|Gen|Lt|Col|Sgt|Capt|Adm|Sen|Rep|Gov|Rev|Jr|Sr|Inc|Ltd|Co|Corp|No|vs|[A-Z]|[ap]\.m)"
    r"\.(?=\s)"
)
_ABBREVIATION_END = re.compile(r"(?:\b(?:[^\W\d_]\.){2,}|\b(?:Inc|Ltd|Co|Corp|Jr|Sr)\.)$")
MAX_WORDS_TO_QUESTION = 20
"""Of a headline whose second sentence is a question; 19 at most among the same headlines."""
_WRAP_UP = re.compile(
    r"(?:(?:^|[.!?]\s)(?:here['’]s what (?:you|we|to)\b|catch up|follow)|[.!?]\s(?:here['’]s|here are))\b"
    r"(?![^.!?]*\b(?:said|says|told|heard|hearing|wrote)\b)[^.!?]{0,120}\.$",
    re.IGNORECASE,
)
_IN_CONVERSATION = re.compile(
    r"[QA]\s*[:.]\s|(?:[A-Z][\w.'’-]*(?: [A-Z][\w.'’-]*)?, [A-Z][\w.'’-]*(?: [A-Z][\w.'’-]*)?)$"
)
MAX_SIGNATURE_WORDS = 4
_QUESTION = re.compile(
    r"(?:what|why|how|who|whose|when|where|which|is|are|was|were|will|would|can|could|should|do|does|did|has|have"
    r"|had|may|might|must|if)(?:['’]?s|n['’]t)?\b",
    re.IGNORECASE,
)
_LEAD_IN = re.compile(r"[^\s:][^:?]{0,40}:\s|[“\"‘']")
_CARRIES_ON = re.compile(
    r"(?:he|she|they|we|i|our|my|but|and|or|so|however|meanwhile|therefore|moreover)\b(?!['’]s\b)",
    re.IGNORECASE,
)
_SAID = re.compile(r"\b(?:said|added|wrote|continued|explained)$", re.IGNORECASE)
_QUOTES = re.compile(r"\b(?:said|added|wrote|tweeted|posted|told [^:,“\"]{1,40})(?: [^:,“\"]{1,40})?[:,] [\"“].*[\"”]$")
_WEB = re.compile(r"https?://|www\.|\bt\.co/|pic\.twitter|(?:^|\s)[#@]\w")


def form_of(line: str) -> Form:
    """Say what a line is by its own form; ``line`` is stripped and its white space collapsed.

    >>> form_of("Why did the bridge close?"), form_of("Mara Venn reports:"), form_of("Read more:")
    ('headline', 'byline', 'pointer')
    >>> form_of("It is 6am in the capital."), form_of("* * *")
    ('prose', 'pointer')
    """
    if is_pointer(line) or not any(c.isalnum() for c in line):
        return "pointer"
    if is_byline(line):
        return "byline"
    return "headline" if has_headline_form(line) else "prose"


def has_headline_form(line: str) -> bool:
    """Apply the rule of the module's docstring to one line."""
    if label_of(line) in LABELS:
        return True
    if len(line) > MAX_HEADLINE_CHARS or not _has_headline_length(line.split()):
        return False
    if not _starts_like_headline(line) or _is_one_quote(line) or _is_in_conversation(line):
        return False
    return _ends_like_headline(line) and not _WEB.search(line) and not _QUOTES.search(line)


def _ends_like_headline(line: str) -> bool:
    core = line.rstrip(_CLOSERS)
    if core.endswith(_STOPS) and not (_ABBREVIATION_END.search(core) or _WRAP_UP.search(core)):
        return False
    sentences = _SENTENCE_END.split(_ABBREVIATION.sub("", line))
    if len(sentences) > 2 or (len(sentences) == 2 and line[-1] in '"”'):
        return False
    if core.endswith("?"):
        short = len(sentences) < 2 or len(line.split()) <= MAX_WORDS_TO_QUESTION
        return short and (_asks(line) or _asks(sentences[-1]))
    return not _SAID.search(core[-20:])


def _has_headline_length(words: list[str]) -> bool:
    if len(words) == 2:
        return not words[1][0].isupper()
    return MIN_HEADLINE_WORDS <= len(words) <= MAX_HEADLINE_WORDS


def _starts_like_headline(line: str) -> bool:
    first = line.lstrip("\"'“‘«([¿¡$£€")[:1]
    return first.isalnum() and not first.islower() and not _CARRIES_ON.match(line)


def _is_in_conversation(line: str) -> bool:
    match = _IN_CONVERSATION.match(line)
    return match is not None and (match.end() < len(line) or len(line.split()) <= MAX_SIGNATURE_WORDS)


def _is_one_quote(line: str) -> bool:
    return line[0] in '"“' and line[-1] in '"”' and not any(mark in line[1:-1] for mark in '"“”')


def _asks(sentence: str) -> bool:
    """Tell if a sentence, or what follows its "ICYMI:", starts like a question."""
    rest = sentence
    while not _QUESTION.match(rest):
        match = _LEAD_IN.match(rest)
        if match is None:
            return False
        rest = rest[match.end() :]
    return True
