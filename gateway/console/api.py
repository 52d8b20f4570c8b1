"""The same acts for programs: JSON below ``/api``, signed in by Airflow's bearer token, errors as problem+json.

A browser that is signed in by its cookie may use it too and then sends the token of its page in ``X-CSRF-Token``.
"""

from __future__ import annotations

from dataclasses import asdict

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from gateway.application import alerts
from gateway.console.rest import accounts, breaks, cash, days, money, months, records, refunds, sent, treasury
from gateway.console.rest.answers import told
from gateway.console.visit import Looking

SUBJECTS = (days, breaks, money, refunds, cash, treasury, accounts, months, records, sent)
"""Modules with a ``router()``; what is common to programs stands here."""


def router() -> APIRouter:
    """Everything below ``/api``."""
    api = APIRouter(prefix="/api")
    api.get("/alerts", tags=["alerts"])(open_alerts)
    api.get("/openapi.json", include_in_schema=False)(description)
    for subject in SUBJECTS:
        api.include_router(subject.router())
    return api


def open_alerts(visit: Looking) -> JSONResponse:
    """What is late or does not close, what to do about it, and ``link``, the address of the page where it is done."""
    found = alerts.open_alerts(visit.desk, visit.person)
    return told([{**asdict(alert), "link": visit.link(alert.path)} for alert in found])


def description(visit: Looking) -> JSONResponse:
    """Every route of these with its fields, as OpenAPI 3."""
    servers = [{"url": str(visit.request.scope.get("root_path", "")) or "/"}]
    return JSONResponse({**visit.request.app.openapi(), "servers": servers})
