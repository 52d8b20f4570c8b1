"""REST over httpx: JSON or text answers, session login renewed once, numbers never rounded.

A status is the partner's answer and no exception; ``Reply.expect_success`` makes it one for those who want that.
"""

from __future__ import annotations

import base64
import json
import ssl
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import Any

import httpx

from adapters.wire.http import ClientCertificate, HttpReply, Timeouts, exchange, open_client, tls_context, translate
from adapters.wire.partner_json import read_json
from gateway.errors import GatewayError, InDoubt, Malformed, Refused, Unavailable

MAX_REPLY_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Reply(HttpReply):
    """An answer to a REST call; ``where`` is the method and address, without query and secrets."""

    where: str = ""

    def text(self) -> str:
        """The body as UTF-8. Raises Malformed (``http-answer-not-text``)."""
        try:
            return self.body.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            message = "the answer is not UTF-8 text"
            raise Malformed(message, code="http-answer-not-text", where=f"{self.where} byte {error.start}") from error

    def json(self) -> Any:
        """The body as JSON; a number with a point or an exponent is a Decimal, so that an amount is never rounded.

        Raises Malformed: ``http-answer-not-json``; ``http-answer-not-text``.
        """
        try:
            return read_json(self.text(), parse_float=Decimal, parse_constant=_no_constant)
        except json.JSONDecodeError as error:
            place = f"{self.where} line {error.lineno} column {error.colno}"
            raise Malformed(f"the answer is not JSON: {error.msg}", code="http-answer-not-json", where=place) from error
        except ValueError as error:
            message = "the answer is not JSON that can be read"
            raise Malformed(message, code="http-answer-not-json", where=self.where) from error

    def json_or_text(self) -> Any:
        """JSON where the body is JSON, else its text: some partners answer an error in plain words."""
        try:
            return self.json()
        except Malformed as error:
            if error.code != "http-answer-not-json":
                raise
            return self.text()

    def expect_success(self) -> Reply:
        """This reply if its status is 2xx.

        Raises Unavailable (408, 429, 503: not done), Refused (other 4xx and 501, ``partner_code`` the status), InDoubt
        (other 5xx: it may have been done) and Malformed (``http-status-unexpected``, 1xx and 3xx).
        """
        if 200 <= self.status < 300:
            return self
        raise _status_error(self)


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON number")


def _status_error(reply: Reply) -> GatewayError:
    status, said = reply.status, f"the partner answered with status {reply.status}"
    if status in (408, 429, 503):
        return Unavailable(said, code="http-not-now", where=reply.where)
    if 400 <= status < 500 or status == 501:
        return Refused(said, code="http-refused", where=reply.where, partner_code=str(status))
    if status >= 500:
        return InDoubt(said, code="http-server-failed", where=reply.where)
    return Malformed(said, code="http-status-unexpected", where=reply.where)


class RestClient:
    """A REST service at ``base_url``. Connections are pooled; any thread may use it. Close it, or use ``with``."""

    def __init__(
        self,
        base_url: str,
        *,
        connect_timeout: float = 10.0,
        read_timeout: float = 60.0,
        verify: ssl.SSLContext | Path | None = None,
        client_certificate: ClientCertificate | None = None,
        max_reply_bytes: int = MAX_REPLY_BYTES,
    ) -> None:
        timeouts = Timeouts(connect_timeout, read_timeout)
        self.base_url = base_url.rstrip("/")
        self._client = open_client(timeouts, tls_context(verify, client_certificate))
        self._max_reply_bytes = max_reply_bytes

    def send(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        content: bytes | None = None,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
        idempotent: bool | None = None,
    ) -> Reply:
        """One request, one answer of any status.

        ``content`` is a body already encoded (stored before it is sent); its ``Content-Type`` comes in ``headers``.
        ``idempotent`` (default: GET and HEAD are) says that asking twice is harmless: what would be InDoubt is then
        Unavailable. Raises Unavailable, InDoubt, Untrusted (``tls-peer-untrusted``), Malformed
        (``http-answer-too-large``) and ConfigurationError (``http-request-impossible``).
        """
        address = f"{self.base_url}/{path.lstrip('/')}" if path else self.base_url
        where = f"{method} {address}"
        try:
            request = self._client.build_request(
                method, address, content=_body(json, content), data=form, headers=_typed(json, headers), params=params
            )
        except (httpx.InvalidURL, httpx.UnsupportedProtocol, ValueError, TypeError) as error:
            raise translate(httpx.InvalidURL(str(type(error).__name__)), where) from error
        harmless = method in ("GET", "HEAD") if idempotent is None else idempotent
        reply = exchange(self._client, request, max_reply_bytes=self._max_reply_bytes, idempotent=harmless)
        return Reply(reply.status, reply.headers, reply.body, where)

    def with_session(
        self, login: Callable[[RestClient], str], expired: Callable[[Reply], bool] = lambda reply: reply.status == 401
    ) -> SessionClient:
        """Calls that carry a session: ``login`` is asked once and, when a reply is ``expired``, once more."""
        return SessionClient(self, login, expired)

    def close(self) -> None:
        """Give the pooled connections back."""
        self._client.close()

    def __enter__(self) -> RestClient:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self.close()


