"""REST over real sockets: every way an HTTP exchange can fail, sessions, and numbers that are not rounded."""

from __future__ import annotations

import base64
import gzip
import inspect
import itertools
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import httpx
import pytest

from adapters.wire import http
from adapters.wire.rest import Reply, RestClient, client_credentials
from gateway.errors import ConfigurationError, GatewayError, InDoubt, Malformed, Refused, Unavailable, Untrusted
from gateway.local import processes
from tests.wire.talking_server import Heard, TalkingServer, answer


def _client(url: str, **options: object) -> RestClient:
    return RestClient(url, **{"connect_timeout": 1.0, "read_timeout": 0.4, **options})  # type: ignore[arg-type]


def _send(words: bytes, **options: object) -> Reply:
    with TalkingServer(lambda _: words) as server, _client(server.url) as client:
        return client.send("POST", "orders", json={"a": 1}, **options)  # type: ignore[arg-type]


def _failure(words: bytes, kind: type[GatewayError], **options: object) -> GatewayError:
    with pytest.raises(kind) as caught:
        _send(words, **options)
    assert type(caught.value) is kind
    return caught.value


def test_json_is_sent_as_utf8_and_answered() -> None:
    with TalkingServer(lambda _: answer('{"tên": "Hạ Long"}'.encode())) as server, _client(server.url) as client:
        reply = client.send("POST", "/orders", json={"tên": "Cô Tô"}, headers={"X-Id": "7"}, params={"page": "2"})
    assert reply.json() == {"tên": "Hạ Long"}
    assert reply.status == 200
    (heard,) = server.heard
    assert (heard.method, heard.path, heard.headers["x-id"]) == ("POST", "/orders?page=2", "7")
    assert heard.body == '{"tên":"Cô Tô"}'.encode()
    assert heard.headers["content-type"] == "application/json; charset=utf-8"


def test_a_form_and_bytes_already_encoded_are_sent_as_they_are() -> None:
    with TalkingServer(lambda _: answer(b"{}")) as server, _client(server.url) as client:
        client.send("POST", "form", form={"a": "b c"})
        client.send("POST", "raw", content=b'{ "a":1 }', headers={"Content-Type": "application/json"})
    assert [heard.body for heard in server.heard] == [b"a=b+c", b'{ "a":1 }']


def test_an_amount_with_a_point_or_an_exponent_is_seen_and_not_rounded() -> None:
    reply = _send(answer(b'{"amount": 15000.10, "other": 1e3, "whole": 15000}'))
    assert reply.json() == {"amount": Decimal("15000.10"), "other": Decimal("1E+3"), "whole": 15000}
    assert isinstance(reply.json()["other"], Decimal)


@pytest.mark.parametrize(
    "body", [b"", b"{", b"<html>busy</html>", b'{"a": NaN}', b"[" * 100_000, b'["\\u0000"]', b'{"\\ud83d": 1}']
)
def test_an_answer_that_is_no_json_is_malformed(body: bytes) -> None:
    with pytest.raises(Malformed) as caught:
        _send(answer(body)).json()
    assert caught.value.code == "http-answer-not-json"
    assert "/orders" in caught.value.where


def test_an_answer_in_plain_words_is_told_as_text() -> None:
    assert _send(answer("Hệ thống đang bảo trì".encode())).json_or_text() == "Hệ thống đang bảo trì"
    assert _send(answer(b'"x"')).json_or_text() == "x"


def test_an_answer_in_another_encoding_is_malformed() -> None:
    for read in (Reply.text, Reply.json, Reply.json_or_text):
        with pytest.raises(Malformed) as caught:
            read(_send(answer(b"B\xc6o tr\xd7")))
        assert caught.value.code == "http-answer-not-text"


@pytest.mark.parametrize(
    ("status", "kind", "code"),
    [
        ("400 Bad Request", Refused, "http-refused"),
        ("404 Not Found", Refused, "http-refused"),
        ("501 Not Implemented", Refused, "http-refused"),
        ("408 Request Timeout", Unavailable, "http-not-now"),
        ("429 Too Many Requests", Unavailable, "http-not-now"),
        ("503 Service Unavailable", Unavailable, "http-not-now"),
        ("500 Internal Server Error", InDoubt, "http-server-failed"),
        ("504 Gateway Timeout", InDoubt, "http-server-failed"),
        ("302 Found", Malformed, "http-status-unexpected"),
    ],
)
def test_a_status_means_what_it_says_where_success_is_expected(
    status: str, kind: type[GatewayError], code: str
) -> None:
    reply = _send(answer(b"{}", status=status, more="Location: http://localhost:1/\r\n"))
    with pytest.raises(kind) as caught:
        reply.expect_success()
    assert caught.value.code == code
    if isinstance(caught.value, Refused):
        assert caught.value.partner_code == status[:3]
    assert _send(answer(b"{}", status="201 Created")).expect_success().status == 201


