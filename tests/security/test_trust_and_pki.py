"""Whom we believe, until when, and the development PKI."""

from __future__ import annotations

import stat
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier

import pytest
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa
from cryptography.x509.oid import NameOID

from gateway.errors import ConfigurationError, Conflict, GatewayError, Untrusted
from gateway.security import development_pki
from gateway.security.issuing import Authority, issue_leaf, new_authority, new_ec_key, revocation_list
from gateway.security.keys import SigningKey, der_from_raw, raw_from_der, thumbprint_of
from gateway.security.pem import read_certificate_file
from gateway.security.trust import PartnerCertificates, Signer, TrustStore
from tests.security.conftest import Pki, load_trust

pytestmark = pytest.mark.unit


def _check(pki: Pki, name: str, partner: PartnerCertificates, at: datetime) -> Signer:
    return pki.trust.check(read_certificate_file(pki.folder / f"{name}.crt"), partner_certificates=partner, at=at)


def _code(trust: TrustStore, der: bytes, partner: PartnerCertificates, at: datetime) -> str:
    try:
        trust.check(der, partner_certificates=partner, at=at)
    except GatewayError as error:
        return error.code
    return "believed"


def _der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.DER)


# trust


def test_a_partner_may_have_two_certificates_while_one_rolls_over(pki: Pki, now: datetime) -> None:
    partner = pki.partner("gateway", "gateway-ec", "gateway-rsa")
    found = {_check(pki, name, partner, now).thumbprint for name in ("gateway-ec", "gateway-rsa")}
    assert len(found) == 2


def test_a_certificate_may_be_bound_by_subject(pki: Pki, now: datetime) -> None:
    subject = _check(pki, "bank-a", pki.partner("bank-a"), now).subject
    assert _check(pki, "bank-a", PartnerCertificates("bank-a", subjects=frozenset({subject})), now).partner == "bank-a"


def test_a_new_certificate_with_a_known_subject_is_still_unknown(pki: Pki, now: datetime) -> None:
    """Pinned is pinned: a renewed certificate is added by a person."""
    subject = _check(pki, "bank-b", pki.partner("bank-b"), now).subject
    partner = PartnerCertificates("bank-a", thumbprints=frozenset({"00"}), known_as=frozenset({subject}))
    with pytest.raises(Untrusted) as caught:
        _check(pki, "bank-b", partner, now)
    assert caught.value.code == "unknown-signer"


def test_bytes_that_are_no_certificate_are_an_unknown_signer(pki: Pki, now: datetime) -> None:
    assert _code(pki.trust, b"hello", pki.partner("bank-a"), now) == "unknown-signer"


