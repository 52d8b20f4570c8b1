"""Minutes that people sign: the prepared document, the signatures accepted so far, and whose certificate is whose."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from psycopg import Connection, errors

from gateway.errors import Conflict, Forbidden, NotFound
from gateway.ledger.role_refusals import by_role
from gateway.reports import prints
from gateway.reports.minutes import FIELDS
from gateway.security.certificate_facts import CertificateFacts
from gateway.security.pdf_signatures import PdfSignature

Rows = Connection[tuple[object, ...]]
ORDER = tuple(FIELDS)
PARTNER_FIELD = ORDER[-1]


@dataclass(frozen=True, slots=True)
class Signature:
    """One accepted signature, in the order of signing."""

    step: int
    field: str
    person: str
    subject: str
    thumbprint: str
    signed_at: datetime | None
    accepted_at: datetime
    sha256: str


@dataclass(frozen=True, slots=True)
class Document:
    """Minutes prepared for signing, by the program ``made_with`` ("" for one from before that was kept).

    ``next_field`` is "" where everybody has signed.
    """

    document_pk: int
    kind: str
    partner: str
    period: str
    version: int
    snapshot_sha256: str
    sha256: str
    made_by: str
    made_at: datetime
    made_with: str
    signatures: Sequence[Signature] = field(default=())

    @property
    def next_field(self) -> str:
        return ORDER[len(self.signatures)] if len(self.signatures) < len(ORDER) else ""

    @property
    def file_name(self) -> str:
        return f"bien-ban_{self.partner}_{self.period}_v{self.version}.pdf"


_COLUMNS = "document_pk, kind, partner, period, version, snapshot_sha256, sha256, made_by, made_at, made_with"


def store(
    conn: Rows, *, kind: str, partner: str, period: str, version: int, snapshot_sha256: str, content: bytes,
    user: str, now: datetime,
) -> int:  # fmt: skip
    """Keep the prepared bytes, once: the number of the document, also where it was there already.

    What another program prepared stands. Raises Conflict ``report-differs`` where this one prepared other bytes for the
    same version, Forbidden ``act-not-allowed``.
    """
    sha256 = hashlib.sha256(content).hexdigest()
    with by_role(f"{partner} {period}", "report_document_by_finance", "ask somebody of finance"):
        conn.execute(
            "INSERT INTO gateway.report_document (kind, partner, period, version, snapshot_sha256, sha256, content,"
            " made_by, made_at, made_with) VALUES (%s, %s, %s, %s, %s, %s, %b, %s, %s, %s) ON CONFLICT DO NOTHING",
            (kind, partner, period, version, snapshot_sha256, sha256, content, user, now, prints.made_with()),
        )
    row = conn.execute(
        "SELECT document_pk, sha256, made_with FROM gateway.report_document"
        " WHERE kind = %s AND partner = %s AND period = %s AND version = %s",
        (kind, partner, period, version),
    ).fetchone()
    if row is None or (row[1] != sha256 and row[2] == prints.made_with()):
        raise Conflict(
            "the minutes of this version were prepared with other bytes",
            code="report-differs",
            where=f"{partner} {period} v{version}",
            action="what was prepared stands; report this, the same version must give the same bytes",
            facts={"partner": partner, "period": period, "version": version},
        )
    return int(str(row[0]))


def document(conn: Rows, document_pk: int) -> Document:
    """Raises NotFound ``document-unknown``."""
    found = _documents(conn, "document_pk = %s", (document_pk,))
    if not found:
        raise _unknown(document_pk)
    return found[0]


def _unknown(document_pk: int) -> NotFound:
    where = f"document {document_pk}"
    return NotFound("there is no such document", code="document-unknown", where=where, facts={"document": document_pk})


def documents(conn: Rows, partner: str, period: str) -> list[Document]:
    """The documents of a day (``2026-11-23``) or month (``2026-11``), the newest version first."""
    return _documents(conn, "partner = %s AND period = %s", (partner, period))


def _documents(conn: Rows, condition: str, values: tuple[object, ...]) -> list[Document]:
    found = conn.execute(
        f"SELECT {_COLUMNS} FROM gateway.report_document WHERE {condition} ORDER BY version DESC",  # noqa: S608 - our own text
        values,
    ).fetchall()
    return [_document(conn, row) for row in found]


def _document(conn: Rows, row: Sequence[object]) -> Document:
    pk, made_at = int(str(row[0])), row[8]
    if not isinstance(made_at, datetime):
        raise TypeError("made_at is a time")
    signatures = conn.execute(
        "SELECT step, field, person, subject, thumbprint, signed_at, accepted_at, sha256 FROM gateway.report_signature"
        " WHERE document_pk = %s ORDER BY step",
        (pk,),
    ).fetchall()
    return Document(
        pk, str(row[1]), str(row[2]), str(row[3]), int(str(row[4])), str(row[5]), str(row[6]), str(row[7]), made_at,
        str(row[9]), tuple(_signature(one) for one in signatures),
    )  # fmt: skip


def _signature(row: Sequence[object]) -> Signature:
    signed_at, accepted_at = row[5], row[6]
    if not isinstance(accepted_at, datetime):
        raise TypeError("accepted_at is a time")
    return Signature(
        int(str(row[0])), str(row[1]), str(row[2]), str(row[3]), str(row[4]),
        signed_at if isinstance(signed_at, datetime) else None, accepted_at, str(row[7]),
    )  # fmt: skip


def content(conn: Rows, document_pk: int) -> bytes:
    """The latest bytes: with every signature accepted so far, or as prepared. Raises NotFound ``document-unknown``."""
    row = conn.execute(
        "SELECT content FROM (SELECT 0 AS step, content FROM gateway.report_document WHERE document_pk = %(pk)s"
        " UNION ALL SELECT step, content FROM gateway.report_signature WHERE document_pk = %(pk)s) held"
        " ORDER BY step DESC LIMIT 1",
        {"pk": document_pk},
    ).fetchone()
    if row is None or not isinstance(row[0], bytes):
        raise _unknown(document_pk)
    return row[0]


def add_signature(
    conn: Rows, document_pk: int, step: int, signature: PdfSignature, *, person: str, content: bytes, now: datetime
) -> None:
    """Keep an accepted signature.

    Raises Conflict ``signature-out-of-turn`` or ``signature-second-office``, Forbidden ``act-not-allowed``.
    """
    try:
        with conn.transaction():
            conn.execute(
                "INSERT INTO gateway.report_signature (document_pk, step, field, person, subject, serial, thumbprint,"
                " signed_at, accepted_at, sha256, content) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %b)",
                (
                    document_pk, step, signature.field, person, signature.signer.subject, str(signature.signer.serial),
                    signature.signer.thumbprint, signature.signed_at, now, signature.sha256, content,
                ),
            )  # fmt: skip
    except errors.UniqueViolation as error:
        second = error.diag.constraint_name == "report_signature_one_office"
        if second:
            raise Conflict(
                "this person has signed these minutes already",
                code="signature-second-office",
                where=f"document {document_pk}",
                action="three people sign for three offices",
                facts={"user": person},
            ) from error
        raise _out_of_turn("somebody signed at the same moment", document_pk, "raced") from error
    except errors.CheckViolation as error:
        if error.diag.constraint_name in ("report_signature_by_finance", "report_signature_by_signer"):
            raise _not_allowed(
                error, f"document {document_pk}", "ask somebody of finance whose certificate is in force"
            ) from error
        raise _out_of_turn("it is not this office's turn to sign", document_pk, "turn") from error


def _out_of_turn(message: str, document_pk: int, case: str) -> Conflict:
    action = "download the document again and sign that"
    return Conflict(message, code="signature-out-of-turn", where=f"document {document_pk}", action=action, case=case)


def certificates_of(conn: Rows, person: str, signs_as: str) -> frozenset[str]:
    """Thumbprints of the person's certificates in force for one office."""
    found = conn.execute(
        "SELECT thumbprint FROM (SELECT DISTINCT ON (thumbprint) thumbprint, person, signs_as, in_force"
        " FROM gateway.person_certificate ORDER BY thumbprint, certificate_pk DESC) latest"
        " WHERE in_force AND lower(person) = lower(%s) AND signs_as = %s",
        (person, signs_as),
    ).fetchall()
    return frozenset(str(row[0]) for row in found)


