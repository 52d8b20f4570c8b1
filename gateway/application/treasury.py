"""Transfers to the treasury: vouchers that people record, matched to the debits of the banks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from pydantic import TypeAdapter, ValidationError

from gateway.application.access import Act, Person
from gateway.application.desk import Desk
from gateway.errors import Malformed
from gateway.ledger import treasury
from gateway.ledger.treasury import Debit, Item, Matching, Pair, Recorded, Voucher

__all__ = [
    "WINDOW_DAYS", "Debit", "Item", "Matching", "Pair", "Recorded", "Voucher", "cancel", "matching", "record",
    "voucher_of",
]  # fmt: skip

WINDOW_DAYS = 5
"""How many days after the voucher's date a bank may book its debit: a transfer before a long weekend fits in."""


def voucher_of(raw: Mapping[str, object]) -> Voucher:
    """A voucher from a form or a file, its fields named as in ``Voucher``, amounts as whole numbers.

    Raises Malformed ``voucher-invalid``, naming every field that is missing, unknown or of another kind.
    """
    unknown = sorted(set(raw) - set(Voucher.__dataclass_fields__))
    problems = [f"{name}: unknown" for name in unknown]
    try:
        voucher = TypeAdapter(Voucher).validate_python(dict(raw), strict=False)
    except ValidationError as error:
        told = error.errors(include_url=False, include_input=False)
        problems += [f"{'.'.join(str(part) for part in one['loc'])}: {one['msg']}" for one in told]
    if problems:
        raise Malformed(
            "; ".join(problems),
            code="voucher-invalid",
            where=f"voucher {raw.get('voucher_number', '?')}",
            action="correct these fields",
        )
    return voucher


def record(desk: Desk, person: Person, voucher: Voucher) -> int:
    """Record a voucher; its number in our table.

    Raises Forbidden ``act-not-allowed``, NotFound ``partner-unknown``, Malformed ``voucher-invalid``, Conflict
    ``voucher-known``.
    """
    person.require(Act.RECORD_VOUCHER)
    desk.partner(voucher.partner)
    with desk.connection.transaction():
        return treasury.record(desk.connection, voucher, person.user, desk.clock.now())


def cancel(desk: Desk, person: Person, voucher_pk: int, reason: str) -> None:
    """Cancel a voucher that was recorded wrong; it stays on record. Raises Forbidden, NotFound ``voucher-unknown``."""
    person.require(Act.RECORD_VOUCHER)
    with desk.connection.transaction():
        treasury.cancel(desk.connection, voucher_pk, person.user, reason, desk.clock.now())


def matching(desk: Desk, person: Person, first: date, last: date) -> Matching:
    """Vouchers paid on these days and debits booked on them, paired or alone on either side.

    The other half of a pair may lie up to ``WINDOW_DAYS`` outside. Raises Forbidden ``act-not-allowed``.
    """
    person.require(Act.SEE)
    window = timedelta(days=WINDOW_DAYS)
    with desk.connection.transaction():
        recorded = treasury.vouchers(desk.connection, first - window, last)
        paid = treasury.debits(desk.connection, first - window, last + window)
    found = treasury.pair(recorded, paid, WINDOW_DAYS)
    return Matching(
        tuple(one for one in found.pairs if first <= one.voucher.paid_on <= last or first <= one.debit.on <= last),
        tuple(one for one in found.vouchers if first <= one.paid_on <= last),
        tuple(one for one in found.debits if first <= one.on <= last),
    )
