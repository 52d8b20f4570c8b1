"""SFTP and the files that travel by it."""

from __future__ import annotations

from gateway.reasons.reason import Reason

REASONS: tuple[Reason, ...] = (
    Reason(
        "sftp-unreachable",
        "không kết nối được SFTP",
        "no SFTP connection could be made",
        "Nothing: it is tried again.",
    ),
    Reason(
        "sftp-connection-lost",
        "mất kết nối SFTP",
        "the SFTP connection broke",
        "Nothing: it goes on where it was, or asks.",
    ),
    Reason(
        "sftp-no-answer-in-time",
        "SFTP không trả lời kịp",
        "no SFTP answer came in time",
        "Nothing: it is tried again, or asked.",
    ),
    Reason(
        "sftp-sign-in-refused",
        "SFTP không nhận khóa của ta",
        "the server did not accept our user and key",
        "Give the partner our public key.",
    ),
    Reason(
        "sftp-host-key-unknown",
        "khóa máy chủ SFTP không khớp",
        "the host key is not the known one",
        "Ask the partner by another way before changing known_hosts.",
    ),
    Reason(
        "sftp-no-common-algorithm",
        "không có thuật toán SSH chung",
        "no SSH algorithm in common",
        "Ask the partner to update its server.",
    ),
    Reason("sftp-not-offered", "máy chủ không mở SFTP", "the server opened no SFTP session", "Ask the partner."),
    Reason(
        "sftp-answer-unreadable",
        "trả lời SFTP không đọc được",
        "the answer is not SFTP",
        "Nothing: it is tried again, or asked.",
    ),
    Reason(
        "sftp-key-unusable",
        "không đọc được khóa riêng SFTP",
        "the private key cannot be read",
        "Correct its path, form or passphrase.",
    ),
    Reason(
        "sftp-setting-invalid",
        "cấu hình SFTP sai",
        "an SSH setting cannot be used",
        "Correct known_hosts or the pinned key.",
    ),
    Reason(
        "sftp-refused",
        "máy chủ SFTP từ chối",
        "the server refused the operation",
        "Ask the partner for the folder's rights.",
    ),
    Reason(
        "sftp-file-not-found",
        "không có tệp trên máy chủ",
        "the server has no such file",
        "Check the folder; the file may be moved already.",
    ),
    Reason(
        "sftp-file-changed",
        "tệp thay đổi khi đang tải",
        "the file changed while it was fetched",
        "Nothing: it is fetched again when it is whole.",
    ),
    Reason(
        "sftp-target-exists",
        "tên tệp đích đã có",
        "the target name is taken",
        "Compare both files; move one by hand.",
    ),
    Reason(
        "local-disk-failed",
        "không ghi được tệp của ta",
        "a file of ours cannot be read or written",
        "Free space; check the folder's rights.",
    ),
    Reason(
        "path-outside-folder",
        "tên tệp vượt ra ngoài thư mục",
        "a file name that leaves its folder",
        "Never process it by hand; ask the sender.",
    ),
    Reason(
        "upload-not-found",
        "đã gửi nhưng không thấy tệp",
        "the server said OK and the file is not there",
        "Nothing: the folder is asked.",
    ),
    Reason(
        "upload-differs",
        "tệp trên máy chủ khác tệp đã gửi",
        "the uploaded file has other content",
        "Nothing: the folder is asked. Tell the partner if it lasts.",
    ),
)
