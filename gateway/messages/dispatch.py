"""Out: claim -> encode -> sign -> send -> delivered; or in doubt, waiting again, given up.

The bytes of every attempt are committed before they leave. A time-out is neither success nor failure: the message is
in doubt and ``gateway.messages.doubt`` asks before anything is sent again. Any step may be killed: a claim whose lease
ran out is in doubt, too.
"""

from __future__ import annotations

import hashlib
import json
import random
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from gateway.clock import vietnam_date
from gateway.errors import GatewayError
from gateway.messages import circuit, outbox
from gateway.messages.store import Connection
from gateway.model import Kind, MessageState, OutboundMessage, OutboxRow, SendOutcome, SendVerdict
from gateway.ports import Clock, Sender

_LEASE = timedelta(minutes=15)
_TOGETHER = {
    Kind.EVENT: 2000,
    Kind.STEP_SYNC: 100,
    Kind.DOSSIER_SYNC: 50,
    Kind.PAYMENT_REQUEST_CREATE: 20,
    Kind.POSTAL_ORDER: 20,
}
"""How many messages of a kind go in one call of the sender; one by default, so that a dead partner is noticed."""


@dataclass(frozen=True, slots=True)
class Backoff:
    """Doubling, jittered waits between ``first`` and ``longest``; ``attempts`` sends at most."""

    attempts: int = 12
    first: timedelta = timedelta(seconds=30)
    longest: timedelta = timedelta(hours=1)

    def wait(self, tries: int) -> timedelta:
        """The wait after the ``tries``-th try (1 is the first), jittered down by up to a half."""
        doubled = min(self.first * (1 << min(max(tries - 1, 0), 20)), self.longest)
        return doubled * random.uniform(0.5, 1.0)  # noqa: S311 - jitter, not a secret


class Effects(Protocol):
    """What the ledger does about the fate of a message, in the transaction that records it; others who must hear."""

    def delivered(
        self, connection: Connection, message: OutboundMessage, facts: Mapping[str, object]
    ) -> Sequence[OutboxRow]: ...

    def in_doubt(self, connection: Connection, message: OutboundMessage) -> None: ...

    def given_up(
        self, connection: Connection, message: OutboundMessage, code: str, detail: str
    ) -> Sequence[OutboxRow]: ...


@dataclass(frozen=True, slots=True)
class Route:
    """How messages leave to one partner, and what the ledger does when the partner has one.

    ``only`` narrows the sender's kinds to those of one flow.
    """

    sender: Sender
    clock: Clock
    only: frozenset[Kind] | None = None
    backoff: Backoff = field(default_factory=Backoff)
    breaker: circuit.Breaker = field(default_factory=circuit.Breaker)
    effects: Effects | None = None
    run_pk: int | None = None

    @property
    def kinds(self) -> frozenset[Kind]:
        return self.sender.kinds if self.only is None else self.sender.kinds & self.only


@dataclass(slots=True)
class Dispatched:
    """Counts by outcome; ``circuit_open`` where the partner is left in peace for now."""

    counts: dict[str, int] = field(default_factory=dict)
    circuit_open: bool = False

    def add(self, name: str, count: int = 1) -> None:
        self.counts[name] = self.counts.get(name, 0) + count


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


def record(
    connection: Connection,
    route: Route,
    outcomes: Sequence[tuple[OutboundMessage, SendOutcome]],
    report: Dispatched,
    *,
    probing: bool = False,
) -> None:
    """Write what became of attempts, with its effects in the ledger, in one transaction."""
    now = route.clock.now()
    partner = route.sender.partner
    with connection.transaction():
        answered = [item for item in outcomes if item[1].verdict is not SendVerdict.UNAVAILABLE]
        silent = [item for item in outcomes if item[1].verdict is SendVerdict.UNAVAILABLE]
        if any(outcome.verdict in (SendVerdict.DELIVERED, SendVerdict.REFUSED) for _, outcome in answered):
            circuit.succeeded(connection, partner, now)
        is_open = False
        for _ in silent:
            is_open = circuit.failed(connection, partner, route.breaker, now) or is_open
        report.circuit_open = report.circuit_open or is_open
        _close_attempts(connection, outcomes, now)
        delivered = [message for message, outcome in answered if outcome.verdict is SendVerdict.DELIVERED]
        _move(connection, delivered, MessageState.DELIVERED, now)
        report.add(MessageState.DELIVERED, len(delivered))
        rows: list[OutboxRow] = []
        for message, outcome in outcomes:
            if outcome.verdict is SendVerdict.DELIVERED:
                if route.effects is not None:
                    rows.extend(route.effects.delivered(connection, message, outcome.facts))
                continue
            state = _not_delivered(connection, route, message, outcome, now, free=probing or is_open)
            report.add(state)
            rows.extend(effects_of(connection, route, message, state, outcome.code, outcome.detail))
        outbox.enqueue(connection, rows, now=now, run_pk=route.run_pk)
        report.add("outbox", len(rows))


