"""Files that partners send or that are handed in."""

from __future__ import annotations

from gateway.reasons.reason import Reason

REASONS: tuple[Reason, ...] = (
    Reason(
        "file-not-here",
        "chưa có tệp của ngày này",
        "the partner works that day and its file is not here",
        "Nothing: it is looked for again; past its hour an alert says so.",
    ),
    Reason(
        "file-locked",
        "máy chủ không cho đọc tệp",
        "the partner's server does not let us read a file; the others are loaded",
        "Ask the partner for the right to read it; every run tries it again, and the record ends with the file.",
    ),
    Reason(
        "file-not-put-away",
        "đã nạp tệp nhưng không chuyển được vào thư mục lưu",
        "a file was taken, and the partner's server does not let us move it to the archive folder",
        "Ask the partner for the folder and the right; nothing is loaded twice, every run tries to move it again.",
    ),
    Reason(
        "file-name-unknown",
        "tên tệp không cho biết ngày",
        "the file's name says no business date",
        "Ask the partner, or correct `name_pattern`.",
    ),
    Reason(
        "file-unknown",
        "không có tệp này",
        "there is no such file here",
        "Check the path, and that its .p7s lies beside it.",
    ),
    Reason(
        "partner-sends-no-files",
        "đối tác không gửi tệp",
        "this partner has neither statements nor remittances",
        "Name another partner, or add the section to its file.",
    ),
)
