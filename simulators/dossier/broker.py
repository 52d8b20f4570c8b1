"""The dossier system at the broker: publishing with confirms, and a consumer that acks after its own commit."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pika
from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import AMQPError, NackError, UnroutableError

from simulators.control import CannotAct

CONTENT_TYPE = "application/jose"


@dataclass(frozen=True, slots=True)
class Parcel:
    """One AMQP message: the body as it goes, and the id that the transport (nobody else) knows it by."""

    body: bytes
    transport_id: str
    routing_key: str
    content_type: str = CONTENT_TYPE


def publish(url: str, exchange: str, parcels: Sequence[Parcel]) -> None:
    """Publish all, each confirmed by the broker. Raises CannotAct where the exchange is not there or routes nowhere."""
    try:
        connection = pika.BlockingConnection(pika.URLParameters(url))
    except AMQPError as error:
        raise CannotAct(f"the broker does not answer: {type(error).__name__}") from error
    try:
        channel = connection.channel()
        channel.confirm_delivery()
        for parcel in parcels:
            properties = pika.BasicProperties(
                content_type=parcel.content_type, message_id=parcel.transport_id, delivery_mode=2
            )
            channel.basic_publish(exchange, parcel.routing_key, parcel.body, properties, mandatory=True)
    except (UnroutableError, NackError, AMQPError) as error:
        raise CannotAct(f"the exchange {exchange!r} took nothing: {type(error).__name__}") from error
    finally:
        if connection.is_open:
            connection.close()


class Consumer:
    """Takes what the gateway says, for ever, in a thread. Waits for the queue (the gateway declares it)."""

    def __init__(self, url: str, queue: str, take: Callable[[bytes, str], None]) -> None:
        self._url, self._queue, self._take = url, queue, take
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="consumer", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Ends after the message in hand."""
        self._stopping.set()
        self._thread.join(timeout=10)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._consume()
            except AMQPError as error:
                sys.stderr.write(f"dossier: waits for the queue {self._queue}: {type(error).__name__}\n")
                self._stopping.wait(0.5)

    def _consume(self) -> None:
        connection = pika.BlockingConnection(pika.URLParameters(self._url))
        try:
            channel: BlockingChannel = connection.channel()
            channel.queue_declare(self._queue, passive=True)
            channel.basic_qos(prefetch_count=200)
            for method, properties, body in channel.consume(self._queue, inactivity_timeout=0.2):
                if self._stopping.is_set():
                    break
                if method is not None:
                    self._take(body or b"", (properties.message_id if properties else "") or "")
                    channel.basic_ack(method.delivery_tag)
        finally:
            if connection.is_open:
                connection.close()
