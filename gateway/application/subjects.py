"""The data subject's request: what is held about a CCCD, and its erasure as far as accounting law allows.

Money rows, names on them and signed originals are kept for as long as books are; contact data goes when nothing needs
it. Retention erases the same data by age. Each step is logged; the log knows a subject by the last digits only.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime

from gateway import retention
from gateway.application.access import Act, Person
from gateway.application.desk import Desk
from gateway.application.personal import a_reason
from gateway.errors import Malformed
from gateway.ledger.role_refusals import by_role
from gateway.masking import masked_address, masked_cccd, masked_email, masked_name, masked_phone, masked_text

_ASK = "ask somebody who is auditor"
_IDENTITY = re.compile(r"[0-9]{9,13}(-[0-9]{3})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class HeldDossier:
    """What one dossier holds about its owner, masked. ``needed``: why contact data stays now; "" if it may go."""

    dossier_code: str
    submitted_at: datetime
    owner_name: str
    owner_id_number: str
    phone: str
    email: str
    address: str
    has_receiver: bool
    needed: str
    fees: int
    payments: int
    refunds: int
    messages: int
    entries: int


@dataclass(frozen=True, slots=True)
class HeldPayer:
    """What is held about somebody as the payer of a dossier, masked. ``needed``: as of ``HeldDossier``."""

    dossier_code: str
    told_at: datetime
    name: str
    address: str
    needed: str


@dataclass(frozen=True, slots=True)
class Held:
    """The answer to a data subject, as an owner and as a payer. ``subject`` is masked."""

    subject: str
    dossiers: tuple[HeldDossier, ...]
    payers: tuple[HeldPayer, ...]


@dataclass(frozen=True, slots=True)
class Erased:
    """What an erasure did: the codes whose contact data went, and those that keep it with the reason."""

    erased: tuple[str, ...]
    kept: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class SubjectStep:
    """One line of the log of requests."""

    act: str
    by_user: str
    at: datetime
    subject: str
    reason: str
    dossier_code: str | None
    fields: tuple[str, ...]


def subject_request(desk: Desk, person: Person, cccd: str, *, reason: str) -> Held:
    """Everything held about an identity number, masked; that it was asked is logged.

    Raises Forbidden ``act-not-allowed``; Malformed ``subject-id-invalid``, ``reason-needed``.
    """
    person.require(Act.ANSWER_SUBJECT)
    number, told = _identity(cccd), a_reason(reason)
    with desk.connection.transaction():
        with by_role("cccd", "subject_log_by_auditor", _ASK):
            desk.connection.execute(
                "INSERT INTO gateway.subject_log (act, by_user, at, subject, reason) VALUES ('list', %s, %s, %s, %s)",
                (person.user, desk.clock.now(), masked_cccd(number), told),
            )
        rows = desk.connection.execute(
            "SELECT d.dossier_code, d.submitted_at, d.owner_name, d.owner_id_number, d.phone, d.email, d.address,"
            " d.deliver_to IS NOT NULL, gateway.contact_needed(d.dossier_code),"
            " (SELECT count(*) FROM gateway.fee f WHERE f.dossier_code = d.dossier_code),"
            " (SELECT count(*) FROM gateway.payment p WHERE p.dossier_code = d.dossier_code),"
            " (SELECT count(*) FROM gateway.refund r WHERE r.dossier_code = d.dossier_code),"
            " (SELECT count(*) FROM gateway.message m WHERE m.dossier_code = d.dossier_code),"
            " (SELECT count(*) FROM gateway.statement_entry e WHERE string_to_array(e.tokens || ' ' || e.keys, ' ') &&"
            "   ARRAY(SELECT q.reference FROM gateway.payment_request q WHERE q.dossier_code = d.dossier_code))"
            " FROM gateway.dossier d WHERE d.owner_id_number = %s ORDER BY d.submitted_at DESC, d.dossier_code",
            (number,),
        ).fetchall()
        paid = desk.connection.execute(
            "SELECT p.dossier_code, p.told_at, p.name, p.address, gateway.contact_needed(p.dossier_code)"
            " FROM gateway.payers_of(%s) p",
            (number,),
        ).fetchall()
    return Held(masked_cccd(number), tuple(_held(row) for row in rows), tuple(_held_payer(row) for row in paid))


def _held(row: tuple[object, ...]) -> HeldDossier:
    code, submitted_at, name, number, phone, email, address, *rest = row
    return HeldDossier(
        str(code),
        submitted_at,  # type: ignore[arg-type]  # typed by the schema
        masked_name(str(name)),
        masked_cccd(str(number)),
        masked_phone(str(phone)),
        masked_email(str(email)),
        masked_address(str(address)),
        *rest,  # type: ignore[arg-type]  # a flag, a code and counts, typed by the query
    )


def _held_payer(row: tuple[object, ...]) -> HeldPayer:
    code, told_at, name, address, needed = row
    return HeldPayer(
        str(code),
        told_at,  # type: ignore[arg-type]  # typed by the schema
        masked_name(str(name)),
        masked_address(str(address)),
        str(needed),
    )


def erase_subject(desk: Desk, person: Person, cccd: str, *, reason: str) -> Erased:
    """Erase the contact data of an identity number, as an owner and as a payer, as far as nothing needs it any more.

    A dossier in process, with a fee due, a refund or a parcel under way keeps it until retention finds that nothing
    needs it any more (``gateway.erasure_mark`` knows the number by a keyed hash alone). Name and CCCD go only where no
    money was ever taken. Raises Forbidden ``act-not-allowed``; Malformed ``subject-id-invalid``, ``reason-needed``.
    """
    person.require(Act.ANSWER_SUBJECT)
    number, told = _identity(cccd), a_reason(reason)
    with desk.connection.transaction(), by_role("cccd", "erased_by_auditor", _ASK):
        owned, paid = _dossiers_of(desk, number), _paid_by(desk, number)
        desk.connection.execute("SELECT gateway.mark_erasure(%s, %s, %s)", (number, person.user, desk.clock.now()))
        gone: list[str] = []
        for act, which in (("erase_contact", list(owned)), ("erase_payers", [pk for pk, *_ in paid])):
            rows = desk.connection.execute(
                f"SELECT * FROM gateway.{act}(%s, 'erase', %s, %s, %s, %s)",  # noqa: S608 - the two above
                (which, person.user, masked_cccd(number), told, desk.clock.now()),
            )
            gone += [str(code) for (code,) in rows]
    needs = owned | {code: needed for _, code, needed in paid}
    return Erased(tuple(sorted(set(gone))), tuple((code, why) for code, why in needs.items() if code not in gone))


def _dossiers_of(desk: Desk, number: str) -> dict[str, str]:
    """Code of every dossier of its owner -> why its contact data is needed."""
    rows = desk.connection.execute(
        "SELECT dossier_code, gateway.contact_needed(dossier_code) FROM gateway.dossier"
        " WHERE owner_id_number = %s ORDER BY dossier_code",
        (number,),
    )
    return {str(code): str(needed) for code, needed in rows}


def _paid_by(desk: Desk, number: str) -> list[tuple[int, str, str]]:
    """Every payer of the number in a dossier of somebody else: its key, the dossier and why it is needed."""
    rows = desk.connection.execute(
        "SELECT p.payer_pk, p.dossier_code, gateway.contact_needed(p.dossier_code) FROM gateway.payers_of(%s) p"
        " JOIN gateway.dossier d USING (dossier_code) WHERE d.owner_id_number <> %s ORDER BY p.dossier_code",
        (number, number),
    )
    return [(int(str(pk)), str(code), str(needed)) for pk, code, needed in rows]


def retention_due(desk: Desk, person: Person, *, limit: int = 500) -> list[str]:
    """Dossiers whose contact data is to go: kept long enough, or asked for and needed no more; the oldest first.

    Raises Forbidden ``act-not-allowed``.
    """
    person.require(Act.ANSWER_SUBJECT)
    years = retention.load(desk.settings.config).contact_years
    rows = desk.connection.execute(
        "SELECT gateway.contact_due(%s, %s, %s) UNION ALL SELECT dossier_code FROM gateway.payers_due(%s)",
        (years, desk.clock.now(), limit, limit),
    )
    return list(dict.fromkeys(str(code) for (code,) in rows))


def apply_retention(desk: Desk, person: Person, *, limit: int = 500) -> Erased:
    """Erase the contact data of what ``retention_due`` names, at most ``limit``.

    Raises Forbidden ``act-not-allowed``.
    """
    person.require(Act.ANSWER_SUBJECT)
    years = retention.load(desk.settings.config).contact_years
    with by_role("retention", "erased_by_auditor", _ASK):
        rows = desk.connection.execute(
            "SELECT gateway.erase_due_by(%s, %s, %s, %s)", (years, person.user, desk.clock.now(), limit)
        )
    return Erased(tuple(str(code) for (code,) in rows), ())


def subject_steps(desk: Desk, person: Person, *, limit: int = 100) -> list[SubjectStep]:
    """The log of requests and erasures, the newest first. Raises Forbidden ``act-not-allowed``."""
    person.require(Act.ANSWER_SUBJECT)
    rows = desk.connection.execute(
        "SELECT act, by_user, at, subject, reason, dossier_code, fields FROM gateway.subject_log"
        " ORDER BY step_pk DESC LIMIT %s",
        (limit,),
    )
    steps = [SubjectStep(*row) for row in rows]  # type: ignore[arg-type]  # the columns above
    return [replace(step, reason=masked_text(step.reason), fields=tuple(step.fields)) for step in steps]


def _identity(cccd: str) -> str:
    number = "".join(cccd.split())
    if not _IDENTITY.fullmatch(number):
        raise Malformed(
            "an identity number has 9 to 13 digits",
            code="subject-id-invalid",
            where="cccd",
            action="type the number of the CCCD (12 digits), the old CMND (9) or the tax code",
        )
    return number
