"""What the control API makes the dossier system do.

``{"act": "publish", "events": [{"type", "subject", "data", "id"?, "time"?}, …]}`` sends honest events. Every other act
spoils one ``event`` (or, where it says so, one that was sent before, by ``event_id``):

* ``tamper``: a byte of the payload changed after signing; ``unsigned``: ``alg: none``; ``bare``: JSON without a JWS;
  ``expired_certificate``; ``unknown_signer``: another CA; ``wrong_environment``; ``poison``: bytes that are no JWS
* ``replay`` (event_id): the same bytes again; ``resend_under_new_id`` (event_id): the same content, another event id;
  ``same_id_other_bytes`` (event_id, data): another content under a known id
* ``wrong_schema``, ``unknown_status``, ``decimal_amount``, ``scientific_amount``, ``foreign_currency`` and
  ``duplicate_key``: rightly signed, wrongly said
* ``told`` (subject?, type?): what the gateway said to us
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from simulators.control import CannotAct
from simulators.dossier import broker, jose
from simulators.dossier.broker import Parcel
from simulators.dossier.events import Memory, as_json, cloud_event
from simulators.publishing import bad_key

Event = dict[str, Any]


@dataclass(frozen=True, slots=True)
class System:
    """The dossier system: its place at the broker, its keys, its memory, its clock."""

    url: str
    exchange: str
    certs: Path
    name: str
    environment: str
    memory: Memory
    now: Callable[[], datetime]

    def signer(self) -> jose.Signer:
        return jose.signer(self.certs, self.name)


def act(system: System, wanted: dict[str, object]) -> dict[str, object]:
    """Do one act; see the module. Raises CannotAct for what it does not know."""
    name = str(wanted["act"])
    if name == "publish":
        return _publish(system, wanted)
    if name == "told":
        return {"events": system.memory.told(str(wanted.get("subject", "")), str(wanted.get("type", "")))}
    if name in _AGAIN:
        return _again(system, name, wanted)
    if name in _SPOILS:
        return _spoil(system, name, wanted)
    known = ", ".join(sorted({"publish", "told", *_AGAIN, *_SPOILS}))
    raise CannotAct(f"{name!r} is none of {known}")


def _publish(system: System, wanted: Mapping[str, object]) -> dict[str, object]:
    events = wanted["events"]
    if not isinstance(events, list):
        raise CannotAct("events is a list")
    signer = system.signer()
    rows = []
    for one in events:
        event = cloud_event(one, system.now())
        rows.append((event, jose.sign(as_json(event), signer, system.environment)))
    _send(system, rows, "publish")
    return {"published": len(rows), "ids": [event["id"] for event, _ in rows]}


def _send(system: System, rows: list[tuple[Event, bytes]], name: str) -> None:
    broker.publish(
        system.url, system.exchange, [Parcel(body, str(event["id"]), str(event["type"])) for event, body in rows]
    )
    system.memory.keep_sent(rows, name)


def _again(system: System, name: str, wanted: Mapping[str, object]) -> dict[str, object]:
    found = system.memory.first_sent(str(wanted["event_id"]))
    if found is None:
        raise CannotAct(f"no event {wanted['event_id']} was ever sent")
    event, body = found
    if name == "resend_under_new_id":
        event = {**event, "id": str(wanted.get("id") or uuid.uuid4())}
    if name == "same_id_other_bytes":
        event = {**event, "data": {**event["data"], **_data(wanted)}}
    if name != "replay":
        body = jose.sign(as_json(event), system.signer(), system.environment)
    _send(system, [(event, body)], name)
    return {"published": 1, "ids": [event["id"]]}


def _data(wanted: Mapping[str, object]) -> dict[str, object]:
    data = wanted.get("data", {})
    if not isinstance(data, dict):
        raise CannotAct("data is an object")
    return data


def _spoil(system: System, name: str, wanted: Mapping[str, object]) -> dict[str, object]:
    chosen = wanted["event"]
    if not isinstance(chosen, dict):
        raise CannotAct("event is an object")
    event = cloud_event(chosen, system.now())
    body = _SPOILS[name](system, event)
    _send(system, [(event, body)], name)
    return {"published": 1, "ids": [event["id"]]}


def _signed(system: System, payload: bytes) -> bytes:
    return jose.sign(payload, system.signer(), system.environment)


def _tampered(system: System, event: Event) -> bytes:
    header, _, seal = _signed(system, as_json(event)).split(b".")
    changed = {**event, "data": {**event["data"], "reason": "đã bị sửa trên đường"}}
    payload = jose.sign(as_json(changed), system.signer(), system.environment).split(b".")[1]
    return b".".join((header, payload, seal))


def _by_bad_key(system: System, event: Event, name: str) -> bytes:
    key = bad_key(system.certs, name)
    return jose.sign(as_json(event), jose.signer(key.parent, key.stem), system.environment)


def _elsewhere(system: System, event: Event) -> bytes:
    other = "production" if system.environment != "production" else "test"
    return jose.sign(as_json(event), system.signer(), other)


def _with_amount(text: str) -> Callable[[System, Event], bytes]:
    def spoil(system: System, event: Event) -> bytes:
        payload, found = re.subn(rb'"amount":(\d+)', rb'"amount":' + text.encode(), as_json(event))
        if not found:
            raise CannotAct("this event has no amount")
        return _signed(system, payload)

    return spoil


def _with_currency(system: System, event: Event) -> bytes:
    payload, found = re.subn(rb'"amount":(\d+)(,"currency":"VND")?', rb'"amount":\1,"currency":"USD"', as_json(event))
    if not found:
        raise CannotAct("this event has no amount")
    return _signed(system, payload)


def _with_data(**fields: object) -> Callable[[System, Event], bytes]:
    def spoil(system: System, event: Event) -> bytes:
        return _signed(system, as_json({**event, "data": {**event["data"], **fields}}))

    return spoil


def _with_a_key_twice(system: System, event: Event) -> bytes:
    return _signed(system, as_json(event)[:-1] + b',"subject":' + json.dumps(event["subject"]).encode() + b"}")


_AGAIN = frozenset({"replay", "resend_under_new_id", "same_id_other_bytes"})
_SPOILS: Mapping[str, Callable[[System, Event], bytes]] = {
    "tamper": _tampered,
    "unsigned": lambda system, event: jose.unsigned(as_json(event), system.environment),
    "bare": lambda system, event: as_json(event),
    "expired_certificate": lambda system, event: _by_bad_key(system, event, "expired"),
    "unknown_signer": lambda system, event: _by_bad_key(system, event, "wrong-ca"),
    "wrong_environment": _elsewhere,
    "poison": lambda system, event: b"\x00\xff" + as_json(event)[:40],
    "wrong_schema": _with_data(unagreed="x"),
    "unknown_status": _with_data(status=42),
    "decimal_amount": _with_amount("350000.50"),
    "scientific_amount": _with_amount("1e3"),
    "foreign_currency": _with_currency,
    "duplicate_key": _with_a_key_twice,
}
