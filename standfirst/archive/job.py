"""A job: what was asked for, and whether what stands in a folder is the same job, so that it can go on.

The folder of a job::

    job.json          what the job is: models, options, digest of the plan
    plan.jsonl        the shards, one a line
    manifest.jsonl    the shards that are done, one a line, with their counts and files
    parts/            the rows
    quarantine/       what could not be read or scored
    report.json       when all is done

Nothing is ever appended to a file of rows, and a shard counts when its line stands in the manifest. So a job can be
ended anywhere: what is in the manifest is whole, and the rest is done again.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Protocol

import standfirst
from standfirst.archive import plan
from standfirst.archive.answers import Store
from standfirst.archive.inputs import Form, find
from standfirst.archive.models import ModelChoice
from standfirst.archive.output import SCHEMA_VERSION, Format, Writer
from standfirst.archive.plan import SHARD_ROWS, Shard
from standfirst.archive.rows import Columns
from standfirst.archive.storage import Done, remove_leftovers, write_json, write_whole
from standfirst.errors import ArchiveError
from standfirst.labels import LabelSet

_JOB, _PLAN = "job.json", "plan.jsonl"


@dataclass(frozen=True, slots=True)
class Options:
    """What is scored and how it is written; two jobs with other options are not the same job."""

    models: ModelChoice = field(default_factory=ModelChoice)
    columns: Columns = field(default_factory=Columns)
    form: Form | None = None
    format: Format = "parquet"
    with_text: bool = False
    shard_rows: int = SHARD_ROWS


@dataclass(frozen=True)
class Job:
    """All that an engine needs to know."""

    folder: Path
    options: Options
    labels: LabelSet
    versions: dict[str, str]

    @property
    def plan_path(self) -> Path:
        """Where the shards stand."""
        return self.folder / _PLAN

    @property
    def store_path(self) -> Path:
        """Where the answers are remembered while the job runs."""
        return self.folder / ".store" / "answers.sqlite"

    def writer(self) -> Writer:
        """What writes the shards."""
        return Writer(self.folder, self.options.format, self.labels, self.versions, self.options.with_text)


class Engine(Protocol):
    """Scores shards in any order; each one's files are on the disk when it is yielded."""

    def run(self, shards: Iterator[Shard]) -> Iterator[Done]: ...


MakeEngine = Callable[[Job, Store, Callable[[int, float], None]], Any]
"""Gives a context manager of an :class:`Engine`."""


def prepare(job: Job, inputs: Sequence[str], *, resume: bool) -> None:
    """Plan a job, or make sure that the one in the folder is the same.

    Raises
    ------
    ArchiveError
        If the folder holds another job, or anything else; if it holds this one and ``resume`` is not asked for.
    InputError
        If an input is missing or has no column for the text.
    """
    folder = job.folder
    begun = (folder / _JOB).exists()
    if begun and not resume:
        raise ArchiveError("the folder holds a job; go on with it (--resume) or name another folder", where=str(folder))
    if not begun and any(not p.name.startswith(".") and p.name != _PLAN for p in folder.iterdir()):
        raise ArchiveError("the folder is not empty and holds no job; name a new one", where=str(folder))
    remove_leftovers(folder)
    found = find(inputs, form=job.options.form, skip=folder)
    shards = plan.shards(found, job.options.columns, job.options.shard_rows)
    identity = _identity(job)
    if not begun:
        digests: list[str] = []
        write_whole(folder, _PLAN, lambda file: digests.append(plan.save(shards, file)))
        write_json(folder, _JOB, identity | {"plan": digests[0]})
        return
    before = json.loads((folder / _JOB).read_text(encoding="utf-8"))
    changes = [
        f"{key}: {before.get(key)!r}, now {value!r}" for key, value in identity.items() if before.get(key) != value
    ]
    if changes:
        raise ArchiveError("not the job that was begun here; " + "; ".join(changes), where=str(folder))
    _check_plan(job, shards, before["plan"])


def _identity(job: Job) -> dict[str, Any]:
    """What must not change between two runs of one job. Where it runs, and on how many cores, may."""
    options = job.options
    return {
        "format": options.format,
        "schema": SCHEMA_VERSION,
        "standfirst": standfirst.__version__,
        "topics model": job.versions["topics"],
        "tier": options.models.tier,
        "student": job.versions.get("student"),
        "summary model": job.versions.get("summary"),
        "label set": job.versions["labels"],
        "threshold": options.models.threshold,
        "columns": asdict(options.columns),
        "input format": options.form,
        "text": options.with_text,
        "shard rows": options.shard_rows,
    }


def _check_plan(job: Job, shards: Iterator[Shard], expected: str) -> None:
    again = job.folder / ".plan.tmp"
    try:
        with again.open("wb") as file:
            found = plan.save(shards, file)
        if found != expected:
            changed = plan.changed_input(job.plan_path, again)
            raise ArchiveError(f"the input is not what it was when the job began: {changed}", where=str(job.folder))
    finally:
        again.unlink(missing_ok=True)
