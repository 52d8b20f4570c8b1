"""VNPost."""

from __future__ import annotations

from gateway.reasons.reason import Reason

REASONS: tuple[Reason, ...] = (
    Reason(
        "postal-order-incomplete",
        "đơn bưu chính thiếu thông tin",
        "a postal order lacks a mandatory field",
        "Complete the name, phone and address in the dossier system, then release the message.",
    ),
    Reason(
        "unknown-province",
        "chưa có mã tỉnh của bưu điện",
        "VNPost's code of a province is not configured",
        "Add it to postal_api.province_codes of the partner's file, then release the message.",
    ),
    Reason(
        "postal-refused",
        "bưu điện từ chối",
        "VNPost refused an order or a cancellation",
        "Read VNPost's code and words, correct the order, then send it again.",
    ),
    Reason(
        "postal-order-exists",
        "bưu điện đã có đơn này",
        "VNPost says that the order exists already",
        "Nothing while it is delivered; in doubt, ask VNPost whose order it is.",
    ),
    Reason(
        "bad-postal-reply",
        "bưu điện trả lời sai định dạng",
        "VNPost's reply cannot be read",
        "Nothing: the order is asked for; tell VNPost if it goes on.",
    ),
    Reason(
        "bad-tracking-page",
        "trang theo dõi bưu gửi sai định dạng",
        "a page of VNPost's tracking feed cannot be walked",
        "Ask VNPost for a correct page; the cursor stays where it is.",
    ),
    Reason(
        "remittance-layout",
        "bảng kê tiền thu hộ sai cấu trúc",
        "a COD remittance file breaks its layout",
        "Ask VNPost for a correct file; the message names the line.",
    ),
)
