"""Publishing with a window of confirms: every publication gets exactly one outcome, whatever happens to the broker."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

import pika

from adapters.wire.amqp.failures import TRANSLATION
from adapters.wire.amqp.session import ANSWER_SECONDS, Session, opened
from gateway.errors import GatewayError, Malformed, NotFound, Refused, Unavailable

_PERSISTENT = 2


@dataclass(frozen=True, slots=True)
class Publication:
    """One message to publish, persistent and mandatory. Header values are what AMQP tables hold (str, int, bool)."""

    exchange: str
    routing_key: str
    body: bytes = field(repr=False)
    message_id: str
    content_type: str = "application/json"
    headers: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Published:
    """What became of a publication; ``error`` is None where the broker confirmed that it keeps the message.

    Otherwise: Refused (``unroutable``), Unavailable (nothing was done: nacked, or never sent), InDoubt (sent, and the
    connection broke before its confirm), Malformed (``amqp-message-impossible``).
    """

    publication: Publication
    error: GatewayError | None = None

    @property
    def ok(self) -> bool:
        return self.error is None


def publish(url: str, publications: Iterable[Publication], *, window: int = 1000) -> Iterator[Published]:
    """Publish all, at most ``window`` unconfirmed at a time; yields each outcome when it is known, in any order.

    A broken connection is not made again: what had left is in doubt, what had not is Unavailable, and the caller
    decides. Raises ConfigurationError for an address that is none; everything else is an outcome.
    """
    waiting = iter(publications)
    first = next(waiting, None)
    if first is None:
        return
    every = chain((first,), waiting)
    try:
        session = opened(url)
    except (Unavailable, NotFound) as error:
        yield from (Published(publication, error) for publication in every)
        return
    try:
        yield from _Window(session, every, window).outcomes()
    finally:
        session.close()


class _Window:
    def __init__(self, session: Session, publications: Iterator[Publication], size: int) -> None:
        self._session = session
        self._channel = session.channel
        self._publications = publications
        self._size = size
        self._sent = 0
        self._exhausted = False
        self._unconfirmed: dict[int, Publication] = {}
        self._returned: list[tuple[str, str, str]] = []
        self._done: deque[Published] = deque()

    def outcomes(self) -> Iterator[Published]:
        try:
            self._session.call(self._channel.confirm_delivery, ack_nack_callback=self._on_confirm)
            self._channel.add_on_return_callback(self._on_return)
        except GatewayError as error:
            yield from (Published(publication, error) for publication in self._publications)
            return
        while self._session.lost is None and not (self._exhausted and not self._unconfirmed):
            self._fill()
            answered = self._session.run_until(self._worth_a_look, ANSWER_SECONDS)
            yield from self._taken()
            if not answered:
                break
        yield from self._taken()
        yield from self._abandoned()

    def _worth_a_look(self) -> bool:
        # Handing over in halves of the window keeps the broker busy while the caller works.
        return not self._unconfirmed or len(self._done) >= self._size // 2

    def _taken(self) -> Iterator[Published]:
        while self._done:
            yield self._done.popleft()

    def _fill(self) -> None:
        while len(self._unconfirmed) < self._size and self._session.lost is None:
            publication = next(self._publications, None)
            if publication is None:
                self._exhausted = True
                return
            self._send(publication)

    def _send(self, publication: Publication) -> None:
        properties = pika.BasicProperties(
            content_type=publication.content_type,
            headers=dict(publication.headers) or None,
            delivery_mode=_PERSISTENT,
            message_id=publication.message_id,
        )
        try:
            self._channel.basic_publish(
                publication.exchange, publication.routing_key, publication.body, properties, mandatory=True
            )
        except (
            pika.exceptions.AMQPError,
            pika.exceptions.ChannelError,
            TypeError,
            ValueError,
            AssertionError,
        ) as error:
            self._done.append(Published(publication, self._not_sent(error)))
            return
        self._sent += 1
        self._unconfirmed[self._sent] = publication

    def _not_sent(self, error: BaseException) -> GatewayError:
        if self._session.lost is not None or self._channel.is_closed:
            return self._session.failure()
        message = f"this message cannot be told in AMQP ({type(error).__name__})"
        return Malformed(message, code="amqp-message-impossible", where=self._session.where)

    def _on_return(self, _: Any, method: Any, properties: Any, __: bytes) -> None:
        # The broker returns a message before it confirms it.
        self._returned.append((method.exchange, method.routing_key, properties.message_id))

    def _on_confirm(self, frame: Any) -> None:
        method = frame.method
        accepted = method.NAME == "Basic.Ack"
        for tag in self._tags(method.delivery_tag, method.multiple):
            publication = self._unconfirmed.pop(tag)
            self._done.append(Published(publication, self._verdict(publication, accepted)))
        if self._worth_a_look():
            self._session.wake()

    def _tags(self, tag: int, multiple: bool) -> list[int]:
        if not multiple:
            return [tag] if tag in self._unconfirmed else []
        found = []
        for each in self._unconfirmed:  # in the order of sending
            if each > tag:
                break
            found.append(each)
        return found

    def _verdict(self, publication: Publication, accepted: bool) -> GatewayError | None:
        if not accepted:
            return TRANSLATION[pika.exceptions.NackError].error(self._session.where)
        if not self._returned:
            return None
        identity = (publication.exchange, publication.routing_key, publication.message_id)
        if identity not in self._returned:
            return None
        self._returned.remove(identity)
        message = f"no queue takes what is sent to {publication.exchange} as {publication.routing_key}"
        return Refused(message, code="unroutable", where=self._session.where, partner_code="NO_ROUTE")

    def _abandoned(self) -> Iterator[Published]:
        doubt = self._session.failure(doubtful=True)
        nothing_done = self._session.failure()
        for publication in self._unconfirmed.values():
            yield Published(publication, self._missing_exchange(publication) or doubt)
        for publication in self._publications:
            yield Published(publication, nothing_done)

    def _missing_exchange(self, publication: Publication) -> GatewayError | None:
        # The one channel error that says which messages it was about: these cannot have been taken.
        told = getattr(self._session.lost, "reply_text", "")
        if f"no exchange '{publication.exchange}'" not in told:
            return None
        message = f"the broker has no exchange {publication.exchange}"
        return Unavailable(message, code="amqp-not-found", where=self._session.where)
