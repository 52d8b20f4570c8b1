"""Looking for one order in a feed that is only read forward: what was read is kept, so asking again is cheap."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from adapters.postal.tracking import cursor_before
from gateway.errors import Malformed
from gateway.model import PostalEvent
from gateway.ports import TrackingFeed

LOOK_BACK = timedelta(days=7)
MOST_PAGES = 50


def real_now() -> datetime:
    """The real time: identities of VNPost's feed hold it, the business clock has no part in them."""
    return datetime.now(UTC)


@dataclass(slots=True)
class FeedSearch:
    """The feed since ``LOOK_BACK`` before the first question, by order number. Any thread may ask."""

    feed: TrackingFeed
    now: Callable[[], datetime] = real_now
    _cursor: str = ""
    _events: dict[str, list[PostalEvent]] = field(default_factory=dict, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def events_of(self, number: str) -> Sequence[PostalEvent] | None:
        """The events of one order, oldest first; None where the feed's end was not reached and none was seen yet.

        Raises Unavailable and Malformed (``bad-tracking-page``).
        """
        with self._lock:
            at_the_end = self._read_on()
            found = tuple(self._events.get(number, ()))
        return found if found or at_the_end else None

    def _read_on(self) -> bool:
        self._cursor = self._cursor or cursor_before(self.now() - LOOK_BACK)
        for _ in range(MOST_PAGES):
            events, following = self.feed.read(self.feed.fetch(self._cursor))
            if not events:
                return True
            if following == self._cursor:
                raise Malformed("a page does not move the cursor", code="bad-tracking-page", where="tracking feed")
            for event in events:
                self._events.setdefault(event.order_number, []).append(event)
            self._cursor = following
        return False
