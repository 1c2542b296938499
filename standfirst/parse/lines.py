"""Lines of a plain-text document: where they stand, how they are marked, and when they belong together."""

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from standfirst.errors import NotALiveBlog
from standfirst.parse.build import refuse_too_many

MAX_WRAP_WIDTH = 120
"""Text files are hard-wrapped at 60 to 100 columns; a longer line is a whole paragraph."""

MIN_WRAP_WIDTH = 40
MIN_TABLE_LINES = 3

_BLANK = "".join(map(chr, (*range(9, 14), *range(28, 33), 0x85, 0xA0, 0x1680, *range(0x2000, 0x2010))))
_BLANK += "\u2028\u2029\u202f\u205f\u2060\u3000\ufeff\u00ad\u202a\u202b\u202c\u2066\u2067\u2068\u2069"
"""White space, zero-width characters and direction marks: nothing a reader sees."""

_MARK = re.compile(r"(?P<heading>#{1,6})[ \t]+|(?P<bullet>[-*•‣◦▪●·][ \t\xa0]+|[•‣◦▪●])")
_BOLD = re.compile(r"(\*\*|__)(?=\S)")
_CODE = re.compile(
    r"(?:import \w|from [\w.]+ import|def \w+\(|class \w+[:({]|#include|function\b"
    r"|(?:var|let|const|int|public|private|void) \w+|return\b[^.]*;|(?:if|for|while) ?\(|</?\w+|//|/\*|\}|\{)"
    r"|.*(?:[;{}]|\)\s?:|\w\(\w*\)|[=!]==?\s\S+)$"
)
_DELIMITERS = "\t;|,"


@dataclass(frozen=True, slots=True)
class Line:
    """A line, or a hard-wrapped paragraph, with its text as it stands in the source.

    ``gap`` tells if a blank line stands above it. ``level`` is 1 to 6 for a Markdown heading, 0 for
    any other line. Marks of headings and lists are no part of ``text``.
    """

    text: str
    start: int
    gap: bool = False
    bullet: bool = False
    level: int = 0

    @property
    def end(self) -> int:
        """The offset after the last character."""
        return self.start + len(self.text)

    @property
    def plain(self) -> str:
        """The text with its white space collapsed."""
        return " ".join(self.text.split())


def split_lines(source: str) -> list[Line]:
    """Split a document into its lines that are not blank, marks set apart."""
    lines: list[Line] = []
    offset, gap = 0, False
    for raw in source.splitlines(keepends=True):
        text = raw.strip(_BLANK)
        if text:
            refuse_too_many(len(lines))
            lines.append(_unmark(Line(text, offset + raw.index(text), gap)))
        gap = not text
        offset += len(raw)
    return lines


def unwrap(lines: Sequence[Line], source: str) -> list[Line]:
    """Join the lines of hard-wrapped paragraphs; any other document comes back as it is.

    A document is hard-wrapped if no line is wider than ``MAX_WRAP_WIDTH`` and most lines end where the
    next word would not have fitted, the next line often going on in lower case.
    """
    width = max((len(line.text) for line in lines), default=0)
    joints = [(a, b) for a, b in itertools.pairwise(lines) if _touch(a, b)]
    full = [b for a, b in joints if _is_full(a, b, width)]
    if not MIN_WRAP_WIDTH <= width <= MAX_WRAP_WIDTH or len(full) < max(2, 0.6 * len(joints)):
        return list(lines)
    if sum(b.text[0].islower() for b in full) < 0.4 * len(full):
        return list(lines)
    joined: list[Line] = []
    for i, line in enumerate(lines):
        if i and _touch(lines[i - 1], line) and _is_full(lines[i - 1], line, width):
            joined[-1] = replace(joined[-1], text=source[joined[-1].start : line.end])
        else:
            joined.append(line)
    return joined


def refuse_other_text(lines: Sequence[Line]) -> None:
    """Refuse text that is no prose at all.

    Raises
    ------
    NotALiveBlog
        If the text has no letters, or looks like a table or like source code.
    """
    what = _other_text(lines)
    if what:
        raise NotALiveBlog(
            f"The document holds {what}; a live blog's text was expected. Send the text of the page, its "
            "HTML, or its schema.org JSON-LD."
        )


def _other_text(lines: Sequence[Line]) -> str:
    if not any(c.isalpha() for line in lines for c in line.text):
        return "no letters"
    if len(lines) < MIN_TABLE_LINES:
        return ""
    if _is_table(lines):
        return "what looks like a table (CSV)"
    n_code = sum(bool(_CODE.match(line.text[:200])) for line in lines)
    return "what looks like source code" if n_code > 0.5 * len(lines) else ""


def _is_table(lines: Sequence[Line]) -> bool:
    n_sentences = sum(line.text.rstrip("\"'”’)").endswith((".", "!", "?")) for line in lines)
    if n_sentences > 0.1 * len(lines):
        return False
    for delimiter in _DELIMITERS:
        n_columns = lines[0].text.count(delimiter)
        # Two commas a line may be chance in a short list of headlines; tabs and the like may not.
        if n_columns >= (1 if delimiter == "\t" else 2):
            n_alike = sum(line.text.count(delimiter) == n_columns for line in lines)
            if n_alike >= 0.9 * len(lines):
                return True
    return False


def _unmark(line: Line) -> Line:
    """Move the start of a line behind its heading or list mark."""
    match = _MARK.match(line.text)
    if match and match.end() < len(line.text):
        text, start = line.text[match.end() :], line.start + match.end()
        return replace(line, text=text, start=start, bullet=bool(match["bullet"]), level=len(match["heading"] or ""))
    bold = _BOLD.match(line.text)
    if bold and line.text.endswith(bold[1]) and line.text.count(bold[1]) == 2 and len(line.text) > 5:
        return replace(line, text=line.text[2:-2], start=line.start + 2, level=2)
    return line


def _touch(above: Line, below: Line) -> bool:
    return not (below.gap or below.bullet or below.level or above.level)


def _is_full(above: Line, below: Line, width: int) -> bool:
    next_word = below.text.split(maxsplit=1)[0]
    return len(above.text) + 1 + len(next_word) > 0.9 * width
