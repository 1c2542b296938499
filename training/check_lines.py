"""Read made lines apart from the code that made them, and say which rules they break.

Written apart from ``standfirst.summarize.faithful``: it shares none of its word lists or code, looks at the finished
line and its source alone, and knows nothing of cuts. ``python -m training.check_lines BLOGS.jsonl.gz`` makes and checks
the line of every update.
"""

import argparse
import json
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path

from standfirst.english.sentences import sentences
from standfirst.schema import Line, Paragraph, Update

_NEGATIVE = (
    r"not|no|never|none|nobody|nothing|neither|nor|cannot|without|denie[sd]|deny|denying|"
    r"refus(?:e|es|ed|al|als|ing)|\w+n['’]t|n['’]t|yet"
)
_HEDGE = (
    r"alleged\w*|allegation\w*|reported(?:ly)?|unconfirmed|likely|unlikely|apparent(?:ly)?|possib(?:le|ly)|probabl\w+|"
    r"suspect\w*|perhaps|maybe|might|may|could|would|expected|believed|feared|thought|estimated|about|around|nearly|"
    r"almost|attempted|planned|proposed|former|acting|so-called|potential(?:ly)?|purported(?:ly)?|supposed(?:ly)?"
)
_CONDITION = r"if|unless|whether|provided|until|subject to|in case|otherwise"
_SPEECH = (
    r"sa(?:id|ys|ying)|tells?|told|claim\w*|according to|announc(?:e|es|ed|ing)|insist\w*|argu(?:ed|es)|"
    r"accus\w+|citing|cited|"
    r"confirm\w*|warn(?:s|ed)|admit\w*|declar\w+|suggest\w*|reports?|stated|tweeted|vow\w*|pledg\w+|quoted"
)
_NUMBER = (
    r"[£$€]?\d[\w.,%:-]*|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozens?|hundreds?|thousands?|"
    r"millions?|billions?|half|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
)
_LIMIT = (
    r"only|all|every|each|any|few|fewer|first|last|most|least|more than|than|largest|biggest|worst|best|"
    r"(?!protest|request|arrest|interest|invest|forest|suggest|[\w-]*west|unrest|latest|guest|harvest|test|rest|contest|digest|modest|honest|midwest)\w{3,}est"
)
GUARDED: Mapping[str, re.Pattern[str]] = {
    name: re.compile(rf"(?<![\w@-])(?:{words})(?![\w-])", re.IGNORECASE)
    for name, words in (
        ("negation", _NEGATIVE),
        ("hedge", _HEDGE),
        ("condition", _CONDITION),
        ("speaker", _SPEECH),
        ("number", _NUMBER),
        ("limit", _LIMIT),
    )
}
_OWN_CLAUSE = re.compile(
    r"\s*(?:(?:on \w+day(?: \w+)?|th(?:is|at) \w+|today|tonight|overnight|yesterday)\s*(?=[,;]))?\s*"
    r"(?:,\s*(?:(?:in|of|to|for|with|from|at|on|by|under|over|after|during|against|about|through|following|among|before)\s+)?(?:who|whose|which|whom|where)\b|"
    r",\s*and\s+(?:he|she|they|it|we|i|you)\b|;|,\s*(?:the|a|an|his|her|its|their|our|my|your)\b[^,]*,\s*(?:who|which|whose|where)\b)",
    re.IGNORECASE,
)
_BRACKET = re.compile(r"\s*\([^()]*\)")
_POST = re.compile(r"\s*:\s*(?:[\w.,'’-]+\s+){0,6}\(@")
"""How a post begins that the source runs into the sentence before it: another text, by somebody else."""
_ASIDE = re.compile(r"\s*[(\[–—,;]")
_HARMLESS = re.compile(
    r"(?:\s*(?:(?:Mr|Mrs|Ms|Miss)\.?|And|But|(?:However|Meanwhile|Also|Separately|Moreover|Overall|Furthermore|Nonetheless|Nevertheless),?|"
    r"very|really|quite|extremely|now|currently|also|actually|simply|indeed)\s*)+",
    re.I,
)
_SUBJECT = (
    r"(?:the|a|an|his|her|its|their|our|my|your|he|she|it|they|we|i|you|there|this|that|these|those|"
    r"[A-Z][\w’'-]*|\d+|one|two|three|four|five|six|seven|eight|nine|ten|dozens|hundreds|thousands|several|many|few|both|half)"
)
_PAST_FORMS = (
    r"was|were|had|has|have|did|is|are|became|began|broke|brought|built|came|caught|chose|cut|drew|drove|fell|felt|fled|"
    r"flew|found|fought|gave|got|went|grew|held|hit|hurt|kept|knew|laid|led|left|lost|made|meant|met|paid|put|ran|rose|"
    r"saw|sent|shot|shook|shut|sold|spoke|spent|stood|stole|struck|swore|took|taught|threw|understood|won|beat|bought|"
    r"forgot|froze|hid|hung|lent|lit|rode|rang|sank|sang|slept|stuck|swept|swung|tore|wore|woke|wrote|sought|dealt|"
    r"spread|burst|died|ate|bit|blew|bore|bred|clung|crept|dug|drank|fed|heard|knelt|lay|leapt|learnt|lied|sat|shone|"
    r"shrank|slid|sped|spun|sprang|stung|strode|swam|told|thought|wept|withdrew|used|owed|tied|\w{3,}ed"
)
_FINITE = re.compile(rf"(?<![\w-])(?:{_PAST_FORMS})(?:n['’]t)?(?![\w-])")
_MODAL = re.compile(
    r"(?<![\w-])(?:will|would|shall|should|can|could|may|might|must|wo|ca|if|unless)(?![\w-])|['’]ll\b", re.I
)
_CIRCUMSTANCE = re.compile(rf"\s*(?:,\s*)?(?:after|before|when|as|while)\s+{_SUBJECT}\b")
_OPENING_CLAUSE = re.compile(rf"\s*(?:[Aa]fter|[Aa]s|[Ww]hen|[Bb]efore)\s+{_SUBJECT}\b[^,]*,\s*")
_AND_CLAUSE = re.compile(rf"\s*,\s*and\s+{_SUBJECT}\b")
_SAID_TOO = re.compile(
    r"\s*,\s*(?:saying|adding|stressing|insisting|arguing|claiming|noting|explaining)\s+"
    r"(?:that|he|she|they|it|we|i|you|the|a|an|his|her|its|their|our|my|your|this|these|those)\b"
)
_TIME = re.compile(
    r"(?:\s*(?:on \w+day(?: \w+)?|(?:this|last) \w+|today|tonight|overnight|yesterday)"
    r"(?=\s+(?:after|before|when|as|while)\b|\s*,))?",
    re.I,
)
_VENUE = re.compile(
    r"\s*(?:in|on|at|during|via)\b[^,;:]*\b(?:statement|tweet|post|interview|briefing|conference|speech|address|telegram|"
    r"twitter|facebook|message|letter|visit|meeting|summit|video|television|tv|radio|broadcast|podcast|instagram|presser|"
    r"session|committee)\b[^,;:]*",
    re.I,
)
_TOLD_NEXT = re.compile(
    r"\s*(?:(?:has|have|had|is|was|were|will|would|does|did)\s+)?(?:(?:not|also|been|be|to|expected|due|later)\s+)*"
    rf"(?:{_SPEECH}|believ\w+|tell|say|claim|quoted|heard)\b",
    re.I,
)
_TELLS = re.compile(r"\b(?:said|says|wrote|writes|announced|tweeted|posted|added)\s*$", re.I)
_OFFICE = re.compile(
    r"\s*(?:the\s+)?(?:[\w’'-]+\s+){0,5}(?:minister|president|secretary|chancellor|premier|chief|head|chair\w*|director|"
    r"commander|general|governor|mayor|spokes\w+|leader|senator|ambassador|envoy|editor|correspondent|reporter|founder|owner|"
    r"boss|manager|captain|coach|lawyer|prosecutor|analyst|professor|economist|commissioner|advis[eo]r|co-founder|co-owner|"
    r"executive|officer|mp|mep|councillor|congress(?:wo)?man|bishop|archbishop|judge)\s*",
    re.I,
)
_PLACE = re.compile(
    r"\s*the\s+(?:[\w’'-]+\s+){0,2}(?:city|town|village|region|suburb|district|province|island)\s+of\s*",
    re.I,
)
_DOWNWARD = re.compile(rf"(?<![\w-])(?:{_NEGATIVE}|{_CONDITION}|{_LIMIT})(?![\w-])|\?", re.IGNORECASE)
_LOOSE = r"the|a|an|of|to|from|with|by|at|for|into|and|or|nor|because|while|although|than"
_AUXILIARY = r"will|would|could|should|is|are|was|were|be|been|being|has|have|had"
_BEFORE_GAP = re.compile(rf"(?<![\w-])(?:{_LOOSE})\s*$", re.IGNORECASE)
_DANGLING = re.compile(
    rf"(?<![\w-])(?:{_LOOSE}|{_AUXILIARY}|as|when|that|which|who|during|amid|near|between|among|against)\s*[.!?…]?\s*$",
    re.IGNORECASE,
)

