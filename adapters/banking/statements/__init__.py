"""Statement files: bytes -> what the bank says. Pure, streaming, no partner's habits beyond the format.

The format is detected from content, never from the file's name.
"""

from __future__ import annotations

import codecs
import re
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, cast

from adapters.banking.statements.encodings import normal_name, text_lines
from adapters.banking.statements.fixed_width import IS_VNPAY, read_vnpay
from adapters.banking.statements.guessing import guess_encoding
from adapters.banking.statements.model import (
    NOTHING_AGREED,
    Agreed,
    ParsedEntry,
    ParsedFile,
    ParsedStatement,
    StatementEvent,
)
from adapters.banking.statements.mt940 import read_mt940
from adapters.banking.statements.swift_stream import IS_SWIFT, interim_or_final, unfolded, unfolded_lines
from gateway.errors import Malformed

__all__ = ["Agreed", "EventStream", "ParsedFile", "detect_format", "iter_statement_events", "read_statements"]

_HEAD = 1 << 16
_NEWEST_CAMT = 14
# Austria's banks publish the same messages under a namespace of their own, Belarus adds a suffix to it.
_NAMESPACE = re.compile(
    r"(?:urn:iso:std:iso:20022:tech:xsd:|(?<=[\"'])ISO:(?=[a-z0-9.]+:APC:STUZZA:payments:))"
    r"(camt\.05[234]\.001\.\d\d)\b(?::APC:STUZZA:payments:\d{3}|\.(?!xsd\b)\w+)?"
)
_FOR_A_PREFIX = re.compile(r"xmlns:([\w.-]+)\s*=\s*[\"']$")
_FOR_ALL = re.compile(r"xmlns\s*=\s*[\"']([^\"']*)")


@dataclass(frozen=True, slots=True)
class EventStream:
    """A file's format and its events, to be consumed once. A Malformed in mid-stream condemns the whole file."""

    format: str
    events: Iterator[StatementEvent]


def detect_format(head: bytes) -> str:
    """``camt.053.001.08`` and its like, ``mt940``, ``mt942`` or ``vnpay``, from the first 64 KB of a file.

    Raises Malformed ``unknown-format``, ``empty-file``, and ``wrong-schema`` for XML that is no camt.
    """
    text = _head_text(head)
    start = text.lstrip("\ufeff \t\r\n\x00")
    if not start:
        raise Malformed("the file is empty", code="empty-file", line=1, action="Fetch it again; ask the sender.")
    if start.startswith("<"):
        match = _namespace(start)
        if match is None or not 1 <= int(match[1][-2:]) <= _NEWEST_CAMT:
            raise Malformed(
                "the XML is no version of camt.052, .053 or .054 that is known here",
                code="wrong-schema",
                line=1,
                action=f"Ask the bank for a version from 02 to {_NEWEST_CAMT}.",
            )
        return match[1]
    if IS_VNPAY.match(start):
        return "vnpay"
    if IS_SWIFT.search(text):
        return interim_or_final(text)
    raise Malformed(
        "the content is neither camt, MT940, MT942 nor the intermediary's fixed-width file",
        code="unknown-format",
        line=1,
        action="Ask the sender which format it is.",
    )


def _namespace(xml: str) -> re.Match[str] | None:
    """The first namespace of camt in ``xml``, the message it names as group 1."""
    return _NAMESPACE.search(_without_comments(xml))


def _qualifier(xml: str) -> str:
    """What stands before the names of camt's elements: the namespace in braces, or nothing.

    It may be declared for a prefix that no element has (the Bundesbank's sample); they are in no namespace then.
    """
    bare = _without_comments(xml)
    match = _NAMESPACE.search(bare)
    assert match is not None
    prefix = _FOR_A_PREFIX.search(bare, max(0, match.start() - 100), match.start())
    unused = prefix is not None and f"<{prefix[1]}:" not in bare and match[0] not in _FOR_ALL.findall(bare)
    return "" if unused else f"{{{match[0]}}}"


def _without_comments(xml: str) -> str:
    """An earlier message may stand in a comment. No pattern: a hostile file has thousands of open ones."""
    before, *comments = xml.split("<!--")
    return before + "".join(comment.partition("-->")[2] for comment in comments)


def _head_text(head: bytes) -> str:
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        text = head.decode("utf-16", "replace")
    elif head[1:2] == b"\0":
        text = head.decode("utf-16-le", "replace")
    elif head[:1] == b"\0":
        text = head.decode("utf-16-be", "replace")
    else:
        text = head.decode("latin-1").removeprefix("\u00ef\u00bb\u00bf")
    return unfolded(text.replace("\r\n", "\n").replace("\r", "\n"))


def iter_statement_events(
    source: BinaryIO, *, encoding: str | None = None, agreed: Agreed = NOTHING_AGREED
) -> EventStream:
    """The events of a file, in memory that does not grow with it (camt, MT940; fixed width is small).

    ``encoding`` is the partner's configured one and authoritative for text formats (XML names its own); None detects
    it. ``agreed`` is what the intermediary's file is compared with. Raises Malformed, also while iterating.
    """
    stream = source if source.seekable() else _spooled(source)
    start = stream.tell()
    head = stream.read(_HEAD)
    stream.seek(start)
    found = detect_format(head)
    if found.startswith("camt"):
        from adapters.banking.statements.camt import read_camt  # lxml only where XML is read

        return EventStream(found, read_camt(stream, found[:8], _qualifier(_head_text(head))))
    name = normal_name(encoding) if encoding else guess_encoding(stream)
    if found == "vnpay":
        wide = name.startswith(("utf-16", "utf-32"))  # its widths can only count characters
        lines = (line.encode() for batch in text_lines(stream, name) for line in batch) if wide else _lines(stream)
        events = read_vnpay(lines, encoding="utf-8" if wide else name, agreed=agreed)
        return EventStream(found, events)
    return EventStream(found, read_mt940(unfolded_lines(text_lines(stream, name))))


def _lines(stream: BinaryIO) -> Iterator[bytes]:
    yield from stream.read().splitlines()  # of bytes: only at CR LF, LF and CR


def _spooled(source: BinaryIO) -> BinaryIO:
    spool = tempfile.SpooledTemporaryFile(max_size=1 << 23)  # noqa: SIM115 - lives as long as its reader
    while block := source.read(_HEAD):
        spool.write(block)
    spool.seek(0)
    return cast(BinaryIO, spool)


def read_statements(
    source: BinaryIO | Path, *, encoding: str | None = None, name: str = "", agreed: Agreed = NOTHING_AGREED
) -> ParsedFile:
    """A file read whole, for files that fit in memory; ``name`` stands in errors.

    Raises Malformed with code, message, ``where`` and line where the file cannot be read; nothing of it is to be used.
    """
    opened: AbstractContextManager[BinaryIO] = source.open("rb") if isinstance(source, Path) else nullcontext(source)
    where = name or (source.name if isinstance(source, Path) else "")
    with opened as stream:
        try:
            found = iter_statement_events(stream, encoding=encoding, agreed=agreed)
            return ParsedFile(found.format, tuple(_gathered(found.events)))
        except Malformed as bad:
            raise Malformed(
                bad.message, code=bad.code, where=bad.where or where, action=bad.action, line=bad.line
            ) from bad


def _gathered(events: Iterator[StatementEvent]) -> Iterator[ParsedStatement]:
    entries: list[ParsedEntry] = []
    for event in events:
        if isinstance(event, ParsedEntry):
            entries.append(event)
        else:
            yield replace(event, entries=tuple(entries))
            entries = []
