"""AMQP publishing and draining of 2 KB messages on a quorum queue of a real RabbitMQ node, beside bare pika."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pika

from adapters.wire import amqp
from bench.row import Row
from gateway.local import rabbitmq

COUNT = 40_000
WINDOW = 1000
BODY = b'{"dossier": "000.00.00.H49-261124-0001"}'.ljust(2048)
_QUEUE = "bench.events"
_TOPOLOGY = amqp.Topology("bench", [amqp.Queue(_QUEUE, ["event"])])
_PERSISTENT = 2


@contextmanager
def private_broker() -> Iterator[str]:
    """The address of a node of our own, with the bench's topology."""
    with tempfile.TemporaryDirectory() as name:
        node = rabbitmq.start(Path(name))
        try:
            amqp.declare(node.url(), _TOPOLOGY)
            yield node.url()
        finally:
            node.stop()


def rows(count: int = COUNT) -> Sequence[Row]:
    """Publish with confirms, then drain with acks in batches, both beside bare pika."""
    with private_broker() as url:
        ours, bare = 0.0, 0.0
        for _ in range(2):
            ours = max(ours, count / _published(url, count))
            bare = max(bare, count / _published_bare(url, count))
        drained = 2 * count / _drained(url, 2 * count)
        bare_drained = 2 * count / _drained_bare(url, 2 * count)
    return [
        _row("AMQP publish with confirms, 2 KB", ours, "bare pika, window of 1000", bare, 0.5),
        _row("AMQP drain, ack in batches, 2 KB", drained, "bare pika, prefetch 500", bare_drained, 0.5),
    ]


def _published(url: str, count: int) -> float:
    publications = [amqp.Publication("bench", "event", BODY, f"event-{number}") for number in range(count)]
    started = time.perf_counter()
    confirmed = sum(outcome.ok for outcome in amqp.publish(url, publications, window=WINDOW))
    assert confirmed == count
    return time.perf_counter() - started


def _published_bare(url: str, count: int) -> float:
    state: dict[str, Any] = {"sent": 0, "confirmed": 0}
    properties = pika.BasicProperties(delivery_mode=_PERSISTENT)

    def fill(channel: Any) -> None:
        while state["sent"] < count and state["sent"] - state["confirmed"] < WINDOW:
            channel.basic_publish("bench", "event", BODY, properties)
            state["sent"] += 1

    def on_channel(channel: Any) -> None:
        def on_confirm(frame: Any) -> None:
            state["confirmed"] = frame.method.delivery_tag
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


def _drained(url: str, count: int) -> float:
    started, found = time.perf_counter(), 0
    with amqp.drain(url, _QUEUE, limit=count, idle=timedelta(seconds=5)) as drain:
        for batch in drain.batches():
            found += len(batch)
            drain.ack_through(batch)
    assert found == count
    return time.perf_counter() - started


def _drained_bare(url: str, count: int) -> float:
    found = 0

    def on_channel(channel: Any) -> None:
        def on_message(_: Any, method: Any, __: Any, ___: bytes) -> None:
            nonlocal found
            found += 1
            if found % 250 == 0:
                channel.basic_ack(method.delivery_tag, multiple=True)
            if found == count:
                connection.close()

        channel.basic_qos(prefetch_count=500)
        channel.basic_consume(_QUEUE, on_message)

    connection = pika.SelectConnection(
        pika.URLParameters(url),
        on_open_callback=lambda opened: opened.channel(on_open_callback=on_channel),
        on_close_callback=lambda closed, _: closed.ioloop.stop(),
    )
    started = time.perf_counter()
    connection.ioloop.start()
    return time.perf_counter() - started


def _row(name: str, value: float, reference: str, reference_value: float, target: float) -> Row:
    ratio = value / reference_value
    return {
        "name": name,
        "value": round(value),
        "unit": "messages/s",
        "reference": reference,
        "reference_value": round(reference_value),
        "ratio": round(ratio, 2),
        "target": f">= {target} of the reference",
        "met": ratio >= target,
    }
