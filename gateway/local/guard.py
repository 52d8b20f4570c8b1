"""Stands between us and a program that leaves its children behind: when we are gone, it ends the whole family.

``python -m gateway.local.guard LOG PROGRAM ARGUMENT…`` runs the program until it ends, or until the guard is told to
end, which also happens when whoever started it dies.
"""

from __future__ import annotations

import signal
import sys
import threading
from pathlib import Path

from gateway.local import processes

LOOK_SECONDS = 0.3
END_SECONDS = 8.0
"""An idle Airflow ends in this time. One whose tasks run waits for them; they may be killed at any moment."""


def guard(log: Path, command: list[str]) -> int:
    """Run ``command`` and return its exit code, negative for the signal that ended it. INT is what ends it politely."""
    over = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: over.set())
    child = processes.start(command[0], command, log=log)
    while child.running and not over.wait(LOOK_SECONDS):
        pass
    processes.stop(child, first=signal.SIGINT, seconds=END_SECONDS)
    return child.process.returncode


if __name__ == "__main__":
    sys.exit(guard(Path(sys.argv[1]), sys.argv[2:]))
