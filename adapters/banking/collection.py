"""One bank's collection service as calls: signed by us, answered in doubt until its signed answer is believed."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from lxml import etree

from adapters.banking.codec import Answer, Call
from adapters.wire.soap import RawReply, SoapClient, SoapContract, SoapRequest
from adapters.wire.soap_faults import ENVELOPES, fault_error, parse_answer
from gateway.errors import GatewayError, Malformed, Refused, Untrusted
from gateway.security.keys import SigningKey
from gateway.security.trust import PartnerCertificates, TrustStore
from gateway.security.wssecurity import VerifiedEnvelope, check_fresh, sign_envelope, verify_envelope

_FAULTS_OF_OURS = {
    "invalid-signature": "bank-refused-our-signature",
    "stale-message": "bank-refused-our-timestamp",
    "wrong-environment": "bank-refused-our-environment",
    "invalid-message": "bank-refused-our-message",
    "unknown-operation": "bank-refused-our-message",
}
"""Codes of the contract's CollectionFault -> our reason codes; nothing was done by the bank."""


def real_now() -> datetime:
    """The real time, by which signatures and certificates are judged."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Seals:
    """Our key for one partner, and how its seals are judged."""

    key: SigningKey
    trust: TrustStore
    certificates: PartnerCertificates
    environment: str
    now: Callable[[], datetime] = field(default=real_now, repr=False)

    def sign(self, envelope: bytes, action: str, to: str, message_id: str) -> bytes:
        """The envelope with our seal and a fresh timestamp. Raises Malformed."""
        return sign_envelope(
            envelope,
            self.key,
            environment=self.environment,
            message_id=message_id,
            to=to,
            action=action,
            now=self.now(),
        )

    def verify(self, raw: bytes) -> VerifiedEnvelope:
        """What the partner signed. Raises Untrusted, Malformed."""
        return verify_envelope(
            raw,
            trust=self.trust,
            partner_certificates=self.certificates,
            environment=self.environment,
            at=self.now(),
        )


@dataclass(frozen=True, slots=True)
class Collection:
    """The service of one bank over one SOAP binding of the contract."""

    contract: SoapContract
    client: SoapClient
    seals: Seals

    def seal(self, call: Call, message_id: str) -> bytes:
        """The signed envelope of one attempt, with a fresh timestamp. Raises Malformed ``soap-request-invalid``."""
        fields = {name: value for name, value in call.fields.items() if value is not None}
        envelope = self.contract.build(call.operation, fields)
        return self.seals.sign(envelope, self.contract.action(call.operation), self.client.endpoint, message_id)

    def post(self, operation: str, envelope: bytes, *, idempotent: bool = False) -> RawReply:
        """Send a signed envelope. Raises Unavailable, InDoubt, Untrusted (TLS), Malformed (too large)."""
        return self.client.post(SoapRequest(envelope, self.contract.action(operation)), idempotent=idempotent)

    def read(self, operation: str, reply: RawReply, message_id: str) -> Answer:
        """The bank's signed, fresh answer to exactly our message.

        Raises Untrusted (also ``answer-to-another-message``, ``stale-timestamp``), Malformed, InDoubt, Unavailable, and
        Refused where the bank refused our message itself with a signed fault.
        """
        parse_answer(reply.status, reply.content, where=f"{operation} {self.client.endpoint}")
        verified = self.seals.verify(reply.content)
        if verified.relates_to != message_id:
            raise Untrusted(
                "the answer is signed, but belongs to another message",
                code="answer-to-another-message",
                where=operation,
                action="the message is asked about again; if it repeats, ask the bank",
            )
        check_fresh(verified.created_at, verified.expires_at, now=self.seals.now())
        fault = verified.body.find(f"{{{ENVELOPES[self.contract.version]}}}Fault")
        if fault is not None:
            raise fault_of(fault, self.contract.version, operation)
        return decoded(self.contract, operation, verified.body)

    def ask(self, call: Call) -> Answer:
        """One query, asked and read. Asking twice is harmless, so what fails on the wire is Unavailable."""
        message_id = new_message_id()
        reply = self.post(call.operation, self.seal(call, message_id), idempotent=True)
        return self.read(call.operation, reply, message_id)


def decoded(contract: SoapContract, operation: str, body: etree._Element) -> Answer:
    """The answer in a verified Body, held to the schema. Raises Malformed ``soap-answer-invalid``."""
    return Answer(operation, contract.decode_reply(operation, body))


def fault_of(fault: etree._Element, version: str, where: str) -> GatewayError:
    """What a verified fault means; a fault of the contract's own gets its own code."""
    error = fault_error(fault, version, where=where)
    if isinstance(error, Refused) and error.partner_code in _FAULTS_OF_OURS:
        return Refused(
            error.message,
            code=_FAULTS_OF_OURS[error.partner_code],
            where=where,
            partner_code=error.partner_code,
            action="compare our keys, clock and contract with the bank's",
        )
    return error


def require_answer(contract: SoapContract, body: etree._Element, where: str) -> None:
    """Raises Malformed ``bank-answered-fault`` where a verified Body is a fault and no answer."""
    fault = body.find(f"{{{ENVELOPES[contract.version]}}}Fault")
    if fault is not None:
        error = fault_of(fault, contract.version, where)
        raise Malformed(error.message, code="bank-answered-fault", where=where, action="ask the bank about it")


def wsa_id(message_id: str) -> str:
    """Our message id as a WS-Addressing MessageID, which is a URI."""
    return message_id if message_id.startswith("urn:") else f"urn:quangninh:message:{message_id}"


def new_message_id() -> str:
    """The id of a message that is no outbox row: a query."""
    return f"urn:uuid:{uuid.uuid4()}"
