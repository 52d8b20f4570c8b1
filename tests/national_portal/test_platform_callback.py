"""The payment platform's callback: believed by its seal alone, and applied like any other notice of a payment."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from typing import Any

import pytest

from adapters.national_portal.callback import PlatformCallbackReader
from gateway.errors import Malformed, Untrusted
from gateway.model import Channel, Kind, PaymentState, PaymentStatus, RawMessage
from gateway.security.secret import Secret

pytestmark = pytest.mark.unit
READER = PlatformCallbackReader("intermediary", "QUANGNINH", Secret(b"s3cret", "env:NOTHING"))


def callback(*, seal: str = "", secret: str = "s3cret", **more: str) -> RawMessage:
    fields = {
        "LoaiBanTin": "CONFIRM",
        "MaLoi": "00",
        "MaDoiTac": "QUANGNINH",
        "MaThamChieu": "QNPF1",
        "SoTien": "150000",
        "MaTienTe": "VND",
        "MaGiaoDich": "TGTT1",
        "MaNganHang": "PAYMENT",
        "ThoiGianGD": "20261123011507",
        "ThongTinGiaoDich": "Lệ phí",
        **more,
    }
    made = hashlib.sha256("|".join([*fields.values(), secret]).encode()).hexdigest()
    return RawMessage("intermediary", Kind.PAYMENT_STATUS, json.dumps({**fields, "MaXacThuc": seal or made}).encode())


def test_a_sealed_callback_says_what_was_paid() -> None:
    found = READER.read(callback())
    assert found.content == PaymentStatus(
        partner="intermediary",
        channel=Channel.PLATFORM,
        reference="QNPF1",
        state=PaymentState.PAID,
        amount=150_000,
        account="",
        partner_transaction_id="TGTT1",
        business_on=date(2026, 11, 23),
    )
    assert (found.transaction_id, found.fingerprint) == ("callback:TGTT1", "QNPF1|150000")


def test_an_upper_case_seal_is_the_same_seal() -> None:
    seal = json.loads(callback().body)["MaXacThuc"].upper()
    assert READER.read(callback(seal=seal)).transaction_id == "callback:TGTT1"


@pytest.mark.parametrize("field", ["SoTien", "MaThamChieu", "MaLoi", "MaGiaoDich", "MaDoiTac", "ThoiGianGD"])
def test_a_callback_changed_on_its_way_is_not_believed(field: str) -> None:
    honest = json.loads(callback().body)
    with pytest.raises(Untrusted) as caught:
        READER.read(callback(seal=honest["MaXacThuc"], **{field: "1"}))
    assert caught.value.code == "wrong-signature"


def test_a_callback_by_another_secret_is_not_believed() -> None:
    with pytest.raises(Untrusted) as caught:
        READER.read(callback(secret="another"))
    assert caught.value.code == "wrong-signature"


def test_a_code_that_is_not_public_moves_no_money() -> None:
    found = READER.read(callback(MaLoi="09"))
    assert isinstance(found.content, PaymentStatus)
    assert (found.content.state, found.transaction_id) == (PaymentState.PENDING, None)


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"SoTien": "1e5"}, "bad-amount"),
        ({"SoTien": "150000.00"}, "bad-amount"),
        ({"MaTienTe": "USD"}, "bad-amount"),
        ({"ThoiGianGD": "hôm nay"}, "bad-time"),
        ({"ThongTinGiaoDich": "a|b"}, "bad-platform-reply"),
        ({"MaThamChieu": ""}, "bad-platform-reply"),
        ({"MaDoiTac": "BACNINH"}, "bad-platform-reply"),
    ],
)
def test_a_sealed_callback_that_breaks_its_contract_is_malformed(more: dict[str, str], code: str) -> None:
    with pytest.raises(Malformed) as caught:
        READER.read(callback(**more))
    assert caught.value.code == code


@pytest.mark.parametrize("body", [b"", b"[]", b"\xff", b'{"MaLoi": {}}', b"<xml/>"])
def test_what_is_no_callback_is_malformed(body: bytes) -> None:
    content: Any = RawMessage("intermediary", Kind.PAYMENT_STATUS, body)
    with pytest.raises(Malformed) as caught:
        READER.read(content)
    assert caught.value.code == "bad-platform-reply"
