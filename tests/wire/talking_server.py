"""An HTTP server on loopback that answers, or fails to, exactly as a test says: byte by byte where needed."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field


@dataclass
class Heard:
    """A request as the server read it."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


def answer(body: bytes, *, status: str = "200 OK", content_type: str = "application/json", more: str = "") -> bytes:
    """A whole HTTP answer."""
    head = f"HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\n{more}\r\n"
    return head.encode() + body


@dataclass
class TalkingServer:
    """``script`` gets each request and returns the bytes to say; RESET, SILENCE and DRIP are what else may happen.

    Pieces instead of bytes are said one by one, twenty a second.
    """

    script: Callable[[Heard], bytes | Iterable[bytes]]
    context: ssl.SSLContext | None = None
    heard: list[Heard] = field(default_factory=list)

    RESET = b"<reset>"
    SILENCE = b"<silence>"
    DRIP = b"<drip>"

    def __post_init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.url = f"http{'s' if self.context else ''}://localhost:{self.port}"
        self._over = threading.Event()

    def __enter__(self) -> TalkingServer:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, plain: socket.socket) -> None:
        with contextlib.suppress(OSError), plain:
            connection = self.context.wrap_socket(plain, server_side=True) if self.context else plain
            stream = connection.makefile("rb")
            while line := stream.readline():
                request = _request(line, stream)
                self.heard.append(request)
                if not self._say(connection, self.script(request)):
                    return

    def _say(self, connection: socket.socket, words: bytes | Iterable[bytes]) -> bool:
        if not isinstance(words, bytes):
            for piece in words:
                connection.sendall(piece)
                if self._over.wait(0.05):
                    break
            return False
        if words == self.RESET:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            return False
        if words == self.SILENCE:
            self._over.wait(30)
            return False
        if words == self.DRIP:
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
            deadline = time.monotonic() + 30
            while not self._over.wait(0.05) and time.monotonic() < deadline:
                connection.sendall(b".")
            return False
        connection.sendall(words)
        return words.startswith(b"HTTP/1.1") and b"Connection: close" not in words


def _request(line: bytes, stream: object) -> Heard:
    method, path, *_ = [*line.decode("latin-1").split(" ", 2), "", ""]
    headers: dict[str, str] = {}
    while (header := stream.readline()) not in (b"\r\n", b""):  # type: ignore[attr-defined]  # a binary file
        name, _, value = header.decode("latin-1").partition(":")
        headers[name.strip().lower()] = value.strip()
    body = stream.read(int(headers.get("content-length", "0")))  # type: ignore[attr-defined]  # a binary file
    return Heard(method, path, headers, body)
