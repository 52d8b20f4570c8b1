"""VNPost's tracking feed, consumed by cursor: each page is stored, read and applied, and the cursor moves with it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gateway.flows.wiring import Work
from gateway.ledger.postal import apply_tracking
from gateway.messages import receive
from gateway.messages.judging import Believed
from gateway.messages.store import Connection
from gateway.model import Applied, Incoming, Kind, OutboxRow, PostalEvent, RawMessage, Summary
from gateway.ports import TrackingFeed

_FEED = "tracking"
_PAGES = 50


@dataclass(frozen=True, slots=True)
class _PageReader:
    """The Reader of stored pages. A page is identified by its bytes: the same page again is a duplicate."""

    feed: TrackingFeed

    def read(self, raw: RawMessage) -> Incoming:
        events, cursor = self.feed.read(raw)
        digest = hashlib.sha256(raw.transport_id.encode() + b"\0" + raw.body).hexdigest()
        return Incoming(message_id=digest, kind=raw.kind, content=(tuple(events), cursor))


@dataclass(frozen=True, slots=True)
class _ApplyPages:
    work: Work
    partner: str

    def __call__(self, connection: Connection, believed: Believed) -> tuple[Sequence[Applied], Sequence[OutboxRow]]:
        events: list[tuple[int, PostalEvent]] = []
        for item, incoming in believed:
            assert isinstance(incoming.content, tuple)  # what _PageReader decodes
            records, cursor = incoming.content
            events.extend((item.message_pk, record) for record in records)
            if cursor:
                _move_cursor(connection, self.partner, cursor, self.work)
        _, rows = apply_tracking(
            connection, events, partner=self.partner, partners=self.work.partners, now=self.work.clock.now()
        )
        return [Applied() for _ in believed], rows


def track_all(work: Work, feeds: Mapping[str, tuple[TrackingFeed, str]]) -> Summary:
    """Consume every feed, each from our cursor or else from its first one; counts are sums."""
    counts: dict[str, int] = {}
    more = False
    for partner, (feed, first_cursor) in feeds.items():
        done = track(work, partner, feed, first_cursor)
        more = more or done.more
        for name, count in done.counts.items():
            counts[name] = counts.get(name, 0) + count
    return Summary(counts, more=more)


def track(work: Work, partner: str, feed: TrackingFeed, first_cursor: str) -> Summary:
    """Consume the feed from our cursor to its end, at most 50 pages; each page is stored before it is read.

    A page that cannot be read is quarantined and stops the feed for a person.
    """
    inbox = receive.Inbox(_PageReader(feed), _ApplyPages(work, partner), work.clock, work.run_pk)
    total = receive.resume(work.connection, partner, inbox, kind=Kind.TRACKING_PAGE)
    pages = 0
    while pages < _PAGES:
        cursor = _cursor(work.connection, partner) or first_cursor
        total.merge(receive.receive(work.connection, [feed.fetch(cursor)], inbox))
        pages += 1
        if (_cursor(work.connection, partner) or first_cursor) == cursor:
            break  # the last page, or one that a person must look at
    return Summary({**total.counts, "pages": pages, "outbox": total.outbox_rows}, more=pages >= _PAGES)


def _cursor(connection: Connection, partner: str) -> str:
    row = connection.execute(
        "SELECT position FROM gateway.feed_cursor WHERE partner = %s AND feed = %s", (partner, _FEED)
    ).fetchone()
    return "" if row is None else str(row[0])


def _move_cursor(connection: Connection, partner: str, cursor: str, work: Work) -> None:
    connection.execute(
        "INSERT INTO gateway.feed_cursor (partner, feed, position, moved_at) VALUES (%s, %s, %s, %s)"
        " ON CONFLICT (partner, feed) DO UPDATE SET position = excluded.position, moved_at = excluded.moved_at",
        (partner, _FEED, cursor, work.clock.now()),
    )
