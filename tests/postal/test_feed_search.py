"""Asking for orders in doubt reads the feed forward, once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from adapters.postal.feed_search import LOOK_BACK, MOST_PAGES, FeedSearch
from adapters.postal.tracking import cursor_before
from gateway.errors import Malformed
from gateway.model import Kind, PostalEvent, RawMessage

pytestmark = pytest.mark.unit
NOW = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)


def event(number: str, at: datetime, serial: int = 1) -> PostalEvent:
    return PostalEvent(f"{int(at.timestamp()):08x}{serial:016x}", number, "QN1VN", "1", "", "collecting", at)


@dataclass
class Feed:
    """A feed in memory, one record a page; ``stuck`` answers the same page for ever."""

    events: list[PostalEvent] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    stuck: bool = False

    def fetch(self, cursor: str) -> RawMessage:
        self.asked.append(cursor)
        return RawMessage("vnpost", Kind.TRACKING_PAGE, b"", cursor)

    def read(self, raw: RawMessage) -> tuple[Sequence[PostalEvent], str]:
        after = [found for found in self.events if found.record_id > raw.transport_id][:1]
        return after, raw.transport_id if self.stuck or not after else after[-1].record_id


def test_an_order_is_found_and_a_second_question_reads_only_what_is_new() -> None:
    feed = Feed([event("A", NOW - timedelta(days=1)), event("B", NOW - timedelta(hours=1))])
    search = FeedSearch(feed, lambda: NOW)
    assert [found.order_number for found in search.events_of("A") or ()] == ["A"]
    assert feed.asked[0] == cursor_before(NOW - LOOK_BACK)
    read = len(feed.asked)
    feed.events.append(event("C", NOW))
    assert [found.order_number for found in search.events_of("C") or ()] == ["C"]
    assert len(feed.asked) == read + 2
    assert search.events_of("D") == ()


def test_what_is_older_than_the_look_back_is_not_read() -> None:
    search = FeedSearch(Feed([event("A", NOW - LOOK_BACK - timedelta(days=1))]), lambda: NOW)
    assert search.events_of("A") == ()


def test_a_feed_whose_end_is_far_says_neither_yes_nor_no_until_it_is_reached() -> None:
    records = [event(f"N{n}", NOW - timedelta(hours=1), n + 1) for n in range(MOST_PAGES + 5)]
    search = FeedSearch(Feed(records), lambda: NOW)
    assert search.events_of("D") is None
    assert [found.order_number for found in search.events_of("N3") or ()] == ["N3"]
    assert search.events_of("D") == ()


def test_a_page_that_does_not_move_the_cursor_is_refused() -> None:
    with pytest.raises(Malformed) as caught:
        FeedSearch(Feed([event("A", NOW)], stuck=True), lambda: NOW).events_of("A")
    assert caught.value.code == "bad-tracking-page"
