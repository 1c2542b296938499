"""How much of a blog, or of an update, is about each topic: what the formats of other systems have room for.

Labels are given to paragraphs; an item of ninjs, of Superdesk or of schema.org carries them as a whole. It
carries every label that one of its paragraphs does.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from standfirst.labels import Label, LabelSet
from standfirst.schema import LabelledParagraph, ReadUpdate, Report

_SILENT = frozenset({"byline", "pointer"})


@dataclass(frozen=True, slots=True)
class Tally:
    """A label of an item: ``score`` is its best paragraph's, ``share`` the share of paragraphs that carry it."""

    label: Label
    score: float
    share: float

    @property
    def confidence(self) -> int:
        """The score as a whole number of per cent."""
        return round(100 * min(1.0, max(0.0, self.score)))

    @property
    def relevance(self) -> int:
        """The share as a whole number of per cent."""
        return round(100 * self.share)


def of_report(report: Report, labels: LabelSet) -> list[Tally]:
    """Tally a whole blog; most widespread label first."""
    return _tally((p for read in (report.opening, *report.updates) for p in read.paragraphs), labels)


def of_update(read: ReadUpdate, labels: LabelSet) -> list[Tally]:
    """Tally one update; most widespread label first."""
    return _tally(read.paragraphs, labels)


def _tally(paragraphs: Iterable[LabelledParagraph], labels: LabelSet) -> list[Tally]:
    speaking = [labelled for labelled in paragraphs if labelled.paragraph.kind not in _SILENT]
    tallies = [t for label in labels.labels if (t := _of_label(label, speaking))]
    return sorted(tallies, key=lambda t: (-t.share, -t.score))


def _of_label(label: Label, paragraphs: Sequence[LabelledParagraph]) -> Tally | None:
    scores = [t.score for p in paragraphs for t in p.topics.labels if t.label == label.name]
    return Tally(label, max(scores), len(scores) / len(paragraphs)) if scores else None
