"""The hours of the demo day, in business time (Asia/Ho_Chi_Minh), and which flows must be through before the next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from gateway.model import VIETNAM

OPENING, MORNING, PAYERS, COUNTER, AFTERNOON = "opening", "morning", "payers", "counter", "afternoon"
POST, REFUNDS, BAD_MESSAGES, EVENING, STATEMENTS = "post", "refunds", "bad_messages", "evening", "statements"

_IN = ("dossier_events",)
_OUT = ("payment_requests", "portal_sync", "postal_orders", "dossier_updates")
_ASK = ("portal_payments", "payment_requests")


@dataclass(frozen=True, slots=True)
class Hour:
    """One step: its name, its time, what people see of it, and the DAGs that must have drained afterwards."""

    name: str
    at: time
    story: str
    then: tuple[str, ...]
    next_day: bool = False

    def on(self, day: date) -> datetime:
        """The business time of this step when the demo plays ``day``."""
        return datetime.combine(day + timedelta(days=self.next_day), self.at, VIETNAM)


HOURS = (
    Hour(OPENING, time(7, 30), "Hệ thống hồ sơ mở cửa; một sự kiện đến trước hồ sơ của nó", ()),
    Hour(MORNING, time(8, 0), "Công dân nộp hồ sơ, yêu cầu thu phí, lệ phí được lập", (*_IN, *_OUT)),
    Hour(PAYERS, time(9, 30), "Người nộp thanh toán qua ngân hàng và cổng thanh toán", ()),
    Hour(COUNTER, time(10, 0), "Thu tại quầy bằng tiền mặt và thẻ", (*_IN, *_ASK, *_OUT)),
    Hour(AFTERNOON, time(14, 0), "Trả kết quả, từ chối, hủy, nộp bổ sung", (*_IN, *_ASK, *_OUT)),
    Hour(POST, time(15, 0), "Bưu tá phát kết quả và thu hộ", ()),
    Hour(REFUNDS, time(16, 0), "Hai người đề nghị và duyệt hoàn phí", ()),
    Hour(BAD_MESSAGES, time(20, 0), "Thông điệp giả mạo, lặp lại và sai quy cách", ()),
    Hour(
        EVENING, time(21, 30), "Ngân hàng thu phí, trả lãi, chuyển Kho bạc",
        (*_IN, "postal_tracking", *_ASK, *_OUT),
    ),
    Hour(
        STATEMENTS, time(6, 0), "Sao kê, tệp đối soát và bảng kê thu hộ của ngày hôm trước",
        ("bank_statements", "postal_remittances", "fee_reconciliation"), next_day=True,
    ),
)  # fmt: skip
