"""How differences of one payment and one entry are told: one table for the judges and for what SQL judges at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from gateway.reconciliation.outcomes import (
    MATCHED_REASON,
    OURS_MORE,
    PARTNER_MORE,
    PAYER_LESS,
    PAYER_MORE,
    EntryClass,
    Outcome,
)

PARTNER = "{partner}"
"""Stands in ``Phrase.side`` for the partner's own word (``PARTNER_MORE``)."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """What a row says besides its values; ``reason`` may hold one ``{}`` for an amount in đồng."""

    outcome: Outcome
    entry_class: EntryClass
    side: str
    field: str
    reason: str

    def side_of(self, role: str) -> str:
        """The side that has more, in the words for this partner's role."""
        return PARTNER_MORE[role] if self.side == PARTNER else self.side


_FEE, _UNIDENTIFIED = EntryClass.FEE, EntryClass.UNIDENTIFIED
_OWED = "Hai bên cùng có, nhưng {}: tiền chưa xác định"
PHRASES: Mapping[str, Phrase] = MappingProxyType(
    {
        # both sides have it, and the halves differ
        "less": Phrase(Outcome.UNDERPAID, _FEE, OURS_MORE, "số tiền", "Số tiền của đối tác lệch {}"),
        "more": Phrase(Outcome.OVERPAID, _FEE, PARTNER, "số tiền", "Số tiền của đối tác lệch {}"),
        "account": Phrase(
            Outcome.WRONG_ACCOUNT, _FEE, PARTNER, "tài khoản thụ hưởng",
            "Tiền vào tài khoản khác với tài khoản thụ hưởng của thủ tục",
        ),
        # the halves agree; it is not what was asked for
        "cancelled": Phrase(
            Outcome.UNIDENTIFIED, _UNIDENTIFIED, PAYER_MORE, "khoản thu", _OWED.format("khoản thu đã hủy")
        ),
        "unknown": Phrase(
            Outcome.UNIDENTIFIED, _UNIDENTIFIED, PAYER_MORE, "khoản thu",
            _OWED.format("mã tham chiếu không có trong hệ thống"),
        ),
        "paid twice": Phrase(Outcome.DUPLICATE, _FEE, PAYER_MORE, "số tiền", "Đã thu đủ trước đó: nộp trùng"),
        "paid on": Phrase(Outcome.OVERPAID, _FEE, PAYER_MORE, "số tiền", "Đã thu đủ trước đó: nộp thừa"),
        "too much": Phrase(Outcome.OVERPAID, _FEE, PAYER_MORE, "số tiền", "Người nộp thừa {}"),
        "too little": Phrase(Outcome.UNDERPAID, _FEE, PAYER_LESS, "số tiền", "Người nộp còn thiếu {}"),
        "in parts": Phrase(Outcome.MATCHED, _FEE, "", "", "Nộp nhiều lần, tổng đủ"),
        "agrees": Phrase(Outcome.MATCHED, _FEE, "", "", MATCHED_REASON),
        # the partner alone has it
        "booked twice": Phrase(
            Outcome.DUPLICATE, _FEE, PARTNER, "số lần", "Đối tác ghi hai lần, hệ thống chỉ có một"
        ),
        "booked on": Phrase(
            Outcome.DUPLICATE, _FEE, PARTNER, "số lần", "Khoản thu đã nộp đủ, đối tác ghi thêm một lần"
        ),
        "missing with us": Phrase(
            Outcome.MISSING_WITH_US, _FEE, PARTNER, "giao dịch", "Đối tác báo có, hệ thống chưa có giao dịch này"
        ),
        "fee cancelled": Phrase(Outcome.UNIDENTIFIED, _UNIDENTIFIED, PARTNER, "giao dịch", "Khoản thu đã hủy"),
        "no such reference": Phrase(
            Outcome.UNIDENTIFIED, _UNIDENTIFIED, PARTNER, "giao dịch", "Mã tham chiếu không có trong hệ thống"
        ),
    }
)  # fmt: skip
