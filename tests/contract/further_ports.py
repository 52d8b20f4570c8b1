"""The promises of the ports of the tracking feed, of COD remittances and of the clock; as ``ports``, not collected."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gateway.errors import GatewayError, Malformed, Unavailable, Untrusted
from gateway.model import Kind, PostalEvent
from gateway.ports import Clock, DocumentSource, FetchedDocument, RemittanceReader, TrackingFeed
from tests.contract.ports import Contract


class FeedWorld:
    """What the contract of a tracking feed needs of the postal service."""

    feed: TrackingFeed

    def happens(self, *statuses: int) -> str:
        """A new order, to which these happen one after the other; its number."""
        raise NotImplementedError

    def go_away(self) -> None:
        """The next question is not answered."""
        raise NotImplementedError

    def break_off(self) -> None:
        """The next page holds less than it says."""
        raise NotImplementedError

    def follow(self, cursor: str) -> tuple[list[PostalEvent], str]:
        """Everything after ``cursor``, and the cursor behind it."""
        found: list[PostalEvent] = []
        while True:
            events, following = self.feed.read(self.feed.fetch(cursor))
            if not events:
                return found, cursor
            found += events
            cursor = following


class TrackingFeedContract(Contract):
    """``TrackingFeed``: pages come unread, the cursor loses and repeats nothing, a page that is broken moves it not."""

    @pytest.fixture
    def world(self) -> FeedWorld:
        raise NotImplementedError

    def test_it_runs_on_what_it_names(self, world: FeedWorld) -> None:
        assert isinstance(world.feed, self.of)

    def test_a_page_comes_unread_and_names_its_cursor(self, world: FeedWorld) -> None:
        world.happens(3)
        cursor = world.follow("")[1]
        world.happens(3)
        raw = world.feed.fetch(cursor)
        assert (raw.kind, raw.transport_id) == (Kind.TRACKING_PAGE, cursor)
        assert raw.body

    def test_what_happened_is_told_once_and_in_order(self, world: FeedWorld) -> None:
        before = world.follow("")[1]
        number = world.happens(3, 3, 4)
        events, after = world.follow(before)
        mine = [event for event in events if event.order_number == number]
        assert [event.meaning for event in mine][-3:] == ["delivering", "delivering", "delivered"]
        assert len({event.record_id for event in events}) == len(events)
        assert world.follow(after) == ([], after)

    def test_the_same_cursor_gives_the_same_events_again(self, world: FeedWorld) -> None:
        before = world.follow("")[1]
        world.happens(3, 4)
        assert world.follow(before) == world.follow(before)

    def test_an_empty_page_leaves_the_cursor_where_it_is(self, world: FeedWorld) -> None:
        world.happens(3)
        last = world.follow("")[1]
        assert world.feed.read(world.feed.fetch(last)) == ([], last)

    def test_reading_is_pure(self, world: FeedWorld) -> None:
        world.happens(3)
        raw = world.feed.fetch("")
        assert world.feed.read(raw) == world.feed.read(raw)

    def test_a_status_that_nobody_knows_is_kept_and_means_nothing(self, world: FeedWorld) -> None:
        before = world.follow("")[1]
        number = world.happens(99)
        told = [event for event in world.follow(before)[0] if event.order_number == number][-1]
        assert (told.status_code, told.meaning) == ("99", None)

    def test_a_feed_that_is_away_is_unavailable(self, world: FeedWorld) -> None:
        world.go_away()
        with pytest.raises(Unavailable):
            world.feed.fetch("")

    def test_a_page_that_breaks_off_is_malformed(self, world: FeedWorld) -> None:
        world.happens(3)
        world.break_off()
        raw = world.feed.fetch("")
        with pytest.raises(Malformed) as raised:
            world.feed.read(raw)
        assert raised.value.code


class RemittanceWorld:
    """What the contract of remittance readers needs of a postal service."""

    source: DocumentSource
    reader: RemittanceReader

    def remit(self, *fees: int, fault: str = "", **more: object) -> str:
        """A new signed file with one line for each fee; its name. ``more``: what is wrong with its trailer."""
        raise NotImplementedError

    def wrong_count(self) -> str:
        """A rightly signed file whose trailer counts another number of lines."""
        raise NotImplementedError

    def wrong_total(self) -> str:
        """A rightly signed file whose trailer says another sum."""
        raise NotImplementedError

    def fetched(self, folder: Path, name: str) -> FetchedDocument:
        document = next(found for found in self.source.list() if found.name == name)
        return self.source.fetch(document, folder)


class RemittanceReaderContract(Contract):
    """``RemittanceReader``: the signer is known before anything is read; count and total are held to the lines."""

    @pytest.fixture
    def remittances(self) -> RemittanceWorld:
        raise NotImplementedError

    def test_it_runs_on_what_it_names(self, remittances: RemittanceWorld) -> None:
        assert isinstance(remittances.reader, self.of)

    def test_a_file_says_who_signed_it_and_what_is_passed_on(
        self, remittances: RemittanceWorld, tmp_path: Path
    ) -> None:
        document = remittances.fetched(tmp_path, remittances.remit(1_000, 25_000))
        assert len(remittances.reader.verify(document)) == 64
        told = remittances.reader.read(document)
        assert [line.state_fee for line in told.lines] == [1_000, 25_000]
        assert told.declared_total == sum(line.state_fee + line.postage for line in told.lines) == 26_000
        assert told.declared_count == 2
        assert told.batch_id

    def test_reading_twice_gives_the_same(self, remittances: RemittanceWorld, tmp_path: Path) -> None:
        document = remittances.fetched(tmp_path, remittances.remit(1_000))
        assert remittances.reader.read(document) == remittances.reader.read(document)

    @pytest.mark.parametrize("fault", ["tampered", "wrong_signer"])
    def test_a_signature_that_is_not_the_partners_is_not_believed(
        self, remittances: RemittanceWorld, tmp_path: Path, fault: str
    ) -> None:
        document = remittances.fetched(tmp_path, remittances.remit(1_000, fault=fault))
        with pytest.raises(Untrusted) as raised:
            remittances.reader.verify(document)
        assert raised.value.code

    def test_a_count_that_is_not_that_of_the_lines_is_malformed(
        self, remittances: RemittanceWorld, tmp_path: Path
    ) -> None:
        with pytest.raises(Malformed) as raised:
            remittances.reader.read(remittances.fetched(tmp_path, remittances.wrong_count()))
        assert raised.value.code == "trailer-count-differs"

    def test_a_total_that_is_not_that_of_the_lines_is_malformed(
        self, remittances: RemittanceWorld, tmp_path: Path
    ) -> None:
        with pytest.raises(Malformed) as raised:
            remittances.reader.read(remittances.fetched(tmp_path, remittances.wrong_total()))
        assert raised.value.code == "trailer-total-differs"

    def test_a_file_that_is_no_remittance_is_malformed(self, remittances: RemittanceWorld, tmp_path: Path) -> None:
        document = remittances.fetched(tmp_path, remittances.remit(1_000))
        document.path.write_bytes(b"%PDF-1.7 no remittance at all")
        with pytest.raises(GatewayError) as raised:
            remittances.reader.read(document)
        assert isinstance(raised.value, Malformed)


class ClockContract(Contract):
    """``Clock``: aware, in UTC, and it never runs backwards by itself."""

    @pytest.fixture
    def clock(self) -> Clock:
        raise NotImplementedError

    def test_it_runs_on_what_it_names(self, clock: Clock) -> None:
        assert isinstance(clock, self.of)

    def test_the_time_is_aware_and_in_utc(self, clock: Clock) -> None:
        now = clock.now()
        assert now.tzinfo is not None
        assert now.utcoffset() == timedelta(0)
        assert now == now.astimezone(UTC)

    def test_it_does_not_run_backwards(self, clock: Clock) -> None:
        seen: list[datetime] = [clock.now() for _ in range(100)]
        assert seen == sorted(seen)
