"""How many cores this process may use."""

import os


def cores() -> int:
    """At least 1; a container's or a task's share of them where the system tells it, else all."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
