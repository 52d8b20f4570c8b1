"""Holds one private service for many processes, and ends it when the process it serves is gone, however that ended.

pytest workers share services this way: the first that needs one starts a keeper; the keeper watches the test session.
``python -m gateway.local.keeper SERVICE FOLDER PID`` writes ``FOLDER/SERVICE.json`` when the service is ready.
"""

from __future__ import annotations

import dataclasses
import fcntl
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

import psutil

from gateway.errors import GatewayError, Unavailable
from gateway.local import openssh, postgres, processes, rabbitmq
from gateway.local.openssh import SshAddress
from gateway.local.postgres import PostgresAddress
from gateway.local.rabbitmq import RabbitAddress

READY_SECONDS = 300.0


class Service(Protocol):
    """Something that was started and can be stopped."""

    def stop(self) -> None:
        """End it, with everything it started."""
        ...


STARTERS: Mapping[str, Callable[[Path], Service]] = {
    "postgres": lambda folder: postgres.start(folder, forgetful=True),
    "rabbitmq": lambda folder: rabbitmq.start(folder, forgetful=True),
    "openssh": openssh.start,
}
ADDRESSES: Mapping[str, type[PostgresAddress | RabbitAddress | SshAddress]] = {
    "postgres": PostgresAddress,
    "rabbitmq": RabbitAddress,
    "openssh": SshAddress,
}


def shared_postgres(folder: Path, serves: int) -> PostgresAddress:
    """The PostgreSQL server of ``folder``, started now by a keeper for the process ``serves`` if nobody has yet."""
    return PostgresAddress(**_shared("postgres", folder, serves))


def shared_rabbitmq(folder: Path, serves: int) -> RabbitAddress:
    """The RabbitMQ node of ``folder``, likewise."""
    return RabbitAddress(**_shared("rabbitmq", folder, serves))


def shared_openssh(folder: Path, serves: int) -> SshAddress:
    """The OpenSSH server of ``folder``, likewise."""
    told = _shared("openssh", folder, serves)
    paths = {name: Path(told[name]) for name in ("user_key", "root", "known_hosts")}
    return SshAddress(**{**told, **paths})


def release(folder: Path) -> None:
    """End every keeper of ``folder`` and wait until its service is gone."""
    for note in folder.glob("*.pid"):
        with suppress(psutil.NoSuchProcess):
            keeper = psutil.Process(int(note.read_text()))
            processes.end([keeper], first=signal.SIGTERM, seconds=processes.TERM_SECONDS * 2)


def _shared(service: str, folder: Path, serves: int) -> dict[str, Any]:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    told = folder / f"{service}.json"
    with (folder / f"{service}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not told.exists():
            _start_keeper(service, folder, serves, told)
    answer: dict[str, Any] = json.loads(told.read_text())
    if "error" in answer:
        raise Unavailable(answer["error"], code="local-service-did-not-start", where=service)
    return answer


def _start_keeper(service: str, folder: Path, serves: int, told: Path) -> None:
    command = [sys.executable, "-m", "gateway.local.keeper", service, str(folder), str(serves)]
    log = (folder / f"{service}.keeper.log").open("ab")
    with log:
        keeper = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
    (folder / f"{service}.pid").write_text(str(keeper.pid))
    deadline = time.monotonic() + READY_SECONDS
    while not told.exists():
        if keeper.poll() is not None or time.monotonic() > deadline:
            keeper.terminate()
            raise Unavailable(
                f"the keeper of {service} ended or said nothing", code="local-service-did-not-start", where=log.name
            )
        time.sleep(processes.POLL_SECONDS)


def keep(service: str, folder: Path, serves: int) -> None:
    """Start ``service``, tell its address, and stop it when ``serves`` is gone or we are told to end."""
    over = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: over.set())
    try:
        running = STARTERS[service](folder)
    except GatewayError as error:
        _tell(folder / f"{service}.json", {"error": error.explain()})
        return
    try:
        _tell(folder / f"{service}.json", _address(service, running))
        served = psutil.Process(serves)
        while processes.alive(served) and not over.wait(0.2):
            pass
    except psutil.NoSuchProcess:
        pass  # it ended while we started, and nobody is left to serve
    finally:
        running.stop()


def _address(service: str, running: Service) -> dict[str, Any]:
    names = [part.name for part in dataclasses.fields(ADDRESSES[service])]
    values = {name: getattr(running, name) for name in names}
    return {name: str(value) if isinstance(value, Path) else value for name, value in values.items()}


def _tell(file: Path, content: dict[str, Any]) -> None:
    draft = file.with_suffix(".draft")
    draft.touch(mode=0o600)
    draft.write_text(json.dumps(content))
    os.replace(draft, file)


if __name__ == "__main__":
    keep(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
