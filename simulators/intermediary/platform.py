"""The national payment platform, 1.0.6 (``domain.md`` 2.2; replies: ``contracts/payment-platform.md``).

``Platform`` is what it remembers and how payers act on it, ``routes`` its protocol. Its money is what the
intermediary's file lists: ``paid``.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from simulators import answering
from simulators.control import CannotAct, Misbehaviours
from simulators.intermediary import pdf
from simulators.shelf import Record, Shelf

BEHAVIOURS = answering.BEHAVIOURS | {
    "refuse", "tamper", "half_day_clock", "unknown_status", "decimal_amount", "scientific_amount", "other_reference",
    "no_bill", "half_a_bill",
}  # fmt: skip
PAID, PENDING, FAILED = "1", "3", "4"
_VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
_INIT = [
    "LoaiBanTin", "PhienBan", "MaDoiTac", "MaThamChieu", "SoTien", "LoaiHinhThanhToan", "MaKenhThanhToan", "MaThietBi",
    "NgonNgu", "MaTienTe", "MaNganHang", "ThongTinGiaoDich", "ThoiGianGD", "Ip",
]  # fmt: skip
_QUERY = ["LoaiBanTin", "PhienBan", "MaDoiTac", "MaThamChieu", "ThoiGianGD"]
_INIT_REPLY = ["MaLoi", "MaDoiTac", "MaThamChieu", "UrlThanhToan"]
_QUERY_REPLY = [
    "LoaiBanTin", "MaLoi", "MaDoiTac", "MaThamChieu", "SoTien", "MaTienTe", "MaGiaoDich", "MaNganHang", "ThoiGianGD",
    "ThongTinGiaoDich", "TrangThaiGD", "TKThuHuong", "UrlThanhToan",
]  # fmt: skip
_LIMITS = {"LoaiBanTin": 50, "MaDoiTac": 50, "MaThamChieu": 255, "ThoiGianGD": 50, "MaXacThuc": 255}


@dataclass(slots=True)
class Platform:
    """One payment platform: its partner, the shared secret, its shelf (kinds ``request`` and ``payment``)."""

    partner_code: str
    secret: str
    shelf: Shelf
    misbehaviours: Misbehaviours
    now: Callable[[], datetime]

    def act(self, wish: Mapping[str, object]) -> dict[str, object]:
        """What a payer or the platform does: ``pay`` (``amount`` another than asked, ``times``), ``pend``, ``fail``.

        Raises CannotAct for an act that it does not know or a reference that was never requested.
        """
        name, reference = str(wish["act"]), str(wish["reference"])
        request = self.shelf.get("request", reference)
        if request is None:
            raise CannotAct(f"there is no payment request {reference!r}")
        if name == "pay":
            amount = int(str(wish.get("amount", request["SoTien"])))
            payments = [self._pay(request, amount) for _ in range(int(str(wish.get("times", 1))))]
            return {"payments": payments}
        if name in ("pend", "fail"):
            state = PENDING if name == "pend" else FAILED
            self.shelf.put("request", reference, {**request, "TrangThaiGD": state})
            return {"TrangThaiGD": state}
        raise CannotAct(f"{name!r} is none of pay, pend, fail")

    def _pay(self, request: Record, amount: int) -> Record:
        number = f"TGTT{self.shelf.count('payment') + 1:012d}"
        payment: Record = {
            "MaGiaoDich": number,
            "MaThamChieu": request["MaThamChieu"],
            "SoTien": amount,
            "TKThuHuong": request["TKThuHuong"],
            "paid_at": self.now().astimezone(_VIETNAM).isoformat(timespec="seconds"),
        }
        self.shelf.put("payment", number, payment)
        if self.first_payment(str(request["MaThamChieu"])) is None:
            self.shelf.put("first", str(request["MaThamChieu"]), payment)
        self.shelf.put("request", str(request["MaThamChieu"]), {**request, "TrangThaiGD": PAID})
        return payment

    def paid(self) -> list[Record]:
        """Every payment: MaGiaoDich, MaThamChieu, SoTien (đồng), TKThuHuong, paid_at (ISO time in Vietnam)."""
        return self.shelf.all("payment")

    def first_payment(self, reference: str) -> Record | None:
        """Only the first success is told to the province (domain.md 2.2); a second one shows in the file alone."""
        return self.shelf.get("first", reference)

    def describe(self) -> dict[str, object]:
        """Everything it holds, for ``GET /control/state``."""
        held = {"requests": self.shelf.all("request"), "payments": self.paid()}
        return {**held, "calls": self.shelf.all("call")}

    def note(self, operation: str, reference: str) -> None:
        """Remember one call that is processed."""
        number = self.shelf.count("call") + 1
        self.shelf.put("call", f"{number:09d}", {"operation": operation, "reference": reference})


def routes(platform: Platform) -> list[Route]:
    """The one route of the platform's own protocol."""

    async def serve(request: Request) -> Response:
        message = _message(await request.body())
        operation, reference = message.get("LoaiBanTin", ""), message.get("MaThamChieu", "")
        facts = {"operation": operation, "reference": reference}

        async def process() -> Response:
            problem = _problem(platform, message)
            if problem is not None:
                return _refuse(platform, message, *problem)
            if (refusal := platform.misbehaviours.take("refuse", **facts)) is not None:
                text = str(refusal.get("message", "Từ chối theo yêu cầu thử nghiệm"))
                return _refuse(platform, message, str(refusal.get("code", "99")), text)
            platform.note(operation, reference)
            return _OPERATIONS[operation](platform, message)

        return await answering.answer(platform.misbehaviours, process, **facts)

    return [Route("/payment", serve, methods=["POST"])]


