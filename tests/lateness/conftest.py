"""One database for each test; the run looks with the rights of a worker."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from gateway.partners import Partner, load_partners
from gateway.security import development_pki
from tests.lateness.watched import CONFIG, Province
from tests.reports.smtp_server import Mailbox, mail_server


@pytest.fixture(scope="session")
def partners() -> dict[str, Partner]:
    return load_partners(CONFIG / "partners", {})


@pytest.fixture(scope="session")
def certs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("certs")
    development_pki.create(folder)
    return folder


@pytest.fixture
def province(database_url: str, partners: dict[str, Partner], certs: Path) -> Iterator[Province]:
    with (
        psycopg.connect(database_url) as owner,
        psycopg.connect(database_url, autocommit=True) as worker,
        psycopg.connect(database_url, autocommit=True) as console,
    ):
        worker.execute("SET ROLE gateway_worker")
        console.execute("SET ROLE gateway_console")
        one = Province(owner, partners, worker=worker, console=console, certs=certs)
        one.employ(an="finance_maker", binh="finance_checker", oanh="ops")
        yield one
        owner.rollback()


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with mail_server() as server:
        yield server


@pytest.fixture
def own_config(tmp_path: Path) -> Path:
    """A configuration of one's own: the delivered one, to be changed."""
    return Path(shutil.copytree(CONFIG, tmp_path / "config"))
