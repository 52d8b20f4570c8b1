"""What readers find in statement files."""

from __future__ import annotations

from gateway.reasons.reason import Reason

REASONS: tuple[Reason, ...] = (
    Reason("malformed", "sai định dạng", "the bytes break their contract", "Ask the sender for a correct file."),
    Reason("empty-file", "tệp rỗng", "the file has no content", "Fetch it again; if still empty, ask the sender."),
    Reason("file-unreadable", "không mở được tệp", "the file cannot be opened", "Check its name and its permissions."),
    Reason("unknown-format", "không nhận ra định dạng", "no known statement format", "Ask the sender what it is."),
    Reason("wrong-schema", "sai lược đồ XML", "XML of another schema or version", "Ask the sender for camt v02-v14."),
    Reason("wrong-layout", "sai cấu trúc bản ghi", "a record breaks its layout", "Ask the sender for a correct file."),
    Reason(
        "header-differs",
        "tệp của ngân hàng hoặc ngày khác",
        "the header names another bank or day than agreed",
        "Ask the sender for the right file; compare `accounts.bin` and `name_pattern`.",
    ),
    Reason("truncated-file", "tệp bị cắt cụt", "the file ends in the middle", "Fetch it again; ask the sender."),
    Reason("doctype-refused", "XML chứa DTD bị từ chối", "XML with a DTD", "Never process it by hand; ask the sender."),
    Reason("xml-not-well-formed", "XML hỏng", "the XML is broken", "Ask the sender for a correct file."),
    Reason(
        "not-text-in-encoding", "sai bảng mã", "bytes that are no text in the encoding", "Compare the encoding set."
    ),
    Reason("unknown-encoding", "bảng mã không hỗ trợ", "an encoding not known here", "Correct the partner's encoding."),
    Reason("bad-amount", "số tiền không hợp lệ", "an amount that is no plain number", "Ask the sender to correct it."),
    Reason("bad-balance", "số dư không đọc được", "an unreadable balance", "Ask the bank for a correct statement."),
    Reason("bad-entry", "dòng giao dịch không đọc được", "an unreadable entry", "Ask the bank; the day must wait."),
    Reason(
        "element-missing", "thiếu phần tử bắt buộc", "a mandatory element is missing", "Ask; the usual case is assumed."
    ),
    Reason("bad-total", "tổng cộng không đọc được", "an unreadable total", "Ask the bank for a correct statement."),
    Reason("account-missing", "thiếu số tài khoản", "a statement without an account", "Ask the bank which one it is."),
    Reason("currency-missing", "thiếu loại tiền", "no currency is named", "Ask the bank; two decimals are assumed."),
    Reason("unknown-currency", "loại tiền lạ", "no currency of ISO 4217", "Ask the bank what it means."),
    Reason("mixed-currencies", "lẫn nhiều loại tiền", "currencies that cannot be added", "Ask the bank."),
    Reason(
        "account-currency-differs",
        "loại tiền của tài khoản khác số tiền",
        "the account is said to be in another currency than its amounts",
        "Ask the bank which one is true; the day waits. If the amounts are right, release it with a reason.",
    ),
    Reason(
        "statement-currency-foreign",
        "sao kê có ngoại tệ",
        "money in another currency than đồng, kept out of the reconciliation",
        "Ask the bank for the statement in đồng; if no fee was paid in foreign money, release the day with a reason.",
    ),
    Reason("balance-missing", "thiếu số dư", "no opening or closing balance", "Ask the bank; nothing proves the sum."),
    Reason(
        "balance-does-not-add-up",
        "số dư không khớp phát sinh",
        "opening + entries is not closing",
        "Ask the bank for the missing or doubled entries; the day waits. If it is right, release it with a reason.",
    ),
    Reason(
        "balances-do-not-continue",
        "số dư không liên tục",
        "the opening is not the closing before it",
        "Look for a missing statement or page and fetch it; the day waits. If it is right, release it with a reason.",
    ),
    Reason("totals-do-not-add-up", "tổng phát sinh không khớp", "stated totals differ", "Ask the bank for the rest."),
    Reason(
        "details-do-not-add-up",
        "chi tiết không khớp giao dịch gộp",
        "the parts of an entry do not give its amount or number",
        "Ask the bank for the missing parts; the day waits. If the amount is right, release it with a reason.",
    ),
    Reason("empty-statement", "sao kê không có dòng nào", "a statement without entries", "Check that nothing was due."),
    Reason("duplicate-statement", "sao kê bị lặp", "the same statement twice in one file", "Nothing: it counts once."),
    Reason("field-repeated", "trường bị lặp", "a field twice in one statement", "Compare with the bank's copy."),
    Reason("entry-after-end", "dòng sau khi kết thúc sao kê", "an entry after the end", "Ask where it belongs."),
    Reason("entry-without-date", "giao dịch không có ngày", "an entry without a date", "Ask the bank for its date."),
    Reason("unbooked-entry", "chưa hạch toán", "announced, not booked: no money yet", "Nothing: wait for the booking."),
    Reason(
        "outcome-pending", "chưa rõ kết quả (mã 68)", "a time-out counted as paid", "Nothing: the partner is asked."
    ),
    Reason("partner-reports-difference", "đối tác báo lệch (31/35)", "the partner reports a break", "Compare both."),
    Reason("trailer-count-differs", "sai số dòng ở cuối tệp", "the trailer counts otherwise", "Fetch it again; ask."),
    Reason("trailer-total-differs", "sai tổng tiền ở cuối tệp", "the trailer adds up otherwise", "Fetch again; ask."),
    Reason("trailer-total-missing", "thiếu tổng tiền ở cuối tệp", "an agreed total is missing", "Ask the sender."),
    Reason("field-too-long", "vượt độ dài trường", "a value does not fit its field", "Shorten it where it comes from."),
)
