"""Signatures: ours beside the bare operation or the peer, measured in the same run.

Each function gives rows of ``name, value, unit, reference, reference_value, ratio, target, met``.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import xmlsec
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from lxml import etree

from bench.row import Row
from gateway.security import development_pki, jws
from gateway.security.keys import SigningKey
from gateway.security.pem import read_certificate_file
from gateway.security.trust import PartnerCertificates, TrustStore
from gateway.security.wssecurity import sign_envelope, verify_envelope

WSU = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
SECONDS, ROUNDS = 1.0, 8

_LINE = "<b:Line><b:Reference>QN20261124000{n:02d}</b:Reference><b:Amount>150000</b:Amount></b:Line>"
ENVELOPE = (
    '<soap:Envelope xmlns:soap="http://www.w3.org/2003/05/soap-envelope"><soap:Header/><soap:Body>'
    '<b:CreatePaymentRequest xmlns:b="urn:quangninh:collection:1">'
    + "".join(_LINE.format(n=n) for n in range(22))
    + "</b:CreatePaymentRequest></soap:Body></soap:Envelope>"
).encode()


def signing() -> Sequence[Row]:
    """Signing a 2 KB SOAP envelope with RSA-2048, beside the bare RSA operation."""
    with tempfile.TemporaryDirectory() as name:
        folder = _pki(name)
        key = SigningKey.load(folder / "gateway-rsa.key", folder / "gateway-rsa.crt")
        private = load_pem_private_key((folder / "gateway-rsa.key").read_bytes(), None)
        assert isinstance(private, rsa.RSAPrivateKey)
        ours, bare = _rates(lambda: _sign(key), lambda: private.sign(b"x" * 2048, padding.PKCS1v15(), hashes.SHA256()))
    return [_row("sign a 2 KB SOAP envelope, RSA-2048", ours, "bare RSA-2048 signing", bare, 0.5)]


def verifying() -> Sequence[Row]:
    """Strict verification of a signed 2 KB envelope, beside python-xmlsec on the same bytes."""
    found: list[Row] = []
    with tempfile.TemporaryDirectory() as name:
        folder = _pki(name)
        trust = _trust(folder)
        for key_name, label in (("gateway-rsa", "RSA-2048"), ("gateway-ec", "EC P-256")):
            certificate = folder / f"{key_name}.crt"
            partner = PartnerCertificates.load("gateway", [certificate])
            raw = _sign(SigningKey.load(folder / f"{key_name}.key", certificate))
            strict = partial(verify_envelope, raw, trust=trust, partner_certificates=partner, environment="test")
            key = xmlsec.Key.from_file(str(certificate), xmlsec.constants.KeyDataFormatCertPem)
            ours, peer = _rates(strict, partial(_xmlsec, raw, key))
            found.append(_row(f"strictly verify a signed 2 KB envelope, {label}", ours, "python-xmlsec", peer, 0.9))
    return found


def tokens() -> Sequence[Row]:
    """Verifying a compact ES256 JWS with a payload of 2 KB, beside the bare ECDSA verification."""
    with tempfile.TemporaryDirectory() as name:
        folder = _pki(name)
        key = SigningKey.load(folder / "dossier.key", folder / "dossier.crt")
        signer = _trust(folder).check(
            read_certificate_file(folder / "dossier.crt"),
            partner_certificates=PartnerCertificates.load("dossier", [folder / "dossier.crt"]),
            at=datetime.now(UTC),
        )
        keys = jws.keys_by_id([signer])
        token = jws.sign_compact(b"x" * 2048, key, environment="test")
        public, signature = signer.public_key, key.sign_der(b"x" * 2900)
        assert isinstance(public, ec.EllipticCurvePublicKey)
        ours, bare = _rates(
            lambda: jws.verify_compact(token, keys=keys, environment="test"),
            lambda: public.verify(signature, b"x" * 2900, ec.ECDSA(hashes.SHA256())),
        )
    return [_row("verify a 2 KB ES256 JWS", ours, "bare ECDSA P-256 verification", bare, 0.5)]


def rows() -> Sequence[Row]:
    """All rows of this file."""
    return [*signing(), *verifying(), *tokens()]


def _pki(name: str) -> Path:
    folder = Path(name)
    development_pki.create(folder)
    return folder


def _trust(folder: Path) -> TrustStore:
    return TrustStore.load(anchors=folder / "root.crt", intermediates=folder / "intermediate.crt", crls=folder / "crl")


def _sign(key: SigningKey) -> bytes:
    return sign_envelope(
        ENVELOPE,
        key,
        environment="test",
        message_id="urn:uuid:6f0e0b7e-2f30-4d0e-9f53-0d8b7d8c3f10",
        to="urn:bank-a",
        action="urn:quangninh:collection:1:Create",
        now=datetime.now(UTC),
    )


def _xmlsec(raw: bytes, key: xmlsec.Key) -> None:
    root = etree.fromstring(raw)
    context = xmlsec.SignatureContext()
    context.key = key
    for element in root.iter(etree.Element):
        if element.get(f"{{{WSU}}}Id"):
            context.register_id(element, "Id", WSU)
    context.verify(next(root.iter("{http://www.w3.org/2000/09/xmldsig#}Signature")))


def _rates(ours: Callable[[], object], reference: Callable[[], object]) -> tuple[float, float]:
    """Calls per second of processor time, the best of rounds taken in turn: a busy machine harms both alike."""
    best = [0.0, 0.0]
    for work in (ours, reference):
        work()
    for _ in range(ROUNDS):
        for place, work in enumerate((ours, reference)):
            count, start = 0, time.process_time()
            while (spent := time.process_time() - start) < SECONDS / ROUNDS:
                work()
                count += 1
            best[place] = max(best[place], count / spent)
    return best[0], best[1]


def _row(name: str, value: float, reference: str, reference_value: float, target: float) -> Row:
    ratio = value / reference_value
    return {
        "name": name,
        "value": round(value),
        "unit": "1/s",
        "reference": reference,
        "reference_value": round(reference_value),
        "ratio": round(ratio, 2),
        "target": target,
        "met": ratio >= target,
    }


if __name__ == "__main__":
    for row in rows():
        print(row)
