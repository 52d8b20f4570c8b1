"""Words of the pages for values that the application layer names in code; the catalogues translate them."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.application.access import ROLE_VI
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
    "partly": ("warn", "◑", N_("đã xử lý một phần")),
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
    "window": N_("lệch ngày"),
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

WAITING_VI: Mapping[str, str] = {
    "day_late": N_("Ngày trễ sao kê: gọi đối tác"),
    "day_stopped": N_("Ngày dừng: xem sao kê rồi cho phép đối soát"),
    "day_reconciled": N_("Ngày còn khoản lệch phải quyết định"),
    "day_reopened": N_("Ngày mở lại phải xem lại"),
    "day_ready": N_("Ngày hết lệch, chờ đề nghị duyệt"),
    "day_proposed": N_("Ngày chờ duyệt"),
    "write_off": N_("Xóa chênh lệch chờ người thứ hai xác nhận"),
    "enquiry_overdue": N_("Tra soát quá hạn trả lời: gọi đối tác"),
    "enquiry_conclude": N_("Tra soát đã có trả lời: kết luận"),
    "enquiry_send_back": N_("Tra soát đã có trả lời, ngày đang trình: trả lại để kết luận"),
    "enquiry_reopen": N_("Tra soát đã có trả lời, ngày đã duyệt: mở lại để kết luận"),
    "refund_propose": N_("Hoàn phí chờ lập đề nghị"),
    "refund_approve": N_("Hoàn phí chờ duyệt"),
    "refund_document": N_("Hoàn phí chờ ghi chứng từ chi"),
    "receipt": N_("Biên lai phải hủy hoặc điều chỉnh"),
    "cash_count": N_("Phiếu kiểm quỹ chờ xác nhận"),
    "voucher": N_("Giấy nộp tiền chờ xác nhận"),
    "month_close": N_("Tháng đủ điều kiện khóa sổ"),
    "minutes_lap_bieu": N_("Biên bản chờ người lập biểu ký"),
    "minutes_ke_toan_truong": N_("Biên bản chờ kế toán trưởng ký"),
    "minutes_thu_truong": N_("Biên bản chờ thủ trưởng ký"),
    "minutes_doi_tac": N_("Biên bản chờ đối tác ký"),
}
"""Kind of work that waits -> what it is, and what is to be done."""

OFFICE_VI: Mapping[str, str] = {
    "lap_bieu": N_("Người lập biểu"),
    "ke_toan_truong": N_("Kế toán trưởng"),
    "thu_truong": N_("Thủ trưởng đơn vị"),
    "doi_tac": N_("Đại diện đối tác"),
}
"""Signature field of the minutes -> who signs there."""

DAY_STATE_VI: Mapping[str, str] = {
    "open": N_("chưa đối soát"),
    "reconciled": N_("đang xử lý"),
    "proposed": N_("chờ duyệt"),
    "approved": N_("đã duyệt"),
    "reopened": N_("mở lại"),
}
"""Stored state of a day -> as ``_parts.html`` shows it."""

ACT_VI: Mapping[str, str] = {
    "see": N_("Xem số liệu"),
    "see_messages": N_("Xem thông điệp"),
    "reveal_personal_data": N_("Xem dữ liệu cá nhân"),
    "export": N_("Xuất tệp"),
    "reconcile": N_("Đối soát"),
    "load_file": N_("Nạp tệp"),
    "release_day": N_("Cho phép đối soát sao kê bất thường"),
    "decide_break": N_("Quyết định khoản lệch"),
    "write_off": N_("Xóa chênh lệch nhỏ"),
    "confirm_write_off": N_("Xác nhận xóa chênh lệch"),
    "enquire": N_("Tra soát đối tác"),
    "propose_day": N_("Đề nghị duyệt ngày"),
    "approve_day": N_("Duyệt ngày"),
    "reject_day": N_("Trả lại ngày"),
    "reopen_day": N_("Mở lại ngày"),
    "propose_refund": N_("Lập đề nghị hoàn phí"),
    "approve_refund": N_("Duyệt hoàn phí"),
    "record_cash_count": N_("Ghi phiếu kiểm quỹ"),
    "record_treasury_voucher": N_("Ghi giấy nộp tiền"),
    "cancel_treasury_voucher": N_("Hủy giấy nộp tiền"),
    "confirm_record": N_("Xác nhận với tư cách người thứ hai"),
    "close_month": N_("Đóng tháng"),
    "sign_minutes": N_("Lập và ký biên bản"),
    "answer_data_subject": N_("Trả lời chủ thể dữ liệu"),
    "grant_role": N_("Cấp và thu hồi vai trò"),
    "act_on_message": N_("Xử lý thông điệp"),
    "record": N_("Ghi nhận"),
    "pay_refund": N_("Chuyển trạng thái hoàn phí"),
}
"""What a person may do (``gateway.application.access.Act``), and what the schema alone refuses -> its words."""

WHO_VI: Mapping[str, str] = {
    **{role.value: text for role, text in ROLE_VI.items()},
    **OFFICE_VI,
    "partner": N_("đối tác"),
}
"""Role, signature field or ``partner`` -> who it is."""
