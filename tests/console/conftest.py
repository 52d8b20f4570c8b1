"""The console over a real database, asked by an ASGI client; who asks is told by a cookie or a bearer token."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from fastapi import FastAPI, Request
from starlette.testclient import TestClient

from gateway import settings
from gateway.application.access import Person, Role
from gateway.application.desk import Desk
from gateway.clock import FixedClock
from gateway.console.app import build_application
from gateway.partners import load_partners

REPOSITORY = Path(__file__).resolve().parents[2]
TUESDAY_MORNING = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
PEOPLE = {
    "an": frozenset({Role.MAKER}),
    "binh": frozenset({Role.CHECKER}),
    "chi": frozenset({Role.VIEWER}),
    "dung": frozenset({Role.AUDITOR}),
    "ops": frozenset({Role.OPS}),
    "khach": frozenset[Role](),
}


def identify(request: Request) -> str | None:
    """Stands for Airflow's sign-in: a bearer token wins over the cookie."""
    bearer = request.headers.get("authorization", "").removeprefix("Bearer ")
    return bearer or request.cookies.get("user")


@pytest.fixture
def application(database_url: str) -> FastAPI:
    """The console on a database of its own, mounted as Airflow mounts it."""
    environ = {
        "GATEWAY_ENV": "test",
        "GATEWAY_DATABASE_URL": database_url,
        "GATEWAY_CONFIG": str(REPOSITORY / "config"),
    }
    partners = load_partners(REPOSITORY / "config" / "partners", {})
    chosen = settings.load(environ)

    @contextmanager
    def open_desk() -> Iterator[Desk]:
        with psycopg.connect(database_url, autocommit=True) as connection:
            connection.execute("SET ROLE gateway_console")
            yield Desk(connection, FixedClock(TUESDAY_MORNING), partners, chosen)

    def person_of(_: Desk, user: str) -> Person:
        return Person(user, PEOPLE.get(user, frozenset()))

    root = FastAPI()
    root.mount("/gateway", build_application(identify, person_of=person_of, open_desk=open_desk, secret="a test"))
    return root


@pytest.fixture
def visitor(application: FastAPI) -> TestClient:
    """A browser that follows nothing by itself; sign in with ``visitor.cookies["user"] = "an"``."""
    return TestClient(
        application, base_url="http://gateway.test", follow_redirects=False, raise_server_exceptions=False
    )
