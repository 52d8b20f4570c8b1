"""What an outbox row says, in our words, per kind of message: the agreement between the core and the adapters.

Payloads are stored as JSON: dates are ``YYYY-MM-DD``, times ISO 8601 with offset, amounts integers of đồng. ``…Facts``
is what an adapter reports back when the partner has the message.
"""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict


class FeeLine(TypedDict):
    fee_id: str
    kind: Literal["phi", "le_phi", "cuoc"]
    name: str
    amount: int


class PaymentRequestCreate(TypedDict):
    """PAYMENT_REQUEST_CREATE. ``reference`` is ours: at most 25 ASCII letters and digits, unique for ever."""

    reference: str
    channel: str
    dossier_code: str
    procedure_code: str
    procedure_name: str
    unit_code: str
    unit_name: str
    payer_name: str
    payer_id_number: str
    payer_address: str
    amount: int
    account: str
    account_name: str
    description: str
    expires_at: str
    fees: list[FeeLine]


class PaymentRequestFacts(TypedDict, total=False):
    partner_request_id: str
    qr: str
    payment_url: str


class PaymentRequestCancel(TypedDict):
    reference: str
    reason: str


class Refund(TypedDict):
    """REFUND. ``partner_transaction_id`` is the payment that is given back, in whole or in part."""

    refund_id: str
    reference: str
    partner_transaction_id: str
    account: str
    amount: int
    reason: str


class RefundFacts(TypedDict, total=False):
    refund_transaction_id: str


class Party(TypedDict):
    name: str
    phone: str
    address: str
    commune: str
    province: str


class PostalOrder(TypedDict):
    """POSTAL_ORDER. ``collect``: citizen to centre (gom hồ sơ); ``deliver``: centre to citizen (trả kết quả)."""

    order_number: str
    dossier_code: str
    direction: Literal["collect", "deliver"]
    cod_amount: int
    sender: Party
    receiver: Party
    description: str


class PostalOrderFacts(TypedDict, total=False):
    item_code: str


class PostalCancel(TypedDict):
    order_number: str
    reason: str


class DossierStep(TypedDict):
    """STEP_SYNC: one processing step of one dossier, with its real status 1-10 (``domain.md`` 1.5)."""

    dossier_code: str
    officer: str
    officer_title: str
    unit_name: str
    content: str
    status: int
    processed_at: str
    started_at: str
    due_at: str | None


class DossierSync(TypedDict):
    """DOSSIER_SYNC: the dossier as it stands. ``channel`` 1 counter, 2 online, 3 public post; ``owner_type`` 1-4.

    ``paid_online``: *paid* by an online channel alone; *unpaid* while anything is owed; *not_online* where nothing is
    owed or it was paid at a counter or to the postman.
    """

    dossier_code: str
    procedure_code: str
    procedure_name: str
    field_code: str
    field_name: str
    channel: int
    owner_name: str
    owner_id_number: str
    owner_type: int
    phone: str
    email: str
    address: str
    summary: str
    status: int
    unit_code: str
    unit_name: str
    submitted_at: str
    accepted_at: str | None
    due_at: str | None
    finished_at: str | None
    returned_at: str | None
    refused_at: str | None
    returns_by_post: bool
    paid_online: Literal["paid", "unpaid", "not_online"]
    fees: list[FeeLine]


class SettlementConfirmation(TypedDict):
    """SETTLEMENT_CONFIRMATION: the approved day, told back to the partner as a signed file (project-defined)."""

    partner: str
    business_on: str
    version: int
    snapshot_sha256: str
    file_name: str
    content: str


class Enquiry(TypedDict):
    """ENQUIRY: a question about one row of a day (tra soát), told to the partner as a signed file (project-defined)."""

    enquiry_id: str
    partner: str
    business_on: str
    answer_due_on: str
    file_name: str
    content: str


class Event(TypedDict):
    """EVENT: one CloudEvent for the dossier system; ``type`` is one of EventType, ``data`` fits its JSON Schema."""

    type: str
    subject: str
    occurred_at: str
    data: dict[str, object]


class DayApproved(TypedDict):
    partner: str
    business_on: str
    approved_by: NotRequired[str]
