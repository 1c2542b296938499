"""Live blogs with the journalists' own bullets, as the public data set has them: one blog a line.

Texts there are lower-cased and tokenised; they are detokenised here. Updates stand newest first.
"""

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from standfirst.errors import DataError
from standfirst.parse.build import DraftBlog, DraftParagraph, DraftUpdate, build
from standfirst.schema import LiveBlog
from training.summary.detokenize import detokenize


@dataclass(frozen=True, slots=True)
class RawUpdate:
    """An update as the file has it, tokenised; detokenised when asked, for most are never looked at."""

    id: str
    title: str
    texts: tuple[str, ...]

    @property
    def headline(self) -> str:
        """Its headline, or ""."""
        return detokenize(self.title)

    @property
    def sentences(self) -> tuple[str, ...]:
        """Its sentences, without one that only says the headline again."""
        texts = self.texts[1:] if self.title and len(self.texts) > 1 and self.texts[0] == self.title else self.texts
        return tuple(s for t in texts if (s := detokenize(t)))


@dataclass(frozen=True, slots=True)
class RawBlog:
    """A blog with its journalists' bullets."""

    id: str
    title: str
    bullets: tuple[str, ...]
    updates: tuple[RawUpdate, ...]


def read_raw(path: Path) -> Iterator[RawBlog]:
    """Yield the blogs of a ``.jsonl`` or ``.jsonl.gz`` file; updates without a sentence are left out.

    Raises
    ------
    DataError
        If the file is missing or a row is no blog.
    """
    if not path.is_file():
        raise DataError("there is no such file of live blogs", where=str(path))
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            try:
                row = json.loads(line)
                yield RawBlog(
                    id=row["blog_id"],
                    title=detokenize(_title(row["title"] or "")),
                    bullets=tuple(b for s in row["summary"] if (b := detokenize(s))),
                    updates=tuple(u for i, d in enumerate(row["documents"]) if (u := _update(d, i)).texts),
                )
            except (KeyError, TypeError, ValueError) as error:
                raise DataError(f"the row is no live blog: {error}", where=f"{path.name}:{number}") from None


def _title(title: str) -> str:
    """The title without the site's and the section's names behind it."""
    return title.partition(" | ")[0].removesuffix(" - BBC News")


def _update(row: dict[str, object], number: int) -> RawUpdate:
    texts = row["text"]
    if not isinstance(texts, list):
        raise TypeError("text is no list")
    kept = tuple(str(t) for t in texts if str(t).strip())
    return RawUpdate(str(row.get("block_id") or number), str(row.get("title") or "").strip(), kept)


def read_blogs(path: Path, *, headlines: bool) -> Iterator[LiveBlog]:
    """Yield the same blogs in the parser's class, one paragraph per update, with or without their headlines."""
    for raw in read_raw(path):
        yield as_blog(raw, headlines=headlines)


def as_blog(raw: RawBlog, *, headlines: bool) -> LiveBlog:
    """A raw blog as the parser's own class."""
    draft = DraftBlog()
    draft.opening.headline = DraftParagraph(raw.title, "title") if raw.title else None
    for update in raw.updates:
        shown = DraftParagraph(update.headline, "headline") if headlines and update.title else None
        made = DraftUpdate(shown)
        made.paragraphs = [DraftParagraph(" ".join(update.sentences), "text")]
        draft.updates.append(made)
    return build(draft, "text")
