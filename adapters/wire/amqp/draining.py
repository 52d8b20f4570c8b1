"""Draining a queue in batches: the broker forgets a message only after the caller committed it.

Nothing is fetched that the drain will not hand out: a message given back unread counts as a failed delivery, and after
``DELIVERY_LIMIT`` of those the broker would dead-letter an innocent one.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pika

from adapters.wire.amqp.session import ANSWER_SECONDS, Session, opened
from adapters.wire.amqp.topology import DELIVERY_LIMIT
from gateway.errors import GatewayError, InDoubt, Unavailable

RECONNECTS = 6
REASON_HEADER = "x-gateway-reason"
_LINGER_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message as it came. ``delivery_count`` says how often it came before and was not acknowledged."""

    body: bytes = field(repr=False)
    message_id: str
    headers: Mapping[str, Any]
    routing_key: str
    content_type: str
    delivery_tag: int
    redelivered: bool
    delivery_count: int
    session: int = 0
    """The number of the connection it came by: a tag of an earlier one means nothing any more."""


@contextmanager
def drain(
    url: str, queue: str, *, limit: int, idle: timedelta, prefetch: int = 500, dead_exchange: str = ""
) -> Iterator[Drain]:
    """A drain of at most ``limit`` messages that ends when none came for ``idle``; use it ``with``.

    ``dead_exchange`` is where ``reject`` sends to (default: the queue's own dead queue, directly). Raises
    Unavailable, Untrusted, NotFound (``amqp-not-found``, no such queue).
    """
    opened_drain = Drain(url, queue, limit=limit, idle=idle, prefetch=min(prefetch, limit), dead_exchange=dead_exchange)
    try:
        yield opened_drain
    finally:
        opened_drain.close()


