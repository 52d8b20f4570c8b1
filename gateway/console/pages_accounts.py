"""Sổ tài khoản: the banks' accounts over a period, each class of money, day by day; and what was paid by unit."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse

from gateway.application import accounts
from gateway.application.account_periods import periods
from gateway.application.words import CLASS_VI
from gateway.clock import vietnam_date
from gateway.console.i18n import N_
from gateway.console.periods import BetweenOf
from gateway.console.visit import Looking

MOVED_VI = {"": N_("Chưa đối soát"), **{str(name): text for name, text in CLASS_VI.items()}}


def router() -> APIRouter:
    """``GET /accounts``."""
    pages = APIRouter()
    pages.get("/accounts")(book)
    return pages


def book(visit: Looking, asked: Annotated[BetweenOf, Query()]) -> HTMLResponse:
    """The account book of some days, this month where none are named."""
    first, last = asked.days(vietnam_date(visit.desk.clock.now()))
    return visit.page(
        "accounts.html",
        first=first,
        last=last,
        partner=asked.partner,
        accounts=periods(visit.desk, visit.person, first, last, partner=asked.partner),
        units=accounts.units(visit.desk, visit.person, first, last),
        moved=MOVED_VI,
        partner_names={
            name: one.name for name, one in visit.desk.partners.items() if one.accounts is not None
        },
    )  # fmt: skip
