"""What became of payments that are not settled yet: banks and the platform are asked, more slowly with age."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gateway.errors import GatewayError
from gateway.flows.turns import Pace, Piece, take_turns
from gateway.flows.wiring import Work, breaker_of
from gateway.ledger.payments import record_statuses
from gateway.ledger.pending import due_enquiries
from gateway.messages import circuit, receive, unreadable_answers
from gateway.messages.judging import Believed
from gateway.messages.store import Connection
from gateway.messages.turn import Turn
from gateway.model import Applied, Kind, OutboxRow, PaymentStatus, Summary
from gateway.ports import PaymentEnquirer, Reader

_AT_MOST = 500


@dataclass(frozen=True, slots=True)
class _RecordStatuses:
    work: Work

    def __call__(self, connection: Connection, believed: Believed) -> tuple[Sequence[Applied], Sequence[OutboxRow]]:
        statuses = []
        for item, incoming in believed:
            assert isinstance(incoming.content, PaymentStatus)  # what payment readers decode
            statuses.append((item.message_pk, incoming.content))
        return record_statuses(connection, statuses, partners=self.work.partners, now=self.work.clock.now())


def ask(work: Work, ways: Mapping[str, tuple[PaymentEnquirer, Reader]], *, pace: Pace | None = None) -> Summary:
    """Ask about every payment request of these partners that is due; answers are stored before they are read.

    A partner whose circuit is open is not asked, nor is one any longer whose circuit opens meanwhile; one that is away,
    slow or answers garbage blocks no other and no other request, and is asked again at the request's next time. An
    answer that cannot be read (``unreadable``) waits for people; its bytes are kept once, however often they come.
    """
    counts: dict[str, int] = {"asked": 0, "unanswered": 0, "unreadable": 0, "outbox": 0}
    for partner in ways:
        _count(
            counts, receive.resume(work.connection, partner, _inbox(work, ways[partner][1]), kind=Kind.PAYMENT_STATUS)
        )

    def piece(partner: str) -> Piece:
        def take(turn: Turn) -> bool:
            while counts["asked"] < _AT_MOST:
                if turn.is_over:
                    return True
                if not _ask_one(work, partner, ways[partner], counts):
                    return False
            return False

        return take

    now = work.clock.now()
    asked = [
        name
        for name in work.partners
        if name in ways and circuit.gate(work.connection, name, now) is not circuit.Gate.OPEN
    ]
    more = take_turns([piece(partner) for partner in asked], pace or Pace())
    return Summary(counts, more=more or counts["asked"] >= _AT_MOST)


def _ask_one(work: Work, partner: str, way: tuple[PaymentEnquirer, Reader], counts: dict[str, int]) -> bool:
    """Ask about the next request that is due; False where none is, or where the partner's circuit opened."""
    enquirer, reader = way
    now = work.clock.now()
    with work.connection.transaction():  # one at a time: what a silent partner is not asked stays due
        due = due_enquiries(work.connection, now, {partner: work.partners[partner]}, limit=1)
    if not due:
        return False
    ((_, reference, request),) = due
    counts["asked"] += 1
    try:
        answer = enquirer.ask(reference, request=request)
    except GatewayError:
        # Its next time is set already; the circuit keeps the state of the partner.
        counts["unanswered"] += 1
        return not circuit.failed(work.connection, partner, breaker_of(work.partners[partner]), now)
    received, unreadable = unreadable_answers.take(work.connection, answer, _inbox(work, reader), reference=reference)
    if not unreadable:  # a page of a proxy is no proof that the partner is back
        circuit.succeeded(work.connection, partner, now)
    counts["unreadable"] += unreadable
    _count(counts, received)
    return True


def _inbox(work: Work, reader: Reader) -> receive.Inbox:
    return receive.Inbox(reader, _RecordStatuses(work), work.clock, work.run_pk)


def _count(counts: dict[str, int], received: receive.Received) -> None:
    for state, count in received.counts.items():
        counts[state] = counts.get(state, 0) + count
    counts["outbox"] += received.outbox_rows
