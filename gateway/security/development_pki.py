"""A PKI for development and demonstration, made by one command. Production refuses every certificate of it.

::

    root.crt  intermediate.crt            the CAs (keys in ca/)
    crl/root.crl  crl/intermediate.crl    their revocation lists
    <party>.crt  <party>.key              one leaf per party; the gateway has gateway-ec and gateway-rsa
    localhost.crt  localhost.key          TLS server on loopback
    people/<user>.crt  people/<user>.key  what the demo's accountants and their chief sign documents with
    bad/expired  bad/revoked  bad/wrong-ca  bad/wrong-purpose     what bank-a must not be believed with
    bad/other-root.crt                    the CA of bad/wrong-ca, which nobody trusts
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.x509.oid import NameOID

from gateway.errors import Conflict
from gateway.security.issuing import (
    BOUND_TO_FAIL,
    Authority,
    PrivateKey,
    issue_leaf,
    issue_personal,
    new_authority,
    new_ec_key,
    new_rsa_key,
    revocation_list,
)
from gateway.security.keys import thumbprint_of
from gateway.security.pem import read_certificate_file

DEVELOPMENT_UNIT = "development"
PARTIES = ("gateway", "dossier", "bank-a", "bank-b", "intermediary", "vnpost", "national-portal")
RSA_PARTIES = frozenset({"national-portal"})
PEOPLE: Mapping[str, str] = MappingProxyType({"an": "Nguyễn Văn An", "binh": "Trần Thị Bình", "chi": "Lê Thị Chi"})
"""The demo's users with a personal key: the accountant, the chief accountant, the head of the centre."""
LEAF_LIFETIME = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class CertificateStatus:
    """One certificate of a folder: whose, until when, and whether it is of development."""

    name: str
    subject: str
    not_before: datetime
    not_after: datetime
    days_left: int
    development: bool
    thumbprint: str


def create(folder: Path, *, parties: Sequence[str] = PARTIES, force: bool = False) -> None:
    """A whole PKI in ``folder``, in real time. Private keys are for the owner only (0600) and written atomically.

    Raises Conflict ``certificates-exist`` where there is one already and not ``force``.
    """
    if not force and (folder / "root.crt").exists():
        raise Conflict(
            "there are certificates already",
            code="certificates-exist",
            where=str(folder),
            action="keep them, or make new ones with --force (old signatures are then no longer believed)",
        )
    now = datetime.now(UTC).replace(microsecond=0)
    root = new_authority("Quảng Ninh Gateway Development Root CA", None, now)
    middle = new_authority("Quảng Ninh Gateway Development CA", root, now)
    for name, key in _leaf_keys(parties):
        _write_leaf(folder / name, key, issue_leaf(_subject_of(name), key, middle, now, LEAF_LIFETIME))
    for user, full_name in PEOPLE.items():
        own = new_ec_key()
        _write_leaf(folder / "people" / user, own, issue_personal(full_name, own, middle, now, LEAF_LIFETIME))
    revoked = _write_bad(folder / "bad", middle, now)
    _write(folder / "crl" / "root.crl", revocation_list(root, (), now))
    _write(folder / "crl" / "intermediate.crl", revocation_list(middle, (revoked,), now))
    _write_authority(folder, "intermediate", middle)
    # The root comes last: it is what says that the PKI is complete, should this process be killed on the way.
    _write_authority(folder, "root", root)


def status(folder: Path, *, now: datetime | None = None) -> list[CertificateStatus]:
    """Every certificate in ``folder`` and its subfolders, by name. Raises ConfigurationError naming a broken file."""
    at = now or datetime.now(UTC)
    found = sorted(folder.rglob("*.crt"))
    return [_status(path.relative_to(folder).as_posix(), read_certificate_file(path), at) for path in found]


def is_development(certificate_der: bytes) -> bool:
    """Whether a certificate, or its issuer, carries OU=development; production must refuse it."""
    certificate = x509.load_der_x509_certificate(certificate_der)
    units = [
        unit.value
        for name in (certificate.subject, certificate.issuer)
        for unit in name.get_attributes_for_oid(NameOID.ORGANIZATIONAL_UNIT_NAME)
    ]
    return DEVELOPMENT_UNIT in units


def _leaf_keys(parties: Sequence[str]) -> list[tuple[str, PrivateKey]]:
    keys: list[tuple[str, PrivateKey]] = []
    for party in parties:
        if party == "gateway":
            keys += [("gateway-ec", new_ec_key()), ("gateway-rsa", new_rsa_key())]
        else:
            keys.append((party, new_rsa_key() if party in RSA_PARTIES else new_ec_key()))
    return [*keys, ("localhost", new_ec_key())]


def _subject_of(name: str) -> str:
    return "gateway" if name.startswith("gateway-") else name


def _write_bad(folder: Path, middle: Authority, now: datetime) -> x509.Certificate:
    """The certificates bank-a must not be believed with; the revoked one is given back, for the revocation list."""
    other = new_authority("Some Other Root CA", None, now)
    _write(folder / "other-root.crt", _pem(other.certificate))
    made: dict[str, x509.Certificate] = {}
    for name, (issuer_is_ours, began, lifetime, server_only) in BOUND_TO_FAIL.items():
        key = new_ec_key()
        issuer = middle if issuer_is_ours else other
        made[name] = issue_leaf("bank-a", key, issuer, now + began, lifetime, server_only=server_only)
        _write_leaf(folder / name, key, made[name])
    return made["revoked"]


def _write_authority(folder: Path, name: str, authority: Authority) -> None:
    _write(folder / "ca" / f"{name}.key", _private(authority.key), secret=True)
    _write(folder / f"{name}.crt", _pem(authority.certificate))


def _write_leaf(base: Path, key: PrivateKey, certificate: x509.Certificate) -> None:
    _write(base.with_name(f"{base.name}.key"), _private(key), secret=True)
    _write(base.with_name(f"{base.name}.crt"), _pem(certificate))


def _write(path: Path, content: bytes, *, secret: bool = False) -> None:
    """Write all of it or nothing; a secret is never readable by others, not for a moment."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # created 0600
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if not secret:
            Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _private(key: PrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _status(name: str, der: bytes, at: datetime) -> CertificateStatus:
    certificate = x509.load_der_x509_certificate(der)
    return CertificateStatus(
        name=name.removesuffix(".crt"),
        subject=certificate.subject.rfc4514_string(),
        not_before=certificate.not_valid_before_utc,
        not_after=certificate.not_valid_after_utc,
        days_left=(certificate.not_valid_after_utc - at).days,
        development=is_development(der),
        thumbprint=thumbprint_of(der),
    )
