"""What a flow works with: one connection, the business clock, this run, and the partners' configuration."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from gateway.flows.turns import Pace, Piece, take_turns
from gateway.ledger import sends
from gateway.messages import circuit, dispatch, doubt
from gateway.messages.route import Backoff, Dispatched, Route
from gateway.messages.store import Connection
from gateway.messages.turn import Turn
from gateway.model import Kind, OutboundMessage, OutboxRow, Summary
from gateway.partners import Partner
from gateway.ports import Clock, Sender


@dataclass(frozen=True, slots=True)
class Work:
    """The surroundings of one piece of work."""

    connection: Connection
    clock: Clock
    partners: Mapping[str, Partner]
    run_pk: int | None = None


@dataclass(frozen=True, slots=True)
class LedgerEffects:
    """What the ledger does about the fate of our messages."""

    partners: Mapping[str, Partner]
    clock: Clock

    def delivered(
        self, connection: Connection, message: OutboundMessage, facts: Mapping[str, object]
    ) -> Sequence[OutboxRow]:
        return sends.on_delivered(connection, message, facts, partners=self.partners, now=self.clock.now())

    def in_doubt(self, connection: Connection, message: OutboundMessage) -> None:
        sends.on_in_doubt(connection, message, self.clock.now())

    def given_up(self, connection: Connection, message: OutboundMessage, code: str, detail: str) -> Sequence[OutboxRow]:
        return sends.on_given_up(
            connection, message, code=code, detail=detail, partners=self.partners, now=self.clock.now()
        )


def route(work: Work, sender: Sender, only: frozenset[Kind] | None = None) -> Route:
    """How messages leave through this sender, by its partner's configuration."""
    partner = work.partners.get(sender.partner)
    return Route(
        sender=sender,
        clock=work.clock,
        only=only,
        backoff=_backoff(partner),
        breaker=breaker_of(partner),
        effects=None if partner is None else LedgerEffects(work.partners, work.clock),
        run_pk=work.run_pk,
    )


def _backoff(partner: Partner | None) -> Backoff:
    if partner is None:
        return Backoff()
    retry = partner.retry
    return Backoff(retry.attempts, timedelta(seconds=retry.first_seconds), timedelta(seconds=retry.longest_seconds))


def breaker_of(partner: Partner | None) -> circuit.Breaker:
    """The circuit breaker of its configuration; the default one where there is none."""
    if partner is None:
        return circuit.Breaker()
    return circuit.Breaker(partner.circuit.failures, timedelta(seconds=partner.circuit.open_seconds))


def waiting_kinds(work: Work) -> frozenset[Kind]:
    """Kinds of which a message could be sent now: due, not behind another of its order, its circuit not open."""
    rows = work.connection.execute(
        "SELECT DISTINCT m.kind FROM gateway.message m LEFT JOIN gateway.circuit c USING (partner)"
        " WHERE m.state = 'waiting' AND m.next_attempt_at <= %(now)s"
        " AND (c.open_until IS NULL OR c.open_until <= %(now)s)"
        " AND (m.order_key IS NULL OR NOT EXISTS (SELECT FROM gateway.message e WHERE e.partner = m.partner"
        "   AND e.order_key = m.order_key AND e.message_pk < m.message_pk"
        "   AND e.state IN ('waiting', 'sending', 'in_doubt')))",
        {"now": work.clock.now()},
    ).fetchall()
    return frozenset(Kind(str(row[0])) for row in rows)


def send_due(
    work: Work, senders: Sequence[Sender], only: frozenset[Kind] | None = None, *, pace: Pace | None = None
) -> Summary:
    """Settle what is in doubt by asking, then send what is due; ``more`` where the run ended before it was done.

    A partner that is away blocks no other, nor does one that is slow: every partner has its turns, and with it each of
    its kinds and its questions.
    """
    counts: dict[str, int] = {}
    left_in_peace: set[str] = set()

    def piece(act: Callable[[Connection, Route], Dispatched], way: Route) -> Piece:
        def take(turn: Turn) -> bool:
            report = act(work.connection, replace(way, turn=turn))
            for name, count in report.counts.items():
                counts[name] = counts.get(name, 0) + count
            if report.circuit_open:
                left_in_peace.add(way.sender.partner)
            return report.unfinished

        return take

    pieces = []
    for sender in senders:
        way = route(work, sender, only)
        pieces.append(piece(doubt.settle, way))
        pieces += [piece(dispatch.dispatch, replace(way, only=frozenset({kind}))) for kind in sorted(way.kinds)]
    more = take_turns(pieces, pace or Pace())
    if left_in_peace:
        counts["circuits_open"] = len(left_in_peace)
    return Summary(counts, more=more)
