"""Whose reports these are: the names in the heading of a paper of this province's centre."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Organisation:
    """``superior`` stands above ``name`` in the heading; ``place`` before the date."""

    superior: str
    name: str
    place: str


CENTRE = Organisation(
    superior="UBND tỉnh Quảng Ninh",
    name="Trung tâm Phục vụ hành chính công tỉnh Quảng Ninh",
    place="Quảng Ninh",
)
ROLE_VI = {
    "bank": "ngân hàng thu phí, lệ phí",
    "intermediary": "trung gian thanh toán",
    "postal": "bưu điện thu hộ (COD)",
}
