"""Our pages inside Airflow; registered by the entry point ``airflow.plugins``.

For now one address, ``/gateway/about``: which gateway the API server runs, and in which environment.
"""

from __future__ import annotations

import os
from importlib.metadata import version

from airflow.plugins_manager import AirflowPlugin
from fastapi import FastAPI


def build_application() -> FastAPI:
    """The pages, to be mounted by Airflow's API server below ``/gateway``."""
    application = FastAPI(title="Integration gateway", docs_url=None, redoc_url=None, openapi_url=None)
    application.get("/about")(about)
    return application


def about() -> dict[str, str]:
    """Version and environment; nothing of a partner, a person or a message."""
    return {"version": version("integration-gateway"), "environment": os.environ.get("GATEWAY_ENV", "development")}


class GatewayPlugin(AirflowPlugin):
    """What Airflow mounts."""

    name = "gateway"
    fastapi_apps = [{"app": build_application(), "url_prefix": "/gateway", "name": "gateway"}]
