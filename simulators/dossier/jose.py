"""Compact JWS for the dossier system, by PyJWT: not the gateway's code.

The protected header names the environment (``env``) and the signer's certificate (``kid``); the payload is one
CloudEvent.
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from jwt.api_jws import PyJWS
from jwt.exceptions import InvalidTokenError


@dataclass(frozen=True, slots=True)
class Signer:
    """A key with the thumbprint of its certificate, as ``x5t#S256`` names it."""

    key: bytes
    algorithm: str
    thumbprint: str


class NotSigned(Exception):
    """What came from the gateway is not signed by it; the message says why."""


def signer(folder: Path, name: str) -> Signer:
    """The signer whose key and certificate are ``name.key`` and ``name.crt``."""
    key = (folder / f"{name}.key").read_bytes()
    public = load_pem_private_key(key, None).public_key()
    certificate = x509.load_pem_x509_certificate((folder / f"{name}.crt").read_bytes())
    algorithm = "ES256" if isinstance(public, EllipticCurvePublicKey) else "RS256"
    return Signer(key, algorithm, _thumbprint(certificate))


def sign(payload: bytes, by: Signer, environment: str) -> bytes:
    """A compact JWS over ``payload``."""
    header = {
        "kid": by.thumbprint,
        "x5t#S256": by.thumbprint,
        "typ": "JOSE",
        "cty": "application/cloudevents+json",
        "env": environment,
    }
    return PyJWS().encode(payload, by.key, algorithm=by.algorithm, headers=header).encode()


def unsigned(payload: bytes, environment: str) -> bytes:
    """The JWS of somebody who hopes that ``alg: none`` is taken."""
    header = json.dumps({"alg": "none", "typ": "JOSE", "env": environment}).encode()
    return _b64(header) + b"." + _b64(payload) + b"."


def payload_of(compact: bytes, certificate: Path, environment: str) -> bytes:
    """What the gateway signed. Raises NotSigned for another key, another environment, or bytes that are no JWS."""
    public = x509.load_pem_x509_certificate(certificate.read_bytes()).public_key()
    try:
        found = PyJWS().decode_complete(compact, public, algorithms=["ES256", "RS256"])  # type: ignore[arg-type]  # EC, RSA
    except InvalidTokenError as error:
        raise NotSigned(str(error)) from error
    if found["header"].get("env") != environment:
        raise NotSigned(f"of the environment {found['header'].get('env')!r}")
    payload: bytes = found["payload"]
    return payload


def _thumbprint(certificate: x509.Certificate) -> str:
    return _b64(hashlib.sha256(certificate.public_bytes(Encoding.DER)).digest()).decode()


def _b64(content: bytes) -> bytes:
    return base64.urlsafe_b64encode(content).rstrip(b"=")
