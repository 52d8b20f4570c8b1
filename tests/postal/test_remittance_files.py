"""COD files and our confirmations by SFTP, signed, against VNPost's simulator."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.postal.adapter import PostalParts, build
from gateway.errors import Malformed, NotFound, Unavailable, Untrusted
from gateway.model import Kind, Knowledge, OutboundMessage, Remittance, SendOutcome, SendVerdict
from gateway.partners import Partner
from gateway.ports import FetchedDocument, RemoteDocument
from simulators import cms
from tests.postal.conftest import SECRET
from tests.postal.test_orders import order, send
from tests.simulator_process import Simulator

pytestmark = [pytest.mark.scenario, pytest.mark.usefixtures("empty_folder")]


@pytest.fixture
def empty_folder(vnpost: Simulator) -> None:
    for file in (vnpost.state / "files" / "cod").glob("*.csv*"):
        file.unlink()


def delivered(vnpost: Simulator, parts: PostalParts, *, cod: int = 150_000, **more: object) -> str:
    message = order(cod=cod)
    send(parts, message)
    number = str(message.payload["order_number"])
    vnpost.act("deliver", order_number=number, **more)
    return number


def offered(parts: PostalParts) -> RemoteDocument:
    (document,) = parts.remittances.list()
    return document


def fetched(parts: PostalParts, folder: Path) -> FetchedDocument:
    return parts.remittances.fetch(offered(parts), folder)


def read(parts: PostalParts, document: FetchedDocument) -> Remittance:
    assert parts.remittance_reader.verify(document)
    return parts.remittance_reader.read(document)


def test_what_the_postman_collected_is_passed_on_in_a_signed_file(
    vnpost: Simulator, parts: PostalParts, tmp_path: Path
) -> None:
    vnpost.act("make_remittance", on="2099-01-01")  # whatever earlier stories left
    for file in (vnpost.state / "files" / "cod").glob("*.csv*"):
        file.unlink()
    first = delivered(vnpost, parts, postage=25_000)
    second = delivered(vnpost, parts, amount=90_000)
    made = vnpost.act("make_remittance", on="2099-01-02")
    remittance = read(parts, fetched(parts, tmp_path))
    assert [(line.order_number, line.state_fee, line.postage) for line in remittance.lines] == [
        (first, 125_000, 25_000),
        (second, 90_000, 0),
    ]
    assert (remittance.batch_id, remittance.account) == (made["batch_id"], "1120000000303")
    assert remittance.declared_total == 240_000


def test_a_batch_may_be_short_and_an_omitted_order_comes_later(
    vnpost: Simulator, parts: PostalParts, tmp_path: Path
) -> None:
    short, late = delivered(vnpost, parts), delivered(vnpost, parts)
    vnpost.act("make_remittance", on="2099-01-03", short={short: 100_000}, omit=[late])
    first = read(parts, fetched(parts, tmp_path))
    fees = {line.order_number: line.state_fee for line in first.lines}
    assert (fees[short], late in fees) == (100_000, False)
    parts.remittances.archive(offered(parts))
    vnpost.act("make_remittance", on="2099-01-04")
    assert late in {line.order_number for line in read(parts, fetched(parts, tmp_path)).lines}


def test_an_archived_file_is_out_of_the_way_and_archiving_twice_is_harmless(
    vnpost: Simulator, parts: PostalParts
) -> None:
    vnpost.act("make_remittance", on="2099-01-05")
    document = offered(parts)
    parts.remittances.archive(document)
    parts.remittances.archive(document)
    assert parts.remittances.list() == []
    archived = {file.name for file in (vnpost.state / "files" / "cod" / "done").glob("*")}
    assert {document.name, f"{document.name}.p7s"} <= archived


def test_a_cut_download_is_resumed_and_its_signature_holds(
    vnpost: Simulator, parts: PostalParts, tmp_path: Path
) -> None:
    extra = [{"order_number": f"H49-{n}", "state_fee": 1_000} for n in range(3000)]
    vnpost.act("make_remittance", on="2099-01-06", extra=extra)
    document = offered(parts)
    vnpost.misbehave("drop_mid_file", match={"name": document.name}, after=70_000)
    with pytest.raises(Unavailable) as caught:
        parts.remittances.fetch(document, tmp_path)
    assert caught.value.code == "sftp-connection-lost"
    assert len(read(parts, parts.remittances.fetch(document, tmp_path)).lines) >= 3000


@pytest.mark.parametrize(
    ("wishes", "code"),
    [
        ({"fault": "tampered"}, "digest-mismatch"),
        ({"fault": "wrong_signer"}, "unknown-signer"),
    ],
)
def test_a_file_with_a_bad_signature_is_not_believed(
    vnpost: Simulator, parts: PostalParts, tmp_path: Path, wishes: dict[str, object], code: str
) -> None:
    delivered(vnpost, parts)
    vnpost.act("make_remittance", on="2099-01-07", **wishes)
    with pytest.raises(Untrusted) as caught:
        parts.remittance_reader.verify(fetched(parts, tmp_path))
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("wishes", "code"),
    [
        ({"count_wrong": True}, "trailer-count-differs"),
        ({"total_wrong": True}, "trailer-total-differs"),
        ({"fault": "empty"}, "remittance-layout"),
        ({"fault": "truncated"}, "remittance-layout"),
    ],
)
def test_a_signed_file_that_breaks_its_contract_is_refused(
    vnpost: Simulator, parts: PostalParts, tmp_path: Path, wishes: dict[str, object], code: str
) -> None:
    delivered(vnpost, parts)
    vnpost.act("make_remittance", on="2099-01-08", **wishes)
    with pytest.raises(Malformed) as caught:
        read(parts, fetched(parts, tmp_path))
    assert caught.value.code == code


def test_a_file_without_its_signature_is_offered_and_not_fetched(
    vnpost: Simulator, parts: PostalParts, tmp_path: Path
) -> None:
    vnpost.act("make_remittance", on="2099-01-09", fault="unsigned")
    assert offered(parts).signature_name is None
    with pytest.raises(NotFound) as caught:
        fetched(parts, tmp_path)
    assert caught.value.code == "signature-not-there-yet"


def test_a_growing_file_is_not_offered(vnpost: Simulator, parts: PostalParts) -> None:
    vnpost.act("make_remittance", on="2099-01-10", fault="growing")
    assert parts.remittances.list() == []


def test_a_server_with_another_host_key_is_never_spoken_to(
    vnpost: Simulator, vnpost_partner: Partner, vnpost_certs: Path, parts: PostalParts
) -> None:
    known_hosts = vnpost_certs / "sftp" / "known_hosts"
    known_hosts.write_text("", encoding="ascii")
    with pytest.raises(Untrusted) as caught:
        build(vnpost_partner, certs=vnpost_certs, environment="test", environ=SECRET).remittances.list()
    assert caught.value.code == "sftp-host-key-unknown"


def confirmation(name: str) -> OutboundMessage:
    payload = {"file_name": name, "content": "XÁC NHẬN ĐỐI SOÁT;2026-11-23;180000\n", "partner": "vnpost"}
    return OutboundMessage(9, "vnpost", Kind.SETTLEMENT_CONFIRMATION, f"f-{name}", payload)


def confirm(parts: PostalParts, message: OutboundMessage) -> SendOutcome:
    assert parts.confirmations is not None
    ((_, outcome),) = parts.confirmations.send([(message, parts.confirmations.encode(message))])
    return outcome


def knows(parts: PostalParts, message: OutboundMessage) -> Knowledge:
    assert parts.confirmations is not None
    return parts.confirmations.enquire(message).knowledge


def test_an_approved_day_is_confirmed_by_a_file_that_vnpost_can_verify(
    vnpost: Simulator, parts: PostalParts, vnpost_certs: Path
) -> None:
    message = confirmation("XN_VNPOST_20261123_1.csv")
    assert knows(parts, message) is Knowledge.HAS_IT_NOT
    assert confirm(parts, message).verdict is SendVerdict.DELIVERED
    folder = vnpost.state / "files" / "confirmations"
    content = (folder / "XN_VNPOST_20261123_1.csv").read_bytes()
    signature = (folder / "XN_VNPOST_20261123_1.csv.p7s").read_bytes()
    assert cms.verifies(content, signature, vnpost_certs / "gateway-rsa.crt")
    assert knows(parts, message) is Knowledge.HAS_IT


def test_vnpost_believes_what_we_confirm_and_nothing_that_was_changed(vnpost: Simulator, parts: PostalParts) -> None:
    for version in (1, 2):
        name = f"XNDS_vnpost_20261123_v{version}.csv"
        payload = {"file_name": name, "content": f"XNDS|vnpost|2026-11-23|{version}|ab\r\nHET|0\r\n"}
        message = OutboundMessage(9, "vnpost", Kind.SETTLEMENT_CONFIRMATION, f"f-{name}", payload)
        assert confirm(parts, message).verdict is SendVerdict.DELIVERED
    (vnpost.state / "files" / "confirmations" / name).write_text("XNDS|vnpost|2026-11-23|2|00\r\nHET|0\r\n")
    assert vnpost.holds()["confirmed"] == {"XNDS_vnpost_20261123_v1.csv": "", name: "wrong-signature"}


@pytest.mark.parametrize(
    ("behaviour", "verdict", "code"),
    [
        ("lose_file", SendVerdict.IN_DOUBT, "upload-not-found"),
        ("truncate_file", SendVerdict.IN_DOUBT, "upload-differs"),
        ("refuse_upload", SendVerdict.REFUSED, "sftp-refused"),
        ("drop_mid_upload", SendVerdict.UNAVAILABLE, "sftp-connection-lost"),
    ],
)
def test_a_servers_ok_proves_nothing(
    vnpost: Simulator, parts: PostalParts, behaviour: str, verdict: SendVerdict, code: str
) -> None:
    message = confirmation(f"XN_{behaviour}.csv")
    vnpost.misbehave(behaviour, after=10)
    outcome = confirm(parts, message)
    assert (outcome.verdict, outcome.code) == (verdict, code)
    vnpost.behave()
    assert knows(parts, message) is Knowledge.HAS_IT_NOT
    assert confirm(parts, message).verdict is SendVerdict.DELIVERED
    assert knows(parts, message) is Knowledge.HAS_IT


def test_a_confirmation_without_content_is_never_sent(parts: PostalParts) -> None:
    broken = OutboundMessage(9, "vnpost", Kind.SETTLEMENT_CONFIRMATION, "f", {"file_name": "x.csv", "content": ""})
    assert parts.confirmations is not None
    with pytest.raises(Malformed) as caught:
        parts.confirmations.encode(broken)
    assert caught.value.code == "payload-incomplete"
