"""What may happen anywhere: configuration, the database, acts that are not allowed."""

from __future__ import annotations

from gateway.reasons.reason import TITLE_SAYS_ALL, Reason

REASONS: tuple[Reason, ...] = (
    Reason(
        "configuration-invalid",
        "cấu hình sai",
        "a setting is wrong",
        "Correct the keys that the message names, then run `gateway partners check`.",
        details=TITLE_SAYS_ALL,
    ),
    Reason(
        "migration-changed",
        "tệp lược đồ đã bị sửa",
        "an applied schema file was edited",
        "Restore the file; put the change into a new numbered file.",
    ),
    Reason(
        "gateway-error",
        "lỗi của cổng tích hợp",
        "a fault that has no code of its own",
        "Read the task's log; report it, its cause needs a code.",
    ),
    Reason(
        "conflict",
        "mâu thuẫn với dữ liệu đã ghi",
        "it contradicts what is on record",
        "Compare both; correct the one that is wrong.",
    ),
    Reason("not-found", "không tìm thấy", "what was named does not exist", "Check the name or the number."),
    Reason(
        "forbidden",
        "không được phép",
        "this person, role or environment may not do this",
        "Let somebody do it who may.",
    ),
    Reason(
        "does-not-close",
        "số liệu không khép",
        "a proof failed: messages or money do not add up",
        "Stop; look at the sums that the message names.",
    ),
    Reason(
        "database-unavailable",
        "không kết nối được cơ sở dữ liệu",
        "PostgreSQL does not answer",
        "Nothing: the run is tried again. Look after PostgreSQL if it lasts.",
        details=TITLE_SAYS_ALL,
    ),
    Reason(
        "production-refuses",
        "môi trường thật từ chối",
        "production refuses what only a demo may have",
        "Mount real certificates; name real partners.",
    ),
    Reason(
        "business-clock-unreadable",
        "không đọc được đồng hồ nghiệp vụ",
        "the file of the business clock holds no time with offset",
        "Write an ISO 8601 time with offset into it, or unset GATEWAY_BUSINESS_CLOCK.",
    ),
    Reason(
        "partner-unknown",
        "không có đối tác này",
        "no partner has this id",
        "Use an id of `gateway partners check`.",
        details={"": "Không có đối tác “{typed}”. Các đối tác: {known:partner}."},
    ),
)
