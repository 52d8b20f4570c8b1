"""What the dossier system hears when people gave money to a fee: the allocation itself is made by the schema."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from psycopg import Connection
from psycopg.rows import dict_row

from gateway.ledger.event_data import PaymentConfirmed
from gateway.ledger.outbox import event_row
from gateway.model import EventType, OutboxRow
from gateway.partners import Partner


def confirmations(
    conn: Connection[tuple[object, ...]],
    partner: str,
    business_on: date,
    *,
    partners: Mapping[str, Partner],
    now: datetime,
) -> list[OutboxRow]:
    """A confirmation for every fee that the approval of the day's current version settled by attribution."""
    with conn.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(
            "SELECT DISTINCT ON (f.fee_pk) f.fee_id, f.amount, f.dossier_code, p.channel, p.reference, p.paid_at,"
            " p.payment_pk, p.message_pk FROM gateway.attribution a"
            " JOIN gateway.recon_decision c ON c.decision_pk = a.approval_pk"
            " JOIN gateway.recon_day d USING (partner, business_on, version)"
            " JOIN gateway.fee f USING (fee_pk) JOIN gateway.payment p USING (payment_pk)"
            " WHERE d.partner = %s AND d.business_on = %s AND f.state = 'settled'"
            " ORDER BY f.fee_pk, a.attribution_pk DESC",
            (partner, business_on),
        ).fetchall()
    told = []
    for row in rows:
        data = PaymentConfirmed(
            fee_id=row["fee_id"],
            amount=row["amount"],
            channel=row["channel"],
            reference=row["reference"],
            paid_at=row["paid_at"].isoformat(),
        )
        # Names of fees are of their dossier, and one payment may be given to several dossiers.
        subject = f"{row['dossier_code']} {row['fee_id']} {row['payment_pk']}"
        told.append(
            event_row(
                partners, EventType.PAYMENT_CONFIRMED, row["dossier_code"], {**data}, row["message_pk"], subject, now
            )
        )
    return [row for row in told if row is not None]
