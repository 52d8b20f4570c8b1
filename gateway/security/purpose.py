"""What a certificate may be used for, and how strong its key must be."""

from __future__ import annotations

from typing import Literal, TypeVar

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

from gateway.errors import Untrusted
from gateway.security.keys import PublicKey

_E = TypeVar("_E", bound=x509.ExtensionType)

Purpose = Literal["signature", "any"]

MIN_RSA_BITS = 2048
CURVES = (ec.SECP256R1, ec.SECP384R1, ec.SECP521R1)

# A certificate that limits its purposes must name one of these to sign messages and files.
_DOCUMENT_SIGNING = x509.ObjectIdentifier("1.3.6.1.5.5.7.3.36")
SIGNING_PURPOSES = frozenset(
    {
        ExtendedKeyUsageOID.CLIENT_AUTH,
        ExtendedKeyUsageOID.EMAIL_PROTECTION,
        ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE,
        _DOCUMENT_SIGNING,
    }
)


def require_strong_key(certificate: x509.Certificate, where: str) -> PublicKey:
    """The public key, RSA of at least 2048 bits or EC on a NIST prime curve. Raises Untrusted ``weak-key``."""
    try:
        key = certificate.public_key()
    except (ValueError, UnsupportedAlgorithm) as error:
        raise _weak("its key cannot be read", where) from error
    if isinstance(key, rsa.RSAPublicKey):
        if key.key_size < MIN_RSA_BITS:
            raise _weak(f"RSA of {key.key_size} bits", where)
        return key
    if isinstance(key, ec.EllipticCurvePublicKey):
        if not isinstance(key.curve, CURVES):
            raise _weak(f"curve {key.curve.name}", where)
        return key
    raise _weak("neither RSA nor EC", where)


def require_purpose(certificate: x509.Certificate, purpose: Purpose, where: str) -> None:
    """Raises Untrusted ``certificate-wrong-purpose`` where the certificate was not made for it.

    For ``signature`` it is no CA's, allows digital signatures or non-repudiation, and, where it names extended
    purposes, one of ``SIGNING_PURPOSES``. ``any`` asks nothing.
    """
    if purpose == "any":
        return
    try:
        extensions = certificate.extensions
    except (ValueError, x509.DuplicateExtension) as error:
        raise _wrong_purpose("its extensions cannot be read", where) from error
    constraints = _extension(extensions, x509.BasicConstraints)
    if constraints is not None and constraints.ca:
        raise _wrong_purpose("it is a CA's certificate", where)
    usage = _extension(extensions, x509.KeyUsage)
    if usage is not None and not (usage.digital_signature or usage.content_commitment):
        raise _wrong_purpose("its key usage does not include signatures", where)
    extended = _extension(extensions, x509.ExtendedKeyUsage)
    if extended is not None and SIGNING_PURPOSES.isdisjoint(extended):
        raise _wrong_purpose("its extended key usage does not include signing", where)


def _extension(extensions: x509.Extensions, kind: type[_E]) -> _E | None:
    try:
        return extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None


def _weak(what: str, where: str) -> Untrusted:
    return Untrusted(
        f"the certificate's key is too weak: {what}",
        code="weak-key",
        where=where,
        action="the partner needs a certificate with RSA of 2048 bits or more, or EC P-256, P-384 or P-521",
    )


def _wrong_purpose(what: str, where: str) -> Untrusted:
    return Untrusted(
        f"the certificate was not made for signing: {what}",
        code="certificate-wrong-purpose",
        where=where,
        action="ask the partner to sign with its signing certificate",
    )
