"""Read made lines apart from the code that made them, and say which rules they break.

Written apart from ``standfirst.faithful``: it shares none of its word lists or code, looks at the finished line and
its source alone, and knows nothing of cuts. ``python -m training.check_lines BLOGS.jsonl.gz`` makes and checks the
line of every update.
"""

import argparse
import json
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path

from standfirst.schema import Line, Paragraph, Update
from standfirst.sentences import sentences

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
    r"(?:,\s*(?:(?:in|of|to|for|with|from|at|on|by|under|over|after|during|against|about|through)\s+)?(?:who|whose|which|whom|where)\b|"
    r",\s*and\s+(?:he|she|they|it|we|i|you)\b|;|,\s*(?:the|a|an|his|her|its|their|our|my|your)\b[^,]*,\s*(?:who|which|whose|where)\b)",
    re.IGNORECASE,
)
_BRACKET = re.compile(r"\s*\([^()]*\)")
_ASIDE = re.compile(r"\s*[(\[–—,;]")
_HARMLESS = re.compile(
    r"\s*(?:(?:Mr|Mrs|Ms|Miss)\.?|And|But|(?:However|Meanwhile|Also|Separately|Moreover|Overall|Furthermore|Nonetheless|Nevertheless),?|"
    r"very|really|quite|extremely|now|currently|also|actually|simply|indeed)\s*",
    re.I,
)
_DOWNWARD = re.compile(rf"(?<![\w-])(?:{_NEGATIVE}|{_CONDITION}|{_LIMIT})(?![\w-])|\?", re.IGNORECASE)
_LOOSE = r"the|a|an|of|to|from|with|by|at|for|into|and|or|nor|because|while|although|than"
_AUXILIARY = r"will|would|could|should|is|are|was|were|be|been|being|has|have|had"
_BEFORE_GAP = re.compile(rf"(?<![\w-])(?:{_LOOSE})\s*$", re.IGNORECASE)
_DANGLING = re.compile(rf"(?<![\w-])(?:{_LOOSE}|{_AUXILIARY})\s*[.!?…]?\s*$", re.IGNORECASE)
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
    whole_text = not gaps
    if whole_text:
        return
    for a, b in gaps:
        gone = text[a:b]
        bracket = _BRACKET.match(gone)
        if bracket:  # what follows a bracket is judged by itself
            yield from (f"{name} lost: {m[0]}" for name, p in GUARDED.items() for m in p.finditer(bracket[0]))
            gone = gone[bracket.end() :]
            if not gone.strip():
                continue
        if not _OWN_CLAUSE.match(gone):
            yield from (
                f"{name} lost: {m[0]} in {gone.strip()[:60]!r}" for name, p in GUARDED.items() for m in p.finditer(gone)
            )
            aside = _ASIDE.match(gone) and (text[b:].lstrip()[:1] or ".") and _closed(gone, text[b:])
            if not aside and not _HARMLESS.fullmatch(gone) and _DOWNWARD.search(stays):
                yield f"a restriction went from a limited sentence: {gone.strip()[:40]}"
        if (
            _BEFORE_GAP.search(text[:a])
            and text[:a].strip()
            and not _HARMLESS.fullmatch(gone)
            and not gone.strip()[:1].isupper()
        ):
            yield f"dangling before a gap: {text[:a].rstrip()[-12:]}"
    yield from _quotes_broken(text, gaps)
    if _DANGLING.search(stays) and not _DANGLING.search(text):
        yield f"dangling at the end: {stays[-16:]}"


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
    """The first two sentences of an update, each as short as the rules allow."""
    from standfirst.compress import compress
    from standfirst.faithful import tokenize
    from standfirst.summarize import Short, candidates, line_of

    found = candidates(update.paragraphs)[:2]
    return [line_of([Short(s, compress(s.text, [-1.0] * len(tokenize(s.text)), 1).spans)]) for s in found]


if __name__ == "__main__":
    sys.exit(main())
