"""The account book as people read it: the bank's accounts by day and class, and what was paid by unit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from gateway.application.access import Act, Person
from gateway.application.desk import Desk
from gateway.ledger import account_book
from gateway.ledger.account_book import Unit, UnitBook
from gateway.masking import masked_account

__all__ = ["AccountRow", "Unit", "UnitBook", "accounts", "units"]


@dataclass(frozen=True, slots=True)
class AccountRow:
    """One account and day: ``opening + collected - refunded - transferred + other = closing``, in đồng.

    ``gap`` and ``carry_gap`` are 0 where the day closes and continues. ``account`` shows its last four digits.
    """

    partner: str
    account: str
    on: date
    opening: int
    collected: int
    refunded: int
    transferred: int
    other: int
    closing: int
    gap: int
    carry_gap: int
    by_class: Mapping[str, int]


def accounts(desk: Desk, person: Person, first: date, last: date, *, partner: str | None = None) -> list[AccountRow]:
    """Every account and day of these days, by account and day. Raises Forbidden ``act-not-allowed``."""
    person.require(Act.SEE)
    with desk.connection.transaction():
        days = account_book.account_days(desk.connection, first, last)
    return [
        AccountRow(
            day.partner, masked_account(day.account), day.on, day.opening, day.collected, day.refunded,
            day.transferred, day.other, day.closing, day.gap, day.carry_gap, dict(sorted(day.by_class.items())),
        )
        for day in days
        if partner is None or day.partner == partner
    ]  # fmt: skip


def units(desk: Desk, person: Person, first: date, last: date) -> UnitBook:
    """What was paid on these days, by unit, phí, lệ phí and cước apart. Raises Forbidden ``act-not-allowed``."""
    person.require(Act.SEE)
    with desk.connection.transaction():
        return account_book.units(desk.connection, first, last)
