"""Pages and REST."""

from __future__ import annotations

from gateway.reasons.fields import FIELDS
from gateway.reasons.reason import TITLE_SAYS_ALL, Reason

REASONS: tuple[Reason, ...] = (
    Reason(
        "sign-in-needed",
        "cần đăng nhập",
        "nobody is signed in",
        "Sign in to Airflow, or send its bearer token.",
        details=TITLE_SAYS_ALL,
    ),
    Reason(
        "csrf-invalid",
        "trang đã mở quá lâu hoặc không phải của bạn",
        "the form's token is missing, too old or another person's",
        "Open the page again and repeat; nothing was saved.",
        details=TITLE_SAYS_ALL,
    ),
    Reason(
        "foreign-origin",
        "yêu cầu đến từ một trang web khác",
        "the request was made by a page of another origin",
        "Open the gateway's own page and do it there; nothing was saved.",
        details=TITLE_SAYS_ALL,
    ),
    Reason(
        "request-invalid",
        "thông tin gửi lên không hợp lệ",
        "a field or an address is not what was asked for",
        "Correct the fields that are named; nothing was saved.",
        details=FIELDS,
    ),
    Reason(
        "upload-too-large",
        "tệp tải lên quá lớn",
        "an uploaded file is larger than any that was made here",
        "Upload the PDF that was downloaded here and then signed.",
        details={"": "Tệp có {size} byte; nhiều nhất {most} byte."},
    ),
    Reason(
        "page-unknown",
        "không có trang này",
        "there is no such page",
        "Go back to the start page.",
        details=TITLE_SAYS_ALL,
    ),
    Reason(
        "unexpected",
        "lỗi không mong đợi",
        "a fault that nobody foresaw",
        "Tell operations the number that is shown; what you did may not be saved: look before repeating.",
        details={"": "Số hiệu lỗi: {number}"},
    ),
)
