"""Our words: plain, frozen data that the core and the adapters exchange (``docs/glossary.md`` explains each).

Amounts are integers of đồng. ``_at`` is an aware UTC time, ``_on`` a date in Asia/Ho_Chi_Minh, ``_id`` an identity.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")


class Direction(StrEnum):
    IN = "in"
    OUT = "out"


class MessageState(StrEnum):
    """Where a message stands; the allowed steps are in ``docs/messages.md`` and enforced by the schema."""

    STORED = "stored"  # in: the bytes are safe, nothing else is known
    APPLIED = "applied"  # in: its business change is committed
    DUPLICATE = "duplicate"  # in: known already; answered with the first receipt
    QUARANTINED = "quarantined"  # in: not believed or not understood; a person looks
    PARKED = "parked"  # in: came too early; applied when what it needs is known
    DEAD_LETTERED = "dead_lettered"  # in: the broker gave up delivering it
    WAITING = "waiting"  # out: to be sent when its time comes
    SENDING = "sending"  # out: claimed by a worker
    IN_DOUBT = "in_doubt"  # out: left us, no usable answer; the partner is asked
    DELIVERED = "delivered"  # out: the partner has it, proven
    GIVEN_UP = "given_up"  # out: refused, or too many attempts; a person looks


class FeeKind(StrEnum):
    """Three kinds of money that are never added together on a report."""

    PHI = "phi"  # phí
    LE_PHI = "le_phi"  # lệ phí
    CUOC = "cuoc"  # cước bưu chính (postage: VNPost's money, not the state's)


class Channel(StrEnum):
    """How a payer paid."""

    INTERNET_BANKING = "internet_banking"
    POS = "pos"
    QR = "qr"
    PLATFORM = "platform"  # Payment Platform of the national portal
    COD = "cod"  # collected by the postman
    CASH = "cash"  # at the counter


class EventType(StrEnum):
    """CloudEvents types exchanged with the dossier system (project-defined: ``adapters/dossier/contracts``)."""

    DOSSIER_SUBMITTED = "vn.quangninh.dossier.submitted.v1"
    DOSSIER_ACCEPTED = "vn.quangninh.dossier.accepted.v1"
    DOSSIER_REFUSED = "vn.quangninh.dossier.refused.v1"
    DOSSIER_WITHDRAWN = "vn.quangninh.dossier.withdrawn.v1"
    DOSSIER_STEP = "vn.quangninh.dossier.step.v1"
    FEE_REQUESTED = "vn.quangninh.fee.requested.v1"
    FEE_CHANGED = "vn.quangninh.fee.changed.v1"
    FEE_CANCELLED = "vn.quangninh.fee.cancelled.v1"
    COUNTER_PAYMENT = "vn.quangninh.payment.counter.v1"
    RESULT_READY = "vn.quangninh.result.ready.v1"
    RESULT_RETURNED = "vn.quangninh.result.returned.v1"
    # from the gateway
    PAYMENT_CONFIRMED = "vn.quangninh.gateway.payment.confirmed.v1"
    PAYMENT_REFUNDED = "vn.quangninh.gateway.payment.refunded.v1"
    POSTAL_STATUS = "vn.quangninh.gateway.postal.status.v1"
    PORTAL_STATUS = "vn.quangninh.gateway.portal.status.v1"
    RECEIPTS = "vn.quangninh.gateway.receipts.v1"


class Kind(StrEnum):
    """Kinds of message. In: what a partner tells us. Out: what we ask of a partner (one kind, one operation)."""

    DOSSIER_EVENT = "dossier_event"  # in, dossier
    PAYMENT_STATUS = "payment_status"  # in, bank / platform: the answer to a query or a notice
    PAYMENT_BILL = "payment_bill"  # in, platform: the receipt (PDF) of a payment
    STATEMENT_FILE = "statement_file"  # in, bank / intermediary
    TRACKING_PAGE = "tracking_page"  # in, postal
    REMITTANCE_FILE = "remittance_file"  # in, postal
    ENQUIRY_ANSWER = "enquiry_answer"  # in, bank / intermediary / postal: the answer to a tra soát, a signed file
    EVENT = "event"  # out, dossier: one CloudEvent
    PAYMENT_REQUEST_CREATE = "payment_request_create"  # out, bank / platform (INIT)
    PAYMENT_REQUEST_CANCEL = "payment_request_cancel"  # out, bank
    REFUND = "refund"  # out, bank; never resent by a machine while in doubt
    DOSSIER_SYNC = "dossier_sync"  # out, national portal: DongBoHoSoMC
    STEP_SYNC = "step_sync"  # out, national portal: CapNhatTienDoHoSoMC
    POSTAL_ORDER = "postal_order"  # out, postal
    POSTAL_CANCEL = "postal_cancel"  # out, postal
    SETTLEMENT_CONFIRMATION = "settlement_confirmation"  # out, bank / intermediary / postal: signed file
    ENQUIRY = "enquiry"  # out, bank / intermediary / postal: tra soát, a signed file
    DAY_APPROVED = "day_approved"  # out, broker: starts the settlement run


MONEY_OUT_KINDS = frozenset({Kind.REFUND})
"""Kinds that move money out: while in doubt a machine never sends them again."""


@dataclass(frozen=True, slots=True)
class RunContext:
    """The Airflow task try that does the work; every message it touches remembers it."""

    dag_id: str
    run_id: str
    task_id: str
    try_number: int = 1
    map_index: int = -1


@dataclass(frozen=True, slots=True)
class RawMessage:
    """Bytes exactly as a partner sent them, with what the transport (not the content) says of them."""

    partner: str
    kind: Kind
    body: bytes = field(repr=False)
    transport_id: str = ""  # AMQP message-id, file name, feed cursor: for a person, never trusted
    content_type: str = ""
    signature: bytes | None = field(default=None, repr=False)  # detached CMS of a file
    dead_letter_reason: str = ""  # why it came by way of the dead letters, where somebody said so


@dataclass(frozen=True, slots=True)
class Incoming:
    """A verified and decoded message.

    ``message_id`` and ``transaction_id`` come from signed content. ``fingerprint`` is what must not differ between two
    messages of one transaction (amount, account), as text. ``sent_at`` is judged for freshness only when the message
    is new. ``content`` is one of the words below, fitting ``kind``. ``signed_content`` are the signed bytes without the
    timestamp and signature around them, where a resend may renew those; empty where every resend has the same bytes.
    """

    message_id: str
    kind: Kind
    content: object = field(repr=False)
    transaction_id: str | None = None
    fingerprint: str = ""
    dossier_code: str | None = None
    sent_at: datetime | None = None
    expires_at: datetime | None = None
    signed_content: bytes = field(default=b"", repr=False)
    signer: str = ""  # SHA-256 thumbprint of the certificate, or the name of the shared secret
    environment: str = ""


class Disposition(StrEnum):
    APPLIED = "applied"
    PARKED = "parked"
    QUARANTINED = "quarantined"


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of one incoming message when its business change was tried. ``reason`` is a code of ``REASONS``."""

    disposition: Disposition = Disposition.APPLIED
    reason: str = ""
    detail: str = ""
    waits_for: str = ""  # parked: the dossier code (or other key) that must become known


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """A business change that a partner must hear of; written in the transaction of the change itself.

    ``message_id`` never changes over all attempts. ``order_key`` (mostly the dossier code) keeps order: of two rows
    to one partner with one key, the later waits for the earlier. ``payload`` is JSON in our words, shaped as the
    class of ``gateway.payloads`` for its kind.
    """

    partner: str
    kind: Kind
    message_id: str
    payload: Mapping[str, object] = field(repr=False)
    transaction_id: str | None = None
    dossier_code: str | None = None
    order_key: str | None = None
    not_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class OutboundMessage:
    """A claimed outbox row, on its way out for the ``attempt``-th time (1 is the first)."""

    message_pk: int
    partner: str
    kind: Kind
    message_id: str
    payload: Mapping[str, object] = field(repr=False)
    transaction_id: str | None = None
    dossier_code: str | None = None
    attempt: int = 1


