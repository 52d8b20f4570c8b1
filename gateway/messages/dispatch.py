"""Out: claim -> encode -> sign -> send -> delivered; or in doubt, waiting again, given up.

The bytes of every attempt are committed before they leave. A time-out is neither success nor failure: the message is
in doubt and ``gateway.messages.doubt`` asks before anything is sent again. Any step may be killed: where a claim ran
out the message is in doubt, too, if the bytes of its attempt are there, and waits again if nothing can have left.
"""

from __future__ import annotations

import hashlib
import json
import socket
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from itertools import islice

from gateway.clock import vietnam_date
from gateway.errors import GatewayError
from gateway.messages import circuit
from gateway.messages.outcomes import record
from gateway.messages.overlap import prompt_switching
from gateway.messages.route import Dispatched, Route
from gateway.messages.store import Connection
from gateway.model import Kind, OutboundMessage, SendOutcome, SendVerdict

Encoded = tuple[OutboundMessage, bytes]
Outcome = tuple[OutboundMessage, SendOutcome]

_LEASE = timedelta(minutes=15)
_RECORDED = 500
_STREAMED = 1000  # a batch of so many is followed by more: claiming, sending and recording go on side by side
_TOGETHER = {
    Kind.EVENT: 2000,
    Kind.STEP_SYNC: 20,
    Kind.DOSSIER_SYNC: 5,
    Kind.PAYMENT_REQUEST_CREATE: 8,
    Kind.POSTAL_ORDER: 5,
}
"""How many messages of a kind go in one call of the sender; one by default, so that a dead partner is noticed.

Few where each is a call to the partner: one that lets every call time out must not keep a batch, whose signatures grow
old, beyond its lease, nor what it did answer unrecorded.
"""


def dispatch(connection: Connection, route: Route, *, limit: int = 20_000) -> Dispatched:
    """Send what is due to one partner, at most ``limit`` of a kind, in order per dossier, while it is its turn."""
    report = Dispatched()
    for kind in sorted(route.kinds):
        left = limit
        while left > 0:
            gate = circuit.gate(connection, route.sender.partner, route.clock.now())
            if gate is circuit.Gate.OPEN:
                report.circuit_open = True
                return report
            if route.turn.is_over:
                report.unfinished = True
                return report
            size = 1 if gate is circuit.Gate.PROBE else _TOGETHER.get(kind, 1)
            batch = claim(connection, route, kind, min(size, left))
            if not batch:
                break
            left -= len(batch)
            if len(batch) >= _STREAMED:
                left -= _stream(connection, route, batch, left, report)
            else:
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
    encoded, refused = _encoded(route, batch)
    if refused:
        record(connection, route, refused, report, probing=probing)
    if encoded:
        _write_attempts(connection, route, encoded)
        for outcomes in _sent(route, encoded):
            record(connection, route, outcomes, report, probing=probing)


def _stream(connection: Connection, route: Route, batch: list[OutboundMessage], limit: int, report: Dispatched) -> int:
    """Send ``batch`` and at most ``limit`` more that are due; how many more those were.

    One thread has the connection: while a batch is sent here, it claims the next and records the one before. Every
    promise is that of ``_send``: a batch leaves only after its attempts are committed, and nothing more is claimed
    once the circuit is not closed.
    """
    kind, size, more = batch[0].kind, len(batch), 0
    ready: list[Encoded] = []
    recorded: list[Future[None]] = []
    with prompt_switching(), ThreadPoolExecutor(1) as database:
        while batch or ready:
            following = database.submit(_claim_next, connection, route, kind, min(size, limit - more) if batch else 0)
            encoded, refused = _encoded(route, batch)
            written = database.submit(_write_attempts, connection, route, encoded)
            _raised(recorded)
            recorded = [database.submit(record, connection, route, refused, report)]
            for outcomes in _sent(route, ready):
                recorded.append(database.submit(record, connection, route, outcomes, report))
            written.result()
            ready, batch = encoded, following.result()
            more += len(batch)
        _raised(recorded)
    return more


def _claim_next(connection: Connection, route: Route, kind: Kind, limit: int) -> list[OutboundMessage]:
    wanted = limit > 0 and not route.turn.is_over
    closed = wanted and circuit.gate(connection, route.sender.partner, route.clock.now()) is circuit.Gate.CLOSED
    return claim(connection, route, kind, limit) if closed else []


def _raised(recorded: Sequence[Future[None]]) -> None:
    """Raise what the recording of an earlier batch raised."""
    for one in recorded:
        one.result()


def _encoded(route: Route, batch: Sequence[OutboundMessage]) -> tuple[list[Encoded], list[Outcome]]:
    encoded: list[Encoded] = []
    refused: list[Outcome] = []
    for message in batch:
        try:
            encoded.append((message, route.sender.encode(message)))
        except GatewayError as error:
            # Nothing left us: whatever it is, it is not in doubt.
            refused.append((message, SendOutcome(SendVerdict.REFUSED, error.code, error.explain())))
    return encoded, refused


def _sent(route: Route, encoded: Sequence[Encoded]) -> Iterator[list[Outcome]]:
    """The outcomes of one call of the sender, as they become known."""
    outcomes = iter(route.sender.send(encoded) if encoded else ())
    while chunk := list(islice(outcomes, _RECORDED)):
        yield chunk


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
