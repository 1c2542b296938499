"""Fits that have nothing to do with each other, at once: a process for each, as many as there are cores for."""

import logging
import os
import threading
import time
from collections.abc import Callable, Iterable

import joblib
from joblib.externals.loky import get_reusable_executor


def room(threads: int) -> int:
    """How many fits of this many threads each the machine (or its container) has cores for, and at least one."""
    cores: int = joblib.cpu_count()  # unlike `standfirst.cores`, it knows a container's share of time, too
    return max(cores // threads, 1)


def run_abreast(fits: Iterable[Callable[[], object]], at_once: int) -> None:
    """Call these, ``at_once`` at a time, each in another process; what they return is dropped, they leave files.

    If one of them fails, the others are stopped and its error is raised here. If this process is killed, they end
    within a second (not on Windows), so that whoever starts again finds nobody at work on the same files.
    """
    level = logging.getLogger("training").getEffectiveLevel()
    try:
        joblib.Parallel(n_jobs=at_once, backend="loky")(joblib.delayed(_alone)(f, os.getpid(), level) for f in fits)
    finally:
        get_reusable_executor().shutdown()  # it would keep processes, and their memory, for the next call


def _alone(fit: Callable[[], object], parent: int, level: int) -> None:
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    logging.basicConfig(format="%(message)s")
    logging.getLogger("training").setLevel(level)
    fit()


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)
