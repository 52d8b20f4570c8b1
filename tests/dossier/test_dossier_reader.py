"""Only what the dossier system signed, for this environment, is read: signed with PyJWT, verified by the gateway."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.dossier.adapter import DossierReader
from adapters.dossier.signers import SignerKeys
from gateway.errors import GatewayError, Malformed, Untrusted
from gateway.model import DossierEvent, EventType, Kind, RawMessage
from simulators.dossier import jose
from tests.dossier import pki
from tests.dossier.events import CODE, as_bytes, event

pytestmark = [pytest.mark.contract]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pki")


@pytest.fixture(scope="module")
def reader(folder: Path) -> DossierReader:
    trust = pki.make(folder)
    return DossierReader(SignerKeys("dossier", [folder / "dossier.crt", folder / "expired.crt"], trust), "test")


def raw(body: bytes) -> RawMessage:
    return RawMessage("dossier", Kind.DOSSIER_EVENT, body, transport_id="anything", content_type="application/jose")


def refused(reader: DossierReader, body: bytes) -> GatewayError:
    with pytest.raises(GatewayError) as raised:
        reader.read(raw(body))
    return raised.value


PAYMENT = as_bytes(event("payment.counter.v1"))


def test_a_signed_event_is_read_with_everything_the_spine_needs(folder: Path, reader: DossierReader) -> None:
    signer = jose.signer(folder, "dossier")
    found = reader.read(raw(jose.sign(PAYMENT, signer, "test")))
    assert (found.message_id, found.kind) == ("/quang-ninh/dossier#e-0001", Kind.DOSSIER_EVENT)
    assert (found.transaction_id, found.fingerprint) == ("1K26TQN#0000123", "400000")
    assert (found.dossier_code, found.environment) == (CODE, "test")
    assert found.sent_at is not None
    assert (
        found.signer == SignerKeys("dossier", [folder / "dossier.crt"], pki_trust(folder))[signer.thumbprint].thumbprint
    )
    assert isinstance(found.content, DossierEvent)
    assert found.content.type is EventType.COUNTER_PAYMENT


def pki_trust(folder: Path) -> pki.TrustStore:
    return pki.TrustStore.load(anchors=folder / "root.pem", crls=folder / "root.crl")


def test_a_replay_and_a_resend_are_read_alike_and_left_to_the_spine(folder: Path, reader: DossierReader) -> None:
    signer = jose.signer(folder, "dossier")
    first = reader.read(raw(jose.sign(PAYMENT, signer, "test")))
    again = reader.read(raw(jose.sign(PAYMENT, signer, "test")))
    other_id = reader.read(raw(jose.sign(as_bytes(event("payment.counter.v1", id="e-2")), signer, "test")))
    assert first == again
    assert other_id.message_id != first.message_id
    assert other_id.transaction_id == first.transaction_id


def test_an_unsigned_event_is_not_believed(reader: DossierReader) -> None:
    for body in (PAYMENT, jose.unsigned(PAYMENT, "test"), b"", b"\x00\xff"):
        error = refused(reader, body)
        assert isinstance(error, Untrusted)
        assert error.code == "unsigned-message"


def test_a_tampered_event_is_not_believed(folder: Path, reader: DossierReader) -> None:
    header, payload, seal = jose.sign(PAYMENT, jose.signer(folder, "dossier"), "test").split(b".")
    other = jose.sign(PAYMENT.replace(b"400000", b"900000"), jose.signer(folder, "dossier"), "test").split(b".")[1]
    assert other != payload
    assert refused(reader, b".".join((header, other, seal))).code == "wrong-signature"


def test_an_event_of_another_environment_is_not_believed(folder: Path, reader: DossierReader) -> None:
    signed = jose.sign(PAYMENT, jose.signer(folder, "dossier"), "production")
    assert refused(reader, signed).code == "wrong-environment"


def test_an_event_signed_by_a_stranger_is_not_believed(folder: Path, reader: DossierReader) -> None:
    for stranger in ("wrong-ca", "gateway-ec"):
        assert refused(reader, jose.sign(PAYMENT, jose.signer(folder, stranger), "test")).code == "unknown-signer"


def test_an_expired_certificate_spoils_its_own_messages_and_no_others(folder: Path, reader: DossierReader) -> None:
    error = refused(reader, jose.sign(PAYMENT, jose.signer(folder, "expired"), "test"))
    assert isinstance(error, Untrusted)
    assert error.code == "certificate-expired"
    assert reader.read(raw(jose.sign(PAYMENT, jose.signer(folder, "dossier"), "test")))


def test_a_signed_event_that_breaks_its_contract_is_malformed(folder: Path, reader: DossierReader) -> None:
    signer = jose.signer(folder, "dossier")
    error = refused(reader, jose.sign(PAYMENT.replace(b"400000", b"4e5"), signer, "test"))
    assert isinstance(error, Malformed)
    assert error.code == "amount-not-whole"


def test_a_message_too_large_is_refused_before_its_signature_is_looked_at(reader: DossierReader) -> None:
    assert refused(reader, b"a." * 400_000).code == "message-too-large"