_QUOTES = (("“", "”"), ("«", "»"))
_SILENT = frozenset({"byline", "pointer", "title"})


def violations(line: Line, paragraphs: Sequence[Paragraph]) -> list[str]:
    """What is wrong with a line, in words; an empty list if nothing is.

    ``paragraphs`` are those that the line's pieces name.
    """
    homes = {p.id: p for p in paragraphs}
    found: list[str] = []
    last: dict[str, int] = {}
    for piece in line.pieces:
        home = homes.get(piece.paragraph_id)
        if home is None or home.text[piece.start : piece.end] != piece.text:
            found.append("a piece is not where it says")
            continue
        if piece.start < last.get(home.id, 0):
            found.append("pieces out of order")
        last[home.id] = piece.end
        if home.kind in _SILENT or home.repeat_of is not None:
            found.append(f"words of a {home.kind if home.repeat_of is None else 'repeat'}")
    if _bare(line.text) != _bare("".join(p.text for p in line.pieces)):
        found.append("the line is not its pieces")
    if not found and line.origin != "headline":
        for home in homes.values():
            found += _of_paragraph(home, [(p.start, p.end) for p in line.pieces if p.paragraph_id == home.id])
    return found


def _bare(text: str) -> str:
    return "".join(text.split())


def _of_paragraph(home: Paragraph, spans: Sequence[tuple[int, int]]) -> Iterator[str]:
    for sentence in sentences(home):
        kept = [
            (max(a, sentence.start), min(b, sentence.end)) for a, b in spans if a < sentence.end and b > sentence.start
        ]
        if kept:
            yield from _of_sentence(sentence.text, [(a - sentence.start, b - sentence.start) for a, b in kept])


