"""Sao kê: statements and remittances received, by file, with their proof, their lines and the original."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse, Response
from pydantic import BaseModel, field_validator

from gateway.application import statements
from gateway.application.access import Act
from gateway.application.statements import Kind
from gateway.console import people_words
from gateway.console.visit import Acting, Looking

FILE = "/statements/{kind}/{pk}"


class Asked(BaseModel):
    """How the list is filtered; empty is not looked at."""

    kind: Kind = "statement"
    partner: str = ""
    on: date | None = None
    after: str = ""

    @field_validator("on", mode="before")
    @classmethod
    def _left_empty(cls, value: object) -> object:
        return None if value == "" else value


def router() -> APIRouter:
    """``GET /statements`` and ``/statements/{kind}/{pk}``, ``POST …/original``."""
    pages = APIRouter()
    pages.get("/statements")(listed)
    pages.get(FILE)(one_file)
    pages.post(f"{FILE}/original")(original)
    return pages


def listed(visit: Looking, asked: Annotated[Asked, Query()]) -> HTMLResponse:
    """Files, the newest first."""
    page = statements.files(visit.desk, visit.person, asked.kind, partner=asked.partner, on=asked.on, after=asked.after)
    filters = {"kind": asked.kind, "partner": asked.partner, "on": asked.on}
    return visit.page(
        "statements.html",
        asked=asked,
        page=page,
        partner_names={name: partner.name for name, partner in visit.desk.partners.items()},
        next_page=visit.link("/statements", **filters, after=page.after) if page.after else "",
    )


def one_file(visit: Looking, kind: Kind, pk: int, after: int = 0) -> HTMLResponse:
    """One statement with its lines."""
    file = statements.file_of(visit.desk, visit.person, kind, pk)
    page = statements.lines(visit.desk, visit.person, kind, pk, after=after)
    path = FILE.format(kind=kind, pk=pk)
    return visit.page(
        "statement.html",
        words=people_words,
        file=file,
        page=page,
        path=path,
        partner_name=visit.desk.partner(file.partner).name,
        next_page=visit.link(path, after=page.after) if page.after is not None else "",
        may_export=visit.person.may(Act.EXPORT),
    )


def original(visit: Acting, kind: Kind, pk: int) -> Response:
    """The bytes as they came, never shown in the page: only saved."""
    got = statements.original(visit.desk, visit.person, kind, pk)
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(got.name, safe='')}"}
    return Response(got.content, media_type="application/octet-stream", headers=headers)
