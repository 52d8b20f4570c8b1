"""The collection service of a bank: our words <-> its fields (``contracts/``, project-defined). Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC
from pathlib import Path
from types import MappingProxyType

from gateway.errors import Malformed
from gateway.model import (
    Channel,
    Enquiry,
    Kind,
    Knowledge,
    OutboundMessage,
    PaymentState,
    PaymentStatus,
    SendOutcome,
    SendVerdict,
)

NAMESPACE = "urn:vn:quangninh:collection:v1"
CONTRACTS = Path(__file__).with_name("contracts")
WSDL = CONTRACTS / "collection.wsdl"
CHANNELS: Mapping[Channel, str] = MappingProxyType(
    {Channel.INTERNET_BANKING: "IB", Channel.QR: "QR", Channel.POS: "POS"}
)
_CHANNEL_OF = {code: channel for channel, code in CHANNELS.items()}

DONE, NOT_FOUND, UNKNOWN_YET, CLOSED, FAILED = "00", "25", "68", "91", "96"
REFUSALS: Mapping[str, str] = MappingProxyType(
    {
        "13": "bank-refused-amount",
        "14": "bank-refused-account",
        "25": "bank-does-not-know-it",
        "30": "bank-refused-contents",
        "57": "bank-refused-in-this-state",
        "61": "bank-refused-more-than-paid",
        "94": "bank-knows-it-otherwise",
    }
)
"""Response codes by which the bank says no (contract: ``ResponseCode``) -> our reason codes."""


@dataclass(frozen=True, slots=True)
class Call:
    """One operation and the fields of its element, in the order of the contract; None leaves an optional one out."""

    operation: str
    fields: Mapping[str, str | None] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """A verified, valid reply as ``SoapContract.decode_reply`` decodes it."""

    operation: str
    fields: Mapping[str, object] = field(repr=False)

    @property
    def code(self) -> str:
        return self.text("ResponseCode")

    @property
    def state(self) -> str:
        return self.text("State")

    def text(self, name: str) -> str:
        """A field as text, empty where the bank left it out."""
        value = self.fields.get(name)
        return "" if value is None else str(value).strip()


# Requests


def create_call(payload: Mapping[str, object], qr_payload: str) -> Call:
    """CreatePaymentRequest from a ``payloads.PaymentRequestCreate``."""
    try:
        channel = CHANNELS[Channel(text(payload, "channel"))]
    except (ValueError, KeyError) as error:
        raise Malformed(
            f"a bank collects by {', '.join(CHANNELS)}, not by {payload.get('channel')!r}", code="not-in-bank-contract"
        ) from error
    return Call(
        "CreatePaymentRequest",
        {
            "Reference": text(payload, "reference"),
            "Channel": channel,
            "Amount": whole_dong(payload, "amount"),
            "Currency": "VND",
            "Account": text(payload, "account"),
            "AccountName": text(payload, "account_name")[:210],
            "PayerName": text(payload, "payer_name")[:210],
            "Description": text(payload, "description")[:210],
            "ExpiresAt": text(payload, "expires_at"),
            "QrPayload": qr_payload,
        },
    )


def cancel_call(payload: Mapping[str, object]) -> Call:
    """CancelPaymentRequest from a ``payloads.PaymentRequestCancel``."""
    reason = text(payload, "reason")[:210]
    return Call(
        "CancelPaymentRequest",
        {"Reference": text(payload, "reference"), "Reason": reason},
    )


def refund_call(payload: Mapping[str, object]) -> Call:
    """RefundPayment from a ``payloads.Refund``."""
    return Call(
        "RefundPayment",
        {
            "RefundId": text(payload, "refund_id"),
            "Reference": text(payload, "reference"),
            "TransactionNumber": text(payload, "partner_transaction_id"),
            "Account": text(payload, "account"),
            "Amount": whole_dong(payload, "amount"),
            "Currency": "VND",
            "Reason": text(payload, "reason")[:210],
        },
    )


def query_call(reference: str, after: str | None = None) -> Call:
    """QueryPaymentRequest; ``after`` is the bank's number of a payment known already."""
    fields = {"Reference": reference, "AfterTransaction": after}
    return Call("QueryPaymentRequest", fields)


def query_refund_call(refund_id: str) -> Call:
    return Call("QueryRefund", {"RefundId": refund_id})


def enquiry_call(message: OutboundMessage) -> Call:
    """The query that tells whether the bank has a message."""
    if message.kind is Kind.REFUND:
        return query_refund_call(text(message.payload, "refund_id"))
    return query_call(text(message.payload, "reference"))


def text(payload: Mapping[str, object], key: str) -> str:
    """A text of a payload. Raises Malformed ``payload-incomplete``."""
    value = payload.get(key)
    if not isinstance(value, str) or not value.strip():
        raise Malformed(f"the payload has no text {key!r}", code="payload-incomplete", where=key)
    return value.strip()


