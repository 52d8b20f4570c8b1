"""Messages whose headers pika cannot decode: they come without headers, and the connection stays.

pika decodes a whole frame before anybody sees the message, and what it raises there (a time after the year 9999, tables
nested too deep) ends the connection: all messages that were on their way come again, the fourth time as dead letters,
and then the queue of those is stuck. Nothing of the headers is believed, so nothing is lost without them.
"""

from __future__ import annotations

import struct
from typing import Any

import pika
import pika.exceptions as vendor
import pika.frame
from pika import spec

_UNDECODABLE = (ValueError, OverflowError, OSError, RecursionError, struct.error, vendor.InvalidFieldTypeException)
_PLACE = struct.Struct(">HHQ")  # of a header frame: class, weight, size of the body


class Connection(pika.SelectConnection):  # type: ignore[misc]  # pika has no types
    """pika's connection, but for headers that it cannot decode."""

    def _read_frame(self) -> Any:
        try:
            return super()._read_frame()
        except _UNDECODABLE:
            frame = without_headers(bytes(self._frame_buffer))
            if frame is None:
                raise
            return frame


def without_headers(buffer: bytes) -> tuple[int, Any] | None:
    """The frame at the beginning and its size in bytes, without its headers; None where it has none."""
    kind, channel, size = struct.unpack_from(">BHL", buffer)
    payload = buffer[spec.FRAME_HEADER_SIZE : spec.FRAME_HEADER_SIZE + size]
    if kind != spec.FRAME_HEADER:
        return None
    class_id, _, body_size = _PLACE.unpack_from(payload)
    (flags,) = struct.unpack_from(">H", payload, _PLACE.size)
    if class_id != spec.Basic.INDEX or not flags & spec.BasicProperties.FLAG_HEADERS:
        return None
    start = _PLACE.size + 2
    for flag in (spec.BasicProperties.FLAG_CONTENT_TYPE, spec.BasicProperties.FLAG_CONTENT_ENCODING):
        if flags & flag:
            start += 1 + payload[start]
    (table,) = struct.unpack_from(">L", payload, start)
    properties = spec.BasicProperties()
    properties.decode(payload[_PLACE.size : start] + bytes(4) + payload[start + 4 + table :])
    consumed = spec.FRAME_HEADER_SIZE + size + spec.FRAME_END_SIZE
    return consumed, pika.frame.Header(channel, body_size, properties)
