"""Looking things up, and personal data."""

from __future__ import annotations

from gateway.reasons.reason import TITLE_SAYS_ALL, Reason

REASONS: tuple[Reason, ...] = (
    Reason(
        "reason-needed",
        "cần ghi lý do",
        "a reason is needed and none was given",
        "Say in at least five letters why; it is kept with your name.",
        details=TITLE_SAYS_ALL,
    ),
    Reason(
        "personal-field-unknown",
        "không có dữ liệu này để xem",
        "there is no such personal field",
        "Open the page again and choose a field that it lists.",
        details={"": "Không có mục “{field:personal}” để xem ở đây."},
    ),
    Reason(
        "subject-id-invalid",
        "số định danh không hợp lệ",
        "an identity number has 9 to 13 digits",
        "Type the number of the CCCD (12 digits), the old CMND (9) or the tax code.",
        details=TITLE_SAYS_ALL,
    ),
    Reason(
        "search-too-short",
        "từ khóa tìm kiếm quá ngắn",
        "a search needs at least three characters",
        "Type a dossier code, payment reference, name, amount or bank reference.",
        details={"": "Cần nhập ít nhất {least} ký tự để tìm."},
    ),
    Reason(
        "page-cursor-invalid",
        "liên kết trang tiếp theo không hợp lệ",
        "the place to go on from is none of ours",
        "Begin the search again from its first page.",
        details=TITLE_SAYS_ALL,
    ),
    Reason(
        "dossier-not-found",
        "không có hồ sơ này",
        "there is no dossier of this code",
        "Search for it: dots and dashes may be left out.",
        details={"": "Không có hồ sơ mã {dossier_code}."},
    ),
    Reason(
        "statement-unknown",
        "không có tệp sao kê này",
        "there is no such statement or remittance",
        "Choose one from the list of files.",
        details={"": "Không có tệp số {number}."},
    ),
    Reason(
        "original-expired",
        "bản gốc đã hết thời hạn lưu",
        "the original bytes are no longer kept",
        "Ask the partner for the file again; its digest is still on record.",
        details={"": "Không còn lưu các byte gốc của tệp {file}."},
    ),
    Reason(
        "original-altered",
        "bản gốc không khớp mã băm đã ghi",
        "the stored bytes do not have the digest on record",
        "Do not use the file; tell operations: the store was tampered with or is damaged.",
        details={"": "Tệp {file}: mã băm khi nhận là {received}…, của bản đang lưu là {stored}…"},
    ),
    Reason(
        "indicators-differ",
        "số liệu chỉ tiêu không khớp",
        "the counts behind Chỉ tiêu are not what the dossiers and payments say",
        "Find who changed dossiers or payments past the triggers of the schema. Then, as the owner of the database:"
        " SELECT gateway.count_indicators_anew().",
    ),
    Reason(
        "indicators-invalid",
        "tệp chỉ tiêu cấu hình sai",
        "config/indicators.toml is missing or wrong",
        "Correct the keys that the message names.",
        details=TITLE_SAYS_ALL,
    ),
)
