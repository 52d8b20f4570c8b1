"""Cash counts: recorded by one person, confirmed by another, against counter receipts and deposits."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from gateway.application import cash
from gateway.application.cash import CashBook, Count, Counted
from gateway.clock import vietnam_date
from gateway.console.pages_cash import DAYS_BACK
from gateway.console.periods import Between
from gateway.console.rest.answers import told
from gateway.console.visit import Acting, Looking

COUNT = "/cash/{count_pk}"


class Correction(BaseModel):
    """Another count in the place of an earlier one, and why."""

    count: Count
    reason: str


def router() -> APIRouter:
    """``/cash`` and one count."""
    rest = APIRouter(tags=["cash"])
    rest.get("/cash", response_model=CashBook)(book)
    rest.post("/cash", response_model=list[Counted])(record)
    rest.get(COUNT, response_model=list[Counted])(history)
    rest.post(f"{COUNT}/confirm", response_model=list[Counted])(confirm)
    rest.post(f"{COUNT}/correct", response_model=list[Counted])(correct)
    return rest


def book(visit: Looking, asked: Annotated[Between, Query()]) -> JSONResponse:
    """The newest counts of some days, what does not fit the counter receipts, and the deposits at the banks."""
    first, last = asked.days(vietnam_date(visit.desk.clock.now()), DAYS_BACK)
    return told(cash.book(visit.desk, visit.person, first, last))


def record(visit: Acting, act: Count) -> JSONResponse:
    """Record what a cashier counted of one receipt book; it counts once another person confirmed it."""
    return history(visit, cash.record(visit.desk, visit.person, act))


def history(visit: Looking, count_pk: int) -> JSONResponse:
    """A count and the ones that it replaced, the newest first; empty where there is none."""
    return told(cash.history(visit.desk, visit.person, count_pk))


def confirm(visit: Acting, count_pk: int) -> JSONResponse:
    """Confirm a count as the second person; from now on it is what deposits are judged against."""
    cash.confirm(visit.desk, visit.person, count_pk)
    return history(visit, count_pk)


def correct(visit: Acting, count_pk: int, act: Correction) -> JSONResponse:
    """Replace a count by another of the same cashier, day, unit and book; it waits for the second person, too."""
    return history(visit, cash.correct(visit.desk, visit.person, count_pk, act.count, act.reason))
