"""The committed JSON Schemas, compiled once per process that needs them, and the words for what breaks them.

``fastjsonschema`` turns each schema into Python code; the tests hold it to ``jsonschema`` on the same files.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

import fastjsonschema

from adapters.dossier.strict_json import NotWhole
from gateway.errors import Malformed
from gateway.model import EventType

FOLDER = Path(__file__).with_name("contracts")
PREFIX = "vn.quangninh."
DAY_APPROVED = "vn.quangninh.gateway.day.approved.v1"
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})\Z")
_FROM_GATEWAY = "vn.quangninh.gateway."

Check = Callable[[object], object]


@dataclass(frozen=True, slots=True)
class Contract:
    """One direction: its envelope, and the data of each of its types."""

    envelope: Check
    data: Mapping[str, Check]


def incoming() -> Contract:
    """What the dossier system sends, compiled from the files once in a process."""
    types = [kind for kind in EventType if not kind.startswith(_FROM_GATEWAY)]
    return _contract("event-to-gateway", types)


def outgoing() -> Contract:
    """What the gateway sends, compiled from the files once in a process."""
    types = [kind for kind in EventType if kind.startswith(_FROM_GATEWAY)]
    return _contract("event-from-gateway", [*types, DAY_APPROVED])


def schema_of(name: str) -> dict[str, object]:
    """One schema of ``contracts/``: an envelope by its name, the data of an event by its CloudEvents type."""
    file = FOLDER / f"{name.removeprefix(PREFIX)}.schema.json"
    found: dict[str, object] = json.loads(file.read_text(encoding="utf-8"))
    return found


def is_time(value: object) -> bool:
    """Whether a text is a time of the calendar with its offset. Other types are not judged, as JSON Schema says."""
    if not isinstance(value, str):
        return True
    if not _TIME.match(value):
        return False
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


def check(validate: Check, value: object, where: str) -> None:
    """Raises Malformed with the code for what breaks the schema; the message never repeats a value."""
    try:
        validate(value)
    except fastjsonschema.JsonSchemaValueException as error:
        raise _told(error, where) from error


def _contract(envelope: str, types: Sequence[str]) -> Contract:
    return Contract(_compiled(envelope), {str(kind): _compiled(kind) for kind in types})


@cache
def _compiled(name: str) -> Check:
    # Defaults are never filled in: what was not said stays unsaid.
    return fastjsonschema.compile(schema_of(name), formats={"date-time": is_time}, use_default=False)


_BY_FIELD: Mapping[str, tuple[str, str]] = {
    "currency": ("currency-foreign", "only VND is taken"),
    "status": ("dossier-status-unknown", "not one of the statuses 1 to 10"),
    "subject": ("dossier-code-invalid", "not a dossier code of the old or the new form"),
    "time": ("bad-time", "not a time with its offset"),
}
_AMOUNTS = ("amount", "postage")


def _told(error: fastjsonschema.JsonSchemaValueException, where: str) -> Malformed:
    path = [str(part) for part in error.path[1:]]
    field = path[-1] if path else ""
    place = ".".join([where, *path])[:200]
    if field in _AMOUNTS and error.rule in ("minimum", "maximum"):
        return Malformed("zero, negative or beyond all sense", code="amount-not-positive", where=place)
    if field in _AMOUNTS or isinstance(error.value, NotWhole):
        return Malformed("not a whole number of đồng", code="amount-not-whole", where=place)
    if field.endswith("_at"):
        return Malformed("not a time with its offset", code="bad-time", where=place)
    if field in _BY_FIELD:
        code, message = _BY_FIELD[field]
        return Malformed(message, code=code, where=place)
    # The library's message names the rule and the keys, and no value.
    return Malformed(str(error.message).removeprefix("data")[:200].strip(), code="event-data-invalid", where=place)
