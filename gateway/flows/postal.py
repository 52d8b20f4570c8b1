"""VNPost's tracking feed, consumed by cursor: each page is stored, read and applied, and the cursor moves with it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gateway.errors import GatewayError
from gateway.flows.wiring import Work
from gateway.ledger.postal import apply_tracking
from gateway.messages import receive, refused_pages
from gateway.messages.judging import Believed
from gateway.messages.store import Connection
from gateway.model import Applied, Incoming, Kind, MessageState, OutboxRow, PostalEvent, RawMessage, Summary
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
            if cursor > item.raw.transport_id:
                refused_pages.end(connection, item.raw, item.message_pk, self.work.clock.now())
        _, rows = apply_tracking(
            connection, events, partner=self.partner, partners=self.work.partners, now=self.work.clock.now()
        )
        return [Applied() for _ in believed], rows


def track_all(work: Work, feeds: Mapping[str, tuple[TrackingFeed, str]]) -> Summary:
    """Consume every feed, each from our cursor or else from its first one; counts are sums.

    A feed that does not answer holds up no other; what it raised is raised at the end.
    """
    total = Summary({})
    failed: list[GatewayError] = []
    for partner, (feed, first_cursor) in feeds.items():
        try:
            total = total.plus(track(work, partner, feed, first_cursor))
        except GatewayError as error:
            failed.append(error)
    if failed:
        raise failed[0]
    return total


def track(work: Work, partner: str, feed: TrackingFeed, first_cursor: str) -> Summary:
    """Consume the feed from our cursor to its end, at most 50 pages; each page is stored before it is read.

    A page that cannot be read is quarantined and stops the feed for a person (``unreadable``); the same bytes again,
    at the next run, are not kept again.
    """
    reader = _PageReader(feed)
    inbox = receive.Inbox(reader, _ApplyPages(work, partner), work.clock, work.run_pk)
    total = receive.resume(work.connection, partner, inbox, kind=Kind.TRACKING_PAGE)
    pages = unreadable = 0
    while pages < _PAGES and not unreadable:
        cursor = _cursor(work.connection, partner) or first_cursor
        page = feed.fetch(cursor)
        pages += 1
        if refused_pages.is_kept(work.connection, page) and not _is_readable(reader, page):
            unreadable = 1
            break
        done = receive.receive(work.connection, [page], inbox)
        total.merge(done)
        unreadable = done.counts.get(MessageState.QUARANTINED, 0)
        if (_cursor(work.connection, partner) or first_cursor) == cursor:
            break  # the last page, or one that a person must look at
    counts = {**total.counts, "pages": pages, "unreadable": unreadable, "outbox": total.outbox_rows}
    return Summary(counts, more=pages >= _PAGES)


def _is_readable(reader: _PageReader, page: RawMessage) -> bool:
    """Whether bytes that were refused before can be read by now: our table, or our program, may be another."""
    try:
        reader.read(page)
    except GatewayError:
        return False
    return True


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
