"""One HTTP exchange with httpx, for ``rest`` and ``soap``: time-outs, TLS, a bounded reply, errors as ours.

Until the request has left, a failure is Unavailable (or Untrusted, for a TLS peer that is not who it should be). After
that it is InDoubt, unless the caller says that asking twice is harmless (``idempotent``).
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

import httpx

from adapters.wire.translation import Meaning, Translation, causes, meaning_of
from adapters.wire.whole_answers import WholeAnswers
from gateway.errors import ConfigurationError, GatewayError, InDoubt, Malformed, Unavailable, Untrusted

_SETTING = Meaning(ConfigurationError, "http-request-impossible", "this request cannot be sent as configured")
_LOST = Meaning(InDoubt, "http-connection-lost", "the connection broke before a whole answer came")
_SLOW = Meaning(InDoubt, "http-no-answer-in-time", "no answer came in time")
_GARBAGE = Meaning(InDoubt, "http-answer-unreadable", "the answer is not HTTP, or its encoding is broken")
_UNREACHABLE = Meaning(Unavailable, "http-unreachable", "no connection could be made")

TRANSLATION: Translation = MappingProxyType(
    {
        httpx.ConnectError: _UNREACHABLE,
        httpx.ConnectTimeout: _UNREACHABLE,
        httpx.PoolTimeout: Meaning(Unavailable, "http-pool-exhausted", "no connection became free in time"),
        httpx.ProxyError: Meaning(Unavailable, "http-proxy-failed", "the proxy made no connection"),
        httpx.ReadTimeout: _SLOW,
        httpx.WriteTimeout: _SLOW,
        httpx.TimeoutException: _SLOW,
        httpx.ReadError: _LOST,
        httpx.WriteError: _LOST,
        httpx.CloseError: _LOST,
        httpx.NetworkError: _LOST,
        httpx.RemoteProtocolError: _GARBAGE,
        httpx.ProtocolError: _GARBAGE,
        httpx.DecodingError: _GARBAGE,
        httpx.TooManyRedirects: _GARBAGE,
        httpx.LocalProtocolError: _SETTING,
        httpx.UnsupportedProtocol: _SETTING,
        httpx.InvalidURL: _SETTING,
        httpx.CookieConflict: _SETTING,
        httpx.TransportError: _LOST,
        httpx.RequestError: _LOST,
        httpx.HTTPStatusError: _GARBAGE,
        httpx.HTTPError: _LOST,
        # Streams: the reply ended under our hands.
        httpx.StreamConsumed: _LOST,
        httpx.StreamClosed: _LOST,
        httpx.ResponseNotRead: _LOST,
        httpx.RequestNotRead: _LOST,
        httpx.StreamError: _LOST,
        ssl.SSLCertVerificationError: Meaning(
            Untrusted, "tls-peer-untrusted", "the server's certificate is not one to believe"
        ),
        # An alert: the peer ended the handshake, so nothing was processed, wherever httpx noticed it.
        ssl.SSLError: Meaning(Unavailable, "tls-handshake-failed", "no TLS connection could be agreed on"),
    }
)


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds: to connect, and for each silence of an answer; for the whole of it see ``whole_answers``."""

    connect: float = 10.0
    read: float = 60.0


@dataclass(frozen=True, slots=True)
class ClientCertificate:
    """Our own certificate for mutual TLS: PEM files, the key unencrypted or opened by ``password``."""

    certificate: Path
    key: Path
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class HttpReply:
    """An answer as it came, whatever its status: header names in lower case, body decompressed."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def tls_context(verify: ssl.SSLContext | Path | None, client: ClientCertificate | None = None) -> ssl.SSLContext:
    """TLS 1.2 or later that believes the CA file ``verify`` (None: the system's) and checks the host's name.

    Raises ConfigurationError (``tls-files-unusable``) for files that are absent or not PEM.
    """
    if isinstance(verify, ssl.SSLContext):
        return verify
    try:
        context = ssl.create_default_context(cafile=None if verify is None else str(verify))
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if client is not None:
            context.load_cert_chain(client.certificate, client.key, client.password)
    except (OSError, ssl.SSLError) as error:
        message = "the CA file, the client certificate or its key cannot be read"
        raise ConfigurationError(message, code="tls-files-unusable", where=str(verify or "")) from error
    return context


def open_client(timeouts: Timeouts, context: ssl.SSLContext, *, base_url: str = "") -> httpx.Client:
    """A client with pooled connections that follows no redirect and reads no proxy or netrc of the environment."""
    return httpx.Client(
        base_url=base_url,
        transport=WholeAnswers(context),
        timeout=httpx.Timeout(timeouts.read, connect=timeouts.connect, pool=timeouts.connect),
        follow_redirects=False,
        trust_env=False,
    )


def exchange(
    client: httpx.Client,
    request: httpx.Request,
    *,
    max_reply_bytes: int,
    idempotent: bool = False,
) -> HttpReply:
    """Send one request and read one whole answer.

    Raises Unavailable, Untrusted, InDoubt (Unavailable instead where ``idempotent``), ConfigurationError, and Malformed
    (``http-answer-too-large``).
    """
    where = f"{request.method} {request.url.copy_with(query=None, userinfo=None)}"
    try:
        response = client.send(request, stream=True)
        try:
            body = _bounded(response, max_reply_bytes, where)
        finally:
            response.close()
    except (httpx.HTTPError, httpx.InvalidURL, httpx.CookieConflict, httpx.StreamError, ssl.SSLError) as error:
        raise translate(error, where, idempotent=idempotent) from error
    return HttpReply(response.status_code, dict(response.headers), body)


def _bounded(response: httpx.Response, limit: int, where: str) -> bytes:
    pieces: list[bytes] = []
    size = 0
    for piece in response.iter_bytes():
        size += len(piece)
        if size > limit:
            message = f"the answer is longer than {limit} bytes"
            raise Malformed(message, code="http-answer-too-large", where=where)
        pieces.append(piece)
    return b"".join(pieces)


def translate(error: BaseException, where: str, *, idempotent: bool = False) -> GatewayError:
    """Our exception for one of httpx: what TLS said counts before how httpx wrapped it."""
    chain = causes(error)
    source = next((cause for cause in chain if isinstance(cause, ssl.SSLError) and _is_handshake(cause)), error)
    meaning = meaning_of(TRANSLATION, source) or _LOST
    ours = meaning.error(where, type(source).__name__)
    return _harmless(ours) if idempotent and isinstance(ours, InDoubt) else ours


def _is_handshake(error: ssl.SSLError) -> bool:
    # An end without close_notify comes in the middle of a conversation: that is a lost connection.
    return not isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError | ssl.SSLSyscallError)


def _harmless(error: GatewayError) -> Unavailable:
    return Unavailable(error.message, code=error.code, where=error.where, action=error.action)
