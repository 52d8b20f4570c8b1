"""The states of a message as docs/messages.md tells them: the one source that the schema is compared with."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from gateway.model import MessageState

_TEXT = Path(__file__).resolve().parents[2] / "docs" / "messages.md"
IN = ("stored", "applied", "duplicate", "quarantined", "parked", "dead_lettered")
OUT = ("waiting", "sending", "in_doubt", "delivered", "given_up")
assert set(IN + OUT) == set(MessageState)


@cache
def steps() -> dict[tuple[str, str], bool]:
    """(from, to) -> whether the history tells it."""
    table = _TEXT.read_text(encoding="utf-8").split("<!-- states -->")[1].split("<!-- /states -->")[0]
    rows = re.findall(r"^\| (\w+) \| (\w+) \| .* \| (plain|yes) \|$", table, re.MULTILINE)
    assert len(rows) == len({row[:2] for row in rows}), "a step is told once"
    return {(old, new): told == "yes" for old, new, told in rows}


@cache
def births() -> frozenset[str]:
    """The states that a message may begin in."""
    (told,) = re.findall(r"^A message is born (.*?)\. A step", _TEXT.read_text(encoding="utf-8"), re.MULTILINE)
    return frozenset(re.findall(r"`(\w+)`", told))
