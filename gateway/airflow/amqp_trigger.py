"""Starts a run when a RabbitMQ queue has messages: the scheme ``gateway+amqp`` of Airflow's ``MessageQueueTrigger``.

The trigger lives in the triggerer's event loop, so it only looks, and in a thread: the run does the draining. The
broker's address comes from the gateway's settings and is never a part of the trigger, which Airflow stores.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from typing import Any

from airflow.providers.common.messaging.providers.base_provider import BaseMessageQueueProvider
from airflow.triggers.base import BaseEventTrigger, TriggerEvent

from gateway.errors import GatewayError

SCHEME = "gateway+amqp"
LONGEST_PAUSE_SECONDS = 60.0


class AmqpQueueTrigger(BaseEventTrigger):
    """Fires when messages wait, when more have come, and every ``repeat_seconds`` while some still wait."""

    def __init__(self, queue_name: str, poll_seconds: float = 1.0, repeat_seconds: float = 30.0) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # Airflow's own
        self.queue_name = queue_name
        self.poll_seconds = poll_seconds
        self.repeat_seconds = repeat_seconds

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Where the class is and how to build it again: no address, no password."""
        return (
            "gateway.airflow.amqp_trigger.AmqpQueueTrigger",
            {
                "queue_name": self.queue_name,
                "poll_seconds": self.poll_seconds,
                "repeat_seconds": self.repeat_seconds,
            },
        )

    def look(self) -> int:
        """How many messages wait. Raises ``GatewayError`` when the broker or the queue is not there."""
        from gateway.bootstrap import queue_depth

        return queue_depth(self.queue_name)

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Look, for ever. A broker that is away is looked for more and more slowly, and the reason is logged."""
        # Every look is a connection, and the client tells ten lines about each of them.
        logging.getLogger("pika").setLevel(logging.WARNING)
        told, told_at, pause = 0, 0.0, self.poll_seconds
        clock = asyncio.get_running_loop().time
        while True:
            try:
                depth = await asyncio.to_thread(self.look)
                pause = self.poll_seconds
            except GatewayError as error:
                pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
                self.log.warning("%s; looking again in %.0f s", error.explain(), pause)
                await asyncio.sleep(pause)
                continue
            if depth > told or (depth and clock() - told_at >= self.repeat_seconds):
                told_at = clock()
                yield TriggerEvent({"queue": self.queue_name, "depth": depth})  # type: ignore[no-untyped-call]  # Airflow's
            told = depth
            await asyncio.sleep(pause)


class AmqpQueueProvider(BaseMessageQueueProvider):
    """Makes ``MessageQueueTrigger(scheme="gateway+amqp", queue_name=…)`` an ``AmqpQueueTrigger``."""

    scheme = SCHEME

    def trigger_class(self) -> type[BaseEventTrigger]:
        """The class that does the looking."""
        return AmqpQueueTrigger
