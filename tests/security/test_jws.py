"""Compact JWS on the broker: RFC 7520's examples, and what is refused."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.errors import GatewayError
from gateway.security.jws import MAX_HEADER_BYTES, key_id, keys_by_id, sign_compact, verify_compact, verify_octets
from gateway.security.keys import PublicKey
from gateway.security.pem import read_certificate_file
from gateway.security.trust import Signer
from tests.security.conftest import Pki

pytestmark = pytest.mark.unit
EVENT = '{"specversion":"1.0","id":"1","data":{"hồ sơ":"H49"}}'.encode()


def _keys(pki: Pki, now: datetime, *names: str) -> dict[str, Signer]:
    return keys_by_id(
        pki.trust.check(
            read_certificate_file(pki.folder / f"{name}.crt"), partner_certificates=pki.partner("dossier", name), at=now
        )
        for name in names
    )


def _code(call: Callable[[], object]) -> str:
    try:
        call()
    except GatewayError as error:
        return error.code
    return "believed"


def _encode(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def _forged(pki: Pki, name: str, header: Mapping[str, object], payload: bytes = EVENT) -> bytes:
    """A token with any header, truly signed."""
    key = pki.key(name)
    full = {"kid": key_id(key.thumbprint), "env": "test", **header}
    signed = _encode(json.dumps(full).encode()) + b"." + _encode(payload)
    return signed + b"." + _encode(key.sign(signed))


@pytest.mark.parametrize("name", ["dossier", "national-portal"])
def test_what_we_sign_we_verify(pki: Pki, now: datetime, name: str) -> None:
    token = sign_compact(EVENT, pki.key(name), environment="test")
    found = verify_compact(token, keys=_keys(pki, now, "dossier", "national-portal"), environment="test")
    assert found.payload == EVENT
    assert found.signer.thumbprint == pki.key(name).thumbprint
    assert found.header["cty"] == "application/cloudevents+json"


@pytest.mark.parametrize(("name", "algorithm"), [("dossier", "ES256"), ("national-portal", "RS256")])
def test_another_library_verifies_what_we_sign(pki: Pki, name: str, algorithm: str) -> None:
    token = sign_compact(EVENT, pki.key(name), environment="test")
    public = _keys(pki, datetime.now().astimezone(), name).popitem()[1].public_key
    assert jwt.PyJWS().decode(token, public, algorithms=[algorithm]) == EVENT


@pytest.mark.parametrize(("name", "algorithm"), [("dossier", "ES256"), ("national-portal", "RS256")])
def test_we_verify_what_another_library_signs(pki: Pki, now: datetime, name: str, algorithm: str) -> None:
    headers = {"kid": key_id(pki.key(name).thumbprint), "env": "test"}
    token = jwt.PyJWS().encode(EVENT, (pki.folder / f"{name}.key").read_bytes(), algorithm, headers).encode()
    assert verify_compact(token, keys=_keys(pki, now, name), environment="test").payload == EVENT


@pytest.mark.property
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(payload=st.binary(max_size=300))
def test_any_payload_comes_back(pki: Pki, now: datetime, payload: bytes) -> None:
    token = sign_compact(payload, pki.key("dossier"), environment="test")
    assert verify_compact(token, keys=_keys(pki, now, "dossier"), environment="test").payload == payload


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ({"alg": "ES256"}, "believed"),
        ({"alg": "none"}, "unsigned-message"),
        ({"alg": "HS256"}, "weak-algorithm"),
        ({"alg": "PS256"}, "weak-algorithm"),
        ({"alg": "ES384"}, "weak-algorithm"),
        ({"alg": "RS256"}, "weak-algorithm"),  # the key is EC
        ({}, "weak-algorithm"),
        ({"alg": "ES256", "crit": ["exp"]}, "weak-algorithm"),
        ({"alg": "ES256", "b64": False}, "weak-algorithm"),
        ({"alg": "ES256", "env": "production"}, "wrong-environment"),
        ({"alg": "ES256", "env": None}, "wrong-environment"),
        ({"alg": "ES256", "kid": "someone"}, "unknown-signer"),
        ({"alg": "ES256", "kid": None}, "unknown-signer"),
        ({"alg": "ES256", "kid": ["a"]}, "unknown-signer"),
        ({"alg": ["ES256"]}, "weak-algorithm"),
        ({"alg": "ES256", "x": "y" * MAX_HEADER_BYTES}, "malformed-jws"),
    ],
)
def test_headers_of_truly_signed_tokens(pki: Pki, now: datetime, header: Mapping[str, object], code: str) -> None:
    token, keys = _forged(pki, "dossier", header), _keys(pki, now, "dossier")
    assert _code(lambda: verify_compact(token, keys=keys, environment="test")) == code


def test_a_changed_payload_header_or_signature_is_found(pki: Pki, now: datetime) -> None:
    keys = _keys(pki, now, "dossier")
    header, payload, signature = sign_compact(EVENT, pki.key("dossier"), environment="test").split(b".")
    other = sign_compact(b"{}", pki.key("dossier"), environment="test").split(b".")
    for token in (
        b".".join((header, other[1], signature)),
        b".".join((header, payload, other[2])),
        b".".join((header, payload, signature[:-4])),
        b".".join((header, payload, b"")),
        b".".join((header, b"", signature)),
    ):
        assert _code(lambda token=token: verify_compact(token, keys=keys, environment="test")) == "wrong-signature"  # type: ignore[misc]  # bound now


@pytest.mark.parametrize(
    ("token", "code"),
    [
        (b"", "unsigned-message"),
        (b"{}", "unsigned-message"),
        (b"a.b", "unsigned-message"),
        (b"a.b.c.d", "unsigned-message"),
        (b"!!!.e30.e30", "malformed-jws"),
        (b"e30=.e30.e30", "malformed-jws"),
        (b"bm90IGpzb24.e30.e30", "malformed-jws"),
        (b"W10.e30.e30", "malformed-jws"),
        (_encode(b'{"alg":"none","alg":"ES256"}') + b".e30.e30", "malformed-jws"),
        (b"x" * (4 * 1024 * 1024 + 1), "message-too-large"),
    ],
)
def test_what_is_no_jws_is_refused(pki: Pki, now: datetime, token: bytes, code: str) -> None:
    keys = _keys(pki, now, "dossier")
    assert _code(lambda: verify_compact(token, keys=keys, environment="test")) == code


# RFC 7520

ACCEPTED = {"4_1.rsa_v15_signature", "4_5.signature_with_detached_content"}


def _number(text: str) -> int:
    return int.from_bytes(base64.urlsafe_b64decode(text + "=="), "big")


def _public(jwk: Mapping[str, str]) -> PublicKey | None:
    if jwk["kty"] == "RSA":
        return rsa.RSAPublicNumbers(_number(jwk["e"]), _number(jwk["n"])).public_key()
    if jwk["kty"] == "EC":
        curves: dict[str, ec.EllipticCurve] = {"P-256": ec.SECP256R1(), "P-521": ec.SECP521R1()}
        return ec.EllipticCurvePublicNumbers(_number(jwk["x"]), _number(jwk["y"]), curves[jwk["crv"]]).public_key()
    return None


@pytest.mark.golden
@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("4_1.rsa_v15_signature", "believed"),
        ("4_2.rsa-pss_signature", "weak-algorithm"),  # PS384
        ("4_3.ecdsa_signature", "weak-algorithm"),  # ES512
    ],
)
def test_the_public_key_examples_of_rfc_7520(corpora: Path, name: str, code: str) -> None:
    case = json.loads((corpora / "jws" / "ietf-cookbook" / "jws" / f"{name}.json").read_text())
    signed, _, signature = case["output"]["compact"].encode().rpartition(b".")
    key = _public(case["input"]["key"])
    assert key is not None
    value = base64.urlsafe_b64decode(signature + b"==")
    algorithm = case["input"]["alg"]
    assert _code(lambda: verify_octets(signed, value, public_key=key, algorithm=algorithm)) == code
    changed = signed + b"A"
    if code == "believed":
        assert _code(lambda: verify_octets(changed, value, public_key=key, algorithm=algorithm)) == "wrong-signature"


@pytest.mark.golden
@pytest.mark.parametrize(
    "name",
    [
        "4_4.hmac-sha2_integrity_protection",
        "4_5.signature_with_detached_content",
        "4_6.protecting_specific_header_fields",
        "4_7.protecting_content_only",
    ],
)
def test_the_shared_key_examples_of_rfc_7520_are_refused(corpora: Path, pki: Pki, name: str) -> None:
    """HS256 proves nothing about who signed; 4.5 to 4.7 are HS256 in other forms."""
    case = json.loads((corpora / "jws" / "ietf-cookbook" / "jws" / f"{name}.json").read_text())
    assert case["input"]["alg"] == "HS256"
    token = case["output"].get("compact", json.dumps(case["output"])).encode()
    assert _code(lambda: verify_compact(token, keys={}, environment="test")) in {"weak-algorithm", "unsigned-message"}
