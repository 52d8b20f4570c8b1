"""Quảng Ninh since 1 July 2025: 30 wards, 22 communes, 2 special zones; no level between commune and province."""

from __future__ import annotations

from random import Random

PROVINCE = "Quảng Ninh"
_WARDS = (
    "An Sinh", "Đông Triều", "Bình Khê", "Mạo Khê", "Hoàng Quế", "Yên Tử", "Vàng Danh", "Uông Bí", "Đông Mai",
    "Hiệp Hòa", "Quảng Yên", "Hà An", "Phong Cốc", "Liên Hòa", "Tuần Châu", "Việt Hưng", "Bãi Cháy", "Hà Tu", "Hà Lầm",
    "Cao Xanh", "Hồng Gai", "Hạ Long", "Hoành Bồ", "Mông Dương", "Quang Hanh", "Cẩm Phả", "Cửa Ông", "Móng Cái 1",
    "Móng Cái 2", "Móng Cái 3",
)  # fmt: skip
_COMMUNES = (
    "Quảng La", "Thống Nhất", "Hải Hòa", "Tiên Yên", "Điền Xá", "Đông Ngũ", "Hải Lạng", "Lương Minh", "Kỳ Thượng",
    "Ba Chẽ", "Quảng Tân", "Đầm Hà", "Quảng Hà", "Đường Hoa", "Quảng Đức", "Hoành Mô", "Lục Hồn", "Bình Liêu",
    "Hải Sơn", "Hải Ninh", "Vĩnh Thực", "Cái Chiên",
)  # fmt: skip
_ZONES = ("Vân Đồn", "Cô Tô")
COMMUNES = (
    *(f"Phường {name}" for name in _WARDS),
    *(f"Xã {name}" for name in _COMMUNES),
    *(f"Đặc khu {name}" for name in _ZONES),
)
"""Every unit below the province, with what it is: "Phường Hồng Gai"."""

_STREETS = (
    "Trần Hưng Đạo", "Lê Thánh Tông", "Nguyễn Văn Cừ", "25 Tháng 4", "Hạ Long", "Cao Thắng", "Hùng Vương", "Tô Hiệu",
    "Bạch Đằng", "Quang Trung", "Đặng Châu Tuệ", "Lý Thường Kiệt",
)  # fmt: skip
_VILLAGES = ("Khe Lặc", "Nà Làng", "Pắc Hóc", "Đông Thành", "Tân Lập", "Bình Minh", "Đồng Mô", "Khe Ốn", "Cái Khánh")


def commune(draw: Random) -> str:
    """A commune, wards more often: that is where people live."""
    return draw.choices(COMMUNES, [3] * len(_WARDS) + [1] * len(_COMMUNES) + [1] * len(_ZONES))[0]


def street_address(draw: Random, in_commune: str) -> str:
    """The part of an address below the commune."""
    if in_commune.startswith("Phường"):
        return f"Số {draw.randint(1, 480)}, đường {draw.choice(_STREETS)}, tổ {draw.randint(1, 12)}"
    return f"Thôn {draw.choice(_VILLAGES)}"
