"""Orders and cancellations to VNPost, and what became of one that is in doubt (``contracts/vnpost-api.md``)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from adapters.postal import codec
from adapters.postal.feed_search import FeedSearch
from adapters.wire.rest import Reply, SessionClient
from adapters.wire.sign_in import outcome_of_call, unavailable
from gateway.errors import GatewayError, Refused
from gateway.model import Enquiry, Kind, Knowledge, OutboundMessage, SendOutcome, SendVerdict
from gateway.partners import PostalApi

CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class PostalSender:
    """Sender of POSTAL_ORDER and POSTAL_CANCEL."""

    partner: str
    api: PostalApi
    session: SessionClient
    search: FeedSearch = field(repr=False)

    @property
    def kinds(self) -> frozenset[Kind]:
        return frozenset({Kind.POSTAL_ORDER, Kind.POSTAL_CANCEL})

    def encode(self, message: OutboundMessage) -> bytes:
        """An order's JSON or a cancellation's query. Raises Malformed, see ``codec``."""
        if message.kind is Kind.POSTAL_CANCEL:
            return codec.encode_cancel(codec.cancel_of(message.payload), self.api)
        return codec.encode_order(codec.order_of(message.payload), self.api)

    def send(self, batch: Sequence[tuple[OutboundMessage, bytes]]) -> Iterator[tuple[OutboundMessage, SendOutcome]]:
        """One call each; see ``gateway.ports.Sender``."""
        for message, body in batch:
            try:
                yield message, self._send_one(message, body)
            except GatewayError as error:
                yield message, outcome_of_call(error)

    def enquire(self, message: OutboundMessage) -> Enquiry:
        """Look for the order in the feed, which changes nothing. Raises Unavailable."""
        try:
            events = self.search.events_of(str(message.payload["order_number"]))
        except GatewayError as error:
            raise unavailable(error) from error
        if events is None:
            return Enquiry(Knowledge.UNKNOWN, "the feed is too long to search")
        if message.kind is Kind.POSTAL_CANCEL:
            events = [event for event in events if event.meaning == CANCELLED]
        if events:
            seen = events[-1]
            detail = f"tracking record {seen.record_id}, status {seen.status_code}"
            return Enquiry(Knowledge.HAS_IT, detail, facts=_item_code(seen.item_code))
        return Enquiry(Knowledge.HAS_IT_NOT, "the tracking feed does not show it")

    def _send_one(self, message: OutboundMessage, body: bytes) -> SendOutcome:
        raw = self._call(message.kind, body).expect_success()
        reply = codec.decode_reply(raw.body)
        if reply.status == codec.ACCEPTED:
            return SendOutcome(SendVerdict.DELIVERED, reply=raw.body, facts=_item_code(reply.item_code))
        if reply.status == codec.ALREADY_EXISTS and message.kind is Kind.POSTAL_ORDER:
            return self._exists(message, raw.body)
        raise Refused(
            f"{reply.status}: {reply.message}",
            code="postal-refused",
            where=f"order {message.payload['order_number']}",
            action="correct the order or ask VNPost, then send it again",
            partner_code=reply.status,
        )

    def _call(self, kind: Kind, body: bytes) -> Reply:
        if kind is Kind.POSTAL_CANCEL:
            # A GET that changes something: a time-out is in doubt all the same.
            return self.session.send("GET", f"/cancelOrder?{body.decode('ascii')}", idempotent=False)
        headers = {"Content-Type": "application/json; charset=utf-8"}
        return self.session.send("POST", "/postOrder", content=body, headers=headers)

    def _exists(self, message: OutboundMessage, raw: bytes) -> SendOutcome:
        """101 settles a repeated attempt; at the first one the feed has to show that it is our order."""
        try:
            events = self.search.events_of(str(message.payload["order_number"])) or ()
        except GatewayError:
            # The order itself was answered: a feed that is away leaves it as it would be with a silent feed.
            events = ()
        if not events and message.attempt <= 1:
            detail = "VNPost says that the order exists already, its feed does not show it"
            return SendOutcome(SendVerdict.IN_DOUBT, "postal-order-exists", detail, reply=raw)
        facts = _item_code(events[-1].item_code if events else "")
        return SendOutcome(SendVerdict.DELIVERED, "postal-order-exists", "known to VNPost before", raw, facts)


def _item_code(code: str) -> dict[str, object]:
    return {"item_code": code} if code else {}
