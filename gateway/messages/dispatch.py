"""Out: claim -> encode -> sign -> send -> delivered; or in doubt, waiting again, given up.

The bytes of every attempt are committed before they leave. A time-out is neither success nor failure: the message is
in doubt and ``gateway.messages.doubt`` asks before anything is sent again. Any step may be killed: a claim whose lease
ran out is in doubt, too.
"""

from __future__ import annotations

import hashlib
import json
import socket
from collections.abc import Sequence
from datetime import timedelta

from gateway.clock import vietnam_date
from gateway.errors import GatewayError
from gateway.messages import circuit
from gateway.messages.outcomes import record
from gateway.messages.route import Dispatched, Route
from gateway.messages.store import Connection
from gateway.model import Kind, OutboundMessage, SendOutcome, SendVerdict

_LEASE = timedelta(minutes=15)
_TOGETHER = {
    Kind.EVENT: 2000,
    Kind.STEP_SYNC: 100,
    Kind.DOSSIER_SYNC: 50,
    Kind.PAYMENT_REQUEST_CREATE: 20,
    Kind.POSTAL_ORDER: 20,
}
"""How many messages of a kind go in one call of the sender; one by default, so that a dead partner is noticed."""


def dispatch(connection: Connection, route: Route, *, limit: int = 20_000) -> Dispatched:
    """Send what is due to one partner, at most ``limit`` messages, in order per dossier."""
    report = Dispatched()
    for kind in sorted(route.kinds):
        left = limit
        while left > 0:
            gate = circuit.gate(connection, route.sender.partner, route.clock.now())
            if gate is circuit.Gate.OPEN:
                report.circuit_open = True
                return report
            size = 1 if gate is circuit.Gate.PROBE else _TOGETHER.get(kind, 1)
            batch = claim(connection, route, kind, min(size, left))
            if not batch:
                break
            left -= len(batch)
            _send(connection, route, batch, report, probing=gate is circuit.Gate.PROBE)
    return report


def claim(connection: Connection, route: Route, kind: Kind, limit: int) -> list[OutboundMessage]:
    """Claim what is due, oldest first; of two messages with one order key only the earlier."""
    now = route.clock.now()
    with connection.transaction():
        rows = connection.execute(
            "WITH due AS ("
            " SELECT m.message_pk FROM gateway.message m"
            " WHERE m.state = 'waiting' AND m.partner = %(partner)s AND m.kind = %(kind)s"
            "   AND m.next_attempt_at <= %(now)s"
            "   AND (m.order_key IS NULL OR NOT EXISTS ("
            "     SELECT FROM gateway.message e WHERE e.partner = m.partner AND e.order_key = m.order_key"
            "       AND e.message_pk < m.message_pk AND e.state IN ('waiting', 'sending', 'in_doubt')))"
            " ORDER BY m.next_attempt_at, m.message_pk LIMIT %(limit)s FOR UPDATE SKIP LOCKED),"
            " claimed AS ("
            " UPDATE gateway.message m SET state = 'sending', claimed_by = %(who)s,"
            "   claimed_until = clock_timestamp() + %(lease)s, tries = m.tries + 1, state_at = %(now)s,"
            "   run_pk = coalesce(%(run)s, m.run_pk)"
            " FROM due WHERE m.message_pk = due.message_pk"
            " RETURNING m.message_pk, m.message_id, m.transaction_id, m.dossier_code, m.tries, m.body_month)"
            " SELECT c.message_pk, c.message_id, c.transaction_id, c.dossier_code, c.tries, b.body"
            " FROM claimed c JOIN gateway.message_body b ON b.month = c.body_month AND b.message_pk = c.message_pk"
            " ORDER BY c.message_pk",
            {
                "partner": route.sender.partner,
                "kind": kind,
                "now": now,
                "limit": limit,
                "who": socket.gethostname(),
                "lease": _LEASE,
                "run": route.run_pk,
            },
        ).fetchall()
    return [outbound(row[0], route.sender.partner, kind, row[1], row[2], row[3], row[4], row[5]) for row in rows]


def outbound(
    message_pk: object,
    partner: str,
    kind: Kind,
    message_id: object,
    transaction_id: object,
    dossier_code: object,
    attempt: object,
    body: object,
) -> OutboundMessage:
    """An outbox row as read from the database."""
    assert isinstance(body, bytes)
    return OutboundMessage(
        message_pk=int(str(message_pk)),
        partner=partner,
        kind=kind,
        message_id=str(message_id),
        payload=json.loads(body),
        transaction_id=None if transaction_id is None else str(transaction_id),
        dossier_code=None if dossier_code is None else str(dossier_code),
        attempt=int(str(attempt)),
    )


def _send(
    connection: Connection, route: Route, batch: Sequence[OutboundMessage], report: Dispatched, *, probing: bool
) -> None:
    encoded: list[tuple[OutboundMessage, bytes]] = []
    for message in batch:
        try:
            encoded.append((message, route.sender.encode(message)))
        except GatewayError as error:
            # Nothing left us: whatever it is, it is not in doubt.
            outcome = SendOutcome(SendVerdict.REFUSED, error.code, error.explain())
            record(connection, route, [(message, outcome)], report, probing=probing)
    if not encoded:
        return
    _write_attempts(connection, route, encoded)
    chunk: list[tuple[OutboundMessage, SendOutcome]] = []
    for message, outcome in route.sender.send(encoded):
        chunk.append((message, outcome))
        if len(chunk) >= 500:
            record(connection, route, chunk, report, probing=probing)
            chunk = []
    if chunk:
        record(connection, route, chunk, report, probing=probing)


def _write_attempts(connection: Connection, route: Route, encoded: Sequence[tuple[OutboundMessage, bytes]]) -> None:
    now = route.clock.now()
    month = vietnam_date(now).replace(day=1)
    with connection.transaction():
        connection.execute("SELECT gateway.ensure_month(%s)", (month,))
        with (
            connection.cursor() as cursor,
            cursor.copy(
                "COPY gateway.attempt (month, message_pk, attempt_no, act, started_at, request_sha256, request, run_pk)"
                " FROM STDIN (FORMAT BINARY)"
            ) as copy,
        ):
            copy.set_types(["date", "int8", "int4", "text", "timestamptz", "bytea", "bytea", "int8"])
            for message, request in encoded:
                digest = hashlib.sha256(request).digest()
                copy.write_row((month, message.message_pk, message.attempt, "send", now, digest, request, route.run_pk))
