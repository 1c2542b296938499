"""The models as an archive job asks them: many texts at once, a reason for each that cannot be answered."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from standfirst.archive.answers import Answer, Tier, pack
from standfirst.archive.rows import LineRequest
from standfirst.archive.work import Failed
from standfirst.cache import Cache
from standfirst.classify import TopicClassifier
from standfirst.manifest import read_manifest
from standfirst.reader import CACHE_BYTES, MODELS
from standfirst.schema import Line, Topics
from standfirst.student import Student, student_version
from standfirst.summarize import Summarizer

Text = tuple[str, str | None]
T = TypeVar("T")
A = TypeVar("A")


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """Which models a job uses; without a summary model it writes no standfirsts.

    ``student`` is the folder of the topic model's student, by which a job of the fast tier begins.
    """

    topics: str = str(MODELS / "topics")
    summary: str | None = None
    threshold: float | None = None
    student: str | None = None

    @property
    def tier(self) -> Tier:
        """Which tier the job is of."""
        return "full" if self.student is None else "fast"

    def versions(self) -> dict[str, str]:
        """The versions that will answer, without loading the models; checks the folders, byte for byte."""
        found = {"topics": read_manifest(Path(self.topics), kind="topics").version}
        if self.student is not None:
            found["student"] = student_version(Path(self.student), found["topics"])
        if self.summary is not None:
            found["summary"] = read_manifest(Path(self.summary), kind="summary").version
        return found


class Models:
    """One thread's models. Answers are those of ``Reader.label`` and ``Reader.read``, bit for bit.

    With a student they are so only where it is not sure, and its own elsewhere.
    """

    def __init__(self, choice: ModelChoice) -> None:
        self._choice = choice
        self._topics = TopicClassifier.load(Path(choice.topics), threads=1)
        self._student = None if choice.student is None else Student.load(Path(choice.student), self._topics)
        self._summary = (
            None
            if choice.summary is None
            else Summarizer.load(Path(choice.summary), threads=1, cache=Cache(CACHE_BYTES))
        )

    def topics(self, texts: Sequence[Text]) -> list[bytes | Failed]:
        """The packed topics of each text."""
        return _each(texts, self._packed)

    def lines(self, requests: Sequence[LineRequest]) -> list[Line | Failed | None]:
        """The standfirst of each update."""
        return _each(requests, lambda some: [self._line(request) for request in some])

    def _packed(self, texts: Sequence[Text]) -> list[bytes]:
        sure = self._sure(texts)
        others = iter(self._full([text for text, own in zip(texts, sure, strict=True) if own is None]))
        found = [Answer(next(others)) if own is None else Answer(own, "fast") for own in sure]
        return [pack(answer, self._topics.labels) for answer in found]

    def _sure(self, texts: Sequence[Text]) -> list[Topics | None]:
        """What the student says of each text that it is sure of."""
        if self._student is None:
            return [None] * len(texts)
        found = self._student.answer([text for text, _ in texts], [context for _, context in texts])
        return [answered.topics if answered.is_sure else None for answered in found]

    def _full(self, texts: Sequence[Text]) -> list[Topics]:
        return self._topics.classify(
            [text for text, _ in texts], [context for _, context in texts], threshold=self._choice.threshold
        )

    def _line(self, request: LineRequest) -> Line | None:
        return None if self._summary is None else self._summary.standfirst(request.update, theme=request.theme)


def _each(items: Sequence[T], answer: Callable[[Sequence[T]], list[A]]) -> list[A | Failed]:
    """Answer all at once; if that fails, one by one, so that one bad item does not cost the others."""
    try:
        return list(answer(items))
    except Exception as error:  # noqa: BLE001, whatever a text provokes must not end the job
        if len(items) == 1:
            return [Failed(f"could not be scored: {type(error).__name__}")]
    return [found for item in items for found in _each([item], answer)]
