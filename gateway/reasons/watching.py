"""Lateness, alerts and the daily proof."""

from __future__ import annotations

from gateway.reasons.reason import Reason

REASONS: tuple[Reason, ...] = (
    Reason(
        "statement-late",
        "chưa nhận được tệp đúng hạn",
        "a statement or remittance is not here past its hour",
        "Call the partner; when it comes it is loaded and reconciled by itself.",
    ),
    Reason(
        "day-not-closed",
        "ngày chưa được duyệt",
        "nobody proposed a business date by noon of the working day after its inputs were due",
        "Open the day and decide about its breaks; `gateway day show` says what it waits for.",
    ),
    Reason(
        "approval-waiting",
        "chờ duyệt quá trưa",
        "a proposed day or refund waits past noon of a working day",
        "A checker who did not propose it approves it or sends it back.",
    ),
    Reason(
        "totals-unusual",
        "tổng của ngày khác thường",
        "entries or money of a partner's day are far from the median of its last comparable days",
        "Compare with the statement before proposing; limits are in config/alerts.toml.",
    ),
    Reason(
        "break-too-old",
        "lệch quá hạn xử lý",
        "breaks were not concluded within their limit of working days",
        "Conclude them, or ask the partner; limits are in config/alerts.toml.",
    ),
    Reason(
        "enquiry-overdue",
        "tra soát quá hạn trả lời",
        "a partner has not answered an enquiry by its date",
        "Call the partner; record the answer at the break.",
    ),
    Reason(
        "enquiry-unconcluded",
        "tra soát đã có trả lời, chưa kết luận",
        "a partner answered an enquiry and nobody concluded the break within its limit of working days",
        "Conclude the break by the answer; an approved day is reopened first. The limit is in config/alerts.toml.",
    ),
    Reason(
        "refund-in-doubt-long",
        "lệnh hoàn phí chưa rõ kết quả đã lâu",
        "a bank has not said for over a working day whether a refund was paid",
        "Ask the bank in writing; make no other order until it has answered.",
    ),
    Reason(
        "remittance-not-credited",
        "tiền thu hộ của bưu điện chưa về ngân hàng",
        "no bank credited a remittance within its limit of working days",
        "Ask the postal service and the bank; limits are in config/alerts.toml.",
    ),
    Reason(
        "settlement-not-credited",
        "tiền quyết toán của trung gian chưa về ngân hàng",
        "no bank credited what an intermediary collected on a date within its limit of working days",
        "Ask the intermediary and the bank; limits are in config/alerts.toml.",
    ),
    Reason(
        "cash-not-deposited",
        "tiền mặt tại quầy chưa thấy nộp ngân hàng",
        "no bank has a deposit of what a cashier counted (or of the receipts that nobody counted) within its limit of"
        " working days",
        "Ask the cashier for the deposit slip; limits are in config/alerts.toml.",
    ),
    Reason(
        "treasury-debit-unvouched",
        "khoản trích nộp Kho bạc chưa có chứng từ",
        "a bank's debit to the treasury has no confirmed voucher C1-02/NS within its limit of working days",
        "Record the voucher and have it confirmed; limits are in config/alerts.toml.",
    ),
    Reason(
        "treasury-voucher-unpaid",
        "chứng từ nộp Kho bạc chưa thấy trích tiền",
        "a confirmed voucher C1-02/NS has no debit of the bank within its limit of working days",
        "Ask the bank, or cancel the voucher with a reason; limits are in config/alerts.toml.",
    ),
    Reason(
        "messages-waiting-long",
        "thông điệp chờ quá lâu",
        "messages wait, or are in doubt, for over four hours",
        "Is the partner away? Otherwise read their reasons with `gateway messages list`.",
    ),
    Reason(
        "messages-quarantined",
        "có thông điệp bị cách ly",
        "messages of a partner are in quarantine",
        "Look at each: `gateway messages list --state quarantined --not-aside`; what needs nothing more is set aside:"
        " `gateway messages aside`.",
    ),
    Reason(
        "messages-given-up",
        "có thông điệp không gửi được",
        "messages to a partner were given up",
        "Look at each: `gateway messages list --state given_up --not-aside`; correct the cause, then `gateway messages"
        " replay`, or `gateway messages aside` where nothing is to be sent any more.",
    ),
    Reason(
        "messages-dead-lettered",
        "có thông điệp hàng đợi trả lại",
        "the broker gave up delivering messages: runs ended again and again before they acknowledged them",
        "Look at each: `gateway messages list --state dead_lettered --not-aside`; find what ended the runs, then"
        " `gateway messages release`, or `gateway messages aside` where it surely needs nothing more.",
    ),
    Reason(
        "messages-parked-long",
        "thông điệp chờ hồ sơ quá lâu",
        "messages came before their dossier, which is not known after `parked_hours` of `config/alerts.toml`",
        "Ask the dossier system for the dossier; a counter payment among them is booked nowhere yet. What tells no"
        " money, of a dossier that never comes, is set aside: `gateway messages aside`.",
    ),
    Reason(
        "messages-stored-long",
        "thông điệp đã nhận chưa xử lý quá lâu",
        "messages are stored and nobody judged them for `stored_hours` of `config/alerts.toml`",
        "Does the DAG that receives from this partner run? It takes up what is stored by itself.",
    ),
    Reason(
        "circuit-open-long",
        "đối tác không trả lời đã lâu",
        "the circuit stays open after many probes",
        "Check the line to the partner; it closes by itself.",
    ),
    Reason(
        "postal-order-untracked",
        "đơn bưu chính đã nhận mà chưa có bản ghi theo dõi",
        "VNPost accepted an order and its tracking feed never showed it within the limit of working days",
        "Ask VNPost for the order; where it has none, let it enter it again under the same number. Limits are in"
        " config/alerts.toml.",
    ),
    Reason(
        "postal-order-stalled",
        "đơn bưu chính lâu không có bản ghi theo dõi mới",
        "VNPost tracked an order that has not arrived, and its last record is older than the limit of working days",
        "Ask VNPost where the item is; where it is lost, tell the dossier's unit. If many orders stand at once, look"
        " whether postal_tracking still gets records. Limits are in config/alerts.toml.",
    ),
    Reason(
        "day-does-not-close",
        "ngày không khép",
        "a sum of the daily proof is off",
        "See the runbook of `conservation`; approve nothing before it closes.",
    ),
    Reason(
        "snapshot-differs",
        "kết quả tính lại khác bản đã lưu",
        "the stored inputs no longer give the stored snapshot",
        "Approve nothing on it; compare the digests of rules, engine and inputs; report it.",
        details={
            "": "Ngày {business_on} của {partner:partner}, phiên bản {version}: tính lại không ra đúng kết quả đã lưu."
        },
    ),
    Reason(
        "demo-run-failed",
        "lượt chạy của bản trình diễn thất bại",
        "a run of the demonstration failed or is not over in time",
        "Open the run in Airflow, or the log below var/demo.",
    ),
)
