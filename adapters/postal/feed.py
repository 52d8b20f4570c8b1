"""VNPost's tracking feed over REST: the port ``TrackingFeed``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from adapters.postal.tracking import FIRST_CURSOR, decode_page
from adapters.wire.rest import SessionClient
from gateway.model import Kind, PostalEvent, RawMessage
from gateway.partners import PostalApi


@dataclass(frozen=True, slots=True)
class VnpostFeed:
    """The feed of one customer. An empty cursor is its beginning."""

    partner: str
    api: PostalApi
    session: SessionClient

    def fetch(self, cursor: str) -> RawMessage:
        """The page after ``cursor``, unread. Raises Unavailable, and Refused where VNPost will not give it."""
        after = cursor or FIRST_CURSOR
        params = {"pagesize": str(self.api.page_size), "lastId": after}
        reply = self.session.send("GET", "/getOrderTracking", params=params, idempotent=True).expect_success()
        return RawMessage(self.partner, Kind.TRACKING_PAGE, reply.body, after, reply.headers.get("content-type", ""))

    def read(self, raw: RawMessage) -> tuple[Sequence[PostalEvent], str]:
        """The events of a stored page and the next cursor. Raises Malformed (``bad-tracking-page``)."""
        return decode_page(raw.body, raw.transport_id, self.api)
