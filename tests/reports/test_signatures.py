"""People sign the minutes with their own certificates; whatever else is uploaded is refused, and said why."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import psycopg
import pytest
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import MDPPerm, SigFieldSpec, append_signature_field
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, SimpleSigner

from gateway.application import reports, signers
from gateway.errors import Conflict, Forbidden, GatewayError, Malformed, NotFound, Untrusted
from gateway.local.install import ensure
from tests.ledger.story import MONDAY
from tests.reports.signing import AN, BINH, CHI, OPS, VIEWER, Signing, covered_by_a_white_box

pytestmark = pytest.mark.services


def refused(kind: type[GatewayError], code: str, act: object, *arguments: object) -> None:
    assert callable(act)
    with pytest.raises(kind) as error:
        act(*arguments)
    assert error.value.code == code


def test_three_people_and_the_partner_sign_one_after_the_other_and_pdfsig_agrees(
    signing: Signing, tmp_path: Path
) -> None:
    signing.upload(AN, signing.sign("people/an", "lap_bieu"))
    signing.upload(BINH, signing.sign("people/binh", "ke_toan_truong"))
    signing.upload(CHI, signing.sign("people/chi", "thu_truong"))
    document = signing.upload(AN, signing.sign("bank-a", "doi_tac"))
    assert [(one.field, one.person) for one in document.signatures] == [
        ("lap_bieu", "an"), ("ke_toan_truong", "binh"), ("thu_truong", "chi"), ("doi_tac", "an"),
    ]  # fmt: skip
    assert "CN=bank-a" in document.signatures[3].subject
    assert document.next_field == ""
    file = tmp_path / "signed.pdf"
    file.write_bytes(signing.content)
    ensure("poppler-utils")
    told = subprocess.run(["pdfsig", "-nocert", str(file)], capture_output=True, text=True, check=True).stdout
    assert told.count("Signature Validation: Signature is Valid.") == 4
    assert "Nguyễn Văn An" in told
    assert told.rstrip().splitlines()[-2].strip() == "- Total document signed"


def test_prepared_minutes_are_the_same_bytes_whenever_they_are_made(signing: Signing) -> None:
    first = signing.content
    again = reports.prepare_day(signing.desk, BINH, "bank-a", MONDAY)
    assert again.document_pk == signing.document.document_pk
    assert signing.content == first
    assert reports.verify_day_minutes(signing.desk, VIEWER, "bank-a", MONDAY)


def test_minutes_saved_anew_are_refused(signing: Signing) -> None:
    changed = signing.content.replace(b"/CreationDate", b"/CreationDatE", 1)
    assert changed != signing.content
    upload = signing.sign("people/an", "lap_bieu", changed)
    refused(Untrusted, "pdf-prepared-bytes-changed", signing.upload, AN, upload)


def test_a_changed_byte_of_the_signed_update_is_refused(signing: Signing) -> None:
    upload = bytearray(signing.sign("people/an", "lap_bieu"))
    at = upload.rindex(b"/Adobe.PPKLite")
    upload[at + 10 : at + 14] = b"Mite"
    refused(Untrusted, "pdf-signature-invalid", signing.upload, AN, bytes(upload))


def test_a_signature_with_another_persons_certificate_is_refused(signing: Signing) -> None:
    refused(Untrusted, "unknown-signer", signing.upload, AN, signing.sign("people/binh", "lap_bieu"))


def test_another_person_s_certificate_for_the_same_office_does_not_sign_for_whoever_uploads_it(
    signing: Signing,
) -> None:
    certificate = (signing.certs / "intermediary.crt").read_bytes()
    signers.register_certificate(signing.desk, OPS, "em", "lap_bieu", certificate)
    refused(Untrusted, "unknown-signer", signing.upload, AN, signing.sign("intermediary", "lap_bieu"))


def test_the_certificate_of_a_person_does_not_sign_for_another_office(signing: Signing) -> None:
    refused(Untrusted, "unknown-signer", signing.upload, BINH, signing.sign("people/binh", "lap_bieu"))


@pytest.mark.parametrize(
    ("key", "code"),
    [
        ("bad/expired", "certificate-expired"),
        ("bad/revoked", "certificate-revoked"),
        ("bad/wrong-ca", "certificate-wrong-ca"),
        ("bad/wrong-purpose", "certificate-wrong-purpose"),
    ],
)
def test_a_certificate_that_is_not_to_be_believed_signs_nothing(signing: Signing, key: str, code: str) -> None:
    signers.register_certificate(signing.desk, OPS, "an", "lap_bieu", (signing.certs / f"{key}.crt").read_bytes())
    refused(Untrusted, code, signing.upload, AN, signing.sign(key, "lap_bieu"))


def test_a_withdrawn_certificate_signs_nothing_more(signing: Signing) -> None:
    upload = signing.sign("people/an", "lap_bieu")
    certificate = (signing.certs / "people" / "an.crt").read_bytes()
    signers.withdraw_certificate(signing.desk, OPS, "an", "lap_bieu", certificate)
    refused(Untrusted, "unknown-signer", signing.upload, AN, upload)
    assert [one.person for one in signers.certificates(signing.desk, VIEWER)] == ["binh", "chi"]


def test_an_update_that_hides_content_before_the_signature_is_refused(signing: Signing) -> None:
    hidden = covered_by_a_white_box(signing.content)
    refused(Untrusted, "pdf-content-changed", signing.upload, AN, signing.sign("people/an", "lap_bieu", hidden))


def test_an_update_that_hides_content_after_the_signature_is_refused(signing: Signing) -> None:
    upload = covered_by_a_white_box(signing.sign("people/an", "lap_bieu"))
    refused(Untrusted, "pdf-content-changed", signing.upload, AN, upload)


def test_a_later_signer_cannot_hide_what_an_earlier_one_signed(signing: Signing) -> None:
    signing.upload(AN, signing.sign("people/an", "lap_bieu"))
    hidden = covered_by_a_white_box(signing.content)
    upload = signing.sign("people/binh", "ke_toan_truong", hidden)
    refused(Untrusted, "pdf-content-changed", signing.upload, BINH, upload)


def test_a_signature_over_a_part_of_the_file_is_refused(signing: Signing) -> None:
    upload = signing.sign("people/an", "lap_bieu")
    at = upload.rindex(b"/ByteRange [")
    end = upload.index(b"]", at)
    numbers = upload[at + 12 : end].split()
    shorter = b" ".join([*numbers[:3], str(int(numbers[3]) - 40).encode()])
    partial = upload[: at + 12] + shorter.ljust(end - at - 12) + upload[end:]
    refused(Untrusted, "pdf-signature-partial", signing.upload, AN, partial)


def test_signing_in_the_field_of_another_office_is_refused(signing: Signing) -> None:
    refused(Untrusted, "pdf-wrong-field", signing.upload, BINH, signing.sign("people/binh", "ke_toan_truong"))


def test_a_signature_in_a_field_of_the_signers_own_is_refused(signing: Signing) -> None:
    writer = IncrementalPdfFileWriter(BytesIO(signing.content))
    append_signature_field(writer, SigFieldSpec("khac", box=(10, 10, 90, 60)))
    out = BytesIO()
    writer.write(out)
    upload = signing.sign("people/an", "khac", out.getvalue())
    refused(Untrusted, "pdf-content-changed", signing.upload, AN, upload)


def test_a_signature_that_locks_the_document_for_those_who_follow_is_refused(signing: Signing) -> None:
    people = signing.certs / "people"
    signer = SimpleSigner.load(str(people / "an.key"), str(people / "an.crt"))
    locks = PdfSignatureMetadata(field_name="lap_bieu", certify=True, docmdp_permissions=MDPPerm.NO_CHANGES)
    out = PdfSigner(locks, signer=signer).sign_pdf(IncrementalPdfFileWriter(BytesIO(signing.content)))
    refused(Untrusted, "pdf-signature-locks", signing.upload, AN, out.getvalue())


def test_the_file_as_it_was_downloaded_holds_no_signature(signing: Signing) -> None:
    refused(Untrusted, "pdf-signature-missing", signing.upload, AN, signing.content)


def test_bytes_that_are_no_pdf_update_are_told_so(signing: Signing) -> None:
    refused(Malformed, "pdf-unreadable", signing.upload, AN, signing.content + b"\nstartxref\n7\n%%EOF\n")


def test_the_same_signature_is_not_accepted_twice(signing: Signing) -> None:
    upload = signing.sign("people/an", "lap_bieu")
    signing.upload(AN, upload)
    refused(Untrusted, "pdf-signature-missing", signing.upload, BINH, upload)


def test_one_person_does_not_sign_for_two_offices(signing: Signing) -> None:
    certificate = (signing.certs / "intermediary.crt").read_bytes()
    signers.register_certificate(signing.desk, OPS, "an", "ke_toan_truong", certificate)
    signing.upload(AN, signing.sign("people/an", "lap_bieu"))
    upload = signing.sign("intermediary", "ke_toan_truong")
    refused(Conflict, "signature-second-office", signing.upload, AN, upload)


def test_another_bank_cannot_countersign(signing: Signing) -> None:
    signing.upload(AN, signing.sign("people/an", "lap_bieu"))
    signing.upload(BINH, signing.sign("people/binh", "ke_toan_truong"))
    signing.upload(CHI, signing.sign("people/chi", "thu_truong"))
    refused(Untrusted, "unknown-signer", signing.upload, AN, signing.sign("bank-b", "doi_tac"))


def test_who_only_looks_signs_nothing_and_takes_nothing_away(signing: Signing) -> None:
    pk = signing.document.document_pk
    refused(Forbidden, "act-not-allowed", signing.upload, VIEWER, b"")
    refused(Forbidden, "act-not-allowed", reports.download, signing.desk, VIEWER, pk)
    refused(Forbidden, "act-not-allowed", reports.prepare_day, signing.desk, VIEWER, "bank-a", MONDAY)
    certificate = (signing.certs / "people" / "an.crt").read_bytes()
    refused(Forbidden, "act-not-allowed", signers.register_certificate, signing.desk, AN, "an", "lap_bieu", certificate)
    refused(
        Forbidden, "certificate-of-oneself",
        signers.register_certificate, signing.desk, OPS, "ADMIN", "lap_bieu", certificate,
    )  # fmt: skip
    refused(NotFound, "document-unknown", reports.download, signing.desk, AN, 99)
    refused(
        Malformed, "certificate-unreadable", signers.register_certificate, signing.desk, OPS, "an", "lap_bieu", b"x"
    )
    refused(Conflict, "office-unknown", signers.register_certificate, signing.desk, OPS, "an", "giam_doc", certificate)


def sent(signing: Signing, at: datetime) -> None:
    signing.desk.connection.execute(
        "INSERT INTO gateway.report_delivery (partner, period, way, recipient, file_name, size, sha256, content,"
        " sent_by, sent_at) VALUES ('bank-a', '2026-11-23', 'mail', 'x@y', 'x', 1, repeat('0', 64), '', 'an', %s)",
        (at,),
    )


def test_what_was_sent_is_kept_for_ten_years_and_then_goes_by_the_hand_of_the_owner_alone(signing: Signing) -> None:
    now = datetime.now(UTC)
    sent(signing, now - timedelta(days=3649))
    with pytest.raises(psycopg.errors.CheckViolation) as kept, signing.desk.connection.transaction():
        signing.desk.connection.execute("DELETE FROM gateway.report_delivery")
    assert kept.value.diag.constraint_name == "kept_ten_years"
    sent(signing, now - timedelta(days=3655))
    signing.desk.connection.execute("SET ROLE gateway_console")
    with pytest.raises(psycopg.errors.InsufficientPrivilege), signing.desk.connection.transaction():
        signing.desk.connection.execute("DELETE FROM gateway.report_delivery")
    signing.desk.connection.execute("RESET ROLE")
    old = signing.desk.connection.execute(
        "DELETE FROM gateway.report_delivery WHERE sent_at < %s", (now - timedelta(days=3654),)
    )
    assert old.rowcount == 1


@pytest.mark.parametrize("table", ["report_document", "report_signature", "report_delivery", "person_certificate"])
def test_what_was_prepared_and_signed_is_never_edited(signing: Signing, table: str) -> None:
    signing.upload(AN, signing.sign("people/an", "lap_bieu"))
    sent(signing, datetime.now(UTC))
    for statement in (f"DELETE FROM gateway.{table}", f"UPDATE gateway.{table} SET sha256 = sha256"):
        if table == "person_certificate" and "UPDATE" in statement:
            statement = "UPDATE gateway.person_certificate SET person = 'x'"
        with pytest.raises(psycopg.errors.CheckViolation), signing.desk.connection.transaction():
            signing.desk.connection.execute(statement.encode())