def test_silence_after_the_request_is_in_doubt() -> None:
    assert _failure(TalkingServer.SILENCE, InDoubt).code == "http-no-answer-in-time"


def test_silence_after_a_harmless_request_is_unavailable() -> None:
    assert _failure(TalkingServer.SILENCE, Unavailable, idempotent=True).code == "http-no-answer-in-time"


def test_an_answer_that_drips_for_ever_is_in_doubt_in_time() -> None:
    assert _failure(TalkingServer.DRIP, InDoubt).code == "http-no-answer-in-time"
    assert _failure(TalkingServer.DRIP, Unavailable, idempotent=True).code == "http-no-answer-in-time"


def _for_a_while(first: bytes, again: bytes) -> Iterator[bytes]:
    yield first
    yield from itertools.repeat(again, 60)


@pytest.mark.parametrize(
    ("first", "again"),
    [
        (b"HTTP/1.1 200 OK\r\nX-Slow: ", b"x"),
        (b"", b"HTTP/1.1 102 Processing\r\n\r\n"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1", b";"),
    ],
    ids=["one header for ever", "still processing for ever", "one chunk's size for ever"],
)
def test_an_answer_whose_beginning_drips_for_ever_ends_in_time(first: bytes, again: bytes) -> None:
    began = time.monotonic()
    with TalkingServer(lambda _: _for_a_while(first, again)) as server, _client(server.url) as client:
        with pytest.raises(InDoubt) as caught:
            client.send("POST", "orders", json={"a": 1})
        assert caught.value.code == "http-no-answer-in-time"
    assert time.monotonic() - began < 2, "the silence allowed is 0.4 s"


def test_an_answer_that_keeps_coming_over_a_slow_line_is_read_to_its_end() -> None:
    """A page of VNPost's feed: half a megabyte is a minute over 64 kbit/s, twice the silence that is allowed."""
    body = b"0" * 30_000
    whole = answer(body)
    pieces = [whole[at : at + 1000] for at in range(0, len(whole), 1000)]  # 1.5 s at 20 kB/s
    with TalkingServer(lambda _: pieces) as server, _client(server.url) as client:
        assert client.send("GET", "tracking").body == body


def test_no_answer_is_waited_for_longer_than_ten_times_the_silence_allowed() -> None:
    pieces = _for_a_while(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n", b"0" * 2000)
    began = time.monotonic()
    with TalkingServer(lambda _: pieces) as server, _client(server.url, read_timeout=0.1) as client:
        with pytest.raises(Unavailable) as caught:
            client.send("GET", "tracking")
        assert caught.value.code == "http-no-answer-in-time"
    assert 0.9 < time.monotonic() - began < 2


def test_a_reset_after_the_request_is_in_doubt() -> None:
    assert _failure(TalkingServer.RESET, InDoubt).code in ("http-connection-lost", "http-answer-unreadable")


@pytest.mark.parametrize(
    "words",
    [
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\nConnection: close\r\n\r\nshort",
        answer(b"not gzip", more="Content-Encoding: gzip\r\n"),
    ],
)
def test_a_garbled_answer_is_in_doubt(words: bytes) -> None:
    assert _failure(words, InDoubt).code == "http-answer-unreadable"


def test_an_oversized_answer_is_malformed_even_when_compressed() -> None:
    bomb = answer(gzip.compress(b"0" * 3_000_000), more="Content-Encoding: gzip\r\n")
    server, limit = TalkingServer(lambda _: bomb), 1_000_000
    with server, _client(server.url, max_reply_bytes=limit) as client, pytest.raises(Malformed) as caught:
        client.send("GET", "big")
    assert caught.value.code == "http-answer-too-large"


@pytest.mark.parametrize("host", ["127.0.0.1", "no-such-host.invalid"])
def test_a_partner_that_cannot_be_reached_is_unavailable(host: str) -> None:
    with _client(f"http://{host}:{processes.free_port()}") as client, pytest.raises(Unavailable) as caught:
        client.send("POST", "orders", json={})
    assert caught.value.code == "http-unreachable"


def test_an_address_that_is_none_is_a_setting_to_correct() -> None:
    for url in ("ftp://localhost", "no address", "http://[::1"):
        with _client(url) as client, pytest.raises(ConfigurationError) as caught:
            client.send("GET", "x")
        assert caught.value.code == "http-request-impossible"


def test_no_error_tells_the_query_or_the_credentials() -> None:
    url = f"http://user:pass-word@127.0.0.1:{processes.free_port()}"
    with _client(url) as client, pytest.raises(Unavailable) as caught:
        client.send("GET", "x", params={"token": "secret-token"})
    assert "secret-token" not in str(caught.value)
    assert "pass-word" not in str(caught.value)


# TLS


def _certificate(folder: Path, name: str, subject: str) -> tuple[Path, Path]:
    key, certificate = folder / f"{name}.key", folder / f"{name}.crt"
    make = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
    make += ["-subj", f"/CN={subject}", "-addext", f"subjectAltName=DNS:{subject}"]
    subprocess.run([*make, "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True)
    return key, certificate


def _server_context(key: Path, certificate: Path, client_ca: Path | None = None) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    if client_ca is not None:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(client_ca)
    return context


def test_a_peer_of_the_configured_ca_is_believed_and_any_other_untrusted(tmp_path: Path) -> None:
    key, certificate = _certificate(tmp_path, "bank", "localhost")
    _, other = _certificate(tmp_path, "other", "localhost")
    with TalkingServer(lambda _: answer(b"{}"), _server_context(key, certificate)) as server:
        with _client(server.url, verify=certificate) as client:
            assert client.send("GET", "x").status == 200
        for ca in (other, None):
            with _client(server.url, verify=ca) as client, pytest.raises(Untrusted) as caught:
                client.send("POST", "x", json={})
            assert caught.value.code == "tls-peer-untrusted"
    assert len(server.heard) == 1


def test_a_certificate_for_another_name_is_untrusted(tmp_path: Path) -> None:
    key, certificate = _certificate(tmp_path, "bank", "bank.example")
    server = TalkingServer(lambda _: answer(b"{}"), _server_context(key, certificate))
    with server, _client(server.url, verify=certificate) as client, pytest.raises(Untrusted) as caught:
        client.send("GET", "x")
    assert caught.value.code == "tls-peer-untrusted"


def test_our_certificate_opens_a_door_that_asks_for_one(tmp_path: Path) -> None:
    key, certificate = _certificate(tmp_path, "bank", "localhost")
    our_key, ours = _certificate(tmp_path, "gateway", "gateway")
    with TalkingServer(lambda _: answer(b"{}"), _server_context(key, certificate, client_ca=ours)) as server:
        mine = http.ClientCertificate(ours, our_key)
        with _client(server.url, verify=certificate, client_certificate=mine) as client:
            assert client.send("GET", "x").status == 200
        with _client(server.url, verify=certificate) as client, pytest.raises(Unavailable):
            client.send("POST", "x", json={})
    assert len(server.heard) == 1


def test_a_partner_without_tls_is_unavailable() -> None:
    server = TalkingServer(lambda _: b"no TLS here, really none\r\n")
    with server, _client(server.url.replace("http:", "https:")) as client, pytest.raises(Unavailable) as caught:
        client.send("POST", "x", json={})
    assert caught.value.code in ("tls-handshake-failed", "http-unreachable")


def test_tls_files_that_are_absent_are_a_setting_to_correct(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        _client("https://localhost", verify=tmp_path / "none.pem")
    assert caught.value.code == "tls-files-unusable"


# Sessions


class Portal:
    """Gives session after session; accepts only the one named last, until told to forget it."""

    def __init__(self) -> None:
        self.logins = 0
        self.accepts = True
        self.valid = ""

    def __call__(self, heard: Heard) -> bytes:
        if heard.path == "/login":
            self.logins += 1
            self.valid = f"session-{self.logins}"
            return answer(f'{{"session": "{self.valid}"}}'.encode())
        good = self.accepts and self.valid and self.valid.encode() in heard.body
        return answer(b'{"error_code": 0}' if good else b'{"error_code": -1}')


def _login(client: RestClient) -> str:
    return str(client.send("POST", "login", json={}).json()["session"])


def _expired(reply: Reply) -> bool:
    return bool(reply.json()["error_code"] == -1)


def _sync(client: RestClient, session: str) -> Reply:
    return client.send("POST", "sync", json={"session": session})


def test_a_session_is_opened_once_and_renewed_once_when_it_expired() -> None:
    portal = Portal()
    with TalkingServer(portal) as server, _client(server.url) as client:
        session = client.with_session(_login, _expired)
        assert session.call(_sync).json() == {"error_code": 0}
        assert session.call(_sync).json() == {"error_code": 0}
        assert portal.logins == 1
        portal.valid = ""
        assert session.call(_sync).json() == {"error_code": 0}
        assert portal.logins == 2


def test_a_session_that_is_never_accepted_is_not_renewed_for_ever() -> None:
    portal = Portal()
    portal.accepts = False
    with TalkingServer(portal) as server, _client(server.url) as client, pytest.raises(Unavailable) as caught:
        client.with_session(_login, _expired).call(_sync)
    assert caught.value.code == "session-not-accepted"
    assert portal.logins == 2


def test_many_threads_share_one_session_and_one_renewal() -> None:
    portal = Portal()
    with TalkingServer(portal) as server, _client(server.url, read_timeout=10.0) as client:
        session = client.with_session(_login, _expired)
        session.call(_sync)
        portal.valid = ""
        replies: list[object] = []
        threads = [threading.Thread(target=lambda: replies.append(session.call(_sync).json())) for _ in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert replies == [{"error_code": 0}] * 12
    assert portal.logins == 2


@pytest.mark.parametrize(
    "words",
    [
        TalkingServer.SILENCE,
        TalkingServer.RESET,
        answer(b"{}"),
        answer(b"busy"),
        answer(b"{}", status="401 Unauthorized"),
        answer(b"{}", status="500 Internal Server Error"),
    ],
)
def test_a_login_that_fails_leaves_the_call_undone(words: bytes) -> None:
    with TalkingServer(lambda _: words) as server, _client(server.url) as client, pytest.raises(Unavailable):
        client.with_session(client_credentials("key", "secret")).send("POST", "orders", json={})
    assert {heard.path for heard in server.heard} == {"/token"}


def _token(script: Callable[[Heard], bytes]) -> tuple[str, list[Heard]]:
    with TalkingServer(script) as server, _client(server.url) as client:
        return client_credentials("key", "se:cret", path="/token", scope="orders")(client), server.heard


def test_a_token_is_asked_for_with_basic_authentication() -> None:
    token, (heard,) = _token(lambda _: answer(b'{"access_token": "abc", "expires_in": 3600}'))
    assert token == "abc"
    assert base64.b64decode(heard.headers["authorization"].removeprefix("Basic ")) == b"key:se:cret"
    assert heard.body == b"grant_type=client_credentials&scope=orders"


def test_wrong_credentials_are_refused_and_an_empty_token_is_malformed() -> None:
    with pytest.raises(Refused) as refused:
        _token(lambda _: answer(b"{}", status="401 Unauthorized"))
    assert (refused.value.code, refused.value.partner_code) == ("login-refused", "401")
    with pytest.raises(Malformed) as malformed:
        _token(lambda _: answer(b'{"access_token": ""}'))
    assert malformed.value.code == "login-answer-incomplete"


def test_a_bearer_token_is_sent_and_never_shown() -> None:
    def script(heard: Heard) -> bytes:
        if heard.path == "/token":
            return answer(b'{"access_token": "very-secret"}')
        return answer(b"{}")

    with TalkingServer(script) as server, _client(server.url) as client:
        session = client.with_session(client_credentials("key", "secret"))
        session.send("GET", "orders")
        assert "very-secret" not in repr(session)
    assert server.heard[-1].headers["authorization"] == "Bearer very-secret"


@pytest.mark.unit
def test_every_exception_of_httpx_has_a_meaning() -> None:
    kinds = {kind for kind in vars(httpx).values() if inspect.isclass(kind) and issubclass(kind, Exception)}
    assert kinds - set(http.TRANSLATION) == set()
