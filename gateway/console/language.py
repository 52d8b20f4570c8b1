"""The switch of languages: a cookie for a year, and back to where the visitor was."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse

from gateway.console.i18n import COOKIE, language_of
from gateway.console.visit import link


def router() -> APIRouter:
    """``GET /language/{language}?next=``; a preference, so it needs neither token nor sign-in."""
    pages = APIRouter()
    pages.get("/language/{language}")(switch)
    return pages


def switch(request: Request, language: str, next: str = "") -> RedirectResponse:
    """Choose Vietnamese or English. ``next`` is followed only within the console."""
    home = link(request, "/")
    answer = RedirectResponse(next if next.startswith(home) and not next.startswith("//") else home, 303)
    answer.set_cookie(COOKIE, language_of(language), max_age=365 * 86400, path=home, httponly=True, samesite="lax")
    return answer
