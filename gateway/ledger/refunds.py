"""Refunds have a life, and two different people start it; the schema enforces both."""

from __future__ import annotations

from datetime import datetime

import psycopg
from psycopg import Connection

from gateway.errors import Conflict, Forbidden, NotFound
from gateway.ledger.references import REFUND, make_reference, message_id_of
from gateway.model import VIETNAM, Kind, OutboxRow
from gateway.payloads import Refund

Rows = Connection[tuple[object, ...]]


def request(conn: Rows, payment_pk: int, amount: int, reason: str, now: datetime) -> str:
    """Ask for a refund of money that is unallocated; its refund id.

    Raises NotFound, or Conflict ``step-not-allowed`` where that much of the payment is not free any more.
    """
    found = conn.execute(
        "SELECT partner, dossier_code, nextval('gateway.payment_reference_seq') FROM gateway.payment"
        " WHERE payment_pk = %s FOR UPDATE",
        (payment_pk,),
    ).fetchone()
    if found is None:
        raise NotFound(f"payment {payment_pk} does not exist", code="refund-unknown")
    partner, code, number = found
    refund_id = make_reference(REFUND, now.astimezone(VIETNAM).date(), int(str(number)))
    try:
        with conn.transaction():
            conn.execute(
                "INSERT INTO gateway.refund (refund_id, payment_pk, dossier_code, partner, amount, reason,"
                " requested_at)"
                " VALUES (%s, %s, %s, %s, %s, %s, %s)",
                (refund_id, payment_pk, code, partner, amount, reason, now),
            )
    except psycopg.errors.CheckViolation as error:
        raise Conflict(
            "that much of the payment is not free",
            code="step-not-allowed",
            where=f"payment {payment_pk}",
            action="look at its fees and refunds",
        ) from error
    return refund_id


def propose(conn: Rows, refund_id: str, user: str, now: datetime) -> None:
    """One person proposes a requested refund. Raises NotFound, Conflict ``step-not-allowed``."""
    _step(conn, refund_id, "requested")
    conn.execute(
        "UPDATE gateway.refund SET state = 'proposed', proposed_by = %s, proposed_at = %s WHERE refund_id = %s",
        (user, now, refund_id),
    )


def approve(conn: Rows, refund_id: str, user: str, now: datetime) -> list[OutboxRow]:
    """Another person approves, and the refund is on its way: its REFUND row (none where cash is handed back).

    Raises NotFound, Conflict ``step-not-allowed``, Forbidden ``same-person``.
    """
    _step(conn, refund_id, "proposed")
    try:
        with conn.transaction():
            row = conn.execute(
                "UPDATE gateway.refund r SET state = 'approved', approved_by = %s, approved_at = %s"
                " FROM gateway.payment p WHERE r.refund_id = %s AND p.payment_pk = r.payment_pk"
                " RETURNING r.partner, r.amount, r.reason, r.dossier_code, p.reference, p.partner_transaction_id,"
                " p.account, r.refund_pk",
                (user, now, refund_id),
            ).fetchone()
    except psycopg.errors.CheckViolation as error:
        raise Forbidden(
            "the person who proposed a refund cannot approve it",
            code="same-person",
            where=refund_id,
            action="let another person approve",
        ) from error
    if row is None or not row[0]:
        return []
    partner, amount, reason, code, reference, transaction, account, refund_pk = row
    payload = Refund(
        refund_id=refund_id,
        reference=str(reference),
        partner_transaction_id=str(transaction),
        account=str(account),
        amount=int(str(amount)),
        reason=str(reason),
    )
    dossier_code = None if code is None else str(code)
    return [
        OutboxRow(
            partner=str(partner),
            kind=Kind.REFUND,
            message_id=message_id_of(int(str(refund_pk)), f"refund {refund_id}"),
            payload={**payload},
            transaction_id=refund_id,
            dossier_code=dossier_code,
            order_key=dossier_code,
        )
    ]


def reject(conn: Rows, refund_id: str) -> None:
    """A requested or proposed refund is not made; its money is free again. Raises NotFound, Conflict."""
    _step(conn, refund_id, "requested", "proposed")
    conn.execute("UPDATE gateway.refund SET state = 'rejected' WHERE refund_id = %s", (refund_id,))


def _step(conn: Rows, refund_id: str, *allowed: str) -> None:
    row = conn.execute("SELECT state FROM gateway.refund WHERE refund_id = %s FOR UPDATE", (refund_id,)).fetchone()
    if row is None:
        raise NotFound(f"refund {refund_id} does not exist", code="refund-unknown")
    if row[0] not in allowed:
        raise Conflict(f"the refund is {row[0]}", code="step-not-allowed", where=refund_id)
