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
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufeff]")
_BLOCK_START = re.compile(r"\{[1-5]:")
_INTERIM = re.compile(r"^(?:\{1:.*\{2:[IO]942|:34F:|:13D?:|:90[CD]:|:?942\b)", re.MULTILINE)
_OPENING = re.compile(r"^:60[FM]?:", re.MULTILINE)
IS_SWIFT: Final = re.compile(r"^[\x00-\x20\ufeff]*(?:\{1:|:\s*(?:\d\d[A-Z]?|94[02]|NS):)", re.MULTILINE)


def interim_or_final(head: str) -> str:
    """``mt942`` for an interim report, else ``mt940``."""
    return "mt942" if _INTERIM.search(head) and not _OPENING.search(head) else "mt940"


def fields_of(batches: Iterable[list[str]]) -> Iterator[tuple[str, list[str], int]]:
    """(tag, lines of its value, line number) of every field; an empty tag is the end of a message."""
    tag, value, start, number = "", [""], 0, 0
    torn = False  # ":" and "86:..." on two lines (Sparkasse)
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
            if first == ":":
                if line.rstrip() == ":":
                    torn = True
                    continue
                head, _, rest = line[1:].partition(":")
                if head in _KNOWN:
                    if tag:
                        yield tag, value, start
                    tag, value, start = head, [rest], number
                    continue
            elif first == "-" or first == "{" or first < " ":
                end, line = _boundary(line)
                if end:
                    if tag:
                        yield tag, value, start
                    yield "", [line], number
                    tag = ""
                    head, _, rest = line[1:].partition(":")
                    if head in _KNOWN:
                        tag, value, start = head, [rest], number
                    continue
            if tag:
                value.append(line)
    if tag:
        yield tag, value, start


def _boundary(line: str) -> tuple[bool, str]:
    """Whether ``line`` ends or starts a SWIFT message, and what follows on the line without control characters."""
    line = _CONTROLS.sub("", line)
    if line.rstrip() == "-" or line.startswith("-}"):
        return True, ""
    if _BLOCK_START.match(line):
        return True, line.rpartition("{4:")[2] if "{4:" in line else ""
    if line.startswith(":"):
        return True, line
    return False, line
