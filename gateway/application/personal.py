"""Personal data: its classes, and the logs of what was shown unmasked or left as a file.

Columns that hold personal data say so in the schema (``personal:<class>``); ``docs/privacy.md`` maps each. Pages and
reports show masks (``gateway.masking``); ``reveal`` shows one field to one person, for a reason that is kept.
"""

from __future__ import annotations

import json
import string
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from gateway.application.access import Act, Person
from gateway.application.desk import Desk
from gateway.errors import Malformed, NotFound
from gateway.ledger.role_refusals import by_role
from gateway.masking import masked_text
from gateway.retention import Periods

_LEAST_REASON = 5


class Term(StrEnum):
    """Which period of ``config/retention.toml`` counts."""

    BOOKS = "books"
    REPORTS = "reports"
    CONTACT = "contact"


@dataclass(frozen=True, slots=True)
class PersonalClass:
    """One class of personal data, and the term that it is kept for."""

    name: str
    term: Term

    def years(self, periods: Periods) -> int:
        """How long: from the dossier's end, the money or the document's making."""
        return {
            Term.BOOKS: periods.books_years,
            Term.REPORTS: periods.reports_years,
            Term.CONTACT: periods.contact_years,
        }[self.term]


CLASSES: Mapping[str, PersonalClass] = MappingProxyType(
    {
        one.name: one
        for one in (
            PersonalClass("name", Term.BOOKS),
            PersonalClass("cccd", Term.BOOKS),
            PersonalClass("account", Term.BOOKS),
            PersonalClass("free-text", Term.BOOKS),
            PersonalClass("remark", Term.BOOKS),
            PersonalClass("original", Term.BOOKS),
            PersonalClass("report", Term.REPORTS),
            PersonalClass("phone", Term.CONTACT),
            PersonalClass("email", Term.CONTACT),
            PersonalClass("address", Term.CONTACT),
            PersonalClass("party", Term.CONTACT),
            PersonalClass("summary", Term.CONTACT),
        )
    }
)
"""Every class that a column of the schema may name."""


_PUNCTUATION = str.maketrans(string.punctuation, " " * len(string.punctuation))


def folded(value: str) -> str:
    """Small letters without diacritics, đ folded too, single spaces: the twin of SQL's ``gateway.folded``."""
    apart = unicodedata.normalize("NFD", value)
    bare = "".join(letter for letter in apart if not "\u0300" <= letter <= "\u036f")
    return " ".join(bare.translate(str.maketrans("đĐ", "dd")).lower().split())


def words_of(value: str) -> list[str]:
    """The folded words of a name, without punctuation: the twin of SQL's ``gateway.words_of``."""
    return [word for word in folded(value)[:500].translate(_PUNCTUATION).split(" ") if word]


@dataclass(frozen=True, slots=True)
class Field:
    """A personal column that may be revealed: in which table, under which key."""

    table: str
    key: str
    column: str
    personal: str


def _fields() -> Mapping[tuple[str, str], Field]:
    known = {
        ("dossier", "owner_name"): "name",
        ("dossier", "owner_id_number"): "cccd",
        ("dossier", "phone"): "phone",
        ("dossier", "email"): "email",
        ("dossier", "address"): "address",
        ("dossier", "deliver_to"): "party",
        ("dossier", "accepted_by"): "name",
        ("payer", "name"): "name",
        ("payer", "address"): "address",
        ("dossier", "summary"): "summary",
        ("payment_request", "account"): "account",
        ("payment", "account"): "account",
        ("statement", "account"): "account",
        ("statement_entry", "account"): "account",
        ("statement_entry", "text"): "free-text",
        ("remittance", "account"): "account",
        ("break_decision", "reason"): "remark",
        ("enquiry", "question"): "remark",
        ("enquiry_answer", "answer"): "remark",
        ("refund", "reason"): "remark",
    }
    keys = {
        "dossier": "dossier_code", "payer": "payer_pk", "payment_request": "request_pk", "payment": "payment_pk",
        "statement": "statement_pk", "statement_entry": "entry_pk", "remittance": "remittance_pk",
        "break_decision": "decision_pk", "enquiry": "decision_pk", "enquiry_answer": "decision_pk",
        "refund": "refund_pk",
    }  # fmt: skip
    return {(table, column): Field(table, keys[table], column, personal) for (table, column), personal in known.items()}


FIELDS: Mapping[tuple[str, str], Field] = MappingProxyType(_fields())
"""(table, column) -> how it is read. A subject is named ``table:key``: ``dossier:H49.12-20261123-0000001``."""


