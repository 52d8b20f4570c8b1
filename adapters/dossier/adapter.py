"""The ports of the dossier system: what it sends is verified and read, what it must hear is signed and published.

Both directions carry a compact JWS over one CloudEvent; the AMQP body is the JWS itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from adapters.dossier import codec, contract
from adapters.wire.amqp import Publication, Published, publish
from gateway.errors import GatewayError, Malformed
from gateway.model import (
    Enquiry,
    Incoming,
    Kind,
    Knowledge,
    OutboundMessage,
    RawMessage,
    SendOutcome,
    SendVerdict,
)
from gateway.ports import outcome_of
from gateway.security.jws import sign_compact, verify_compact
from gateway.security.keys import SigningKey
from gateway.security.trust import Signer

CONTENT_TYPE = "application/jose"
DAYS_EXCHANGE = "gateway.days"

# base64url makes 4 bytes of 3; the rest is room for the header and the signature.
_MAX_TOKEN_BYTES = codec.MAX_BYTES * 4 // 3 + 4096


class DossierReader:
    """The port ``Reader`` for the dossier system. Only signed content is read; nothing of the transport is believed."""

    def __init__(self, keys: Mapping[str, Signer], environment: str) -> None:
        """``keys``: the signers by key id (``SignerKeys``). ``environment``: the only one whose messages are taken."""
        self._keys = keys
        self._environment = environment
        self._contract = contract.incoming()

    def read(self, raw: RawMessage) -> Incoming:
        """One event, in our words. Freshness is not judged here.

        Raises Untrusted: ``unsigned-message``, ``weak-algorithm``, ``unknown-signer``, ``wrong-signature``,
        ``wrong-environment`` or what is said against the certificate. Raises Malformed: ``malformed-jws``,
        ``message-too-large`` and the codes of ``codec.decode``.
        """
        verified = verify_compact(raw.body, keys=self._keys, environment=self._environment, max_bytes=_MAX_TOKEN_BYTES)
        decoded = codec.decode(verified.payload, self._contract)
        return Incoming(
            message_id=decoded.message_id,
            kind=Kind.DOSSIER_EVENT,
            content=decoded.event,
            transaction_id=decoded.transaction_id,
            fingerprint=decoded.fingerprint,
            dossier_code=decoded.event.dossier_code,
            sent_at=decoded.event.occurred_at,
            signer=verified.signer.thumbprint,
            environment=self._environment,
        )


@dataclass(frozen=True, slots=True)
class BrokerLine:
    """Where and as whom we publish. The address holds a password, so it is not in the repr."""

    url: str = field(repr=False)
    exchange: str
    key: SigningKey
    environment: str
    publish: Callable[[str, Sequence[Publication]], Iterator[Published]] = publish


class EventSender:
    """The port ``Sender`` for what leaves as a signed CloudEvent: ``dossier_sender`` and ``broker_sender`` make one.

    Sending an event again is safe and needs no question: its ``source`` and ``id`` never change, and a consumer takes
    that pair once (the contract says so). A broker cannot be asked what it once took, so the answer about a message in
    doubt is always *has it not*: it is sent again with the same id, and at worst the consumer sees a duplicate.
    """

    def __init__(self, partner: str, kinds: frozenset[Kind], line: BrokerLine) -> None:
        self._partner, self._kinds, self._line = partner, kinds, line
        self._contract = contract.outgoing()

    @property
    def partner(self) -> str:
        return self._partner

    @property
    def kinds(self) -> frozenset[Kind]:
        return self._kinds

    def encode(self, message: OutboundMessage) -> bytes:
        """The compact JWS of one attempt. Raises Malformed as ``codec.encode`` does."""
        payload = codec.encode(message, self._contract)
        return sign_compact(payload, self._line.key, environment=self._line.environment)

    def send(self, batch: Sequence[tuple[OutboundMessage, bytes]]) -> Iterator[tuple[OutboundMessage, SendOutcome]]:
        """Publish all with confirms in a window. Delivered: the broker's majority keeps it on disk."""
        line = self._line
        by_id = {message.message_id: message for message, _ in batch}
        publications = [
            Publication(line.exchange, _routing_key(message), body, message.message_id, CONTENT_TYPE)
            for message, body in batch
        ]
        for published in line.publish(line.url, publications):
            yield by_id.pop(published.publication.message_id), _outcome(published.error)

    def enquire(self, message: OutboundMessage) -> Enquiry:
        """Always *has it not*: see the class."""
        return Enquiry(Knowledge.HAS_IT_NOT, detail="a consumer takes an event's source and id once")


def dossier_sender(partner: str, line: BrokerLine) -> EventSender:
    """Tells the dossier system (EVENT)."""
    return EventSender(partner, frozenset({Kind.EVENT}), line)


def broker_sender(line: BrokerLine) -> EventSender:
    """Tells the gateway itself that a day was approved (DAY_APPROVED, partner ``broker``): it starts the settlement."""
    return EventSender("broker", frozenset({Kind.DAY_APPROVED}), line)


def _routing_key(message: OutboundMessage) -> str:
    return contract.DAY_APPROVED if message.kind is Kind.DAY_APPROVED else str(message.payload["type"])


def _outcome(error: GatewayError | None) -> SendOutcome:
    if error is None:
        return SendOutcome(SendVerdict.DELIVERED)
    if isinstance(error, Malformed):
        # It never left us and never will in this shape.
        return SendOutcome(SendVerdict.REFUSED, code=error.code, detail=error.explain())
    if error.code == "unroutable":
        # A queue that nobody declared yet is no reason to give an event up.
        return SendOutcome(SendVerdict.UNAVAILABLE, code=error.code, detail=error.explain())
    return outcome_of(error)
