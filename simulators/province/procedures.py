"""Procedures of the demo with their fees in đồng: codes of the national form, amounts of the demo and of no law."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fee:
    """``kind``: phi or le_phi."""

    kind: str
    name: str
    amount: int


@dataclass(frozen=True, slots=True)
class Procedure:
    """One administrative procedure: who handles it, how long it takes, what it costs, how often it is asked for."""

    code: str
    name: str
    field_code: str
    field_name: str
    unit_code: str
    unit_name: str
    days: int
    fees: tuple[Fee, ...]
    weight: int
    for_companies: bool = False


_LAND = ("H49.12", "Văn phòng Đăng ký đất đai tỉnh Quảng Ninh")
_JUSTICE = ("H49.17", "Sở Tư pháp")
_FINANCE = ("H49.14", "Sở Tài chính")
_BUILDING = ("H49.18", "Sở Xây dựng")
_HEALTH = ("H49.20", "Sở Y tế")
_FARMING = ("H49.15", "Sở Nông nghiệp và Môi trường")
_TOURISM = ("H49.22", "Sở Văn hóa, Thể thao và Du lịch")
_CENTRE = ("H49.01", "Trung tâm Phục vụ hành chính công tỉnh")

PROCEDURES = (
    Procedure(
        "1.004199", "Đăng ký biến động quyền sử dụng đất, quyền sở hữu tài sản gắn liền với đất", "DD", "Đất đai",
        *_LAND, 10, (Fee("phi", "Phí thẩm định hồ sơ", 350_000), Fee("le_phi", "Lệ phí cấp giấy chứng nhận", 50_000)),
        18,
    ),
    Procedure(
        "1.004238", "Cấp đổi giấy chứng nhận quyền sử dụng đất", "DD", "Đất đai", *_LAND, 7,
        (Fee("phi", "Phí thẩm định hồ sơ", 150_000), Fee("le_phi", "Lệ phí cấp đổi giấy chứng nhận", 20_000)), 12,
    ),
    Procedure(
        "1.004550", "Đăng ký thế chấp quyền sử dụng đất", "GDBD", "Đăng ký biện pháp bảo đảm", *_LAND, 1,
        (Fee("phi", "Phí đăng ký giao dịch bảo đảm", 80_000),), 10,
    ),
    Procedure(
        "2.000488", "Cấp Phiếu lý lịch tư pháp số 1", "LLTP", "Lý lịch tư pháp", *_JUSTICE, 10,
        (Fee("phi", "Phí cung cấp thông tin lý lịch tư pháp", 200_000),), 14,
    ),
    Procedure(
        "2.000635", "Cấp bản sao Trích lục hộ tịch", "HT", "Hộ tịch", *_CENTRE, 1,
        (Fee("phi", "Phí khai thác dữ liệu hộ tịch", 8_000),), 10,
    ),
    Procedure(
        "2.001583", "Đăng ký thành lập công ty TNHH một thành viên", "DN", "Thành lập và hoạt động của doanh nghiệp",
        *_FINANCE, 3, (Fee("le_phi", "Lệ phí đăng ký doanh nghiệp", 50_000),
                       Fee("phi", "Phí công bố nội dung đăng ký doanh nghiệp", 100_000)), 8, for_companies=True,
    ),
    Procedure(
        "1.001612", "Đăng ký thành lập hộ kinh doanh", "HKD", "Hộ kinh doanh", *_CENTRE, 3,
        (Fee("le_phi", "Lệ phí đăng ký hộ kinh doanh", 100_000),), 8,
    ),
    Procedure(
        "1.002809", "Đổi giấy phép lái xe", "DB", "Đường bộ", *_BUILDING, 5,
        (Fee("le_phi", "Lệ phí cấp, đổi giấy phép lái xe", 135_000),), 12,
    ),
    Procedure(
        "1.013225", "Cấp giấy phép xây dựng nhà ở riêng lẻ", "XD", "Hoạt động xây dựng", *_BUILDING, 15,
        (Fee("le_phi", "Lệ phí cấp giấy phép xây dựng", 75_000),), 6,
    ),
    Procedure(
        "1.004616", "Cấp chứng chỉ hành nghề dược", "DP", "Dược phẩm", *_HEALTH, 20,
        (Fee("phi", "Phí thẩm định cấp chứng chỉ hành nghề dược", 500_000),), 3,
    ),
    Procedure(
        "1.003650", "Cấp giấy chứng nhận đăng ký tàu cá", "TS", "Thủy sản", *_FARMING, 3,
        (Fee("le_phi", "Lệ phí đăng ký tàu cá", 40_000),), 3,
    ),
    Procedure(
        "2.001628", "Cấp giấy phép kinh doanh dịch vụ lữ hành nội địa", "LH", "Lữ hành", *_TOURISM, 10,
        (Fee("phi", "Phí thẩm định cấp giấy phép kinh doanh lữ hành", 1_500_000),), 2, for_companies=True,
    ),
    Procedure("1.001193", "Đăng ký khai sinh", "HT", "Hộ tịch", *_CENTRE, 1, (), 6),
)  # fmt: skip

BY_CODE = {procedure.code: procedure for procedure in PROCEDURES}