def _problem(platform: Platform, message: Mapping[str, str]) -> tuple[str, str] | None:
    fields = {"INIT": _INIT, "QUERY": _QUERY, "GET_BILL": _QUERY}.get(message.get("LoaiBanTin", ""))
    if fields is None:
        return "01", "Loại bản tin không hợp lệ"
    if any(len(message.get(field, "")) > limit for field, limit in _LIMITS.items()):
        return "01", "Trường dữ liệu quá dài"
    if message.get("MaDoiTac") != platform.partner_code or not message.get("MaThamChieu"):
        return "01", "Mã đối tác hoặc mã tham chiếu không hợp lệ"
    expected = _seal([message.get(field, "") for field in fields], platform.secret)
    if not hmac.compare_digest(expected, message.get("MaXacThuc", "")):
        return "97", "Mã xác thực không đúng"
    return None


def _init(platform: Platform, message: Mapping[str, str]) -> Response:
    reference, amount = message["MaThamChieu"], message["SoTien"]
    receipt = json.loads(message.get("ThongTinBienLai") or "{}")
    if not amount.isdigit() or int(amount) <= 0 or receipt.get("MaDichVu") != "2" or not receipt.get("PhiLePhi"):
        return _refuse(platform, message, "01", "Số tiền hoặc thông tin biên lai không hợp lệ")
    if sum(int(fee["SoTien"]) for fee in receipt["PhiLePhi"]) != int(amount):
        return _refuse(platform, message, "01", "Tổng phí, lệ phí khác số tiền")
    known = platform.shelf.get("request", reference)
    if known is not None and known["SoTien"] != amount:
        return _refuse(platform, message, "94", "Mã tham chiếu đã dùng cho số tiền khác")
    url = f"https://thanhtoan.example/{reference}"
    if known is None:
        record: Record = {**message, "ThongTinBienLai": receipt, "TKThuHuong": receipt.get("TKThuHuong", "")}
        platform.shelf.put("request", reference, {**record, "UrlThanhToan": url, "TrangThaiGD": PENDING})
    answer = {"MaLoi": "00", "MoTaLoi": "Thành công", "MaDoiTac": platform.partner_code, "MaThamChieu": reference}
    return _reply(platform, {**answer, "UrlThanhToan": url}, _INIT_REPLY, reference)


