"""Our pages inside Airflow; registered by the entry point ``airflow.plugins``.

Every process of Airflow loads this module, a task's too: what the pages need is imported by the first request.
"""

from __future__ import annotations

from functools import cache
from threading import Lock
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from airflow.configuration import conf
from airflow.plugins_manager import AirflowPlugin

from gateway.airflow.sign_in import refuse_demonstration_sign_in

if TYPE_CHECKING:
    from fastapi import FastAPI, Request
    from starlette.types import Receive, Scope, Send

PREFIX = "/gateway"
_BUILDING = Lock()


async def pages(scope: Scope, receive: Receive, send: Send) -> None:
    """The pages as an ASGI application, to be mounted by Airflow's API server."""
    from anyio import to_thread

    application = await to_thread.run_sync(_the_application)  # making it takes seconds: Airflow's own pages go on
    await application(scope, receive, send)


def _the_application() -> FastAPI:
    with _BUILDING:  # a cache alone would let two first visitors make two
        return build_application()


@cache
def build_application() -> FastAPI:
    """The console, with Airflow's sign-in and the secret that all its API servers share."""
    from gateway.console.app import build_application as build_console
    from gateway.console.app import spare_from_collection

    console = build_console(identify, secret=conf.get("api", "secret_key"), sign_in=f"{_base_path()}/auth/login")
    spare_from_collection()
    return console


async def identify(request: Request) -> str | None:
    """The account behind Airflow's bearer token or cookie, as Airflow's own pages find it; None for a stranger.

    Raises ConfigurationError ``demonstration-sign-in`` in production.
    """
    from airflow.api_fastapi.core_api.security import bearer_scheme, get_user
    from fastapi import HTTPException

    refuse_demonstration_sign_in()
    try:
        user = await get_user(request, None, await bearer_scheme(request))
    except HTTPException:
        return None
    return str(user.get_name())


def _base_path() -> str:
    """The path below which Airflow is served, "" at the root."""
    return urlsplit(conf.get("api", "base_url", fallback="")).path.rstrip("/")


class GatewayPlugin(AirflowPlugin):
    """What Airflow mounts, and where its navigation leads to."""

    name = "gateway"
    fastapi_apps = [{"app": pages, "url_prefix": PREFIX, "name": "gateway"}]
    external_views = [
        {
            "name": "Đối soát",
            "href": f"{_base_path()}{PREFIX}/",
            "destination": "nav",
            "url_route": "doi-soat",
            "icon": f"{_base_path()}{PREFIX}/static/icon.svg",
            "nav_top_level": True,
        }
    ]
