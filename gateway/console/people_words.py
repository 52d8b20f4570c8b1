"""Words of the pages about dossiers, money and people; the catalogues translate them."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.console.i18n import N_

HIT: Mapping[str, str] = {
    "dossier": N_("Hồ sơ"),
    "payer": N_("Người nộp tiền"),
    "fee": N_("Khoản thu"),
    "request": N_("Yêu cầu thanh toán"),
    "payment": N_("Khoản đã nộp"),
    "refund": N_("Hoàn phí"),
    "order": N_("Bưu gửi"),
    "entry": N_("Dòng sao kê"),
}
WHY: Mapping[str, str] = {
    "dossier_code": N_("mã hồ sơ"),
    "dossier_code_end": N_("phần cuối mã hồ sơ"),
    "reference": N_("mã tham chiếu thanh toán"),
    "refund_id": N_("mã hoàn phí"),
    "bank_reference": N_("số giao dịch ngân hàng"),
    "order_number": N_("số hiệu bưu gửi"),
    "amount": N_("số tiền"),
    "owner_name": N_("tên chủ hồ sơ"),
    "payer_name": N_("tên người nộp tiền"),
    "text": N_("nội dung chuyển tiền"),
}
EVENT: Mapping[str, tuple[str, str]] = {
    "dossier": ("▣", N_("Hồ sơ")),
    "message": ("✉", N_("Thông điệp")),
    "signature": ("✎", N_("Chữ ký")),
    "receipt": ("✓", N_("Biên nhận có ký")),
    "message_step": ("↻", N_("Bước của thông điệp")),
    "message_aside": ("⊘", N_("Gác lại thông điệp")),
    "fee": ("₫", N_("Khoản thu")),
    "fee_change": ("₫", N_("Khoản thu thay đổi")),
    "request": ("→", N_("Yêu cầu thanh toán")),
    "request_status": ("…", N_("Trạng thái thanh toán")),
    "payment": ("₫", N_("Nộp tiền")),
    "allocation": ("=", N_("Gán vào khoản thu")),
    "refund": ("↩", N_("Hoàn phí")),
    "order": ("⌂", N_("Bưu gửi")),
    "tracking": ("⌂", N_("Hành trình bưu gửi")),
    "entry": ("≡", N_("Dòng sao kê")),
    "judged": ("⚖", N_("Đối soát")),
    "decision": ("✍", N_("Quyết định")),
    "file": ("▤", N_("Tệp sao kê")),
}
"""Kind of event -> symbol and words."""

EVENT_STATE: Mapping[str, str] = {
    "submitted": N_("đã nộp"),
    "accepted": N_("đã tiếp nhận"),
    "refused": N_("bị từ chối"),
    "finished": N_("đã xử lý xong"),
    "returned": N_("đã trả"),
    "due": N_("chưa thu đủ"),
    "settled": N_("đã thu đủ"),
    "cancelled": N_("đã hủy"),
    "changed": N_("đã đổi"),
    "open": N_("đang chờ nộp"),
    "pending": N_("chưa rõ kết quả"),
    "paid": N_("đã nộp"),
    "failed": N_("không thành công"),
    "allocated": N_("đã gán hết"),
    "part": N_("gán một phần"),
    "unidentified": N_("chưa xác định"),
    "refunding": N_("đang hoàn"),
    "requested": N_("được đề nghị"),
    "proposed": N_("đã lập"),
    "approved": N_("đã duyệt"),
    "sent": N_("đã gửi ngân hàng"),
    "in_doubt": N_("chưa rõ kết quả"),
    "debited": N_("ngân hàng đã chi"),
    "rejected": N_("không chấp thuận"),
    "approved_treasury": N_("đã duyệt, hoàn từ Kho bạc"),
    "approved_hand": N_("đã duyệt, chi bằng chứng từ"),
    "sent_known": N_("sao kê cho biết đã gửi ngân hàng"),
    "given_back": N_("ngân hàng trả lại tiền"),
    "paid_treasury": N_("Kho bạc đã hoàn theo chứng từ"),
    "paid_hand": N_("đã chi theo chứng từ"),
    "paid_recorded": N_("đã ghi chứng từ"),
    "receipt_cancelled": N_("đã hủy biên lai"),
    "receipt_adjusted": N_("đã điều chỉnh biên lai"),
    "stored": N_("đã lưu"),
    "applied": N_("đã ghi nhận"),
    "duplicate": N_("trùng"),
    "quarantined": N_("bị cách ly"),
    "parked": N_("chờ hồ sơ"),
    "dead_lettered": N_("không giao được"),
    "waiting": N_("chờ gửi"),
    "sending": N_("đang gửi"),
    "delivered": N_("đã giao"),
    "given_up": N_("ngừng gửi"),
    "aside": N_("đã gác lại, không cần xử lý thêm"),
    "aside_before": N_("từng gác lại, sau đó có bước mới"),
    "ordered": N_("đã đặt"),
    "collecting": N_("đang thu gom"),
    "collected": N_("đã thu"),
    "delivering": N_("đang phát"),
    "notice": N_("theo báo có của đối tác"),
    "counter": N_("thu tại quầy"),
    "cod": N_("bưu tá thu hộ"),
    "in": N_("nhận vào"),
    "out": N_("gửi đi"),
}
REFUND_STATE: Mapping[str, str] = {
    "requested": N_("được đề nghị"),
    "proposed": N_("đã lập, chờ duyệt"),
    "approved": N_("đã duyệt"),
    "sent": N_("đã gửi ngân hàng"),
    "in_doubt": N_("chưa rõ kết quả"),
    "debited": N_("đã chi"),
    "returned": N_("ngân hàng trả lại tiền"),
    "rejected": N_("không chấp thuận"),
    "refused": N_("không chi được"),
}
DETAIL: Mapping[str, str] = {"phi": N_("phí"), "le_phi": N_("lệ phí"), "cuoc": N_("cước bưu chính")}
"""Kind of fee."""

MESSAGE_KIND: Mapping[str, str] = {
    "dossier_event": N_("sự kiện hồ sơ"),
    "payment_status": N_("báo kết quả thanh toán"),
    "statement_file": N_("tệp sao kê"),
    "tracking_page": N_("hành trình bưu gửi"),
    "remittance_file": N_("bảng kê thu hộ"),
    "event": N_("sự kiện gửi hệ thống hồ sơ"),
    "payment_request_create": N_("yêu cầu thanh toán"),
    "payment_request_cancel": N_("hủy yêu cầu thanh toán"),
    "refund": N_("lệnh hoàn tiền"),
    "dossier_sync": N_("đồng bộ hồ sơ lên Cổng DVCQG"),
    "step_sync": N_("đồng bộ tiến độ lên Cổng DVCQG"),
    "postal_order": N_("đặt bưu gửi"),
    "postal_cancel": N_("hủy bưu gửi"),
    "settlement_confirmation": N_("xác nhận đối soát"),
    "day_approved": N_("ngày đối soát được duyệt"),
    "enquiry": N_("tra soát"),
}
CHANNEL: Mapping[str, str] = {
    "internet_banking": N_("ngân hàng điện tử"),
    "qr": N_("mã QR"),
    "pos": N_("máy POS"),
    "platform": N_("Cổng thanh toán quốc gia"),
    "cod": N_("bưu tá thu hộ"),
    "cash": N_("tiền mặt tại quầy"),
    "collect": N_("thu gom hồ sơ"),
    "deliver": N_("trả kết quả"),
}
FILED: Mapping[int, str] = {1: N_("trực tiếp"), 2: N_("trực tuyến"), 3: N_("bưu chính công ích")}
STATUS: Mapping[int, str] = {
    1: N_("Mới đăng ký"),
    2: N_("Được tiếp nhận"),
    3: N_("Không được tiếp nhận"),
    4: N_("Đang xử lý"),
    5: N_("Yêu cầu bổ sung giấy tờ"),
    6: N_("Yêu cầu thực hiện nghĩa vụ tài chính"),
    7: N_("Công dân yêu cầu rút hồ sơ"),
    8: N_("Dừng xử lý"),
    9: N_("Đã xử lý xong"),
    10: N_("Đã trả kết quả"),
}
"""Status of a dossier (domain.md 1.5)."""

FIELD: Mapping[str, str] = {
    "owner_name": N_("tên chủ hồ sơ"),
    "owner_id_number": N_("số định danh"),
    "accepted_by": N_("người tiếp nhận"),
    "name": N_("tên người nộp tiền"),
    "phone": N_("điện thoại"),
    "email": N_("thư điện tử"),
    "address": N_("địa chỉ"),
    "deliver_to": N_("người nhận kết quả"),
    "account": N_("số tài khoản"),
    "text": N_("nội dung chuyển tiền"),
    "summary": N_("trích yếu"),
    "reason": N_("lý do"),
    "question": N_("câu hỏi tra soát"),
    "answer": N_("trả lời tra soát"),
}
SUBJECT: Mapping[str, str] = {
    "dossier": N_("hồ sơ"),
    "payer": N_("người nộp tiền số"),
    "payment_request": N_("yêu cầu thanh toán số"),
    "payment": N_("khoản thanh toán số"),
    "statement": N_("sao kê số"),
    "statement_entry": N_("dòng sao kê số"),
    "remittance": N_("bảng kê thu hộ số"),
    "break_decision": N_("quyết định số"),
    "enquiry": N_("tra soát số"),
    "enquiry_answer": N_("trả lời tra soát số"),
    "refund": N_("khoản hoàn số"),
}
"""Whose data it is, before the number: the part of a subject in front of its colon."""
NEEDED: Mapping[str, str] = {
    "": N_("có thể xóa"),
    "in-process": N_("hồ sơ đang xử lý"),
    "fee-due": N_("còn khoản phải thu"),
    "refund-open": N_("đang hoàn phí"),
    "post-under-way": N_("bưu gửi đang đi"),
}
SUBJECT_ACT: Mapping[str, str] = {
    "list": N_("tra cứu"),
    "erase": N_("xóa theo yêu cầu"),
    "retention": N_("xóa do hết hạn lưu"),
}
ENQUIRY: Mapping[str, tuple[str, str, str]] = {
    "asked": ("calm", "?", N_("chờ đối tác trả lời")),
    "overdue": ("bad", "!", N_("quá hạn trả lời")),
    "unconcluded": ("warn", "✉", N_("đã trả lời, chưa kết luận")),
    "concluded": ("good", "✓", N_("đã kết luận")),
}
"""How a tra soát stands -> kind of mark, symbol, words."""

ENQUIRY_FILTER: Mapping[str, str] = {
    "open": N_("chưa kết luận"),
    "asked": N_("chờ đối tác trả lời"),
    "overdue": N_("quá hạn trả lời"),
    "unconcluded": N_("đã trả lời, chưa kết luận"),
    "answered": N_("đã trả lời"),
    "concluded": N_("đã kết luận"),
    "all": N_("Tất cả"),
}
NEXT: Mapping[str, str] = {
    "attribute_or_refund": N_("gán vào khoản thu hoặc đề nghị hoàn"),
    "enquire_or_accept": N_("tra soát đối tác, hoặc chấp nhận có lý do"),
    "link_or_move": N_("tiền của khoản khác: ghép tay hoặc chuyển ngày"),
    "given_already": N_("dòng tiền đã được gán hoặc hoàn: không hoàn lần nữa"),
    "confirm": N_("người thứ hai xác nhận"),
    "await_answer": N_("chờ đối tác trả lời tra soát"),
    "conclude": N_("kết luận theo trả lời của đối tác"),
    "send_back": N_("đã trả lời: trả lại ngày để kết luận"),
    "reopen": N_("đã trả lời: mở lại ngày để kết luận"),
    "reconcile": N_("chờ đối soát ngày này"),
    "undo_decision": N_("hủy quyết định rồi gán hoặc đề nghị hoàn"),
    "refund_payment": N_("đề nghị hoàn khoản thanh toán này"),
    "propose_day": N_("đã gán: đề nghị duyệt ngày"),
    "approve_day": N_("đã gán: chờ duyệt ngày"),
    "send_back_day": N_("trả lại ngày để gán hoặc đề nghị hoàn"),
    "reopen_day": N_("mở lại ngày để gán hoặc đề nghị hoàn"),
    "propose": N_("lập đề nghị hoàn"),
    "approve": N_("duyệt"),
    "send": N_("hệ thống gửi lệnh"),
    "debit": N_("chờ ngân hàng báo nợ"),
    "answer": N_("hỏi ngân hàng, không gửi lại"),
    "treasury_document": N_("ghi chứng từ hoàn từ Kho bạc"),
    "own_document": N_("ghi chứng từ chi"),
}
OWNER: Mapping[str, str] = {
    "finance_maker": N_("kế toán lập"),
    "finance_checker": N_("kế toán duyệt"),
    "partner": N_("đối tác"),
}
ROUTE: Mapping[str, str] = {
    "bank": N_("lệnh chi qua ngân hàng"),
    "treasury": N_("hoàn từ Kho bạc"),
    "hand": N_("chi bằng chứng từ"),
}
RECEIPT_MARK: Mapping[str, str] = {"cancel": N_("hủy biên lai"), "adjust": N_("điều chỉnh biên lai")}
