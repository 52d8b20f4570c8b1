"""What a certificate says of itself, for a person who registers it; believing it is another matter."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from gateway.errors import Malformed
from gateway.security.keys import thumbprint_of

MAX_SIZE = 64 * 1024


@dataclass(frozen=True, slots=True)
class CertificateFacts:
    """``subject`` as RFC 4514 text, ``thumbprint`` SHA-256 in hex, ``not_after`` aware."""

    subject: str
    common_name: str
    serial: str
    thumbprint: str
    not_after: datetime


def certificate_facts(content: bytes) -> CertificateFacts:
    """The facts of a certificate in PEM or DER. Raises Malformed ``certificate-unreadable``."""
    try:
        if len(content) > MAX_SIZE:
            raise ValueError("too large")
        pem = content.lstrip().startswith(b"-----BEGIN")
        found = x509.load_pem_x509_certificate(content) if pem else x509.load_der_x509_certificate(content)
        subject = found.subject.rfc4514_string()
        names = [str(name.value) for name in found.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
    except ValueError as error:
        raise Malformed(
            "this is no certificate",
            code="certificate-unreadable",
            where="the uploaded file",
            action="export the certificate (not the key) from the token as .cer or .crt",
        ) from error
    return CertificateFacts(
        subject,
        names[0] if names else subject,
        str(found.serial_number),
        thumbprint_of(found.public_bytes(Encoding.DER)),
        found.not_valid_after_utc,
    )
