"""Versioned matching rules: a day says which version judged it, and an old version is never edited."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from gateway.errors import ConfigurationError, Problem
from gateway.partners import Partner
from gateway.reconciliation.outcomes import EntryClass, Outcome

ENGINE = "2"
"""Changes when the same rules on the same inputs would give other bytes."""


@dataclass(frozen=True, slots=True)
class Wording:
    """Entries that are no fee, told by what the bank wrote. ``sign`` 1 credit, -1 debit, 0 both."""

    outcome: Outcome
    entry_class: EntryClass
    sign: int
    pattern: re.Pattern[str]
    reason: str


@dataclass(frozen=True, slots=True)
class Rules:
    """``group_size`` and ``group_candidates`` bound the search for sums; ``search_steps`` bounds it once more."""

    version: str
    wordings: tuple[Wording, ...]
    group_size: int
    group_candidates: int
    search_steps: int
    late_minutes: int  # paid so shortly before the cut-off that the partner may book it on the next day
    window_days: int  # how far another business date is searched for the other half
    tiny_share: float
    tiny_from: int


def _wording(outcome: Outcome, entry_class: EntryClass, sign: int, pattern: str, reason: str) -> Wording:
    return Wording(outcome, entry_class, sign, re.compile(pattern), reason)


# Patterns are searched in text without diacritics, in capitals, single spaces, with the bank's type code in front.
_2026_1 = Rules(
    version="2026-1",
    wordings=(
        _wording(
            Outcome.RETURNED_TRANSFER, EntryClass.RETURNED, 0,
            r"^NRTI\b|\bRRTN\b|\b(HOAN TRA LENH|TRA LAI LENH|LENH CHUYEN TRA|CHUYEN TRA LAI|RETURN)",
            "Lệnh chuyển tiền bị trả lại",
        ),
        _wording(
            Outcome.TREASURY_TRANSFER, EntryClass.TREASURY, -1,
            r"\b(KHO BAC|KBNN|NSNN|NGAN SACH NHA NUOC)\b",
            "Chuyển nộp Kho bạc Nhà nước",
        ),
        _wording(
            Outcome.BANK_CHARGE, EntryClass.BANK_CHARGE, -1,
            r"^(NCHG|NCOM)\b|\bCHRG\b|\bPHI (DICH VU|CHUYEN TIEN|QUAN LY|SMS|DUY TRI|NGAN HANG|TAI KHOAN)\b"
            r"|\b(THU PHI|SERVICE CHARGE)\b",
            "Ngân hàng thu phí dịch vụ",
        ),
        _wording(
            Outcome.INTEREST, EntryClass.INTEREST, 1,
            r"^NINT\b|\bINTR\b|\b(LAI TIEN GUI|TRA LAI|LAI KHONG KY HAN|NHAP LAI|INTEREST)",
            "Ngân hàng trả lãi tiền gửi",
        ),
        _wording(
            Outcome.DEPOSIT, EntryClass.DEPOSIT, 1,
            r"\b(NOP TIEN MAT|NOP TM|QUYET TOAN POS|BAO CO POS|CASH DEPOSIT)",
            "Nộp tiền mặt hoặc quyết toán POS",
        ),
    ),
    group_size=5,
    group_candidates=40,
    search_steps=200_000,
    late_minutes=30,
    window_days=10,
    tiny_share=0.1,
    tiny_from=20,
)  # fmt: skip

RULES: Mapping[str, Rules] = MappingProxyType({rules.version: rules for rules in (_2026_1,)})


def rules_for(partner: Partner, business_on: date) -> Rules:
    """The rules that judge this partner's day: the newest version in force on it.

    Raises ConfigurationError where none is in force or a configured version does not exist.
    """
    in_force = [(since, version) for version, since in partner.matching.rules.items() if since <= business_on]
    version = max(in_force)[1] if in_force else ""
    if version not in RULES:
        known = ", ".join(sorted(RULES))
        problem = Problem(f"{partner.id}.toml", "matching.rules", f"{version!r} on {business_on} is none of {known}")
        raise ConfigurationError(problems=[problem], action="name a version that exists and its first date")
    return RULES[version]


def folded(text: str) -> str:
    """Text without diacritics (đ too), in capitals, blanks single: how people's spelling is compared."""
    decomposed = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    plain = "".join(c for c in decomposed if not unicodedata.combining(c))
    return " ".join(plain.upper().split())
