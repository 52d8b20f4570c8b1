"""Reports and minutes: made, prepared for signing, signed by people with certificates of their own, downloaded."""

from __future__ import annotations

import hashlib
import tempfile
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Literal

from gateway.application.access import Act, Person
from gateway.application.desk import Desk
from gateway.application.personal import log_export
from gateway.errors import Conflict, NotFound
from gateway.reports import signed
from gateway.reports.day import keep_digest
from gateway.reports.day_csv import write_csv
from gateway.reports.day_minutes import day_minutes, prepared, unsigned
from gateway.reports.day_xlsx import write_xlsx
from gateway.reports.rows import head, rows
from gateway.reports.signed import Document
from gateway.reports.verification import verify_minutes
from gateway.security.pdf_signatures import PdfSignature, check_next_signature
from gateway.security.trust import PartnerCertificates, TrustStore

__all__ = [
    "MEDIA_TYPES", "Document", "Form", "ReportFile", "accept_signed", "check_signed", "documents_of", "download",
    "export_day", "prepare_day", "trusted", "verify_day_minutes",
]  # fmt: skip

Form = Literal["pdf", "xlsx", "csv"]
MEDIA_TYPES: dict[Form, str] = {
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}


@dataclass(frozen=True, slots=True)
class ReportFile:
    """A file for a person to keep."""

    name: str
    media_type: str
    content: bytes = field(repr=False)


def export_day(desk: Desk, person: Person, partner_id: str, business_on: date, form: Form) -> ReportFile:
    """The day's current version as a file. Raises Forbidden, NotFound ``partner-unknown`` or ``day-unknown``."""
    person.require(Act.EXPORT)
    partner = desk.partner(partner_id)
    conn = desk.connection
    with conn.transaction(), tempfile.TemporaryDirectory(prefix="gateway-report-") as folder:
        report = head(conn, partner, business_on)
        stem = f"doi-soat_{partner.id}_{business_on:%Y%m%d}_v{report.version}"
        name = f"bien-ban_{stem}.pdf" if form == "pdf" else f"{stem}.{form}"
        file = Path(folder) / name
        if form == "pdf":
            file.write_bytes(unsigned(day_minutes(conn, partner, report), report.judged_at))
        elif form == "xlsx":
            write_xlsx(report, lambda outcome: rows(conn, report.version_pk, outcome), file)
        else:
            write_csv(report, rows(conn, report.version_pk), file)
        content = file.read_bytes()
        keep_digest(conn, partner, report, form, content)
        _log(desk, person, f"day-{form}:{partner.id}:{business_on}", report.whole.count, content)
        return ReportFile(name, MEDIA_TYPES[form], content)


def write_day(
    desk: Desk, person: Person, partner_id: str, business_on: date, folder: Path | None = None, form: str = ""
) -> list[Path]:
    """The day's current version as files below ``folder`` (else the gateway's own), in every form or in one.

    Raises as ``export_day``, and NotFound ``report-form-unknown``.
    """
    person.require(Act.EXPORT)
    if form and form not in MEDIA_TYPES:
        raise NotFound(
            "there is no such form",
            code="report-form-unknown",
            where=form,
            action=f"one of {', '.join(MEDIA_TYPES)}",
            facts={"form": form, "forms": list(MEDIA_TYPES)},
        )
    place = (folder or desk.settings.var / "reports") / business_on.isoformat() / desk.partner(partner_id).id
    place.mkdir(parents=True, exist_ok=True)
    files = []
    for wanted in MEDIA_TYPES:
        if form in ("", wanted):
            exported = export_day(desk, person, partner_id, business_on, wanted)
            files.append(place / exported.name)
            files[-1].write_bytes(exported.content)
    return files


def prepare_day(desk: Desk, person: Person, partner_id: str, business_on: date) -> Document:
    """The minutes of an approved day with empty signature fields, kept; preparing them again gives the same document.

    Raises Forbidden, NotFound ``day-unknown``, Conflict ``day-not-approved`` or ``report-differs``.
    """
    person.require(Act.SIGN_MINUTES)
    partner = desk.partner(partner_id)
    with desk.connection.transaction():
        report = head(desk.connection, partner, business_on)
        if report.state != "approved":
            raise Conflict(
                f"the day is {report.state}",
                code="day-not-approved",
                where=f"{partner.id} {business_on}",
                action="propose it and let another person approve it; then its minutes are signed",
                facts={"partner": partner.id, "business_on": business_on, "state": report.state},
            )
        document_pk = signed.store(
            desk.connection,
            kind="day_minutes",
            partner=partner.id,
            period=business_on.isoformat(),
            version=report.version,
            snapshot_sha256=report.snapshot_sha256,
            content=prepared(day_minutes(desk.connection, partner, report), report.judged_at),
            user=person.user,
            now=desk.clock.now(),
        )
        return signed.document(desk.connection, document_pk)


