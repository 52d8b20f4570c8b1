"""Payment Platform 1.0.6 messages (``domain.md`` 2.2) and our words for them. Pure: no network, no clock.

Requests use the public recipes of ``MaXacThuc``. No recipe of a *reply* is public: ours are project-defined, see
``contracts/payment-platform.md``. Field names are the platform's.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import cast

from adapters.wire.partner_json import read_json
from adapters.wire.payload_shape import require_shape
from gateway.errors import Malformed, Untrusted
from gateway.model import VIETNAM, PaymentState
from gateway.partners import Platform
from gateway.payloads import FeeLine, PaymentRequestCreate
from gateway.security import recipes
from gateway.security.secret import Secret

JSON_CONTENT = {"Content-Type": "application/json; charset=utf-8"}

ACCEPTED = "00"
UNKNOWN_REFERENCE = "02"
"""MaLoi of a QUERY for a reference the platform does not know. Project-defined: only 00 is public."""

STATES = {"1": PaymentState.PAID, "3": PaymentState.PENDING, "4": PaymentState.FAILED}

_INIT = [
    "LoaiBanTin",
    "PhienBan",
    "MaDoiTac",
    "MaThamChieu",
    "SoTien",
    "LoaiHinhThanhToan",
    "MaKenhThanhToan",
    "MaThietBi",
    "NgonNgu",
    "MaTienTe",
    "MaNganHang",
    "ThongTinGiaoDich",
    "ThoiGianGD",
    "Ip",
]
_QUERY = ["LoaiBanTin", "PhienBan", "MaDoiTac", "MaThamChieu", "ThoiGianGD"]
_INIT_REPLY = ["MaLoi", "MaDoiTac", "MaThamChieu", "UrlThanhToan"]
_QUERY_REPLY = [
    "LoaiBanTin",
    "MaLoi",
    "MaDoiTac",
    "MaThamChieu",
    "SoTien",
    "MaTienTe",
    "MaGiaoDich",
    "MaNganHang",
    "ThoiGianGD",
    "ThongTinGiaoDich",
    "TrangThaiGD",
    "TKThuHuong",
    "UrlThanhToan",
]
_AMOUNT = re.compile(r"0|[1-9][0-9]{0,14}", re.ASCII)
_GATEWAY_IP = "127.0.0.1"
_FEE_CODES = {"phi": "PHI", "le_phi": "LEPHI", "cuoc": "CUOC"}


@dataclass(frozen=True, slots=True)
class Answer:
    """The inner message of a reply, every value as text, and the fields its ``MaXacThuc`` is made over."""

    fields: Mapping[str, str]
    covered: Sequence[str]

    @property
    def code(self) -> str:
        return self.fields["MaLoi"]

    @property
    def reference(self) -> str:
        return self.fields["MaThamChieu"]


def init_fields(
    payload: Mapping[str, object], platform: Platform, now: datetime
) -> tuple[dict[str, object], list[str]]:
    """The INIT message without its ``MaXacThuc``, and the values that are hashed, in order.

    Raises Malformed (``payload-incomplete``, ``bad-amount``).
    """
    require_shape(payload, PaymentRequestCreate)
    request = cast(PaymentRequestCreate, payload)
    fields: dict[str, object] = {
        "LoaiBanTin": "INIT",
        "PhienBan": platform.version,
        "MaDoiTac": platform.partner_code,
        "MaThamChieu": request["reference"],
        "SoTien": str(_positive(request["amount"], request["reference"])),
        "LoaiHinhThanhToan": "PAY",
        "MaKenhThanhToan": "1",
        "MaThietBi": "1",
        "NgonNgu": "vi-VN",
        "MaTienTe": "VND",
        "MaNganHang": "PAYMENT",
        "ThongTinGiaoDich": request["description"].replace("|", "/"),  # the separator of the seal
        "ThoiGianGD": platform_time(now),
        "Ip": _GATEWAY_IP,
        "ThongTinBienLai": _receipt(request),
    }
    return fields, [str(fields[name]) for name in _INIT]


def question_fields(
    operation: str, reference: str, platform: Platform, now: datetime
) -> tuple[dict[str, object], list[str]]:
    """QUERY or GET_BILL without its ``MaXacThuc``, and the values that are hashed, in order."""
    fields: dict[str, object] = {
        "LoaiBanTin": operation,
        "PhienBan": platform.version,
        "MaDoiTac": platform.partner_code,
        "MaThamChieu": reference,
        "ThoiGianGD": platform_time(now),
    }
    return fields, [str(fields[name]) for name in _QUERY]


def sealed(fields: Mapping[str, object], covered: Sequence[str], secret: Secret) -> bytes:
    """The bytes of a message with its ``MaXacThuc`` over ``covered``."""
    message = {**fields, "MaXacThuc": recipes.ma_xac_thuc(covered, secret)}
    return json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()


def believe(answer: Answer, secret: Secret, reference: str) -> None:
    """Raises Untrusted (``wrong-signature``), and Malformed where the answer is about another reference."""
    expected = recipes.ma_xac_thuc([answer.fields[name] for name in answer.covered], secret)
    recipes.require_equal(answer.fields["MaXacThuc"], expected, where=f"the platform's answer about {reference}")
    if answer.reference != reference:
        raise Malformed(
            f"an answer about {answer.reference!r}",
            code="bad-platform-reply",
            where=f"payment {reference}",
            action="ask the payment platform",
        )


def platform_time(moment: datetime) -> str:
    """``yyyyMMddHHmmss`` in Vietnam, on a 24-hour clock (the platform's own client has it wrong, ``domain.md`` 2.2)."""
    return moment.astimezone(VIETNAM).strftime("%Y%m%d%H%M%S")


def decode_init_reply(body: bytes) -> Answer:
    """The answer to INIT, not yet believed. Raises as ``answer_of``."""
    return _answer(body, _INIT_REPLY)


def decode_query_reply(body: bytes) -> Answer:
    """The answer to QUERY, not yet believed. Raises as ``answer_of``."""
    return _answer(body, _QUERY_REPLY)


def state_of(answer: Answer) -> PaymentState:
    """TrangThaiGD in our words; pending while the platform knows nothing. Raises Malformed (``unknown-status``)."""
    if answer.code != ACCEPTED:
        return PaymentState.PENDING
    status = answer.fields["TrangThaiGD"]
    if status not in STATES:
        raise Malformed(
            f"TrangThaiGD {status!r} is none of 1, 3, 4",
            code="unknown-status",
            where=f"payment {answer.reference}",
            action="ask the payment platform what it means; the payment stays unsettled",
        )
    return STATES[status]


def amount_of(answer: Answer) -> int:
    """SoTien in đồng. Raises Malformed (``bad-amount``) for decimals, scientific notation or foreign currency."""
    text = answer.fields["SoTien"]
    currency = answer.fields["MaTienTe"]
    if answer.code != ACCEPTED and not text:
        return 0
    if not _AMOUNT.fullmatch(text) or currency != "VND":
        raise Malformed(
            f"{text!r} {currency!r} is not a whole number of đồng",
            code="bad-amount",
            where=f"payment {answer.reference}",
            action="ask the payment platform for a correct answer",
        )
    return int(text)


def business_on(answer: Answer) -> date | None:
    """The date of ThoiGianGD. Its hour is never used: partners send it on a 12-hour clock (``domain.md`` 2.2)."""
    text = answer.fields["ThoiGianGD"]
    if not text:
        return None
    try:
        return datetime.strptime(text[:8], "%Y%m%d").date()  # noqa: DTZ007 - a date in Vietnam, no time
    except ValueError as error:
        raise Malformed(
            f"ThoiGianGD {text!r} is not yyyyMMddHHmmss",
            code="bad-time",
            where=f"payment {answer.reference}",
            action="ask the payment platform for a correct answer",
        ) from error


def _answer(body: bytes, covered: Sequence[str]) -> Answer:
    try:
        envelope = cast("dict[str, str]", read_json(body, parse_float=str, as_sent=True))
        # The message is JSON inside a JSON string (domain.md 2.2). Numbers stay the text they were.
        message = read_json(envelope["message"], parse_float=str, parse_int=str, as_sent=True)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise bad(f"not a message inside a reply: {type(error).__name__}: {error}") from error
    return answer_of(message, covered)


def answer_of(message: object, covered: Sequence[str]) -> Answer:
    """A decoded message as an Answer, not yet believed.

    Raises Malformed (``bad-platform-reply``), Untrusted (``unsigned-message``) where it has no seal at all.
    """
    if not isinstance(message, dict):
        raise bad("the inner message is not an object")
    fields = {name: _text(message.get(name)) for name in (*covered, "MoTaLoi", "MaXacThuc")}
    missing = [name for name in ("MaLoi", "MaThamChieu") if not fields[name]]
    if missing:
        raise bad(f"without {', '.join(missing)}")
    if not fields["MaXacThuc"]:
        raise Untrusted("it has no MaXacThuc", code="unsigned-message", where=f"payment {fields['MaThamChieu']}")
    if any("|" in fields[name] for name in covered):
        # The seal joins values by it: with one inside, two different messages would have the same seal.
        raise bad("a sealed value holds the separator |")
    return Answer(fields, tuple(covered))


def _text(value: object) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise bad(f"a value is {type(value).__name__}, not text")
    return value


def _receipt(request: PaymentRequestCreate) -> dict[str, object]:
    """ThongTinBienLai: the field set of domain.md 2.1 with MaDichVu 2 (phí, lệ phí)."""
    return {
        "MaDichVu": "2",
        "MaTTHC": request["procedure_code"],
        "TenTTHC": request["procedure_name"],
        "MaDonVi": request["unit_code"],
        "TenDonVi": request["unit_name"],
        "MaHoSo": request["dossier_code"],
        "PhiLePhi": [_fee(fee, request["reference"]) for fee in request["fees"]],
        "TKThuHuong": request["account"],
        "TenTKThuHuong": request["account_name"],
        "NoiDungThanhToan": request["description"],
        "HoTenNguoiNop": request["payer_name"],
        "SoCMNDNguoiNop": request["payer_id_number"],
        "DiaChiNguoiNop": request["payer_address"],
        "DSKhoanNop": [{"NoiDung": fee["name"], "SoTien": str(fee["amount"])} for fee in request["fees"]],
    }


def _fee(fee: FeeLine, reference: str) -> dict[str, str]:
    return {
        "LoaiPhiLePhi": "1",
        "MaPhiLePhi": _FEE_CODES[fee["kind"]],
        "TenPhiLePhi": fee["name"],
        "SoTien": str(_positive(fee["amount"], reference)),
    }


def _positive(amount: object, reference: str) -> int:
    if isinstance(amount, bool) or not isinstance(amount, int) or amount <= 0:
        raise Malformed(
            f"the amount {amount!r} is not a whole number of đồng above 0",
            code="bad-amount",
            where=f"payment {reference}",
            action="correct the fee, then release the message",
        )
    return amount


def bad(message: str) -> Malformed:
    """What breaks the contract, as an error."""
    return Malformed(message, code="bad-platform-reply", where="the platform's reply", action="ask the platform")
