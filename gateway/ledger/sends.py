"""What the ledger learns when a message of its outbox arrived, is in doubt, or was given up."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from psycopg import Connection

from gateway.ledger.allocation import FIRST_ENQUIRY
from gateway.ledger.event_data import PaymentRefunded, PortalStatus
from gateway.ledger.outbox import event_row
from gateway.model import EventType, Kind, OutboundMessage, OutboxRow
from gateway.partners import Partner

Rows = Connection[tuple[object, ...]]


def on_delivered(
    conn: Rows,
    message: OutboundMessage,
    facts: Mapping[str, object],
    *,
    partners: Mapping[str, Partner],
    now: datetime,
) -> list[OutboxRow]:
    """The partner has the message: keep what it answered, inside the caller's transaction.

    Doing it twice changes nothing more. Returns what others must hear of.
    """
    payload = message.payload
    if message.kind is Kind.PAYMENT_REQUEST_CREATE:
        row = conn.execute(
            "UPDATE gateway.payment_request SET partner_request_id = coalesce(nullif(%s, ''), partner_request_id),"
            " qr = coalesce(nullif(%s, ''), qr), payment_url = coalesce(nullif(%s, ''), payment_url)"
            " WHERE reference = %s RETURNING state",
            (
                str(facts.get("partner_request_id", "")),
                str(facts.get("qr", "")),
                str(facts.get("payment_url", "")),
                str(payload["reference"]),
            ),
        ).fetchone()
        if row is not None and row[0] == "refused":
            _open_again(conn, str(payload["reference"]), now)
    elif message.kind is Kind.POSTAL_ORDER:
        conn.execute(
            "UPDATE gateway.postal_order SET state = CASE WHEN state IN ('ordered', 'refused') THEN 'accepted'"
            " ELSE state END,"
            " item_code = coalesce(nullif(%s, ''), item_code) WHERE order_number = %s",
            (str(facts.get("item_code", "")), str(payload["order_number"])),
        )
    elif message.kind is Kind.REFUND:
        return _refund_sent(conn, message, facts, partners, now)
    elif message.kind in (Kind.DOSSIER_SYNC, Kind.STEP_SYNC):
        return _portal_status(message, "delivered", "", partners, now)
    return []


def _open_again(conn: Rows, reference: str, now: datetime) -> None:
    """A request that was given up, sent again by a person and taken now: it is asked about like any other.

    Where money came for it meanwhile its day was judged with a request that was refused, and it stays so.
    """
    conn.execute(
        "UPDATE gateway.payment_request r SET state = 'open', state_at = NULL, next_enquiry_at = %(at)s"
        " WHERE r.reference = %(reference)s AND r.state = 'refused'"
        " AND NOT EXISTS (SELECT FROM gateway.payment p WHERE p.reference = r.reference)"
        " AND NOT EXISTS (SELECT FROM gateway.statement_entry e"
        "  WHERE string_to_array(e.tokens || ' ' || e.keys, ' ') @> ARRAY[r.reference])",
        {"reference": reference, "at": now + FIRST_ENQUIRY},
    )


def on_in_doubt(conn: Rows, message: OutboundMessage, now: datetime) -> None:
    """A refund without an answer is *in doubt*, and no machine sends it again."""
    if message.kind is Kind.REFUND:
        conn.execute(
            "UPDATE gateway.refund SET state = 'in_doubt', in_doubt_at = %s"
            " WHERE refund_id = %s AND state = 'approved'",
            (now, str(message.payload["refund_id"])),
        )


def on_given_up(
    conn: Rows, message: OutboundMessage, *, code: str, detail: str, partners: Mapping[str, Partner], now: datetime
) -> list[OutboxRow]:
    """The partner refused it, or it was tried too often: the ledger says so. The lateness run tells a person."""
    payload = message.payload
    if message.kind is Kind.PAYMENT_REQUEST_CREATE:
        conn.execute(
            "UPDATE gateway.payment_request SET state = 'refused', state_at = %s, next_enquiry_at = NULL"
            " WHERE reference = %s AND state = 'open'",
            (now, str(payload["reference"])),
        )
    elif message.kind is Kind.POSTAL_ORDER:
        conn.execute(
            "UPDATE gateway.postal_order SET state = 'refused', state_at = %s"
            " WHERE order_number = %s AND state = 'ordered'",
            (now, str(payload["order_number"])),
        )
    elif message.kind is Kind.REFUND and code != "money-out-needs-a-person":
        # Where only a person can say whether it was paid, its money is not free: the refund stays in doubt.
        conn.execute(
            "UPDATE gateway.refund SET state = 'refused', ended_at = %s"
            " WHERE refund_id = %s AND state IN ('approved', 'in_doubt')",
            (now, str(payload["refund_id"])),
        )
    if message.kind in (Kind.DOSSIER_SYNC, Kind.STEP_SYNC):
        return _portal_status(message, "given_up", detail or code, partners, now)
    return []


def _refund_sent(
    conn: Rows,
    message: OutboundMessage,
    facts: Mapping[str, object],
    partners: Mapping[str, Partner],
    now: datetime,
) -> list[OutboxRow]:
    # The statement may have shown the debit before the bank answered: then it stays debited, and is told now.
    row = conn.execute(
        "UPDATE gateway.refund SET state = CASE state WHEN 'debited' THEN state ELSE 'sent' END,"
        " sent_at = coalesce(sent_at, %s), refund_transaction_id = %s"
        " WHERE refund_id = %s AND (state IN ('approved', 'in_doubt')"
        "   OR (state = 'debited' AND refund_transaction_id = '')) RETURNING amount, reason, state, refund_pk",
        (now, str(facts.get("refund_transaction_id", "")), str(message.payload["refund_id"])),
    ).fetchone()
    if row is not None and row[2] == "debited":
        conn.execute(
            "INSERT INTO gateway.refund_late_answer (refund_pk, answered_at) VALUES (%s, %s) ON CONFLICT DO NOTHING",
            (row[3], now),
        )
    if row is None or message.dossier_code is None:
        return []
    refund_id = str(message.payload["refund_id"])
    data = PaymentRefunded(refund_id=refund_id, amount=int(str(row[0])), reason=str(row[1]))
    told = event_row(
        partners, EventType.PAYMENT_REFUNDED, message.dossier_code, {**data}, message.message_pk, refund_id, now
    )
    return [] if told is None else [told]


def _portal_status(
    message: OutboundMessage, outcome: str, detail: str, partners: Mapping[str, Partner], now: datetime
) -> list[OutboxRow]:
    if message.dossier_code is None:
        return []
    data = PortalStatus(kind=message.kind.value, outcome=outcome, detail=detail)  # type: ignore[typeddict-item]  # both are of the few
    told = event_row(
        partners, EventType.PORTAL_STATUS, message.dossier_code, {**data}, message.message_pk, outcome, now
    )
    return [] if told is None else [told]
