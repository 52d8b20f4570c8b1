"""Mail by SMTP: one message to a fixed list of people."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from gateway.errors import ConfigurationError, GatewayError, InDoubt, Problem, Refused, Unavailable

TIMEOUT_SECONDS = 20
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True, slots=True)
class SmtpCarrier:
    """Sends to ``recipients`` by ``url``: ``smtps://user:password@host:465`` or ``smtp://…:587`` (STARTTLS).

    Only a server on loopback is talked to without TLS.
    """

    url: str = field(repr=False)
    sender: str
    recipients: Sequence[str]

    @property
    def way(self) -> str:
        return "mail"

    @property
    def recipient(self) -> str:
        return ", ".join(self.recipients)

    def send(self, name: str, content: bytes) -> None:
        """Hand the whole message over. Every recipient is taken, or none was sent to.

        Raises Unavailable ``mail-unavailable``, Refused ``mail-refused``, InDoubt ``mail-in-doubt`` (the connection
        broke after the message left), ConfigurationError (the URL).
        """
        host = _host(self.url)
        with _session(self.url, host) as session:
            with _translated(host):
                _command(session.mail(self.sender))
                for recipient in self.recipients:
                    _command(session.rcpt(recipient))
            with _translated(host, doubtful=True):
                _command(session.data(content))


def _host(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        problem = Problem("environment", "GATEWAY_SMTP_URL", "must be smtp://… or smtps://host:port")
        raise ConfigurationError(problems=[problem], action="correct it")
    return parts.hostname


@contextmanager
def _session(url: str, host: str) -> Iterator[smtplib.SMTP]:
    parts = urlsplit(url)
    with _translated(host):
        session = _connected(parts.scheme, host, parts.port)
    try:
        with _translated(host):
            if parts.username:
                session.login(unquote(parts.username), unquote(parts.password or ""))
            session.ehlo_or_helo_if_needed()
        yield session
    finally:
        session.close()


def _connected(scheme: str, host: str, port: int | None) -> smtplib.SMTP:
    if scheme == "smtps":
        return smtplib.SMTP_SSL(host, port or 465, timeout=TIMEOUT_SECONDS, context=ssl.create_default_context())
    session = smtplib.SMTP(host, port or 587, timeout=TIMEOUT_SECONDS)
    session.ehlo()
    if session.has_extn("starttls"):
        session.starttls(context=ssl.create_default_context())
        session.ehlo()
    elif host not in _LOOPBACK:
        session.close()
        raise Refused(
            "the mail server offers no TLS",
            code="mail-refused",
            where=host,
            action="use smtps://, or a server that offers STARTTLS",
        )
    return session


def _command(answer: tuple[int, bytes]) -> None:
    code, text = answer
    if code >= 400:
        raise smtplib.SMTPResponseException(code, text)


@contextmanager
def _translated(host: str, *, doubtful: bool = False) -> Iterator[None]:
    """The errors of smtplib in our words; what breaks off after the message left is in doubt."""
    try:
        yield
    except GatewayError:
        raise
    except smtplib.SMTPResponseException as error:
        if 400 <= error.smtp_code < 500:
            raise _unavailable(host, f"it answered {error.smtp_code}") from error
        raise Refused(
            f"it answered {error.smtp_code}",
            code="mail-refused",
            where=host,
            action="check the account, the sender and the recipients",
        ) from error
    except (smtplib.SMTPException, OSError) as error:
        if doubtful:
            raise InDoubt("the connection broke after the message left", code="mail-in-doubt", where=host) from error
        raise _unavailable(host, type(error).__name__) from error


def _unavailable(host: str, why: str) -> Unavailable:
    return Unavailable(
        f"the mail server does not take it now: {why}", code="mail-unavailable", where=host, action="it is tried again"
    )
