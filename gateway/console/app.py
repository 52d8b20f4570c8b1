"""The application: pages and REST, the guard before them, and the answer to every error."""

from __future__ import annotations

import gc
import os
import secrets
from collections.abc import Callable
from contextlib import AbstractContextManager
from importlib.metadata import version
from pathlib import Path

from fastapi import FastAPI
from starlette.staticfiles import StaticFiles

from gateway.application.access import Person
from gateway.application.desk import Desk
from gateway.application.roles import person_of
from gateway.console import (
    api,
    faults,
    language,
    pages_accounts,
    pages_breaks,
    pages_cash,
    pages_days,
    pages_dossiers,
    pages_enquiries,
    pages_money,
    pages_months,
    pages_personal,
    pages_refunds,
    pages_reports,
    pages_statements,
    pages_today,
    pages_treasury,
)
from gateway.console.guard import Headed
from gateway.console.rendering import environments
from gateway.console.visit import Console, Identify

STATIC = Path(__file__).parent / "static"
PAGES = (
    language, pages_today, pages_days, pages_breaks, pages_dossiers, pages_statements, pages_money, pages_enquiries,
    pages_refunds, pages_cash, pages_treasury, pages_accounts, pages_months, pages_personal, pages_reports, api,
)  # fmt: skip
"""Modules with a ``router()``; a new page is added here and to ``navigation.MENU``."""

PROGRAMS = """What people do on the pages, for programs. Sign in with Airflow's bearer token (`POST /auth/token`); a
browser that is signed in by its cookie sends the token of its page in `X-CSRF-Token`. Amounts are whole đồng, days are
business dates of Viet Nam, times are UTC. An error is `application/problem+json` with `code`, `detail` and `action`."""
"""How ``/api`` describes itself."""


def own_desk() -> AbstractContextManager[Desk]:
    """The desk that this process's environment names; what it needs is imported by the first visitor."""
    from gateway.bootstrap import open_desk

    return open_desk()


def build_application(
    identify: Identify,
    *,
    person_of: Callable[[Desk, str], Person] = person_of,
    open_desk: Callable[[], AbstractContextManager[Desk]] = own_desk,
    secret: str = "",
    sign_in: str = "/auth/login",
) -> FastAPI:
    """The pages, to be mounted below a prefix.

    ``identify`` names the visitor's account, or None for a stranger, who is sent to ``sign_in`` and back. ``secret``
    signs the forms' tokens: all processes that serve the pages need the same one ("" makes one for this process).
    """
    application = FastAPI(
        title="Integration gateway", description=PROGRAMS, docs_url=None, redoc_url=None, openapi_url=None
    )
    signing = (secret or secrets.token_urlsafe(32)).encode()
    application.state.console = Console(identify, person_of, open_desk, signing, sign_in, environments())
    application.add_middleware(Headed)
    faults.install(application)
    application.mount("/static", StaticFiles(directory=STATIC), name="static")
    application.get("/about", include_in_schema=False)(about)
    for module in PAGES:
        application.include_router(module.router(), include_in_schema=module is api)
    return application


def spare_from_collection() -> None:
    """What this process holds now it holds to its end: no page waits for the garbage collector to walk it again.

    A full collection walks all modules and routes of the process, and takes longer than a page.
    """
    gc.collect()
    gc.freeze()


def about() -> dict[str, str]:
    """Version and environment; nothing of a partner, a person or a message."""
    return {"version": version("integration-gateway"), "environment": os.environ.get("GATEWAY_ENV", "development")}
