"""The words of reconciliation: outcomes, classes, and rows that say why a pair differs. Values, never exceptions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Outcome(StrEnum):
    MATCHED = "matched"
    UNDERPAID = "underpaid"
    OVERPAID = "overpaid"
    MISSING_AT_PARTNER = "missing_at_partner"
    MISSING_WITH_US = "missing_with_us"
    DUPLICATE = "duplicate"
    WRONG_ACCOUNT = "wrong_account"
    WRONG_DAY = "wrong_day"
    PENDING = "pending"
    EXPECTED_DIFFERENCE = "expected_difference"
    AMBIGUOUS = "ambiguous"
    UNIDENTIFIED = "unidentified"
    BANK_CHARGE = "bank_charge"
    INTEREST = "interest"
    TREASURY_TRANSFER = "treasury_transfer"
    RETURNED_TRANSFER = "returned_transfer"
    DEPOSIT = "deposit"
    REMITTANCE_CREDIT = "remittance_credit"


OUTCOME_VI: Mapping[Outcome, str] = MappingProxyType(
    {
        Outcome.UNDERPAID: "Thiếu tiền",
        Outcome.OVERPAID: "Thừa tiền",
        Outcome.MISSING_AT_PARTNER: "Hệ thống có, đối tác không",
        Outcome.MISSING_WITH_US: "Đối tác có, hệ thống không",
        Outcome.DUPLICATE: "Trùng",
        Outcome.WRONG_ACCOUNT: "Sai tài khoản",
        Outcome.WRONG_DAY: "Sai ngày",
        Outcome.AMBIGUOUS: "Nhiều cách ghép",
        Outcome.UNIDENTIFIED: "Tiền chưa xác định",
        Outcome.PENDING: "Chờ kết luận",
        Outcome.EXPECTED_DIFFERENCE: "Lệch đúng (hoàn tiền)",
        Outcome.RETURNED_TRANSFER: "Lệnh bị trả lại",
        Outcome.BANK_CHARGE: "Phí ngân hàng",
        Outcome.INTEREST: "Lãi tiền gửi",
        Outcome.TREASURY_TRANSFER: "Nộp Kho bạc",
        Outcome.DEPOSIT: "Nộp tiền mặt, POS",
        Outcome.REMITTANCE_CREDIT: "Bưu điện chuyển tiền thu hộ",
        Outcome.MATCHED: "Khớp",
    }
)
"""Outcomes as people read them, in the order of a report: differences first (domain.md 6.2)."""

BREAKS = frozenset(
    {
        Outcome.UNDERPAID,
        Outcome.OVERPAID,
        Outcome.MISSING_AT_PARTNER,
        Outcome.MISSING_WITH_US,
        Outcome.DUPLICATE,
        Outcome.WRONG_ACCOUNT,
        Outcome.WRONG_DAY,
        Outcome.AMBIGUOUS,
        Outcome.UNIDENTIFIED,
    }
)
"""Outcomes that a person must decide about. Pending is not one yet; what is explained is none."""


class EntryClass(StrEnum):
    """Where the money of an entry belongs; every entry is in exactly one."""

    FEE = "fee"
    REFUND = "refund"
    TREASURY = "treasury"
    BANK_CHARGE = "bank_charge"
    INTEREST = "interest"
    DEPOSIT = "deposit"
    RETURNED = "returned"
    UNIDENTIFIED = "unidentified"
    NO_MONEY = "no_money"  # the partner lists a failed attempt: nothing moved
    NONE = "none"  # a row without an entry of this day


CLASS_VI: Mapping[EntryClass, str] = MappingProxyType(
    {
        EntryClass.FEE: "Phí, lệ phí",
        EntryClass.REFUND: "Hoàn tiền",
        EntryClass.TREASURY: "Nộp Kho bạc",
        EntryClass.BANK_CHARGE: "Phí ngân hàng",
        EntryClass.INTEREST: "Lãi tiền gửi",
        EntryClass.DEPOSIT: "Nộp tiền mặt, POS, thu hộ",
        EntryClass.RETURNED: "Lệnh bị trả lại",
        EntryClass.UNIDENTIFIED: "Tiền chưa xác định",
        EntryClass.NO_MONEY: "Giao dịch không thành công",
        EntryClass.NONE: "Không có dòng của đối tác",
    }
)

OURS_MORE = "hệ thống thừa"
PARTNER_MORE: Mapping[str, str] = MappingProxyType(
    {"bank": "ngân hàng thừa", "intermediary": "trung gian thừa", "postal": "bưu điện thừa"}
)
MATCHED_REASON = "Khớp mã, số tiền, tài khoản"
HALF_REASON = "Nửa còn lại của giao dịch"
PAYER_LESS, PAYER_MORE = "người nộp thiếu", "người nộp thừa"


RULES_VI: Mapping[str, str] = MappingProxyType(
    {
        "cancelled_pair": "Cặp ghi sai và hủy",
        "exact": "Khớp từng khoản",
        "reference": "Theo mã tham chiếu",
        "group": "Ghép nhóm",
        "bulk": "Quyết toán gộp",
        "cod": "Thu hộ COD",
        "cash": "Tiền mặt tại quầy",
        "window": "Lệch ngày trong hạn",
        "wording": "Theo nội dung của ngân hàng",
        "rest": "Còn lại",
    }
)
"""Which step of the rules judged a row (``recon_row.rule``), as people read it."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A row of the other side that comes near and was not taken. ``side`` "ours" or "theirs"; ``pk`` its payment/entry.

    ``differs``: (field, our value, their value), as people read them; ``why``: why it is near, or why not taken.
    """

    side: str
    pk: int
    on: str
    amount: int
    reference: str
    differs: tuple[tuple[str, str, str], ...] = ()
    why: str = ""

    def as_json(self) -> dict[str, object]:
        """As stored in ``recon_row.candidates``."""
        return {
            "side": self.side,
            "pk": self.pk,
            "on": self.on,
            "amount": self.amount,
            "reference": self.reference,
            "differs": [{"field": name, "ours": ours, "theirs": theirs} for name, ours, theirs in self.differs],
            "why": self.why,
        }


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A dossier that free text may mean: ``score`` 0-100, ``start``/``end`` are positions of ``found`` in the text."""

    dossier_code: str
    score: int
    why: str
    found: str
    start: int
    end: int

    def as_json(self) -> dict[str, object]:
        """As stored in ``recon_row.suggestions``."""
        return {
            "dossier_code": self.dossier_code,
            "score": self.score,
            "why": self.why,
            "found": self.found,
            "from": self.start,
            "to": self.end,
        }


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a reconciled day. ``our_amount`` and ``their_amount`` are this day's money only, in đồng, signed.

    ``verdict`` and ``role`` are the words of domain.md 4.4 (intermediary only): thừa and thiếu flip with the role.
    ``rule`` is a key of ``RULES_VI``. ``settles``: keys of ``settled``, the money that others held for us and that this
    credit is; of an ambiguous one, all that it may be.
    """

    outcome: Outcome
    entry_class: EntryClass
    our_amount: int
    their_amount: int
    reason: str
    side: str = ""
    field: str = ""
    our_value: str = ""
    their_value: str = ""
    reference: str = ""
    dossiers: tuple[str, ...] = ()
    payments: tuple[int, ...] = ()
    refunds: tuple[int, ...] = ()
    entries: tuple[int, ...] = ()
    role: str = ""
    verdict: str = ""
    suggestion: str = ""
    rule: str = "reference"
    candidates: tuple[Candidate, ...] = ()
    suggestions: tuple[Suggestion, ...] = ()
    settles: tuple[str, ...] = ()


def dong(amount: int) -> str:
    """``1234567`` -> ``1.234.567 đ``, as Viet Nam writes it."""
    return f"{amount:,}".replace(",", ".") + " đ"
