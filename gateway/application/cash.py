"""Counter cash: what cashiers counted, and what does not fit the counter payments."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from gateway.application.access import Act, Person
from gateway.application.desk import Desk
from gateway.ledger import cash_count
from gateway.ledger.cash_count import CashProblem, Count, Counted

__all__ = ["CashBook", "CashProblem", "Count", "Counted", "book", "correct", "history", "record"]


@dataclass(frozen=True, slots=True)
class CashBook:
    """The counts of some days, what they add up to in đồng, and everything that does not fit."""

    counts: tuple[Counted, ...]
    total: int
    problems: tuple[CashProblem, ...]


def record(desk: Desk, person: Person, count: Count) -> int:
    """Record what a cashier counted; its number.

    Raises Forbidden ``act-not-allowed``, Malformed ``cash-count-invalid``, Conflict ``cash-count-known``.
    """
    person.require(Act.RECORD_CASH)
    with desk.connection.transaction():
        return cash_count.record(desk.connection, count, person.user, desk.clock.now())


def correct(desk: Desk, person: Person, count_pk: int, count: Count, reason: str) -> int:
    """Replace a count by another of the same cashier, day, unit and book; the first one stays on record.

    Raises Forbidden ``act-not-allowed``, Malformed ``cash-count-invalid``, NotFound ``cash-count-unknown``.
    """
    person.require(Act.RECORD_CASH)
    with desk.connection.transaction():
        now = desk.clock.now()
        return cash_count.record(desk.connection, count, person.user, now, corrects=count_pk, reason=reason)


def book(desk: Desk, person: Person, first: date, last: date) -> CashBook:
    """The counts in force of these business dates and their problems. Raises Forbidden ``act-not-allowed``."""
    person.require(Act.SEE)
    with desk.connection.transaction():
        counted = cash_count.counts(desk.connection, first, last)
        receipts = cash_count.counter_receipts(desk.connection, first, last)
    found = cash_count.problems(counted, receipts)
    return CashBook(tuple(counted), sum(one.amount for one in counted), tuple(found))


def history(desk: Desk, person: Person, count_pk: int) -> list[Counted]:
    """A count and the ones it replaced, newest first. Raises Forbidden ``act-not-allowed``."""
    person.require(Act.SEE)
    return cash_count.history(desk.connection, count_pk)
