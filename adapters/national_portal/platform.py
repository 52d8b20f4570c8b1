"""Payment Platform 1.0.6 (``contracts/payment-platform.md``): INIT, QUERY, GET_BILL and what it answers."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from adapters.national_portal import platform_codec as codec
from adapters.national_portal.bills import PlatformBillReader, PlatformBillSource
from adapters.wire.rest import Reply, RestClient
from adapters.wire.sign_in import outcome_of_call, unavailable
from gateway.errors import ConfigurationError, GatewayError, Problem, Refused
from gateway.model import (
    Channel,
    Enquiry,
    Incoming,
    Kind,
    Knowledge,
    OutboundMessage,
    PaymentState,
    PaymentStatus,
    RawMessage,
    SendOutcome,
    SendVerdict,
)
from gateway.partners import Partner, Platform
from gateway.security.secret import Secret


def real_now() -> datetime:
    """The real time: a message is sealed at the time it is sent, whatever the business clock says."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class PlatformSender:
    """Sender of PAYMENT_REQUEST_CREATE."""

    partner: str
    platform: Platform
    secret: Secret
    client: RestClient
    now: Callable[[], datetime] = real_now

    @property
    def kinds(self) -> frozenset[Kind]:
        return frozenset({Kind.PAYMENT_REQUEST_CREATE})

    def encode(self, message: OutboundMessage) -> bytes:
        """INIT with a fresh time and seal. Raises Malformed (``bad-amount``)."""
        return codec.sealed(*codec.init_fields(message.payload, self.platform, self.now()), self.secret)

    def send(self, batch: Sequence[tuple[OutboundMessage, bytes]]) -> Iterator[tuple[OutboundMessage, SendOutcome]]:
        """One INIT each; see ``gateway.ports.Sender``."""
        for message, body in batch:
            try:
                yield message, self._send_one(str(message.payload["reference"]), body)
            except GatewayError as error:
                yield message, outcome_of_call(error)

    def enquire(self, message: OutboundMessage) -> Enquiry:
        """QUERY whether the platform has the request. Raises Unavailable."""
        reference = str(message.payload["reference"])
        try:
            raw = _query(self, reference)
            answer = codec.decode_query_reply(raw.body)
            codec.believe(answer, self.secret, reference)
        except GatewayError as error:
            raise unavailable(error) from error
        if answer.code == codec.ACCEPTED:
            return Enquiry(Knowledge.HAS_IT, "the platform knows the reference", raw.body, _facts(answer))
        if answer.code == codec.UNKNOWN_REFERENCE:
            return Enquiry(Knowledge.HAS_IT_NOT, "the platform does not know the reference", raw.body)
        return Enquiry(Knowledge.UNKNOWN, f"MaLoi {answer.code}: {answer.fields['MoTaLoi']}", raw.body)

    def _send_one(self, reference: str, body: bytes) -> SendOutcome:
        raw = self.client.send("POST", "", content=body, headers=codec.JSON_CONTENT).expect_success()
        answer = codec.decode_init_reply(raw.body)
        codec.believe(answer, self.secret, reference)
        if answer.code == codec.ACCEPTED:
            return SendOutcome(SendVerdict.DELIVERED, reply=raw.body, facts=_facts(answer))
        raise Refused(
            f"MaLoi {answer.code}: {answer.fields['MoTaLoi']}",
            code="platform-refused",
            where=f"payment {reference}",
            action="correct the request or ask the payment platform, then send it again",
            partner_code=answer.code,
        )


@dataclass(frozen=True, slots=True)
class PlatformPaymentEnquirer:
    """The port ``PaymentEnquirer``: QUERY."""

    partner: str
    platform: Platform
    secret: Secret
    client: RestClient
    now: Callable[[], datetime] = real_now

    def ask(self, reference: str, *, request: Mapping[str, object]) -> RawMessage:
        """The platform's answer, unread. Raises Unavailable; a question changes nothing, so nothing is in doubt."""
        try:
            raw = _query(self, reference)
        except GatewayError as error:
            raise unavailable(error) from error
        return RawMessage(self.partner, Kind.PAYMENT_STATUS, raw.body, reference, raw.headers.get("content-type", ""))


