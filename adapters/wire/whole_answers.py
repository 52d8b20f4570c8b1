"""Bounds an HTTP answer as a whole. httpx bounds each silence: a peer that says a byte a minute would hold us for ever.

An answer that keeps coming is waited for: over 64 kbit/s a page of a feed takes minutes. It may take the silence that
is allowed, and then as long as a line of 32 kbit/s needs for what has come; at most ten such silences in all.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterable
from typing import Any

import httpcore
import httpx

SLOWEST_BYTES_A_SECOND = 4096
LONGEST_IN_SILENCES = 10


class WholeAnswers(httpx.HTTPTransport):
    """The usual transport of httpx over connections that bound each answer, from its status line to its last byte."""

    def __init__(self, context: ssl.SSLContext) -> None:
        super().__init__(verify=context, trust_env=False)
        self._pool.close()
        # httpx has no way to name a backend, and the answer's beginning is read before it hands anything out.
        self._pool = httpcore.ConnectionPool(
            ssl_context=context, max_connections=100, max_keepalive_connections=20, network_backend=_Backend()
        )


class _Backend(httpcore.SyncBackend):
    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        return _Stream(super().connect_tcp(host, port, timeout, local_address, socket_options))


class _Stream(httpcore.NetworkStream):
    """One connection. What is read after a write is one answer; each write begins another exchange."""

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream
        self._began: float | None = None
        self._came = 0

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        if timeout is not None:
            timeout = min(timeout, self._left(timeout))
        data = self._stream.read(max_bytes, timeout)
        self._came += len(data)
        return data

    def _left(self, silence: float) -> float:
        now = time.monotonic()
        if self._began is None:
            self._began, self._came = now, 0
        allowed = min(silence + self._came / SLOWEST_BYTES_A_SECOND, silence * LONGEST_IN_SILENCES)
        left = self._began + allowed - now
        if left <= 0:
            raise httpcore.ReadTimeout("the answer comes too slowly")
        return left

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._began = None
        self._stream.write(buffer, timeout)

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, timeout))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
