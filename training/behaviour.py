"""Behavioural tests: what a topic model must do, whatever its figures on a test set say.

A file holds one case a line, each with ``id``, ``test``, ``capability`` (such as ``people``, or the number and name
of a rule of the guideline) and maybe ``context``:

- ``minimum``: ``text`` gets exactly ``labels``;
- ``invariance``: ``template`` gets the same labels under each of its ``fills``, whichever they are;
- ``direction``: ``before`` carries the labels ``gone``; ``after``, which denies or lacks the event, none of them.

References
----------
Ribeiro et al. 2020, "Beyond Accuracy: Behavioral Testing of NLP Models with CheckList", section 2.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from standfirst.errors import DataError
from standfirst.labels import LabelSet
from training.tables import rows_of

Answer = Callable[[Sequence[str], Sequence[str | None]], Sequence[frozenset[str]]]
"""Texts and their contexts to the labels of each."""

_COLUMNS = {
    "minimum": ("text", "labels"),
    "invariance": ("template", "fills"),
    "direction": ("before", "after", "gone"),
}


@dataclass(frozen=True, slots=True)
class Case:
    """One case: the texts that are asked, all under one context, and the labels it is about."""

    id: str
    test: str
    capability: str
    texts: tuple[str, ...]
    labels: frozenset[str] = frozenset()
    context: str | None = None

    def passes(self, answers: Sequence[frozenset[str]]) -> bool:
        """Whether the labels of its texts, in order, are as they must be."""
        if self.test == "minimum":
            return answers[0] == self.labels
        if self.test == "invariance":
            return all(answer == answers[0] for answer in answers)
        return self.labels <= answers[0] and not self.labels & answers[1]


def read_cases(path: Path, labels: LabelSet) -> list[Case]:
    """The cases of a file.

    Raises
    ------
    DataError
        Naming file and line: an unknown kind of test or label, a column that is missing, an id that stands twice.
    """
    cases = [_case(row, where, labels) for where, row in rows_of(path)]
    ids = [case.id for case in cases]
    for name in ids:
        if ids.count(name) > 1:
            raise DataError(f"the id {name!r} stands twice", where=path.name)
    return cases


def _case(row: Mapping[str, Any], where: str, labels: LabelSet) -> Case:
    test = row.get("test")
    if test not in _COLUMNS:
        raise DataError(f"unknown test {test!r}; expected {', '.join(_COLUMNS)}", where=where)
    for column in ("id", "capability", *_COLUMNS[test]):
        if column not in row:
            raise DataError(f"a case of the kind {test} needs {column!r}", where=where)
    named = frozenset(row.get("gone" if test == "direction" else "labels", ()))
    if unknown := sorted(named - set(labels.names)):
        raise DataError(f"unknown label {unknown[0]!r}; expected {', '.join(labels.names)}", where=where)
    return Case(row["id"], test, row["capability"], _texts(row, test, where), named, row.get("context"))


def _texts(row: Mapping[str, Any], test: str, where: str) -> tuple[str, ...]:
    if test == "minimum":
        return (row["text"],)
    if test == "direction":
        return row["before"], row["after"]
    if len(row["fills"]) < 2:
        raise DataError("an invariance needs two fills or more", where=where)
    try:
        return tuple(row["template"].format(**fill) for fill in row["fills"])
    except KeyError as error:
        raise DataError(f"the template names {error}, which a fill lacks", where=where) from None


def run_cases(cases: Sequence[Case], answer: Answer) -> dict[str, bool]:
    """Whether each case passes, by its id; all texts are asked at once."""
    texts = [(text, case.context) for case in cases for text in case.texts]
    answers = iter(answer([t for t, _ in texts], [c for _, c in texts]))
    return {case.id: case.passes([next(answers) for _ in case.texts]) for case in cases}


def capabilities(cases: Iterable[Case], passed: Mapping[str, bool]) -> dict[str, dict[str, Any]]:
    """Size, pass rate and the failing cases' ids of each capability, as ``minimum: aid``, in order of appearance."""
    table: dict[str, dict[str, Any]] = {}
    for case in cases:
        row = table.setdefault(f"{case.test}: {case.capability}", {"n": 0, "rate": 0.0, "failed": []})
        row["n"] += 1
        if not passed[case.id]:
            row["failed"].append(case.id)
    for row in table.values():
        row["rate"] = 1 - len(row["failed"]) / row["n"]
    return table