def _body(value: Any, content: bytes | None) -> bytes | None:
    if value is None:
        return content
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def _typed(value: Any, headers: Mapping[str, str] | None) -> dict[str, str]:
    content_type = {} if value is None else {"Content-Type": "application/json; charset=utf-8"}
    return {**content_type, **(headers or {})}


@dataclass(slots=True)
class SessionClient:
    """A client that signs in when it must; made by ``RestClient.with_session``. Any thread may use it."""

    client: RestClient
    login: Callable[[RestClient], str]
    expired: Callable[[Reply], bool]
    _token: str | None = field(default=None, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def call(self, send: Callable[[RestClient, str], Reply]) -> Reply:
        """What ``send(client, session)`` answers; where that says expired, once more with a new session.

        Raises what ``send`` raises, and Unavailable where no session can be had (the code of the login's failure) or
        where a fresh one is not accepted (``session-not-accepted``): the request itself was not looked at.
        """
        token = self._current(None)
        reply = send(self.client, token)
        if not self.expired(reply):
            return reply
        reply = send(self.client, self._current(token))
        if self.expired(reply):
            message = "the partner does not accept a session that it has just given"
            raise Unavailable(message, code="session-not-accepted", where=reply.where)
        return reply

    def send(self, method: str, path: str, *, headers: Mapping[str, str] | None = None, **options: Any) -> Reply:
        """``RestClient.send`` with the session as ``Authorization: Bearer``."""
        return self.call(
            lambda client, token: client.send(
                method, path, headers={**(headers or {}), "Authorization": f"Bearer {token}"}, **options
            )
        )

    def _current(self, stale: str | None) -> str:
        # Many threads may learn of one expiry at once: the first renews, the others take what it got.
        with self._lock:
            if self._token is None or self._token == stale:
                self._token = self._signed_in()
            return self._token

    def _signed_in(self) -> str:
        try:
            return self.login(self.client)
        except (InDoubt, Refused, Malformed) as error:
            # However the login failed, the call that needed it was never sent: nothing of the business was done.
            raise Unavailable(error.message, code=error.code, where=error.where, action=error.action) from error


def client_credentials(
    key: str, secret: str, *, path: str = "/token", scope: str | None = None
) -> Callable[[RestClient], str]:
    """A ``login`` by OAuth2 client credentials with HTTP Basic (domain.md 1.5 and 2.x: WSO2-style token).

    The login raises Refused (``login-refused``), Malformed (``login-answer-incomplete``) and what ``send`` raises.
    """
    basic = base64.b64encode(f"{key}:{secret}".encode()).decode("ascii")
    form = {"grant_type": "client_credentials", **({"scope": scope} if scope else {})}

    def login(client: RestClient) -> str:
        reply = client.send("POST", path, form=form, headers={"Authorization": f"Basic {basic}"}, idempotent=True)
        if reply.status in (400, 401, 403):
            message = "the partner did not accept our credentials"
            raise Refused(message, code="login-refused", where=reply.where, partner_code=str(reply.status))
        answer = reply.expect_success().json()
        token = answer.get("access_token") if isinstance(answer, dict) else None
        if not isinstance(token, str) or not token:
            raise Malformed("the login answer holds no access_token", code="login-answer-incomplete", where=reply.where)
        return token

    return login
