"""Events of the dossier system: a bounded batch from the queue, stored, verified, applied, then acknowledged."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from gateway.flows.wiring import Work
from gateway.ledger.events import apply_dossier_events
from gateway.messages import receipts, receive, store
from gateway.messages.judging import Believed
from gateway.messages.store import Connection
from gateway.model import Applied, DossierEvent, OutboxRow, RawMessage, Summary
from gateway.ports import Reader


class Batch(Protocol):
    """Messages taken from a queue and not acknowledged yet."""

    @property
    def messages(self) -> Sequence[RawMessage]: ...

    def acknowledge(self) -> None:
        """They are committed: the broker may forget them."""
        ...


Drain = Callable[[int], Iterator[Batch]]
"""Takes at most so many messages from a queue, in batches; what is not acknowledged comes again."""


@dataclass(frozen=True, slots=True)
class _ApplyEvents:
    work: Work

    def __call__(self, connection: Connection, believed: Believed) -> tuple[Sequence[Applied], Sequence[OutboxRow]]:
        events = []
        for item, incoming in believed:
            assert isinstance(incoming.content, DossierEvent)  # what the dossier reader decodes
            events.append((item.message_pk, incoming.content))
        return apply_dossier_events(connection, events, partners=self.work.partners, now=self.work.clock.now())


def inbox(work: Work, reader: Reader, issuer: receipts.Issuer) -> receive.Inbox:
    """How dossier events are believed, applied and answered."""
    return receive.Inbox(reader, _ApplyEvents(work), work.clock, work.run_pk, issuer)


def drain(
    work: Work, events: Drain, dead_letters: Drain, reader: Reader, issuer: receipts.Issuer, *, limit: int
) -> Summary:
    """Apply at most ``limit`` events; what an interrupted run left stored is finished first."""
    way = inbox(work, reader, issuer)
    total = receive.resume(work.connection, "dossier", way)
    taken = 0
    for batch in events(limit):
        total.merge(receive.receive(work.connection, batch.messages, way))
        batch.acknowledge()
        taken += len(batch.messages)
    for batch in dead_letters(limit):
        # Delivered too often without an acknowledgement: kept with its bytes, for a person.
        store.store(
            work.connection,
            batch.messages,
            now=work.clock.now(),
            run_pk=work.run_pk,
            dead_letter_reason="the broker delivered it too often without an acknowledgement",
        )
        batch.acknowledge()
        total.counts["dead_lettered"] = total.counts.get("dead_lettered", 0) + len(batch.messages)
    return Summary({**total.counts, "outbox": total.outbox_rows}, more=taken >= limit)
