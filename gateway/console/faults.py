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

from gateway.application.forms import field_problem
from gateway.console.details import Tongue, told_of_code
from gateway.console.guard import without_typed
from gateway.console.i18n import VIETNAMESE
from gateway.console.visit import SignInNeeded, console_of, environment_of, link, own_path, surroundings
from gateway.errors import (
    Conflict,
    DoesNotClose,
    Forbidden,
    GatewayError,
    Malformed,
    NotFound,
    Problem,
    Refused,
    Unavailable,
    Untrusted,
)
from gateway.reasons import REASONS

LOG = logging.getLogger(__name__)
STATUS: Mapping[type[GatewayError], int] = {
    Forbidden: 403,
    NotFound: 404,
    Conflict: 409,
    DoesNotClose: 409,
    Refused: 409,
    Malformed: 422,
    Untrusted: 422,
    Unavailable: 503,
}


@dataclass(frozen=True, slots=True)
class Fault:
    """What happened: HTTP status and reason code, and, as an error carries them, its sentence, facts and problems."""

    status: int
    code: str
    message: str = ""
    where: str = ""
    case: str = ""
    facts: Mapping[str, object] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def technical(self) -> tuple[str, ...]:
        """What support asks for, in English: the place, the sentence and the problems as they were raised."""
        listed = (f"{one.key}: {one.message}" for one in self.problems)
        return tuple(one for one in (self.where, self.message, *listed) if one)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A fault in the visitor's language. ``detail`` and ``problems`` are what happened here, ``technical`` is English.

    On a page in English ``detail`` is the raised sentence; on one in Vietnamese nothing but ``technical`` is English.
    """

    status: int
    code: str
    title: str
    action: str
    detail: str
    problems: tuple[str, ...]
    technical: tuple[str, ...]


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
        problems = tuple(field_problem(item, item["loc"][1:] or item["loc"]) for item in error.errors())
        return answer(request, Fault(422, "request-invalid", problems=problems))

    @application.exception_handler(HTTPException)
    async def tell_http(request: Request, error: HTTPException) -> Response:
        code = "page-unknown" if error.status_code == 404 else "request-invalid"
        return answer(request, Fault(error.status_code, code, headers=error.headers or {}))

    @application.exception_handler(Exception)
    async def tell_unexpected(request: Request, error: Exception) -> Response:
        number = secrets.token_hex(4)
        LOG.error("unexpected fault %s at %s", number, own_path(request), exc_info=error)
        return answer(request, Fault(500, "unexpected", where=number, facts={"number": number}))


def answer(request: Request, fault: Fault) -> Response:
    """The fault as a page, or as a problem+json for programs."""
    if own_path(request).startswith("/api/"):
        body = _problem_json(request, fault)
        return JSONResponse(body, fault.status, dict(fault.headers), media_type="application/problem+json")
    # An act stands below the page that offers it: the page as it is now is one step up.
    back = "" if request.method == "GET" else link(request, own_path(request).rpartition("/")[0] or "/")
    given = {**surroundings(request, None), "fault": _refusal(request, fault), "back": back}
    page = environment_of(request).get_template("error.html").render(given)
    return Response(page, fault.status, dict(fault.headers), media_type="text/html; charset=utf-8")


def refused(request: Request, error: GatewayError) -> Refusal:
    """What a form says above its fields, on the page that keeps what was typed."""
    return _refusal(request, _fault_of(error))


def _refusal(request: Request, fault: Fault, language: str = "") -> Refusal:
    tongue, reason = _tongue(request, language), REASONS.get(fault.code) or REASONS["gateway-error"]
    vietnamese = tongue.language == VIETNAMESE
    title = told_of_code(tongue.language, reason.code)
    problems = (tongue.problem(fault.code, one) for one in fault.problems)
    technical = fault.technical if vietnamese or fault.problems else (fault.where,) if fault.where else ()
    return Refusal(
        fault.status,
        fault.code,
        title,
        tongue.translate(reason.action),
        tongue.detail(fault.code, fault.case, fault.facts, fault.message),
        tuple(one for one in problems if one),
        technical,
    )


def _problem_json(request: Request, fault: Fault) -> dict[str, object]:
    """RFC 9457. ``detail``, ``where`` and ``problems`` are as raised; ``…_vi`` are for the person behind a program."""
    told, vietnamese = _refusal(request, fault), _refusal(request, fault, VIETNAMESE)
    return {
        "type": f"urn:gateway:reason:{fault.code}",
        "title": told.title,
        "status": fault.status,
        "code": fault.code,
        "detail": fault.message,
        "detail_vi": vietnamese.detail,
        "where": fault.where,
        "action": told.action,
        "problems": [f"{one.key}: {one.message}" for one in fault.problems],
        "problems_vi": list(vietnamese.problems),
    }


def _tongue(request: Request, language: str = "") -> Tongue:
    environment = console_of(request).environments[language] if language else environment_of(request)
    translate, spoken = environment.globals["translate"], environment.globals["language"]
    assert callable(translate)
    return Tongue(str(spoken), translate, getattr(request.state, "partner_names", {}))


def _fault_of(error: GatewayError) -> Fault:
    status = next((status for kind, status in STATUS.items() if isinstance(error, kind)), 500)
    if status == 500:
        LOG.error("a fault of the gateway", exc_info=error)
    return Fault(status, error.code, error.message, error.where, error.case, error.facts, error.problems)


def _sign_in(request: Request) -> Response:
    if own_path(request).startswith("/api/"):
        return answer(request, Fault(401, "sign-in-needed", headers={"WWW-Authenticate": "Bearer"}))
    # An act without a sign-in leads back to the start: a POST cannot be repeated by a link. Airflow logs the address.
    query = without_typed(request.url.query)
    back = f"{request.url.path}?{query}".rstrip("?") if request.method == "GET" else link(request, "/")
    address = f"{console_of(request).sign_in}?{urlencode({'next': back})}"
    if request.headers.get("HX-Request") == "true":
        return Response(status_code=204, headers={"HX-Redirect": address})
    return RedirectResponse(address, 303)
