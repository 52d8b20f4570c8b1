"""Detached CMS over files: both ways with the real ``openssl``, other people's files, and what is refused."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
import subprocess
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from asn1crypto import cms as asn1_cms
from asn1crypto import crl, x509
from cryptography import x509 as pyca
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.errors import GatewayError, Untrusted
from gateway.security.chain import Chain
from gateway.security.cms import ENVIRONMENT_OID, VerifiedFile, sign_detached, verify_attributes, verify_detached
from gateway.security.cms_reading import Signature, read_signature
from gateway.security.keys import thumbprint_of
from gateway.security.trust import PartnerCertificates, TrustStore
from tests.security.conftest import Pki

CONTENT = b"H|BANKA|20261124\r\nD|QN0001|150000\r\nT|1|150000\r\n"


def _openssl(*arguments: str | Path) -> None:
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True, timeout=30)


def _verify(pki: Pki, content: bytes, signature: bytes, name: str = "bank-a", **more: object) -> VerifiedFile:
    at, required = more.get("at", datetime.now(UTC)), more.get("environment_required", False)
    assert isinstance(at, datetime)
    return verify_detached(
        io.BytesIO(content), signature, trust=pki.trust, partner_certificates=pki.partner(name), environment="test",
        environment_required=bool(required), at=at,
    )  # fmt: skip


def _code(call: Callable[[], object]) -> str:
    try:
        call()
    except GatewayError as error:
        return error.code
    return "believed"


def _ours(pki: Pki, content: bytes = CONTENT, name: str = "bank-a", environment: str = "test") -> bytes:
    return sign_detached(io.BytesIO(content), pki.key(name), environment=environment, signing_time=datetime.now(UTC))


def _theirs(pki: Pki, folder: Path, name: str = "bank-a", *options: str, content: bytes = CONTENT) -> bytes:
    (folder / "content").write_bytes(content)
    _openssl(
        "cms", "-sign", "-binary", "-md", "sha256", "-outform", "DER", "-in", folder / "content",
        "-signer", pki.folder / f"{name}.crt", "-inkey", pki.folder / f"{name}.key", "-out", folder / "signature",
        *options,
    )  # fmt: skip
    return (folder / "signature").read_bytes()


@pytest.mark.unit
@pytest.mark.parametrize("name", ["gateway-rsa", "gateway-ec"])
def test_openssl_verifies_what_we_sign(pki: Pki, tmp_path: Path, name: str) -> None:
    authorities = [(pki.folder / f"{ca}.crt").read_bytes() for ca in ("root", "intermediate")]
    (tmp_path / "authorities").write_bytes(b"".join(authorities))
    (tmp_path / "content").write_bytes(CONTENT)
    (tmp_path / "signature").write_bytes(_ours(pki, name=name))
    command = (
        "cms", "-verify", "-binary", "-inform", "DER", "-in", tmp_path / "signature", "-content", tmp_path / "content",
        "-CAfile", tmp_path / "authorities", "-out", tmp_path / "out",
    )  # fmt: skip
    _openssl(*command)
    assert (tmp_path / "out").read_bytes() == CONTENT
    (tmp_path / "content").write_bytes(CONTENT.replace(b"150000", b"950000"))
    with pytest.raises(subprocess.CalledProcessError):
        _openssl(*command)


@pytest.mark.unit
@pytest.mark.parametrize("name", ["bank-a", "national-portal"])
@pytest.mark.parametrize("options", [(), ("-keyid",), ("-cades",)])
def test_we_verify_what_openssl_signs(pki: Pki, tmp_path: Path, name: str, options: tuple[str, ...]) -> None:
    found = _verify(pki, CONTENT, _theirs(pki, tmp_path, name, *options), name)
    assert found.signer.partner == name
    assert (found.size, found.sha256) == (len(CONTENT), hashlib.sha256(CONTENT).hexdigest())
    assert found.signed_at is not None


@pytest.mark.unit
def test_the_environment_and_the_time_are_inside_what_is_signed(pki: Pki) -> None:
    signature = _ours(pki)
    signer = asn1_cms.ContentInfo.load(signature)["content"]["signer_infos"][0]
    names = {attribute["type"].native for attribute in signer["signed_attrs"]}
    assert names == {"content_type", "message_digest", "signing_time", "signing_certificate_v2", ENVIRONMENT_OID}
    assert _code(lambda: _verify(pki, CONTENT, signature, environment_required=True)) == "believed"
    assert _code(lambda: _verify(pki, CONTENT, _ours(pki, environment="production"))) == "wrong-environment"


@pytest.mark.unit
def test_a_signature_without_environment_is_accepted_only_where_allowed(pki: Pki, tmp_path: Path) -> None:
    signature = _theirs(pki, tmp_path)
    assert _code(lambda: _verify(pki, CONTENT, signature)) == "believed"
    assert _code(lambda: _verify(pki, CONTENT, signature, environment_required=True)) == "wrong-environment"


class Endless(io.RawIOBase):
    """A file that is not there before it is read, and notes the largest piece that anybody wanted."""

    def __init__(self, size: int) -> None:
        self.left, self.largest = size, 0

    def read(self, size: int = -1) -> bytes:
        assert size > 0, "all at once"
        self.largest = max(self.largest, size)
        piece = min(size, self.left)
        self.left -= piece
        return bytes(piece)


@pytest.mark.unit
def test_a_file_of_any_size_is_signed_and_verified_in_small_pieces(pki: Pki) -> None:
    size = 50_000_000
    source = Endless(size)
    tracemalloc.start()
    signature = sign_detached(source, pki.key("bank-a"), environment="test", signing_time=datetime.now(UTC))
    again = Endless(size)
    found = verify_detached(
        again, signature, trust=pki.trust, partner_certificates=pki.partner("bank-a"), environment="test",
        at=datetime.now(UTC),
    )  # fmt: skip
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (found.size, source.left, again.left) == (size, 0, 0)
    assert max(source.largest, again.largest) <= 1 << 20
    assert peak < 5_000_000


@pytest.mark.unit
def test_a_changed_file_is_found(pki: Pki) -> None:
    assert _code(lambda: _verify(pki, CONTENT + b" ", _ours(pki))) == "digest-mismatch"


@pytest.mark.unit
@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("expired", "certificate-expired"),
        ("revoked", "certificate-revoked"),
        ("wrong-ca", "certificate-wrong-ca"),
        ("wrong-purpose", "certificate-wrong-purpose"),
    ],
)
def test_a_bad_certificate_is_told_apart(pki: Pki, name: str, code: str) -> None:
    signature = _ours(pki, name=f"bad/{name}")
    assert _code(lambda: _verify(pki, CONTENT, signature)) == code


@pytest.mark.unit
def test_another_partners_signature_is_refused(pki: Pki) -> None:
    assert _code(lambda: _verify(pki, CONTENT, _ours(pki, name="bank-b"))) == "unknown-signer"


@pytest.mark.unit
@pytest.mark.parametrize(
    ("options", "code"),
    [
        (("-nodetach",), "malformed-cms"),
        (("-noattr",), "malformed-cms"),
        (("-nocerts",), "unknown-signer"),
        (("-md", "sha1"), "weak-algorithm"),
    ],
)
def test_forms_that_prove_less_are_refused(pki: Pki, tmp_path: Path, options: tuple[str, ...], code: str) -> None:
    signature = _theirs(pki, tmp_path, "national-portal", *options)
    assert _code(lambda: _verify(pki, CONTENT, signature, "national-portal")) == code


@pytest.mark.unit
def test_rsa_pss_is_not_on_the_list(pki: Pki, tmp_path: Path) -> None:
    signature = _theirs(pki, tmp_path, "national-portal", "-keyopt", "rsa_padding_mode:pss")
    assert _code(lambda: _verify(pki, CONTENT, signature, "national-portal")) == "weak-algorithm"


@pytest.mark.unit
def test_a_signature_from_the_future_is_refused(pki: Pki) -> None:
    signature = sign_detached(
        io.BytesIO(CONTENT), pki.key("bank-a"), environment="test",
        signing_time=datetime.now(UTC) + timedelta(minutes=10),
    )  # fmt: skip
    assert _code(lambda: _verify(pki, CONTENT, signature)) == "future-timestamp"


@pytest.mark.unit
def test_two_signers_are_one_too_many(pki: Pki, tmp_path: Path) -> None:
    first = _theirs(pki, tmp_path)
    (tmp_path / "first").write_bytes(first)
    _openssl(
        "cms", "-resign", "-binary", "-inform", "DER", "-outform", "DER", "-in", tmp_path / "first",
        "-signer", pki.folder / "bank-b.crt", "-inkey", pki.folder / "bank-b.key", "-out", tmp_path / "second",
    )  # fmt: skip
    assert _code(lambda: _verify(pki, CONTENT, (tmp_path / "second").read_bytes())) == "unsigned-message"


def _mutated(signature: bytes, change: Callable[[asn1_cms.SignerInfo], None]) -> bytes:
    info = asn1_cms.ContentInfo.load(signature)
    change(info["content"]["signer_infos"][0])
    mutated: bytes = info.dump(force=True)
    return mutated


@pytest.mark.unit
def test_a_changed_attribute_breaks_the_signature(pki: Pki) -> None:
    def change(signer: asn1_cms.SignerInfo) -> None:
        for attribute in signer["signed_attrs"]:
            if attribute["type"].native == "message_digest":
                attribute["values"] = [hashlib.sha256(b"other").digest()]

    assert _code(lambda: _verify(pki, b"other", _mutated(_ours(pki), change))) == "wrong-signature"


@pytest.mark.unit
@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(position=st.integers(0, 2000), bit=st.integers(0, 7))
@pytest.mark.property
def test_no_flipped_bit_is_ever_believed_for_another_file(pki: Pki, position: int, bit: int) -> None:
    """A damaged signature gives a typed error; never a crash, never a belief in other content."""
    signature = bytearray(_ours(pki))
    signature[position % len(signature)] ^= 1 << bit
    assert _code(lambda: _verify(pki, CONTENT + b"x", bytes(signature))) != "believed"


@pytest.mark.unit
@pytest.mark.parametrize("raw", [b"", b"hello", b"\x30\x80", b"<?xml?>"])
def test_what_is_no_cms_is_malformed(pki: Pki, raw: bytes) -> None:
    assert _code(lambda: _verify(pki, CONTENT, raw)) == "malformed-cms"


# NIST's S/MIME messages

_PART = re.compile(
    rb"^------\w+\r?\n(.*?)\r?\n------\w+\r?\n(?:[^\n]+\n)*\r?\n([A-Za-z0-9+/=\s]+?)\r?\n------", re.S | re.M
)


def _smime(path: Path) -> tuple[bytes, bytes]:
    found = _PART.search(path.read_bytes())
    assert found is not None, path
    content = found.group(1).replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    return content, base64.b64decode(found.group(2))


def _key(read: Signature) -> rsa.RSAPublicKey | ec.EllipticCurvePublicKey | None:
    try:
        key = pyca.load_der_x509_certificate(read.certificate_der).public_key()
    except ValueError:
        return None
    return key if isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey) else None


@pytest.mark.golden
def test_the_signatures_of_nists_messages_are_intact(corpora: Path) -> None:
    """224 messages; those signed with DSA are refused for their algorithm."""
    intact, refused = 0, set[str]()
    for path in sorted((corpora / "cms" / "pkits-smime").glob("*.eml")):
        content, signature = _smime(path)
        try:
            read = read_signature(signature, environment_oid=ENVIRONMENT_OID)
            key = _key(read)
            assert key is not None
            verify_attributes(read, key)
            assert hashlib.new(read.digest, content).digest() == read.message_digest
            intact += 1
        except GatewayError as error:
            refused.add(f"{path.stem}: {error.code}")
    assert refused == {
        "SignedInvalidDSASignatureTest6: weak-algorithm",
        "SignedValidDSAParameterInheritanceTest5: weak-algorithm",
        "SignedValidDSASignaturesTest4: weak-algorithm",
    }
    assert intact == 221


@pytest.mark.golden
def test_nists_messages_are_believed_as_their_paths_are(corpora: Path) -> None:
    """Each message whose signer PKITS has a path for is believed exactly where NIST calls that path valid."""
    folder = corpora / "x509" / "pkits"
    signers: dict[bytes, tuple[bytes, bytes]] = {}
    for path in sorted((corpora / "cms" / "pkits-smime").glob("*.eml")):
        content, signature = _smime(path)
        if "DSA" not in path.stem:
            der = read_signature(signature, environment_oid=ENVIRONMENT_OID).certificate_der
            signers[der] = (content, signature)
    compared = 0
    for case in json.loads((folder / "expected-certvalidator.json").read_text())["tests"]:
        der = (folder / "certs" / case["ee"]).read_bytes()
        if der not in signers:
            continue
        content, signature = signers[der]
        partner = PartnerCertificates("nist", thumbprints=frozenset({thumbprint_of(der)}))
        try:
            verify_detached(
                io.BytesIO(content), signature, trust=_nist(folder, case), partner_certificates=partner,
                environment="test", at=datetime(2020, 1, 1, tzinfo=UTC),
            )  # fmt: skip
            verdict = "valid"
        except Untrusted as error:
            if error.code == "certificate-wrong-purpose":
                continue  # a CA's own certificate, which may be valid and yet signs no messages here
            verdict = "invalid"
        assert verdict == case["expect"], case["test"]
        compared += 1
    assert compared > 150


def _nist(folder: Path, case: dict[str, list[str]]) -> TrustStore:
    anchor = x509.Certificate.load((folder / "certs" / "TrustAnchorRootCertificate.crt").read_bytes())
    return TrustStore(
        Chain(
            anchors=(anchor,),
            intermediates=tuple(
                x509.Certificate.load((folder / "certs" / name).read_bytes()) for name in case["intermediates"]
            ),
            crls=tuple(crl.CertificateList.load((folder / "crls" / name).read_bytes()) for name in case["crls"]),
        )
    )
