"""The exchange, its quorum queues and where their dead letters go; how many messages wait."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from adapters.wire.amqp.session import opened

DELIVERY_LIMIT = 3
"""A message that came back this often is dead-lettered at its next return (issue 2: poison messages)."""


@dataclass(frozen=True, slots=True)
class Queue:
    """A queue and the routing keys (topic patterns) that lead to it. Its dead letters go to ``<name>.dead``."""

    name: str
    routing_keys: Sequence[str]

    @property
    def dead(self) -> str:
        return f"{self.name}.dead"


@dataclass(frozen=True, slots=True)
class Topology:
    """One topic exchange, its queues, and the direct exchange ``<exchange>.dead`` for what nobody could take."""

    exchange: str
    queues: Sequence[Queue]

    @property
    def dead_exchange(self) -> str:
        return f"{self.exchange}.dead"


def declare(url: str, topology: Topology) -> None:
    """Make what is absent; everything is durable and replicated. Doing it again changes nothing.

    Raises Unavailable, Untrusted, and ConfigurationError (``amqp-declared-otherwise``) where something of the same name
    exists with other properties.
    """
    session = opened(url)
    try:
        channel = session.channel
        for name, kind in ((topology.exchange, "topic"), (topology.dead_exchange, "direct")):
            session.call(channel.exchange_declare, exchange=name, exchange_type=kind, durable=True)
        for queue in topology.queues:
            dead = {"x-queue-type": "quorum"}
            session.call(channel.queue_declare, queue=queue.dead, durable=True, arguments=dead)
            session.call(channel.queue_bind, queue=queue.dead, exchange=topology.dead_exchange, routing_key=queue.name)
            session.call(channel.queue_declare, queue=queue.name, durable=True, arguments=_arguments(topology, queue))
            for key in queue.routing_keys:
                session.call(channel.queue_bind, queue=queue.name, exchange=topology.exchange, routing_key=key)
    finally:
        session.close()


def _arguments(topology: Topology, queue: Queue) -> dict[str, object]:
    return {
        "x-queue-type": "quorum",
        "x-delivery-limit": DELIVERY_LIMIT,
        "x-dead-letter-exchange": topology.dead_exchange,
        "x-dead-letter-routing-key": queue.name,
        # Dead letters are moved with confirms; RabbitMQ allows that only for queues that refuse when full.
        "x-dead-letter-strategy": "at-least-once",
        "x-overflow": "reject-publish",
    }


def peek(url: str, queue: str) -> int:
    """How many messages are ready in a queue. Raises Unavailable, Untrusted, NotFound (``amqp-not-found``)."""
    session = opened(url)
    try:
        return int(session.call(session.channel.queue_declare, queue=queue, passive=True).message_count)
    finally:
        session.close()


async def async_peek(url: str, queue: str) -> int:
    """``peek`` beside an event loop: in a thread, so that the loop goes on."""
    return await asyncio.to_thread(peek, url, queue)
