"""A bank, or the payment intermediary, as the core's ports: joins codec and wires. Nothing happens at import."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field

from adapters.banking import codec
from adapters.banking.collection import Collection, Seals, decoded, new_message_id, require_answer, wsa_id
from adapters.banking.vietqr import VietQr, build_vietqr
from adapters.wire.soap import SoapContract
from gateway.errors import GatewayError, Unavailable, Untrusted
from gateway.model import (
    Channel,
    Enquiry,
    Incoming,
    Kind,
    Knowledge,
    OutboundMessage,
    PaymentState,
    RawMessage,
    SendOutcome,
    SendVerdict,
)
from gateway.partners import Partner
from gateway.ports import outcome_of

OPERATION_OF: Mapping[Kind, str] = {
    Kind.PAYMENT_REQUEST_CREATE: "CreatePaymentRequest",
    Kind.PAYMENT_REQUEST_CANCEL: "CancelPaymentRequest",
    Kind.REFUND: "RefundPayment",
}
BAD_REQUEST = 400
_PARALLEL = 4


@dataclass(frozen=True, slots=True)
class BankSender:
    """``Sender`` to the collection service of a bank: payment requests, cancellations, refunds."""

    configuration: Partner
    collection: Collection = field(repr=False)

    @property
    def partner(self) -> str:
        return self.configuration.id

    @property
    def kinds(self) -> frozenset[Kind]:
        return frozenset(OPERATION_OF)

    def encode(self, message: OutboundMessage) -> bytes:
        """The signed envelope of one attempt. Raises Malformed."""
        return self.collection.seal(self._call(message), wsa_id(message.message_id))

    def send(self, batch: Sequence[tuple[OutboundMessage, bytes]]) -> Iterator[tuple[OutboundMessage, SendOutcome]]:
        """Send each, a few at a time; its raw answer is in the outcome whatever it says."""
        with ThreadPoolExecutor(max_workers=_PARALLEL) as pool:
            sent = {pool.submit(self._send_one, message, raw): message for message, raw in batch}
            for done in as_completed(sent):
                yield sent[done], done.result()

    def enquire(self, message: OutboundMessage) -> Enquiry:
        """Ask by the Query operations. An answer that is not to be believed tells nothing. Raises Unavailable."""
        call = _enquiry_call(message)
        asked = new_message_id()
        reply = self.collection.post(call.operation, self.collection.seal(call, asked), idempotent=True)
        try:
            found = codec.knowledge(message.kind, self.collection.read(call.operation, reply, asked))
        except Unavailable:
            raise
        except GatewayError as error:
            return Enquiry(Knowledge.UNKNOWN, error.explain(), reply.content)
        return Enquiry(found.knowledge, found.detail, reply.content, {**self._own_facts(message), **found.facts})

    def _send_one(self, message: OutboundMessage, raw: bytes) -> SendOutcome:
        operation = OPERATION_OF[message.kind]
        reply: bytes | None = None
        try:
            answered = self.collection.post(operation, raw)
            reply = answered.content
            answer = self.collection.read(operation, answered, wsa_id(message.message_id))
        except GatewayError as error:
            found = outcome_of(error)
            return SendOutcome(_verdict(error, found, answered=reply is not None), found.code, found.detail, reply)
        found = codec.outcome(message.kind, answer)
        facts = {**self._own_facts(message), **found.facts}
        return SendOutcome(found.verdict, found.code, found.detail, reply, facts)

    def _call(self, message: OutboundMessage) -> codec.Call:
        if message.kind is Kind.PAYMENT_REQUEST_CREATE:
            return codec.create_call(message.payload, self._qr(message.payload))
        if message.kind is Kind.PAYMENT_REQUEST_CANCEL:
            return codec.cancel_call(message.payload)
        return codec.refund_call(message.payload)

    def _own_facts(self, message: OutboundMessage) -> dict[str, object]:
        is_request = message.kind is Kind.PAYMENT_REQUEST_CREATE
        return {"qr": self._qr(message.payload)} if is_request else {}

    def _qr(self, payload: Mapping[str, object]) -> str:
        accounts = self.configuration.accounts
        amount = int(codec.whole_dong(payload, "amount"))
        account, reference = codec.text(payload, "account"), codec.text(payload, "reference")
        return build_vietqr(VietQr(accounts.bin if accounts else "", account, amount, reference))


def _verdict(error: GatewayError, found: SendOutcome, *, answered: bool) -> SendVerdict:
    # Before an answer came, a TLS peer that is not the bank got nothing from us.
    if isinstance(error, Untrusted) and not answered:
        return SendVerdict.UNAVAILABLE
    # A refusal that nobody signed (HTTP 404 of a proxy, say) is not the bank's word.
    if error.code == "http-refused":
        return SendVerdict.IN_DOUBT
    return found.verdict


def _enquiry_call(message: OutboundMessage) -> codec.Call:
    if message.kind is Kind.REFUND:
        return codec.query_refund_call(codec.text(message.payload, "refund_id"))
    return codec.query_call(codec.text(message.payload, "reference"))


@dataclass(frozen=True, slots=True)
class BankPaymentEnquirer:
    """``PaymentEnquirer`` by QueryPaymentRequest."""

    configuration: Partner
    collection: Collection = field(repr=False)

    @property
    def partner(self) -> str:
        return self.configuration.id

    def ask(self, reference: str, *, request: Mapping[str, object]) -> RawMessage:
        """The bank's answer, unread; ``request["after_transaction"]`` asks for a payment after one known already.

        Raises Unavailable. The answer's ``transport_id`` is our question's id, to which its reader holds it.
        """
        after = request.get("after_transaction")
        call = codec.query_call(reference, str(after) if after else None)
        asked = new_message_id()
        reply = self.collection.post(call.operation, self.collection.seal(call, asked), idempotent=True)
        if reply.status >= BAD_REQUEST and not reply.content.lstrip().startswith(b"<"):
            raise Unavailable(f"HTTP {reply.status} without an answer", code="bank-closed", where=self.partner)
        return RawMessage(self.partner, Kind.PAYMENT_STATUS, reply.content, asked, "application/soap+xml")


@dataclass(frozen=True, slots=True)
class BankStatusReader:
    """``Reader`` of a bank's answers to QueryPaymentRequest: kind PAYMENT_STATUS."""

    configuration: Partner
    contract: SoapContract = field(repr=False)
    seals: Seals = field(repr=False)

    def read(self, raw: RawMessage) -> Incoming:
        """A ``PaymentStatus``. Only PAID has a transaction id: pending may still become anything.

        Raises Untrusted (also ``answer-to-another-message``) and Malformed (also ``bank-answered-fault``).
        """
        verified = self.seals.verify(raw.body)
        if raw.transport_id and verified.relates_to != raw.transport_id:
            raise Untrusted(
                "the answer belongs to another question", code="answer-to-another-message", where=self.partner
            )
        require_answer(self.contract, verified.body, self.partner)
        answer = decoded(self.contract, "QueryPaymentRequest", verified.body)
        status = codec.payment_status(answer, self.partner, self._channel())
        paid = status.state is PaymentState.PAID
        return Incoming(
            message_id=verified.message_id,
            kind=Kind.PAYMENT_STATUS,
            content=status,
            transaction_id=status.partner_transaction_id if paid else None,
            fingerprint=f"{status.amount}|{status.account}" if paid else "",
            sent_at=verified.created_at,
            expires_at=verified.expires_at,
            signer=verified.signer.thumbprint,
            environment=verified.environment,
        )

    @property
    def partner(self) -> str:
        return self.configuration.id

    def _channel(self) -> Channel:
        collection = self.configuration.collection
        return collection.channels[0] if collection else Channel.INTERNET_BANKING
