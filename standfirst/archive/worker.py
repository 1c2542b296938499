"""A process that scores: takes tasks from its parent and sends answers back, until the parent is gone.

``python -m standfirst.archive.worker HANDLE`` is started by ``pool``; it is no command for people. Tasks are
received in a thread, so that the next one is here when the encoder is done with the last.
"""

import os
import queue
import signal
import sys
import threading
from multiprocessing.connection import Connection
from typing import Any

from standfirst.errors import StandfirstError


def main(handle: int) -> None:
    """Load the models that the first message names, then answer one task after another."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches every process of a terminal; the parent decides
    parent: Connection[Any, Any] = Connection(handle)
    tasks: queue.SimpleQueue[Any] = queue.SimpleQueue()
    threading.Thread(target=_receive, args=(parent, tasks), daemon=True).start()
    from standfirst.archive.models import Models

    try:
        models = Models(tasks.get())
    except StandfirstError as error:
        parent.send(error)
        return
    parent.send(None)  # ready
    while True:
        kind, items = tasks.get()
        parent.send(models.topics(items) if kind == "topics" else models.lines(items))


def _receive(parent: "Connection[Any, Any]", tasks: "queue.SimpleQueue[Any]") -> None:
    try:
        while True:
            tasks.put(parent.recv())
    except (EOFError, OSError):
        os._exit(0)  # the parent is gone: so is the job, whatever the encoder is doing


if __name__ == "__main__":
    main(int(sys.argv[1]))
