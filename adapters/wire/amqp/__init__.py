"""AMQP 0-9-1 over pika: durable quorum queues, confirms in a window, acks in batches after the commit."""

from __future__ import annotations

from adapters.wire.amqp.draining import REASON_HEADER, Delivery, Drain, drain
from adapters.wire.amqp.publishing import Publication, Published, publish
from adapters.wire.amqp.topology import DELIVERY_LIMIT, Queue, Topology, async_peek, declare, peek

__all__ = [
    "DELIVERY_LIMIT",
    "REASON_HEADER",
    "Delivery",
    "Drain",
    "Publication",
    "Published",
    "Queue",
    "Topology",
    "async_peek",
    "declare",
    "drain",
    "peek",
    "publish",
]
