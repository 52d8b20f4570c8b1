"""Transfers to the treasury: vouchers that two people record and confirm, matched to the debits of the banks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from gateway.application.access import Act, Person
from gateway.application.break_effects import require_reason
from gateway.application.desk import Desk
from gateway.application.forms import read_as
from gateway.errors import Malformed
from gateway.ledger import treasury, voucher_pairs
from gateway.ledger.treasury import Item, Recorded, Voucher
from gateway.ledger.voucher_pairs import Debit, Matching, Pair
from gateway.masking import masked_account, masked_text

__all__ = [
    "WINDOW_DAYS", "Debit", "Item", "Matching", "OwnAccount", "Pair", "Recorded", "Voucher", "account_shown_as",
    "cancel", "cancelled", "confirm", "matching", "own_accounts", "pair_of", "record", "voucher", "voucher_of",
]  # fmt: skip

WINDOW_DAYS = 5
"""How many days after the voucher's date a bank may book its debit: a transfer before a long weekend fits in."""


@dataclass(frozen=True, slots=True)
class OwnAccount:
    """One of our accounts at a bank; ``account`` is masked, ``holder`` is its name at the bank."""

    partner: str
    account: str
    holder: str


def own_accounts(desk: Desk) -> list[OwnAccount]:
    """The accounts at banks that money may go to the treasury from, by partner and account."""
    return [
        OwnAccount(partner.id, masked_account(account), partner.accounts.name)
        for partner in sorted(desk.partners.values(), key=lambda one: one.id)
        if partner.role == "bank" and partner.accounts is not None
        for account in sorted(partner.accounts.all())
    ]


def account_shown_as(desk: Desk, partner: str, shown: str) -> str:
    """The number of the account that ``own_accounts`` shows so.

    Raises NotFound ``partner-unknown``; Malformed ``voucher-invalid`` where it is none of ours, or one of several.
    """
    accounts = desk.partner(partner).accounts
    found = [one for one in accounts.all() if masked_account(one) == shown] if accounts is not None else []
    if len(found) != 1:
        raise Malformed(
            f"account: {len(found)} of our accounts are shown as {shown}",
            code="voucher-invalid",
            where=partner,
            action="choose one from the list; where several look alike, use `gateway treasury record`",
            case="account",
            facts={"found": len(found), "shown": masked_account(shown)},
        )
    return found[0]


def voucher_of(raw: Mapping[str, object]) -> Voucher:
    """A voucher from a form or a file, its fields named as in ``Voucher``, amounts as whole numbers.

    Raises Malformed ``voucher-invalid``, naming every field that is missing, unknown or of another kind.
    """
    return read_as(Voucher, raw, code="voucher-invalid", where=f"voucher {raw.get('voucher_number', '?')}")


def record(desk: Desk, person: Person, voucher: Voucher) -> int:
    """Record a voucher; its number in our table. It counts once a second person confirmed it.

    Raises Forbidden ``act-not-allowed``, NotFound ``partner-unknown``, Malformed ``voucher-invalid``, Conflict
    ``voucher-known``.
    """
    person.require(Act.RECORD_VOUCHER)
    desk.partner(voucher.partner)
    with desk.connection.transaction():
        return treasury.record(desk.connection, voucher, person.user, desk.clock.now())


def confirm(desk: Desk, person: Person, voucher_pk: int) -> None:
    """The second of two people: from now on the voucher counts.

    Raises Forbidden ``act-not-allowed`` and ``same-person``, NotFound ``voucher-unknown``, Conflict
    ``confirmed-already``.
    """
    person.require(Act.CONFIRM_RECORD)
    with desk.connection.transaction():
        treasury.confirm(desk.connection, voucher_pk, person.user, desk.clock.now())


def cancel(desk: Desk, person: Person, voucher_pk: int, reason: str) -> None:
    """Cancel a voucher that was recorded wrong; it stays on record. One that was confirmed only a checker cancels.

    Raises Forbidden ``act-not-allowed`` and ``same-person``, NotFound ``voucher-unknown``, Conflict ``reason-missing``.
    """
    person.require(Act.CANCEL_VOUCHER)
    require_reason(reason, f"voucher {voucher_pk}")
    with desk.connection.transaction():
        if treasury.voucher(desk.connection, voucher_pk).confirmed_at is not None:
            person.require(Act.CONFIRM_RECORD)
        treasury.cancel(desk.connection, voucher_pk, person.user, reason, desk.clock.now())


def voucher(desk: Desk, person: Person, voucher_pk: int) -> Recorded:
    """One voucher, cancelled or not; its account is masked. Raises Forbidden, NotFound ``voucher-unknown``."""
    person.require(Act.SEE)
    return _shown(treasury.voucher(desk.connection, voucher_pk))


def pair_of(desk: Desk, person: Person, found: Recorded) -> Pair | None:
    """The debit that carried the voucher out; None where there is none, or nobody confirmed it. Raises Forbidden."""
    pairs = matching(desk, person, found.paid_on, found.paid_on).pairs
    return next((one for one in pairs if one.voucher.voucher_pk == found.voucher_pk), None)


def cancelled(desk: Desk, person: Person, first: date, last: date) -> list[Recorded]:
    """Vouchers of these days that were cancelled. Raises Forbidden ``act-not-allowed``."""
    person.require(Act.SEE)
    return [_shown(one) for one in treasury.vouchers(desk.connection, first, last, cancelled=True)]


def matching(desk: Desk, person: Person, first: date, last: date) -> Matching:
    """Vouchers paid on these days and debits booked on them, paired or alone on either side; and what waits.

    The other half of a pair may lie up to ``WINDOW_DAYS`` outside; accounts and texts are masked. Raises Forbidden
    ``act-not-allowed``.
    """
    person.require(Act.SEE)
    window = timedelta(days=WINDOW_DAYS)
    with desk.connection.transaction():
        recorded = treasury.vouchers(desk.connection, first - window, last)
        paid = voucher_pairs.debits(desk.connection, first - window, last + window)
    found = voucher_pairs.pair([one for one in recorded if one.confirmed_at is not None], paid, WINDOW_DAYS)
    return Matching(
        tuple(
            Pair(_shown(one.voucher), _shown_debit(one.debit), one.certain)
            for one in found.pairs
            if first <= one.voucher.paid_on <= last or first <= one.debit.on <= last
        ),
        tuple(_shown(one) for one in found.vouchers if first <= one.paid_on <= last),
        tuple(_shown_debit(one) for one in found.debits if first <= one.on <= last),
        tuple(_shown(one) for one in recorded if one.confirmed_at is None and first <= one.paid_on <= last),
    )


def _shown(one: Recorded) -> Recorded:
    items = tuple(replace(item, content=masked_text(item.content)) for item in one.items)
    why = None if one.cancelled_reason is None else masked_text(one.cancelled_reason)
    return replace(one, account=masked_account(one.account), items=items, cancelled_reason=why)


def _shown_debit(one: Debit) -> Debit:
    return replace(one, account=masked_account(one.account), text=masked_text(one.text))
