"""One shard on its way: its rows, what is still to be asked of the models, and in the end its files.

Every engine works through a shard in the same four steps: ``begin`` it, learn what is ``known``, give it the
answers that are ``missing``, ``finish`` it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from standfirst.archive.answers import Answer, unpack
from standfirst.archive.output import Scored, Writer
from standfirst.archive.plan import Shard, Slices
from standfirst.archive.rows import Bad, Columns, LineRequest, Row, rows_of
from standfirst.archive.storage import Counts, Done
from standfirst.errors import ArchiveError
from standfirst.schema import Line, Topics


@dataclass(frozen=True, slots=True)
class Failed:
    """What a model gave instead of an answer: why it could not."""

    reason: str


@dataclass(slots=True)
class Work:
    """A shard in memory.

    Parameters
    ----------
    texts
        What is to be scored, by key: the text and its context. A text without words is not asked about.
    answers
        What was said, packed, by key.
    before
        The keys whose text stood in an earlier shard.
    """

    shard: Shard
    rows: list[Row]
    bad: list[Bad]
    keys: list[bytes]
    texts: dict[bytes, tuple[str, str | None]]
    requests: dict[LineRequest, None]
    n_read: int
    answers: dict[bytes, bytes | Failed] = field(default_factory=dict)
    lines: dict[LineRequest, Line | Failed | None] = field(default_factory=dict)
    before: set[bytes] = field(default_factory=set)

    @classmethod
    def begin(cls, shard: Shard, slices: Slices, columns: Columns, *, lines: bool) -> "Work":
        """Read a shard's rows."""
        rows: list[Row] = []
        bad: list[Bad] = []
        for part in shard.slices:
            for record in slices.read(part):
                for row in rows_of(part.input, record, columns, lines=lines):
                    rows.append(row) if isinstance(row, Row) else bad.append(row)
        keys = [row.key for row in rows]
        texts = {
            key: (row.text, row.context)
            for key, row in zip(keys, rows, strict=True)
            if not row.silent and row.text.strip()
        }
        requests = dict.fromkeys(row.line for row in rows if row.line is not None)
        return cls(shard, rows, bad, keys, texts, requests, len(rows) + len(bad))

    def learn(self, known: Mapping[bytes, tuple[int, bytes]]) -> None:
        """Take what the store knows: shard and answer by key.

        An answer from this very shard was found before the job was interrupted: no repeat.
        """
        for key, (shard, answer) in known.items():
            self.answers[key] = answer
            if shard != self.shard.number:
                self.before.add(key)

    @property
    def missing(self) -> list[bytes]:
        """The keys without an answer."""
        return [key for key in self.texts if key not in self.answers]

    @property
    def is_answered(self) -> bool:
        """Whether every text has its answer and every update its line."""
        return len(self.answers) == len(self.texts) and len(self.lines) == len(self.requests)

    def finish(self, writer: Writer) -> Done:
        """Write the shard's files.

        Raises
        ------
        ArchiveError
            If the rows do not add up, which would be an error of this program.
        """
        scored = list(self._scored(writer))
        bad = sorted(self.bad, key=lambda b: (b.input, b.row))  # now with those that could not be scored
        repeated = sum(s.is_repeat for s in scored)
        handed_on = sum(s.tier == "full" and not s.is_repeat for s in scored) if writer.tier == "fast" else 0
        counts = Counts(self.n_read, len(scored) - repeated, repeated, len(bad), handed_on)
        if not counts.is_balanced:
            raise ArchiveError(f"the rows of shard {self.shard.number} do not add up: {counts}; please report this")
        return Done(self.shard.number, counts, self.shard.n_bytes, writer.write(self.shard.name, scored, bad))

    def _reject(self, row: Row, failed: Failed) -> None:
        self.bad.append(Bad(row.input, row.row, failed.reason, row.text.encode("utf-8", "surrogatepass")))

    def _scored(self, writer: Writer) -> Iterator[Scored]:
        silence = Topics((), dict.fromkeys(writer.labels.names, 0.0))
        seen = set(self.before)
        unpacked: dict[bytes, Answer] = {}
        for row, key in zip(self.rows, self.keys, strict=True):
            answer = self.answers.get(key) if not row.silent else None
            line = self.lines.get(row.line) if row.line is not None else None
            if isinstance(answer, Failed):
                self._reject(row, answer)
            elif isinstance(line, Failed):
                self._reject(row, line)
            elif answer is None:
                yield Scored(row, silence, None, is_repeat=False, line=line)
            else:
                if key not in unpacked:
                    unpacked[key] = unpack(answer, writer.labels)
                found = unpacked[key]
                yield Scored(row, found.topics, found.tier, is_repeat=key in seen, line=line)
                seen.add(key)
