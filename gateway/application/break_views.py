"""What a page, a command or a report reads of breaks: plain rows, amounts in đồng, accounts by their last digits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Literal

from gateway.application.moved_views import MovedRow
from gateway.reconciliation.break_decisions import Decision, Target


class BreakState(StrEnum):
    """How a row stands. Only ``open``, ``waiting``, ``partly`` and ``answered`` keep a day from being proposed."""

    OPEN = "open"
    WAITING = "waiting"  # written off above one person's limit: a second person must confirm
    ASKED = "asked"
    PARTLY = "partly"  # parts of its money were attributed or given back, and something is left
    ANSWERED = "answered"  # the partner answered: a person concludes
    DECIDED = "decided"
    CARRIED = "carried"  # chờ kết luận: becomes a break when its deadline passes
    EXPLAINED = "explained"


STATE_VI: Mapping[BreakState, str] = {
    BreakState.OPEN: "Chưa xử lý",
    BreakState.WAITING: "Chờ người thứ hai xác nhận",
    BreakState.PARTLY: "Đã xử lý một phần",
    BreakState.ASKED: "Đang tra soát",
    BreakState.ANSWERED: "Đã có trả lời tra soát",
    BreakState.DECIDED: "Đã xử lý",
    BreakState.CARRIED: "Chuyển kỳ sau",
    BreakState.EXPLAINED: "Đã giải thích",
}


@dataclass(frozen=True, slots=True)
class BreakRow:
    """One row of a day's current version that is not matched. ``amount`` is the money in question."""

    target: Target
    row_no: int
    outcome: str
    entry_class: str
    side: str
    rule: str
    reference: str
    dossier_codes: tuple[str, ...]
    our_amount: int
    their_amount: int
    amount: int
    reason: str
    field: str
    our_value: str
    their_value: str
    role: str
    verdict: str
    state: BreakState
    decision: Decision | None
    decided_by: str
    suggestion_count: int

    @property
    def row_key(self) -> str:
        return self.target.row_key


@dataclass(frozen=True, slots=True)
class Page:
    """Rows after ``after``; ``next_after`` is None on the last page. ``count`` and ``amount``: of the filter."""

    rows: tuple[BreakRow, ...]
    next_after: int | None
    count: int
    amount: int


@dataclass(frozen=True, slots=True)
class Decided:
    """One decision of a row's history.

    ``what``: the dossier or refund that the money was given to, the date that it was moved to (dd/mm/yyyy), the
    references of the rows that were linked, else "".
    """

    decision_pk: int
    kind: Decision
    reason: str
    amount: int
    params: Mapping[str, object]
    about: int | None
    batch_pk: int | None
    by_user: str
    at: datetime
    version: int
    in_force: bool
    needs_second: bool
    confirmed_by: str
    what: str


@dataclass(frozen=True, slots=True)
class PaymentView:
    payment_pk: int
    reference: str
    dossier_code: str
    channel: str
    source: str
    partner_transaction_id: str
    amount: int
    allocated: int
    refunding: int
    account: str  # masked
    paid_at: datetime
    business_on: date
    message_pk: int

    @property
    def free(self) -> int:
        """What pays no fee and is not being given back."""
        return self.amount - self.allocated - self.refunding


@dataclass(frozen=True, slots=True)
class EntryView:
    """A line of the partner: of a statement (``kind`` statement) or of a COD remittance (``remittance``)."""

    entry_pk: int
    kind: str
    account: str  # masked
    booked_on: date
    value_on: date
    amount: int
    tokens: str
    keys: str
    type_code: str
    response_code: str
    text: str
    file_name: str
    file_sha256: str
    message_pk: int


@dataclass(frozen=True, slots=True)
class RefundView:
    refund_pk: int
    refund_id: str
    dossier_code: str
    amount: int
    state: str
    reason: str
    requested_at: datetime
    proposed_by: str
    approved_by: str


@dataclass(frozen=True, slots=True)
class DossierView:
    """Of a dossier only what names no person."""

    dossier_code: str
    procedure_name: str
    unit_name: str
    status: int
    owed: int
    paid: int


@dataclass(frozen=True, slots=True)
class FieldPair:
    """One field of both sides. Values are typed: đồng as int, dates as date, else text."""

    name: str
    ours: object
    theirs: object

    @property
    def differs(self) -> bool:
        return self.ours != self.theirs


def after_answer(day_state: str) -> Literal["conclude", "send_back", "reopen"]:
    """What comes first once the partner has answered: only a day that nobody proposed or approved takes decisions."""
    return "reopen" if day_state == "approved" else "send_back" if day_state == "proposed" else "conclude"


@dataclass(frozen=True, slots=True)
class EnquiryView:
    """A tra soát. ``delivery`` is the state of its message; ``answer`` is "" until it came.

    ``answer_message_pk`` is the partner's signed file, where the answer came by one (``answered_on`` is its date);
    otherwise ``answered_by`` recorded a letter or a call. ``concluded``: a later decision is in force, or the day's
    current version no longer has the row; ``overdue``: neither that nor an answer, and its date has passed.
    """

    decision_pk: int
    enquiry_id: str
    partner: str
    business_on: date
    row_key: str
    amount: int
    question: str
    asked_by: str
    asked_at: datetime
    answer_due_on: date
    message_pk: int
    delivery: str
    answer: str
    reference: str
    answered_by: str
    answered_at: datetime | None
    answered_on: date | None
    answer_message_pk: int | None
    day_state: str
    concluded: bool
    overdue: bool

    @property
    def state(self) -> str:
        return "answered" if self.answer else "asked"

    @property
    def next_step(self) -> str:
        """``await_answer``, then one of ``after_answer``; "" once it is concluded."""
        if self.concluded:
            return ""
        return after_answer(self.day_state) if self.answer else "await_answer"


@dataclass(frozen=True, slots=True)
class BreakView:
    """Everything of one break. ``candidates`` and ``suggestions`` are as ``recon_row`` holds them, ``on`` as a date.

    ``left``: the money in question that no decision has attributed or given back, in đồng.
    ``moved_from``: rows of other days whose money it has; ``moved_to``: where its own money went.
    """

    row: BreakRow
    fields: tuple[FieldPair, ...]
    payments: tuple[PaymentView, ...]
    entries: tuple[EntryView, ...]
    refunds: tuple[RefundView, ...]
    dossiers: tuple[DossierView, ...]
    candidates: tuple[Mapping[str, object], ...]
    suggestions: tuple[Mapping[str, object], ...]
    decisions: tuple[Decided, ...]
    enquiries: tuple[EnquiryView, ...]
    left: int
    may: frozenset[Decision] = field(default_factory=frozenset)
    moved_from: tuple[MovedRow, ...] = ()
    moved_to: tuple[MovedRow, ...] = ()
