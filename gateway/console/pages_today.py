"""Hôm nay: every partner and business date with its state, what is late or does not close, and what waits for whom."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse

from gateway.application import alerts, days, waiting
from gateway.application.calendar_gaps import gap_at
from gateway.application.day_views import DayState, shown_as
from gateway.clock import vietnam_date
from gateway.console.formats import by_name
from gateway.console.gaps import by_file
from gateway.console.paths import day_path
from gateway.console.visit import Looking
from gateway.console.words import WAITING_VI, WHO_VI

FIRST_DAYS = 7
"""On so many days of a month its calendar begins before it: what was yesterday is still at hand."""
DAYS_SHOWN_BEFORE = 7
MONTH = r"^\d{4}-(0[1-9]|1[0-2])$"


@dataclass(frozen=True, slots=True)
class Cell:
    """A business date of a partner as the page shows it; ``shown`` names its mark in ``_parts.html``."""

    state: DayState
    shown: str
    path: str


def router() -> APIRouter:
    """``GET /``."""
    pages = APIRouter()
    pages.get("/")(today)
    return pages


def today(visit: Looking, month: Annotated[str, Query(pattern=f"{MONTH}|^$")] = "") -> HTMLResponse:
    """The start page; ``month`` is yyyy-MM, this month where it is left out."""
    now = vietnam_date(visit.desk.clock.now())
    first = datetime.strptime(month, "%Y-%m").date() if month else now.replace(day=1)  # noqa: DTZ007 - a month, no time
    early = first == now.replace(day=1) and now.day <= FIRST_DAYS
    states = days.calendar(visit.desk, visit.person, first, days_before=DAYS_SHOWN_BEFORE if early else 0)
    since = min((state.business_on for state in states if state.state != "none"), default=first)
    cells = [_cell(state, since) for state in states]
    by_partner = {
        partner: list(those)
        for partner, those in groupby(
            sorted(cells, key=lambda cell: cell.state.partner), lambda cell: cell.state.partner
        )
    }
    names = {partner.id: partner.name for partner in visit.desk.partners.values()}
    unsaid = {state.partner: state.business_on for state in reversed(states) if state.due_at is None}
    found = {name: gap_at(visit.desk, visit.desk.partner(name), on) for name, on in unsaid.items()}
    return visit.page(
        "today.html",
        month=first,
        before=f"{first - timedelta(days=1):%Y-%m}",
        after=f"{first + timedelta(days=31):%Y-%m}",
        today=now,
        dates=sorted({cell.state.business_on for cell in cells}),
        without_calendar=by_file({name: gap for name, gap in found.items() if gap is not None}, names),
        calendar=[(name, by_partner[partner]) for partner, name in by_name(names) if partner in by_partner],
        waiting=waiting.waiting(visit.desk, visit.person),
        kinds=WAITING_VI,
        who=WHO_VI,
        day_link=_day_link,
        alerts=alerts.open_alerts(visit.desk, visit.person),
        partner_names=names,
    )


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
    return Cell(state, shown, _day_link(state))


def _day_link(state: DayState) -> str:
    """The day's page; "" for a date that was never judged, which has none yet."""
    return "" if state.state == "none" else day_path(state.partner, state.business_on)