def _of_sentence(text: str, kept: Sequence[tuple[int, int]]) -> Iterator[str]:
    edges = [0, *(x for span in kept for x in span), len(text)]
    gaps = [(a, b) for a, b in zip(edges[::2], edges[1::2], strict=True) if text[a:b].strip()]
    stays = " ".join(text[a:b] for a, b in kept)
    if not gaps:
        return
    for a, b in gaps:
        yield from _of_gap(text, a, b, stays)
    yield from _quotes_broken(text, gaps)
    if _DANGLING.search(stays) and not _DANGLING.search(text):
        yield f"dangling at the end: {stays[-16:]}"


def _of_gap(text: str, a: int, b: int, stays: str) -> Iterator[str]:
    """What is wrong with leaving out ``text[a:b]``; a bracket or "in a statement" at its head is judged by itself."""
    start = a
    bracket = _BRACKET.match(text, a, b)
    if bracket:
        yield from _lost(bracket[0])
        start = bracket.end()
    venue = _VENUE.match(text, start, b)
    if venue and venue.end() < b and _needless(text, start, venue.end()):
        start = venue.end()
    gone = text[start:b]
    if not gone.strip() or (_POST.match(gone) and not text[b:].strip(" .!?…")):
        return
    if _needless(text, start, b):
        yield from _lost(gone)
        return
    if not _OWN_CLAUSE.match(gone) and not _stands_alone(text, start, b):
        yield from _lost(gone)
        aside = _ASIDE.match(gone) and (text[b:].lstrip()[:1] or ".") and _closed(gone, text[b:])
        if not aside and not _HARMLESS.fullmatch(gone) and _DOWNWARD.search(stays):
            yield f"a restriction went from a limited sentence: {gone.strip()[:40]}"
    before = text[:a]
    told = gone.lstrip()[:1] == "," and gone.rstrip()[-1:] == "," and _TOLD_NEXT.match(text, b)
    clause = re.split(r"[:;,”\"]", before)[-1]
    if told and _FINITE.search(clause) and not re.search(rf"\b(?:{_SPEECH})\b", clause, re.I):
        yield f"who speaks was lost: {gone.strip()[:60]!r}"
    if (
        before.strip()
        and _BEFORE_GAP.search(before)
        and not _HARMLESS.fullmatch(gone)
        and not gone.strip()[:1].isupper()
    ):
        yield f"dangling before a gap: {before.rstrip()[-12:]}"


