"""Words of the pages for values that the application layer names in code; the catalogues translate them."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.console.i18n import N_

WEEKDAYS = (N_("T2"), N_("T3"), N_("T4"), N_("T5"), N_("T6"), N_("T7"), N_("CN"))
"""Monday first, as ``date.weekday`` counts."""

DECISION_VI: Mapping[str, str] = {
    "accept": N_("Chấp nhận chênh lệch"),
    "link": N_("Ghép bằng tay"),
    "attribute": N_("Gán tiền cho khoản thu"),
    "enquire": N_("Tra soát đối tác"),
    "refund": N_("Đề nghị hoàn tiền"),
    "write_off": N_("Xóa chênh lệch nhỏ"),
    "move_day": N_("Chuyển sang ngày khác"),
    "confirm": N_("Xác nhận của người thứ hai"),
    "undo": N_("Hủy quyết định"),
}

BREAK_STATES: Mapping[str, tuple[str, str, str]] = {
    "open": ("warn", "○", N_("chưa xử lý")),
    "waiting": ("calm", "◐", N_("chờ người thứ hai")),
    "asked": ("calm", "?", N_("đang tra soát")),
    "answered": ("warn", "!", N_("đã có trả lời tra soát")),
    "decided": ("good", "✓", N_("đã xử lý")),
    "carried": ("", "→", N_("chuyển kỳ sau")),
    "explained": ("", "–", N_("đã giải thích")),
}
"""State of a break -> kind of mark, symbol, words."""

STEP_VI: Mapping[str, str] = {
    "propose": N_("Đề nghị duyệt"),
    "approve": N_("Duyệt"),
    "reject": N_("Trả lại"),
    "reopen": N_("Mở lại"),
}

BRIDGE_VI: Mapping[str, str] = {"ours": N_("Hệ thống"), "theirs": N_("Đối tác")}

RULE_VI: Mapping[str, str] = {
    "cancelled_pair": N_("cặp ghi sai đã hủy"),
    "exact": N_("khớp tuyệt đối"),
    "reference": N_("theo mã tham chiếu"),
    "group": N_("gộp nhiều giao dịch"),
    "bulk": N_("quyết toán theo lô"),
    "cod": N_("thu hộ COD"),
    "cash": N_("tiền mặt tại quầy"),
    "window": N_("lệch ngày trong hạn"),
    "wording": N_("theo nội dung ghi sổ"),
    "rest": N_("phần còn lại"),
}

FIELD_VI: Mapping[str, str] = {
    "amount": N_("số tiền"),
    "account": N_("tài khoản"),
    "reference": N_("mã tham chiếu"),
    "on": N_("ngày"),
    "transaction": N_("giao dịch của đối tác"),
    "business_on": N_("ngày đối soát"),
}

WHOM_VI: Mapping[str, str] = {
    "late": N_("đối tác: gửi sao kê"),
    "stopped": N_("kế toán lập: xem sao kê"),
    "reconciled": N_("kế toán lập: quyết định các khoản lệch"),
    "ready": N_("kế toán lập: đề nghị duyệt"),
    "proposed": N_("kế toán duyệt"),
    "reopened": N_("kế toán lập: xem lại"),
}
"""State as the pages show it -> whose turn it is."""

OFFICE_VI: Mapping[str, str] = {
    "lap_bieu": N_("Người lập biểu"),
    "ke_toan_truong": N_("Kế toán trưởng"),
    "thu_truong": N_("Thủ trưởng đơn vị"),
    "doi_tac": N_("Đại diện đối tác"),
}
"""Signature field of the minutes -> who signs there."""
