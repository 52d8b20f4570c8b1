"""The ledger and reconciliation."""

from __future__ import annotations

from gateway.reasons.reason import Reason

REASONS: tuple[Reason, ...] = (
    Reason(
        "dossier-code-invalid",
        "mã hồ sơ sai cấu trúc",
        "not shaped like a dossier code",
        "Ask the dossier system; a code is never guessed (domain.md 1.7).",
    ),
    Reason(
        "dossier-unknown",
        "chưa biết hồ sơ",
        "its dossier is not known yet",
        "Nothing: it is applied when the dossier arrives.",
    ),
    Reason(
        "dossier-status-unknown",
        "trạng thái hồ sơ không có trong danh mục",
        "no status of the national list, 1 to 10",
        "Ask the dossier system for the real status.",
    ),
    Reason(
        "event-unexpected",
        "loại sự kiện không dành cho cổng tích hợp",
        "an event type that is not for us",
        "Ask the dossier system what it meant.",
    ),
    Reason(
        "event-data-invalid",
        "dữ liệu sự kiện sai",
        "the event's data break their contract",
        "Ask the dossier system for a correct event.",
    ),
    Reason(
        "amount-not-whole",
        "số tiền không phải số nguyên đồng",
        "an amount with decimals, an exponent, or as text",
        "Ask the sender for whole đồng.",
    ),
    Reason(
        "amount-not-positive",
        "số tiền bằng không, âm hoặc quá lớn",
        "an amount that cannot be owed or paid",
        "Ask the sender for the right amount.",
    ),
    Reason("currency-foreign", "ngoại tệ", "another currency than VND", "Ask the sender; fees are owed in đồng only."),
    Reason(
        "channel-not-configured",
        "chưa cấu hình đối tác cho kênh thanh toán",
        "no partner collects by this channel",
        "Add the channel to a partner file, then replay the message.",
    ),
    Reason(
        "fee-known-already",
        "khoản thu đã có với số tiền khác",
        "the fee is owed already, with another amount",
        "Ask the dossier system for a fee-changed event instead.",
    ),
    Reason(
        "fee-unknown",
        "khoản thu không tồn tại",
        "the fee was never requested",
        "Ask the dossier system; release it when the fee is known. Counter money is booked all the same, as tiền chưa"
        " xác định, and goes back by a refund.",
        details={
            "": "Hồ sơ {dossier_code} không có khoản thu {fee_id} đang cần thu.",
            "none": "Hồ sơ {dossier_code} không có khoản thu nào đang cần thu.",
            "no-dossier": "Chưa nhập mã hồ sơ để gán tiền.",
        },
    ),
    Reason(
        "receipt-reused",
        "số biên lai đã dùng",
        "a receipt number is used twice",
        "Ask the cashier which of the two receipts is right.",
    ),
    Reason(
        "money-unidentified",
        "tiền chưa xác định",
        "money that pays nothing that is owed",
        "Attribute it or refund it, under four eyes.",
    ),
    Reason(
        "postal-order-unknown",
        "không có đơn bưu chính này",
        "a tracking record of an order we never made",
        "Ask VNPost whose order it is.",
    ),
    Reason(
        "postal-status-unknown",
        "mã trạng thái bưu chính chưa có trong bảng",
        "a tracking code without a configured meaning",
        "Ask VNPost what it means; add it to the partner file.",
    ),
    Reason(
        "statement-account-foreign",
        "sao kê của tài khoản không phải của ta",
        "a statement of an account that is not ours",
        "Ask the bank; add the account to the partner file if it is ours.",
    ),
    Reason(
        "statement-missing",
        "chưa có sao kê",
        "a statement that the day needs is not here",
        "Fetch it or ask the bank; then reconcile again. Where nobody paid that day, release the day with a reason.",
    ),
    Reason(
        "statement-empty",
        "sao kê trống",
        "the statement is empty although payments are on record",
        "Ask the bank; if it is right, release the day with a reason.",
    ),
    Reason(
        "statement-tiny",
        "sao kê ít bất thường",
        "the statement has far fewer entries than usual",
        "Ask the bank; if it is right, release the day with a reason.",
    ),
    Reason(
        "remittance-missing",
        "chưa có bảng kê chuyển tiền thu hộ",
        "the COD remittance file is not here",
        "Fetch it or ask VNPost; then reconcile again. Where nobody paid that day, release the day with a reason.",
    ),
    Reason(
        "remittance-known",
        "bảng kê đã có",
        "a remittance batch of this number is loaded with other content",
        "Ask VNPost which of the two files is right.",
    ),
    Reason(
        "remittance-count",
        "bảng kê sai số dòng",
        "the remittance has another number of lines than it declares",
        "Ask VNPost for a correct file.",
    ),
    Reason(
        "remittance-total",
        "bảng kê sai tổng tiền",
        "the lines of the remittance do not add up to its total",
        "Ask VNPost for a correct file.",
    ),
    Reason(
        "same-person",
        "người duyệt trùng người lập",
        "the person who proposed or recorded it cannot be the second one",
        "Let another person approve or confirm.",
        details={
            "day": "{user} đã đề nghị duyệt ngày này nên không được tự duyệt.",
            "record": "{user} là người ghi nhận nên không thể là người thứ hai.",
            "refund": "{user} đã lập đề nghị hoàn phí này nên không được tự duyệt.",
            "write-off": "{user} đã xóa chênh lệch này nên không được tự xác nhận.",
        },
    ),
    Reason(
        "step-not-allowed",
        "không thể thực hiện ở trạng thái này",
        "this state does not allow that act",
        "Look at the state; do what is next for it.",
        details={
            "day": "Ngày đối soát đang ở trạng thái “{state:state}”, không nhận việc “{act:act}”.",
            "break": "Khoản lệch này không nhận quyết định “{kind:decision}” của {user} lúc này.",
            "not-free": "Khoản thanh toán không còn đủ {amount:dong} chưa gán để hoàn.",
            "refund": "Hoàn phí {refund_id} đang ở trạng thái “{state:refund}”.",
            "refund-step": "Hoàn phí {refund_id} không chuyển được sang bước này.",
        },
    ),
    Reason(
        "snapshot-changed",
        "kết quả đối soát đã thay đổi",
        "the day was reconciled anew after it was looked at",
        "Look at the new version and decide again.",
        details={
            "": "Ngày đối soát nay ở phiên bản {version}; số liệu bạn đã xem không còn là số liệu hiện hành.",
            "since": "Sau khi bạn xem phiên bản {version}, số liệu hoặc các quyết định của ngày đã thay đổi.",
        },
    ),
    Reason(
        "refund-unknown",
        "không có yêu cầu hoàn tiền này",
        "no such refund",
        "Check the refund's number.",
        details={"": "Không có hoàn phí mã {refund_id}."},
    ),
    Reason(
        "day-unknown",
        "chưa đối soát ngày này",
        "this partner's day was never reconciled",
        "Reconcile it first.",
        details={
            "": "Ngày {business_on} của {partner:partner} chưa được đối soát.",
            "not-approved": "Ngày {business_on} của {partner:partner} chưa được duyệt.",
        },
    ),
    Reason(
        "calendar-unknown",
        "thiếu lịch làm việc",
        "a calendar file or a year of it is missing",
        "Add the year to config/calendars and have it reviewed.",
        details={
            "": "Tệp {file} trong config/calendars chưa có hoặc không đọc được.",
            "year": "Tệp {file} trong config/calendars chưa có năm {year}.",
        },
    ),
    Reason(
        "match-not-complete",
        "đối soát không khép kín",
        "a row of a side is in no class or in two",
        "A fault of ours: stop, report it, approve nothing.",
    ),
)
