"""Airflow for one machine: ``airflow standalone`` with LocalExecutor on free ports, its metadata in our PostgreSQL."""

from __future__ import annotations

import base64
import json
import os
import secrets
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from gateway.errors import ConfigurationError
from gateway.local import processes
from gateway.local.airflow_api import AirflowApi
from gateway.local.postgres import PostgresAddress

# 24 s on two idle cores; six times as long was seen on two busy ones.
START_SECONDS = 400.0
STOP_SECONDS = processes.TERM_SECONDS + processes.KILL_SECONDS + 5
ROLES = ("viewer", "user", "op", "admin")


@dataclass(frozen=True)
class Standalone:
    """A running Airflow. ``passwords`` are generated, one for each of the users that were asked for."""

    child: processes.Child = field(repr=False)
    port: int
    passwords: Mapping[str, str] = field(repr=False)

    @property
    def url(self) -> str:
        """Where people and programs find it."""
        return f"http://127.0.0.1:{self.port}"

    def api(self, user: str) -> AirflowApi:
        """Airflow's REST API as one of the users."""
        return AirflowApi.sign_in(self.url, user, self.passwords[user])

    def stop(self) -> None:
        """Stop all its components, with the tasks they run."""
        processes.stop(self.child, seconds=STOP_SECONDS)


def start(
    state_folder: Path,
    server: PostgresAddress,
    *,
    dags_folder: Path,
    users: Mapping[str, str],
    environment: Mapping[str, str],
    database: str = "airflow",
    idle_seconds: float = 1.0,
    wait: bool = True,
) -> Standalone:
    """Start Airflow; ``users`` maps a name to one of viewer, user, op, admin; ``environment`` is what tasks see.

    ``idle_seconds``: how long a scheduler that found nothing to do sleeps; looking more often takes from the tasks.
    With ``wait`` it returns when all components are healthy; otherwise call ``wait_until_healthy`` later.
    Raises ``Unavailable`` when it does not become healthy, ``ConfigurationError`` for an unknown role.
    """
    wrong = sorted(set(users.values()) - set(ROLES))
    if wrong:
        raise ConfigurationError(f"unknown Airflow role {wrong[0]!r}", where="users", action=f"use one of {ROLES}")
    home = state_folder.resolve() / "airflow"
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    passwords = _passwords(home / "passwords.json", users)
    port = processes.free_port()
    settings = _settings(home, server.create_database(database), port, dags_folder, users, idle_seconds)
    log = (state_folder / "log" / "airflow.log").resolve()
    # Told to end by TERM, `airflow standalone` would leave its components behind: the guard ends them all.
    child = processes.start(
        "Airflow",
        [sys.executable, "-m", "gateway.local.guard", log, Path(sys.executable).parent / "airflow", "standalone"],
        log=log,
        environment={**_inherited(), **environment, **settings},
        folder=home,
    )
    airflow = Standalone(child, port, passwords)
    if wait:
        wait_until_healthy(airflow)
    return airflow


def wait_until_healthy(airflow: Standalone, *, seconds: float = START_SECONDS) -> None:
    """Return when API server, scheduler, dag-processor and triggerer all say that they are healthy."""
    processes.wait_until(
        lambda: processes.answers(airflow.port) and AirflowApi.is_healthy(airflow.url), airflow.child, seconds=seconds
    )


def _inherited() -> dict[str, str]:
    # Settings of another Airflow or gateway of this user must not reach ours.
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "GATEWAY_"))}
    # `airflow standalone` and the executor call `airflow` by its name.
    return {**kept, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{kept.get('PATH', '')}"}


def _passwords(file: Path, users: Mapping[str, str]) -> dict[str, str]:
    """Airflow logs the passwords that it generates itself: ours are there before it starts."""
    known: dict[str, str] = json.loads(file.read_text()) if file.exists() else {}
    passwords = {user: known.get(user) or secrets.token_urlsafe(12) for user in users}
    file.touch(mode=0o600)
    file.write_text(json.dumps(passwords))
    return passwords


def _settings(
    home: Path, url: str, port: int, dags_folder: Path, users: Mapping[str, str], idle_seconds: float
) -> dict[str, str]:
    sections: dict[str, Mapping[str, object]] = {
        "CORE": {
            "DAGS_FOLDER": dags_folder.resolve(),
            "LOAD_EXAMPLES": False,
            "EXECUTOR": "LocalExecutor",
            "PARALLELISM": 4,
            "MAX_ACTIVE_TASKS_PER_DAG": 4,
            "DEFAULT_TIMEZONE": "Asia/Ho_Chi_Minh",
            # A paused DAG has no watchers, and gets them only when its file is parsed again.
            "DAGS_ARE_PAUSED_AT_CREATION": False,
            "SIMPLE_AUTH_MANAGER_USERS": ",".join(f"{user}:{role}" for user, role in users.items()),
            "SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": home / "passwords.json",
            "EXECUTION_API_SERVER_URL": f"http://127.0.0.1:{port}/execution/",
            "FERNET_KEY": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        },
        "DATABASE": {"SQL_ALCHEMY_CONN": url.replace("postgresql://", "postgresql+psycopg2://")},
        "API": {
            "HOST": "127.0.0.1",
            "PORT": port,
            "WORKERS": 1,
            "BASE_URL": f"http://127.0.0.1:{port}",
            "SECRET_KEY": secrets.token_hex(32),
        },
        "API_AUTH": {"JWT_SECRET": secrets.token_hex(32)},
        "SCHEDULER": {"SCHEDULER_IDLE_SLEEP_TIME": idle_seconds},
        "DAG_PROCESSOR": {"MIN_FILE_PROCESS_INTERVAL": 600, "PARSING_PROCESSES": 1, "REFRESH_INTERVAL": 600},
        "LOGGING": {
            # Two instances at the same time must not fight for the default ports.
            "WORKER_LOG_SERVER_PORT": processes.free_port(),
            "TRIGGER_LOG_SERVER_PORT": processes.free_port(),
        },
    }
    named = {
        f"AIRFLOW__{section}__{key}": str(value) for section, keys in sections.items() for key, value in keys.items()
    }
    return {"AIRFLOW_HOME": str(home), "PYTHONUNBUFFERED": "1", **named}


def begin(airflow: Standalone, user: str, flows: Sequence[str], *, seconds: float = 120) -> AirflowApi:
    """Wait until every one of ``flows`` is parsed and can run, and return the API as ``user``."""
    api = airflow.api(user)
    processes.wait_until(lambda: set(flows) <= set(api.dags()), airflow.child, seconds=seconds)
    return api
