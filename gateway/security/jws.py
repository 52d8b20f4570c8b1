"""Compact JWS (RFC 7515) for messages on the broker: ES256 and RS256, and nothing else.

``kid`` is ``x5t#S256``: the SHA-256 thumbprint of the signer's certificate, base64url. The protected header names the
environment in ``env``, so that a test message is never valid in production.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType

from cryptography.hazmat.primitives.asymmetric import ec, rsa

from gateway.errors import Malformed, Untrusted
from gateway.security.keys import PublicKey, SigningKey
from gateway.security.signature_value import verify_value
from gateway.security.trust import Signer

MAX_BYTES = 4 * 1024 * 1024
MAX_HEADER_BYTES = 4096
_FAMILIES = {"RS256": "rsa", "ES256": "ec"}


@dataclass(frozen=True, slots=True)
class VerifiedPayload:
    """The payload of a verified token, who signed it, and its protected header."""

    payload: bytes = field(repr=False)
    signer: Signer
    header: Mapping[str, object]


def key_id(thumbprint: str) -> str:
    """The ``kid`` of a certificate's hex SHA-256 thumbprint: ``x5t#S256``, base64url without padding."""
    return _encode(bytes.fromhex(thumbprint)).decode()


def keys_by_id(signers: Iterable[Signer]) -> dict[str, Signer]:
    """The signers by ``kid``, as ``verify_compact`` wants them; each has passed ``TrustStore.check`` already."""
    return {key_id(signer.thumbprint): signer for signer in signers}


def sign_compact(
    payload: bytes,
    key: SigningKey,
    *,
    environment: str,
    typ: str = "JOSE",
    cty: str = "application/cloudevents+json",
) -> bytes:
    """The compact JWS of ``payload``, signed by ``key``."""
    signed = _protected(key.thumbprint, key.algorithm, environment, typ, cty) + b"." + _encode(payload)
    return signed + b"." + _encode(key.sign(signed))


@lru_cache(maxsize=64)  # all tokens of one key and kind have the same header
def _protected(thumbprint: str, algorithm: str, environment: str, typ: str, cty: str) -> bytes:
    kid = key_id(thumbprint)
    header = {"alg": algorithm, "kid": kid, "x5t#S256": kid, "typ": typ, "cty": cty, "env": environment}
    return _encode(json.dumps(header, separators=(",", ":")).encode())


def verify_compact(
    token: bytes, *, keys: Mapping[str, Signer], environment: str, max_bytes: int = MAX_BYTES
) -> VerifiedPayload:
    """The payload of ``token``, signed by one of ``keys`` for this ``environment``.

    Raises Malformed ``message-too-large``, ``malformed-jws``; Untrusted ``unsigned-message`` (no JWS, or alg none),
    ``weak-algorithm``, ``unknown-signer``, ``wrong-signature``, ``wrong-environment``.
    """
    if len(token) > max_bytes:
        raise Malformed(
            f"{len(token)} bytes are more than the {max_bytes} allowed", code="message-too-large", where="JWS"
        )
    signed, _, signature = token.rpartition(b".")
    protected, dot, payload = signed.partition(b".")
    if not dot or b"." in payload:
        raise _untrusted("unsigned-message", "it is not a compact JWS of three parts")
    if len(protected) > MAX_HEADER_BYTES:
        raise _malformed(f"its protected header is longer than {MAX_HEADER_BYTES} bytes")
    header = _header(protected)
    signer = keys.get(str(header.get("kid")))
    algorithm = _algorithm(header)
    if signer is None:
        raise _untrusted("unknown-signer", "no certificate of the partner has this key id")
    verify_octets(signed, _decode(signature), public_key=signer.public_key, algorithm=algorithm)
    if header.get("env") != environment:
        raise _untrusted("wrong-environment", f"made for {str(header.get('env'))[:40]!r}, this is {environment!r}")
    return VerifiedPayload(payload=_decode(payload), signer=signer, header=header)


def verify_octets(signed: bytes, signature: bytes, *, public_key: PublicKey, algorithm: str) -> None:
    """Checks the signing input of a JWS (also of a detached one, RFC 7515 appendix F) with a trusted key.

    Raises Untrusted ``weak-algorithm`` (not ES256 or RS256, or not that of the key), ``wrong-signature``.
    """
    family = _FAMILIES.get(algorithm)
    fits = isinstance(public_key, rsa.RSAPublicKey) if family == "rsa" else _is_p256(public_key)
    if family is None or not fits:
        raise _untrusted("weak-algorithm", f"{algorithm[:40]!r} is not accepted for this key")
    verify_value(public_key, signature, signed, family=family, hash_name="sha256", where="JWS")


def _is_p256(public_key: PublicKey) -> bool:
    return isinstance(public_key, ec.EllipticCurvePublicKey) and isinstance(public_key.curve, ec.SECP256R1)


@lru_cache(maxsize=256)  # all tokens of one signer have the same header
def _header(protected: bytes) -> Mapping[str, object]:
    try:
        header = json.loads(_decode(protected), object_pairs_hook=_unique)
    except (ValueError, RecursionError) as error:
        raise _malformed("its protected header is not JSON") from error
    if not isinstance(header, dict):
        raise _malformed("its protected header is not a JSON object")
    return MappingProxyType(header)


def _algorithm(header: Mapping[str, object]) -> str:
    algorithm = header.get("alg")
    if algorithm == "none":
        raise _untrusted("unsigned-message", "alg is none")
    if not isinstance(algorithm, str) or algorithm not in _FAMILIES:
        raise _untrusted("weak-algorithm", f"alg {str(algorithm)[:40]!r} is not accepted")
    if "crit" in header or "b64" in header:
        raise _untrusted("weak-algorithm", "the header has critical parameters that are not understood")
    return algorithm


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    header = dict(pairs)
    if len(header) != len(pairs):
        raise ValueError("a header parameter occurs twice")
    return header


def _encode(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def _decode(data: bytes) -> bytes:
    try:
        decoded = base64.b64decode(data.translate(_URL_SAFE) + b"=" * (-len(data) % 4), validate=True)
    except binascii.Error as error:
        raise _malformed("a part is not base64url") from error
    return decoded


# '+' and '/' are no letters of base64url: they become something that base64 refuses.
_URL_SAFE = bytes.maketrans(b"-_+/=", b"+/!!!")


def _malformed(message: str) -> Malformed:
    return Malformed(message, code="malformed-jws", where="JWS", action="ask the sender for a compact JWS (RFC 7515)")


def _untrusted(code: str, message: str) -> Untrusted:
    return Untrusted(message, code=code, where="JWS", action="never release by hand; ask the sender")
