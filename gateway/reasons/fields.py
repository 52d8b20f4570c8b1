"""What may be wrong with a field that a person filled in, told in Vietnamese; named as pydantic names it."""

from __future__ import annotations

from collections.abc import Mapping

WRONG = "wrong"
"""The case of a kind that has no sentence of its own."""

_WHOLE = "{field:field}: cần một số nguyên, chỉ gồm chữ số."
_DAY = "{field:field}: không phải là ngày có thật."
_CHOICE = "{field:field}: hãy chọn một giá trị có trong danh sách."
_TEXT = "{field:field}: cần nhập bằng chữ."

FIELDS: Mapping[str, str] = {
    "missing": "{field:field}: chưa nhập.",
    "unknown": "{field:field}: biểu mẫu không có mục này.",
    "int_parsing": _WHOLE,
    "int_type": _WHOLE,
    "int_from_float": _WHOLE,
    "int_parsing_size": "{field:field}: số quá lớn.",
    "less_than_equal": "{field:field}: nhiều nhất là {le}.",
    "greater_than_equal": "{field:field}: ít nhất là {ge}.",
    "date_parsing": _DAY,
    "date_type": _DAY,
    "date_from_datetime_parsing": _DAY,
    "date_from_datetime_inexact": _DAY,
    "literal_error": _CHOICE,
    "enum": _CHOICE,
    "string_type": _TEXT,
    "bytes_type": "{field:field}: hãy chọn một tệp.",
    "string_too_long": "{field:field}: dài quá {max_length} ký tự.",
    "string_too_short": "{field:field}: cần ít nhất {min_length} ký tự.",
    "string_pattern_mismatch": "{field:field}: viết không đúng dạng.",
    "tuple_type": _CHOICE,
    "json_invalid": "Nội dung gửi lên không phải là JSON.",
    "model_attributes_type": "Nội dung gửi lên không phải là một biểu mẫu.",
    WRONG: "{field:field}: giá trị không hợp lệ.",
}


def case_of(kind: str) -> str:
    """The case that tells pydantic's ``kind`` of error."""
    return kind if kind in FIELDS else WRONG
