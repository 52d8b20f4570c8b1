"""The payment platform's seals by the published recipe, and replies that break their contract."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.national_portal import platform_codec as codec
from adapters.national_portal.platform import PlatformPaymentEnquirer, PlatformReader, PlatformSender
from adapters.wire.rest import RestClient
from gateway.errors import Malformed, Untrusted
from gateway.model import Kind, PaymentState, PaymentStatus, RawMessage
from gateway.partners import Platform
from gateway.security.secret import Secret
from tests.national_portal.test_payment_platform import request

pytestmark = pytest.mark.unit
SECRET = Secret(b"s3cret", "env:NOTHING")
PLATFORM = Platform(endpoint="https://127.0.0.1:1", partner_code="QUANGNINH", secret="env:NOTHING")
AT = datetime(2026, 11, 23, 6, 15, 7, tzinfo=UTC)  # 13:15:07 in Vietnam
READER = PlatformReader("intermediary", SECRET)


def seal(*values: str) -> str:
    return hashlib.sha256("|".join([*values, "s3cret"]).encode()).hexdigest()


def answer(**more: Any) -> RawMessage:
    fields: dict[str, Any] = {
        "LoaiBanTin": "QUERY",
        "MaLoi": "00",
        "MoTaLoi": "",
        "MaDoiTac": "QUANGNINH",
        "MaThamChieu": "QNPF1",
        "SoTien": "150000",
        "MaTienTe": "VND",
        "MaGiaoDich": "TGTT1",
        "MaNganHang": "PAYMENT",
        "ThoiGianGD": "20261123011507",
        "ThongTinGiaoDich": "Lệ phí",
        "TrangThaiGD": "1",
        "TKThuHuong": "9704790000001",
        "UrlThanhToan": "",
        **more,
    }
    order = [name for name in fields if name not in ("MoTaLoi", "MaXacThuc")]
    fields.setdefault("MaXacThuc", seal(*(str(fields[name]) for name in order)))
    return raw({"error_code": 0, "message": json.dumps(fields)})


def raw(content: object) -> RawMessage:
    return RawMessage("intermediary", Kind.PAYMENT_STATUS, json.dumps(content).encode())


def status(**more: Any) -> PaymentStatus:
    content = READER.read(answer(**more)).content
    assert isinstance(content, PaymentStatus)
    return content


def test_init_is_sealed_over_the_published_fields_with_the_secret_last() -> None:
    with RestClient("https://127.0.0.1:1") as client:
        sender = PlatformSender("intermediary", PLATFORM, SECRET, client, lambda: AT)
        message = json.loads(sender.encode(request(reference="QNPF9")))
    assert message["ThoiGianGD"] == "20261123131507"
    assert message["MaXacThuc"] == seal(
        "INIT", "1.0.6", "QUANGNINH", "QNPF9", "150000", "PAY", "1", "1", "vi-VN", "VND", "PAYMENT",
        "Lệ phí / QNPF9", "20261123131507", "127.0.0.1",
    )  # fmt: skip


def test_query_is_sealed_over_the_published_fields() -> None:
    fields, covered = codec.question_fields("QUERY", "QNPF9", PLATFORM, AT)
    assert covered == ["QUERY", "1.0.6", "QUANGNINH", "QNPF9", "20261123131507"]
    assert list(fields.values()) == covered


def test_get_bill_is_sealed_like_a_query() -> None:
    _, covered = codec.question_fields("GET_BILL", "QNPF9", PLATFORM, AT)
    assert covered == ["GET_BILL", "1.0.6", "QUANGNINH", "QNPF9", "20261123131507"]


@pytest.mark.parametrize(
    ("told", "meant"), [("1", PaymentState.PAID), ("3", PaymentState.PENDING), ("4", PaymentState.FAILED)]
)
def test_the_three_published_states(told: str, meant: PaymentState) -> None:
    assert status(TrangThaiGD=told).state is meant


@pytest.mark.parametrize("told", ["", "0", "2", "5", "01", "PAID"])
def test_any_other_state_is_refused_and_never_guessed(told: str) -> None:
    with pytest.raises(Malformed) as caught:
        status(TrangThaiGD=told)
    assert caught.value.code == "unknown-status"


@pytest.mark.parametrize(
    "amount", ["150000.00", "1.5e5", "1E+05", "-150000", "", " 150000", "0150000", "150.000", "١٥"]
)
def test_an_amount_that_is_no_whole_dong_is_refused(amount: str) -> None:
    with pytest.raises(Malformed) as caught:
        status(SoTien=amount)
    assert caught.value.code == "bad-amount"


def test_a_json_number_is_read_as_the_text_it_was() -> None:
    assert status(SoTien=150000).amount == 150_000
    with pytest.raises(Malformed) as caught:
        status(SoTien=150000.0)
    assert caught.value.code == "bad-amount"


def test_foreign_currency_is_refused() -> None:
    with pytest.raises(Malformed) as caught:
        status(MaTienTe="USD")
    assert caught.value.code == "bad-amount"


def test_only_the_date_of_the_payment_is_trusted() -> None:
    found = status(ThoiGianGD="20261123011507")
    assert (found.business_on, found.paid_at) == (date(2026, 11, 23), None)
    with pytest.raises(Malformed) as caught:
        status(ThoiGianGD="23/11/2026")
    assert caught.value.code == "bad-time"


def test_only_money_that_moved_occupies_the_transaction_key() -> None:
    assert READER.read(answer()).transaction_id == "TGTT1"
    assert READER.read(answer(TrangThaiGD="3")).transaction_id is None
    assert READER.read(answer(TrangThaiGD="4")).transaction_id is None


def test_the_fingerprint_tells_another_amount_or_account() -> None:
    prints = {READER.read(answer(**more)).fingerprint for more in ({}, {"SoTien": "1"}, {"TKThuHuong": "9"})}
    assert len(prints) == 3


@pytest.mark.parametrize(
    "field", ["MaLoi", "MaThamChieu", "SoTien", "MaGiaoDich", "TrangThaiGD", "TKThuHuong", "ThoiGianGD"]
)
def test_a_changed_field_is_not_believed(field: str) -> None:
    honest = json.loads(json.loads(answer().body)["message"])
    with pytest.raises(Untrusted) as caught:
        READER.read(answer(**{field: "4", "MaXacThuc": honest["MaXacThuc"]}))
    assert caught.value.code == "wrong-signature"


@pytest.mark.parametrize(
    "body",
    [b"", b"<html/>", b"[]", b"{}", b'{"message": "x"}', b'{"message": {}}', b'{"message": "[]"}', b'{"message": "{}"}',
     b'{"message": "{\\"MaLoi\\": [], \\"MaThamChieu\\": \\"a\\", \\"MaXacThuc\\": \\"b\\"}"}', b"\xff", b"[" * 100_000,
     json.dumps({"message": "[" * 100_000}).encode(), answer(MoTaLoi="a\x00").body,
     answer(MoTaLoi="\ud800").body],
)  # fmt: skip
def test_what_is_no_reply_is_refused(body: bytes) -> None:
    with pytest.raises(Malformed) as caught:
        READER.read(RawMessage("intermediary", Kind.PAYMENT_STATUS, body))
    assert caught.value.code == "bad-platform-reply"


def test_a_secret_is_never_in_a_repr() -> None:
    with RestClient("https://127.0.0.1:1") as client:
        parts = (PlatformSender("i", PLATFORM, SECRET, client), PlatformPaymentEnquirer("i", PLATFORM, SECRET, client))
        assert "s3cret" not in repr((*parts, READER))


@given(st.integers(min_value=0, max_value=10**14))
def test_whole_dong_come_back_as_they_were_told(amount: int) -> None:
    assert status(SoTien=str(amount)).amount == amount
