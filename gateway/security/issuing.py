"""Issues certificates and revocation lists for the development PKI, and for nothing else."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey

CA_LIFETIME = timedelta(days=3650)
CRL_LIFETIME = timedelta(days=400)  # beyond the leaves: what expires is told as expired
_BACKDATED = timedelta(hours=1)  # clocks differ

_YEAR, _DAY = timedelta(days=365), timedelta(days=1)
# name: issued by our CA?, begins when, lives how long, for TLS servers only?
BOUND_TO_FAIL: Mapping[str, tuple[bool, timedelta, timedelta, bool]] = MappingProxyType(
    {
        "expired": (True, -_YEAR, _YEAR - _DAY, False),
        "revoked": (True, timedelta(0), _YEAR, False),
        "wrong-ca": (False, timedelta(0), _YEAR, False),
        "wrong-purpose": (True, timedelta(0), _YEAR, True),
    }
)


@dataclass(frozen=True, slots=True)
class Authority:
    """A CA: its certificate and its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey = field(repr=False)


def new_ec_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def new_rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def new_authority(name: str, parent: Authority | None, now: datetime) -> Authority:
    """A root (no parent), or an intermediate that may issue leaves only."""
    key = new_ec_key()
    subject = _name(name)
    issuer = subject if parent is None else parent.certificate.subject
    signing_key = key if parent is None else parent.key
    certificate = (
        _builder(subject, issuer, key, now - _BACKDATED, now + CA_LIFETIME)
        .add_extension(x509.BasicConstraints(ca=True, path_length=1 if parent is None else 0), critical=True)
        .add_extension(_usage(certificates=True), critical=True)
        .add_extension(_authority_key(signing_key), critical=False)
        .sign(signing_key, hashes.SHA256())
    )
    return Authority(certificate, key)


def issue_leaf(
    name: str, key: PrivateKey, issuer: Authority, now: datetime, lifetime: timedelta, *, server_only: bool = False
) -> x509.Certificate:
    """A certificate to sign with and, in development, to serve TLS on loopback with; or only the latter."""
    purposes = [ExtendedKeyUsageOID.SERVER_AUTH]
    if name != "localhost" and not server_only:
        purposes += [ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.EMAIL_PROTECTION]
    loopback = [
        x509.DNSName("localhost"),
        x509.IPAddress(ipaddress.ip_address("127.0.0.1")),
        x509.IPAddress(ipaddress.ip_address("::1")),
    ]
    return (
        _builder(_name(name), issuer.certificate.subject, key, now - _BACKDATED, now + lifetime)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
        .add_extension(x509.SubjectAlternativeName(loopback), critical=False)
        .add_extension(_authority_key(issuer.key), critical=False)
        .sign(issuer.key, hashes.SHA256())
    )


def issue_personal(
    full_name: str, key: PrivateKey, issuer: Authority, now: datetime, lifetime: timedelta
) -> x509.Certificate:
    """A person's certificate, to sign documents with and for nothing else."""
    return (
        _builder(_name(full_name), issuer.certificate.subject, key, now - _BACKDATED, now + lifetime)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
        .add_extension(_authority_key(issuer.key), critical=False)
        .sign(issuer.key, hashes.SHA256())
    )


def revocation_list(issuer: Authority, revoked: Sequence[x509.Certificate], now: datetime) -> bytes:
    """The PEM of the issuer's revocation list."""
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer.certificate.subject)
        .last_update(now - _BACKDATED)
        .next_update(now + CRL_LIFETIME)
        .add_extension(x509.CRLNumber(1), critical=False)
        .add_extension(_authority_key(issuer.key), critical=False)
    )
    for certificate in revoked:
        entry = x509.RevokedCertificateBuilder().serial_number(certificate.serial_number)
        builder = builder.add_revoked_certificate(
            entry.revocation_date(now - _BACKDATED)
            .add_extension(x509.CRLReason(x509.ReasonFlags.key_compromise), critical=False)
            .build()
        )
    return builder.sign(issuer.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def _name(common_name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "VN"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Quảng Ninh"),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, "development"),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


def _builder(
    subject: x509.Name, issuer: x509.Name, key: PrivateKey, begins: datetime, ends: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(ends)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _authority_key(key: PrivateKey) -> x509.AuthorityKeyIdentifier:
    return x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key())


def _usage(*, certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not certificates,
        content_commitment=not certificates,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=certificates,
        crl_sign=certificates,
        encipher_only=False,
        decipher_only=False,
    )
