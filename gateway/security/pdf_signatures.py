"""Signatures of people in a PDF that we prepared: nothing but the next signature was added, and it is to be believed.

pyHanko reads the file and compares its revisions; its errors end here. Whom to believe is the ``TrustStore``'s to say.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO

from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import DEFAULT_DIFF_POLICY, ModificationLevel
from pyhanko.sign.diff_analysis.policy_api import DiffResult, SuspiciousModification
from pyhanko.sign.fields import MDPPerm, enumerate_sig_fields
from pyhanko.sign.validation import EmbeddedPdfSignature, SignatureCoverageLevel, async_validate_pdf_signature
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko_certvalidator import ValidationContext

from gateway.errors import Malformed, Untrusted
from gateway.security.chain import without_waiting
from gateway.security.trust import PartnerCertificates, Signer, TrustStore

MAX_UPLOAD = 32 * 1024 * 1024
_ACTION = "sign the prepared file itself, changing nothing else, and upload what the signing tool saved"


@dataclass(frozen=True, slots=True)
class PdfSignature:
    """A believed signature. ``signed_at`` is what the signer's machine said (aware), None where it said nothing."""

    field: str
    signer: Signer
    signed_at: datetime | None
    sha256: str


def check_next_signature(
    uploaded: bytes,
    *,
    before: bytes,
    signed: Sequence[str],
    field: str,
    certificates: PartnerCertificates,
    trust: TrustStore,
    at: datetime,
) -> PdfSignature:
    """The signature that ``uploaded`` adds to ``before`` in ``field``, ``signed`` being the fields signed earlier.

    ``before`` must be an untouched prefix, the update may hold that one signature (and what proves it later) and
    nothing else, and the signer's certificate must be one of ``certificates``, believed at ``at`` (real time).

    Raises Malformed ``pdf-unreadable``; Untrusted: pdf-prepared-bytes-changed, pdf-signature-missing, pdf-wrong-field,
    pdf-content-changed, pdf-signature-partial, pdf-signature-invalid, pdf-signature-locks; and as ``TrustStore.check``.
    """
    if len(uploaded) > MAX_UPLOAD:
        raise Malformed(f"the file is larger than {MAX_UPLOAD} bytes", code="pdf-unreadable", action=_ACTION)
    if not uploaded.startswith(before):
        raise _untrusted("pdf-prepared-bytes-changed", "the file does not begin with the bytes that were to be signed")
    try:
        return _check(uploaded, before, signed, field, certificates, trust, at)
    except SignatureValidationError as error:
        raise _untrusted("pdf-signature-invalid", f"the signature does not hold: {error.failure_message}") from error
    except (PdfError, ValueError, TypeError, KeyError, AssertionError, RecursionError) as error:
        # A reader of hostile files: whatever it stumbles over, the file is not a PDF that we can vouch for.
        raise Malformed("the PDF or its signature cannot be read", code="pdf-unreadable", action=_ACTION) from error


def _check(
    uploaded: bytes,
    before: bytes,
    signed: Sequence[str],
    field: str,
    certificates: PartnerCertificates,
    trust: TrustStore,
    at: datetime,
) -> PdfSignature:
    reader, earlier = PdfFileReader(BytesIO(uploaded), strict=True), PdfFileReader(BytesIO(before), strict=True)
    _require_same_fields(reader, earlier)
    by_field = {found.field_name: found for found in reader.embedded_signatures}
    added = sorted(set(by_field) - set(signed))
    if len(reader.embedded_signatures) != len(by_field) or reader.embedded_timestamp_signatures:
        raise _untrusted("pdf-content-changed", "the file holds signatures that no field of ours asked for")
    if not added:
        raise _untrusted("pdf-signature-missing", "the file holds no new signature")
    if added != [field] or set(signed) - set(by_field):
        told = f"the new signature is in {', '.join(added)}; the next one is {field}"
        raise _untrusted("pdf-wrong-field", told, {"found": added, "wanted": field})
    signature = by_field[field]
    if signature.docmdp_level is not None or signature.fieldmdp is not None:
        raise _untrusted("pdf-signature-locks", "the signature certifies or locks the file: the next could not sign it")
    _require_only_the_signature(reader, earlier.xrefs.total_revisions - 1, field)
    _require_whole(signature)
    signer = trust.check(signature.signer_cert.dump(), partner_certificates=certificates, at=at)
    _require_valid(signature, at)
    _require_earlier_hold([by_field[name] for name in signed])
    claimed = signature.self_reported_timestamp
    return PdfSignature(
        field=field,
        signer=signer,
        signed_at=None if claimed is None else claimed.astimezone(UTC),
        sha256=hashlib.sha256(uploaded).hexdigest(),
    )


def _require_same_fields(reader: PdfFileReader, earlier: PdfFileReader) -> None:
    now, then = ({name for name, _, _ in enumerate_sig_fields(one)} for one in (reader, earlier))
    if now != then:
        raise _untrusted("pdf-content-changed", "signature fields were added or removed")


def _require_only_the_signature(reader: PdfFileReader, base_revision: int, field: str) -> None:
    """Every revision after the prepared one may fill ``field`` and store what proves the signature later, no more."""
    if reader.xrefs.total_revisions - 1 <= base_revision:
        raise _untrusted("pdf-signature-missing", "nothing was added to the file")
    found = DEFAULT_DIFF_POLICY.review_file(reader, base_revision, doc_mdp=MDPPerm.FILL_FORMS)
    if isinstance(found, SuspiciousModification):
        raise _untrusted("pdf-content-changed", f"more than a signature was added: {found}")
    if found.modification_level > ModificationLevel.FORM_FILLING or found.changed_form_fields - {field}:
        raise _untrusted("pdf-content-changed", "more than one signature field was changed")


def _require_whole(signature: EmbeddedPdfSignature) -> None:
    """The signature is over all that stands before it, and nothing that counts stands after it."""
    signature.compute_integrity_info()
    if signature.coverage is None or signature.coverage < SignatureCoverageLevel.ENTIRE_REVISION:
        raise _untrusted("pdf-signature-partial", "the signature is over a part of the file only")
    after = signature.diff_result
    if not isinstance(after, DiffResult) or after.modification_level > ModificationLevel.LTA_UPDATES:
        raise _untrusted("pdf-content-changed", "something was added after the signature")


def _require_valid(signature: EmbeddedPdfSignature, at: datetime) -> None:
    """The mathematics, the algorithms and the signed attributes. The certificate was believed before."""
    context = ValidationContext(trust_roots=[signature.signer_cert], moment=at, allow_fetching=False)
    found = without_waiting(async_validate_pdf_signature(signature, signer_validation_context=context))
    if not (found.intact and found.valid):
        raise _untrusted("pdf-signature-invalid", "the signature is not over these bytes")


def _require_earlier_hold(earlier: Sequence[EmbeddedPdfSignature]) -> None:
    for signature in earlier:
        signature.compute_integrity_info()
        if not isinstance(signature.diff_result, DiffResult) or not signature.summarise_integrity_info()["docmdp_ok"]:
            raise _untrusted("pdf-content-changed", f"the signature in {signature.field_name} no longer holds")


def _untrusted(code: str, message: str, facts: Mapping[str, object] | None = None) -> Untrusted:
    return Untrusted(message, code=code, where="PDF", action=_ACTION, facts=facts)
