"""Answers about a payment that could not be read: the same bytes come at every asking, so they are kept once.

How often they came, and about which payment, is counted beside the message (``gateway.unreadable_answer``).
"""

from __future__ import annotations

import hashlib
from datetime import datetime

from gateway.errors import GatewayError
from gateway.messages import receive
from gateway.messages.store import Connection
from gateway.model import MessageState, RawMessage


def take(
    connection: Connection, answer: RawMessage, inbox: receive.Inbox, *, reference: str
) -> tuple[receive.Received, bool]:
    """Receive the answer to a question about ``reference``; counts by state, and whether it could not be read.

    Bytes that wait for people already, and still cannot be read, are counted and not kept again: no state is told.
    """
    now = inbox.clock.now()
    known = _kept(connection, answer)
    if known is not None and not _is_readable(inbox, answer):
        _count(connection, known, reference, now)
        return receive.Received(), True
    received = receive.receive(connection, [answer], inbox)
    if MessageState.QUARANTINED not in received.counts:
        return received, False
    known = _kept(connection, answer)
    if known is not None:
        _count(connection, known, reference, now)
    return received, True


def _kept(connection: Connection, answer: RawMessage) -> int | None:
    """The message with these bytes that is in quarantine; one that people set aside is done with."""
    row = connection.execute(
        "SELECT m.message_pk FROM gateway.message m WHERE m.partner = %s AND m.body_sha256 = %s AND m.kind = %s"
        " AND m.state = 'quarantined' AND m.kind IN ('payment_status', 'payment_bill')"
        " AND NOT EXISTS (SELECT FROM gateway.message_aside_now a WHERE a.message_pk = m.message_pk)"
        " ORDER BY m.message_pk LIMIT 1",
        (answer.partner, hashlib.sha256(answer.body).digest(), answer.kind),
    ).fetchone()
    return None if row is None else int(str(row[0]))


def _is_readable(inbox: receive.Inbox, answer: RawMessage) -> bool:
    """Whether bytes that were refused before are read as the answer to this question, or by a later release of ours."""
    try:
        inbox.reader.read(answer)
    except GatewayError:
        return False
    return True


def _count(connection: Connection, message_pk: int, reference: str, now: datetime) -> None:
    connection.execute(
        "INSERT INTO gateway.unreadable_answer AS u (message_pk, reference, first_at, last_at) VALUES (%s, %s, %s, %s)"
        " ON CONFLICT (message_pk, reference) DO UPDATE SET times = u.times + 1,"
        " last_at = greatest(u.last_at, excluded.last_at)",
        (message_pk, reference, now, now),
    )
