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
        "yesterday or earlier is not approved at noon",
        "`gateway day show` says what it waits for.",
    ),
    Reason(
        "messages-waiting-long",
        "thông điệp chờ quá lâu",
        "messages wait, or are in doubt, for over four hours",
        "Is the partner away? Otherwise read their reasons with `gateway messages list`.",
    ),
    Reason(
        "messages-quarantined",
        "có thông điệp bị cách ly hoặc không gửi được",
        "messages are in quarantine or given up",
        "Look at each: `gateway messages list --state quarantined`, or `given_up`.",
    ),
    Reason(
        "circuit-open-long",
        "đối tác không trả lời đã lâu",
        "the circuit stays open after many probes",
        "Check the line to the partner; it closes by itself.",
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
    ),
    Reason(
        "demo-run-failed",
        "lượt chạy của bản trình diễn thất bại",
        "a run of the demonstration failed or is not over in time",
        "Open the run in Airflow, or the log below var/demo.",
    ),
)
