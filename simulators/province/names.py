"""Vietnamese names with all their diacritics, as frequent as they are in life; drawn, so no real person is meant."""

from __future__ import annotations

from random import Random

_SURNAMES = (
    ("Nguyễn", 38), ("Trần", 11), ("Lê", 9), ("Phạm", 9), ("Hoàng", 6), ("Vũ", 6), ("Bùi", 4), ("Đỗ", 4), ("Đặng", 3),
    ("Đinh", 2), ("Dương", 2), ("Đoàn", 2), ("Ngô", 2), ("Lương", 1), ("Tô", 1), ("Hà", 1), ("Lý", 1), ("Chìu", 1),
    ("Tằng", 1), ("Phùng", 1), ("Ngọc", 1),
)  # fmt: skip
_MIDDLE_MEN = ("Văn", "Đức", "Quang", "Hữu", "Minh", "Xuân", "Đình", "Mạnh", "Tiến", "Ngọc", "Trọng", "Thế")
_GIVEN_MEN = (
    "Tuấn", "Hùng", "Dũng", "Cường", "Thắng", "Hải", "Sơn", "Nghĩa", "Phước", "Đạt", "Khải", "Trưởng", "Thủy", "Hưởng",
    "Toản", "Duẩn", "Việt", "Bằng", "Lộc", "Quyết", "Huỳnh", "Thịnh",
)  # fmt: skip
_MIDDLE_WOMEN = ("Thị", "Thị", "Thị", "Thu", "Ngọc", "Thanh", "Phương", "Thùy", "Hồng", "Bích", "Mỹ", "Kim")
_GIVEN_WOMEN = (
    "Hường", "Huệ", "Nhài", "Yến", "Thủy", "Hằng", "Nguyệt", "Thảo", "Loan", "Oanh", "Ngoãn", "Quỳnh", "Tuyết", "Diễm",
    "Ánh", "Mười", "Xuyến", "Dịu", "Liễu", "Thơm", "Ước", "Huyền",
)  # fmt: skip
_OFFICERS = ("Chuyên viên", "Chuyên viên chính", "Công chức một cửa", "Viên chức tiếp nhận")
_TRADES = ("Thương mại", "Xây dựng", "Vận tải", "Du lịch", "Thủy sản", "Dịch vụ cảng biển", "Khoáng sản", "Chế biến gỗ")
_WORDS = ("Hạ Long", "Yên Tử", "Bạch Đằng", "Vân Đồn", "Đông Bắc", "Tùng Lâm", "Phúc Lộc", "Thiên Ân", "Hoàng Gia")


def person(draw: Random) -> str:
    """A name of three or four words."""
    surname = draw.choices([name for name, _ in _SURNAMES], [weight for _, weight in _SURNAMES])[0]
    woman = draw.random() < 0.5
    middle = draw.choice(_MIDDLE_WOMEN if woman else _MIDDLE_MEN)
    given = draw.choice(_GIVEN_WOMEN if woman else _GIVEN_MEN)
    extra = f" {draw.choice(_MIDDLE_WOMEN[3:] if woman else _MIDDLE_MEN[1:])}" if draw.random() < 0.2 else ""
    return f"{surname} {middle}{extra} {given}"


def company(draw: Random) -> str:
    """A name of an enterprise."""
    return f"Công ty TNHH {draw.choice(_TRADES)} {draw.choice(_WORDS)} {draw.randint(1, 99)}"


def officer(draw: Random) -> tuple[str, str]:
    """An officer's name and title."""
    return person(draw), draw.choice(_OFFICERS)
