"""What the core needs of the world: adapters implement these, ``gateway.bootstrap`` joins them.

A contract-test class in ``tests/contract`` runs on every implementation of each port, against its simulator where it
has one; a test there fails where a port has none, or an implementation is not run.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Protocol

from gateway.errors import GatewayError, InDoubt, Refused, Unavailable
from gateway.model import (
    Enquiry,
    EnquiryAnswer,
    Incoming,
    Kind,
    OutboundMessage,
    PostalEvent,
    RawMessage,
    Remittance,
    SendOutcome,
    SendVerdict,
    Statement,
)


class Clock(Protocol):
    """Business time. Signatures and certificates use real time, never this."""

    def now(self) -> datetime:
        """The current business time, aware, UTC."""
        ...


class Reader(Protocol):
    """Verifies and decodes the messages of one partner. Pure: no network, no store."""

    def read(self, raw: RawMessage) -> Incoming:
        """Only what was signed, in our words.

        Raises Untrusted (not to be believed) or Malformed (breaks its contract); freshness is not judged here.
        """
        ...


class Sender(Protocol):
    """Sends the messages of some kinds to one partner."""

    @property
    def partner(self) -> str: ...

    @property
    def kinds(self) -> frozenset[Kind]: ...

    def encode(self, message: OutboundMessage) -> bytes:
        """The bytes of one attempt: same message id as every other attempt, fresh timestamp and signature.

        Raises Malformed where the payload cannot be told in the partner's words (the message is given up).
        """
        ...

    def send(self, batch: Sequence[tuple[OutboundMessage, bytes]]) -> Iterator[tuple[OutboundMessage, SendOutcome]]:
        """Send each and yield its outcome as soon as it is known, in any order, exactly one per message.

        Bad outcomes are values; what raises GatewayError in an implementation goes through ``outcome_of``.
        """
        ...

    def enquire(self, message: OutboundMessage) -> Enquiry:
        """Ask the partner whether it has a message that is in doubt. Raises Unavailable where it cannot be asked."""
        ...


def outcome_of(error: GatewayError) -> SendOutcome:
    """The outcome that an error of a wire means for the attempt: the one table of it.

    Unavailable: nothing was done. Refused: given up. Everything else happened after the request left, so it is in doubt
    (a garbled or badly signed answer proves nothing either way).
    """
    verdict = SendVerdict.IN_DOUBT
    if isinstance(error, InDoubt):
        verdict = SendVerdict.IN_DOUBT
    elif isinstance(error, Unavailable):
        verdict = SendVerdict.UNAVAILABLE
    elif isinstance(error, Refused):
        verdict = SendVerdict.REFUSED
    return SendOutcome(verdict, code=error.code, detail=error.explain())


@dataclass(frozen=True, slots=True)
class RemoteDocument:
    """A file that a partner offers. ``signature_name`` is its detached CMS, None while that is not there yet."""

    name: str
    size: int
    modified_at: datetime
    signature_name: str | None


@dataclass(frozen=True, slots=True)
class FetchedDocument:
    """A file as fetched, unread: the bytes are in ``path``, the detached signature in ``signature``."""

    name: str
    path: Path
    size: int
    sha256: str
    signature: bytes = field(repr=False)


class DocumentSource(Protocol):
    """Fetches the signed files of one partner (statements, remittances)."""

    def list(self) -> Sequence[RemoteDocument]:
        """What is offered now and complete; files still growing are left out."""
        ...

    def fetch(self, document: RemoteDocument, folder: Path, *, unsigned: bool = False) -> FetchedDocument:
        """Fetch into ``folder``, resuming what an earlier cut left there.

        ``unsigned``: also where its signature is not there; that is empty then. Raises Unavailable, Untrusted (host
        key), NotFound ``signature-not-there-yet``.
        """
        ...

    def archive(self, document: RemoteDocument) -> None:
        """Move the remote file out of the way; called only after our commit. Doing it twice is harmless."""
        ...


class StatementReader(Protocol):
    """Verifies and reads statement files of one partner."""

    def business_on(self, name: str) -> date | None:
        """The business date the file name claims by the partner's pattern; None where the name says none."""
        ...

    def verify(self, document: FetchedDocument) -> str:
        """The signer's thumbprint. Raises Untrusted."""
        ...

    def read(self, document: FetchedDocument) -> Sequence[Statement]:
        """The statements of a verified file. Raises Malformed where the file cannot be read at all."""
        ...


class RemittanceReader(Protocol):
    """Verifies and reads COD remittance files of the postal service."""

    def verify(self, document: FetchedDocument) -> str:
        """The signer's thumbprint. Raises Untrusted."""
        ...

    def read(self, document: FetchedDocument) -> Remittance:
        """The remittance of a verified file. Raises Malformed (count, total or layout)."""
        ...


class EnquiryAnswerReader(Protocol):
    """Verifies and reads a partner's answers to our enquiries (tra soát)."""

    def verify(self, document: FetchedDocument) -> str:
        """The signer's thumbprint. Raises Untrusted."""
        ...

    def read(self, document: FetchedDocument) -> EnquiryAnswer:
        """The answer of a verified file. Raises Malformed (layout), Untrusted (another partner's or environment's)."""
        ...


class PaymentEnquirer(Protocol):
    """Asks a bank or the payment platform what became of a payment reference."""

    @property
    def partner(self) -> str: ...

    def ask(self, reference: str, *, request: Mapping[str, object]) -> RawMessage:
        """The partner's answer, unread (kind PAYMENT_STATUS): stored before it is read. Raises Unavailable, InDoubt."""
        ...


class BillSource(Protocol):
    """Fetches the receipts that the payment platform gives for payments."""

    @property
    def partner(self) -> str: ...

    def fetch(self, reference: str) -> RawMessage:
        """The receipt, unread (kind PAYMENT_BILL; ``transport_id`` is the reference).

        Raises NotFound where there is none (yet), Unavailable.
        """
        ...


class TrackingFeed(Protocol):
    """VNPost's tracking feed, consumed by cursor."""

    def fetch(self, cursor: str) -> RawMessage:
        """The page after ``cursor``, unread (kind TRACKING_PAGE). Raises Unavailable."""
        ...

    def read(self, raw: RawMessage) -> tuple[Sequence[PostalEvent], str]:
        """The events of a stored page and the next cursor (unchanged where the page is empty). Raises Malformed."""
        ...
