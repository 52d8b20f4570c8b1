"""The account book as people read it: the bank's accounts by day and class, and what was paid by unit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from gateway.application.access import Act, Person
from gateway.application.desk import Desk
from gateway.ledger import account_book
from gateway.ledger.account_book import AccountDay, Unit, UnitBook
from gateway.masking import masked_account

__all__ = ["AccountRow", "Line", "Unit", "UnitBook", "accounts", "line_of", "units"]


@dataclass(frozen=True, slots=True)
class Line:
    """One day: ``opening + collected - refunded - transferred + other = closing``, in đồng.

    ``gap``: by how much the closing is more than that; ``carry_gap``: by how much the statement opens with more than
    the last closing. Both are 0 where the day closes and continues.
    """

    on: date
    opening: int
    collected: int
    refunded: int
    transferred: int
    other: int
    closing: int
    gap: int
    carry_gap: int


@dataclass(frozen=True, slots=True)
class AccountRow(Line):
    """One account and day. ``account`` shows its last four digits; ``by_class``: what moved, signed."""

    partner: str
    account: str
    by_class: Mapping[str, int]


def line_of(day: AccountDay) -> Line:
    """What a day of the ledger's book is for people who read it."""
    return Line(**_figures(day))


def _figures(day: AccountDay) -> dict[str, Any]:
    return {one.name: getattr(day, one.name) for one in fields(Line)}


def accounts(desk: Desk, person: Person, first: date, last: date, *, partner: str | None = None) -> list[AccountRow]:
    """Every account and day of these days, by account and day. Raises Forbidden ``act-not-allowed``."""
    person.require(Act.SEE)
    with desk.connection.transaction():
        days = account_book.account_days(desk.connection, first, last)
    return [
        AccountRow(
            **_figures(day),
            partner=day.partner,
            account=masked_account(day.account),
            by_class=dict(sorted(day.by_class.items())),
        )
        for day in days
        if partner is None or day.partner == partner
    ]


def units(desk: Desk, person: Person, first: date, last: date) -> UnitBook:
    """What was paid on these days, by unit, phí, lệ phí and cước apart. Raises Forbidden ``act-not-allowed``."""
    person.require(Act.SEE)
    with desk.connection.transaction():
        return account_book.units(desk.connection, first, last)
