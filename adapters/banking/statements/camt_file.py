"""The bytes around a camt document, as transports and programs leave them: blanks, padding, a false label."""

from __future__ import annotations

import codecs
import re
from typing import BinaryIO

from gateway.errors import Malformed

_HEAD = 1 << 16
_SAYS_UTF16 = re.compile(rb"""<\?xml[^>]*encoding\s*=\s*["']utf-?16""", re.IGNORECASE)
_LONGEST_ENTITY = 40
_UNDEFINED = re.compile(rb"&(?!(?:amp|lt|gt|quot|apos);)([A-Za-z][A-Za-z0-9]{1,30});")
_PADDING = b"\x00\x1a \t\r\n"
LARGEST_PART = 1 << 25
"""Bytes: a batch entry of some 30,000 transactions. In memory it takes up to thirty times as many."""


def start_of_xml(stream: BinaryIO) -> None:
    """Moves behind blanks before the declaration, where XML allows none; lines are counted from there."""
    start = stream.tell()
    head = stream.read(_HEAD)
    bare = head.removeprefix(codecs.BOM_UTF8)
    text = bare.lstrip()
    blanks = len(bare) - len(text)
    stream.seek(start + (len(head) - len(text) if blanks and text.startswith(b"<?xml") else 0))


def disguised(stream: BinaryIO) -> str | None:
    """``utf-8`` where a file says UTF-16 but has one byte a letter (a string of .NET written to disk), else None."""
    start = stream.tell()
    head = stream.read(_HEAD).removeprefix(codecs.BOM_UTF8)
    stream.seek(start)
    return "utf-8" if _SAYS_UTF16.match(head) else None


def undefined_entity(stream: BinaryIO) -> tuple[str, int] | None:
    """Name and line of the first entity that XML does not define (``nbsp`` of HTML); the parser tells neither."""
    stream.seek(0)
    line, rest = 1, b""
    while block := stream.read(_HEAD):
        text = rest + block.replace(b"\0", b"")
        if found := _UNDEFINED.search(text):
            return found[1].decode("ascii"), line + text.count(b"\n", 0, found.start())
        rest = text[-_LONGEST_ENTITY:]
        line += text.count(b"\n") - rest.count(b"\n")
    return None


class WithoutPadding:
    """Reads a stream to the end of its text: NUL and Ctrl-Z behind it are a mainframe's padding.

    ``unread`` counts the bytes read since it was last set to 0: more than ``LARGEST_PART`` of them without a part of a
    statement that can be freed would fill the memory. Raises Malformed ``message-too-large``.
    """

    def __init__(self, stream: BinaryIO) -> None:
        start = stream.tell()
        wide = b"\0" in stream.read(4)
        end = stream.seek(0, 2)
        at = stream.seek(max(start, end - _HEAD))
        tail = b"" if wide else stream.read()
        text = tail.rstrip(_PADDING)
        self.stream, self.unread = stream, 0
        self.left = (at + len(text) if tail[len(text) :].strip() else end) - start
        stream.seek(start)

    def read(self, size: int = -1) -> bytes:
        block = self.stream.read(self.left if size < 0 else min(size, self.left))
        self.left -= len(block)
        self.unread += len(block)
        if self.unread > LARGEST_PART:
            raise Malformed(f"more than {LARGEST_PART >> 20} MB of XML without an entry", code="message-too-large")
        return block
