"""The national portal and its payment platform."""

from __future__ import annotations

from gateway.reasons.reason import Reason

REASONS: tuple[Reason, ...] = (
    Reason(
        "dossier-code-not-conforming",
        "mã hồ sơ không đúng quy cách quốc gia",
        "a dossier code does not fit the national grammar and has no mapping",
        "Add its national code to dossier_api.dossier_codes, then release the message.",
    ),
    Reason(
        "unknown-status",
        "trạng thái không có trong bảng mã",
        "a status is not in the agreed table",
        "Ask who sent it what it means; correct the table or the status. It is never guessed.",
    ),
    Reason(
        "bad-time",
        "thời gian sai định dạng",
        "a time cannot be read or has no offset",
        "Ask the sender for a correct message.",
    ),
    Reason(
        "portal-refused",
        "Cổng Dịch vụ công quốc gia từ chối",
        "the national portal refused a dossier or a step",
        "Correct what the portal names in the dossier system, then send it again.",
    ),
    Reason(
        "bad-portal-reply",
        "Cổng Dịch vụ công quốc gia trả lời sai định dạng",
        "the national portal's reply cannot be read",
        "Nothing: the portal is asked; tell its support if it goes on.",
    ),
    Reason(
        "platform-refused",
        "nền tảng thanh toán từ chối",
        "the payment platform refused a payment request",
        "Read its code and words, correct the request, then send it again.",
    ),
    Reason(
        "bad-platform-reply",
        "nền tảng thanh toán trả lời sai định dạng",
        "the payment platform's reply cannot be read",
        "Nothing: the platform is asked again; tell it if it goes on.",
    ),
    Reason(
        "bad-platform-bill",
        "biên lai của nền tảng thanh toán không phải tệp PDF trọn vẹn",
        "the payment platform's receipt is no whole PDF",
        "Nothing: it is asked for again; tell the platform if it goes on.",
    ),
    Reason(
        "platform-has-no-bill",
        "nền tảng thanh toán chưa có biên lai của khoản này",
        "the payment platform has no receipt for this payment (yet)",
        "Nothing: it is asked for again, more slowly each time.",
    ),
    Reason(
        "bill-without-payment",
        "không có khoản thanh toán nào chờ biên lai này",
        "no payment waits for this receipt",
        "Nothing: it is kept as it came.",
    ),
)