@pytest.fixture
def restless() -> Iterator[None]:
    """Threads take turns a thousand times as often as usual."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(5e-6)
    yield
    sys.setswitchinterval(usual)


@pytest.mark.usefixtures("restless")
def test_many_threads_that_meet_a_store_nobody_has_used_all_believe_the_same(pki: Pki, now: datetime) -> None:
    der, partner = read_certificate_file(pki.folder / "bank-a.crt"), pki.partner("bank-a")
    for _ in range(20):
        trust, together = load_trust(pki.folder), Barrier(8)

        def check(trust: TrustStore = trust, together: Barrier = together) -> str:
            together.wait()
            return _code(trust, der, partner, now)

        with ThreadPoolExecutor(8) as pool:
            found = [pool.submit(check) for _ in range(8)]
        assert {one.result() for one in found} == {"believed"}


def test_the_verdict_is_kept_but_not_beyond_its_time(pki: Pki, now: datetime) -> None:
    trust = load_trust(pki.folder)
    der, partner = read_certificate_file(pki.folder / "bank-a.crt"), pki.partner("bank-a")
    assert _code(trust, der, partner, now) == "believed"
    assert _code(trust, der, partner, now + timedelta(minutes=30)) == "believed"
    assert _code(trust, der, partner, now + timedelta(days=380)) == "certificate-expired"
    assert _code(trust, der, partner, now - timedelta(days=2)) == "certificate-not-yet-valid"


def test_a_kept_verdict_still_asks_whose_certificate_it_is(pki: Pki, now: datetime) -> None:
    trust, der = load_trust(pki.folder), read_certificate_file(pki.folder / "bank-a.crt")
    assert _code(trust, der, pki.partner("bank-a"), now) == "believed"
    assert _code(trust, der, pki.partner("bank-b"), now) == "unknown-signer"


def test_a_fresh_revocation_list_needs_no_restart(
    tmp_path: Path, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, middle = _own_ca(now)
    leaf = issue_leaf("bank-a", new_ec_key(), middle, now, timedelta(days=1))
    partner = PartnerCertificates("bank-a", thumbprints=frozenset({thumbprint_of(_der(leaf))}))
    store = _store(tmp_path, root, middle, [revocation_list(root, (), now), revocation_list(middle, (), now)])
    assert _code(store, _der(leaf), partner, now) == "believed"
    (tmp_path / "1.crl").write_bytes(revocation_list(middle, (leaf,), now))
    assert _code(store, _der(leaf), partner, now) == "believed"
    monkeypatch.setattr(store, "_look_after", 0.0)
    assert _code(store, _der(leaf), partner, now) == "certificate-revoked"


def _own_ca(now: datetime) -> tuple[Authority, Authority]:
    root = new_authority("Root", None, now)
    return root, new_authority("Middle", root, now)


def _store(folder: Path, root: Authority, middle: Authority, crls: list[bytes]) -> TrustStore:
    for name, authority in (("root", root), ("middle", middle)):
        (folder / f"{name}.crt").write_bytes(_der(authority.certificate))
    lists = []
    for number, crl in enumerate(crls):
        lists.append(folder / f"{number}.crl")
        lists[-1].write_bytes(crl)
    return TrustStore.load(anchors=folder / "root.crt", intermediates=[folder / "middle.crt"], crls=lists)


def test_without_a_revocation_list_nobody_is_believed(tmp_path: Path, now: datetime) -> None:
    root, middle = _own_ca(now)
    der = _der(issue_leaf("bank-a", new_ec_key(), middle, now, timedelta(days=1)))
    partner = PartnerCertificates("bank-a", thumbprints=frozenset({thumbprint_of(der)}))
    root_list, middle_list = revocation_list(root, (), now), revocation_list(middle, (), now)
    assert _code(_store(tmp_path, root, middle, []), der, partner, now) == "crl-missing"
    assert _code(_store(tmp_path, root, middle, [root_list]), der, partner, now) == "crl-missing"
    assert _code(_store(tmp_path, root, middle, [root_list, middle_list]), der, partner, now) == "believed"


def test_a_revocation_list_past_its_next_update_is_stale(tmp_path: Path, now: datetime) -> None:
    root, middle = _own_ca(now - timedelta(days=500))
    der = _der(issue_leaf("bank-a", new_ec_key(), middle, now, timedelta(days=1)))
    partner = PartnerCertificates("bank-a", thumbprints=frozenset({thumbprint_of(der)}))
    lists = [revocation_list(root, (), now), revocation_list(middle, (), now - timedelta(days=450))]
    assert _code(_store(tmp_path, root, middle, lists), der, partner, now) == "crl-stale"


def test_a_revoked_ca_takes_its_certificates_with_it(tmp_path: Path, now: datetime) -> None:
    root, middle = _own_ca(now)
    der = _der(issue_leaf("bank-a", new_ec_key(), middle, now, timedelta(days=1)))
    partner = PartnerCertificates("bank-a", thumbprints=frozenset({thumbprint_of(der)}))
    lists = [revocation_list(root, (middle.certificate,), now), revocation_list(middle, (), now)]
    assert _code(_store(tmp_path, root, middle, lists), der, partner, now) == "certificate-revoked"


def _weak(issuer: Authority, key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | dsa.DSAPrivateKey) -> bytes:
    now = datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "weak")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(issuer.certificate.subject)
    builder = builder.public_key(key.public_key()).serial_number(1)
    builder = builder.not_valid_before(now - timedelta(hours=1)).not_valid_after(now + timedelta(days=1))
    return _der(builder.sign(issuer.key, hashes.SHA256()))


def test_weak_keys_are_refused(pki: Pki, now: datetime) -> None:
    root, _ = _own_ca(now)
    for key in (
        rsa.generate_private_key(65537, 1024),
        ec.generate_private_key(ec.SECP256K1()),
        ec.generate_private_key(ec.SECP224R1()),
        dsa.generate_private_key(2048),
    ):
        der = _weak(root, key)
        partner = PartnerCertificates("bank-a", thumbprints=frozenset({thumbprint_of(der)}))
        assert _code(pki.trust, der, partner, now) == "weak-key"


def test_more_cas_than_eight_on_a_path_are_refused(now: datetime) -> None:
    """A crowd of CAs of one name makes a path builder try every order of them."""
    from gateway.security.chain import Chain

    root = new_authority("Root", None, now)
    crowd = [new_authority("Middle", root, now) for _ in range(9)]
    der = _der(issue_leaf("bank-a", new_ec_key(), crowd[0], now, timedelta(days=1)))
    chain = Chain(
        anchors=(asn1_x509.Certificate.load(_der(root.certificate)),),
        intermediates=tuple(asn1_x509.Certificate.load(_der(one.certificate)) for one in crowd),
        crls=(),
    )
    partner = PartnerCertificates("bank-a", thumbprints=frozenset({thumbprint_of(der)}))
    assert _code(TrustStore(chain), der, partner, now) == "certificate-wrong-ca"


def test_a_file_that_is_no_certificate_is_named(tmp_path: Path) -> None:
    (tmp_path / "broken.crt").write_text("hello")
    (tmp_path / "broken.crl").write_text("hello")
    with pytest.raises(ConfigurationError) as caught:
        PartnerCertificates.load("bank-a", [tmp_path / "broken.crt"])
    assert (caught.value.code, caught.value.where) == ("certificate-unusable", str(tmp_path / "broken.crt"))
    with pytest.raises(ConfigurationError) as caught:
        TrustStore.load(anchors=tmp_path / "absent.crt", crls=())
    assert caught.value.code == "certificate-unusable"
    with pytest.raises(ConfigurationError) as caught:
        TrustStore.load(anchors=(), crls=tmp_path)
    assert caught.value.code == "crl-unusable"


# keys


def test_a_key_shows_nothing_of_itself(pki: Pki) -> None:
    key = pki.key("gateway-ec")
    assert repr(key) == f"SigningKey(thumbprint='{key.thumbprint}', algorithm='ES256')"


def test_a_key_may_have_a_password(pki: Pki, tmp_path: Path) -> None:
    path = tmp_path / "locked.key"
    subprocess.run(
        ["openssl", "pkcs8", "-topk8", "-in", pki.folder / "gateway-ec.key", "-out", path, "-passout", "pass:abc"],
        check=True, capture_output=True,
    )  # fmt: skip
    certificate = pki.folder / "gateway-ec.crt"
    assert SigningKey.load(path, certificate, password="abc").algorithm == "ES256"
    for wrong in (None, "abd"):
        with pytest.raises(ConfigurationError) as caught:
            SigningKey.load(path, certificate, password=wrong)
        assert caught.value.code == "signing-key-unusable"


def test_a_key_of_another_certificate_is_refused(pki: Pki) -> None:
    with pytest.raises(ConfigurationError) as caught:
        SigningKey.load(pki.folder / "bank-a.key", pki.folder / "bank-b.crt")
    assert caught.value.code == "signing-key-unusable"
    assert str(pki.folder / "bank-a.key") in caught.value.where


def test_raw_and_der_signatures_are_the_same_numbers(pki: Pki) -> None:
    raw = pki.key("gateway-ec").sign(b"x")
    assert len(raw) == 64
    assert raw_from_der(der_from_raw(raw)) == raw
    with pytest.raises(ValueError, match="64 bytes"):
        der_from_raw(raw + b"\0")


# the development PKI


def test_private_keys_are_for_their_owner_only(pki: Pki) -> None:
    keys = list(pki.folder.rglob("*.key"))
    assert len(keys) >= 15
    assert {stat.S_IMODE(key.stat().st_mode) for key in keys} == {0o600}
    assert not list(pki.folder.rglob(".*")), "no temporary file is left"


def test_a_pki_is_never_overwritten_unless_told(pki: Pki, tmp_path: Path) -> None:
    development_pki.create(tmp_path, parties=["bank-a"])
    before = (tmp_path / "bank-a.key").read_bytes()
    with pytest.raises(Conflict) as caught:
        development_pki.create(tmp_path, parties=["bank-a"])
    assert caught.value.code == "certificates-exist"
    assert (tmp_path / "bank-a.key").read_bytes() == before
    development_pki.create(tmp_path, parties=["bank-a"], force=True)
    assert (tmp_path / "bank-a.key").read_bytes() != before


def test_every_certificate_of_it_says_that_it_is_of_development(pki: Pki) -> None:
    found = {status.name: status for status in development_pki.status(pki.folder)}
    assert {"root", "intermediate", "gateway-ec", "gateway-rsa", "bank-a", "localhost", "bad/expired"} <= found.keys()
    assert all(status.development for status in found.values())
    assert found["bad/expired"].days_left < 0 < found["bank-a"].days_left


def test_a_pki_that_was_cut_short_is_made_again(tmp_path: Path) -> None:
    development_pki.create(tmp_path, parties=["bank-a"])
    (tmp_path / "root.crt").unlink()  # it is written last
    development_pki.create(tmp_path, parties=["bank-a"])
    trust, der = load_trust(tmp_path), read_certificate_file(tmp_path / "bank-a.crt")
    partner = PartnerCertificates.load("bank-a", [tmp_path / "bank-a.crt"])
    assert _code(trust, der, partner, datetime.now(UTC)) == "believed"


def test_a_certificate_of_another_ca_is_not_of_development(now: datetime) -> None:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "A real CA")])
    key = new_ec_key()
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(now).not_valid_after(now + timedelta(days=1))
    assert not development_pki.is_development(_der(builder.sign(key, hashes.SHA256())))


def test_openssl_believes_the_good_and_refuses_the_bad(pki: Pki, tmp_path: Path) -> None:
    bundle = tmp_path / "all.pem"
    names = ("root.crt", "intermediate.crt", "crl/root.crl", "crl/intermediate.crl")
    bundle.write_bytes(b"".join((pki.folder / name).read_bytes() for name in names))

    def verdict(name: str, purpose: str) -> int:
        command = ["openssl", "verify", "-CAfile", str(bundle), "-crl_check_all", "-purpose", purpose]
        return subprocess.run([*command, str(pki.folder / f"{name}.crt")], capture_output=True, check=False).returncode

    assert [verdict(name, "smimesign") for name in ("bank-a", "gateway-rsa", "vnpost", "dossier")] == [0] * 4
    assert verdict("localhost", "sslserver") == 0
    assert all(verdict(f"bad/{name}", "smimesign") for name in ("expired", "revoked", "wrong-ca", "wrong-purpose"))
