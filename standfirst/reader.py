"""The one door: command line, service, archive jobs and evaluation all go through ``Reader``."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from standfirst import digest as digests
from standfirst.cache import Cache
from standfirst.classify import TopicClassifier
from standfirst.errors import InputError
from standfirst.labels import LabelSet
from standfirst.schema import (
    Digest,
    LabelledParagraph,
    Line,
    Lines,
    LiveBlog,
    Paragraph,
    ReadUpdate,
    Report,
    Topics,
    Update,
)
from standfirst.summarize import MAX_WORDS, Summarizer, check_lines
from standfirst.summarize.seq2seq import WritingSummarizer, is_id, is_seq2seq, load_writer

MODELS = Path(__file__).parent / "models"
CACHE_BYTES = 64 * 2**20

SILENT = frozenset({"byline", "pointer"})
"""The kinds of paragraph that are never labelled."""


class Reader:
    """Labels paragraphs, writes standfirsts, makes digests. What it has read before costs nothing.

    Results are cached by (model version, context, text). A reader may be shared between threads.
    """

    def __init__(self, topics: TopicClassifier, summary: Summarizer, *, cache_bytes: int = CACHE_BYTES) -> None:
        self.topics = topics
        self.summary = summary
        self.cache = Cache(cache_bytes)

    @property
    def labels(self) -> LabelSet:
        """The label set of the topic model."""
        return self.topics.labels

    @property
    def models(self) -> dict[str, str]:
        """The versions that answer: both models' and the label set's."""
        return {"topics": self.topics.version, "summary": self.summary.version, "labels": self.labels.tag}

    def label(
        self,
        texts: Sequence[str],
        context: Sequence[str | None] | str | None = None,
        *,
        threshold: float | None = None,
    ) -> list[Topics]:
        """Label loose paragraphs.

        ``context`` is what stands over each (the headline of its update), one string for all of them, or
        nothing. ``threshold`` replaces every label's own.

        Raises
        ------
        InputError
            If a text is no string, the contexts are not as many as the texts, or ``threshold`` is outside [0, 1].
        """
        if isinstance(texts, str):
            raise InputError("one string came; expected a list of strings", where="texts")
        contexts = _contexts(context, len(texts))
        for name, values in (("texts", texts), ("context", contexts)):
            for i, value in enumerate(values):
                if not isinstance(value, str) and (value is not None or name == "texts"):
                    raise InputError(f"expected a string, got {type(value).__name__}", where=f"{name}[{i}]")
        contexts = [shown(c) for c in contexts]
        keys = [(self.topics.version, c, t, threshold) for t, c in zip(texts, contexts, strict=True)]
        found: list[Topics | None] = [self.cache.get(key) for key in keys]
        missing = list(dict.fromkeys(k for k, hit in zip(keys, found, strict=True) if hit is None))
        fresh = self.topics.classify([k[2] for k in missing], [k[1] for k in missing], threshold=threshold)
        known = dict(zip(missing, fresh, strict=True))
        for key, topics in known.items():
            self.cache.put(key, topics, 2 * (len(key[2]) + len(key[1] or "")) + 60 * len(topics.scores))
        return [known[key] if hit is None else hit for key, hit in zip(keys, found, strict=True)]

    def summarize(self, paragraphs: Sequence[str | Paragraph], *, max_words: int = MAX_WORDS) -> Line | None:
        """Summarise loose paragraphs; ``None`` if they hold no words.

        Raises
        ------
        InputError
            If one string came instead of a list, or ``max_words`` is below 1.
        """
        if isinstance(paragraphs, str):
            raise InputError("one string came; expected a list of paragraphs", where="paragraphs")
        return self.summary.summarize([_loose(i, p) for i, p in enumerate(paragraphs)], max_words=max_words)

    def read(
        self,
        blog: LiveBlog,
        *,
        max_words: int = digests.MAX_WORDS,
        topics: Sequence[str] | None = None,
        since: datetime | None = None,
        per_topic: int | None = None,
        lines: Lines = "headline",
    ) -> Report:
        """Read a whole blog: labels, a standfirst per update, and the digest.

        With ``lines="generated"`` the model writes a line for updates that have a headline, too. The other options
        shape the digest alone; see ``digest``, which raises as this does.
        """
        check_lines(lines)
        opening, *updates = self._updates(blog, lines)
        made = digests.digest(
            blog,
            opening,
            updates,
            self.summary,
            self.labels.names,
            max_words=max_words,
            topics=topics,
            since=since,
            per_topic=per_topic,
        )
        return Report(blog, opening, tuple(updates), made, self.models)

    def digest(
        self,
        blog: LiveBlog,
        max_words: int = digests.MAX_WORDS,
        topics: Sequence[str] | None = None,
        since: datetime | None = None,
        per_topic: int | None = None,
    ) -> Digest:
        """The digest of a blog alone.

        Raises
        ------
        InputError
            If a limit is below 1, ``topics`` is empty, one is unknown or ``since`` has no time zone.
        """
        return self.read(blog, max_words=max_words, topics=topics, since=since, per_topic=per_topic).digest

    def _updates(self, blog: LiveBlog, lines: Lines) -> list[ReadUpdate]:
        """Label all paragraphs of a blog in one go and write each update's line."""
        updates = (blog.opening, *blog.updates)
        speaking = [(p, context_of(p, update)) for update in updates for p in update if p.kind not in SILENT]
        found = self.label([p.text for p, _ in speaking], [c for _, c in speaking])
        topics_of = {p.id: topics for (p, _), topics in zip(speaking, found, strict=True)}
        silent = self.topics.nothing()
        self.summary.prepare(updates, blog.title, lines)
        return [self._read_update(update, blog.title, topics_of, silent, lines) for update in updates]

    def _read_update(
        self, update: Update, title: str | None, topics_of: dict[str, Topics], silent: Topics, lines: Lines
    ) -> ReadUpdate:
        labelled = tuple(LabelledParagraph(p, topics_of.get(p.id, silent)) for p in update)
        carried = {name for p in labelled for name in p.topics.names}
        return ReadUpdate(
            update=update,
            paragraphs=labelled,
            standfirst=self.summary.standfirst(update, theme=title, lines=lines),
            topics=tuple(n for n in self.labels.names if n in carried),
        )


