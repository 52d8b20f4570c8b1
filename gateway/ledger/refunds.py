"""Refunds have a life, and two different people start it; the schema enforces both.

``requested -> proposed -> approved``, then by the way that the money takes (``Route``): a bank is sent an order
(``sent``, or ``in_doubt`` until it answers), pays (``debited``: its statement shows the debit), and may give the money
back (``returned``). What lies in the treasury already, or cannot be ordered at a bank, is paid on a document that a
person records.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

import psycopg
from psycopg import Connection

from gateway.errors import Conflict, NotFound
from gateway.ledger.references import REFUND, make_reference, message_id_of
from gateway.ledger.refund_refusals import refund_refusal
from gateway.ledger.role_refusals import by_role
from gateway.model import VIETNAM, Kind, OutboxRow
from gateway.payloads import Refund

Rows = Connection[tuple[object, ...]]


class Route(StrEnum):
    """By which way the money goes back. Where it is now decides, never a person."""

    BANK = "bank"  # an order to the bank that holds it
    TREASURY = "treasury"  # it was transferred to the treasury, which pays it back
    HAND = "hand"  # cash, COD, platform: the agency pays on a slip of its own


@dataclass(frozen=True, slots=True)
class Document:
    """The paper that money went back on: the treasury's order, a cash slip (phiếu chi), a payment order."""

    number: str
    on: date


@dataclass(frozen=True, slots=True)
class Settled:
    """How many refunds a partner's statements showed as paid, and as given back."""

    debited: int
    returned: int


def request(conn: Rows, payment_pk: int, amount: int, reason: str, now: datetime, *, by: str = "") -> str:
    """Ask for a refund of money that is unallocated; its refund id. ``by`` is empty where a machine asks.

    Raises NotFound ``payment-unknown``, or Conflict ``step-not-allowed`` where that much of the payment is not free any
    more (the schema counts, so two who ask at once cannot both get it), ``money-used-already``, Forbidden
    ``act-not-allowed`` where ``by`` may not.
    """
    found = conn.execute(
        "SELECT partner, dossier_code, nextval('gateway.payment_reference_seq') FROM gateway.payment"
        " WHERE payment_pk = %s",
        (payment_pk,),
    ).fetchone()
    if found is None:
        raise NotFound(
            "there is no such payment",
            code="payment-unknown",
            where=f"payment {payment_pk}",
            action="look it up by its dossier or reference",
            facts={"payment": payment_pk},
        )
    partner, code, number = found
    refund_id = make_reference(REFUND, now.astimezone(VIETNAM).date(), int(str(number)))
    try:
        with conn.transaction():
            conn.execute(
                "INSERT INTO gateway.refund (refund_id, payment_pk, dossier_code, partner, amount, reason,"
                " requested_at, requested_by) VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
                (refund_id, payment_pk, code, partner, amount, reason, now, by),
            )
    except psycopg.errors.CheckViolation as error:
        if error.diag.constraint_name in ("refund_by_role", "money_used_once"):
            raise refund_refusal(error, f"payment {payment_pk}", by) from error
        raise Conflict(
            "that much of the payment is not free",
            code="step-not-allowed",
            where=f"payment {payment_pk}",
            action="look at its fees and refunds",
            case="not-free",
            facts={"amount": amount},
        ) from error
    return refund_id


def propose(conn: Rows, refund_id: str, user: str, now: datetime) -> None:
    """One person proposes a requested refund. Raises NotFound, Conflict ``step-not-allowed``."""
    _step(conn, refund_id, "requested")
    _change(conn, refund_id, "state = 'proposed', proposed_by = %s, proposed_at = %s", user, now, by=user)


