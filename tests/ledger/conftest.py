"""A database with the whole schema and the shipped partner files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from gateway.partners import Partner, load_partners
from tests.ledger.story import Story

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def partners() -> dict[str, Partner]:
    return load_partners(REPOSITORY / "config" / "partners", {})


@pytest.fixture
def story(database_url: str, partners: dict[str, Partner]) -> Iterator[Story]:
    with psycopg.connect(database_url) as conn:
        conn.execute(
            "INSERT INTO gateway.person_role (person, role, act, by_user, at)"
            " VALUES ('oanh', 'ops', 'grant', 'setup', now())"
        )
        yield Story(conn, partners)
        conn.rollback()
