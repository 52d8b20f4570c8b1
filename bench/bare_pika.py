"""The least that publishing with confirms costs: pika's SelectConnection and a window of unconfirmed messages."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import pika

WINDOW = 1000
_PERSISTENT = 2


def publish_bare(url: str, exchange: str, routing_key: str, bodies: Sequence[bytes], count: int) -> float:
    """Seconds to publish ``count`` persistent messages (``bodies``, again and again) until the last confirm."""
    state: dict[str, Any] = {"sent": 0, "confirmed": 0}
    properties = pika.BasicProperties(delivery_mode=_PERSISTENT)

    def fill(channel: Any) -> None:
        while state["sent"] < count and state["sent"] - state["confirmed"] < WINDOW:
            channel.basic_publish(exchange, routing_key, bodies[state["sent"] % len(bodies)], properties)
            state["sent"] += 1

    def on_channel(channel: Any) -> None:
        def on_confirm(frame: Any) -> None:
            assert frame.method.NAME == "Basic.Ack"
            state["confirmed"] = max(state["confirmed"], frame.method.delivery_tag)
            fill(channel)
            if state["confirmed"] == count:
                connection.close()

        channel.confirm_delivery(on_confirm)
        fill(channel)

    connection = pika.SelectConnection(
        pika.URLParameters(url),
        on_open_callback=lambda opened: opened.channel(on_open_callback=on_channel),
        on_close_callback=lambda closed, _: closed.ioloop.stop(),
    )
    started = time.perf_counter()
    connection.ioloop.start()
    return time.perf_counter() - started
