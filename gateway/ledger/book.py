"""The working set of one transaction: rows read in bulk, changed in memory, written back in bulk (``book_store``).

The rows are mutable on purpose and never leave the ledger. What happens to them is decided by plain functions over a
``Book`` (``dossier_events``, ``fee_events``, ``allocation``); nothing here talks to the database.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from gateway.model import VIETNAM, OutboxRow
from gateway.partners import Partner


@dataclass(slots=True)
class Dossier:
    code: str
    procedure_code: str
    procedure_name: str
    field_code: str
    field_name: str
    channel: int
    owner_name: str = field(repr=False)
    owner_id_number: str = field(repr=False)
    owner_type: int
    phone: str = field(repr=False)
    email: str = field(repr=False)
    address: str = field(repr=False)
    summary: str
    unit_code: str
    unit_name: str
    status: int
    status_at: datetime
    submitted_at: datetime
    accepted_at: datetime | None
    due_at: datetime | None
    finished_at: datetime | None
    returned_at: datetime | None
    refused_at: datetime | None
    returns_by_post: bool
    accepted_by: str = field(repr=False)
    deliver_to: Mapping[str, object] | None = field(repr=False)
    message_pk: int


@dataclass(slots=True)
class Payer:
    """Who a request for fees names. ``id_number`` is told to partners and never stored: "" once it is read back."""

    pk: int
    dossier_code: str
    name: str = field(repr=False)
    address: str = field(repr=False)
    told_at: datetime
    message_pk: int
    id_number: str = field(default="", repr=False)


@dataclass(slots=True)
class Fee:
    pk: int
    dossier_code: str
    fee_id: str
    kind: str
    name: str
    amount: int
    channel: str
    cancelled: bool
    paid: int
    requested_at: datetime
    message_pk: int
    payer_pk: int | None = None

    @property
    def due(self) -> int:
        """What is still owed, in đồng."""
        return 0 if self.cancelled else self.amount - self.paid


@dataclass(slots=True)
class Request:
    pk: int
    reference: str
    dossier_code: str
    partner: str
    channel: str
    account: str
    amount: int
    state: str
    last_status: str
    last_status_at: datetime | None
    next_enquiry_at: datetime | None
    created_at: datetime
    expires_at: datetime | None
    message_pk: int
    payer_pk: int | None = None
    fees: dict[int, int] = field(default_factory=dict)  # fee_pk -> amount asked for


@dataclass(slots=True)
class Payment:
    pk: int
    partner: str
    channel: str
    source: str
    reference: str
    request_pk: int | None
    dossier_code: str | None
    transaction_id: str
    amount: int
    allocated: int
    refunding: int
    account: str
    paid_at: datetime
    business_on: date
    message_pk: int
    cashier: str = ""
    receipt_series: str = ""
    receipt_number: str = ""
    terminal_id: str = ""

    @property
    def free(self) -> int:
        """What pays no fee and is promised back to nobody, in đồng."""
        return self.amount - self.allocated - self.refunding


@dataclass(slots=True)
class RefundRow:
    pk: int
    refund_id: str
    payment_pk: int
    dossier_code: str | None
    partner: str
    amount: int
    reason: str
    requested_at: datetime
    message_pk: int


@dataclass(slots=True)
class PostalOrderRow:
    order_number: str
    partner: str
    dossier_code: str
    direction: str
    cod_state_fee: int
    cod_postage: int
    request_pk: int | None
    item_code: str
    state: str
    state_at: datetime
    message_pk: int


@dataclass(slots=True)
class FeeChange:
    fee_pk: int
    old_amount: int
    new_amount: int | None
    reason: str
    at: datetime
    message_pk: int


@dataclass(slots=True)
class StatusNote:
    request_pk: int
    status: str
    partner: str
    message_pk: int


@dataclass(slots=True)
class Book:
    """Everything the events of one batch may touch, by identity, and what they changed."""

    partners: Mapping[str, Partner]
    now: datetime
    numbers: Iterator[int]  # fresh primary keys and reference numbers, never used twice
    dossiers: dict[str, Dossier] = field(default_factory=dict)
    payers: dict[int, Payer] = field(default_factory=dict)
    fees: dict[int, Fee] = field(default_factory=dict)
    requests: dict[int, Request] = field(default_factory=dict)
    payments: dict[int, Payment] = field(default_factory=dict)
    orders: dict[str, PostalOrderRow] = field(default_factory=dict)
    allocated: dict[tuple[int, int], int] = field(default_factory=dict)  # as stored: (payment, fee) -> sum
    receipts: set[tuple[str, str]] = field(default_factory=set)
    new_dossiers: set[str] = field(default_factory=set)
    new_payers: set[int] = field(default_factory=set)
    new_fees: set[int] = field(default_factory=set)
    new_requests: set[int] = field(default_factory=set)
    new_payments: set[int] = field(default_factory=set)
    new_refunds: list[RefundRow] = field(default_factory=list)
    changed_dossiers: set[str] = field(default_factory=set)
    resubmitted: set[str] = field(default_factory=set)
    changed_fees: set[int] = field(default_factory=set)
    changed_requests: set[int] = field(default_factory=set)
    changed_orders: set[str] = field(default_factory=set)
    fee_changes: list[FeeChange] = field(default_factory=list)
    status_notes: list[StatusNote] = field(default_factory=list)
    allocations: dict[tuple[int, int], tuple[int, str, int]] = field(default_factory=dict)
    outbox: list[OutboxRow] = field(default_factory=list)
    fees_of_dossier: dict[str, list[int]] = field(default_factory=dict)
    requests_of_dossier: dict[str, list[int]] = field(default_factory=dict)

    def fees_of(self, code: str) -> list[Fee]:
        """The fees of a dossier, oldest first."""
        return [self.fees[pk] for pk in self.fees_of_dossier.get(code, ())]

    def requests_of(self, code: str) -> list[Request]:
        """The payment requests of a dossier, oldest first."""
        return [self.requests[pk] for pk in self.requests_of_dossier.get(code, ())]

    def fee(self, code: str, fee_id: str) -> Fee | None:
        """A fee by the dossier system's own name for it."""
        return next((fee for fee in self.fees_of(code) if fee.fee_id == fee_id), None)

    def newest_payer(self, code: str) -> int | None:
        """Whom the latest request for fees of a dossier named; None where none did."""
        return max((fee.payer_pk for fee in self.fees_of(code) if fee.payer_pk is not None), default=None)

    def payer_of(self, fees: Iterable[Fee]) -> Payer | None:
        """Who pays all of ``fees``; None where nobody was named, or not one and the same."""
        named = {fee.payer_pk for fee in fees}
        pk = next(iter(named)) if len(named) == 1 else None
        return None if pk is None else self.payers[pk]

    def add_payer(self, payer: Payer) -> None:
        self.payers[payer.pk] = payer
        self.new_payers.add(payer.pk)

    def add_fee(self, fee: Fee, *, new: bool) -> None:
        self.fees[fee.pk] = fee
        self.fees_of_dossier.setdefault(fee.dossier_code, []).append(fee.pk)
        if new:
            self.new_fees.add(fee.pk)

    def add_request(self, request: Request, *, new: bool) -> None:
        self.requests[request.pk] = request
        self.requests_of_dossier.setdefault(request.dossier_code, []).append(request.pk)
        if new:
            self.new_requests.add(request.pk)

    def add_payment(self, payment: Payment, *, new: bool) -> None:
        self.payments[payment.pk] = payment
        if new:
            self.new_payments.add(payment.pk)

    def today(self) -> date:
        """The business clock's day in Viet Nam."""
        return self.now.astimezone(VIETNAM).date()

    def partner_with_role(self, role: str) -> Partner | None:
        """The first partner of a role by id; None where none is configured."""
        return next((p for _, p in sorted(self.partners.items()) if p.role == role), None)