def effects_of(
    connection: Connection, route: Route, message: OutboundMessage, state: MessageState, code: str, detail: str
) -> Sequence[OutboxRow]:
    """The ledger's part where a message was not delivered; what others must hear."""
    if route.effects is None:
        return []
    if state is MessageState.IN_DOUBT:
        route.effects.in_doubt(connection, message)
    if state is MessageState.GIVEN_UP:
        return route.effects.given_up(connection, message, code, detail)
    return []


def _not_delivered(
    connection: Connection, route: Route, message: OutboundMessage, outcome: SendOutcome, now: datetime, *, free: bool
) -> MessageState:
    """The state of a message that was not delivered. With ``free`` its attempt is not counted (circuit open, probe)."""
    reason, detail = outcome.code or str(outcome.verdict), outcome.detail
    if outcome.verdict is SendVerdict.IN_DOUBT:
        state, at = MessageState.IN_DOUBT, now + route.backoff.wait(1)
    elif outcome.verdict is SendVerdict.REFUSED:
        state, at = MessageState.GIVEN_UP, None
    else:
        counted = _count_attempt(connection, message) if not free else 1
        state, at = MessageState.WAITING, now + route.backoff.wait(counted)
        if not free and counted >= route.backoff.attempts:
            state, at, reason = MessageState.GIVEN_UP, None, "too-many-attempts"
    connection.execute(
        "UPDATE gateway.message SET state = %s, reason = %s, detail = %s, next_attempt_at = %s, state_at = %s,"
        " claimed_by = NULL, claimed_until = NULL WHERE message_pk = %s AND state = 'sending'",
        (state, reason, detail[:2000], at, now, message.message_pk),
    )
    return state


def _count_attempt(connection: Connection, message: OutboundMessage) -> int:
    row = connection.execute(
        "UPDATE gateway.message SET attempts = attempts + 1 WHERE message_pk = %s RETURNING attempts",
        (message.message_pk,),
    ).fetchone()
    assert row is not None  # it was claimed by us
    return int(str(row[0]))


def _move(connection: Connection, messages: Sequence[OutboundMessage], state: MessageState, now: datetime) -> None:
    if messages:
        connection.execute(
            "UPDATE gateway.message SET state = %s, reason = '', detail = '', next_attempt_at = NULL,"
            " claimed_by = NULL, claimed_until = NULL, state_at = %s WHERE message_pk = ANY(%s)",
            (state, now, [message.message_pk for message in messages]),
        )


def _close_attempts(
    connection: Connection, outcomes: Sequence[tuple[OutboundMessage, SendOutcome]], now: datetime
) -> None:
    """Write what became of attempts. Plain deliveries, of which a batch of events has thousands, are one statement."""
    plain: dict[int, list[int]] = {}
    for message, outcome in outcomes:
        if outcome == SendOutcome(SendVerdict.DELIVERED):
            plain.setdefault(message.attempt, []).append(message.message_pk)
    for attempt_no, message_pks in plain.items():
        connection.execute(
            "UPDATE gateway.attempt SET ended_at = %s, verdict = %s WHERE message_pk = ANY(%s) AND attempt_no = %s"
            " AND act = 'send' AND ended_at IS NULL",
            (now, str(SendVerdict.DELIVERED), message_pks, attempt_no),
        )
    told = [item for item in outcomes if item[1] != SendOutcome(SendVerdict.DELIVERED)]
    if not told:
        return
    keys = [message.message_pk for message, _ in told]
    connection.execute(
        "UPDATE gateway.attempt a SET ended_at = %s, reply = v.reply, verdict = v.verdict, code = v.code,"
        " detail = v.detail FROM unnest(%s::bigint[], %s::int[], %s::bytea[], %s::text[], %s::text[], %s::text[])"
        " AS v (message_pk, attempt_no, reply, verdict, code, detail)"
        " WHERE a.message_pk = ANY(%s) AND a.message_pk = v.message_pk AND a.attempt_no = v.attempt_no"
        " AND a.act = 'send' AND a.ended_at IS NULL",
        (
            now,
            keys,
            [message.attempt for message, _ in told],
            [outcome.reply for _, outcome in told],
            [str(outcome.verdict) for _, outcome in told],
            [outcome.code for _, outcome in told],
            [outcome.detail[:2000] for _, outcome in told],
            keys,
        ),
    )
