"""In doubt: a visible state that is settled by asking, never by sending on a hunch.

Asking slows with age and never stops. What moves money out is never sent again by a machine: when the partner says it
has not got it, a person decides.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.clock import vietnam_date
from gateway.errors import GatewayError, Unavailable
from gateway.messages import circuit, outbox
from gateway.messages.dispatch import outbound
from gateway.messages.outcomes import effects_of
from gateway.messages.route import Dispatched, Route
from gateway.messages.store import Connection
from gateway.model import MONEY_OUT_KINDS, Enquiry, Kind, Knowledge, MessageState, OutboundMessage

_LEASE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class _Doubtful:
    message: OutboundMessage
    enquiry_no: int


def recover(connection: Connection, route: Route) -> int:
    """Messages whose worker died: in doubt where an attempt was written, waiting again where nothing can have left."""
    now = route.clock.now()
    rows = connection.execute(
        "UPDATE gateway.message m SET state = CASE WHEN a.message_pk IS NULL THEN 'waiting' ELSE 'in_doubt' END,"
        " reason = 'claim-expired', detail = 'the worker that held it is gone', next_attempt_at = %(now)s,"
        " state_at = %(now)s, claimed_by = NULL, claimed_until = NULL"
        " FROM gateway.message s LEFT JOIN gateway.attempt a"
        "   ON a.message_pk = s.message_pk AND a.act = 'send' AND a.attempt_no = s.tries"
        " WHERE s.message_pk = m.message_pk AND s.partner = %(partner)s AND s.state = 'sending' AND m.state = 'sending'"
        "   AND s.claimed_until < clock_timestamp() RETURNING m.message_pk",
        {"now": now, "partner": route.sender.partner},
    ).fetchall()
    return len(rows)


def settle(connection: Connection, route: Route, *, limit: int = 1000) -> Dispatched:
    """Ask about messages in doubt that are due, at most ``limit``, while it is our turn; counts by what they became."""
    report = Dispatched()
    report.add("recovered", recover(connection, route))
    for _ in range(limit):
        if circuit.gate(connection, route.sender.partner, route.clock.now()) is circuit.Gate.OPEN:
            report.circuit_open = True
            break
        if route.turn.is_over:
            report.unfinished = True
            break
        doubtful = _claim(connection, route)
        if doubtful is None:
            break
        _settle_one(connection, route, doubtful, report)
    return report


def _claim(connection: Connection, route: Route) -> _Doubtful | None:
    now = route.clock.now()
    row = connection.execute(
        "WITH due AS (SELECT message_pk FROM gateway.message WHERE state = 'in_doubt' AND partner = %(partner)s"
        "   AND next_attempt_at <= %(now)s AND (claimed_until IS NULL OR claimed_until < clock_timestamp())"
        "   AND kind = ANY(%(kinds)s) ORDER BY next_attempt_at, message_pk LIMIT 1 FOR UPDATE SKIP LOCKED),"
        " claimed AS (UPDATE gateway.message m SET enquiries = m.enquiries + 1,"
        "   claimed_until = clock_timestamp() + %(lease)s"
        "   FROM due WHERE m.message_pk = due.message_pk RETURNING m.*)"
        " SELECT c.message_pk, c.kind, c.message_id, c.transaction_id, c.dossier_code, c.tries, b.body, c.enquiries"
        " FROM claimed c JOIN gateway.message_body b ON b.month = c.body_month AND b.message_pk = c.message_pk",
        {
            "partner": route.sender.partner,
            "now": now,
            "kinds": [str(kind) for kind in route.kinds],
            "lease": _LEASE,
        },
    ).fetchone()
    if row is None:
        return None
    message = outbound(row[0], route.sender.partner, Kind(str(row[1])), row[2], row[3], row[4], row[5], row[6])
    return _Doubtful(message, int(str(row[7])))


def _settle_one(connection: Connection, route: Route, doubtful: _Doubtful, report: Dispatched) -> None:
    message = doubtful.message
    partner = route.sender.partner
    try:
        enquiry = route.sender.enquire(message)
    except Unavailable as error:
        with connection.transaction():
            report.circuit_open = circuit.failed(connection, partner, route.breaker, route.clock.now())
            _record(connection, route, doubtful, Enquiry(Knowledge.UNKNOWN, error.explain()), report)
        return
    except GatewayError as error:
        enquiry = Enquiry(Knowledge.UNKNOWN, error.explain())
    with connection.transaction():
        # A web page of a proxy, or a certificate that has expired, is no proof that the partner is back.
        if enquiry.knowledge is not Knowledge.UNKNOWN:
            circuit.succeeded(connection, partner, route.clock.now())
        _record(connection, route, doubtful, enquiry, report)


def _record(connection: Connection, route: Route, doubtful: _Doubtful, enquiry: Enquiry, report: Dispatched) -> None:
    now = route.clock.now()
    message = doubtful.message
    _keep_answer(connection, route, doubtful, enquiry)
    if not _is_held(connection, doubtful):
        return report.add("late")
    reason = "in-doubt"
    at: datetime | None = now + route.backoff.wait(doubtful.enquiry_no)
    if enquiry.knowledge is Knowledge.HAS_IT:
        state, reason, at = MessageState.DELIVERED, "", None
    elif enquiry.knowledge is Knowledge.UNKNOWN:
        state = MessageState.IN_DOUBT
    elif message.kind in MONEY_OUT_KINDS:
        state, reason, at = MessageState.GIVEN_UP, "money-out-needs-a-person", None
    else:
        state, at = MessageState.WAITING, now + _pause(connection, route, message.message_pk)
    connection.execute(
        "UPDATE gateway.message SET state = %s, reason = %s, detail = %s, next_attempt_at = %s, state_at = %s,"
        " claimed_by = NULL, claimed_until = NULL, run_pk = coalesce(%s, run_pk)"
        " WHERE message_pk = %s AND state = 'in_doubt'",
        (state, reason, enquiry.detail[:2000], at, now, route.run_pk, message.message_pk),
    )
    report.add(state)
    if state is not MessageState.DELIVERED:
        rows = effects_of(connection, route, message, state, reason, enquiry.detail)
    elif route.effects is not None:
        rows = route.effects.delivered(connection, message, enquiry.facts)
    else:
        rows = []
    outbox.enqueue(connection, rows, now=now, run_pk=route.run_pk)
    report.add("outbox", len(rows))


def _is_held(connection: Connection, doubtful: _Doubtful) -> bool:
    """Whether nobody asked again, or settled it, since we did: our claim may have ended while the partner thought."""
    row = connection.execute(
        "SELECT FROM gateway.message WHERE message_pk = %s AND state = 'in_doubt' AND tries = %s AND enquiries = %s"
        " FOR UPDATE",
        (doubtful.message.message_pk, doubtful.message.attempt, doubtful.enquiry_no),
    ).fetchone()
    return row is not None


def _pause(connection: Connection, route: Route, message_pk: int) -> timedelta:
    """How long a message that got lost waits before it is sent again: not at all at first, then ever longer."""
    row = connection.execute(
        "SELECT count(*) FROM gateway.attempt WHERE message_pk = %s AND act = 'ask' AND verdict = %s",
        (message_pk, str(Knowledge.HAS_IT_NOT)),
    ).fetchone()
    assert row is not None  # a count
    lost = int(str(row[0]))
    return route.backoff.wait(lost - 1) if lost > 1 else timedelta(0)


def _keep_answer(connection: Connection, route: Route, doubtful: _Doubtful, enquiry: Enquiry) -> None:
    now = route.clock.now()
    month = vietnam_date(now).replace(day=1)
    connection.execute("SELECT gateway.ensure_month(%s)", (month,))
    connection.execute(
        "INSERT INTO gateway.attempt (month, message_pk, attempt_no, act, started_at, ended_at, reply, request_sha256,"
        " verdict, detail, run_pk) VALUES (%s, %s, %s, 'ask', %s, %s, %s, %s, %s, %s, %s)",
        (month, doubtful.message.message_pk, doubtful.enquiry_no, now, now, enquiry.reply)
        + (hashlib.sha256(doubtful.message.message_id.encode()).digest(), str(enquiry.knowledge))
        + (enquiry.detail[:2000], route.run_pk),
    )
