"""The receipts (PDF) that the payment platform gives for payments: which are missing, and which message holds one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from psycopg import Connection

from gateway.ledger.pending import interval
from gateway.model import Applied, PaymentBill
from gateway.partners import Partner

UNKNOWN = "bill-without-payment"


def due_bills(
    conn: Connection[tuple[object, ...]], now: datetime, partners: Mapping[str, Partner], *, limit: int = 100
) -> list[tuple[str, str]]:
    """(partner, reference) of every payment that was told and whose bill is to be asked for now, oldest first.

    Inside the caller's transaction; the next time is set already, and it slows with the number of questions. Two
    workers never get the same payment.
    """
    rows = conn.execute(
        "SELECT p.payment_pk, p.partner, p.reference, coalesce(b.asked, 0) FROM gateway.payment p"
        " LEFT JOIN gateway.payment_bill b USING (payment_pk)"
        " WHERE p.partner = ANY(%s) AND p.channel = 'platform' AND p.source = 'notice' AND p.reference <> ''"
        " AND (b.payment_pk IS NULL OR b.next_ask_at <= %s)"
        " ORDER BY p.payment_pk LIMIT %s FOR UPDATE OF p SKIP LOCKED",
        (list(partners), now, limit),
    ).fetchall()
    for payment_pk, partner, _, asked in rows:
        conn.execute(
            "INSERT INTO gateway.payment_bill (payment_pk, asked, next_ask_at) VALUES (%s, 1, %s)"
            " ON CONFLICT (payment_pk) DO UPDATE SET asked = gateway.payment_bill.asked + 1,"
            " next_ask_at = EXCLUDED.next_ask_at",
            (payment_pk, now + interval(partners.get(str(partner)), int(str(asked)))),
        )
    return [(str(partner), str(reference)) for _, partner, reference, _ in rows]


def keep_bills(
    conn: Connection[tuple[object, ...]], bills: Sequence[tuple[int, PaymentBill]], *, now: datetime
) -> list[Applied]:
    """Link (message_pk, bill) pairs to the payments of their references, inside the caller's transaction."""
    return [_keep(conn, message_pk, bill, now) for message_pk, bill in bills]


def _keep(conn: Connection[tuple[object, ...]], message_pk: int, bill: PaymentBill, now: datetime) -> Applied:
    linked = conn.execute(
        "UPDATE gateway.payment_bill b SET message_pk = %s, sha256 = %s, fetched_at = %s, next_ask_at = NULL"
        " FROM gateway.payment p WHERE p.payment_pk = b.payment_pk AND p.partner = %s AND p.reference = %s"
        " AND b.message_pk IS NULL",
        (message_pk, bill.sha256, now, bill.partner, bill.reference),
    )
    if linked.rowcount == 0:
        return Applied(reason=UNKNOWN, detail=f"no payment {bill.reference} waits for a bill")
    return Applied()
