"""Hôm nay: every partner and business date with its state, what is late or does not close, and what waits for whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse

from gateway.application import alerts, days
from gateway.application.day_views import DayState
from gateway.clock import vietnam_date
from gateway.console.paths import day_path
from gateway.console.visit import Looking
from gateway.console.words import WHOM_VI

MONTH = r"^\d{4}-(0[1-9]|1[0-2])$"


@dataclass(frozen=True, slots=True)
class Cell:
    """A business date of a partner as the page shows it; ``shown`` names its mark in ``_parts.html``."""

    state: DayState
    shown: str
    path: str
    whom: str


def router() -> APIRouter:
    """``GET /``."""
    pages = APIRouter()
    pages.get("/")(today)
    return pages


def today(visit: Looking, month: Annotated[str, Query(pattern=f"{MONTH}|^$")] = "") -> HTMLResponse:
    """The start page; ``month`` is yyyy-MM, this month where it is left out."""
    now = vietnam_date(visit.desk.clock.now())
    first = datetime.strptime(month, "%Y-%m").date() if month else now.replace(day=1)  # noqa: DTZ007 - a month, no time
    states = days.calendar(visit.desk, visit.person, first)
    since = min((state.business_on for state in states if state.state != "none"), default=first)
    cells = [_cell(state, since) for state in states]
    by_partner = {
        partner: list(those)
        for partner, those in groupby(
            sorted(cells, key=lambda cell: cell.state.partner), lambda cell: cell.state.partner
        )
    }
    return visit.page(
        "today.html",
        month=first,
        before=f"{first - timedelta(days=1):%Y-%m}",
        after=f"{first + timedelta(days=31):%Y-%m}",
        today=now,
        dates=sorted({cell.state.business_on for cell in cells}),
        calendar=[(visit.desk.partner(partner).name, those) for partner, those in by_partner.items()],
        waiting=[(visit.desk.partner(cell.state.partner).name, cell) for cell in _waiting(cells)],
        alerts=alerts.open_alerts(visit.desk, visit.person),
        partner_names={partner.id: partner.name for partner in visit.desk.partners.values()},
    )


def shown_as(state: str, *, works: bool, late: bool, stopped: str, open_breaks: int) -> str:
    """Which mark a day gets: its state, told apart by whether somebody has to act."""
    if state == "none":
        return "late" if late else "expected" if works else "none"
    if stopped:
        return "stopped"
    if state == "open":
        return "late" if late else "open"
    if state == "reconciled" and not open_breaks:
        return "ready"
    return state


def _cell(state: DayState, since: date) -> Cell:
    # Before the first day of the month that anybody has anything of, nobody owed anything to this gateway.
    owed = state.works and state.business_on >= since
    shown = shown_as(
        state.state.value,
        works=owed,
        late=owed and state.late,
        stopped=state.stopped,
        open_breaks=state.open_breaks,
    )
    # A date that was never judged has no page yet.
    path = "" if state.state == "none" else day_path(state.partner, state.business_on)
    return Cell(state, shown, path, WHOM_VI.get(shown, ""))


def _waiting(cells: Sequence[Cell]) -> list[Cell]:
    """What is somebody's turn, the oldest first."""
    return sorted((cell for cell in cells if cell.whom), key=_age)


def _age(cell: Cell) -> tuple[date, str]:
    return cell.state.business_on, cell.state.partner