def approve(conn: Rows, refund_id: str, user: str, now: datetime) -> list[OutboxRow]:
    """Another person approves, and the refund is on its way: its REFUND row, none where no bank can be sent an order.

    The receipt of the payment is marked at the same time. Raises NotFound, Conflict ``step-not-allowed``, Forbidden
    ``same-person``.
    """
    _step(conn, refund_id, "proposed")
    _change(conn, refund_id, "state = 'approved', approved_by = %s, approved_at = %s", user, now, by=user)
    row = conn.execute(
        "SELECT r.partner, r.amount, r.reason, r.dossier_code, p.reference, p.partner_transaction_id, p.account,"
        " r.refund_pk, r.route FROM gateway.refund r JOIN gateway.payment p USING (payment_pk) WHERE r.refund_id = %s",
        (refund_id,),
    ).fetchone()
    return [] if row is None or row[8] != Route.BANK else [_order(refund_id, row)]


def _order(refund_id: str, row: Sequence[object]) -> OutboxRow:
    """The order to the bank, from what approving returned."""
    partner, amount, reason, code, reference, transaction, account, refund_pk = row[:8]
    payload = Refund(
        refund_id=refund_id,
        reference=str(reference),
        partner_transaction_id=str(transaction),
        account=str(account),
        amount=int(str(amount)),
        reason=str(reason),
    )
    dossier_code = None if code is None else str(code)
    return OutboxRow(
        partner=str(partner),
        kind=Kind.REFUND,
        message_id=message_id_of(int(str(refund_pk)), f"refund {refund_id}"),
        payload={**payload},
        transaction_id=refund_id,
        dossier_code=dossier_code,
        order_key=dossier_code,
    )


def reject(
    conn: Rows,
    refund_id: str,
    now: datetime,
    user: str = "",
    reason: str = "",
    *,
    allowed: tuple[str, ...] = ("requested", "proposed"),
) -> None:
    """A refund that is still one of ``allowed`` is not made; its money is free again. Raises NotFound, Conflict."""
    _step(conn, refund_id, *allowed)
    ended = "state = 'rejected', ended_by = nullif(%s, ''), ended_reason = %s, ended_at = %s"
    _change(conn, refund_id, ended, user, reason, now, by=user)


def pay_by_document(conn: Rows, refund_id: str, document: Document, user: str, now: datetime) -> None:
    """The treasury, or the agency itself, paid: its document ends an approved refund that no bank was sent.

    Raises NotFound, Conflict ``step-not-allowed``, and ``refund-paid-by-the-bank`` where the bank has an order: its
    statement alone proves that one.
    """
    route = _step(conn, refund_id, "approved")
    if route == Route.BANK:
        raise Conflict(
            "the bank was sent an order for it",
            code="refund-paid-by-the-bank",
            where=refund_id,
            action="wait for the debit on the bank's statement",
            facts={"refund_id": refund_id},
        )
    paid = "state = 'debited', document_number = %s, document_on = %s, paid_by = %s, paid_at = %s"
    _change(conn, refund_id, paid, document.number, document.on, user, now, by=user)


def not_paid(conn: Rows, refund_id: str, user: str, reason: str, now: datetime) -> None:
    """The treasury or the agency did not pay an approved refund after all; its money is free again.

    Raises NotFound, Conflict ``step-not-allowed`` and ``refund-paid-by-the-bank``, as ``pay_by_document``.
    """
    if _step(conn, refund_id, "approved") == Route.BANK:
        raise Conflict(
            "the bank has an order for it",
            code="refund-paid-by-the-bank",
            where=refund_id,
            action="wait for the bank's answer or its statement",
            facts={"refund_id": refund_id},
        )
    ended = "state = 'refused', ended_by = %s, ended_reason = %s, ended_at = %s"
    _change(conn, refund_id, ended, user, reason, now, by=user)


def correct_receipt(conn: Rows, refund_id: str, document: str, user: str, now: datetime) -> None:
    """The marked receipt was cancelled or adjusted, by this minutes or receipt number.

    Raises NotFound, Conflict ``receipt-not-marked`` where nothing is to be done.
    """
    with by_role(refund_id, "refund_by_role", "ask somebody who has the role"):
        done = conn.execute(
            "UPDATE gateway.refund SET receipt_document = %s, receipt_done_by = %s, receipt_done_at = %s"
            " WHERE refund_id = %s AND receipt_mark <> '' AND receipt_done_at IS NULL",
            (document, user, now, refund_id),
        )
    if done.rowcount:
        return
    _step(conn, refund_id)
    raise Conflict(
        "its receipt is not waiting for a correction",
        code="receipt-not-marked",
        where=refund_id,
        action="look at the refund: it is not approved, or its receipt was corrected already",
        facts={"refund_id": refund_id},
    )


