"""What pika's exceptions mean, told once: Unavailable, unless a publication was already on its way (``doubtful``)."""

from __future__ import annotations

import socket
import ssl
from types import MappingProxyType

import pika.exceptions as vendor
from pika.adapters.utils import connection_workflow as workflow

from adapters.wire.translation import Meaning, Translation, causes, meaning_of
from gateway.errors import ConfigurationError, GatewayError, InDoubt, NotFound, Refused, Unavailable, Untrusted

_UNREACHABLE = Meaning(Unavailable, "amqp-unreachable", "no connection to the broker could be made")
_LOST = Meaning(Unavailable, "amqp-connection-lost", "the connection to the broker broke")
_CLOSED = Meaning(Unavailable, "amqp-channel-closed", "the broker closed the channel")
_SIGN_IN = Meaning(Unavailable, "amqp-sign-in-refused", "the broker did not accept our user or virtual host")
_GARBAGE = Meaning(Unavailable, "amqp-answer-unreadable", "the answer is not AMQP")
_SETTING = Meaning(ConfigurationError, "amqp-setting-invalid", "this cannot be said in AMQP")

TRANSLATION: Translation = MappingProxyType(
    {
        vendor.AMQPError: _LOST,
        vendor.AMQPConnectionError: _LOST,
        vendor.ConnectionOpenAborted: _UNREACHABLE,
        vendor.StreamLostError: _LOST,
        vendor.IncompatibleProtocolError: _GARBAGE,
        vendor.AuthenticationError: _SIGN_IN,
        vendor.ProbableAuthenticationError: _SIGN_IN,
        vendor.ProbableAccessDeniedError: _SIGN_IN,
        vendor.NoFreeChannels: _LOST,
        vendor.ConnectionWrongStateError: _LOST,
        vendor.ConnectionClosed: _LOST,
        vendor.ConnectionClosedByBroker: _LOST,
        vendor.ConnectionClosedByClient: _LOST,
        vendor.ConnectionBlockedTimeout: Meaning(
            Unavailable, "amqp-broker-blocked", "the broker takes no more messages"
        ),
        vendor.AMQPHeartbeatTimeout: _LOST,
        vendor.AMQPChannelError: _CLOSED,
        vendor.ChannelWrongStateError: _CLOSED,
        vendor.ChannelClosed: _CLOSED,
        vendor.ChannelClosedByBroker: _CLOSED,
        vendor.ChannelClosedByClient: _CLOSED,
        vendor.DuplicateConsumerTag: _CLOSED,
        vendor.ConsumerCancelled: Meaning(Unavailable, "amqp-consumer-cancelled", "the broker ended our subscription"),
        vendor.UnroutableError: Meaning(Refused, "unroutable", "no queue takes this message"),
        vendor.NackError: Meaning(Unavailable, "amqp-not-accepted", "the broker did not take the message"),
        vendor.InvalidChannelNumber: _GARBAGE,
        vendor.ProtocolSyntaxError: _GARBAGE,
        vendor.UnexpectedFrameError: _GARBAGE,
        vendor.ProtocolVersionMismatch: _GARBAGE,
        vendor.BodyTooLongError: _GARBAGE,
        vendor.InvalidFrameError: _GARBAGE,
        vendor.InvalidFieldTypeException: _SETTING,
        vendor.UnsupportedAMQPFieldException: _SETTING,
        vendor.MethodNotImplemented: _GARBAGE,
        vendor.ShortStringTooLong: _SETTING,
        vendor.ChannelError: _CLOSED,
        vendor.DuplicateGetOkCallback: _CLOSED,
        vendor.ReentrancyError: _SETTING,
        workflow.AMQPConnectorException: _UNREACHABLE,
        workflow.AMQPConnectorStackTimeout: _UNREACHABLE,
        workflow.AMQPConnectorAborted: _UNREACHABLE,
        workflow.AMQPConnectorWrongState: _UNREACHABLE,
        workflow.AMQPConnectorPhaseErrorBase: _UNREACHABLE,
        workflow.AMQPConnectorSocketConnectError: _UNREACHABLE,
        workflow.AMQPConnectorTransportSetupError: _UNREACHABLE,
        workflow.AMQPConnectorAMQPHandshakeError: _UNREACHABLE,
        workflow.AMQPConnectionWorkflowAborted: _UNREACHABLE,
        workflow.AMQPConnectionWorkflowWrongState: _UNREACHABLE,
        workflow.AMQPConnectionWorkflowFailed: _UNREACHABLE,
        ssl.SSLCertVerificationError: Meaning(
            Untrusted, "tls-peer-untrusted", "the broker's certificate is not believed"
        ),
        ssl.SSLError: Meaning(Unavailable, "tls-handshake-failed", "no TLS connection could be agreed on"),
        socket.gaierror: _UNREACHABLE,
        TimeoutError: Meaning(Unavailable, "amqp-no-answer-in-time", "the broker did not answer in time"),
        OSError: _UNREACHABLE,
    }
)
# What says more than "no connection": looked for in everything that pika wrapped.
_TELLING = (_SIGN_IN, TRANSLATION[ssl.SSLCertVerificationError], TRANSLATION[ssl.SSLError])


def translate(error: BaseException, where: str, *, doubtful: bool = False) -> GatewayError:
    """Our exception for one of pika. ``doubtful``: a message had left us, so what is Unavailable is InDoubt."""
    found = [meaning for each in _inside(error) if (meaning := meaning_of(TRANSLATION, each)) is not None]
    meaning = next((each for each in found if each in _TELLING), found[0] if found else _LOST)
    if isinstance(error, vendor.ChannelClosedByBroker) and error.reply_code == 404:
        meaning = Meaning(NotFound, "amqp-not-found", "the broker has no such exchange or queue")
    if isinstance(error, vendor.ChannelClosedByBroker) and error.reply_code == 406:
        meaning = Meaning(ConfigurationError, "amqp-declared-otherwise", "it exists with other properties")
    if doubtful and meaning.kind in (Unavailable, NotFound):
        return InDoubt(f"{meaning.message} before the broker confirmed", code=meaning.code, where=where)
    return meaning.error(where, type(error).__name__)


def _inside(error: BaseException) -> list[BaseException]:
    """Everything that pika wrapped: causes, attempts of a connection workflow, exceptions of a phase."""
    every: list[BaseException] = []
    for cause in causes(error):
        every.append(cause)
        nested = [*getattr(cause, "exceptions", ()), getattr(cause, "exception", None), *cause.args]
        for one in nested:
            if isinstance(one, BaseException) and one not in every:
                every.extend(_inside(one))
    return every
