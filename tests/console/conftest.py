"""The console over a real database, asked by an ASGI client; who asks is told by a cookie or a bearer token."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
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


@pytest.fixture
def monday(database_url: str, partners: dict[str, Partner]) -> Monday:
    """A reconciled day in the database that the console reads."""
    return world.monday_of_a_bank(database_url, partners)


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


@pytest.fixture
def application(database_url: str, partners: dict[str, Partner], config: Path, certs: Path, tmp_path: Path) -> FastAPI:
    """The console on a database of its own, mounted as Airflow mounts it; everybody has their roles."""
    chosen = Settings("test", database_url, "", config, certs, tmp_path)
    _employ(database_url)

    @contextmanager
    def open_desk() -> Iterator[Desk]:
        with psycopg.connect(database_url, autocommit=True) as connection:
            connection.execute("SET ROLE gateway_console")
            yield Desk(connection, FixedClock(TUESDAY_MORNING), partners, chosen)

    root = FastAPI()
    root.state.console_application = build_application(identify, open_desk=open_desk, secret=SECRET)
    root.mount("/gateway", root.state.console_application)
    return root


def _employ(url: str) -> None:
    with psycopg.connect(url) as owner:
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
