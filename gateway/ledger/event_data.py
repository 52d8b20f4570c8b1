"""What ``data`` of each event of the dossier system says: the agreement that its JSON Schemas repeat (project-defined).

Dates are ``YYYY-MM-DD``, times ISO 8601 with offset, amounts whole numbers of đồng (JSON integers, never text or
decimals). The dossier code is the event's subject and not repeated in its data.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, NotRequired, TypedDict

from gateway.model import EventType

FeeKindName = Literal["phi", "le_phi", "cuoc"]
ChannelName = Literal["internet_banking", "qr", "pos", "platform", "cod", "cash"]


class PartyData(TypedDict):
    """Somebody to whom or from whom papers travel. Two-level address: commune and province."""

    name: str
    phone: str
    address: str
    commune: str
    province: str


class DossierSubmitted(TypedDict):
    """DOSSIER_SUBMITTED. ``channel`` 1 counter, 2 online, 3 public post; ``owner_type`` 1-4 (domain.md 1.4).

    ``collect_from`` is there when VNPost shall collect the papers at the citizen's; ``deliver_to`` when the result
    goes back by post.
    """

    procedure_code: str
    procedure_name: str
    field_code: str
    field_name: str
    channel: Literal[1, 2, 3]
    owner_name: str
    owner_id_number: str
    owner_type: Literal[1, 2, 3, 4]
    phone: str
    email: str
    address: str
    summary: str
    unit_code: str
    unit_name: str
    submitted_at: str
    due_at: NotRequired[str | None]
    returns_by_post: bool
    collect_from: NotRequired[PartyData | None]
    deliver_to: NotRequired[PartyData | None]


class DossierAccepted(TypedDict):
    accepted_at: str
    due_at: str | None
    officer: str
    officer_title: NotRequired[str]


class DossierRefused(TypedDict):
    refused_at: str
    reason: str
    officer: str
    officer_title: NotRequired[str]


class DossierWithdrawn(TypedDict):
    withdrawn_at: str
    reason: str


class DossierStep(TypedDict):
    """DOSSIER_STEP. ``status`` is the real one, 1-10 (domain.md 1.5)."""

    officer: str
    officer_title: str
    unit_name: str
    content: str
    status: int
    processed_at: str
    started_at: str
    due_at: NotRequired[str | None]


class FeeLineData(TypedDict):
    """One fee. ``fee_id`` is the dossier system's own, unique within the dossier."""

    fee_id: str
    kind: FeeKindName
    name: str
    amount: int
    currency: NotRequired[Literal["VND"]]


class FeeRequested(TypedDict):
    """FEE_REQUESTED. ``channel`` is how the payer wants to pay all of ``lines``."""

    channel: ChannelName
    lines: list[FeeLineData]
    payer_name: str
    payer_id_number: NotRequired[str]
    payer_address: NotRequired[str]
    expires_at: NotRequired[str | None]


class FeeChanged(TypedDict):
    """FEE_CHANGED: these lines now have these amounts (a ``fee_id`` not known yet is added)."""

    lines: list[FeeLineData]
    reason: str
    channel: NotRequired[ChannelName]


class FeeCancelled(TypedDict):
    """FEE_CANCELLED: these fees are no longer owed. What was paid on them waits for a refund or an attribution."""

    fee_ids: list[str]
    reason: str


class CounterPayment(TypedDict):
    """COUNTER_PAYMENT: money taken at the counter. POS names its bank's transaction, which the statement repeats."""

    method: Literal["cash", "pos"]
    amount: int
    currency: NotRequired[Literal["VND"]]
    fee_ids: list[str]
    receipt_series: NotRequired[str]
    receipt_number: str
    cashier: str
    paid_at: str
    terminal_id: NotRequired[str]
    partner_transaction_id: NotRequired[str]


class ResultReady(TypedDict):
    """RESULT_READY. ``postage`` is VNPost's own charge (cước), collected on delivery with the unpaid fees."""

    ready_at: str
    by_post: bool
    postage: NotRequired[int]
    deliver_to: NotRequired[PartyData | None]
    description: NotRequired[str]


class ResultReturned(TypedDict):
    returned_at: str
    received_by: NotRequired[str]


EVENT_DATA: Mapping[EventType, type] = MappingProxyType(
    {
        EventType.DOSSIER_SUBMITTED: DossierSubmitted,
        EventType.DOSSIER_ACCEPTED: DossierAccepted,
        EventType.DOSSIER_REFUSED: DossierRefused,
        EventType.DOSSIER_WITHDRAWN: DossierWithdrawn,
        EventType.DOSSIER_STEP: DossierStep,
        EventType.FEE_REQUESTED: FeeRequested,
        EventType.FEE_CHANGED: FeeChanged,
        EventType.FEE_CANCELLED: FeeCancelled,
        EventType.COUNTER_PAYMENT: CounterPayment,
        EventType.RESULT_READY: ResultReady,
        EventType.RESULT_RETURNED: ResultReturned,
    }
)
"""The data of every event that the dossier system sends."""


class PaymentConfirmed(TypedDict):
    """PAYMENT_CONFIRMED, from the gateway: this fee is settled."""

    fee_id: str
    amount: int
    channel: ChannelName
    reference: str
    paid_at: str


class PaymentRefunded(TypedDict):
    """PAYMENT_REFUNDED, from the gateway: the bank has the refund."""

    refund_id: str
    amount: int
    reason: str


class PostalStatus(TypedDict):
    """POSTAL_STATUS, from the gateway. ``meaning`` is one of the configured words, never a guess."""

    order_number: str
    item_code: str
    direction: Literal["collect", "deliver"]
    meaning: str
    occurred_at: str


class PortalStatus(TypedDict):
    """PORTAL_STATUS, from the gateway: the national portal has (or refused) what we told it."""

    kind: Literal["dossier_sync", "step_sync"]
    outcome: Literal["delivered", "given_up"]
    detail: str
