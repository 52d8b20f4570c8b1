"""Treasury vouchers (C1-02/NS): recorded by one person, confirmed by another, matched to the banks' debits."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse

from gateway.application import treasury
from gateway.application.treasury import Matching, Recorded, Voucher
from gateway.clock import vietnam_date
from gateway.console.acts import Reason
from gateway.console.periods import Between
from gateway.console.rest.answers import told
from gateway.console.visit import Acting, Looking

VOUCHER = "/treasury/{voucher_pk}"


def router() -> APIRouter:
    """``/treasury`` and one voucher."""
    rest = APIRouter(tags=["treasury"])
    rest.get("/treasury", response_model=Matching)(matching)
    rest.post("/treasury", response_model=Recorded)(record)
    rest.get(VOUCHER, response_model=Recorded)(one_voucher)
    rest.post(f"{VOUCHER}/confirm", response_model=Recorded)(confirm)
    rest.post(f"{VOUCHER}/cancel", response_model=Recorded)(cancel)
    return rest


def matching(visit: Looking, asked: Annotated[Between, Query()]) -> JSONResponse:
    """Vouchers and debits of some days: paired, alone on either side, and vouchers that wait for the second person."""
    first, last = asked.days(vietnam_date(visit.desk.clock.now()))
    return told(treasury.matching(visit.desk, visit.person, first, last))


def record(visit: Acting, act: Voucher) -> JSONResponse:
    """Record a voucher with its items; it counts once another person confirmed it. Amounts are whole đồng."""
    return one_voucher(visit, treasury.record(visit.desk, visit.person, act))


def one_voucher(visit: Looking, voucher_pk: int) -> JSONResponse:
    """One voucher, cancelled or not; of its account the last digits only."""
    return told(treasury.voucher(visit.desk, visit.person, voucher_pk))


def confirm(visit: Acting, voucher_pk: int) -> JSONResponse:
    """Confirm a voucher as the second person; from now on it is paired with debits."""
    treasury.confirm(visit.desk, visit.person, voucher_pk)
    return one_voucher(visit, voucher_pk)


def cancel(visit: Acting, voucher_pk: int, act: Reason) -> JSONResponse:
    """Cancel a voucher that was recorded wrong, or whose transfer was not made; it stays on record."""
    treasury.cancel(visit.desk, visit.person, voucher_pk, act.reason)
    return one_voucher(visit, voucher_pk)
