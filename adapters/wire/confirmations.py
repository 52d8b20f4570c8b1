"""Settlement confirmations and enquiries as signed files in a partner's inbox: port ``Sender`` (project-defined)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from adapters.wire.signed_files import SignedOutbox
from gateway.errors import ConfigurationError, GatewayError, Malformed, Untrusted
from gateway.model import Enquiry, Kind, Knowledge, OutboundMessage, SendOutcome, SendVerdict
from gateway.ports import outcome_of


@dataclass(frozen=True, slots=True)
class ConfirmationSender:
    """Sender of SETTLEMENT_CONFIRMATION and ENQUIRY: ``content`` of the payload as ``file_name``, and its signature."""

    partner: str
    outbox: SignedOutbox = field(repr=False)

    @property
    def kinds(self) -> frozenset[Kind]:
        return frozenset({Kind.SETTLEMENT_CONFIRMATION, Kind.ENQUIRY})

    def encode(self, message: OutboundMessage) -> bytes:
        """The bytes of the file, the same at every attempt. Raises Malformed (``payload-incomplete``)."""
        _text(message, "file_name")
        return _text(message, "content").encode()

    def send(self, batch: Sequence[tuple[OutboundMessage, bytes]]) -> Iterator[tuple[OutboundMessage, SendOutcome]]:
        """Upload each with its signature and read it back: a server's OK proves nothing."""
        for message, content in batch:
            try:
                facts = self.outbox.put(_text(message, "file_name"), content)
            except (Untrusted, ConfigurationError) as error:
                # The host was not believed, or a key of ours is not there: it got nothing from us.
                yield message, SendOutcome(SendVerdict.UNAVAILABLE, error.code, error.explain())
            except GatewayError as error:
                yield message, outcome_of(error)
            else:
                yield message, SendOutcome(SendVerdict.DELIVERED, facts=facts)

    def enquire(self, message: OutboundMessage) -> Enquiry:
        """Look into the folder: names and digest. Raises Unavailable."""
        name = _text(message, "file_name")
        held = self.outbox.holds(name, hashlib.sha256(self.encode(message)).hexdigest())
        if held:
            return Enquiry(Knowledge.HAS_IT, f"{name} and its signature are there")
        return Enquiry(Knowledge.HAS_IT_NOT, f"{name} is not there as it was sent")


def _text(message: OutboundMessage, field_name: str) -> str:
    value = message.payload.get(field_name)
    if not isinstance(value, str) or not value:
        raise Malformed(
            f"{field_name} is missing",
            code="payload-incomplete",
            where=message.kind.value.replace("_", " "),
            action="report this; the person's decision made an incomplete message",
        )
    return value
