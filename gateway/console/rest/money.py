"""What waits for whom, and queues of money: unidentified money, the ages of open breaks, the year's indicators."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse

from gateway.application import ageing, indicators, unidentified, waiting
from gateway.console.rest.answers import told
from gateway.console.visit import Looking


def router() -> APIRouter:
    """``/waiting``, ``/unidentified``, ``/ageing``, ``/indicators``."""
    rest = APIRouter(tags=["money"])
    rest.get("/waiting", response_model=list[waiting.Waiting])(work)
    rest.get("/unidentified", response_model=unidentified.Queue)(waiting_money)
    rest.get("/ageing", response_model=ageing.Ageing)(open_breaks)
    rest.get("/indicators", response_model=indicators.Indicators)(targets)
    return rest


def work(visit: Looking) -> JSONResponse:
    """What waits for whom, kind by kind, of all months: count, the oldest, and how much of it the visitor may do."""
    return told(waiting.waiting(visit.desk, visit.person))


def waiting_money(visit: Looking, partner: str = "", after: str = "", limit: int = 50) -> JSONResponse:
    """Money that pays no fee yet (tiền chưa xác định), the oldest first; the answer's ``after`` leads on."""
    return told(unidentified.queue(visit.desk, visit.person, partner=partner, after=after, limit=limit))


def open_breaks(visit: Looking, partner: str = "") -> JSONResponse:
    """Open breaks by partner, class of money and age, in count and đồng."""
    return told(ageing.ageing(visit.desk, visit.person, partner=partner))


def targets(
    visit: Looking,
    year: Annotated[int | None, Query(ge=2000, le=2100)] = None,
    month: Annotated[int | None, Query(ge=1, le=12)] = None,
) -> JSONResponse:
    """Filed online, paid online, returned by post: a year or one of its months, by unit and month."""
    return told(indicators.indicators(visit.desk, visit.person, year=year, month=month))
