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
class Held:
    """The answer to a data subject. ``subject`` is masked."""

    subject: str
    dossiers: tuple[HeldDossier, ...]


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
    return Held(masked_cccd(number), tuple(_held(row) for row in rows))


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


def erase_subject(desk: Desk, person: Person, cccd: str, *, reason: str) -> Erased:
    """Erase the contact data of an identity number's dossiers, as far as nothing needs it any more.

    A dossier in process, with a fee due, a refund or a parcel under way keeps it until retention finds that nothing
    needs it any more (``gateway.erasure_mark`` knows the number by a keyed hash alone). Name and CCCD go only where no
    money was ever taken. Raises Forbidden ``act-not-allowed``; Malformed ``subject-id-invalid``, ``reason-needed``.
    """
    person.require(Act.ANSWER_SUBJECT)
    number, told = _identity(cccd), a_reason(reason)
    with desk.connection.transaction(), by_role("cccd", "erased_by_auditor", _ASK):
        codes = [
            (str(code), str(needed))
            for code, needed in desk.connection.execute(
                "SELECT dossier_code, gateway.contact_needed(dossier_code) FROM gateway.dossier"
                " WHERE owner_id_number = %s ORDER BY dossier_code",
                (number,),
            )
        ]
        now = desk.clock.now()
        desk.connection.execute("SELECT gateway.mark_erasure(%s, %s, %s)", (number, person.user, now))
        rows = desk.connection.execute(
            "SELECT * FROM gateway.erase_contact(%s, 'erase', %s, %s, %s, %s)",
            ([code for code, _ in codes], person.user, masked_cccd(number), told, now),
        )
        gone = [str(code) for (code,) in rows]
    return Erased(tuple(gone), tuple((code, needed) for code, needed in codes if code not in gone))


def retention_due(desk: Desk, person: Person, *, limit: int = 500) -> list[str]:
    """Dossiers whose contact data is to go: kept long enough, or asked for and needed no more; the oldest first.

    Raises Forbidden ``act-not-allowed``.
    """
    person.require(Act.ANSWER_SUBJECT)
    years = retention.load(desk.settings.config).contact_years
    rows = desk.connection.execute("SELECT gateway.contact_due(%s, %s, %s)", (years, desk.clock.now(), limit))
    return [str(code) for (code,) in rows]


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
