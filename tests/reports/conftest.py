from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from gateway.partners import Partner
from gateway.security import development_pki
from tests.reconciliation.conftest import day, partners
from tests.reports.signing import Signing, signing_desk

__all__ = ["day", "partners"]


@pytest.fixture(scope="session")
def certs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("certs")
    development_pki.create(folder)
    return folder


@pytest.fixture
def signing(database_url: str, partners: dict[str, Partner], certs: Path) -> Iterator[Signing]:
    with psycopg.connect(database_url) as conn:
        desk = signing_desk(conn, partners, certs)
        desk.begin()
        conn.commit()
        yield desk
        conn.rollback()