@dataclass(frozen=True, slots=True)
class Revealed:
    """One line of the log of revealed data."""

    by_user: str
    at: datetime
    subject: str
    field: str
    personal: str
    reason: str


@dataclass(frozen=True, slots=True)
class Exported:
    """One line of the log of exports."""

    by_user: str
    at: datetime
    what: str
    row_count: int
    sha256: str


def a_reason(reason: str) -> str:
    """The reason, trimmed. Raises Malformed ``reason-needed`` where it is none."""
    told = " ".join(reason.split())
    if len(told) < _LEAST_REASON:
        raise Malformed(
            "a reason of at least five letters is needed",
            code="reason-needed",
            where="reason",
            action="say why; it is kept with your name",
        )
    return told


def reveal(desk: Desk, person: Person, subject: str, field: str, *, reason: str) -> str:
    """One personal field as it is. The look is on record before the value is read, and both or neither happen.

    Raises Forbidden ``act-not-allowed``; Malformed ``reason-needed``; NotFound ``personal-field-unknown``.
    """
    person.require(Act.REVEAL)
    told = a_reason(reason)
    table, _, key = subject.partition(":")
    wanted = FIELDS.get((table, field))
    if wanted is None:
        raise _unknown(subject, field)
    with desk.connection.transaction():
        with by_role(subject, "reveal_log_by_role", "ask somebody of finance"):
            desk.connection.execute(
                "INSERT INTO gateway.reveal_log (by_user, at, subject, field, class, reason)"
                " VALUES (%s, %s, %s, %s, %s, %s)",
                (person.user, desk.clock.now(), subject, field, wanted.personal, told),
            )
        row = desk.connection.execute(
            f"SELECT {wanted.column} FROM gateway.{wanted.table} WHERE {wanted.key} = %s",  # noqa: S608 - constants
            (_typed(wanted, key, subject),),
        ).fetchone()
        if row is None:
            raise _unknown(subject, field)
    value = row[0]
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else str(value or "")


def _typed(field: Field, key: str, subject: str) -> str | int:
    if field.table == "dossier":
        return key
    if not key.isascii() or not key.isdigit() or len(key) > 18:
        raise _unknown(subject, field.column)
    return int(key)


def _unknown(subject: str, field: str) -> NotFound:
    return NotFound(
        f"there is no {field!r} that can be shown",
        code="personal-field-unknown",
        where=subject,
        action="open the page again and choose a field that it lists",
        facts={"field": field},
    )


def revealed(desk: Desk, person: Person, *, subject: str = "", limit: int = 100) -> list[Revealed]:
    """The latest looks, the newest first; of one subject if it is named. Raises Forbidden ``act-not-allowed``."""
    person.require(Act.REVEAL)
    rows = desk.connection.execute(
        "SELECT by_user, at, subject, field, class, reason FROM gateway.reveal_log"
        " WHERE %s = '' OR subject = %s ORDER BY reveal_pk DESC LIMIT %s",
        (subject, subject, limit),
    )
    looks = [Revealed(*row) for row in rows]  # type: ignore[arg-type]  # the columns above, typed by the schema
    return [replace(look, reason=masked_text(look.reason)) for look in looks]


def log_export(
    desk: Desk, person: Person, what: str, *, rows: int, sha256: str, filters: Mapping[str, object] | None = None
) -> int:
    """Record that a file left: ``what`` names it (``day-xlsx:bank-a:2026-11-23``). Its number.

    Call it inside the transaction that makes the file. Raises Forbidden ``act-not-allowed``.
    """
    person.require(Act.EXPORT)
    with by_role(what, "export_log_by_role", "ask somebody of finance"):
        row = desk.connection.execute(
            "INSERT INTO gateway.export_log (by_user, at, what, row_count, sha256, filters)"
            " VALUES (%s, %s, %s, %s, %s, %s::jsonb) RETURNING export_pk",
            (person.user, desk.clock.now(), what, rows, sha256, json.dumps(filters or {}, default=str, sort_keys=True)),
        ).fetchone()
    assert row is not None
    return int(str(row[0]))


def exported(desk: Desk, person: Person, *, limit: int = 100) -> list[Exported]:
    """The latest exports, the newest first. Raises Forbidden ``act-not-allowed``."""
    person.require(Act.EXPORT)
    rows = desk.connection.execute(
        "SELECT by_user, at, what, row_count, sha256 FROM gateway.export_log ORDER BY export_pk DESC LIMIT %s", (limit,)
    )
    return [Exported(*row) for row in rows]  # type: ignore[arg-type]  # the columns above
