"""Where the dossier system and the gateway meet on the broker, and how its messages are taken from there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from adapters.dossier import contract
from adapters.dossier.adapter import DAYS_EXCHANGE
from adapters.wire.amqp import REASON_HEADER, Delivery, Drain, Queue, Topology, drain
from gateway.model import Kind, RawMessage
from gateway.partners import Queues

DAYS_QUEUE = "gateway.day-approved"
_IDLE = timedelta(milliseconds=500)
_FETCHED = 4000  # a batch is half of it: the fixed cost of a transaction is shared by two thousand messages


def topology(queues: Queues) -> tuple[Topology, ...]:
    """Every exchange and queue of this partner and of our own approved days; each queue has its dead letters."""
    return (
        Topology(queues.events_exchange, (Queue(queues.events_queue, (f"{contract.PREFIX}#",)),)),
        Topology(queues.gateway_exchange, (Queue(queues.gateway_queue, (f"{contract.PREFIX}gateway.#",)),)),
        Topology(DAYS_EXCHANGE, (Queue(DAYS_QUEUE, (contract.DAY_APPROVED,)),)),
    )


@dataclass(frozen=True, slots=True)
class TakenBatch:
    """Messages taken from a queue; the broker has them until ``acknowledge``, which comes after the commit."""

    messages: Sequence[RawMessage]
    _deliveries: Sequence[Delivery]
    _drain: Drain

    def acknowledge(self) -> None:
        """Let the broker forget them. Where the connection broke it does nothing: they come again, as duplicates."""
        self._drain.ack_through(self._deliveries)


@dataclass(frozen=True, slots=True)
class DossierInbox:
    """Takes the messages of one queue (of its dead letters: ``<queue>.dead``)."""

    url: str
    queue: str
    partner: str
    kind: Kind = Kind.DOSSIER_EVENT
    idle: timedelta = _IDLE

    def __repr__(self) -> str:
        return f"DossierInbox({self.queue!r})"  # the address holds a password

    def __call__(self, limit: int) -> Iterator[TakenBatch]:
        """At most ``limit`` messages, in batches; ends when the queue was empty for a moment.

        Raises Unavailable, Untrusted, NotFound (``amqp-not-found``).
        """
        with drain(self.url, self.queue, limit=limit, idle=self.idle, prefetch=_FETCHED) as taken:
            for deliveries in taken.batches():
                yield TakenBatch([self._raw(delivery) for delivery in deliveries], deliveries, taken)

    def _raw(self, delivery: Delivery) -> RawMessage:
        return RawMessage(
            partner=self.partner,
            kind=self.kind,
            body=delivery.body,
            transport_id=delivery.message_id,
            content_type=delivery.content_type,
            dead_letter_reason=str(delivery.headers.get(REASON_HEADER, "")),
        )


def dead_letters(queue: str) -> str:
    """The queue of what the broker gave up delivering from ``queue``."""
    return Queue(queue, ()).dead