@dataclass(frozen=True, slots=True)
class PlatformReader:
    """The port ``Reader`` for answers to QUERY."""

    partner: str
    secret: Secret

    def read(self, raw: RawMessage) -> Incoming:
        """A PaymentStatus.

        Raises Untrusted (``wrong-signature``, ``unsigned-message``) and Malformed: ``bad-platform-reply``,
        ``unknown-status``, ``bad-amount``, ``bad-time``.
        """
        answer = codec.decode_query_reply(raw.body)
        codec.believe(answer, self.secret, answer.reference)
        status = self._status(answer)
        paid = status.state is PaymentState.PAID
        return Incoming(
            # QUERY answers have no id of their own: the same bytes are the same message.
            message_id=hashlib.sha256(raw.body).hexdigest(),
            kind=Kind.PAYMENT_STATUS,
            content=status,
            # Only money that moved is a transaction: a pending answer must not occupy the key of the paid one.
            transaction_id=status.partner_transaction_id if paid else None,
            fingerprint=f"{status.reference}|{status.amount}|{status.account}",
            signer=self.secret.reference,
        )

    def _status(self, answer: codec.Answer) -> PaymentStatus:
        known = answer.code == codec.ACCEPTED
        state = codec.state_of(answer)
        return PaymentStatus(
            partner=self.partner,
            channel=Channel.PLATFORM,
            reference=answer.reference,
            state=state,
            amount=codec.amount_of(answer),
            account=answer.fields["TKThuHuong"],
            # A paid answer without a number of its own is still money: our reference names it then.
            partner_transaction_id=answer.fields["MaGiaoDich"] or answer.reference,
            # Of a payment that is not made yet, ThoiGianGD is only when the platform answered.
            business_on=codec.business_on(answer) if state is PaymentState.PAID else None,
            detail="" if known else f"MaLoi {answer.code}: {answer.fields['MoTaLoi']}",
        )


@dataclass(frozen=True, slots=True)
class PlatformParts:
    """What the payment platform of one partner offers the core."""

    sender: PlatformSender
    enquirer: PlatformPaymentEnquirer
    reader: PlatformReader
    bills: PlatformBillSource
    bill_reader: PlatformBillReader


def build(partner: Partner, *, certs: Path, environment: str, environ: Mapping[str, str]) -> PlatformParts:
    """The parts for a partner with a ``[platform]``; nothing is connected yet. Raises ConfigurationError."""
    platform = partner.platform
    if platform is None:
        missing = Problem(f"{partner.id}.toml", "platform", "the payment platform needs this section")
        raise ConfigurationError(problems=[missing], action="add it, then run `gateway partners check`")
    secret = Secret.from_reference(platform.secret, environ=environ)
    client = RestClient(
        platform.endpoint,
        connect_timeout=platform.connect_timeout_seconds,
        read_timeout=platform.read_timeout_seconds,
        verify=certs / platform.tls_ca if platform.tls_ca else None,
    )
    return PlatformParts(
        PlatformSender(partner.id, platform, secret, client),
        PlatformPaymentEnquirer(partner.id, platform, secret, client),
        PlatformReader(partner.id, secret),
        PlatformBillSource(partner.id, platform, secret, client, real_now),
        PlatformBillReader(partner.id),
    )


def _query(asker: PlatformSender | PlatformPaymentEnquirer, reference: str) -> Reply:
    body = codec.sealed(*codec.question_fields("QUERY", reference, asker.platform, asker.now()), asker.secret)
    return asker.client.send("POST", "", content=body, headers=codec.JSON_CONTENT, idempotent=True).expect_success()


def _facts(answer: codec.Answer) -> dict[str, object]:
    url = answer.fields["UrlThanhToan"]
    return {"payment_url": url} if url else {}