def settle_by_statements(conn: Rows, partner: str, now: datetime) -> Settled:
    """What the partner's statements show of our refunds: a debit pays one, a credit under the same id gives it back.

    The amounts must be the refund's own; another amount is a difference of the day and moves nothing here. Doing it
    twice changes nothing more.
    """
    debited = conn.execute(_DEBITS, {"partner": partner, "now": now}).rowcount
    returned = conn.execute(_RETURNS, {"partner": partner}).rowcount
    return Settled(debited, returned)


# A debit that comes while the order is in doubt settles the doubt; the refund then counts from when we learned of it.
_DEBITS = """
UPDATE gateway.refund r SET state = 'debited', debit_entry_pk = e.entry_pk, debited_on = e.booked_on,
       sent_at = coalesce(r.sent_at, %(now)s)
  FROM (SELECT DISTINCT ON (f.refund_pk) f.refund_pk, e.entry_pk, e.booked_on
          FROM gateway.refund f JOIN gateway.statement_entry e ON e.tokens = f.refund_id AND e.tokens LIKE 'HT%%'
         WHERE f.partner = %(partner)s AND f.state IN ('sent', 'in_doubt') AND e.partner = f.partner
           AND e.amount = -f.amount AND e.response_code IN ('', '00')
         ORDER BY f.refund_pk, e.booked_on, e.entry_pk) e
 WHERE r.refund_pk = e.refund_pk"""

_RETURNS = """
UPDATE gateway.refund r SET state = 'returned', return_entry_pk = e.entry_pk, returned_on = e.booked_on
  FROM (SELECT DISTINCT ON (f.refund_pk) f.refund_pk, e.entry_pk, e.booked_on
          FROM gateway.refund f JOIN gateway.statement_entry e ON e.tokens = f.refund_id AND e.tokens LIKE 'HT%%'
         WHERE f.partner = %(partner)s AND f.state IN ('sent', 'debited') AND e.partner = f.partner
           AND e.amount = f.amount AND e.response_code IN ('', '00')
         ORDER BY f.refund_pk, e.booked_on, e.entry_pk) e
 WHERE r.refund_pk = e.refund_pk"""


def _step(conn: Rows, refund_id: str, *allowed: str) -> str:
    """The refund's route, its row locked. Raises NotFound ``refund-unknown``, Conflict ``step-not-allowed``."""
    row = conn.execute(
        "SELECT state, route FROM gateway.refund WHERE refund_id = %s FOR UPDATE", (refund_id,)
    ).fetchone()
    if row is None:
        raise NotFound(
            "there is no such refund",
            code="refund-unknown",
            where=f"refund {refund_id}",
            action="check its number with `gateway refund list`",
            facts={"refund_id": refund_id},
        )
    if allowed and row[0] not in allowed:
        raise Conflict(
            f"the refund is {row[0]}",
            code="step-not-allowed",
            where=refund_id,
            action="do what is next for it: `gateway refund show`",
            case="refund",
            facts={"refund_id": refund_id, "state": row[0]},
        )
    return str(row[1])


def _change(conn: Rows, refund_id: str, changes: str, *values: object, by: str) -> None:
    """``changes`` of ``by`` is a literal of this module. Raises Forbidden and Conflict where the schema refuses."""
    try:
        with conn.transaction():
            conn.execute(
                f"UPDATE gateway.refund SET {changes} WHERE refund_id = %s".encode(),  # noqa: S608 - our own words
                (*values, refund_id),
            )
    except psycopg.errors.CheckViolation as error:
        raise refund_refusal(error, refund_id, by) from error
