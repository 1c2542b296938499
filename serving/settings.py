"""Every setting of the service, in one place: a frozen dataclass from ``STANDFIRST_*`` variables or a TOML file.

``STANDFIRST_MAX_BODY_BYTES`` sets ``max_body_bytes`` and so on; ``STANDFIRST_CONFIG`` names a TOML file with the same
names in small letters, over which variables win. What is wrong stops the start, with its name and what was expected.
"""

import dataclasses
import difflib
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from standfirst.cores import cores
from standfirst.errors import InputError
from standfirst.parse import MAX_BYTES
from standfirst.summarize.seq2seq import is_id

PREFIX = "STANDFIRST_"
_CONFIG = "STANDFIRST_CONFIG"
_SUMMARY = "an exported summary model, or a seq2seq checkpoint (a folder or ID@REVISION); the shipped one without it"
_NOT_OURS = frozenset({"STANDFIRST_DATA", "STANDFIRST_SHARED", _CONFIG})
"""Variables with our prefix that training and tests read, and the one that names the file."""

_SERVICE_LINK = re.compile(
    r"STANDFIRST(?:_[A-Z0-9]+)*_(?:SERVICE_HOST=.*|SERVICE_PORT(?:_[A-Z0-9_]+)?=\d+|PORT=(?:tcp|udp|sctp)://.*"
    r"|PORT_\d+_(?:TCP|UDP|SCTP)(?:=(?:tcp|udp|sctp)://.*|_PROTO=(?:tcp|udp|sctp)|_PORT=\d+|_ADDR=.*))"
)
"""``NAME=value`` of what Kubernetes sets in every pod beside a Service ``standfirst`` or ``standfirst-...``; a
``STANDFIRST_PORT=3000`` is somebody's mistake and stays one."""

MAX_JSON_DEPTH = 200
"""Nesting that the JSON parser (jiter, in pydantic-core) reads; it is fixed. JSON-LD needs about ten."""

_MAX_TIMEOUT_S = 3000.0
_LEVELS = ("debug", "info", "warning", "error")


def _setting(default: Any, about: str, *, lowest: float = 1, highest: float = 2**40) -> Any:
    return dataclasses.field(default=default, metadata={"about": about, "lowest": lowest, "highest": highest})


