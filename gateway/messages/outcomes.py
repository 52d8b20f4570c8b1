"""What became of attempts, written down: the message's state, its effects in the ledger, the attempt's end.

One transaction records them all, so that a worker killed at any statement leaves the message as it was claimed. What
comes after the claim has ended is kept with its attempt and moves nothing: others have asked, or sent again, since.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from gateway.messages import circuit, outbox
from gateway.messages.route import Dispatched, Route
from gateway.messages.store import Connection
from gateway.model import MessageState, OutboundMessage, OutboxRow, SendOutcome, SendVerdict

_NO_ANSWER = frozenset({SendVerdict.UNAVAILABLE, SendVerdict.IN_DOUBT})
"""For the circuit a partner that takes messages and says nothing to be believed is as silent as one that is away."""


def record(
    connection: Connection,
    route: Route,
    outcomes: Sequence[tuple[OutboundMessage, SendOutcome]],
    report: Dispatched,
    *,
    probing: bool = False,
) -> None:
    """Write what became of attempts, with its effects in the ledger, in one transaction."""
    if not outcomes:
        return
    now = route.clock.now()
    partner = route.sender.partner
    with connection.transaction():
        silences = sum(outcome.verdict in _NO_ANSWER for _, outcome in outcomes)
        if silences < len(outcomes):
            circuit.succeeded(connection, partner, now)
        is_open = silences > 0 and circuit.failed(connection, partner, route.breaker, now, times=silences)
        report.circuit_open = report.circuit_open or is_open
        _close_attempts(connection, outcomes, now)
        held = _held(connection, outcomes)
        if len(held) < len(outcomes):
            report.add("late", len(outcomes) - len(held))
            outcomes = held
        delivered = [message for message, outcome in outcomes if outcome.verdict is SendVerdict.DELIVERED]
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


def _held(
    connection: Connection, outcomes: Sequence[tuple[OutboundMessage, SendOutcome]]
) -> Sequence[tuple[OutboundMessage, SendOutcome]]:
    """The outcomes of messages that are still claimed for the very try that was made."""
    rows = connection.execute(
        "SELECT message_pk, tries FROM gateway.message WHERE message_pk = ANY(%s) AND state = 'sending'"
        " ORDER BY message_pk FOR UPDATE",
        ([message.message_pk for message, _ in outcomes],),
    ).fetchall()
    held = set(rows)
    return [item for item in outcomes if (item[0].message_pk, item[0].attempt) in held]


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
