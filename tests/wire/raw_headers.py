"""A publisher whose headers are bytes of its own, as AMQP's table says them."""

from __future__ import annotations

import struct
from collections.abc import Sequence

import pika

PLAIN = b"\x01hS" + struct.pack(">I", 1) + b"x"
"""The header ``h`` with the text ``x``."""


def table(entries: bytes) -> bytes:
    """A table of AMQP of these entries."""
    return struct.pack(">I", len(entries)) + entries


def nested(levels: int) -> bytes:
    """A table in a table in a table …"""
    value = b"V"
    for _ in range(levels):
        value = b"F" + table(b"\x01t" + value)
    return b"\x01h" + value


class Raw(pika.BasicProperties):  # type: ignore[misc]  # pika has no types
    """Properties with ``entries`` in the place of their header ``h``."""

    entries = b""

    def encode(self) -> list[bytes]:
        return [b"".join(super().encode()).replace(table(PLAIN), table(self.entries))]


def publish_raw(url: str, exchange: str, key: str, messages: Sequence[tuple[bytes, bytes]]) -> None:
    """Body and header entries of each message; its id is its place, ``m0``, and a timestamp that no clock has."""
    connection = pika.BlockingConnection(pika.URLParameters(url))
    channel = connection.channel()
    channel.confirm_delivery()
    for number, (body, entries) in enumerate(messages):
        properties = Raw(headers={"h": "x"}, message_id=f"m{number}", content_type="application/jose", timestamp=2**63)
        properties.entries = entries
        channel.basic_publish(exchange, key, body, properties)
    connection.close()