def documents_of(desk: Desk, person: Person, partner_id: str, period: str) -> list[Document]:
    """The minutes prepared for a day (``2026-11-23``) or a month (``2026-11``), the newest version first."""
    person.require(Act.SEE)
    return signed.documents(desk.connection, desk.partner(partner_id).id, period)


def download(desk: Desk, person: Person, document_pk: int) -> ReportFile:
    """The minutes with every signature so far: the file that the next person signs. Raises NotFound, Forbidden."""
    person.require(Act.EXPORT)
    document = signed.document(desk.connection, document_pk)
    content = signed.content(desk.connection, document_pk)
    _log(desk, person, f"minutes-pdf:{document.partner}:{document.period}", 1, content)
    return ReportFile(document.file_name, MEDIA_TYPES["pdf"], content)


def check_signed(desk: Desk, person: Person, document_pk: int, uploaded: bytes) -> PdfSignature:
    """Whether ``uploaded`` is the document as it stands plus the next signature, and the signer is ``person``.

    The last field is the partner's: its copy is filed by one of us and must be signed with the partner's certificate.
    Nothing is stored. Raises Forbidden, NotFound ``document-unknown``, Conflict ``signature-out-of-turn``, and
    Malformed or Untrusted as ``check_next_signature`` does.
    """
    person.require(Act.SIGN_MINUTES)
    document = signed.document(desk.connection, document_pk)
    if not document.next_field:
        raise Conflict(
            "everybody has signed these minutes",
            code="signature-out-of-turn",
            where=f"document {document_pk}",
            action="download the signed minutes",
            case="all",
        )
    return check_next_signature(
        uploaded,
        before=signed.content(desk.connection, document_pk),
        signed=[signature.field for signature in document.signatures],
        field=document.next_field,
        certificates=_who_may_sign(desk, person, document),
        trust=trusted(desk),
        at=datetime.now(UTC),  # a signature is judged in real time, never by the business clock
    )


def accept_signed(desk: Desk, person: Person, document_pk: int, uploaded: bytes) -> Document:
    """Keep the next signature, with the whole file as it was uploaded.

    Raises as ``check_signed``, and Conflict ``signature-second-office`` or ``signature-out-of-turn``.
    """
    found = check_signed(desk, person, document_pk, uploaded)
    with desk.connection.transaction():
        signed.add_signature(
            desk.connection,
            document_pk,
            signed.ORDER.index(found.field) + 1,
            found,
            person=person.user,
            content=uploaded,
            now=desk.clock.now(),
        )
        return signed.document(desk.connection, document_pk)


def verify_day_minutes(desk: Desk, person: Person, partner_id: str, business_on: date) -> bool:
    """Whether the stored version gives the very bytes that were prepared for signing; False where none were.

    Raises DoesNotClose ``report-bytes-differ``.
    """
    person.require(Act.SEE)
    with desk.connection.transaction():
        return verify_minutes(desk.connection, desk.partner(partner_id), business_on)


def trusted(desk: Desk) -> TrustStore:
    """Whom to believe. Raises ConfigurationError naming an unusable file."""
    certs = desk.settings.certs
    return TrustStore.load(anchors=certs / "root.crt", crls=certs / "crl", intermediates=certs / "intermediate.crt")


def _log(desk: Desk, person: Person, what: str, rows: int, content: bytes) -> None:
    log_export(desk, person, what, rows=rows, sha256=hashlib.sha256(content).hexdigest())


def _who_may_sign(desk: Desk, person: Person, document: Document) -> PartnerCertificates:
    if document.next_field != signed.PARTNER_FIELD:
        thumbprints = signed.certificates_of(desk.connection, person.user, document.next_field)
        return PartnerCertificates(person.user, thumbprints=thumbprints)
    partner = desk.partner(document.partner)
    files = [desk.settings.certs / name for name in partner.trust.certificates] if partner.trust else []
    return PartnerCertificates.load(partner.id, files)
