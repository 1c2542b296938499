"""Every setting of the service, in one place: a frozen dataclass from ``STANDFIRST_*`` variables.

``STANDFIRST_MAX_BODY_BYTES`` sets ``max_body_bytes`` and so on. What is wrong stops the start, with the
variable's name and what was expected.
"""

import dataclasses
import difflib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from standfirst.errors import InputError
from standfirst.parse import MAX_BYTES

PREFIX = "STANDFIRST_"
_NOT_OURS = frozenset({"STANDFIRST_DATA", "STANDFIRST_SHARED"})
"""Variables with our prefix that training and tests read."""

MAX_JSON_DEPTH = 200
"""Nesting that the JSON parser (jiter, in pydantic-core) reads; it is fixed. JSON-LD needs about ten."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Limits, threads and models of one worker.

    Parameters
    ----------
    max_body_bytes
        Larger request bodies are refused before they are parsed.
    max_paragraphs
        Paragraphs in one request.
    max_paragraph_chars
        Characters in the text, or the context, of one paragraph.
    max_json_values
        Values in one body, counted as its commas: a body of empty objects would take thirty times its size.
    timeout_s
        Seconds after which a caller is told to stop waiting; work that has not begun by then never begins.
    jobs
        Requests computed at once.
    max_waiting
        Requests that may wait for their turn; more are sent away with 429.
    threads
        Threads of one call of a model; 0 takes one per core.
    cache_mib
        Memory for each of the two caches (labels, sentence vectors); 0 keeps nothing.
    topics, summary
        Exported model folders; ``None`` takes the shipped ones.

    """

    max_body_bytes: int = MAX_BYTES
    max_paragraphs: int = 10_000
    max_paragraph_chars: int = 100_000
    max_json_values: int = 500_000
    timeout_s: float = 60.0
    jobs: int = 2
    max_waiting: int = 32
    threads: int = 0
    cache_mib: int = 64
    topics: Path | None = None
    summary: Path | None = None

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> "Settings":
        """Read ``STANDFIRST_*`` variables (of this process, if none are given); empty ones count as not set.

        Raises
        ------
        InputError
            If a variable is unknown, is no number of its kind, or lies outside its range.

        """
        variables = os.environ if environment is None else environment
        fields = {PREFIX + f.name.upper(): f for f in dataclasses.fields(cls)}
        values: dict[str, Any] = {}
        for name, raw in variables.items():
            if name.startswith(PREFIX) and name not in _NOT_OURS and raw.strip():
                if name not in fields:
                    raise InputError(f"unknown setting; {_nearest(name, fields)}", where=name)
                values[fields[name].name] = _converted(fields[name], raw.strip(), name)
        return cls(**values)


_LOWEST = {"max_waiting": 0, "threads": 0, "cache_mib": 0}
"""Of whole numbers; 1 for all others."""
_MAX_TIMEOUT_S = 3000.0
"""Below BentoML's own limit (see ``service``), whose answer would not be in our form."""


def _converted(field: "dataclasses.Field[Any]", raw: str, where: str) -> int | float | Path:
    if field.name in ("topics", "summary"):
        path = Path(raw)
        if not path.is_dir():
            raise InputError("there is no such folder; expected an exported model", where=where)
        return path
    kind, expected = (float, "a number") if field.name == "timeout_s" else (int, "a whole number")
    lowest = 0.001 if kind is float else _LOWEST.get(field.name, 1)
    highest = _MAX_TIMEOUT_S if kind is float else 2**40
    try:
        value = kind(raw)
    except ValueError:
        value = float("nan")
    if not lowest <= value <= highest:
        raise InputError(f"expected {expected} from {lowest} to {highest}", where=where)
    return value


def _nearest(name: str, known: Mapping[str, object]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    return f"did you mean {near[0]}?" if near else f"known settings: {', '.join(known)}"