class Drain:
    """Made by ``drain``. Used from one thread."""

    def __init__(self, url: str, queue: str, *, limit: int, idle: timedelta, prefetch: int, dead_exchange: str) -> None:
        self._url, self._queue, self._dead_exchange = url, queue, dead_exchange
        self._limit, self._idle, self._prefetch = limit, idle.total_seconds(), prefetch
        self._buffer: deque[Delivery] = deque()
        self._handed_out = 0
        # Of the current subscription: what it may hand out, what of that is acknowledged, how much may be on its way.
        self._allowance = self._settled = self._credit = self._arrived = 0
        # Committed and not acknowledged yet: the broker would send more than is wanted.
        self._held: Delivery | None = None
        self._number = 0
        self._tag = ""
        self._consuming = False
        self._confirms: list[bool] = []
        self._session = self._subscribe(attempts=1)

    def batches(self) -> Iterator[Sequence[Delivery]]:
        """Batches of at most ``prefetch`` messages. Acknowledge or reject one before asking for the next.

        A lost connection is made again (bounded, with growing waits); what was not acknowledged comes again. Raises
        Unavailable where that does not help, ConfigurationError, NotFound.
        """
        quiet_since, ending, losses = time.monotonic(), False, 0
        while True:
            full = self._session.run_until(lambda: len(self._buffer) >= self._batch, _LINGER_SECONDS)
            if self._consuming and self._all_here and self._session.lost is None:
                self._stop()
            if self._session.lost is not None:
                if not self._consuming:
                    return  # the last messages had no acknowledgement yet: they come again, in another drain
                losses += 1
                if losses > RECONNECTS:  # something in the queue ends each connection before it is handed out
                    raise self._session.failure()
                self._session.close()
                self._session = self._subscribe(attempts=RECONNECTS)
                quiet_since = time.monotonic()
            elif self._buffer:
                batch = [self._buffer.popleft() for _ in range(min(self._batch, len(self._buffer)))]
                self._handed_out += len(batch)
                losses = 0
                yield batch
                quiet_since = time.monotonic()
            elif self._consuming and not full and time.monotonic() - quiet_since >= self._idle:
                self._stop()
                ending = True
            elif not self._consuming and (ending or self._handed_out >= self._limit):
                return
            elif not self._consuming:
                self._consume(self._session)

    @property
    def _all_here(self) -> bool:
        # Without another acknowledgement the broker sends nothing more: ending now turns no message back.
        return self._held is not None and self._arrived >= self._settled + self._credit

    @property
    def _batch(self) -> int:
        # Half of what is fetched: the other half is on its way while the caller commits.
        return max(1, self._credit // 2)

    def ack_through(self, batch: Sequence[Delivery]) -> None:
        """Acknowledge a batch and everything before it: after the commit.

        Where the connection is another by now it does nothing: the broker delivers these again, as duplicates.
        """
        if not batch or not self._current(batch[-1]):
            return
        if self._consuming and (self._held or self._settled + len(batch) + self._credit > self._allowance):
            self._held = batch[-1]
            return
        self._settled += len(batch)
        self._acknowledge(batch[-1])

    def reject(self, delivery: Delivery, reason: str) -> None:
        """Dead-letter one message with our reason (header ``x-gateway-reason``), then acknowledge it.

        The copy is confirmed before the original is let go. Raises Unavailable, InDoubt (it comes again).
        """
        if not self._current(delivery):
            return
        self._publish_dead(delivery, reason)
        self._settle(1)
        self._session.attempt(lambda: self._session.channel.basic_ack(delivery.delivery_tag))

    def fail(self, delivery: Delivery, reason: str) -> None:
        """Give a message back to be tried again; where it came back ``DELIVERY_LIMIT`` times already, ``reject`` it."""
        if delivery.delivery_count >= DELIVERY_LIMIT:
            self.reject(delivery, reason)
        elif self._current(delivery):
            self._settle(1)
            self._session.attempt(lambda: self._session.channel.basic_nack(delivery.delivery_tag, requeue=True))

    def close(self) -> None:
        """End the subscription; what is not acknowledged goes back to the queue."""
        try:
            if self._held is not None and self._current(self._held):
                self._acknowledge(self._held)
        finally:
            self._session.close()

    def _current(self, delivery: Delivery) -> bool:
        return delivery.session == self._number and self._session.lost is None

    def _subscribe(self, attempts: int) -> Session:
        session = opened(self._url, attempts=attempts)
        try:
            self._number += 1
            self._buffer.clear()
            self._confirms.clear()
            self._held = None
            channel = session.channel
            session.call(channel.confirm_delivery, ack_nack_callback=self._on_confirm)
            channel.add_on_return_callback(self._on_return)
            channel.add_on_cancel_callback(self._on_cancelled)
            self._consume(session)
        except GatewayError:
            session.close()
            raise
        return session

    def _consume(self, session: Session) -> None:
        """Subscribe for what is still wanted."""
        number = self._number

        def on_message(_: Any, method: Any, properties: Any, body: bytes) -> None:
            self._buffer.append(_delivery(method, properties, body, number))
            self._arrived += 1
            if len(self._buffer) >= self._batch:
                session.wake()

        self._allowance = max(1, self._limit - self._handed_out)
        self._settled, self._arrived, self._credit = 0, 0, min(self._prefetch, self._allowance)
        session.call(session.channel.basic_qos, prefetch_count=self._credit)
        answer = session.call(_consume(session.channel), queue=self._queue, on_message_callback=on_message)
        self._tag, self._consuming = answer.consumer_tag, True

    def _on_cancelled(self, _: Any) -> None:
        self._session.lost = pika.exceptions.ConsumerCancelled()
        self._session.wake()

    def _settle(self, count: int) -> None:
        self._settled += count
        # The broker hands out at most prefetch more than we acknowledged: end before this would pass the limit.
        if self._consuming and (self._held or self._settled + self._credit > self._allowance):
            self._stop()

    def _stop(self) -> None:
        """End the subscription, then acknowledge what was held. What arrives until the broker agrees is handed out."""
        self._consuming = False
        channel = self._session.channel

        def cancel(**arguments: Any) -> None:
            channel.basic_cancel(**arguments)
            # pika would reject what is on its way already, and the broker count that against an innocent message.
            channel._cancelled.discard(self._tag)

        self._session.call(cancel, consumer_tag=self._tag)
        if self._held is not None:
            self._acknowledge(self._held)
            self._held = None

    def _acknowledge(self, last: Delivery) -> None:
        self._session.attempt(lambda: self._session.channel.basic_ack(last.delivery_tag, multiple=True))

    def _on_confirm(self, frame: Any) -> None:
        self._confirms.append(frame.method.NAME == "Basic.Ack")
        self._session.wake()

    def _on_return(self, *_: Any) -> None:
        self._confirms.append(False)

    def _publish_dead(self, delivery: Delivery, reason: str) -> None:
        self._confirms.clear()
        exchange = self._dead_exchange
        key = self._queue if exchange else f"{self._queue}.dead"
        headers = {**delivery.headers, REASON_HEADER: reason, "x-gateway-queue": self._queue}
        properties = pika.BasicProperties(
            content_type=delivery.content_type,
            headers=headers,
            delivery_mode=2,
            message_id=delivery.message_id or None,
        )
        self._session.attempt(
            lambda: self._session.channel.basic_publish(exchange, key, delivery.body, properties, mandatory=True)
        )
        if not self._session.run_until(lambda: bool(self._confirms), ANSWER_SECONDS):
            raise InDoubt("no confirm of a dead letter", code="amqp-connection-lost", where=self._session.where)
        if not self._confirms[0]:
            message = f"the dead letters of {self._queue} have no queue that takes them"
            raise Unavailable(message, code="amqp-not-accepted", where=self._session.where)


def _consume(channel: Any) -> Callable[..., object]:
    # basic_consume names its answer's callback last; ``call`` passes everything by name.
    return lambda callback, **arguments: channel.basic_consume(**arguments, callback=callback)


def _delivery(method: Any, properties: Any, body: bytes, session: int) -> Delivery:
    headers = properties.headers or {}
    count = headers.get("x-delivery-count", 0)
    return Delivery(
        body=body,
        message_id=_text(properties.message_id),
        headers=headers,
        routing_key=method.routing_key,
        content_type=_text(properties.content_type),
        delivery_tag=method.delivery_tag,
        redelivered=method.redelivered,
        delivery_count=count if isinstance(count, int) else 0,  # a publisher may set the header to anything
        session=session,
    )


def _text(told: str | bytes | None) -> str:
    # pika leaves what is no UTF-8 as bytes.
    return told.decode("utf-8", "replace") if isinstance(told, bytes) else told or ""
