"""Every error as a person can use it: what it means in their language, its code, and what to do.

A page for a browser, ``application/problem+json`` below ``/api``. A fault that has no code is logged with a number that
the page shows; its text is not shown.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException

from gateway.console.visit import SignInNeeded, console_of, environment_of, link, own_path, surroundings
from gateway.errors import Conflict, DoesNotClose, Forbidden, GatewayError, Malformed, NotFound, Refused, Unavailable
from gateway.reasons import REASONS

LOG = logging.getLogger(__name__)
STATUS: Mapping[type[GatewayError], int] = {
    Forbidden: 403,
    NotFound: 404,
    Conflict: 409,
    DoesNotClose: 409,
    Refused: 409,
    Malformed: 422,
    Unavailable: 503,
}


@dataclass(frozen=True, slots=True)
class Fault:
    """What is told: HTTP status, reason code, details, and problems one by one."""

    status: int
    code: str
    detail: str = ""
    where: str = ""
    problems: tuple[str, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)


def install(application: FastAPI) -> None:
    """Answer every error of the application's routes."""

    @application.exception_handler(SignInNeeded)
    async def lead_to_sign_in(request: Request, error: Exception) -> Response:
        return _sign_in(request)

    @application.exception_handler(GatewayError)
    async def tell(request: Request, error: GatewayError) -> Response:
        return answer(request, _fault_of(error))

    @application.exception_handler(RequestValidationError)
    async def tell_fields(request: Request, error: RequestValidationError) -> Response:
        problems = tuple(f"{'.'.join(str(part) for part in item['loc'])}: {item['msg']}" for item in error.errors())
        return answer(request, Fault(422, "request-invalid", problems=problems))

    @application.exception_handler(HTTPException)
    async def tell_http(request: Request, error: HTTPException) -> Response:
        code = "page-unknown" if error.status_code == 404 else "request-invalid"
        return answer(request, Fault(error.status_code, code, headers=error.headers or {}))

    @application.exception_handler(Exception)
    async def tell_unexpected(request: Request, error: Exception) -> Response:
        number = secrets.token_hex(4)
        LOG.error("unexpected fault %s at %s", number, own_path(request), exc_info=error)
        return answer(request, Fault(500, "unexpected", where=number))


def answer(request: Request, fault: Fault) -> Response:
    """The fault as a page, or as a problem+json for programs."""
    title, action = _spoken(request, fault.code)
    if own_path(request).startswith("/api/"):
        body = {
            "type": f"urn:gateway:reason:{fault.code}",
            "title": title,
            "status": fault.status,
            "code": fault.code,
            "detail": fault.detail,
            "where": fault.where,
            "action": action,
            "problems": list(fault.problems),
        }
        return JSONResponse(body, fault.status, dict(fault.headers), media_type="application/problem+json")
    # An act stands below the page that offers it: the page as it is now is one step up.
    back = "" if request.method == "GET" else link(request, own_path(request).rpartition("/")[0] or "/")
    given = {**surroundings(request, None), "fault": fault, "title": title, "action": action, "back": back}
    page = environment_of(request).get_template("error.html").render(given)
    return Response(page, fault.status, dict(fault.headers), media_type="text/html; charset=utf-8")


@dataclass(frozen=True, slots=True)
class Refusal:
    """A refused act in the visitor's language, for the page that keeps what was typed."""

    status: int
    title: str
    action: str
    code: str
    detail: str


def refused(request: Request, error: GatewayError) -> Refusal:
    """What the form says above the fields."""
    fault = _fault_of(error)
    title, action = _spoken(request, fault.code)
    return Refusal(fault.status, title, action, fault.code, fault.detail)


def _spoken(request: Request, code: str) -> tuple[str, str]:
    """What a code means and what to do about it."""
    reason = REASONS.get(code) or REASONS["gateway-error"]
    translate = environment_of(request).globals["translate"]
    assert callable(translate)
    return _titled(request, reason.vi, reason.en), str(translate(reason.action))


def _titled(request: Request, vietnamese: str, english: str) -> str:
    chosen = vietnamese if environment_of(request).globals["language"] == "vi" else english
    return chosen[:1].upper() + chosen[1:]


def _fault_of(error: GatewayError) -> Fault:
    status = next((status for kind, status in STATUS.items() if isinstance(error, kind)), 500)
    if status == 500:
        LOG.error("a fault of the gateway", exc_info=error)
    problems = tuple(f"{problem.key}: {problem.message}" for problem in getattr(error, "problems", ()))
    return Fault(status, error.code, error.message, error.where, problems)


def _sign_in(request: Request) -> Response:
    if own_path(request).startswith("/api/"):
        return answer(request, Fault(401, "sign-in-needed", headers={"WWW-Authenticate": "Bearer"}))
    # An act without a sign-in leads back to the start: a POST cannot be repeated by a link.
    back = f"{request.url.path}?{request.url.query}".rstrip("?") if request.method == "GET" else link(request, "/")
    address = f"{console_of(request).sign_in}?{urlencode({'next': back})}"
    if request.headers.get("HX-Request") == "true":
        return Response(status_code=204, headers={"HX-Redirect": address})
    return RedirectResponse(address, 303)
