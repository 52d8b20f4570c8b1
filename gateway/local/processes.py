"""Children that never outlive us: start a process group, wait until it is ready, stop it and prove that it is gone."""

from __future__ import annotations

import fcntl
import os
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from gateway.errors import Unavailable

TERM_SECONDS = 15.0
LEFT_BEHIND_SECONDS = 2.0
KILL_SECONDS = 5.0
POLL_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Child:
    """A process group that we started. ``log`` holds what it printed."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def running(self) -> bool:
        return self.process.poll() is None

    def last_lines(self, count: int = 15) -> str:
        """The end of its log, for an error message."""
        if not self.log.exists():
            return ""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-count:])


def start(
    name: str,
    command: Sequence[str | Path],
    *,
    log: Path,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> Child:
    """Start ``command`` as the leader of a session of its own, printing into ``log``.

    It is told to end (TERM) when the thread that started it ends, so start long-lived children from the main thread.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    words = [str(word) for word in command]
    if setpriv := shutil.which("setpriv"):
        words = [setpriv, "--pdeathsig", "TERM", "--", *words]
    with log.open("ab") as sink:
        process = subprocess.Popen(
            words,
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=subprocess.STDOUT,
            env=dict(os.environ if environment is None else environment),
            cwd=folder,
            start_new_session=True,
        )
    return Child(name, process, log)


def wait_until(ready: Callable[[], bool], child: Child, *, seconds: float) -> None:
    """Return when ``ready()`` is true.

    Raises ``Unavailable`` (``local-service-did-not-start``) when the child ends first or the time is over; the child is
    stopped then, and also where the wait is interrupted.
    """
    deadline = time.monotonic() + seconds
    try:
        while child.running and time.monotonic() < deadline:
            if ready():
                return
            time.sleep(POLL_SECONDS)
    except BaseException:
        stop(child)
        raise
    ended = not child.running
    stop(child)
    raise Unavailable(
        f"{child.name} {'ended at once' if ended else f'was not ready within {seconds:.0f} s'}:\n{child.last_lines()}",
        code="local-service-did-not-start",
        where=str(child.log),
        action="Read the log; free the disk or memory it asks for, then start again.",
    )


def stop(child: Child, *, first: signal.Signals = signal.SIGTERM, seconds: float = TERM_SECONDS) -> None:
    """End the group and all its descendants: ``first``, wait, KILL, check. Stopping twice is harmless.

    Raises ``Unavailable`` (``local-service-survived``) when something is still alive after KILL.
    """
    # A group that ended by itself may have left members behind: the session's number still leads to them.
    end(family(child.pid), first=first, seconds=seconds)
    with suppress(subprocess.TimeoutExpired):
        child.process.wait(timeout=KILL_SECONDS)


def family(leader: int) -> list[psutil.Process]:
    """The members of the session that ``leader`` leads, and all their descendants, leader first."""
    found: dict[int, psutil.Process] = {}
    for process in psutil.process_iter():
        with suppress(psutil.Error, ProcessLookupError, PermissionError):
            if process.pid == leader or os.getsid(process.pid) == leader:
                found.setdefault(process.pid, process)
                for descendant in process.children(recursive=True):
                    found.setdefault(descendant.pid, descendant)
    return sorted(found.values(), key=lambda process: process.pid != leader)


def alive(process: psutil.Process) -> bool:
    """Whether it still runs. A zombie does not: it only waits for its parent to notice."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def end(processes: Iterable[psutil.Process], *, first: signal.Signals, seconds: float) -> None:
    """Signal the leader, wait for it; TERM what it left behind, wait a little; KILL, check."""
    members = [process for process in processes if alive(process)]
    _signal(members[:1], first)
    _staying(members[:1], seconds)
    left = _staying(members, 0)
    _signal(left, signal.SIGTERM)
    left = _staying(left, LEFT_BEHIND_SECONDS)
    _signal(left, signal.SIGKILL)
    immortal = _staying(left, KILL_SECONDS)
    if immortal:
        raise Unavailable(
            f"still alive after KILL: {', '.join(str(process.pid) for process in immortal)}",
            code="local-service-survived",
            action="End these processes by hand.",
        )


def _signal(members: Iterable[psutil.Process], number: signal.Signals) -> None:
    for process in members:
        with suppress(psutil.NoSuchProcess):
            process.send_signal(number)


def _staying(members: Sequence[psutil.Process], seconds: float) -> list[psutil.Process]:
    deadline = time.monotonic() + seconds
    while (staying := [process for process in members if alive(process)]) and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
    return staying


def free_port() -> int:
    """A TCP port of loopback that nobody listens on, kept for this process until it ends.

    It is outside the kernel's range for outgoing connections (one of those could take it before the service that it is
    for has bound it, or while that service restarts), and a lock file keeps a second stage of the same machine off it.
    Raises ``Unavailable`` (``local-service-did-not-start``) when every one of them is taken.
    """
    candidates = _ports_for_listening()
    folder = Path(tempfile.gettempdir()) / f"gateway-ports-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    for port in random.sample(candidates, len(candidates)):
        # Never closed on purpose: the kernel gives the lock back when this process ends, however it ends.
        lock = os.open(folder / str(port), os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            with socket.create_server(("127.0.0.1", port)):
                return port
        except OSError:
            os.close(lock)
    raise Unavailable(
        f"no free TCP port from {candidates.start} to {candidates.stop - 1}",
        code="local-service-did-not-start",
        where="127.0.0.1",
        action="End the services that hold these ports, then start again.",
    )


def _ports_for_listening() -> range:
    outgoing = Path("/proc/sys/net/ipv4/ip_local_port_range")
    first, last = map(int, outgoing.read_text(encoding="ascii").split()) if outgoing.exists() else (32768, 60999)
    return max(range(10_000, first), range(last + 1, 65_536), key=len)


def answers(port: int) -> bool:
    """Whether somebody accepts connections on this port of loopback."""
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False
