"""Checks a signature value with a public key: RSASSA-PKCS1-v1_5, and ECDSA in the raw form r||s."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from gateway.errors import Untrusted
from gateway.security.keys import PublicKey, der_from_raw

_HASHES: Mapping[str, hashes.HashAlgorithm] = MappingProxyType(
    {
        "sha1": hashes.SHA1(),  # noqa: S303  # only the legacy policy of the vectors names it
        "sha224": hashes.SHA224(),
        "sha256": hashes.SHA256(),
        "sha384": hashes.SHA384(),
        "sha512": hashes.SHA512(),
    }
)
_PKCS1 = padding.PKCS1v15()


def verify_value(
    public_key: PublicKey, signature: bytes, data: bytes, *, family: str, hash_name: str, where: str = "ds:Signature"
) -> None:
    """Raises Untrusted ``wrong-signature``, or ``weak-algorithm`` where the key is not of the ``family`` (rsa, ec)."""
    algorithm = _HASHES[hash_name]
    try:
        if family == "rsa" and isinstance(public_key, rsa.RSAPublicKey):
            public_key.verify(signature, data, _PKCS1, algorithm)
        elif family == "ec" and isinstance(public_key, ec.EllipticCurvePublicKey):
            size = (public_key.curve.key_size + 7) // 8
            public_key.verify(der_from_raw(signature, size), data, ec.ECDSA(algorithm))
        else:
            raise Untrusted(
                "the algorithm of the signature is not that of the signer's key",
                code="weak-algorithm",
                where=where,
                action="never release by hand; ask the partner",
            )
    except (InvalidSignature, ValueError) as error:
        raise wrong_signature(where) from error


def wrong_signature(where: str) -> Untrusted:
    """The error of a signature that does not verify."""
    return Untrusted(
        "the signature does not verify with the signer's key",
        code="wrong-signature",
        where=where,
        action="never release by hand; ask the partner to send it again",
    )
