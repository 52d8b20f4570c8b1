"""Real services for the tests, started once for a session and its xdist workers, by the first test that asks.

Keepers (``gateway.local.keeper``) hold them and watch the session's process: nothing survives an aborted run.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import psutil
import psycopg
import pytest
import typer
from hypothesis import HealthCheck, settings
from xdist.remote import Producer

from gateway.local import keeper
from gateway.local.openssh import SshAddress
from gateway.local.postgres import PostgresAddress
from gateway.local.rabbitmq import RabbitAddress
from gateway.migrations import migrate
from gateway.reconciliation import engine
from tests import spread

REPOSITORY = Path(__file__).resolve().parents[1]
# xdist's workers inherit the environment of the process that the user started, and so learn whom they belong to.
SESSION = "GATEWAY_TEST_SESSION"
DATABASES = "GATEWAY_TEST_DATABASES"
"""The folder of the PostgreSQL cluster, chosen once for a session and its workers."""
MEMORY, MEMORY_NEEDED = Path("/dev/shm"), 4 << 30


# Shared machines are slow at times: how long the drawing of examples took says nothing about what is tested.
settings.register_profile("suite", suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("suite")


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        os.environ[SESSION] = str(os.getpid())
        _sweep()
        os.environ[DATABASES] = str(_databases_folder())
        # Airflow writes its settings where it is imported: not into the user's home.
        os.environ["AIRFLOW_HOME"] = str(_session_folder() / "airflow-home")


def pytest_unconfigure(config: pytest.Config) -> None:
    folder = _session_folder()
    if hasattr(config, "workerinput"):
        return
    for one in {folder, Path(os.environ[DATABASES])}:
        keeper.release(one)
        shutil.rmtree(one, ignore_errors=True)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> spread.AirflowTogether | None:
    return spread.scheduling(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    spread.in_order(items, config.rootpath)


@pytest.fixture(scope="session", autouse=True)
def _one_duckdb() -> Iterator[None]:
    """One DuckDB for all judgements of a process: to open one takes an eighth of the time that a small day takes."""
    open_one = cache(engine.connect)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "connect", lambda: open_one().cursor())
        yield


def _sweep() -> None:
    """Remove what earlier sessions could not, because they were killed."""
    for folder in (*(REPOSITORY / "var" / "test").glob("[0-9]*"), *MEMORY.glob("gateway-test-[0-9]*")):
        if not psutil.pid_exists(int(folder.name.rpartition("-")[2])):
            shutil.rmtree(folder, ignore_errors=True)


def _session_folder() -> Path:
    return REPOSITORY / "var" / "test" / os.environ[SESSION]


def _databases_folder() -> Path:
    """Memory, where there is enough of it.

    Each test has a database of its own, 500 files that are soon deleted. ext4 looks long for an inode that was not in
    use a moment ago: up to a second for each database, against a tenth.
    """
    roomy = MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free >= MEMORY_NEEDED
    return MEMORY / f"gateway-test-{os.getpid()}" if roomy else _session_folder()


def _session_pid() -> int:
    return int(os.environ[SESSION])


@pytest.fixture(scope="session", autouse=True)
def commands_are_built_once() -> Iterator[None]:
    """Typer's runner builds every command anew for each that is typed: longer than most of them take."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("typer.testing._get_command", cache(typer.main.get_command))
        yield


@pytest.fixture(scope="session")
def postgres_server() -> PostgresAddress:
    """A PostgreSQL server (superuser ``gateway``) that all workers share: create databases of your own in it."""
    return keeper.shared_postgres(Path(os.environ[DATABASES]), _session_pid())


@pytest.fixture
def postgres_url(postgres_server: PostgresAddress) -> Iterator[str]:
    """A fresh, empty database for one test."""
    name = f"test_{uuid.uuid4().hex}"
    yield postgres_server.create_database(name)
    postgres_server.drop_database(name)


@pytest.fixture(scope="session")
def migrated_template(postgres_server: PostgresAddress) -> str:
    """The name of a database with the whole schema and no rows, migrated once for all workers."""
    name = "gateway_template"
    with (Path(os.environ[DATABASES]) / "template.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with psycopg.connect(postgres_server.create_database(name)) as connection:
            migrate(connection)
    return name


@pytest.fixture
def database_url(postgres_server: PostgresAddress, migrated_template: str) -> Iterator[str]:
    """A fresh database for one test with the gateway's schema and no rows."""
    name = f"test_{uuid.uuid4().hex}"
    yield postgres_server.create_database(name, template=migrated_template)
    postgres_server.drop_database(name)


@pytest.fixture(scope="session")
def rabbitmq_server() -> RabbitAddress:
    """A RabbitMQ node that all workers share: create virtual hosts of your own in it."""
    return keeper.shared_rabbitmq(_session_folder(), _session_pid())


@pytest.fixture
def amqp_url(rabbitmq_server: RabbitAddress) -> Iterator[str]:
    """A fresh virtual host for one test."""
    name = f"test-{uuid.uuid4().hex}"
    yield rabbitmq_server.create_vhost(name)
    rabbitmq_server.drop_vhost(name)


@pytest.fixture(scope="session")
def ssh_server() -> SshAddress:
    """A real OpenSSH server that all workers share."""
    return keeper.shared_openssh(_session_folder(), _session_pid())


@pytest.fixture
def ssh_folder(ssh_server: SshAddress) -> Iterator[Path]:
    """A fresh folder of the SSH server for one test; its name, below the session's start, is ``ssh_folder.name``."""
    folder = ssh_server.root / uuid.uuid4().hex
    folder.mkdir()
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def airflow_turn() -> Iterator[None]:
    """One Airflow at a time, whichever worker starts it: two of them and their tasks are too much for two cores."""
    with Path(tempfile.gettempdir(), "gateway-tests-airflow.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
