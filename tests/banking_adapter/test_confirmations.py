"""Settlement confirmations: our signed files in the partner's inbox, proven by reading them back."""

from __future__ import annotations

import hashlib
import itertools
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.model import Kind, Knowledge, OutboundMessage, SendOutcome, SendVerdict
from simulators import cms
from tests.banking_adapter.world import Counterpart, outbound

pytestmark = pytest.mark.scenario

CONTENT = "XNDS|bank-a|2026-11-23|1|ab\r\nTONG|matched|Khớp|1|150000|150000\r\nHET|0\r\n"
VERSIONS = itertools.count(100)


@pytest.fixture(params=["bank-a", "bank-b", "intermediary"])
def partner(request: pytest.FixtureRequest, parts_of: Callable[[str], Counterpart]) -> Counterpart:
    return parts_of(request.param)


def a_confirmation(partner: Counterpart, kind: Kind = Kind.SETTLEMENT_CONFIRMATION) -> OutboundMessage:
    return outbound(
        partner,
        kind,
        {
            "partner": partner.partner.id,
            "business_on": "2026-11-23",
            "version": 1,
            "snapshot_sha256": "ab",
            "file_name": f"QN_SETTLEMENT_{uuid.uuid4().hex}.csv",
            "content": CONTENT,
        },
    )


def sent(partner: Counterpart, message: OutboundMessage) -> SendOutcome:
    sender = partner.sender(message.kind)
    [(_, outcome)] = sender.send([(message, sender.encode(message))])
    return outcome


def laid(partner: Counterpart, message: OutboundMessage) -> Path:
    assert partner.partner.statements is not None
    return partner.files / partner.partner.statements.outbox.strip("/") / str(message.payload["file_name"])


@pytest.mark.parametrize("kind", [Kind.SETTLEMENT_CONFIRMATION, Kind.ENQUIRY])
def test_our_file_arrives_with_a_signature_that_openssl_believes(
    partner: Counterpart, banking_pki: Path, kind: Kind
) -> None:
    message = a_confirmation(partner, kind)
    outcome = sent(partner, message)
    assert outcome.verdict is SendVerdict.DELIVERED
    file = laid(partner, message)
    signature = file.with_name(f"{file.name}.p7s").read_bytes()
    assert partner.partner.statements is not None
    signer = banking_pki / f"{partner.partner.statements.signing_key}.crt"
    assert file.read_bytes().decode("utf-8") == CONTENT
    assert cms.verifies(file.read_bytes(), signature, signer)
    assert not cms.verifies(file.read_bytes() + b"x", signature, signer)


def test_the_partner_believes_what_we_confirm_and_nothing_that_was_changed_or_breaks_the_contract(
    partner: Counterpart,
) -> None:
    def laid_down(content: str) -> Path:
        version, name = next(VERSIONS), partner.partner.id
        said = content.format(partner=name, version=version)
        payload = {"file_name": f"XNDS_{name}_20261123_v{version}.csv", "content": said}
        message = outbound(partner, Kind.SETTLEMENT_CONFIRMATION, payload)
        assert sent(partner, message).verdict is SendVerdict.DELIVERED
        return laid(partner, message)

    sound = "XNDS|{partner}|2026-11-23|{version}|ab\r\nTONG|overpaid|Thừa|1|1|2\r\nLECH|1|overpaid|R|1|2|\r\nHET|1\r\n"
    files = {
        laid_down(sound): "",
        laid_down(sound.replace("HET|1", "HET|2")): "malformed",
        laid_down(sound.replace("XNDS|{partner}", "XNDS|another")): "malformed",
        laid_down(sound.replace("2026-11-23", "2026-11-24")): "malformed",
        (changed := laid_down(sound)): "wrong-signature",
        (unsigned := laid_down(sound)): "unsigned",
    }
    changed.write_bytes(changed.read_bytes().replace(b"|1|2|", b"|1|9|"))
    unsigned.with_name(f"{unsigned.name}.p7s").unlink()
    judged = partner.simulator.holds()["confirmed"]
    assert {file: judged[file.name] for file in files} == files


@pytest.mark.parametrize(
    ("behaviour", "verdict", "code"),
    [
        ("lose_file", SendVerdict.IN_DOUBT, "upload-not-found"),
        ("truncate_file", SendVerdict.IN_DOUBT, "upload-differs"),
        ("drop_mid_upload", SendVerdict.UNAVAILABLE, "sftp-connection-lost"),
        ("refuse_upload", SendVerdict.REFUSED, "sftp-refused"),
    ],
)
def test_an_upload_that_failed_is_never_called_delivered(
    partner: Counterpart, behaviour: str, verdict: SendVerdict, code: str
) -> None:
    message = a_confirmation(partner)
    partner.simulator.misbehave(behaviour, after=10)
    outcome = sent(partner, message)
    assert (outcome.verdict, outcome.code) == (verdict, code)
    sender = partner.sender(Kind.SETTLEMENT_CONFIRMATION)
    assert sender.enquire(message).knowledge is Knowledge.HAS_IT_NOT
    assert sent(partner, message).verdict is SendVerdict.DELIVERED
    assert sender.enquire(message).knowledge is Knowledge.HAS_IT


def test_a_file_lost_after_its_signature_arrived_is_found_missing(partner: Counterpart) -> None:
    message = a_confirmation(partner)
    name = str(message.payload["file_name"])
    partner.simulator.misbehave("lose_file", match={"name": name})
    assert sent(partner, message).code == "upload-not-found"
    assert laid(partner, message).with_name(f"{name}.p7s").exists()
    assert partner.sender(Kind.SETTLEMENT_CONFIRMATION).enquire(message).knowledge is Knowledge.HAS_IT_NOT


@pytest.mark.parametrize("cut", ["the file", "its signature"])
def test_cut_uploads_leave_nothing_once_one_arrives(partner: Counterpart, cut: str) -> None:
    """Each attempt signs anew: what a cut left of the last signature is overwritten, and not left beside it."""
    message = a_confirmation(partner)
    for _ in range(3):
        if cut == "the file":
            partner.simulator.misbehave("drop_mid_upload", match={"name": temporary(message)}, after=10)
        else:
            partner.simulator.misbehave("drop_mid_upload", after=10)
        assert sent(partner, message).code == "sftp-connection-lost"
    hidden = set(laid(partner, message).parent.glob(f".*{message.payload['file_name']}*"))
    assert len(hidden) == 1
    assert sent(partner, message).verdict is SendVerdict.DELIVERED
    name = str(message.payload["file_name"])
    assert {file.name for file in laid(partner, message).parent.glob(f"*{name}*")} == {name, f"{name}.p7s"}


def temporary(message: OutboundMessage) -> str:
    return f".{message.payload['file_name']}.{hashlib.sha256(CONTENT.encode()).hexdigest()[:16]}.tmp"


def test_sending_twice_leaves_one_file(partner: Counterpart) -> None:
    message = a_confirmation(partner)
    assert sent(partner, message).facts == sent(partner, message).facts


def test_a_name_that_climbs_is_never_used(partner: Counterpart) -> None:
    message = a_confirmation(partner)
    payload = {**message.payload, "file_name": "../out/evil.csv"}
    climbing = OutboundMessage(1, message.partner, message.kind, message.message_id, payload)
    outcome = sent(partner, climbing)
    assert outcome.code == "path-outside-folder"
    assert not (partner.files / "out" / "evil.csv").exists()