class SendVerdict(StrEnum):
    DELIVERED = "delivered"
    REFUSED = "refused"  # the partner understood and said no: given up
    UNAVAILABLE = "unavailable"  # nothing was done: later
    IN_DOUBT = "in_doubt"  # it may have been done: ask


@dataclass(frozen=True, slots=True)
class SendOutcome:
    """What became of one attempt. ``facts`` are the partner's answer in our words, JSON-ready."""

    verdict: SendVerdict
    code: str = ""
    detail: str = ""
    reply: bytes | None = field(default=None, repr=False)
    facts: Mapping[str, object] = field(default_factory=dict)


class Knowledge(StrEnum):
    """What a partner answers when asked about a message in doubt."""

    HAS_IT = "has_it"  # settle as delivered
    HAS_IT_NOT = "has_it_not"  # send again, same id
    UNKNOWN = "unknown"  # it cannot say yet: ask again later


@dataclass(frozen=True, slots=True)
class Enquiry:
    """The partner's answer about a message in doubt."""

    knowledge: Knowledge
    detail: str = ""
    reply: bytes | None = field(default=None, repr=False)
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DossierEvent:
    """One CloudEvent of the dossier system; ``data`` has passed the JSON Schema of its type."""

    event_id: str
    type: EventType
    dossier_code: str
    occurred_at: datetime
    data: Mapping[str, object] = field(repr=False)