def _lost(gone: str) -> Iterator[str]:
    for name, pattern in GUARDED.items():
        for match in pattern.finditer(gone):
            yield f"{name} lost: {match[0]} in {gone.strip()[:60]!r}"


def _needless(text: str, a: int, b: int) -> bool:
    """Whether a gap holds only an office before a name, "the city of", "that", or where somebody spoke."""
    gone, before, after = text[a:b], text[:a], text[b:].lstrip()
    if gone.strip().lower() == "that":
        takes = re.search(r"\b(?:said|says|claim(?:s|ed)|insist(?:s|ed)|believes?|hopes|fears)\s*$", before)
        return bool(takes and re.match(rf"{_SUBJECT}\b", after))
    if _PLACE.fullmatch(gone):
        return bool(re.search(r"\b(?:in|near|at|from|to|around|on)\s*$", before)) and after[:1].isalpha()
    if _OFFICE.fullmatch(gone):
        return bool(re.match(r"[^\W\d_a-z][\w’'.-]*\s+[^\W\d_a-z]", after))
    denied = re.search(rf"(?<![\w-])(?:{_NEGATIVE}|{_CONDITION})(?![\w-])|\?", before + after, re.I)
    closes = re.match(r"that\b|[,:.!?]|$", after)
    return bool(_VENUE.fullmatch(gone) and _TELLS.search(before) and closes and not denied)


def _stands_alone(text: str, a: int, b: int) -> bool:
    """Whether a gap is a clause with a verb of its own, which may take what is guarded with it.

    A circumstance must not be the condition of something that is yet to be, nor may it be what somebody claims.
    """
    before, after = text[:a], text[b:].strip()
    gone = text[a + _TIME.match(text[a:b]).end() : b]  # type: ignore[union-attr]
    if _SAID_TOO.match(gone):
        return len(after) < 2 and bool(_FINITE.search(before) or re.search(r"\b\w+s\b", before))
    subject_at = re.match(r"\W*\w+\s+", gone)
    if subject_at is None or not _FINITE.search(gone, subject_at.end()) or GUARDED["speaker"].search(gone):
        return False
    if _AND_CLAUSE.match(gone):
        return bool(_FINITE.search(before) or re.search(rf"\b(?:{_AUXILIARY})\b|\w+s\b", before))
    closes = not after or not after[0].isalnum()
    if _CIRCUMSTANCE.match(gone) and a:
        return closes and bool(_FINITE.search(before)) and not _MODAL.search(before)
    if _OPENING_CLAUSE.fullmatch(gone) and not text[:a].strip():
        return bool(_FINITE.search(after)) and not _MODAL.search(" ".join(after.split()[:12]))
    return False


