"""The account book over a period, and what was paid by unit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse

from gateway.application import accounts
from gateway.application.account_periods import AccountPeriod, periods
from gateway.clock import vietnam_date
from gateway.console.periods import Between, BetweenOf
from gateway.console.rest.answers import told
from gateway.console.visit import Looking


@dataclass(frozen=True, slots=True)
class Units:
    """Every unit, what was received in all, and what is missing between them: 0, or đồng vanished."""

    units: tuple[accounts.Unit, ...]
    received: int
    gap: int


def router() -> APIRouter:
    """``/accounts`` and ``/units``."""
    rest = APIRouter(tags=["accounts"])
    rest.get("/accounts", response_model=list[AccountPeriod])(book)
    rest.get("/units", response_model=Units)(units)
    return rest


def book(visit: Looking, asked: Annotated[BetweenOf, Query()]) -> JSONResponse:
    """Per account: opening + collected - refunded - transferred + other = closing, day by day and in all, in đồng."""
    first, last = asked.days(vietnam_date(visit.desk.clock.now()))
    return told(periods(visit.desk, visit.person, first, last, partner=asked.partner))


def units(visit: Looking, asked: Annotated[Between, Query()]) -> JSONResponse:
    """What payers paid on these days, by unit: phí, lệ phí and cước apart, what goes back, what is unidentified."""
    first, last = asked.days(vietnam_date(visit.desk.clock.now()))
    found = accounts.units(visit.desk, visit.person, first, last)
    return told(Units(found.units, found.received, found.gap))