def whole_dong(payload: Mapping[str, object], key: str) -> str:
    """A whole amount above zero, as digits. Raises Malformed ``bad-amount``."""
    value = payload.get(key)
    if isinstance(value, bool) or not isinstance(value, int) or value <= 0:
        raise Malformed(f"{key} {value!r} is no whole number of đồng above zero", code="bad-amount", where=key)
    return str(value)


# Answers


def outcome(kind: Kind, answer: Answer) -> SendOutcome:
    """What the bank's answer means for the attempt. An unlisted code is in doubt, never guessed."""
    code = answer.code
    detail = f"{kind}: RC {code} {answer.text('Message')}".strip()
    facts = facts_of(answer)
    if code == DONE:
        return SendOutcome(SendVerdict.DELIVERED, facts=facts)
    if code in REFUSALS:
        return SendOutcome(SendVerdict.REFUSED, REFUSALS[code], detail, facts=facts)
    if code == CLOSED:
        return SendOutcome(SendVerdict.UNAVAILABLE, "bank-closed", detail, facts=facts)
    reason = "bank-outcome-unknown" if code in (UNKNOWN_YET, FAILED) else "bank-code-unlisted"
    return SendOutcome(SendVerdict.IN_DOUBT, reason, detail, facts=facts)


def knowledge(kind: Kind, answer: Answer) -> Enquiry:
    """What the answer to a query says about a message in doubt of this ``kind``."""
    detail = f"RC {answer.code} {answer.state}".strip()
    return Enquiry(_KNOWLEDGE[kind](answer.code, answer.state), detail, facts=facts_of(answer))


def _of_create(code: str, state: str) -> Knowledge:
    if code == NOT_FOUND:
        return Knowledge.HAS_IT_NOT
    # RC 68 tells of a payment that is pending: the request itself is there.
    return Knowledge.HAS_IT if code in (DONE, UNKNOWN_YET) and state else Knowledge.UNKNOWN


def _of_cancel(code: str, state: str) -> Knowledge:
    if state in ("CANCELLED", "EXPIRED"):
        return Knowledge.HAS_IT
    # Paid, failed or not there: sent again, the bank refuses it and says why.
    known = code == NOT_FOUND or (code == DONE and state in ("OPEN", "PAID", "FAILED"))
    return Knowledge.HAS_IT_NOT if known else Knowledge.UNKNOWN


def _of_refund(code: str, state: str) -> Knowledge:
    if state == "DONE" and code == DONE:
        return Knowledge.HAS_IT
    return Knowledge.HAS_IT_NOT if code == NOT_FOUND or state == "REFUSED" else Knowledge.UNKNOWN


_KNOWLEDGE: Mapping[Kind, Callable[[str, str], Knowledge]] = MappingProxyType(
    {
        Kind.PAYMENT_REQUEST_CREATE: _of_create,
        Kind.PAYMENT_REQUEST_CANCEL: _of_cancel,
        Kind.REFUND: _of_refund,
    }
)
_FACTS: Mapping[str, str] = MappingProxyType(
    {
        "ResponseCode": "response_code",
        "State": "state",
        "RequestNumber": "partner_request_id",
        "PaymentUrl": "payment_url",
        "RefundTransactionNumber": "refund_transaction_id",
    }
)


def facts_of(answer: Answer) -> dict[str, object]:
    """The bank's numbers in our words (``payloads.PaymentRequestFacts``, ``RefundFacts``)."""
    return {ours: answer.text(theirs) for theirs, ours in _FACTS.items() if answer.text(theirs)}


_STATES: Mapping[str, PaymentState] = MappingProxyType(
    {
        "OPEN": PaymentState.PENDING,
        "PENDING": PaymentState.PENDING,
        "PAID": PaymentState.PAID,
        "FAILED": PaymentState.FAILED,
        "CANCELLED": PaymentState.FAILED,
        "EXPIRED": PaymentState.FAILED,
    }
)


def payment_status(answer: Answer, partner: str, default_channel: Channel) -> PaymentStatus:
    """What the bank says of a payment reference. Anything but a clear word is pending (RC 68, domain.md 4.4).

    Raises Malformed ``paid-without-payment``.
    """
    reference = answer.text("Reference")
    judged = _STATES.get(answer.state, PaymentState.PENDING) if answer.code == DONE else PaymentState.PENDING
    detail = " ".join(part for part in (f"RC {answer.code}", answer.state, answer.text("Message")) if part)
    if judged is not PaymentState.PAID:
        return PaymentStatus(partner, default_channel, reference, judged, 0, "", "", detail=detail)
    payment = answer.fields.get("Payment")
    if not isinstance(payment, Mapping):
        raise Malformed(
            "the bank says PAID and names no payment", code="paid-without-payment", action="ask the bank about it"
        )
    return PaymentStatus(
        partner=partner,
        channel=_CHANNEL_OF[payment["Channel"]],
        reference=reference,
        state=judged,
        amount=int(payment["Amount"]),
        account=payment["Account"],
        partner_transaction_id=payment["TransactionNumber"],
        paid_at=payment["PaidAt"].astimezone(UTC),
        business_on=payment["BusinessDate"],
        detail=detail,
    )