def _closed(gone: str, rest: str) -> bool:
    """Whether an aside between commas, dashes or brackets went whole."""
    return gone.rstrip()[-1:] in ",)]–—" or not rest.strip() or rest.lstrip()[:1] in ".,;!?"


def _quotes_broken(text: str, gaps: Sequence[tuple[int, int]]) -> Iterator[str]:
    for opening, closing in _QUOTES:
        for match in re.finditer(f"{opening}[^{closing}]*{closing}?", text):
            for a, b in gaps:
                if max(a, match.start()) < min(b, match.end()) and not (a <= match.start() and match.end() <= b):
                    yield f"half a quotation: {match[0][:30]}"
    marks = [m.start() for m in re.finditer('"', text)]
    for first, second in zip(marks[::2], marks[1::2], strict=False):
        for a, b in gaps:
            if max(a, first) < min(b, second + 1) and not (a <= first and second < b):
                yield "half a quotation"


def main(argv: Sequence[str] | None = None) -> int:
    """Make and check the line of every update of some files; exit 1 if one is wrong."""
    parser = argparse.ArgumentParser(prog="python -m training.check_lines", description=__doc__)
    parser.add_argument("files", type=Path, nargs="+", metavar="BLOGS", help="blogs, one a line (.jsonl or .jsonl.gz)")
    parser.add_argument("--model", type=Path, help="summary model folder (default: the shipped one)")
    parser.add_argument("--limit", type=int, default=0, metavar="N", help="at most N blogs of each file")
    parser.add_argument(
        "--adverse",
        action="store_true",
        help="without a model: make every permitted cut in the first two sentences of each update",
    )
    args = parser.parse_args(argv)
    from training.summary.blogs import read_blogs

    lines = _adverse if args.adverse else _served(args.model)
    counts: Counter[str] = Counter()
    for path in args.files:
        for blog in islice(read_blogs(path, headlines=False), args.limit or None):
            for update in blog.updates:
                counts["updates"] += 1
                for line in lines(update):
                    counts["lines"] += 1
                    counts["shortened"] += len(line.pieces) > 1
                    named = {p.paragraph_id for p in line.pieces}
                    for wrong in violations(line, [p for p in update.paragraphs if p.id in named]):
                        counts["violations"] += 1
                        print(f"{path.name}: {blog.id}: {update.id}: {wrong} -> {line.text}")  # noqa: T201
    print(json.dumps(dict(counts)))  # noqa: T201
    return int(counts["violations"] > 0)


def _served(model: Path | None) -> Callable[[Update], list[Line]]:
    """The line that a model makes of an update."""
    from standfirst.reader import MODELS
    from standfirst.summarize import Summarizer

    summarizer = Summarizer.load(model or MODELS / "summary", threads=1)

    def made(update: Update) -> list[Line]:
        line = summarizer.standfirst(update)
        return [] if line is None else [line]

    return made


def _adverse(update: Update) -> list[Line]:
    """The first two sentences of an update, each as short as the rules allow; what belongs together stays whole."""
    from standfirst.english.view import tokenize
    from standfirst.summarize.candidates import candidates
    from standfirst.summarize.compress import compress
    from standfirst.summarize.lines import Short, line_of

    found = candidates(update.paragraphs)[:2]
    return [
        line_of([Short(s, whole if s.together else compress(s.text, [-1.0] * len(tokenize(s.text)), 1).spans)])
        for s in found
        for whole in [((0, len(s.text)),)]
    ]


if __name__ == "__main__":
    sys.exit(main())
