"""Our signing keys: RSA of at least 2048 bits, or EC on P-256."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Literal

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from gateway.errors import ConfigurationError

P256_BYTES = 32

PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey
Algorithm = Literal["RS256", "ES256"]


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key with its certificate. Nothing of the key is in the repr.

    ``algorithm`` is in JOSE's words: RS256 (RSASSA-PKCS1-v1_5 with SHA-256) or ES256 (ECDSA on P-256 with SHA-256).
    """

    certificate_der: bytes = field(repr=False)
    thumbprint: str
    algorithm: Algorithm
    _private_key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey = field(repr=False, compare=False)

    @classmethod
    def load(cls, key_path: Path, certificate_path: Path, *, password: str | None = None) -> SigningKey:
        """The key of two PEM or DER files. Raises ConfigurationError ``signing-key-unusable``, naming the file."""
        certificate = _read_certificate(certificate_path)
        private_key = _read_private_key(key_path, password)
        if private_key.public_key() != certificate.public_key():
            raise _unusable(key_path, f"it does not belong to the certificate {certificate_path.name}")
        der = certificate.public_bytes(serialization.Encoding.DER)
        return cls(
            certificate_der=der,
            thumbprint=thumbprint_of(der),
            algorithm="RS256" if isinstance(private_key, rsa.RSAPrivateKey) else "ES256",
            _private_key=private_key,
        )

    def sign(self, data: bytes) -> bytes:
        """The signature of ``data`` with SHA-256; for EC in the raw form r||s that JWS and XML signatures use."""
        if isinstance(self._private_key, rsa.RSAPrivateKey):
            return self._private_key.sign(data, padding.PKCS1v15(), hashes.SHA256())
        return raw_from_der(self._private_key.sign(data, ec.ECDSA(hashes.SHA256())))

    def sign_der(self, data: bytes) -> bytes:
        """As ``sign``, but for EC in the DER form that CMS uses."""
        if isinstance(self._private_key, rsa.RSAPrivateKey):
            return self.sign(data)
        return self._private_key.sign(data, ec.ECDSA(hashes.SHA256()))


def thumbprint_of(certificate_der: bytes) -> str:
    """The lower-hex SHA-256 of a certificate, which names it everywhere in the gateway."""
    return hashlib.sha256(certificate_der).hexdigest()


def raw_from_der(signature: bytes, size: int = P256_BYTES) -> bytes:
    """The raw form r||s of a DER ECDSA signature, each number ``size`` bytes wide."""
    r, s = decode_dss_signature(signature)
    return r.to_bytes(size, "big") + s.to_bytes(size, "big")


def der_from_raw(signature: bytes, size: int = P256_BYTES) -> bytes:
    """The DER form of a raw r||s signature. Raises ValueError where it is not exactly two numbers of ``size`` bytes."""
    if len(signature) != 2 * size:
        raise ValueError(f"a raw signature of {2 * size} bytes is expected, not {len(signature)}")
    return encode_dss_signature(int.from_bytes(signature[:size], "big"), int.from_bytes(signature[size:], "big"))


def _read_certificate(path: Path) -> x509.Certificate:
    raw = _read(path)
    try:
        return x509.load_pem_x509_certificate(raw) if b"-----BEGIN" in raw else x509.load_der_x509_certificate(raw)
    except ValueError as error:
        raise _unusable(path, "it is not an X.509 certificate") from error


def _read_private_key(path: Path, password: str | None) -> rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey:
    try:
        key = _private_key(_read(path), None if password is None else password.encode())
    except (ValueError, TypeError) as error:
        raise _unusable(path, "it is not a private key, or its password is wrong or missing") from error
    if isinstance(key, rsa.RSAPrivateKey):
        if key.key_size < 2048:
            raise _unusable(path, f"RSA of {key.key_size} bits is too weak; at least 2048 are needed")
        return key
    if isinstance(key, ec.EllipticCurvePrivateKey) and isinstance(key.curve, ec.SECP256R1):
        return key
    raise _unusable(path, "only RSA and EC on P-256 are used")


@lru_cache(maxsize=16)
def _private_key(raw: bytes, password: bytes | None) -> PrivateKeyTypes:
    """Raises ValueError, TypeError. OpenSSL proves the primes of an RSA key, a tenth of a second: once in a process."""
    load = serialization.load_pem_private_key if b"-----BEGIN" in raw else serialization.load_der_private_key
    return load(raw, password)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise _unusable(path, f"it cannot be read: {error.strerror}") from error


def _unusable(path: Path, message: str) -> ConfigurationError:
    return ConfigurationError(
        message,
        code="signing-key-unusable",
        where=str(path),
        action="make development keys with `gateway certs init`, or mount the right files",
    )
