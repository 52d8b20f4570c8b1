"""Banks and the intermediary."""

from __future__ import annotations

from gateway.reasons.reason import Reason

REASONS: tuple[Reason, ...] = (
    Reason("bad-vietqr", "mã VietQR sai", "no correct VietQR payload", "Make the code again from correct data."),
    Reason(
        "answer-to-another-message",
        "trả lời không khớp với câu hỏi",
        "a signed answer to another message (a replay, or mixed up)",
        "Nothing: it is asked again; if it repeats, ask the partner.",
    ),
    Reason(
        "bank-answered-fault",
        "ngân hàng trả lời bằng lỗi SOAP",
        "the bank answered a query with a fault",
        "Read the fault in the stored answer; ask the bank.",
    ),
    Reason(
        "bank-closed",
        "ngân hàng tạm ngừng phục vụ",
        "the bank cannot do it now, nothing was done",
        "Nothing: it is tried again.",
    ),
    Reason(
        "bank-code-unlisted",
        "mã trả lời không có trong thỏa thuận",
        "a response code that the contract does not list",
        "Ask the bank; add it to the contract.",
    ),
    Reason(
        "bank-does-not-know-it",
        "ngân hàng không tìm thấy",
        "the bank does not know what was named (RC 25)",
        "Compare reference and transaction number.",
    ),
    Reason(
        "bank-knows-it-otherwise",
        "ngân hàng đã có với nội dung khác",
        "the bank knows this id with other contents (RC 94)",
        "Find which side changed it; make a new request.",
    ),
    Reason(
        "bank-outcome-unknown",
        "ngân hàng chưa rõ kết quả",
        "the bank does not know the outcome yet (RC 68, 96)",
        "Nothing: the bank is asked.",
    ),
    Reason(
        "bank-refused-account",
        "ngân hàng từ chối tài khoản",
        "the bank refused the account (RC 14)",
        "Correct the account in the partner's configuration.",
    ),
    Reason(
        "bank-refused-amount",
        "ngân hàng từ chối số tiền",
        "the bank refused the amount (RC 13)",
        "Compare the fee with the bank's limits.",
    ),
    Reason(
        "bank-refused-contents",
        "ngân hàng từ chối nội dung",
        "the contents do not fit together (RC 30)",
        "Compare BIN, account, amount and VietQR.",
    ),
    Reason(
        "bank-refused-in-this-state",
        "ngân hàng từ chối ở trạng thái này",
        "not possible in this state (RC 57): paid already, say",
        "Look at the payment; decide on a refund.",
    ),
    Reason(
        "bank-refused-more-than-paid",
        "hoàn phí vượt số đã nộp",
        "the refund is more than was paid (RC 61)",
        "Correct the amount of the refund.",
    ),
    Reason(
        "bank-refused-our-environment",
        "ngân hàng từ chối môi trường",
        "the bank is of another environment",
        "Correct GATEWAY_ENV or the endpoint.",
    ),
    Reason(
        "bank-refused-our-message",
        "ngân hàng từ chối thông điệp",
        "our message breaks the bank's contract",
        "Compare our contract with the bank's.",
    ),
    Reason(
        "bank-refused-our-signature",
        "ngân hàng từ chối chữ ký của ta",
        "the bank does not believe our signature",
        "Give the bank our certificate; check its validity.",
    ),
    Reason(
        "bank-refused-our-timestamp",
        "ngân hàng từ chối dấu thời gian",
        "the bank finds our timestamp stale or in the future",
        "Set the clock (NTP), then replay.",
    ),
    Reason(
        "not-in-bank-contract",
        "không có trong hợp đồng kết nối",
        "the bank's contract cannot say this",
        "Choose another channel or partner.",
    ),
    Reason(
        "paid-without-payment",
        "báo đã nộp nhưng thiếu giao dịch",
        "the bank says PAID and names no payment",
        "Ask the bank.",
    ),
    Reason(
        "payload-incomplete",
        "thiếu dữ liệu",
        "an outbox row lacks a field that its kind needs",
        "Correct whoever made the request.",
    ),
    Reason(
        "signature-not-there-yet",
        "chưa có tệp chữ ký",
        "a file is offered without its signature",
        "Nothing: it is waited for; ask when it stays away.",
    ),
    Reason(
        "statement-format-unexpected",
        "định dạng sao kê khác thỏa thuận",
        "the file is of another format than agreed",
        "Ask the bank, or correct `format`.",
    ),
    Reason(
        "statement-of-another-account",
        "sao kê của tài khoản khác",
        "a statement of an account that is not agreed",
        "Ask the bank; correct `accounts`.",
    ),
)
