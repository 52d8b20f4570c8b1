"""Tiền chưa xác định, Tuổi lệch and Chỉ tiêu: what waits, how long, and how the year stands."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse

from gateway.application import ageing, indicators, unidentified
from gateway.application.access import Act
from gateway.application.unidentified_steps import OF_THE_DAY
from gateway.collation import vi_key
from gateway.console import people_words
from gateway.console.paths import break_path, day_path
from gateway.console.visit import Looking, Visit


def router() -> APIRouter:
    """``GET /unidentified``, ``/ageing``, ``/indicators``."""
    pages = APIRouter()
    pages.get("/unidentified")(waiting_money)
    pages.get("/ageing")(open_breaks)
    pages.get("/indicators")(targets)
    return pages


def waiting_money(visit: Looking, partner: str = "", after: str = "") -> HTMLResponse:
    """The queue of money that pays no fee, the oldest first."""
    queue = unidentified.queue(visit.desk, visit.person, partner=partner, after=after)
    return visit.page(
        "unidentified.html",
        words=people_words,
        queue=queue,
        partner=partner,
        break_path=break_path,
        day_path=day_path,
        partner_names=_names(visit),
        of_the_day=OF_THE_DAY,
        next_page=visit.link("/unidentified", partner=partner, after=queue.after) if queue.after else "",
        may_decide=visit.person.may(Act.DECIDE),
    )


def open_breaks(visit: Looking, partner: str = "") -> HTMLResponse:
    """Open breaks by partner, class and age."""
    told, names = ageing.ageing(visit.desk, visit.person, partner=partner), _names(visit)
    rows = sorted(told.rows, key=lambda row: vi_key(names.get(row.partner, row.partner)))
    told = replace(told, rows=tuple(rows))
    return visit.page("ageing.html", told=told, limits=ageing.BUCKETS, partner=partner, partner_names=names)


def targets(
    visit: Looking,
    year: Annotated[int | None, Query(ge=2000, le=2100)] = None,
    month: Annotated[int | None, Query(ge=0, le=12)] = None,
) -> HTMLResponse:
    """The year's indicators, or one month's (0: the whole year)."""
    told = indicators.indicators(visit.desk, visit.person, year=year, month=month or None)
    return visit.page("indicators.html", told=told, now=visit.desk.clock.now())


def _names(visit: Visit) -> dict[str, str]:
    return {name: partner.name for name, partner in visit.desk.partners.items()}
