"""Detached CMS signatures (RFC 5652) over files, streamed: a file of any size costs the memory of one block."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import BinaryIO

# tsp registers signingCertificateV2 among the attributes of CMS: it must be there before one is built or read.
from asn1crypto import cms, core, tsp, x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from gateway.errors import Untrusted
from gateway.security.cms_reading import Signature, read_signature
from gateway.security.keys import PublicKey, SigningKey
from gateway.security.signature_value import wrong_signature
from gateway.security.trust import PartnerCertificates, Signer, TrustStore

ENVIRONMENT_OID = "2.25.215434837297453713437463937406417493249"  # project-defined, of the arc of UUIDs (X.667)
BLOCK = 1024 * 1024
SKEW = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class VerifiedFile:
    """A file with a valid detached signature. ``signed_at`` is the signer's word; None where it gives none."""

    signer: Signer
    sha256: str
    size: int
    signed_at: datetime | None


def sign_detached(source: BinaryIO, key: SigningKey, *, environment: str, signing_time: datetime) -> bytes:
    """The DER of a detached signature over all of ``source``, read in blocks. ``signing_time`` is real time, aware."""
    digests, _ = _digest(source, {"sha256"})
    certificate = x509.Certificate.load(key.certificate_der)
    attributes = _attributes(digests["sha256"], key, certificate, environment, signing_time)
    rsa_key = key.algorithm == "RS256"
    signer = cms.SignerInfo(
        {
            "version": "v1",
            "sid": cms.SignerIdentifier(
                name="issuer_and_serial_number",
                value={"issuer": certificate.issuer, "serial_number": certificate.serial_number},
            ),
            "digest_algorithm": {"algorithm": "sha256"},
            "signed_attrs": attributes,
            "signature_algorithm": {"algorithm": "sha256_rsa" if rsa_key else "sha256_ecdsa"},
            "signature": key.sign_der(attributes.dump()),
        }
    )
    content = cms.SignedData(
        {
            "version": "v1",
            "digest_algorithms": [{"algorithm": "sha256"}],
            "encap_content_info": {"content_type": "data"},
            "certificates": [cms.CertificateChoices(name="certificate", value=certificate)],
            "signer_infos": [signer],
        }
    )
    der: bytes = cms.ContentInfo({"content_type": "signed_data", "content": content}).dump()
    return der


def verify_detached(
    source: BinaryIO,
    signature: bytes,
    *,
    trust: TrustStore,
    partner_certificates: PartnerCertificates,
    environment: str,
    environment_required: bool = False,
    at: datetime,
) -> VerifiedFile:
    """Who signed all of ``source``. ``at`` is real time.

    ``environment_required``: whether a signature that names no environment (other software's) is refused; one that
    names another always is. Raises Malformed ``malformed-cms``; Untrusted ``unsigned-message``,
    ``weak-algorithm``, ``wrong-signature``, ``digest-mismatch``, ``wrong-environment``, ``future-timestamp``, and the
    codes of ``TrustStore.check``.
    """
    read = read_signature(signature, environment_oid=ENVIRONMENT_OID)
    signer = trust.check(read.certificate_der, partner_certificates=partner_certificates, at=at)
    verify_attributes(read, signer.public_key)
    _check_environment(read, environment, required=environment_required)
    if read.signed_at is not None and read.signed_at > at + SKEW:
        raise _untrusted("future-timestamp", f"signed at {read.signed_at.isoformat()}, which is still to come")
    digests, size = _digest(source, {"sha256", read.digest})
    if not hmac.compare_digest(digests[read.digest], read.message_digest):
        raise _untrusted("digest-mismatch", "the file is not the one that was signed")
    return VerifiedFile(signer=signer, sha256=digests["sha256"].hex(), size=size, signed_at=read.signed_at)


def verify_attributes(read: Signature, public_key: PublicKey) -> None:
    """The signature over the signed attributes. Raises Untrusted ``wrong-signature`` or ``weak-algorithm``."""
    algorithm = _HASHES[read.digest]
    try:
        if read.family == "rsa" and isinstance(public_key, rsa.RSAPublicKey):
            public_key.verify(read.value, read.attributes_der, padding.PKCS1v15(), algorithm)
        elif read.family == "ec" and isinstance(public_key, ec.EllipticCurvePublicKey):
            public_key.verify(read.value, read.attributes_der, ec.ECDSA(algorithm))
        else:
            raise _untrusted("weak-algorithm", "the algorithm of the signature is not that of the signer's key")
    except InvalidSignature as error:
        raise wrong_signature("CMS") from error


_HASHES = {"sha256": hashes.SHA256(), "sha384": hashes.SHA384(), "sha512": hashes.SHA512()}


def _check_environment(read: Signature, environment: str, *, required: bool) -> None:
    if read.environment is None and not required:
        return
    if read.environment != environment:
        raise _untrusted("wrong-environment", f"made for {read.environment!r}, this is {environment!r}")


def _digest(source: BinaryIO, names: set[str]) -> tuple[dict[str, bytes], int]:
    running = {name: hashlib.new(name) for name in names}
    size = 0
    while block := source.read(BLOCK):
        size += len(block)
        for one in running.values():
            one.update(block)
    return {name: one.digest() for name, one in running.items()}, size


def _attributes(
    digest: bytes, key: SigningKey, certificate: x509.Certificate, environment: str, signing_time: datetime
) -> cms.CMSAttributes:
    certificate_id = tsp.ESSCertIDv2({"cert_hash": bytes.fromhex(key.thumbprint)})
    return cms.CMSAttributes(
        [
            cms.CMSAttribute({"type": "content_type", "values": ["data"]}),
            cms.CMSAttribute({"type": "message_digest", "values": [digest]}),
            cms.CMSAttribute({"type": "signing_time", "values": [_time(signing_time)]}),
            cms.CMSAttribute(
                {"type": "signing_certificate_v2", "values": [tsp.SigningCertificateV2({"certs": [certificate_id]})]}
            ),
            cms.CMSAttribute({"type": ENVIRONMENT_OID, "values": [core.Any(core.UTF8String(environment))]}),
        ]
    )


def _time(at: datetime) -> cms.Time:
    # RFC 5652 11.3: UTCTime to the end of 2049, without fractions of a second.
    return cms.Time(name="utc_time", value=core.UTCTime(at.astimezone(UTC).replace(microsecond=0)))


def _untrusted(code: str, message: str) -> Untrusted:
    return Untrusted(message, code=code, where="CMS", action="never release by hand; ask the partner")
