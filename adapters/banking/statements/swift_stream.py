"""MT940 and MT942 as a stream of fields: line ends, SWIFT blocks and control characters end here."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

_KNOWN: Final = frozenset(
    [
        *("13", "13D", "20", "21", "25", "25P", "28", "28C", "34", "34F", "60", "60F", "60M", "61", "62", "62F", "62M"),
        *("64", "65", "86", "90", "90C", "90D", "NS", "940", "941", "942"),
    ]
)
_FREQUENT: Final = (":61:", ":86:")
_FIELD = re.compile(r"[ \t]*:([0-9]{2}[A-Za-z]?|NS|94[0-2]):(.*)")
_FOLDED = re.compile("@@(?::[0-9]{2}[A-Z]?:|$)", re.MULTILINE)
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufeff]")
_BLOCK_START = re.compile(r"[ \t]*\{[1-5]:")
_ENDS: Final = ("-", "-XXX")
_CLOSING: Final = ("20", "62")
_INTERIM = re.compile(r"^(?:\{1:.*\{2:[IO]942|:34F:|:13D?:|:90[CD]:|:?942\b)", re.MULTILINE)
_OPENING = re.compile(r"^:60[FM]?:", re.MULTILINE)
IS_SWIFT: Final = re.compile(r"^[\x00-\x09\x0b-\x20\ufeff]*(?:\{1:|:\s*(?:\d\d[A-Z]?|94[02]|NS):)", re.MULTILINE)


def interim_or_final(head: str) -> str:
    """``mt942`` for an interim report, else ``mt940``."""
    return "mt942" if _INTERIM.search(head) and not _OPENING.search(head) else "mt940"


def unfolded(text: str) -> str:
    """``text`` with lines where HBCI writes ``@@`` for a line end; as it is where it does not."""
    return text.replace("@@", "\n") if _FOLDED.search(text) else text


def unfolded_lines(batches: Iterable[list[str]]) -> Iterator[list[str]]:
    """The lines of a file that writes ``@@`` for a line end (one long line); other files as they are."""
    for batch in batches:
        if any(_FOLDED.search(line) for line in batch[:2]):
            yield [part for line in batch for part in line.split("@@")]
        else:
            yield batch


def fields_of(batches: Iterable[list[str]]) -> Iterator[tuple[str, list[str], int]]:
    """(tag, lines of its value, line number) of every field; an empty tag is the end of a message.

    A field that nobody needs (``:23E:``) is left out, and is no part of the field before it.
    """
    tag, value, start, number = "", [""], 0, 0
    torn = False  # ":" and "86:..." on two lines (Sparkasse)
    unclosed = False  # its opening balance was read, its closing balance was not: a lone "-" is text
    for batch in batches:
        for line in batch:
            number += 1
            if line[:4] in _FREQUENT and not torn:  # only a shorter way through what follows
                if tag:
                    yield tag, value, start
                tag, value, start = line[1:3], [line[4:]], number
                continue
            if torn:
                line, torn = ":" + line, False
            first = line[:1]
            if first == ":" or first == " " or first == "\t":
                if first == ":" and line.rstrip() == ":":
                    torn = True
                    continue
                if found := _field(line):
                    if tag:
                        yield tag, value, start
                    tag, value, start = found[0], [found[1]], number
                    unclosed = tag[:2] == "60" or (unclosed and tag[:2] not in _CLOSING)
                    continue
            if first == "-" or first == "{" or first <= " ":
                end, line = (False, line) if unclosed and tag == "86" and line == "-" else _boundary(line)
                if end:
                    if tag:
                        yield tag, value, start
                    yield "", [line], number
                    tag, unclosed = "", False
                    if found := _field(line):
                        tag, value, start = found[0], [found[1]], number
                    continue
            if tag:
                value.append(line)
    if tag:
        yield tag, value, start


def _field(line: str) -> tuple[str, str] | None:
    """Tag and rest of a line that starts a field; an empty tag for a field that is not needed."""
    match = _FIELD.match(line)
    if match is None:
        return None
    tag, rest = match.groups()
    tag = tag.upper()
    if tag in _KNOWN:
        return tag, rest
    return ("", rest) if len(tag) == 3 else None  # ":15:30" is a time


def _boundary(line: str) -> tuple[bool, str]:
    """Whether ``line`` ends or starts a SWIFT message, and what follows on the line without control characters."""
    line = _CONTROLS.sub("", line)
    if line.rstrip() in _ENDS or line.lstrip().startswith("-}"):
        return True, ""
    if _BLOCK_START.match(line):
        return True, line.rpartition("{4:")[2] if "{4:" in line else ""
    if line.startswith(":"):
        return True, line
    return False, line
