"""Counter cash: what cashiers counted, what does not fit the counter payments, and what came to the bank."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from gateway.application.access import Act, Person
from gateway.application.desk import Desk
from gateway.application.forms import read_as
from gateway.ledger import cash_count, cash_deposits
from gateway.ledger.cash_count import CashProblem, Count, Counted
from gateway.ledger.cash_deposits import Deposit
from gateway.masking import as_shown, masked_text

__all__ = [
    "CashBook", "CashProblem", "Count", "Counted", "Deposit", "book", "confirm", "correct", "count_of", "history",
    "record",
]  # fmt: skip

DEPOSITED_WITHIN = 7
"""Days after a count in which its deposit is looked for, as the rules of matching look back."""


@dataclass(frozen=True, slots=True)
class CashBook:
    """The newest count of each book of some days, and everything that does not fit; sums in đồng.

    ``confirmed``: of the counts that a second person confirmed; only those are judged against the bank. ``deposits``:
    those booked on these days, and later ones of these counts. ``deposited``: by count number, what came of it.
    """

    counts: tuple[Counted, ...]
    total: int
    confirmed: int
    problems: tuple[CashProblem, ...]
    deposits: tuple[Deposit, ...]
    deposited: Mapping[int, Deposit]


def count_of(raw: Mapping[str, object]) -> Count:
    """A count from a form, its fields named as in ``Count``. Raises Malformed ``cash-count-invalid``."""
    return read_as(Count, raw, code="cash-count-invalid", where=f"count {raw.get('cashier', '?')}")


def record(desk: Desk, person: Person, count: Count) -> int:
    """Record what a cashier counted; its number. It counts once a second person confirmed it.

    Raises Forbidden ``act-not-allowed``, Malformed ``cash-count-invalid``, Conflict ``cash-count-known``.
    """
    person.require(Act.RECORD_CASH)
    with desk.connection.transaction():
        return cash_count.record(desk.connection, count, person.user, desk.clock.now())


def correct(desk: Desk, person: Person, count_pk: int, count: Count, reason: str) -> int:
    """Replace a count by another of the same cashier, day, unit and book; the first one stays on record.

    A count that was confirmed counts until its correction is confirmed. Raises Forbidden ``act-not-allowed``, Malformed
    ``cash-count-invalid``, NotFound ``cash-count-unknown``.
    """
    person.require(Act.RECORD_CASH)
    with desk.connection.transaction():
        now = desk.clock.now()
        return cash_count.record(desk.connection, count, person.user, now, corrects=count_pk, reason=reason)


def confirm(desk: Desk, person: Person, count_pk: int) -> None:
    """The second of two people: from now on the count counts.

    Raises Forbidden ``act-not-allowed`` and ``same-person``, NotFound ``cash-count-unknown``, Conflict
    ``confirmed-already``.
    """
    person.require(Act.CONFIRM_RECORD)
    with desk.connection.transaction():
        cash_count.confirm(desk.connection, count_pk, person.user, desk.clock.now())


def book(desk: Desk, person: Person, first: date, last: date) -> CashBook:
    """The newest counts of these business dates, their problems and deposits. Raises Forbidden ``act-not-allowed``."""
    person.require(Act.SEE)
    with desk.connection.transaction():
        counted = cash_count.counts(desk.connection, first, last)
        receipts = cash_count.counter_receipts(desk.connection, first, last)
        found = cash_deposits.deposits(desk.connection, first, last + timedelta(days=DEPOSITED_WITHIN))
    deposited = {one.count_pk: which for one in counted for which in found if which.is_of(one.book)}
    mine = set(map(id, deposited.values()))
    return CashBook(
        tuple(_shown(one) for one in counted),
        sum(one.amount for one in counted),
        sum(one.amount for one in counted if one.confirmed_at is not None),
        tuple(cash_count.problems(counted, receipts)),
        tuple(replace(one, reason=as_shown(one.reason)) for one in found if one.business_on <= last or id(one) in mine),
        deposited,
    )


def history(desk: Desk, person: Person, count_pk: int) -> list[Counted]:
    """A count and the ones it replaced, newest first. Raises Forbidden ``act-not-allowed``."""
    person.require(Act.SEE)
    return [_shown(one) for one in cash_count.history(desk.connection, count_pk)]


def _shown(one: Counted) -> Counted:
    return replace(one, reason=masked_text(one.reason))
