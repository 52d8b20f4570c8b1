"""A partner of the spine's own tests: keeps what it was sent, and answers as it is told to."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from gateway.errors import GatewayError, Malformed, Unavailable, Untrusted
from gateway.messages.judging import Believed
from gateway.messages.store import Connection
from gateway.model import (
    Applied,
    Disposition,
    Enquiry,
    Incoming,
    Kind,
    Knowledge,
    OutboundMessage,
    OutboxRow,
    RawMessage,
    SendOutcome,
    SendVerdict,
)

NOON = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)  # 12:00 in Vietnam


@dataclass
class Partner:
    """Implements the port Sender. ``answers`` are taken in order; then everything is delivered."""

    partner: str = "bank-a"
    kinds: frozenset[Kind] = frozenset({Kind.PAYMENT_REQUEST_CREATE, Kind.PAYMENT_REQUEST_CANCEL, Kind.REFUND})
    answers: list[SendVerdict] = field(default_factory=list)
    knows: Knowledge | GatewayError = Knowledge.HAS_IT
    received: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    encode_error: GatewayError | None = None

    def encode(self, message: OutboundMessage) -> bytes:
        if self.encode_error is not None:
            raise self.encode_error
        return json.dumps({"id": message.message_id, "attempt": message.attempt}).encode()

    def send(self, batch: Sequence[tuple[OutboundMessage, bytes]]) -> Iterator[tuple[OutboundMessage, SendOutcome]]:
        for message, _ in batch:
            verdict = self.answers.pop(0) if self.answers else SendVerdict.DELIVERED
            if verdict is not SendVerdict.UNAVAILABLE:
                self.received.append(message.message_id)
            yield message, SendOutcome(verdict, code=f"test-{verdict}", detail="as told", reply=b"<reply/>")

    def enquire(self, message: OutboundMessage) -> Enquiry:
        self.asked.append(message.message_id)
        if isinstance(self.knows, GatewayError):
            raise self.knows
        return Enquiry(self.knows, detail="asked", reply=b"<answer/>")


def order(
    number: int,
    *,
    partner: str = "bank-a",
    kind: Kind = Kind.PAYMENT_REQUEST_CREATE,
    order_key: str | None = None,
) -> OutboxRow:
    return OutboxRow(partner, kind, f"m-{number}", {"number": number}, order_key=order_key)


def raw(**content: object) -> RawMessage:
    return RawMessage("dossier", Kind.DOSSIER_EVENT, json.dumps(content).encode(), transport_id=str(content.get("id")))


class JsonReader:
    """Believes everything but what says it is forged, or is no JSON."""

    def read(self, raw: RawMessage) -> Incoming:
        try:
            content = json.loads(raw.body)
        except ValueError as error:
            raise Malformed("not JSON", code="malformed") from error
        if content.get("forged"):
            raise Untrusted("the signature is wrong", code="wrong-signature")
        expires_at = content.get("expires_at")
        return Incoming(
            message_id=content["id"],
            kind=raw.kind,
            content=content,
            transaction_id=content.get("transaction"),
            fingerprint=str(content.get("amount", "")),
            dossier_code=content.get("dossier"),
            sent_at=datetime.fromisoformat(content["sent_at"]) if "sent_at" in content else None,
            expires_at=datetime.fromisoformat(expires_at) if expires_at else None,
            signer="test",
        )


@dataclass
class Business:
    """Counts what was applied in a table of the test's own, inside the spine's transaction.

    ``refuse`` says why not; with ``early`` only once its dossier is known.
    """

    known_dossiers: set[str] = field(default_factory=set)

    def __call__(self, connection: Connection, believed: Believed) -> tuple[list[Applied], list[OutboxRow]]:
        outcomes = []
        rows = []
        for item, incoming in believed:
            content = incoming.content
            assert isinstance(content, dict)
            unknown = content.get("dossier") and content["dossier"] not in self.known_dossiers
            if content.get("refuse") and not (content.get("early") and unknown):
                outcomes.append(Applied(Disposition.QUARANTINED, str(content["refuse"])))
                continue
            if content.get("opens"):
                self.known_dossiers.add(content["dossier"])
            elif unknown:
                outcomes.append(Applied(Disposition.PARKED, "dossier-unknown", waits_for=content["dossier"]))
                continue
            connection.execute(
                "INSERT INTO gateway_test.effect (message_pk, amount) VALUES (%s, %s)",
                (item.message_pk, content.get("amount", 0)),
            )
            outcomes.append(Applied())
            rows.append(
                OutboxRow("bank-a", Kind.PAYMENT_REQUEST_CREATE, f"out-{item.message_pk}", {"of": content["id"]})
            )
        return outcomes, rows


UNAVAILABLE = Unavailable("no answer")
