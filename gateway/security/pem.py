"""Certificates and revocation lists from files and folders, PEM or DER."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from asn1crypto import crl, pem, x509

from gateway.errors import ConfigurationError

CERTIFICATE_SUFFIXES = frozenset({".crt", ".cer", ".pem", ".der"})
CRL_SUFFIXES = frozenset({".crl"})


def read_certificate_file(path: Path) -> bytes:
    """The DER of the one certificate in ``path``. Raises ConfigurationError ``certificate-unusable``."""
    found = list(_ders(path, "certificate-unusable"))
    if len(found) != 1:
        raise _unusable(path, f"one certificate is expected, {len(found)} are in it", "certificate-unusable")
    _certificate(found[0], path)
    return found[0]


def read_certificates(where: Path | Iterable[Path]) -> Iterator[x509.Certificate]:
    """Every certificate of the files, and of the certificate files in the folders."""
    for path in _files(where, CERTIFICATE_SUFFIXES, "certificate-unusable"):
        for der in _ders(path, "certificate-unusable"):
            yield _certificate(der, path)


def read_crls(where: Path | Iterable[Path]) -> Iterator[crl.CertificateList]:
    """Every revocation list of the files, and of the ``.crl`` files in the folders."""
    for path in _files(where, CRL_SUFFIXES, "crl-unusable"):
        for der in _ders(path, "crl-unusable"):
            try:
                loaded = crl.CertificateList.load(der, strict=True)
                _ = loaded.native  # asn1crypto parses lazily; a broken list must be found now
            except (ValueError, TypeError) as error:
                raise _unusable(path, "it is not a certificate revocation list", "crl-unusable") from error
            yield loaded


def _files(where: Path | Iterable[Path], suffixes: frozenset[str], code: str) -> Iterator[Path]:
    for path in [where] if isinstance(where, Path) else where:
        if path.is_dir():
            yield from sorted(file for file in path.iterdir() if file.suffix.lower() in suffixes)
        elif path.is_file():
            yield path
        else:
            raise _unusable(path, "there is no such file or folder", code)


def _ders(path: Path, code: str) -> Iterator[bytes]:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise _unusable(path, f"it cannot be read: {error.strerror}", code) from error
    if not pem.detect(raw):
        yield raw
        return
    try:
        for _, _, der in pem.unarmor(raw, multiple=True):
            yield der
    except ValueError as error:
        raise _unusable(path, "its PEM is broken", code) from error


def _certificate(der: bytes, path: Path) -> x509.Certificate:
    try:
        certificate = x509.Certificate.load(der, strict=True)
        _ = certificate.subject.native
    except (ValueError, TypeError) as error:
        raise _unusable(path, "it is not an X.509 certificate", "certificate-unusable") from error
    return certificate


def _unusable(path: Path, message: str, code: str) -> ConfigurationError:
    return ConfigurationError(
        message,
        code=code,
        where=str(path),
        action="mount the right file, or make development ones with `gateway certs init`",
    )
