"""One run of a job, from what is done already to the report."""

import time
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from standfirst.archive import plan
from standfirst.archive.answers import Store, Tier, pack
from standfirst.archive.job import Job, MakeEngine, Options, prepare
from standfirst.archive.output import read_answers
from standfirst.archive.plan import Shard
from standfirst.archive.progress import Progress, State
from standfirst.archive.storage import Counts, Done, Manifest, locked, sync_folder, write_json
from standfirst.errors import ArchiveError, InputError, no_room
from standfirst.labels import load_labels

_REPORT = "report.json"


@dataclass(frozen=True, slots=True)
class Report:
    """What a job came to, this time and all times before together; ``seconds`` and ``new_rows`` are of this time."""

    counts: Counts
    shards: int
    n_bytes: int
    new_rows: int
    seconds: float
    models: dict[str, str]
    tier: Tier = "full"

    @property
    def share_handed_on(self) -> float:
        """The share of the scored rows that the student handed on to the topic model."""
        return self.counts.handed_on / max(self.counts.scored, 1)


def run(
    inputs: Sequence[str],
    output: Path,
    make_engine: MakeEngine,
    options: Options,
    *,
    resume: bool = False,
    max_errors: int | None = None,
    progress: Progress | None = None,
) -> Report:
    """Score an archive.

    Raises
    ------
    ArchiveError
        If the folder holds another job or is held by one, more than ``max_errors`` rows are bad, or the disk is full.
    InputError
        If an input is missing or has no column for the text, or a threshold is given in the fast tier.
    ModelError
        If a model folder cannot be used.
    """
    if options.models.tier == "fast" and options.models.threshold is not None:
        raise InputError(
            "--threshold goes with --tier full alone: what the student hands on was set for each label's own threshold",
            where="--threshold",
        )
    versions = options.models.versions()
    labels = load_labels(Path(options.models.topics) / "labels.toml")
    job = Job(output, options, labels, versions | {"labels": labels.tag})
    try:
        with locked(output):
            prepare(job, inputs, resume=resume)
            return _Run(job, max_errors, progress or Progress("none")).finish(make_engine)
    except OSError as error:
        if no_room(error):
            raise ArchiveError(
                f"{error.strerror}: what is done is safe; make room and go on with --resume", where=str(output)
            ) from None
        raise


class _Run:
    """What is done of a job, and how far it has come."""

    def __init__(self, job: Job, max_errors: int | None, progress: Progress) -> None:
        self._job = job
        self._max_errors = max_errors
        self._progress = progress
        self._manifest = Manifest(job.folder)
        self._done = self._manifest.read()
        self._counts = sum((done.counts for done in self._done.values()), Counts())
        self._n_before = self._counts.read
        self._bytes_before = self._bytes_done = sum(done.n_bytes for done in self._done.values())
        self._n_shards = self._n_bytes = 0
        for shard in plan.load(job.plan_path):
            self._n_shards += 1
            self._n_bytes += shard.n_bytes

    def finish(self, make_engine: MakeEngine) -> Report:
        """Score what is left."""
        began = time.monotonic()
        self._check_errors()
        if len(self._done) < self._n_shards:
            with closing(Store(self._job.store_path)) as store:
                self._fill(store)
                with make_engine(self._job, store, self._tick) as engine:
                    for done in engine.run(self._left()):
                        self._commit(done)
        report = self._report(time.monotonic() - began)
        more = {"share_handed_on": round(report.share_handed_on, 4)} if report.tier == "fast" else {}
        write_json(self._job.folder, _REPORT, asdict(report) | more)
        self._forget()
        return report

    def _left(self) -> Iterator[Shard]:
        return (shard for shard in plan.load(self._job.plan_path) if shard.number not in self._done)

    def _commit(self, done: Done) -> None:
        self._manifest.append(done)
        self._done[done.shard] = done
        self._counts += done.counts
        self._bytes_done += done.n_bytes
        self._tick(0, 0)
        self._check_errors()

    def _check_errors(self) -> None:
        bad = self._counts.quarantined
        if self._max_errors is not None and bad > self._max_errors:
            raise ArchiveError(
                f"{bad:,} rows are in quarantine, {self._max_errors:,} are allowed; see quarantine/, then go on with "
                "--resume and a higher --max-errors",
                where=str(self._job.folder),
            )

    def _fill(self, store: Store) -> None:
        """Give the store the answers of shards that are done and that it has lost."""
        known = store.complete()
        for number, done in self._done.items():
            if number not in known:
                answers = read_answers(self._job.folder / done.files[0].name, self._job.labels)
                store.add(number, ((key, pack(answer, self._job.labels)) for key, answer in answers), complete=True)

    def _tick(self, rows: int, n_bytes: float) -> None:
        """Show how far the job is; ``rows`` and ``n_bytes`` of shards that are begun come on top of what is done."""
        counts = self._counts
        total = max(self._n_bytes, 1)
        state = State(
            counts.read - self._n_before + rows,
            min((self._bytes_done + n_bytes) / total, 1.0),
            self._bytes_before / total,
            counts.repeated,
            counts.quarantined,
            counts.handed_on if self._job.options.models.tier == "fast" else None,
        )
        self._progress.show(state, at_end=len(self._done) == self._n_shards)

    def _report(self, seconds: float) -> Report:
        counts = self._counts
        size = sum(file.n_bytes for done in self._done.values() for file in done.files)
        versions, tier = self._job.versions, self._job.options.models.tier
        return Report(counts, self._n_shards, size, counts.read - self._n_before, seconds, versions, tier)

    def _forget(self) -> None:
        """Remove the store: what it knows stands in the parts."""
        path = self._job.store_path
        for file in path.parent.glob(f"{path.name}*"):
            file.unlink()
        with suppress(OSError):
            path.parent.rmdir()
        sync_folder(self._job.folder)
