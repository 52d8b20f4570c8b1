"""Planted = found: every planted case is there as exactly what it must be, and nothing else is broken. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from gateway.local.day.cases import (
    Case,
    FeesExpected,
    Found,
    FoundMessage,
    FoundRow,
    MessageExpected,
    ResumeExpected,
    RowExpected,
)

QUIET_OUTCOMES = frozenset({"matched"})
TROUBLED_STATES = frozenset({"quarantined", "parked", "dead_lettered", "in_doubt", "given_up", "stored"})
_EVENT = "dossier_event"


def differences(cases: Sequence[Case], found: Found) -> list[str]:
    """One line for everything that is not as planted; empty means planted = found."""
    return [
        *(line for case in cases for line in _missing(case, found)),
        *(f"planned and never set off: {one.partner} {plan}" for one in found.partners for plan in one.planned),
        *_unplanted_rows(cases, found.rows),
        *_unplanted_messages(cases, found.messages),
    ]


def unbelieved(states: Mapping[str, Mapping[str, Any]], confirmed_to: Sequence[str], on: date) -> list[str]:
    """What partners did not believe of us, and who was not told of the approved day ``on``; by what they say."""
    lines = [f"dossier did not believe: {why}" for why in states["dossier"]["not_believed"]]
    for partner in confirmed_to:
        judged: Mapping[str, str] = states[partner]["confirmed"]
        lines += [f"{partner} did not believe {name}: {why}" for name, why in judged.items() if why]
        if not any(name.startswith(f"XNDS_{partner}_{on:%Y%m%d}_v") for name in judged):
            lines.append(f"{partner} has no confirmation of {on:%d/%m/%Y}")
    return lines


def row_fits(row: FoundRow, expected: RowExpected) -> bool:
    """Whether a row is one that this expectation is about."""
    return (
        (row.partner, row.business_on, row.outcome) == (expected.partner, expected.business_on, expected.outcome)
        and row.side == expected.side
        and (not expected.dossier or expected.dossier in row.dossiers)
        and (expected.amount is None or expected.amount in (row.our_amount, row.their_amount))
    )


def message_fits(message: FoundMessage, expected: MessageExpected) -> bool:
    """Whether a message is one that this expectation is about."""
    return (
        (message.partner, message.state) == (expected.partner, expected.state)
        and (not expected.reason or message.reason == expected.reason)
        and (not expected.transport_id or message.transport_id == expected.transport_id)
        and (not expected.kind or message.kind == expected.kind)
        and (not expected.was or expected.was in message.was)
        and message.enquiries >= expected.enquiries
        and message.attempts >= expected.attempts
    )


def _missing(case: Case, found: Found) -> list[str]:
    lines = []
    for expected in case.rows:
        count = sum(row_fits(row, expected) for row in found.rows)
        if count != expected.count:
            lines.append(
                f"{case.name}: {count} rows, not {expected.count}: {_row_text(expected)}{_instead(expected, found)}"
            )
    for wanted in case.messages:
        count = sum(message_fits(message, wanted) for message in found.messages)
        if count != wanted.count:
            lines.append(f"{case.name}: {count} messages, not {wanted.count}: {_message_text(wanted)}")
    for fees in case.fees:
        lines += _fees_missing(case, fees, found)
    return lines + [line for resume in case.resumed for line in _not_resumed(case, resume, found)]


def _not_resumed(case: Case, expected: ResumeExpected, found: Found) -> list[str]:
    there = [one for one in found.partners if one.partner == expected.partner]
    cut = {byte for one in there for name, byte in one.cut if name == expected.name}
    resumed = {byte for one in there for name, byte in one.resumed if name == expected.name}
    if any(0 < byte <= end for byte in resumed for end in cut):
        return []
    return [
        f"{case.name}: {expected.name} was cut at {sorted(cut) or 'no byte'} and resumed at {sorted(resumed) or 'none'}"
    ]


def _fees_missing(case: Case, expected: FeesExpected, found: Found) -> list[str]:
    there = found.fees.get(expected.dossier)
    if there is None:
        return [f"{case.name}: {expected.dossier} has no fees"]
    if (there.state, there.paid) == (expected.state, expected.paid):
        return []
    return [
        f"{case.name}: fees of {expected.dossier} are {there.state} with {there.paid} paid,"
        f" not {expected.state} with {expected.paid}"
    ]


def _unplanted_rows(cases: Sequence[Case], rows: Sequence[FoundRow]) -> list[str]:
    planted = [expected for case in cases for expected in case.rows]
    return [
        f"not planted: {row.partner} {row.business_on} {row.outcome} {row.side!r}"
        f" ours {row.our_amount} theirs {row.their_amount} {' '.join(sorted(row.dossiers))}: {row.reason}"
        for row in rows
        if row.outcome not in QUIET_OUTCOMES and not any(row_fits(row, expected) for expected in planted)
    ]


def _unplanted_messages(cases: Sequence[Case], messages: Sequence[FoundMessage]) -> list[str]:
    planted = [expected for case in cases for expected in case.messages]
    return [
        f"not planted: message {message.message_pk} of {message.partner} ({message.kind}) is {message.state}"
        f" {message.reason} {message.transport_id}".rstrip()
        for message in messages
        if _is_troubled(message) and not any(message_fits(message, expected) for expected in planted)
    ]


def _is_troubled(message: FoundMessage) -> bool:
    # Feed pages repeat themselves by nature; an event of the dossier system never should.
    return message.state in TROUBLED_STATES or (message.state == "duplicate" and message.kind == _EVENT)


def _row_text(expected: RowExpected) -> str:
    about = expected.dossier or (f"{expected.amount} đồng" if expected.amount is not None else "any")
    return f"{expected.partner} {expected.business_on} {expected.outcome} {expected.side!r} about {about}"


def _instead(expected: RowExpected, found: Found) -> str:
    if not expected.dossier:
        return ""
    others = [
        f"{row.partner} {row.business_on} {row.outcome} {row.side!r}"
        for row in found.rows
        if expected.dossier in row.dossiers
    ]
    return f"; its dossier has: {', '.join(others) or 'no row'}"


def _message_text(wanted: MessageExpected) -> str:
    facts = (wanted.partner, wanted.kind, wanted.transport_id, wanted.state, wanted.reason)
    more = [f"was {wanted.was}"] if wanted.was else []
    more += [f"asked {wanted.enquiries}+ times"] if wanted.enquiries else []
    more += [f"tried {wanted.attempts}+ times"] if wanted.attempts else []
    return " ".join([*(fact for fact in facts if fact), *more])
