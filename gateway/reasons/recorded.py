"""What cannot be right about a cash count or a treasury voucher; a case is the schema's own name of what it refuses."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.reasons.fields import FIELDS

COUNT_DETAILS: Mapping[str, str] = {
    **FIELDS,
    "": "Một mục của phiếu kiểm quỹ không thể đúng.",
    "fields": "",
    "cash_count_cashier_check": "Chưa nhập người thu.",
    "cash_count_unit_code_check": "Chưa nhập mã đơn vị.",
    "cash_count_receipt_series_check": "Chưa nhập ký hiệu quyển biên lai.",
    "cash_count_first_number_check": "Từ số “{first_number}”: chỉ gồm 1 đến 12 chữ số.",
    "cash_count_last_number_check": "Đến số “{last_number}”: chỉ gồm 1 đến 12 chữ số.",
    "cash_count_receipt_count_check": "Số tờ đã thu là {receipt_count}; phải từ 1 trở lên.",
    "cash_count_amount_check": "Số tiền đếm được là {amount:dong}; phải lớn hơn 0.",
    "cash_count_range": "Đã thu {receipt_count} tờ, nhiều hơn số biên lai từ {first_number} đến {last_number}.",
    "cash_count_corrected_for_a_reason": "Chưa ghi lý do sửa.",
    "cash_count_of_the_same": "Phiếu sửa phải cùng người thu, ngày, đơn vị và quyển biên lai với phiếu được sửa.",
}

VOUCHER_DETAILS: Mapping[str, str] = {
    **FIELDS,
    "": "Một mục của giấy nộp tiền không thể đúng.",
    "fields": "",
    "no-items": "Giấy nộp tiền chưa có khoản nộp nào.",
    "account": "Có {found} tài khoản của trung tâm viết là {shown}; hãy chọn một tài khoản trong danh sách.",
    "treasury_voucher_voucher_number_check": "Chưa nhập số giấy nộp tiền.",
    "treasury_voucher_partner_check": "Chưa chọn ngân hàng.",
    "treasury_voucher_account_check": "Chưa chọn tài khoản trích.",
    "treasury_voucher_payer_name_check": "Chưa nhập người nộp tiền.",
    "treasury_voucher_treasury_name_check": "Chưa nhập Kho bạc nhận tiền.",
    "treasury_voucher_treasury_account_check": "Chưa nhập tài khoản Kho bạc.",
    "treasury_voucher_method_check": "Hình thức nộp là chuyển khoản hoặc tiền mặt.",
    "treasury_voucher_total_check": "Tổng số tiền là {total:dong}; phải lớn hơn 0.",
    "treasury_voucher_period": "Nộp tiền thu từ {covers_from} đến {covers_to}, ngày nộp {paid_on}:"
    " ngày đầu không sau ngày cuối, ngày cuối không sau ngày nộp.",
    "treasury_voucher_item_kind_check": "Loại của mỗi khoản nộp là phí hoặc lệ phí.",
    "treasury_voucher_item_chapter_check": "Mã chương của mỗi khoản nộp gồm 3 chữ số; đã nhập: {chapters}.",
    "treasury_voucher_item_subitem_check": "Mã NDKT (tiểu mục) của mỗi khoản nộp gồm 4 chữ số; đã nhập: {subitems}.",
    "treasury_voucher_item_amount_check": "Số tiền của mỗi khoản nộp phải lớn hơn 0.",
    "treasury_voucher_adds_up": "Các khoản nộp cộng lại không bằng tổng {total:dong}.",
}
