"""CloudEvents 1.0 in structured mode (JSON) and our words. Pure: no network, no clock, no signature.

The field names are CloudEvents' own; ``data`` is in our words already, because this contract is project-defined.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from adapters.dossier.contract import DAY_APPROVED, Contract, check
from adapters.dossier.strict_json import parse
from gateway.errors import Malformed
from gateway.model import DossierEvent, EventType, Kind, OutboundMessage

SOURCE = "/quang-ninh/gateway"
"""The ``source`` of everything the gateway says. With our message id it names an event for ever."""

MAX_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class Decoded:
    """An event with its identity: ``message_id`` is ``source#id``, as CloudEvents makes only both together unique."""

    message_id: str
    event: DossierEvent
    transaction_id: str | None
    fingerprint: str


def decode(payload: bytes, contract: Contract) -> Decoded:
    """The event that a verified payload says.

    Raises Malformed: the codes of ``strict_json.parse``, ``event-data-invalid``, ``event-unexpected``,
    ``dossier-code-invalid``, ``dossier-status-unknown``, ``amount-not-whole``, ``amount-not-positive``,
    ``currency-foreign`` or ``bad-time``.
    """
    parsed = parse(payload, limit=MAX_BYTES)
    check(contract.envelope, parsed, "event")
    envelope = cast("dict[str, str]", parsed)
    kind = envelope["type"]
    validate = contract.data.get(kind)
    if validate is None:
        raise Malformed(f"nothing is agreed for the type {kind}", code="event-unexpected", where="event.type")
    data = cast("dict[str, object]", envelope["data"])
    check(validate, data, "event.data")
    event = DossierEvent(
        event_id=envelope["id"],
        type=EventType(kind),
        dossier_code=envelope["subject"],
        occurred_at=datetime.fromisoformat(envelope["time"]),
        data=data,
    )
    transaction_id, fingerprint = _transaction(event)
    return Decoded(f"{envelope['source']}#{envelope['id']}", event, transaction_id, fingerprint)


def encode(message: OutboundMessage, contract: Contract) -> bytes:
    """The CloudEvent of an outbox row (EVENT or DAY_APPROVED). Every attempt gives the same bytes.

    Raises Malformed where the payload does not fit the contract (the codes of ``decode``).
    """
    kind, subject, occurred_at, data = _what_it_says(message)
    validate = contract.data.get(kind)
    if validate is None:
        raise Malformed(f"nothing is agreed for the type {kind}", code="event-unexpected", where="payload.type")
    event: dict[str, object] = {
        "specversion": "1.0",
        "id": message.message_id,
        "source": SOURCE,
        "type": kind,
        "subject": subject,
        "time": occurred_at,
        "datacontenttype": "application/json",
        "data": data,
    }
    check(contract.envelope, event, "event")
    check(validate, data, "event.data")
    return json.dumps(event, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def _what_it_says(message: OutboundMessage) -> tuple[str, str, str, Mapping[str, object]]:
    payload = message.payload
    try:
        if message.kind is Kind.DAY_APPROVED:
            # Nobody reads its time but a person: noon of the day it is about keeps the bytes the same.
            day = str(payload["business_on"])
            return DAY_APPROVED, f"{payload['partner']}:{day}", f"{day}T12:00:00+07:00", dict(payload)
        data = cast("Mapping[str, object]", payload["data"])
        subject = str(payload.get("subject") or message.dossier_code or "")
        return str(payload["type"]), subject, str(payload["occurred_at"]), data
    except KeyError as error:
        raise Malformed(f"{error.args[0]} is missing", code="event-data-invalid", where="payload") from error


def _transaction(event: DossierEvent) -> tuple[str | None, str]:
    """A counter receipt is one business transaction for ever, whatever message tells it; its amount must not differ."""
    if event.type is not EventType.COUNTER_PAYMENT:
        return None, ""
    series, number = event.data.get("receipt_series", ""), event.data["receipt_number"]
    return f"{series}#{number}", str(event.data["amount"])