def load(
    topics: str | Path | None = None,
    summary: str | Path | None = None,
    *,
    threads: int = 0,
    cache_bytes: int = CACHE_BYTES,
) -> Reader:
    """Load a reader: the shipped models, or the exported folders that are named.

    ``summary`` may also be a seq2seq checkpoint, as a folder or a Hugging Face id (``ID@REVISION`` pins it): then it
    writes the lines, and the shipped model chooses and stands in. This needs the extra ``standfirst[seq2seq]``.

    Raises
    ------
    ModelNotFound, ModelCorrupt
        If a folder is no exported model of its kind, or a file differs from its manifest.
    """
    return Reader(
        TopicClassifier.load(Path(topics or MODELS / "topics"), threads=threads),
        load_summary(summary, threads=threads, cache=Cache(cache_bytes)),
        cache_bytes=cache_bytes,
    )


def load_summary(summary: str | Path | None = None, *, threads: int = 0, cache: Cache | None = None) -> Summarizer:
    """The summariser that ``load`` takes; raises as it does."""
    if summary is None or not is_written(summary):
        return Summarizer.load(Path(summary or MODELS / "summary"), threads=threads, cache=cache)
    base = Summarizer.load(MODELS / "summary", threads=threads, cache=cache)
    return WritingSummarizer(base, load_writer(summary, threads=threads))


def is_written(summary: str | Path) -> bool:
    """Whether a summary model is a seq2seq checkpoint: a folder of one, or what is no folder and may be an id."""
    folder = Path(summary)
    return is_seq2seq(folder) if folder.exists() else is_id(str(summary))


def shown(context: str | None) -> str | None:
    """The context as the topic model gets it: one without words is none."""
    return context if context and context.strip() else None


def context_of(paragraph: Paragraph, update: Update) -> str | None:
    """What the topic model is shown over a paragraph: its update's headline and never the blog's title."""
    headline = update.headline
    if headline is None or headline.kind != "headline" or paragraph is headline:
        return None
    return headline.text


def _loose(number: int, paragraph: str | Paragraph) -> Paragraph:
    """A paragraph of no blog; its number is its id."""
    if isinstance(paragraph, Paragraph):
        return paragraph
    return Paragraph(str(number), paragraph, "text", 0, len(paragraph))


def _contexts(context: Sequence[str | None] | str | None, n: int) -> list[str | None]:
    if context is None or isinstance(context, str):
        return [context] * n
    if not isinstance(context, Sequence):
        raise InputError(f"expected a string or a list of them, got {type(context).__name__}", where="context")
    if len(context) != n:
        raise InputError(f"{len(context)} contexts came for {n} texts; expected as many", where="context")
    return list(context)
