"""The console over a real database, asked by an ASGI client; who asks is told by a cookie or a bearer token."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from fastapi import FastAPI, Request
from playwright.sync_api import Browser, sync_playwright
from starlette.testclient import TestClient

from gateway.application.access import Role
from gateway.application.desk import Desk
from gateway.clock import FixedClock
from gateway.console.app import build_application
from gateway.local.postgres import PostgresAddress
from gateway.partners import Partner, load_partners
from gateway.security import development_pki
from gateway.settings import Settings
from tests.console import browser, world
from tests.console.browser import Reader
from tests.console.world import Monday

REPOSITORY = Path(__file__).resolve().parents[2]
TUESDAY_MORNING = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
SECRET = "a test"
PEOPLE = {
    "an": frozenset({Role.MAKER}),
    "em": frozenset({Role.MAKER}),
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


@pytest.fixture(scope="session")
def partners() -> dict[str, Partner]:
    return load_partners(REPOSITORY / "config" / "partners", {})


Filled = tuple[str, Monday]
"""A database to copy, and what stands in it."""


@pytest.fixture(scope="session")
def monday_filled(
    postgres_server: PostgresAddress, migrated_template: str, partners: dict[str, Partner]
) -> Iterator[Filled]:
    """The reconciled day, judged once; each test that asks for ``monday`` gets a copy."""
    name = f"monday_{uuid.uuid4().hex}"
    url = postgres_server.create_database(name, template=migrated_template)
    yield name, world.monday_of_a_bank(url, partners)
    postgres_server.drop_database(name)


@pytest.fixture
def database_url(
    request: pytest.FixtureRequest, postgres_server: PostgresAddress, migrated_template: str
) -> Iterator[str]:
    """A database of the test's own: a copy of the one that holds the world it asks for, else without rows."""
    worlds = [name for name in ("finance", "monday") if name in request.fixturenames]
    template = request.getfixturevalue(f"{worlds[0]}_filled")[0] if worlds else migrated_template
    name = f"test_{uuid.uuid4().hex}"
    yield postgres_server.create_database(name, template=template)
    postgres_server.drop_database(name)


@pytest.fixture
def monday(database_url: str, monday_filled: Filled) -> Monday:
    """A reconciled day in the database that the console reads."""
    return monday_filled[1]


@pytest.fixture(scope="session")
def certs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The development PKI, for the seal of an approved day."""
    folder = tmp_path_factory.mktemp("certs")
    development_pki.create(folder)
    return folder


@pytest.fixture
def config() -> Path:
    """The configuration's folder; a module that needs another overrides it."""
    return REPOSITORY / "config"


@dataclass
class Console:
    """The console, built once: making its routes takes longer than a test. ``desk`` is opened for each request."""

    root: FastAPI
    desk: Callable[[], Iterator[Desk]] | None = None


@pytest.fixture(scope="session")
def console() -> Console:
    """The console as Airflow mounts it; a test that asks for ``application`` says at which desk it is served."""
    built = Console(FastAPI())

    @contextmanager
    def open_desk() -> Iterator[Desk]:
        assert built.desk is not None, "no test is served"
        yield from built.desk()

    built.root.state.console_application = build_application(identify, open_desk=open_desk, secret=SECRET)
    built.root.mount("/gateway", built.root.state.console_application)
    return built


@pytest.fixture
def application(
    console: Console, database_url: str, partners: dict[str, Partner], config: Path, certs: Path, tmp_path: Path
) -> Iterator[FastAPI]:
    """The console on a database of its own; everybody has their roles."""
    chosen = Settings("test", database_url, "", config, certs, tmp_path)
    employ(database_url)

    def desk() -> Iterator[Desk]:
        with psycopg.connect(database_url, autocommit=True) as connection:
            connection.execute("SET ROLE gateway_console")
            yield Desk(connection, FixedClock(TUESDAY_MORNING), partners, chosen)

    console.desk = desk
    yield console.root
    console.desk = None


def employ(url: str) -> None:
    """Everybody has their roles; nobody is given them twice."""
    with psycopg.connect(url) as owner:
        if owner.execute("SELECT FROM gateway.person_role LIMIT 1").fetchone():
            return
        owner.cursor().executemany(
            "INSERT INTO gateway.person_role (person, role, act, by_user, at) VALUES (%s, %s, 'grant', 'owner', %s)",
            [(user, role.value, TUESDAY_MORNING) for user, roles in PEOPLE.items() for role in sorted(roles)],
        )


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One real browser for a module's tests; its event loop must be gone before another module starts one."""
    with sync_playwright() as playwright:
        started = browser.launch(playwright)
        yield started
        started.close()


@pytest.fixture
def address(application: FastAPI) -> Iterator[str]:
    """Where the console is served for a browser."""
    with browser.served(application) as url:
        yield url


@pytest.fixture
def sit_down(chromium: Browser, address: str) -> Iterator[Callable[..., Reader]]:
    """``sit_down("an")``: a person before a screen of their own. In the end no browser may have complained."""
    readers: list[Reader] = []

    def open_(user: str, **how: Any) -> Reader:
        readers.append(Reader.open(chromium, address, user, **how))
        return readers[-1]

    yield open_
    for reader in readers:
        reader.page.context.close()
    assert [reader.errors for reader in readers if reader.errors] == []


@pytest.fixture
def visitor(application: FastAPI) -> TestClient:
    """A browser that follows nothing by itself; sign in with ``visitor.cookies["user"] = "an"``."""
    return TestClient(
        application, base_url="http://gateway.test", follow_redirects=False, raise_server_exceptions=False
    )
