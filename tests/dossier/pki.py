"""A small PKI for the tests of this folder: a CA with its CRL and leaves for the dossier system and the gateway."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from gateway.security.trust import TrustStore


def make(folder: Path) -> TrustStore:
    """Key and certificate files: ``dossier``, ``gateway-ec``, ``expired`` (the dossier system's too), ``wrong-ca``."""
    root_key = ec.generate_private_key(ec.SECP256R1())
    root = _certificate("Test Root", root_key, "Test Root", root_key, ca=True)
    other_key = ec.generate_private_key(ec.SECP256R1())
    (folder / "root.pem").write_bytes(root.public_bytes(serialization.Encoding.PEM))
    _leaf(folder, "dossier", "dossier", root_key, "Test Root")
    _leaf(folder, "gateway-ec", "gateway", root_key, "Test Root")
    _leaf(folder, "expired", "dossier", root_key, "Test Root", days=-10)
    _leaf(folder, "wrong-ca", "dossier", other_key, "Other Root")
    now = datetime.now(UTC)
    crl = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(root.subject)
        .last_update(now - timedelta(days=1))
        .next_update(now + timedelta(days=30))
        .add_extension(x509.CRLNumber(1), critical=False)
        .sign(root_key, hashes.SHA256())
    )
    (folder / "root.crl").write_bytes(crl.public_bytes(serialization.Encoding.PEM))
    return TrustStore.load(anchors=folder / "root.pem", crls=folder / "root.crl")


def _leaf(
    folder: Path, file: str, name: str, issuer_key: ec.EllipticCurvePrivateKey, issuer: str, days: int = 300
) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = _certificate(name, key, issuer, issuer_key, days=days)
    (folder / f"{file}.crt").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / f"{file}.key").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )


def _certificate(
    name: str,
    key: ec.EllipticCurvePrivateKey,
    issuer: str,
    issuer_key: ec.EllipticCurvePrivateKey,
    *,
    ca: bool = False,
    days: int = 300,
) -> x509.Certificate:
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=400))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
        .add_extension(
            x509.KeyUsage(
                digital_signature=True, content_commitment=not ca, key_encipherment=False, data_encipherment=False,
                key_agreement=False, key_cert_sign=ca, crl_sign=ca, encipher_only=False, decipher_only=False,
            ),
            critical=True,
        )
    )  # fmt: skip
    return builder.sign(issuer_key, hashes.SHA256())
