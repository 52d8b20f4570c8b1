"""One timeline of everything about a dossier, and the thread that leads from a break to all of its evidence.

Each kind of event is one statement over indexes; nothing is computed here but the order. Personal numbers in free text
are masked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from gateway.application.access import Act, Person
from gateway.application.desk import Desk
from gateway.application.timeline_queries import (
    BUSINESS,
    CURRENT,
    ENTRIES,
    MESSAGES,
    MOVED_TO,
    PAYMENTS,
    ROW_ENTRIES,
    ROW_FILES,
    ROW_PAYMENTS,
    WORDS,
)
from gateway.errors import NotFound
from gateway.masking import as_shown, masked_address, masked_cccd, masked_email, masked_phone, masked_text


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened. ``name``, ``state``: codes or names as stored; ``key``: ``table:key`` of its row.

    ``digest``: SHA-256 in hex of the bytes it stands for; "" where it stands for none.
    """

    at: datetime
    kind: str
    name: str
    state: str
    amount: int | None
    partner: str
    reference: str
    detail: str
    key: str
    digest: str


@dataclass(frozen=True, slots=True)
class DossierFacts:
    """The dossier's own facts; personal ones masked (the owner's name is shown: it is on every voucher)."""

    dossier_code: str
    procedure_code: str
    procedure_name: str
    unit_name: str
    channel: int
    status: int
    owner_name: str
    owner_id_number: str
    phone: str
    email: str
    address: str
    has_receiver: bool
    returns_by_post: bool
    submitted_at: datetime
    due_at: datetime | None
    owed: int
    paid: int


@dataclass(frozen=True, slots=True)
class PayerFacts:
    """Who was told to pay, with a request for fees; the address is masked. ``is_owner``: the dossier's owner is."""

    payer_pk: int
    name: str
    address: str
    is_owner: bool
    told_at: datetime


@dataclass(frozen=True, slots=True)
class Timeline:
    """A dossier, who was told to pay for it, and what happened to it, the oldest first."""

    dossier: DossierFacts
    payers: tuple[PayerFacts, ...]
    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class Stage:
    """One link of the thread: its kind and the events of it, the oldest first."""

    kind: str
    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class Thread:
    """From a break to its evidence: dossier, messages, signatures, receipts, fees, payments, statement entries."""

    partner: str
    business_on: date
    row_no: int
    dossier_codes: tuple[str, ...]
    stages: tuple[Stage, ...]


_ORDER = ("dossier", "message", "signature", "receipt", "message_step", "message_aside", "fee", "fee_change",
          "request", "request_status", "payment", "allocation", "refund", "order", "tracking", "entry", "judged",
          "decision")  # fmt: skip
"""The order of events of one time: causes first."""
_WRITTEN = ("entry", "fee_change", "refund", "decision", "message_aside")
"""Kinds whose detail is in somebody's own words."""


def timeline(desk: Desk, person: Person, dossier_code: str) -> Timeline:
    """Everything about a dossier. Messages and their proofs only for those who may see messages.

    Raises Forbidden ``act-not-allowed``; NotFound ``dossier-not-found``.
    """
    person.require(Act.SEE)
    with desk.connection.transaction():
        facts, payers = _facts(desk, dossier_code), _payers(desk, dossier_code)
        values = _belongings(desk, dossier_code)
        events = list(_events(desk, BUSINESS, values))
        if person.may(Act.SEE_MESSAGES):
            events += _events(desk, MESSAGES, values)
    return Timeline(facts, payers, _sorted(events))


def _sorted(events: list[Event]) -> tuple[Event, ...]:
    return tuple(sorted(events, key=lambda event: (event.at, _ORDER.index(event.kind), event.key)))


def _belongings(desk: Desk, code: str) -> Mapping[str, object]:
    """What belongs to the dossier, as values for the statements: payments, words, entries, and the days of both."""
    run = desk.connection.execute
    payments = run(PAYMENTS, {"code": code}).fetchall()
    words = {str(word) for (word,) in run(WORDS, {"code": code})} | {str(number) for *_, number in payments if number}
    entries = run(ENTRIES.encode(), {"words": sorted(words)}).fetchall() if words else []
    pks = {"payments": [pk for pk, *_ in payments], "entries": [pk for pk, *_ in entries]}
    moved = run(MOVED_TO, pks).fetchall()
    days = sorted({*((partner, on) for _, partner, on, *_ in [*payments, *entries]), *moved}, key=str)
    return {
        "code": code,
        **pks,
        "partners": [partner for partner, _ in days],
        "days": [on for _, on in days],
    }


def _events(desk: Desk, queries: Mapping[str, str], values: Mapping[str, object]) -> Iterator[Event]:
    for kind, query in queries.items():
        for row in desk.connection.execute(query.encode(), values):
            yield _event(kind, row)


