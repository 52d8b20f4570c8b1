"""One connection with one channel, driven by whoever waits: pika's loop runs only inside ``run_until``."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pika
import pika.exceptions as vendor
from pika.adapters.select_connection import IOLoop

from adapters.wire.amqp.failures import translate
from adapters.wire.amqp.headers import Connection
from gateway.errors import ConfigurationError, GatewayError, Unavailable

CONNECT_SECONDS = 10.0
ANSWER_SECONDS = 30.0
_HEARTBEAT_SECONDS = 60


def parameters(url: str) -> pika.URLParameters:
    """How to connect: bounded waits, one attempt (we retry ourselves). Raises ConfigurationError, no password in it."""
    try:
        found = pika.URLParameters(url)
    except (ValueError, TypeError, KeyError) as error:
        message = "this is not an AMQP address"
        raise ConfigurationError(message, code="amqp-setting-invalid", where="AMQP URL") from error
    found.socket_timeout = CONNECT_SECONDS
    found.stack_timeout = 1.5 * CONNECT_SECONDS
    found.blocked_connection_timeout = ANSWER_SECONDS
    found.heartbeat = _HEARTBEAT_SECONDS
    found.connection_attempts = 1
    return found


def place(url: str) -> str:
    """The address without user and password, for people."""
    found = parameters(url)
    return f"amqp://{found.host}:{found.port}/{found.virtual_host.strip('/')}"


class Session:
    """A connection and its channel. ``lost`` is what ended it, None while it stands."""

    def __init__(self, url: str) -> None:
        self.where = place(url)
        self.lost: BaseException | None = None
        self.channel: Any = None
        self._closed = False
        self._loop = IOLoop()
        self._connection: Any = Connection(
            parameters(url),
            on_open_callback=self._on_open,
            on_open_error_callback=self._on_lost,
            on_close_callback=self._on_lost,
            custom_ioloop=self._loop,
        )
        if not self.run_until(lambda: self.channel is not None and self.channel.is_open, ANSWER_SECONDS):
            error = self.failure()
            self.close()
            if error.code == "amqp-connection-lost":
                error = Unavailable("no connection to the broker was made", code="amqp-unreachable", where=self.where)
            raise error

    def _on_open(self, connection: Any) -> None:
        connection.channel(on_open_callback=self._on_channel)

    def _on_channel(self, channel: Any) -> None:
        self.channel = channel
        channel.add_on_close_callback(self._on_lost)
        self.wake()

    def _on_lost(self, _: Any, error: BaseException) -> None:
        self.lost = self.lost or error
        self.wake()

    def wake(self) -> None:
        """Let ``run_until`` look at its condition: callbacks say that something happened."""
        self._loop.stop()

    def run_until(self, condition: Callable[[], bool], seconds: float) -> bool:
        """Serve the connection until ``condition``, ``seconds`` or its loss; whether the condition holds."""
        deadline = time.monotonic() + seconds
        while not condition():
            left = deadline - time.monotonic()
            if left <= 0 or self.lost is not None:
                return False
            timer = self._loop.call_later(left, self._loop.stop)
            self._loop.start()
            self._loop.remove_timeout(timer)
        return True

    def call(self, method: Callable[..., object], **arguments: object) -> Any:
        """One method of the channel and the broker's answer. Raises our exceptions."""
        answers: list[Any] = []

        def on_answer(answer: Any) -> None:
            answers.append(answer)
            self.wake()

        self.attempt(lambda: method(callback=on_answer, **arguments))
        if not self.run_until(lambda: bool(answers), ANSWER_SECONDS):
            raise self.failure()
        return answers[0].method

    def attempt(self, step: Callable[[], object]) -> None:
        """Do ``step`` on the channel. Raises our exceptions."""
        try:
            step()
        except (vendor.AMQPError, vendor.ChannelError, OSError) as error:
            raise translate(self.lost or error, self.where) from error

    def failure(self, *, doubtful: bool = False) -> GatewayError:
        """Why it does not go on: what ended the connection, or silence."""
        return translate(self.lost or TimeoutError(), self.where, doubtful=doubtful)

    def close(self) -> None:
        """Say goodbye, for a moment only; what is unacknowledged goes back to its queue."""
        if self._closed:
            return
        self._closed = True
        if self._connection.is_open:
            self._connection.close()
        self.run_until(lambda: bool(self._connection.is_closed), 2.0)
        self._loop.close()


def opened(
    url: str, *, attempts: int = 1, first_wait: float = 0.2, sleep: Callable[[float], None] = time.sleep
) -> Session:
    """A session, tried ``attempts`` times with doubling waits. Raises Unavailable, Untrusted, ConfigurationError."""
    for attempt in range(attempts):
        try:
            return Session(url)
        except Unavailable:
            if attempt + 1 == attempts:
                raise
            sleep(min(first_wait * 2**attempt, 5.0))
    raise ValueError("attempts must be at least 1")
