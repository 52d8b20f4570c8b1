"""One bank's day on a real database, and people with their roles at a desk that has the console's rights only."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from gateway.application.desk import Desk
from gateway.clock import FixedClock
from gateway.partners import Partner, load_partners
from gateway.security import development_pki
from gateway.settings import Settings
from tests.application.office import Office
from tests.reconciliation.day_story import TUESDAY_MORNING

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def partners() -> dict[str, Partner]:
    return load_partners(REPOSITORY / "config" / "partners", {})


@pytest.fixture(scope="session")
def certs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("certs")
    development_pki.create(folder)
    return folder


@pytest.fixture
def office(database_url: str, partners: dict[str, Partner], certs: Path, tmp_path: Path) -> Iterator[Office]:
    """Everything is committed: what the console sees is what others did."""
    settings = Settings("test", database_url, "", REPOSITORY / "config", certs, tmp_path)
    with (
        psycopg.connect(database_url, autocommit=True) as owner,
        psycopg.connect(database_url, autocommit=True) as console,
    ):
        console.execute("SET ROLE gateway_console")
        desk = Desk(console, FixedClock(TUESDAY_MORNING), partners, settings)
        office = Office(owner, partners, desk=desk)
        office.employ_all()
        yield office