def is_intact(conn: Rows, document_pk: int) -> bool:
    """Whether the kept bytes, and those of every signed file, are those of their digests."""
    row = conn.execute(
        "SELECT bool_and(sha256 = encode(sha256(content), 'hex')) FROM ("
        " SELECT sha256, content FROM gateway.report_document WHERE document_pk = %(pk)s UNION ALL"
        " SELECT sha256, content FROM gateway.report_signature WHERE document_pk = %(pk)s) kept",
        {"pk": document_pk},
    ).fetchone()
    return row is not None and row[0] is True


def put_certificate(
    conn: Rows, person: str, signs_as: str, facts: CertificateFacts, *, in_force: bool, by_user: str, now: datetime
) -> None:
    """Register or withdraw a certificate. Raises Forbidden ``certificate-of-oneself``, ``act-not-allowed``."""
    try:
        with conn.transaction():
            conn.execute(
                "INSERT INTO gateway.person_certificate (person, signs_as, subject, serial, thumbprint, not_after,"
                " in_force, by_user, at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
                (
                    person,
                    signs_as,
                    facts.subject,
                    facts.serial,
                    facts.thumbprint,
                    facts.not_after,
                    in_force,
                    by_user,
                    now,
                ),
            )
    except errors.CheckViolation as error:
        if error.diag.constraint_name == "person_certificate_by_ops":
            raise _not_allowed(error, person, "ask somebody who is ops") from error
        if error.diag.constraint_name == "person_certificate_two_people":
            raise Forbidden(
                "nobody registers a certificate of their own",
                code="certificate-of-oneself",
                where=person,
                action="let another person of operations register it",
            ) from error
        raise Conflict(
            "this is no office that signs minutes",
            code="office-unknown",
            where=signs_as,
            action="one of " + ", ".join(ORDER[:-1]),
            facts={"typed": signs_as},
        ) from error


def _not_allowed(error: errors.CheckViolation, where: str, action: str) -> Forbidden:
    message = error.diag.message_primary or "not allowed"
    return Forbidden(message, code="act-not-allowed", where=where, action=action, case="taken")
