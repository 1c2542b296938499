r"""Logs: one JSON object a line, and never a word of what was sent.

Our own loggers (``standfirst.*``) write messages that hold no text by construction. Of every other logger only those
that are known to be as careful are repeated; of the rest a line says who, where in the code and what kind of error,
but not the message, which may quote anything. Tracebacks are the places in the code, without the errors' messages.
"""

import json
import logging
import sys
import threading
import time
import traceback
import warnings
from types import TracebackType
from typing import Any

_TRUSTED = ("standfirst.", "bentoml.serve", "uvicorn.error", "circus")
"""Their messages are ours, or name services, hooks and ports; ``install`` keeps the last three from debug level."""


class JsonLines(logging.Formatter):
    """A record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """``time``, ``level``, ``logger``, ``message``, what ``extra={"fields": ...}`` gave, ``error`` and ``at``."""
        seconds, millis = divmod(int(record.created * 1000), 1000)
        line: dict[str, Any] = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds)) + f".{millis:03d}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": _message(record),
            **getattr(record, "fields", {}),
        }
        if record.exc_info and record.exc_info[1] is not None:
            line |= places(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False, default=str)


def places(error: BaseException) -> dict[str, Any]:
    """The kind of an error, of those behind it, and where they passed: nothing that anybody sent."""
    kinds, at, seen = [], [], set[int]()
    found: BaseException | None = error
    while found is not None and id(found) not in seen:
        seen.add(id(found))
        kinds.append(type(found).__name__)
        at += [f"{f.filename}:{f.lineno} {f.name}" for f in traceback.extract_tb(found.__traceback__)]
        found = found.__cause__ or (None if found.__suppress_context__ else found.__context__)
    return {"error": " from ".join(kinds), "at": at}


def install(level: str) -> None:
    """Write the logs of this process as JSON lines: all loggers, warnings, and what no one has caught."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in list(logging.root.manager.loggerDict):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
    for name in ("bentoml", "circus", "uvicorn.error"):
        logging.getLogger(name).setLevel(max(root.level, logging.INFO))
    for name in ("bentoml.access", "uvicorn.access"):
        logging.getLogger(name).disabled = True  # they repeat paths; the gate has a line of its own
    _install_hooks()


def _install_hooks() -> None:
    log = logging.getLogger("standfirst.uncaught")

    def uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        log.error("uncaught", exc_info=(kind, error, trace))

    def in_thread(args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None:
            log.error("uncaught in a thread", exc_info=(args.exc_type, args.exc_value, args.exc_traceback))

    def unraisable(args: Any) -> None:
        if args.exc_value is not None:
            log.error("uncaught while cleaning up", exc_info=(args.exc_type, args.exc_value, args.exc_traceback))

    def warned(message: Any, category: type[Warning], filename: str, lineno: int, *rest: Any, **also: Any) -> None:
        del message, rest, also
        log.warning("warning", extra={"fields": {"error": category.__name__, "at": [f"{filename}:{lineno}"]}})

    sys.excepthook = uncaught
    threading.excepthook = in_thread
    sys.unraisablehook = unraisable
    warnings.showwarning = warned


def _message(record: logging.LogRecord) -> str:
    if record.name.startswith(_TRUSTED) and not record.exc_info:
        return record.getMessage()
    if record.name.startswith("standfirst."):
        return record.getMessage()
    return f"(not repeated) {record.module}:{record.lineno}"