def _event(kind: str, row: tuple[object, ...]) -> Event:
    at, name, state, amount, partner, reference, detail, key, digest = row
    assert isinstance(at, datetime)
    told = as_shown(str(detail)) if kind == "judged" else masked_text(str(detail)) if kind in _WRITTEN else str(detail)
    named = masked_text(str(name)) if kind == "tracking" else str(name)
    state = masked_text(str(state)) if kind == "allocation" else state  # why money was given to the fee
    shown = None if amount is None else int(str(amount))
    return Event(at, kind, named, str(state), shown, str(partner), str(reference), told, str(key), str(digest))


def _facts(desk: Desk, code: str) -> DossierFacts:
    row = desk.connection.execute(
        "SELECT dossier_code, procedure_code, procedure_name, unit_name, channel, status, owner_name, owner_id_number,"
        " phone, email, address, deliver_to IS NOT NULL, returns_by_post, submitted_at, due_at,"
        " (SELECT coalesce(sum(amount), 0)::bigint FROM gateway.fee f WHERE f.dossier_code = d.dossier_code"
        "   AND state <> 'cancelled'),"
        " (SELECT coalesce(sum(paid), 0)::bigint FROM gateway.fee f WHERE f.dossier_code = d.dossier_code)"
        " FROM gateway.dossier d WHERE dossier_code = %s",
        (code,),
    ).fetchone()
    if row is None:
        raise NotFound(
            f"no dossier {code}",
            code="dossier-not-found",
            where=code,
            action="search for it: the code may lack dots or dashes",
            facts={"dossier_code": code},
        )
    found = list(row)
    found[7:11] = [
        masked_cccd(str(row[7])),
        masked_phone(str(row[8])),
        masked_email(str(row[9])),
        masked_address(str(row[10])),
    ]
    return DossierFacts(*found)  # type: ignore[arg-type]  # the columns above, typed by the schema


def _payers(desk: Desk, code: str) -> tuple[PayerFacts, ...]:
    rows = desk.connection.execute(
        "SELECT payer_pk, name, address, is_owner, told_at FROM gateway.payer WHERE dossier_code = %s"
        " ORDER BY told_at, payer_pk",
        (code,),
    )
    return tuple(PayerFacts(pk, name, masked_address(str(address)), *rest) for pk, name, address, *rest in rows)  # type: ignore[arg-type]  # the columns above


_THREAD = ("dossier", "message", "signature", "receipt", "fee", "payment", "entry", "file")
_STAGE_OF = {"message_aside": "message"}
"""Events that stand in the stage of another kind."""


def thread(desk: Desk, person: Person, partner: str, business_on: date, which: int | str) -> Thread:
    """The evidence behind one row of the day's current version, named by its number or its key.

    Raises Forbidden ``act-not-allowed``; NotFound ``break-unknown``.
    """
    person.require(Act.SEE)
    with desk.connection.transaction():
        row = desk.connection.execute(
            f"SELECT r.row_no, r.dossier_codes, r.payment_pks, r.entry_pks FROM {CURRENT}"  # noqa: S608 - constants
            " JOIN gateway.recon_row r USING (version_pk)"
            " WHERE d.partner = %s AND d.business_on = %s AND (r.row_no = %s OR r.row_key = %s)",
            (partner, business_on, which if isinstance(which, int) else None, str(which)),
        ).fetchone()
        if row is None:
            raise NotFound(
                f"the day's current version has no row {which}",
                code="break-unknown",
                where=f"{partner} {business_on}",
                facts={"partner": partner, "business_on": business_on},
                action="open the day again: it may have been reconciled anew",
            )
        codes, payments, entries = (list(part) if isinstance(part, list) else [] for part in row[1:])
        found = {kind: list[Event]() for kind in _THREAD}
        kinds = {kind: BUSINESS[kind] for kind in ("dossier", "fee")}
        if person.may(Act.SEE_MESSAGES):
            kinds |= {kind: MESSAGES[kind] for kind in ("message", "message_aside", "signature", "receipt")}
        for code in codes:
            for event in _events(desk, kinds, {"code": str(code)}):
                found[_STAGE_OF.get(event.kind, event.kind)].append(event)
        for kind, query, pks in (
            ("payment", ROW_PAYMENTS, payments),
            ("entry", ROW_ENTRIES, entries),
            ("file", ROW_FILES, entries),
        ):
            found[kind] += [_event(kind, line) for line in desk.connection.execute(query.encode(), (pks,))]
    stages = tuple(
        Stage(kind, tuple(sorted(events, key=lambda event: (event.at, event.key)))) for kind, events in found.items()
    )
    return Thread(partner, business_on, int(str(row[0])), tuple(map(str, codes)), stages)