class PaymentState(StrEnum):
    """A payer's payment as its channel reports it. PENDING is neither success nor failure (TrangThaiGD 3, RC 68)."""

    PENDING = "pending"
    PAID = "paid"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class PaymentBill:
    """The receipt that a partner gives for the payment of ``reference``; its bytes are those of its message."""

    partner: str
    reference: str
    sha256: str


@dataclass(frozen=True, slots=True)
class PaymentStatus:
    """An authenticated notice, or answer to a query, about one payment reference. Money moved when ``state`` is PAID.

    ``partner_transaction_id`` is the partner's own number (MaGiaoDich, bank transaction): the business transaction key.
    """

    partner: str
    channel: Channel
    reference: str
    state: PaymentState
    amount: int
    account: str
    partner_transaction_id: str
    paid_at: datetime | None = None
    business_on: date | None = None  # the partner's business date, where it says one
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Balance:
    """A booked balance in đồng (minor units of the account's currency) at the end or beginning of ``on``."""

    on: date
    amount: int


@dataclass(frozen=True, slots=True)
class StatementEntry:
    """One line of an account statement; negative for debits and for reversals of credits."""

    booked_on: date
    value_on: date
    amount: int
    currency: str
    references: Mapping[str, str]
    text: str
    line: int = 0


@dataclass(frozen=True, slots=True)
class Statement:
    """One account on one period, as a partner states it. ``problems`` are (code, message) pairs."""

    partner: str
    account: str
    currency: str
    opening: Balance | None
    closing: Balance | None
    entries: Sequence[StatementEntry]
    problems: Sequence[tuple[str, str]] = ()
    statement_id: str = ""


@dataclass(frozen=True, slots=True)
class RemittanceLine:
    """One COD item VNPost passes on: state fee and postage are different money and never mixed."""

    order_number: str  # = dossier code
    item_code: str
    state_fee: int
    postage: int
    collected_on: date


@dataclass(frozen=True, slots=True)
class Remittance:
    """A batch of COD money that VNPost passes on (bảng kê chuyển trả tiền thu hộ; project-defined file)."""

    partner: str
    batch_id: str
    remitted_on: date
    account: str
    lines: Sequence[RemittanceLine]
    declared_count: int
    declared_total: int


@dataclass(frozen=True, slots=True)
class EnquiryAnswer:
    """What a partner answers to one of our enquiries (trả lời tra soát; project-defined file)."""

    partner: str
    enquiry_id: str
    answered_on: date
    reference: str  # the partner's own number of its answer
    text: str


@dataclass(frozen=True, slots=True)
class PostalEvent:
    """One record of VNPost's tracking feed. ``meaning`` comes from the configured table; None for an unknown code."""

    record_id: str
    order_number: str
    item_code: str
    status_code: str
    status_text: str
    meaning: str | None
    occurred_at: datetime
    collected: int = 0  # đồng collected from the receiver at this event (COD), 0 where none


@dataclass(frozen=True, slots=True)
class Summary:
    """What one bounded piece of work did, for XCom and logs: counts and keys, never personal data."""

    counts: Mapping[str, int] = field(default_factory=dict)
    keys: Sequence[str] = ()  # partner:date whose inputs or state changed
    more: bool = False  # some of the same work is left
    flows: Sequence[str] = ()  # flows that have messages to send now

    def plus(self, other: Summary) -> Summary:
        """Both pieces of work as one: counts are sums."""
        counts = {
            name: self.counts.get(name, 0) + other.counts.get(name, 0) for name in {**self.counts, **other.counts}
        }
        keys, flows = (*self.keys, *other.keys), (*self.flows, *other.flows)
        return Summary(counts, keys, self.more or other.more, flows)

    def as_xcom(self) -> dict[str, object]:
        """The summary as JSON-ready values."""
        return {**self.counts, "keys": list(self.keys), "more": self.more, "flows": list(self.flows)}
