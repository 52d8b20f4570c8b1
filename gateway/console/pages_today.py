"""Hôm nay: every partner and business date with its state, what is late and what waits for whom."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from gateway.console.visit import Looking


def router() -> APIRouter:
    """``GET /``."""
    pages = APIRouter()
    pages.get("/")(today)
    return pages


def today(visit: Looking) -> HTMLResponse:
    """The start page."""
    return visit.page("today.html")