def _query(platform: Platform, message: Mapping[str, str]) -> Response:
    reference = message["MaThamChieu"]
    request = platform.shelf.get("request", reference)
    if request is None:
        return _refuse(platform, message, "02", "Không tìm thấy giao dịch")
    payment = platform.first_payment(reference)
    state = str(request["TrangThaiGD"])
    take = platform.misbehaviours.take
    if take("unknown_status", reference=reference) is not None:
        state = "7"
    amount = str(payment["SoTien"]) if payment else str(request["SoTien"])
    if take("decimal_amount", reference=reference) is not None:
        amount += ".00"
    if take("scientific_amount", reference=reference) is not None:
        amount = f"{int(amount):.3e}"
    answer = {
        "LoaiBanTin": "QUERY",
        "MaLoi": "00",
        "MoTaLoi": "Thành công",
        "MaDoiTac": platform.partner_code,
        "MaThamChieu": "KHAC" if take("other_reference", reference=reference) is not None else reference,
        "SoTien": amount,
        "MaTienTe": "VND",
        "MaGiaoDich": str(payment["MaGiaoDich"]) if payment else "",
        "MaNganHang": "PAYMENT",
        "ThoiGianGD": _time(platform, payment, reference),
        "ThongTinGiaoDich": str(request["ThongTinGiaoDich"]),
        "TrangThaiGD": state,
        "TKThuHuong": str(request["TKThuHuong"]),
        "UrlThanhToan": str(request["UrlThanhToan"]),
    }
    return _reply(platform, answer, _QUERY_REPLY, reference)


def _bill(platform: Platform, message: Mapping[str, str]) -> Response:
    reference = message["MaThamChieu"]
    payment = platform.first_payment(reference)
    if payment is None or platform.misbehaviours.take("no_bill", reference=reference) is not None:
        return _refuse(platform, message, "03", "Chưa có biên lai")
    content = pdf.one_page(
        ["BIEN LAI THU PHI, LE PHI (C1-10/NS)"]
        + [f"{name}: {payment[name]}" for name in ("MaThamChieu", "MaGiaoDich", "SoTien", "paid_at")]
    )
    if platform.misbehaviours.take("half_a_bill", reference=reference) is not None:
        content = content[: len(content) // 2]
    return Response(content, media_type="application/pdf")


_OPERATIONS: Mapping[str, Callable[[Platform, Mapping[str, str]], Response]] = {
    "INIT": _init, "QUERY": _query, "GET_BILL": _bill,
}  # fmt: skip


def _time(platform: Platform, payment: Record | None, reference: str) -> str:
    moment = platform.now().astimezone(_VIETNAM)
    if payment is not None:
        moment = datetime.fromisoformat(str(payment["paid_at"]))
    half_day = platform.misbehaviours.take("half_day_clock", reference=reference) is not None
    return moment.strftime("%Y%m%d%I%M%S" if half_day else "%Y%m%d%H%M%S")


def _refuse(platform: Platform, message: Mapping[str, str], code: str, text: str) -> Response:
    query = message.get("LoaiBanTin") in ("QUERY", "GET_BILL")
    answer = {"MaLoi": code, "MoTaLoi": text, "MaDoiTac": platform.partner_code}
    answer["MaThamChieu"] = reference = message.get("MaThamChieu", "")
    if query:
        answer["LoaiBanTin"] = message["LoaiBanTin"]
    return _reply(platform, answer, _QUERY_REPLY if query else _INIT_REPLY, reference)


def _reply(platform: Platform, answer: dict[str, str], covered: Sequence[str], reference: str) -> Response:
    seal = _seal([answer.get(field, "") for field in covered], platform.secret)
    if platform.misbehaviours.take("tamper", reference=reference) is not None:
        seal = hashlib.sha256(seal.encode()).hexdigest()
    inner = json.dumps({**answer, "MaXacThuc": seal}, ensure_ascii=False)
    return JSONResponse({"error_code": 0 if answer["MaLoi"] == "00" else 1, "message": inner})


def _seal(values: Sequence[str], secret: str) -> str:
    return hashlib.sha256("|".join([*values, secret]).encode()).hexdigest()


def _message(raw: bytes) -> dict[str, str]:
    try:
        body = json.loads(raw)
    except ValueError:
        return {}
    if not isinstance(body, dict):
        return {}
    return {
        name: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False) for name, value in body.items()
    }