@dataclass(frozen=True, slots=True)
class Settings:
    """Limits, threads, doors and models of the service; ``metadata["about"]`` of each field says what it does."""

    max_body_bytes: int = _setting(MAX_BYTES, "larger request bodies are refused before they are parsed")
    max_paragraphs: int = _setting(10_000, "paragraphs in one request, or one document")
    max_paragraph_chars: int = _setting(100_000, "characters in one text or context")
    max_json_values: int = _setting(500_000, "commas in one body: objects take thirty times their bytes")
    timeout_s: float = _setting(
        60.0, "then 503; work that has not begun never begins", lowest=0.001, highest=_MAX_TIMEOUT_S
    )
    jobs: int = _setting(16, "requests worked on at once in a worker; most of them wait for the model", highest=256)
    max_waiting: int = _setting(256, "requests that may wait for their turn; then 429", lowest=0)
    max_waiting_mib: int = _setting(64, "bodies of all requests inside, together; then 429")
    batch_tokens: int = _setting(512, "word pieces in one call of the model", lowest=16, highest=2**16)
    workers: int = _setting(1, "processes", highest=256)
    threads: int = _setting(0, "calls of the model at once, a thread each; 0: the cores, shared by workers", lowest=0)
    cache_mib: int = _setting(64, "for each of two caches in each worker; 0 keeps nothing", lowest=0)
    reload_s: float = _setting(
        5.0, "how often to look for a new model in the model folders; 0 never", lowest=0, highest=86400
    )
    tokens_file: Path | None = _setting(None, "a file of bearer tokens; without it nobody is asked")  # noqa: RUF009
    cors_origins: tuple[str, ...] = _setting((), "web origins that may call, separated by commas; none by default")
    log_level: str = _setting("info", "debug, info, warning or error")
    topics: Path | None = _setting(None, "an exported topic model; the shipped one without it")  # noqa: RUF009
    summary: Path | None = _setting(None, _SUMMARY)  # noqa: RUF009

    @property
    def calls(self) -> int:
        """Calls of the model at the same time in a worker."""
        return self.threads or max(1, cores() // self.workers)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> "Settings":
        """Read ``STANDFIRST_*`` variables (of this process, if none are given); empty ones count as not set.

        Those that Kubernetes makes of a Service of our name are nobody's setting.

        Raises
        ------
        InputError
            If a variable or a key of the file is unknown, is of another kind, or lies outside its range.

        """
        variables = os.environ if environment is None else environment
        fields = {f.name: f for f in dataclasses.fields(cls)}
        values = _from_file(variables.get(_CONFIG, "").strip(), fields)
        names = {PREFIX + name.upper(): name for name in fields}
        for name, raw in variables.items():
            if name.startswith(PREFIX) and name not in _NOT_OURS and raw.strip():
                if name not in names:
                    if _SERVICE_LINK.fullmatch(f"{name}={raw.strip()}"):
                        continue
                    raise InputError(f"unknown setting; {_nearest(name, [*names, _CONFIG])}", where=name)
                values[names[name]] = _converted(fields[names[name]], raw.strip(), name)
        return cls(**values)


def workers() -> int:
    """How many processes BentoML starts: it asks while it imports, when a wrong setting may not yet be told."""
    try:
        return Settings.from_environment().workers
    except InputError:
        return 1


def help_text() -> str:
    """Every setting, its default and what it does, a line each."""
    lines = [f"{_CONFIG:32} a TOML file with the settings below, in small letters and without the prefix"]
    for field in dataclasses.fields(Settings):
        shown = "none" if field.default in (None, ()) else field.default
        lines.append(f"{PREFIX + field.name.upper():32} {field.metadata['about']} (default {shown})")
    return "\n".join(lines)


def _from_file(name: str, fields: Mapping[str, "dataclasses.Field[Any]"]) -> dict[str, Any]:
    if not name:
        return {}
    path = Path(name)
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError:
        raise InputError("there is no such file, or it cannot be read", where=_CONFIG) from None
    except ValueError as error:
        raise InputError(f"broken TOML: {error}", where=path.name) from None
    values = {}
    for key, value in table.items():
        where = f"{path.name}: {key}"
        if key not in fields:
            raise InputError(f"unknown setting; {_nearest(key, list(fields))}", where=where)
        raw = ",".join(map(str, value)) if isinstance(value, list) else str(value)
        if isinstance(value, bool | dict):
            raise InputError("expected a number, a string or a list of strings", where=where)
        values[key] = _converted(fields[key], raw, where)
    return values


def _converted(field: "dataclasses.Field[Any]", raw: str, where: str) -> Any:
    if field.name in ("topics", "summary"):
        pinned = field.name == "summary" and "@" in raw and is_id(raw)
        if not Path(raw).is_dir() and not pinned:
            raise InputError("there is no such folder; expected an exported model", where=where)
        return Path(raw)
    if field.name == "tokens_file":
        if not Path(raw).is_file():
            raise InputError("there is no such file; expected bearer tokens, one a line", where=where)
        return Path(raw)
    if field.name == "cors_origins":
        return tuple(_origin(part.strip(), where) for part in raw.split(",") if part.strip())
    if field.name == "log_level":
        if raw.lower() not in _LEVELS:
            raise InputError(f"expected one of {', '.join(_LEVELS)}", where=where)
        return raw.lower()
    return _number(field, raw, where)


def _number(field: "dataclasses.Field[Any]", raw: str, where: str) -> int | float:
    kind, expected = (float, "a number") if isinstance(field.default, float) else (int, "a whole number")
    lowest, highest = field.metadata["lowest"], field.metadata["highest"]
    try:
        value = kind(raw)
    except ValueError:
        value = float("nan")
    if not lowest <= value <= highest:
        raise InputError(f"expected {expected} from {lowest} to {highest}", where=where)
    return value


def _origin(raw: str, where: str) -> str:
    parts = urlsplit(raw)
    if raw != "*" and (parts.scheme not in ("http", "https") or not parts.netloc or parts.path):
        raise InputError("expected origins such as https://cms.example.org, or *", where=where)
    return raw


def _nearest(name: str, known: list[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    return f"did you mean {near[0]}?" if near else f"known settings: {', '.join(known)}"
