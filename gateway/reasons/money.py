"""Refunds, treasury vouchers, cash counts and months."""

from __future__ import annotations

from gateway.reasons.reason import TITLE_SAYS_ALL, Reason
from gateway.reasons.recorded import COUNT_DETAILS, VOUCHER_DETAILS

REASONS: tuple[Reason, ...] = (
    Reason(
        "payment-unknown",
        "không có khoản thanh toán này",
        "no such payment",
        "Look it up by its dossier or its reference.",
        details={"": "Không có khoản thanh toán số {payment}."},
    ),
    Reason(
        "refund-paid-by-the-bank",
        "hoàn phí này do ngân hàng chi",
        "the bank has an order for this refund; only its statement proves the end of it",
        "Wait for the bank's answer and the debit on its statement.",
        details={"": "Ngân hàng đã nhận lệnh chi của hoàn phí {refund_id}."},
    ),
    Reason(
        "refund-not-in-doubt",
        "lệnh hoàn phí không còn nghi vấn",
        "the bank refused this refund, or a statement shows it as paid: its order is not sent again",
        "Look at the refund; ask for a new one if its money is still to go back.",
    ),
    Reason(
        "receipt-not-marked",
        "biên lai không chờ điều chỉnh",
        "the receipt of this refund is not marked, or was corrected already",
        "Look at the refund with `gateway refund show`.",
        details={"": "Biên lai của hoàn phí {refund_id} không chờ hủy hay điều chỉnh."},
    ),
    Reason(
        "cash-count-known",
        "đã kiểm quỹ quyển biên lai này",
        "this cashier's receipt book was counted for that day already",
        "Record a correction of the earlier count, with a reason.",
        details={"": "Quyển biên lai {receipt_series} của {cashier} ngày {business_on} đã có phiếu kiểm quỹ."},
    ),
    Reason(
        "cash-count-unknown",
        "không có phiếu kiểm quỹ này",
        "no such cash count, or it was corrected already",
        "Look at the list of counts, and act on the one that is in force.",
        details={"": "Không có phiếu kiểm quỹ số {count}, hoặc phiếu này đã được sửa bằng phiếu khác."},
    ),
    Reason(
        "cash-count-invalid",
        "phiếu kiểm quỹ không hợp lệ",
        "the numbers, the count or the amount of a cash count cannot be right",
        "Correct what the message names and record it again.",
        details=COUNT_DETAILS,
    ),
    Reason(
        "confirmed-already",
        "đã có người thứ hai xác nhận",
        "somebody has confirmed this count or voucher already",
        "Look at it again; nothing is left to do.",
        details=TITLE_SAYS_ALL,
    ),
    Reason(
        "cash-not-counted",
        "chưa kiểm quỹ",
        "counter receipts of a day that no cash count covers",
        "Have the cashier count and record it.",
    ),
    Reason(
        "cash-receipt-gap",
        "thiếu số biên lai",
        "receipt numbers inside a count that no counter payment has",
        "Find the receipts: spoilt, cancelled, or not entered.",
    ),
    Reason(
        "cash-receipt-outside",
        "biên lai ngoài dải đã kiểm",
        "counter payments whose receipt numbers lie outside the count",
        "Correct the range, or the receipt numbers in the dossier system.",
    ),
    Reason(
        "cash-receipt-overlap",
        "trùng dải biên lai",
        "two counts claim the same receipt numbers of a book",
        "Correct the one that is wrong.",
    ),
    Reason(
        "cash-differs",
        "tiền kiểm quỹ lệch",
        "the counted amount or number of receipts differs from the counter payments",
        "Count again with the cashier; correct the count or the payments.",
    ),
    Reason(
        "voucher-known",
        "giấy nộp tiền đã có",
        "a treasury voucher of this number and account is recorded already",
        "Look it up; cancel it with a reason if it was recorded wrong.",
        details={"": "Giấy nộp tiền số {voucher_number} trích từ tài khoản này đã được ghi."},
    ),
    Reason(
        "voucher-unknown",
        "không có giấy nộp tiền này",
        "no such treasury voucher, or it was cancelled",
        "Look at the list of vouchers, and check its number.",
        details={"": "Không có giấy nộp tiền này (thứ tự {voucher}), hoặc đã bị hủy."},
    ),
    Reason(
        "voucher-invalid",
        "giấy nộp tiền không hợp lệ",
        "the items, period or codes of a treasury voucher cannot be right",
        "Correct what the message names and record it again.",
        details=VOUCHER_DETAILS,
    ),
    Reason(
        "account-does-not-close",
        "sổ tài khoản không khép",
        "opening + movements of an account are not its closing, or not the next opening",
        "Ask the bank for the missing statement; look at the entries of that day.",
    ),
    Reason(
        "period-invalid",
        "khoảng ngày không hợp lệ",
        "the period ends before it begins, or is longer than a year",
        "Choose the first and the last day again, a year at most.",
        details={"": "Từ {first} đến {last}: ngày đầu phải trước ngày cuối, nhiều nhất {longest} ngày."},
    ),
    Reason(
        "month-not-over",
        "tháng chưa kết thúc",
        "a month is closed after its last day",
        "Wait until the month is over.",
        details={"": "Tháng {month:month} kết thúc ngày {ends}; sau ngày đó mới khóa sổ được."},
    ),
    Reason(
        "month-days-open",
        "còn ngày chưa duyệt",
        "days of the month, or reopened older days, are not approved yet",
        "Approve the days that the message names, then close the month.",
        details={
            "": "Chưa duyệt: {days}.",
            "since": "Vừa có ngày của tháng {month:month}, hoặc ngày trước đó, không còn ở trạng thái đã duyệt.",
        },
    ),
    Reason(
        "month-closed",
        "tháng đã khóa sổ",
        "the month is closed and never reopened",
        "Post the correction to the open month; it cites the old day.",
        details={"": "{closed_by} đã khóa sổ tháng {month:month}."},
    ),
    Reason(
        "month-order",
        "tháng trước chưa khóa sổ",
        "months are closed one after another",
        "Close the earlier month first.",
        details={
            "": "Tháng {earlier:month} chưa khóa sổ.",
            "later": "Đã khóa sổ một tháng sau tháng {month:month}.",
        },
    ),
)
